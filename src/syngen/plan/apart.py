"""Keep planned rows apart from single real rows, where no text makes them new.

Labels are copied and dense numbers stay where they are, so a row of a table without a text can come out as its donor
was. Where that real row is one of many alike this is no harm; where it occurs once or twice it is somebody's. Such a
slot exchanges a label with a slot that shares its other labels: all shares of labels stay exactly what they were.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen.plan.donors import to_write
from syngen.types import Reference, Role

Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]
Columns = Mapping[str, pl.Series]

RARE = 2  # real rows alike; more are nobody's
FEWEST = 4  # columns that differ from row to row; fewer point to nobody
ROUNDS = 24  # exchanges of one column each

_LABELS = (Role.CATEGORY, Role.ORDINAL, Role.BOOLEAN)
_SAME = (Role.IDENTIFIER, Role.CONSTANT, Role.EMPTY, Role.DERIVED)  # new in each row, or they add nothing


def keep_apart(
    reference: Reference,
    sampled: Columns,
    relate: Callable[[Columns], dict[str, pl.Series]],
    donors: Rows,
    rng: np.random.Generator,
) -> dict[str, pl.Series]:
    """Return the planned columns, related, with as few copies of rare real rows as a few exchanges of labels leave.

    Slots that get a text are left alone. Keys don't count: a copied row under a new key is a copy.

    Args:
        sampled: The columns before relations are kept.
        relate: Keeps the relations in such columns.
        donors: Row number of the real row that each planned row is drawn from, shape (n,).
    """
    planned = relate(sampled)
    profile = reference.profile
    names = [name for name in planned if profile[name].role not in _SAME and _comparable(planned[name])]
    # A label of few values says least of the others, so that its exchange leaves pairs of columns most alike
    labels = sorted(
        (name for name in sampled if profile[name].role in _LABELS), key=lambda name: profile[name].distinct
    )
    written = to_write(reference)
    free = ~written[donors]
    if len(names) < FEWEST or len(labels) < 2 or free.sum() < 2:
        return planned
    real = reference.frame.filter(pl.Series(~written)).select(names)
    rare = real.filter(pl.len().over(names) <= RARE).unique()
    copied = free & _copied(planned, rare)
    columns = dict(sampled)
    for turn in range(ROUNDS):
        if not copied.any():
            break
        label = labels[turn % len(labels)]
        others = [name for name in reversed(labels) if name != label]
        trial = {**columns, label: _exchanged(columns, label, others, copied, free, rng)}
        related = relate(trial)
        left = free & _copied(related, rare)
        if left.sum() < copied.sum():
            columns, planned, copied = trial, related, left
    return planned


def _comparable(cells: pl.Series) -> bool:
    return not cells.dtype.is_nested() and cells.dtype != pl.Object


def _copied(planned: Columns, rare: pl.DataFrame) -> Flags:
    """Return which planned rows equal one of the rare real rows, shape (n,)."""
    frame = pl.DataFrame({name: planned[name].cast(dtype) for name, dtype in rare.schema.items()})
    known = rare.with_columns(pl.lit(value=True).alias(_unused(rare)))
    found = frame.join(known, on=rare.columns, how="left", nulls_equal=True, maintain_order="left")
    return found[_unused(rare)].is_not_null().to_numpy()


def _unused(frame: pl.DataFrame) -> str:
    """A name longer than those of all columns."""
    return "copied" + "_" * max(map(len, frame.columns))


def _exchanged(
    columns: Columns, label: str, others: list[str], copied: Flags, free: Flags, rng: np.random.Generator
) -> pl.Series:
    """Exchange one label between neighbours of which one is a copy, sorted by the other labels.

    Args:
        others: The other labels, the one with the most values first.
        copied: Slots to change, shape (n,).
        free: Slots that may be changed, shape (n,).
    """
    codes = [columns[name].rank("dense").fill_null(0).to_numpy() for name in (label, *others)]
    order = np.lexsort([rng.random(len(free)), *codes[1:]])  # sorts by its last key first: fewest values last
    order = order[free[order]][rng.integers(2) :]
    first, second = order[: len(order) // 2 * 2].reshape(-1, 2).T
    swap = (copied[first] | copied[second]) & (codes[0][first] != codes[0][second])
    sources = np.arange(len(free))
    sources[first[swap]], sources[second[swap]] = second[swap], first[swap]
    return columns[label].gather(sources)
