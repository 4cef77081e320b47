"""A model's raw reply is read with what stands around its rows, mended where it must be, and nothing is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from replies import (
    HEADER,
    NAMES,
    PREAMBLE,
    REFUSAL,
    REMARK,
    THINKING,
    as_blocks,
    as_csv,
    as_json,
    as_markdown,
    carelessly,
    good_rows,
)

from syngen.errors import InputError
from syngen.evaluation import intake
from syngen.types import Reference

ROWS = good_rows()
CARELESS = carelessly(ROWS)
FENCED = f"Here you go:\n```csv\n{as_csv(ROWS)}```\nHope this helps!\n"


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        (CARELESS, set()),
        (PREAMBLE + CARELESS, {"format.preamble"}),
        (PREAMBLE + as_csv(ROWS) + REMARK, {"format.preamble", "format.trailing_text"}),
        (as_csv(ROWS) + REMARK, {"format.trailing_text"}),
        (FENCED, {"format.preamble", "format.fence", "format.trailing_text"}),
        (THINKING + as_csv(ROWS), {"format.thinking"}),
        (as_markdown(ROWS), {"format.markdown_table"}),
        ("Sure:\n\n" + as_markdown(ROWS), {"format.markdown_table", "format.preamble"}),
        (as_json(ROWS), set()),
        ("```json\n" + json.dumps(ROWS) + "\n```", {"format.fence"}),
        (as_blocks(ROWS), {"format.pairs"}),
        (carelessly(ROWS, header=False), {"format.no_header"}),
        (PREAMBLE + carelessly(ROWS, header=False), {"format.preamble", "format.no_header"}),
        (
            as_csv(ROWS[:4]) + "\nAnd here are six more, as you asked:\n\n" + as_csv(ROWS[4:]),
            {"format.talk_between", "format.repeated_header"},
        ),
    ],
)
@pytest.mark.parametrize("suffix", [".txt", ".csv", ".md", ""])
def test_ten_rows_are_read_whatever_stands_around_them(
    text: str, notes: set[str], suffix: str, reference: Reference
) -> None:
    Path(f"reply{suffix}").write_text(text, "utf-8")
    for source in (f"reply{suffix}", text):
        found = intake.read(source, reference)
        assert found.frame.rows(named=True) == ROWS
        assert (found.kind, found.rows, found.complete, found.unreadable) == ("reply", 10, 10, 0)
        assert set(found.format_notes) == notes
        assert list(found.numbers) == list(range(1, 11))
    assert found.source == "reply"


def test_the_names_of_a_header_are_told(reference: Reference) -> None:
    header = ",".join(f"**{i}. {name}**" for i, name in enumerate(NAMES, start=1))
    found = intake.read(CARELESS.replace(HEADER, header), reference)
    assert found.frame.rows(named=True) == ROWS
    assert dict(found.renamed or {})["rating"] == "**1. rating**"


def test_extra_and_missing_columns_of_a_reply_are_named(reference: Reference) -> None:
    names = ["no", *(name for name in NAMES if name != "helpful_vote"), "sentiment"]
    rows = [dict(row, no=i, sentiment="positive") for i, row in enumerate(ROWS, start=1)]
    found = intake.read(PREAMBLE + as_csv(rows, names), reference)
    assert (found.absent, found.extra, found.complete) == (("helpful_vote",), ("no", "sentiment"), 0)
    assert found.frame["title"].to_list() == [row["title"] for row in ROWS]


def test_a_row_that_was_cut_off_is_kept_apart(reference: Reference) -> None:
    found = intake.read(CARELESS[:-60], reference)
    assert (found.rows, found.complete, found.unreadable) == (9, 9, 1)
    assert [reject.reason for reject in found.rejects] == ["cut_off"]
    assert found.rejects[0].raw.startswith("5,Second pair for the shed")


def test_the_last_of_some_json_objects_may_be_cut_off_or_just_short(reference: Reference) -> None:
    text = json.dumps(ROWS)
    assert intake.read(text[:-40], reference).unreadable == 1
    short = [*ROWS[:-1], {name: cell for name, cell in ROWS[-1].items() if name not in ("date", "time")}]
    found = intake.read("Reviews: " + json.dumps(short), reference)
    assert (found.rows, found.complete, found.unreadable) == (10, 9, 0)


def test_rows_that_are_none_keep_their_number(reference: Reference) -> None:
    lines = CARELESS.splitlines()
    text = "\n".join([*lines[:4], "...,...,...,...,...,...,...,...,...,...,...", *lines[4:]])
    found = intake.read(text, reference)
    assert (found.rows, found.unreadable) == (10, 1)
    assert list(found.numbers) == [1, 2, 3, 5, 6, 7, 8, 9, 10, 11]
    assert found.frame["title"].to_list() == [row["title"] for row in ROWS]


def test_cells_stay_as_they_stood(reference: Reference) -> None:
    text = CARELESS.replace("\n5,Quieter", "\n4.7,Quieter").replace("\n4,Good", "\n4 stars,Good")
    found = intake.read(text, reference)
    assert found.raw["rating"][:2] == ["4.7", "4 stars"]
    assert found.frame["rating"].to_list()[:2] == [None, 4]
    assert found.row_notes[1] == ("format.unescaped_delimiter", "format.unit")


def test_fewer_or_more_than_were_asked_for_is_left_to_the_findings(reference: Reference) -> None:
    found = intake.read(as_csv(ROWS[:9]), reference, asked=10)
    assert (found.asked, found.rows) == (10, 9)


@pytest.mark.parametrize(
    "text",
    [
        REFUSAL,
        "I'm sorry, but I can't help with that.\n",
        "Of course! What kind of reviews would you like, and for which product?\n\nLet me know.",
        "<think>\nHm, ten rows.\n",
        "```\n```\n",
        "{}\n",
        "[]",
        "[1, 2, 3]",
        "null\n",
        HEADER + "\n",
        "|\n|\n",
        "1.\n2.\n3.\n",
    ],
)
def test_a_reply_without_rows_is_a_reply_of_none(text: str, reference: Reference) -> None:
    Path("reply.txt").write_text(text, "utf-8")
    for source in (text, "reply.txt"):
        found = intake.read(source, reference, asked=10)
        assert (found.kind, found.rows, found.complete, found.asked) == ("reply", 0, 0, 10)
        assert found.format_notes == ("format.no_rows",)
        (reject,) = found.rejects
        assert reject.raw == text[: len(reject.raw)]


@pytest.mark.parametrize("text", ["", " \n\t\n"])
def test_an_empty_reply_is_one_of_no_rows(text: str, reference: Reference) -> None:
    Path("reply.txt").write_text(text, "utf-8")
    for source in (text, "reply.txt"):
        assert intake.read(source, reference, asked=10).rows == 0


def test_a_refusal_in_the_place_of_a_table_is_an_error_with_its_beginning(reference: Reference) -> None:
    Path("rows.csv").write_text(REFUSAL, "utf-8")
    with pytest.raises(InputError, match="I'm sorry, but I can't write reviews"):
        intake.read("rows.csv", reference)


def test_a_reply_that_ends_within_a_row_is_read_as_a_reply_whatever_is_left_of_it(
    reference: Reference,
) -> None:
    text = as_csv(ROWS)
    row = text.index("Second pair")
    for end in range(row, len(text) - 10, 9):
        found = intake.read(text[:end], reference)
        assert (found.rows, found.complete, found.cut_off) == (9, 9, 1)


def test_a_sentence_with_commas_after_the_rows_is_no_row(reference: Reference) -> None:
    for sentence in (
        "\n11, 12, and 13 are left out on purpose, as you asked for ten.\n",
        "\nThese, which I made up, are of kettles, buds, toys, books, pans, belts, gloves, rakes, pills, and more.\n",
        "Note: the ratings, titles, and texts are made up, so use them with care.\n",
    ):
        found = intake.read(as_csv(ROWS) + sentence, reference)
        assert (found.rows, found.unreadable) == (10, 0)
        assert found.frame.rows(named=True) == ROWS


def test_a_long_reply_is_sampled(reference: Reference) -> None:
    found = intake.read(PREAMBLE + carelessly(ROWS * 30), reference, max_rows=50)
    assert (found.rows, len(found.frame), found.complete) == (300, 50, 300)
    assert found.frame["title"].to_list() == [ROWS[(n - 1) % 10]["title"] for n in found.numbers]
    assert found.exact_counts is not None
    assert found.exact_counts[0] == 290
