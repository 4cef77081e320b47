"""Whatever is put under test is read, or refused with a sentence; and whatever was read can be looked at."""

from __future__ import annotations

import json
import random
from functools import cache

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from replies import HEADER, PREAMBLE, as_csv, as_json, as_markdown, carelessly, good_rows

from syngen.data import sample
from syngen.errors import InputError
from syngen.evaluation import findings, intake
from syngen.evaluation.synthetic import Synthetic
from syngen.reference import load
from syngen.types import Reference

ROWS = good_rows()
LINES = carelessly(ROWS).splitlines()
PIECES = st.sampled_from(
    [*LINES, HEADER, PREAMBLE, "\n", "\n\n", ",", '"', '""', "|", "|---|", "\t", ";", "```", "{", "}", "[", "]",
     '{"rating": 5, "text": "Fine, so far"}', '{"rating": [1]}', "rating: 4", "text:", "1. ", "- ", "<think>",
     "</think>", "\\", "\ud800", "\x00", "٣", "9" * 5000, "1e400", "nan", "[" * 2000, "Infinity", "\r", "\ufeff"]
)  # fmt: skip
FEW = settings(max_examples=20)


@cache
def real() -> Reference:
    """The sample data; no fixture, because hypothesis writes down the arguments of a failing test."""
    return load(sample())


def looked_at(source: object) -> Synthetic | None:
    """What was read, when something was; its findings are sound."""
    try:
        found = intake.read(source, real(), asked=10, max_rows=50)
    except InputError:
        return None
    assert found.frame.schema == real().frame.schema
    assert len(found.frame) == len(found.numbers) == len(found.row_notes) <= 50
    assert all(len(cells) == len(found.frame) for cells in found.raw.values())
    assert list(found.numbers) == sorted(set(found.numbers))
    assert 0 <= found.complete <= found.rows
    for finding in findings.find(real(), found):
        assert finding.code in findings.CODES
        assert set(finding.rows) <= set(found.numbers)
        assert "\n" not in finding.detail
        finding.detail.encode()
    return found


@FEW
@given(st.lists(PIECES | st.text(max_size=8), max_size=30).map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    looked_at(text + "\n")


@FEW
@given(
    st.sampled_from([as_csv(ROWS), carelessly(ROWS), as_markdown(ROWS), as_json(ROWS)]),
    st.lists(st.tuples(st.floats(0, 1), st.sampled_from(',"\n|x}\\0 ')), max_size=8),
)
def test_a_reply_with_glitches_is_read_or_refused(text: str, glitches: list) -> None:
    for place, char in glitches:
        at = int(place * len(text))
        text = text[:at] + char + text[at + 1 :]
    looked_at(text)


@FEW
@given(st.floats(0, 1))
def test_a_reply_cut_anywhere_loses_no_row_before_the_cut(place: float) -> None:
    text = carelessly(ROWS)
    head = text[: int(place * len(text))]
    found = looked_at(head + "\n")
    whole = max(0, head.count("\n") - 1)
    assert (found.rows if found else 0) >= whole


CELLS = st.sampled_from(
    [
        None,
        "",
        " ",
        "x",
        "5",
        5,
        4.7,
        -1,
        10**12,
        True,
        "2021-01-01",
        "N/A",
        "…",
        "😀",
        [1],
        {"a": 1},
        float("inf"),
    ]
)


@pytest.mark.slow
@FEW
@given(seed=st.integers(0, 2**32), cells=st.lists(CELLS, min_size=1, max_size=12), rows=st.integers(1, 60))
def test_spoilt_real_tables_are_read_and_looked_at(seed: int, cells: list, rows: int) -> None:
    rng = random.Random(seed)
    table = [dict(row) for row in rng.choices(real().frame.rows(named=True), k=rows)]
    for cell in cells:
        rng.choice(table)[rng.choice(real().frame.columns)] = cell
    for name in rng.sample(real().frame.columns, rng.randrange(4)):
        for row in table:
            row.pop(name, None)
    assert looked_at(table) is not None
    assert looked_at(pd.DataFrame(table)) is not None
    assert looked_at("\n".join(map(json.dumps, table))) is not None
