"""Find columns that are the same in most rows, though not in all: two codes of a place, the days of start and end.

Labels are left out, since they are copied together. The value that most cells have is no evidence.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen.reference.formulas import AGREEMENT, PARTLY, SURPRISE, information
from syngen.types import Relation, generator

_SAMPLE = 1_000  # rows on which all pairs are tried
_NEARLY = 0.75  # share of these in which a pair must agree
_DISTINCT = 20  # different values that a pair must share
_BEYOND_CHANCE = 0.6  # of the rows that chance leaves


def find_equals(
    frame: pl.DataFrame, names: Sequence[str], settled: Collection[frozenset[str]]
) -> list[Relation]:
    """Find pairs of columns of one type that agree in 80 % of the rows or more.

    Args:
        names: Columns of keys, numbers and points in time.
        settled: Pairs that a formula says more of.
    """
    rng = generator(0, "relations", "equals")
    rows = np.sort(rng.permutation(len(frame))[:_SAMPLE])
    ranks = {name: frame[name].gather(rows).hash(seed=0).to_numpy() for name in names}
    absent = {name: frame[name].gather(rows).is_null().to_numpy() for name in names}
    found: dict[str, Relation] = {}
    for at, second in enumerate(names):
        if second in found:
            continue
        for first in names[at + 1 :]:
            if (
                first in found
                or frame[first].dtype != frame[second].dtype
                or frozenset((first, second)) in settled
            ):
                continue
            known = ~absent[first] & ~absent[second]
            if (known & (ranks[first] == ranks[second])).sum() < _NEARLY * known.sum():
                continue
            share = _share(frame[first], frame[second], 2 * float(np.log2(len(names))), rng)
            if share is not None:
                found[first] = Relation("equal", (first, second), f"{first} = {second}", share)
    return list(found.values())


def _share(first: pl.Series, second: pl.Series, tries: float, rng: np.random.Generator) -> float | None:
    """The share of rows in which two columns agree; None where it says nothing, or more than a part of the rows."""
    both = pl.DataFrame([first.alias("first"), second.alias("second")]).drop_nulls()
    if both.is_empty():
        return None
    usual = both["first"].mode().sort()[0]
    telling = both.filter((pl.col("first") != usual) | (pl.col("second") != usual))
    same: npt.NDArray[np.bool_] = (telling["first"] == telling["second"]).to_numpy()
    overall = float((both["first"] == both["second"]).sum()) / len(both)
    if overall >= AGREEMENT or not len(same) or same.mean() < PARTLY:
        return None
    shuffled = telling["second"].gather(rng.permutation(len(telling)))
    chance = (1.0 + float((telling["first"] == shuffled).sum())) / (1.0 + len(telling))
    distinct = telling["first"].filter(pl.Series(same)).n_unique()
    surprising = information(float(same.mean()), chance) * distinct >= SURPRISE + tries
    enough = distinct >= _DISTINCT and same.mean() - chance >= _BEYOND_CHANCE * (1 - chance)
    return round(overall, 5) if surprising and enough else None
