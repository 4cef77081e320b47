"""The reply of a planned call: strict where it can be, one item per slot whatever comes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syngen.tables.replies import planned
from syngen.types import Candidate, Completion, Prompt, Rejected, Request, Sampling, Slot, TextTarget

ROW = {"headline": "Keeps its edge", "comment": "Went through dry oak like butter, twice a day."}
OTHER = {"headline": "Bent", "comment": "The tang gave way in the first week."}


def reply(text: str, finish="stop", error="") -> Completion:
    request = Request(Prompt("chat", "Write."), Sampling(), "function/test", (0,), 0, 1)
    return Completion(request, text, finish, error)


def reasons(items) -> list[str]:
    return [item.reason if isinstance(item, Rejected) else "ok" for item in items]


def test_an_object_with_the_written_columns_answers_one_slot(slots):
    (item,) = planned(reply(json.dumps(ROW)), slots[:1])
    assert item == Candidate(0, ROW, json.dumps(ROW))


def test_rows_answer_several_slots_in_their_order(slots):
    items = planned(reply(json.dumps({"rows": [ROW, OTHER]})), slots[1:3])
    assert [(item.slot, item.values) for item in items] == [(1, ROW), (2, OTHER)]


def test_each_slot_is_held_to_its_own_columns(slots):
    untitled = Slot(9, {"headline": None}, {"comment": TextTarget(5)}, 1, 0, 0, 0)
    text = json.dumps({"rows": [ROW, {"comment": "Fine for pine."}]})
    assert reasons(planned(reply(text), [slots[0], untitled])) == ["ok", "ok"]
    assert reasons(planned(reply(text), [untitled, slots[0]])) == ["ok", "missing_column"]


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("```json\n{}\n```", "format.fence"),
        ("Here it is:\n{}", "format.preamble"),
        ("{}\nHope that helps [a bit]!", "format.trailing_text"),
        ("<think>{{oak}} or [pine]?</think>{}", "format.thinking"),
        ("[{}]", "format.bare_rows"),
        ('{{"rows": [{}]}}', "format.rows_for_one"),
    ],
)
def test_what_stands_around_the_json_is_read_over_and_noted(text, note, slots):
    body = json.dumps(ROW)
    filled = text.replace("{}", body).replace("{{", "{").replace("}}", "}")
    (item,) = planned(reply(filled), slots[:1])
    assert isinstance(item, Candidate)
    assert item.values == ROW
    assert note in item.notes


def test_clean_json_has_no_notes_and_spaces_around_it_need_none(slots):
    (item,) = planned(reply(f"\n  {json.dumps(ROW)} \n"), slots[:1])
    assert item.notes == ()


def test_extra_columns_are_dropped_and_noted(slots):
    (item,) = planned(reply(json.dumps(ROW | {"mood": "glad"})), slots[:1])
    assert item.values == ROW
    assert item.notes == ("format.extra_columns",)


def test_a_line_break_within_a_string_is_read_and_noted(slots):
    (item,) = planned(reply('{"headline": "Two\nlines", "comment": "and\tmore"}'), slots[:1])
    assert item.values["headline"] == "Two\nlines"
    assert item.notes == ("format.raw_newline",)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty_reply"),
        ("  \n", "empty_reply"),
        ("I would rather not.", "not_json"),
        ('{"headline": "A" "comment": "B"}', "not_json"),
        ('{"headline": "A", "comm', "cut_off"),
        ('{"headline": "A", "comment": "B"', "cut_off"),
        ('{"headline": "A"}', "missing_column"),
        ('{"headline": "A", "comment": 4}', "wrong_type"),
        ('{"headline": "A", "comment": null}', "wrong_type"),
        ('[["A", "B"]]', "not_json"),
        ("{}", "missing_column"),
        ("[]", "wrong_shape"),
    ],
)
def test_each_fault_of_a_single_reply_has_its_reason(text, reason, slots):
    (item,) = planned(reply(text), slots[:1])
    assert (item.stage, item.reason, item.raw, item.slot) == ("parse", reason, text, 0)


@pytest.mark.parametrize("text", ["", "Sure, here", '{"headline": tru', '{"headline": "A", "comment": "B'])
def test_a_reply_stopped_by_the_token_limit_was_cut_off(text, slots):
    assert reasons(planned(reply(text, "length"), slots[:1])) == ["cut_off"]


def test_a_complete_reply_counts_even_when_the_limit_came_right_after_it(slots):
    assert reasons(planned(reply(json.dumps(ROW) + "\n{", "length"), slots[:1])) == ["ok"]


def test_the_complete_rows_of_a_cut_off_reply_are_read(slots):
    text = json.dumps({"rows": [ROW, OTHER, ROW]})[:-30]
    assert reasons(planned(reply(text, "length"), slots)) == ["ok", "ok", "cut_off", "cut_off"]


def test_a_broken_row_costs_itself_and_what_follows_not_what_came_before(slots):
    text = '{"rows": [' + json.dumps(ROW) + ', {"headline": oak}, ' + json.dumps(OTHER) + "]}"
    assert reasons(planned(reply(text), slots[:3])) == ["ok", "not_json", "not_json"]


def test_missing_rows_and_rows_of_the_wrong_shape_are_told_apart(slots):
    text = json.dumps({"rows": [ROW, "Bent"]})
    assert reasons(planned(reply(text), slots[:3])) == ["ok", "wrong_shape", "missing_row"]
    assert reasons(planned(reply(json.dumps(ROW)), slots[:2])) == ["wrong_shape", "wrong_shape"]


def test_rows_beyond_the_slots_are_noted(slots):
    items = planned(reply(json.dumps({"rows": [ROW, OTHER, ROW]})), slots[:2])
    assert [item.notes for item in items] == [("format.extra_rows",)] * 2


def test_a_failed_call_rejects_every_slot_with_the_error(slots):
    items = planned(reply("", "error", "The server hung up."), slots)
    assert {(item.code, item.detail) for item in items} == {("call.failed", "The server hung up.")}
    assert [item.slot for item in items] == [0, 1, 2, 3]


FRAGMENTS = st.sampled_from(
    ['{"rows": [', '{"headline": "', '", "comment": "', '"}', "]}", "{", "[", ",", "```json\n", "\n```\n", "\\",
     "\\ud800", "<think>", "</think>", "1e999", "9" * 5000, "NaN", '"', "[" * 3000, "null", "\x00", "oak "]
)  # fmt: skip


@settings(deadline=None)
@given(
    text=st.lists(FRAGMENTS | st.text(max_size=10), max_size=12).map("".join),
    finish=st.sampled_from(["stop", "length"]),
    wanted=st.integers(1, 4),
)
def test_any_text_gives_one_item_per_slot(slots, text, finish, wanted):
    items = planned(reply(text, finish), slots[:wanted])
    assert [item.slot for item in items] == list(range(wanted))
    for item in items:
        if isinstance(item, Candidate):
            assert all(isinstance(value, str) for value in item.values.values())
            assert set(item.values) == {"headline", "comment"}
        else:
            assert item.stage == "parse"


@settings(deadline=None)
@given(
    rows=st.lists(
        st.fixed_dictionaries({"headline": st.text(), "comment": st.text()}), min_size=2, max_size=4
    ),
    ascii_only=st.booleans(),
)
def test_well_formed_rows_come_back_exactly(slots, rows, ascii_only):
    text = json.dumps({"rows": rows}, ensure_ascii=ascii_only)
    items = planned(reply(text), slots[: len(rows)])
    assert [item.values for item in items] == rows
    assert all(item.raw.encode() for item in items)
