"""No false alarms: real rows held against other real rows give nothing to worry about, copies of them do."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from syngen.data import sample
from syngen.errors import ModelNotFound
from syngen.evaluation import findings, intake
from syngen.reference import load
from syngen.text.embeddings import Encoder, open_encoder
from syngen.types import Finding, Reference

DATA = Path(__file__).parents[2].parent / "shared" / "data"
FILES = {
    "sample": sample(),
    "food": DATA / "fine_food_1k.csv",
    "clothing": DATA / "womens_clothing_22k.csv.gz",
}
SIZES = (10, 50, 500)


def slowly(*values: object) -> object:
    """A case that only the slow tests look at."""
    return pytest.param(*values, marks=pytest.mark.slow)


@cache
def encoder() -> Encoder:
    try:
        return open_encoder()
    except ModelNotFound as missing:
        pytest.skip(missing.message)


@cache
def table(name: str) -> pl.DataFrame:
    if not FILES[name].exists():
        pytest.skip(f"the real data {FILES[name]} is not here")
    return load(FILES[name]).frame


def parts(name: str, seed: int, rows: int) -> tuple[Reference, pl.DataFrame]:
    """Some real rows as the reference, and as many others."""
    frame = table(name)
    order = np.random.default_rng(seed).permutation(len(frame))[:rows]
    return load(frame[order[::2]]), frame[order[1::2]]


def worries(reference: Reference, rows: object) -> list[Finding]:
    found = findings.find(reference, intake.read(rows, reference), encoder=encoder())
    return [finding for finding in found if finding.severity != "note"]


@pytest.mark.parametrize("seed", [0, slowly(1), slowly(2)])
@pytest.mark.parametrize(
    ("name", "rows"), [("sample", 240), slowly("food", 1_000), slowly("clothing", 3_000)]
)
def test_real_rows_beside_other_real_rows_give_no_worry(name: str, rows: int, seed: int) -> None:
    reference, others = parts(name, seed, rows)
    for size in SIZES:
        assert worries(reference, others.head(size)) == []


@pytest.mark.slow
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("name", FILES)
def test_in_many_splits_and_sizes_hardly_any_gives_a_worry(name: str) -> None:
    found = []
    for seed in range(10):
        for rows in sorted({min(rows, len(table(name))) for rows in (100, 400, 22_000)}):
            reference, others = parts(name, 100 + seed, rows)
            sizes = sorted({min(size, len(others)) for size in (*SIZES, 22_000)})
            found += [worries(reference, others.head(size)) for size in sizes]
    assert sum(map(bool, found)) <= 0.02 * len(found), [worry for worry in found if worry]


@pytest.mark.parametrize("rows", [40, slowly(100)])
@pytest.mark.parametrize("name", ["sample", slowly("food"), slowly("clothing")])
def test_a_small_reference_is_no_reason_to_worry_either(name: str, rows: int) -> None:
    frame = table(name)
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(frame))
        reference = load(frame[order[:rows]])
        for size in (10, 100, 1_000):
            assert worries(reference, frame[order[rows : rows + size]]) == []


@pytest.mark.parametrize("size", [slowly(10), 50, slowly(500)])
@pytest.mark.parametrize("name", ["sample", slowly("food")])
def test_real_rows_beside_themselves_are_copies_and_nothing_worse(name: str, size: int) -> None:
    frame = table(name)
    rows = frame.sample(min(size, len(frame)), seed=size)
    (finding,) = worries(load(frame), rows)
    assert (finding.code, finding.severity) == ("rows.copied_from_reference", "error")
    assert finding.rows == tuple(range(1, len(rows) + 1))


@pytest.mark.parametrize("name", ["sample", slowly("food"), slowly("clothing")])
@pytest.mark.parametrize("size", [20, slowly(200)])
def test_copies_among_other_real_rows_are_named(name: str, size: int) -> None:
    frame = table(name)
    order = np.random.default_rng(3).permutation(len(frame))
    reference = load(frame[order[: len(frame) // 2]].head(3_000))
    others = frame[order[len(frame) // 2 :]].head(min(size, len(frame) // 2 - 20))
    long = reference.frame.filter(pl.col("text").str.len_chars() > 100)
    copies = long.sample(len(others) // 10, seed=1)
    (finding,) = worries(reference, pl.concat([copies, others]))
    assert (finding.code, finding.severity) == ("rows.copied_from_reference", "error")
    assert finding.rows == tuple(range(1, len(copies) + 1))
