"""What holds for any reply: nothing raises, and what was well written comes back as it was."""

from __future__ import annotations

import csv
import io
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from syngen.tables.replies import native

PIECES = st.sampled_from(
    ["stars,headline,comment,sku,likes", "5,Sharp,Cuts oak,TL0001,3", "\n", "\n\n", ",", ",,,,", '"', '""', "|",
     "|---|---|", "| 5 | a | b | TL0001 | 3 |", "\t", ";", "```", "~~~csv", "{", '{"stars": 5', "}", "[", "]",
     '{"headline": "a", "comment": "b"}', '{"stars": [[1]], "likes": {"a": 1}}', "Stars: 4", "Comment:", "1. ",
     "- ", "<think>", "</think>", "\\", "\ud800", "\x00", "٣", "9" * 5000, "1e400", "nan", "[" * 2000, "oak, "]
)  # fmt: skip
NAMES = ("stars", "headline", "comment", "sku", "likes")


@settings(deadline=None)
@given(st.lists(PIECES | st.text(max_size=8), max_size=25).map("".join))
def test_any_text_is_read_without_an_error(tools, text):
    reply = native(text, tools)
    assert 0 <= reply.complete_rows <= len(reply.candidates)
    for candidate in reply.candidates:
        assert set(candidate.values) <= set(NAMES)
        assert candidate.slot is None
    assert all(rejected.stage == "parse" for rejected in reply.rejected)


@settings(deadline=None)
@given(st.lists(PIECES | st.text(max_size=8), max_size=25).map("".join))
def test_any_text_is_read_where_nothing_but_text_is_wanted(profile_of, text):
    for names in (("comment",), ("headline", "comment"), ("day", "bought", "tool", "day_again")):
        native(text, profile_of(*names))


WORDS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=30)
TEXT = WORDS.map(str.strip).filter(bool)
ROWS = st.lists(
    st.tuples(st.integers(1, 5), TEXT, TEXT, st.integers(0, 9999).map("TL{:04d}".format), st.integers(0, 40)),
    min_size=1,
    max_size=6,
)


@settings(deadline=None)
@given(rows=ROWS, quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]))
def test_quoted_rows_come_back_exactly(tools, rows, quoting):
    text = io.StringIO()
    csv.writer(text, quoting=quoting, lineterminator="\n").writerows([NAMES, *rows])
    reply = native(text.getvalue(), tools)
    assert [tuple(c.values.values()) for c in reply.candidates] == rows
    assert reply.complete_rows == len(rows)


@settings(deadline=None)
@given(rows=ROWS)
def test_json_lines_come_back_exactly(tools, rows):
    text = "\n".join(json.dumps(dict(zip(NAMES, row, strict=True))) for row in rows)
    reply = native(text, tools)
    assert [tuple(c.values.values()) for c in reply.candidates] == rows
    assert reply.notes == ()


SENTENCE = st.lists(st.sampled_from(["oak", "pine", "cuts", "well", "and 5", "a saw", "I think"]), min_size=1)


@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(1, 5), SENTENCE, st.integers(0, 9999)), min_size=1, max_size=8),
    header=st.booleans(),
)
def test_unescaped_commas_never_move_a_typed_cell(tools, rows, header):
    lines = [f"{stars},Sharp,{', '.join(text)},TL{sku:04d},{stars}" for stars, text, sku in rows]
    reply = native("\n".join(([",".join(NAMES)] if header else []) + lines), tools)
    got = [(c.values["stars"], c.values["comment"], c.values["sku"]) for c in reply.candidates]
    assert got == [(stars, ", ".join(text), f"TL{sku:04d}") for stars, text, sku in rows]
    assert reply.complete_rows == len(rows)
