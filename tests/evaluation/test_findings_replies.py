"""Nasty replies: what a careful person would write after reading them is found, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from replies import (
    HEADER,
    NAMES,
    PREAMBLE,
    REMARK,
    THINKING,
    as_blocks,
    as_csv,
    as_json,
    as_markdown,
    carelessly,
    good_rows,
    spoilt,
)

from syngen.errors import ModelNotFound
from syngen.evaluation import findings, intake
from syngen.text.embeddings import Encoder, open_encoder
from syngen.types import Finding, Reference

GOOD = good_rows()
ALL = tuple(range(1, 11))
NOT_QUOTED = (1, 2, 4, 5, 7, 8, 9, 10)  # rows whose text holds a comma
UNQUOTED = ("format.unescaped_delimiter", "", NOT_QUOTED)


@cache
def encoder() -> Encoder:
    try:
        return open_encoder()
    except ModelNotFound as missing:
        pytest.skip(missing.message)


@cache
def found_in(source: str, reference: Reference, asked: int | None = None) -> tuple[Finding, ...]:
    return findings.find(reference, intake.read(source, reference, asked=asked), encoder=encoder())


def facts(found: tuple[Finding, ...], *severities: str) -> list[tuple[str, str, tuple[int, ...]]]:
    """Code, column and rows of findings of some severity; of all but notes by default."""
    return [(f.code, f.column, f.rows) for f in found if f.severity in (severities or ("error", "warning"))]


@pytest.mark.parametrize("text", [as_csv(GOOD), as_json(GOOD), as_markdown(GOOD), as_blocks(GOOD)])
def test_ten_sound_rows_give_no_reason_to_worry(text: str, reference: Reference) -> None:
    assert facts(found_in(text, reference, asked=10)) == []


FORMS = {
    "a sentence before": (PREAMBLE + as_csv(GOOD), [("format.preamble", "", ())]),
    "a remark after": (as_csv(GOOD) + REMARK, [("format.trailing_text", "", ())]),
    "thinking aloud": (THINKING + as_csv(GOOD), [("format.thinking", "", ())]),
    "a code fence": ("```csv\n" + as_csv(GOOD) + "```\n", [("format.fence", "", ())]),
    "a Markdown table": (as_markdown(GOOD), [("format.markdown_table", "", ())]),
    "blocks": (as_blocks(GOOD), [("format.pairs", "", ())]),
    "two tables with talk between": (
        as_csv(GOOD[:4]) + "\nHere are some more reviews, as requested:\n\n" + as_csv(GOOD[4:]),
        [("format.talk_between", "", ()), ("format.repeated_header", "", ())],
    ),
    "a numbered header": (
        as_csv(GOOD).replace(HEADER, ",".join(f"{i}. {n}" for i, n in enumerate(NAMES, 1))),
        [("format.renamed_column", "", ())],
    ),
    "a bold header": (
        as_csv(GOOD).replace(HEADER, ",".join(f"**{n}**" for n in NAMES)),
        [("format.renamed_column", "", ())],
    ),
    "a unit": (as_csv(spoilt(rating={3: "3 stars"})), [("format.unit", "rating", (3,))]),
    "another letter case": (
        as_csv(spoilt(verified_purchase={2: "TRUE"})),
        [("format.label_case", "verified_purchase", (2,))],
    ),
    "spaces": (as_csv(spoilt(asin={2: "B0M4QRTD9P "})), [("format.spaces", "asin", (2,))]),
    "a decimal point": (as_csv(spoilt(helpful_vote={2: "0.0"})), [("format.number", "helpful_vote", (2,))]),
}


@pytest.mark.parametrize("case", FORMS)
def test_how_the_rows_came_is_noted_and_no_reason_to_worry(case: str, reference: Reference) -> None:
    text, expected = FORMS[case]
    found = found_in(text, reference, asked=10)
    assert facts(found, "note") == expected
    assert facts(found) == []


Row = dict[str, Any]


def times_of(real: list[Row]) -> dict[str, dict[int, Any]]:
    """The times of some real rows as changes to the first sound rows."""
    names = ("timestamp", "date", "time")
    return {name: {i: row[name] for i, row in enumerate(real, start=1)} for name in names}


NEW = GOOD[0] | {
    "title": "Quiet", "text": "It hums. That is all I can say.", "asin": "B0ZZTOP123", "parent_asin": "B0ZZTOP123",
    "user_id": "AZZTOP12345678", "timestamp": 1_609_459_200_123, "date": "2021-01-01", "time": "00:00:00",
}  # fmt: skip
PRODUCTS = (
    "Stainless Steel Electric Kettle 1.7L, 1500W, Cordless",
    "Nonstick Saucepan Set w/ Glass Lids, 3-Piece",
    "Large-Dial Kitchen Timer with Magnet, 2 Pack",
    "True Wireless Earbuds BT 5.3 with Charging Case",
    "On-Ear Headphones, 40 mm Drivers, 1.2 m Cable",
    "The Lighthouse Keeper: A Novel (Paperback, 2019)",
    "Hand Cultivator 3-Tine Steel Rake, 38 cm",
    "Wooden Crane Truck Toy Set for Ages 3-6 Years",
)
DESCRIPTIONS = (
    "This kettle features a 1.7 litre capacity, automatic shut-off and a concealed element for rapid boiling.",
    "The saucepan set includes three sizes with tempered glass lids and is compatible with induction hobs.",
    "Designed for readability, the timer offers a large display, adjustable volume and a magnetic back panel.",
    "These earbuds provide Bluetooth 5.3 connectivity, touch controls and up to 30 hours of total playback.",
    "The headphones deliver balanced sound through 40 mm neodymium drivers and include a detachable cable.",
    "The novel explores themes of isolation and forgiveness set against the backdrop of a remote coastline.",
    "The cultivator is constructed of rust-resistant carbon steel and features an ergonomic non-slip handle.",
    "The set contains 24 interlocking wooden components that promote fine motor skills and imaginative play.",
)
GERMAN = (
    "Ich habe diesen Wasserkocher vor drei Wochen gekauft und bin sehr zufrieden damit, er kocht schnell, ist"
    " leise und der Deckel schließt so, wie er soll."
)
OPENINGS = {
    1: "I absolutely love this kettle. It hums, and the spout never drips on the counter.",
    2: "I absolutely love this pan because nothing sticks, not even my husband's scrambled eggs.",
    3: "I absolutely love this timer and so does my mother, who rang to say it is loud enough.",
    4: "I absolutely love this pair of buds, though the left one needs a second push to charge.",
    5: "I absolutely love this novel. Read half of it on the ferry and the rest on the quay.",
    6: "I absolutely love this rake; roots that beat the last three came out in one afternoon.",
}

FAULTS: dict[str, tuple[Callable[[list[Row]], str], list[tuple[str, str, tuple[int, ...]]]]] = {
    "no quotation marks": (lambda real: carelessly(GOOD), [UNQUOTED]),
    "no header": (lambda real: carelessly(GOOD, header=False), [("format.no_header", "", ()), UNQUOTED]),
    "nine rows": (lambda real: as_csv(GOOD[:9]), [("count.short", "", ())]),
    "eleven rows": (lambda real: as_csv([*GOOD, NEW]), [("count.over", "", (11,))]),
    "a cut-off row": (
        lambda real: carelessly(GOOD)[:-50],
        [("count.short", "", ()), ("format.cut_off", "", ()), (UNQUOTED[0], "", NOT_QUOTED[:-1])],
    ),
    "a missing column": (
        lambda real: as_csv(GOOD, [n for n in NAMES if n != "helpful_vote"]),
        [("format.missing_columns", "helpful_vote", ())],
    ),
    "an extra column": (
        lambda real: as_csv([dict(row, mood="glad") for row in GOOD], [*NAMES, "mood"]),
        [("format.extra_columns", "", ())],
    ),
    "renamed columns": (
        lambda real: as_csv(GOOD).replace(HEADER, HEADER.replace("title", "headline").replace("helpful_vote", "votes")),
        [("format.renamed_column", "title", ()), ("format.renamed_column", "helpful_vote", ())],
    ),
    "dots for rows": (
        lambda real: as_csv(GOOD[:4]) + "...,...,...,...,...,...,...,...,...,...,...\n" + as_csv(GOOD[4:], header=False),
        [("format.unreadable", "", ())],
    ),
    "ratings off the scale": (
        lambda real: as_csv(spoilt(rating={3: 4.7, 7: 10})),
        [("column.out_of_range", "rating", (3, 7))],
    ),
    "a rating in words": (lambda real: as_csv(spoilt(rating={2: "four"})), [("column.wrong_type", "rating", (2,))]),
    "ratings in order": (
        lambda real: as_csv(spoilt(rating=range(1, 11))),
        [("column.out_of_range", "rating", (6, 7, 8, 9, 10)), ("column.sequence", "rating", ALL)],
    ),
    "ratings round and round": (
        lambda real: as_csv(spoilt(rating=[1, 2, 3, 4, 5] * 2)),
        [("column.sequence", "rating", ALL)],
    ),
    "glitches inside times": (
        lambda real: as_csv(spoilt(timestamp={5: "16461207s1302"}, date={4: "2019-05-2O"}, time={6: "15:53"})),
        [("column.wrong_type", "timestamp", (5,)), ("column.wrong_type", "date", (4,)),
         ("column.wrong_type", "time", (6,))],
    ),
    "seconds for milliseconds": (
        lambda real: as_csv(spoilt(timestamp={i: GOOD[i - 1]["timestamp"] // 1000 for i in ALL})),
        [("column.out_of_range", "timestamp", ALL)],
    ),
    "codes of another make": (
        lambda real: as_csv(spoilt(asin={i: f"SKU-{i * i}" for i in ALL}, parent_asin={i: f"SKU-{i * i}" for i in ALL})),
        [("column.bad_pattern", "asin", ALL)],
    ),
    "empty cells": (
        lambda real: as_csv(spoilt(helpful_vote={2: "", 3: "N/A"}, title={9: ""})),
        [("column.missing_value", "title", (9,)), ("column.missing_value", "helpful_vote", (2, 3))],
    ),
    "one product": (
        lambda real: as_csv(spoilt(asin=["B0K7PX2SBJ"] * 10, parent_asin=["B0K7PX2SBJ"] * 10)),
        [("column.constant", "asin", ALL)],
    ),
    "two users": (
        lambda real: as_csv(spoilt(user_id=["AK7PX2N3SBJK7P", "AM4QRTD9PQUM4Q"] * 5)),
        [("column.few_values", "user_id", ALL)],
    ),
    "users numbered": (
        lambda real: as_csv(spoilt(user_id=[f"A{i:013}" for i in ALL])),
        [("column.sequence", "user_id", ALL)],
    ),
    "times that disagree": (
        lambda real: as_csv(spoilt(time=dict.fromkeys(range(1, 7), "12:00:00"))),
        [("column.derived_mismatch", "time", (1, 2, 3, 4, 5, 6))],
    ),
    "times of the examples": (
        lambda real: as_csv(spoilt(**times_of(real[:4]))),
        [("column.copied_values", "timestamp", (1, 2, 3, 4))],
    ),
    "the examples": (
        lambda real: as_csv(real[:3] + GOOD[3:]),
        [("rows.copied_from_reference", "", (1, 2, 3))],
    ),
    "the texts of examples": (
        lambda real: as_csv(spoilt(text={4: real[0]["text"], 6: real[1]["text"].upper()})),
        [("rows.copied_from_reference", "text", (4, 6))],
    ),
    "half a text of an example": (
        lambda real: as_csv(spoilt(text={4: "Bought it in May. " + " ".join(real[1]["text"].split()[:16])})),
        [("text.copied_span", "text", (4,))],
    ),
    "rows twice": (lambda real: as_csv(GOOD + GOOD[:2]), [("rows.duplicate", "", (11, 12))]),
    "a text twice": (
        lambda real: as_csv(spoilt(text={5: GOOD[0]["text"].replace("The old", "the OLD")})),
        [("text.repeated", "text", (1, 5))],
    ),
    "one title": (
        lambda real: as_csv(spoilt(title=dict.fromkeys(range(1, 9), "Great product"))),
        [("text.repeated", "title", (1, 2, 3, 4, 5, 6, 7, 8))],
    ),
    "one opening": (lambda real: as_csv(spoilt(text=OPENINGS)), [("text.repeated_opening", "text", tuple(OPENINGS))]),
    "a placeholder": (
        lambda real: as_csv(spoilt(text={2: "Bought the [Product Name] for my son and he has not put it down since."})),
        [("text.template_leftover", "text", (2,))],
    ),
    "the assistant": (
        lambda real: as_csv(spoilt(text={2: "As an AI language model, I have not used it, but many people seem to like it."})),
        [("text.assistant_talk", "text", (2,))],
    ),
    "a loop": (
        lambda real: as_csv(spoilt(text={2: "the lid is good and " * 9})),
        [("text.loop", "text", (2,))],
    ),
    "another language": (lambda real: as_csv(spoilt(text={2: GERMAN})), [("text.wrong_language", "text", (2,))]),
    "product names for titles": (
        lambda real: as_csv(spoilt(title=PRODUCTS)),
        [("text.unlike_real", "title", (1, 2, 3, 4, 5, 6, 7, 8))],
    ),
}  # fmt: skip
ASKED = {"nine rows": 10, "eleven rows": 10, "a cut-off row": 10}


@pytest.mark.parametrize("case", FAULTS)
def test_each_fault_is_found_and_nothing_else(case: str, reference: Reference) -> None:
    make, expected = FAULTS[case]
    text = make(reference.frame.rows(named=True))
    found = found_in(text, reference, asked=ASKED.get(case))
    assert sorted(facts(found)) == sorted(expected)


def test_texts_that_explain_instead_of_reviewing_are_unlike_real_ones(reference: Reference) -> None:
    found = found_in(as_csv(spoilt(text=DESCRIPTIONS)), reference)
    (finding,) = [f for f in found if f.severity != "note"]
    assert (finding.code, finding.column) == ("text.unlike_real", "text")
    assert len(finding.rows) >= 5
    assert set(finding.rows) <= set(range(1, 9))


def test_texts_on_something_else_altogether_are_unlike_real_ones(reference: Reference) -> None:
    texts = (
        "The committee approved the budget for the fiscal year and adjourned shortly after noon.",
        "Mitochondria convert nutrients into adenosine triphosphate by oxidative phosphorylation.",
        "The defendant pleaded not guilty to all seven counts of the indictment on Monday morning.",
        "Interest rates rose by a quarter point after the meeting of the central bank's governors.",
        "Let f be a continuous function on a compact set; then f attains its maximum somewhere on it.",
        "The treaty was signed in 1648 and ended thirty years of war among the German principalities.",
    )
    found = found_in(as_csv(spoilt(text=texts)), reference)
    assert [f for f in found if f.code == "text.unlike_real" and len(f.rows) >= 4 and max(f.rows) <= 6]


SENTENCES = {
    "nine rows": "9 rows instead of 10.",
    "a Markdown table": "The reply is a Markdown table.",
    "the examples": "Rows 1–3 are real rows, copied (rows 1–3 of the reference).",
    "ratings in order": "`rating` runs 1, 2, … 10 in order.",
    "ratings round and round": "`rating` runs 1, 2, … 5 over and over again.",
    "one product": "`asin` has one value in all 10 rows, “B0K7PX2SBJ”; the real rows have 64 different ones.",
    "two users": "`user_id` has 2 distinct values in 10 rows; in the real data 10 in 10.",
    "times that disagree": "`time` disagrees with `timestamp` in rows 1–6: in row 1 it is “12:00:00” and should"
    " be “12:37:45”.",
    "times of the examples": "4 values of `timestamp` equal those of real rows, in rows 1–4; real rows never share"
    " a value.",
    "ratings off the scale": "`rating` is 4.7 in row 3 and 10 in row 7; in the real rows it is 1, 2, 3, 4 or 5.",
    "one title": "`title` is “Great product” in 8 of 10 rows.",
    "one opening": "6 of 10 rows open `text` with “I absolutely love this”; no real one does.",
    "rows twice": "Rows 11 and 12 repeat rows 1 and 2 in every column.",
}  # fmt: skip


@pytest.mark.parametrize("case", SENTENCES)
def test_findings_are_sentences_a_reader_would_write(case: str, reference: Reference) -> None:
    text = FAULTS[case][0](reference.frame.rows(named=True)) if case in FAULTS else FORMS[case][0]
    found = found_in(text, reference, asked=ASKED.get(case))
    assert SENTENCES[case] in [f.detail for f in found]


def test_the_most_severe_come_first(reference: Reference) -> None:
    rows = spoilt(rating={3: 4.7}, asin=["B0K7PX2SBJ"] * 10, verified_purchase={2: "TRUE"})
    found = found_in(as_csv(rows), reference, asked=12)
    order = ["error", "warning", "note"]
    assert [f.severity for f in found] == sorted((f.severity for f in found), key=order.index)
    assert found[0].code == "count.short"
    assert {f.code: f.severity for f in found}.items() >= {
        "count.short": "error",
        "column.constant": "error",
        "column.out_of_range": "warning",
        "format.label_case": "note",
    }.items()


def test_row_numbers_are_those_of_the_reply_even_past_unreadable_rows(reference: Reference) -> None:
    lines = carelessly(spoilt(rating={8: 9})).splitlines()
    text = "\n".join([*lines[:3], "...,...,...,...,...,...,...,...,...,...,...", *lines[3:]])
    (finding,) = [f for f in found_in(text, reference) if f.code == "column.out_of_range"]
    assert finding.rows == (9,)


@pytest.mark.parametrize("text", ["", "I'm sorry, but I can't write reviews.\nAnything else?\n"])
def test_a_refusal_or_an_empty_reply_is_found(text: str, reference: Reference) -> None:
    found = found_in(text, reference, asked=10)
    assert facts(found) == [("count.short", "", ()), ("format.no_rows", "", ())]
    assert ("it begins" in found[1].detail) == bool(text)
    assert not [f for f in found if f.severity == "note"]


def test_copies_are_found_by_title_and_text_whatever_happened_to_other_columns(reference: Reference) -> None:
    rows = good_rows()
    texts = reference.frame["text"].str.len_chars()
    for at, real in zip((2, 5, 8), texts.arg_sort().to_list(), strict=False):  # the shortest real texts
        rows[at] = rows[at] | {name: reference.frame[name][real] for name in ("title", "text")}
    merged = as_markdown(rows).replace(" | date | time |", " | date time |")
    for row in rows:
        merged = merged.replace(f"{row['date']} | {row['time']}", f"{row['date']} {row['time'][:5]}")
    (copied,) = [f for f in found_in(merged, reference, asked=10) if f.code == "rows.copied_from_reference"]
    assert copied.column == "text"
    assert set(copied.rows) >= {3, 6, 9} - {
        at + 1 for at in (2, 5, 8) if len(f"{rows[at]['title']} {rows[at]['text']}".split()) < 5
    }
