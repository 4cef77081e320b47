"""Find columns that are computed from others: sums, products, ratios, logarithms, durations, parts of a whole.

A formula must hold in 99 % of the rows, each of its columns must matter, and the agreement must be more than chance
would give. What follows from formulas found before is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from syngen.columns.relations import Cells, agreement
from syngen.reference.candidates import Candidate, Search
from syngen.reference.linear import Known
from syngen.types import Relation, generator

AGREEMENT = 0.99
SURPRISE = 24.0  # bits beyond the number of tries: chance does it once in 16 million tables
_SAMPLE = 2_000  # rows on which what is likely is tested
_EVIDENCE = 300  # rows on which the cells of one column change places
_SHIFTS = 3
_MATTERS = 0.97  # a column whose cells can change places with this share of rows still right does not matter
_MATTERS_BITS = 12.0
_MOST_COLUMNS = 160
_MOST_TIMES = 8
_MOST_TRIED = 6_000  # candidates


def find_formulas(cells: Cells, numbers: Sequence[str], times: Sequence[str]) -> list[Relation]:
    """Find the formulas of a table, without sentences.

    Args:
        cells: The real rows.
        numbers: Columns of numbers.
        times: Columns of points in time.
    """
    if not numbers:
        return []
    rng = generator(0, "relations")
    rows = len(cells.frame)
    chosen = np.arange(rows) if rows <= _SAMPLE else np.sort(rng.choice(rows, _SAMPLE, replace=False))
    sample = cells.numeric(chosen, [*numbers, *times])
    search = Search(sample, numbers[:_MOST_COLUMNS])
    candidates = [*search.of_numbers(), *search.durations(times[:_MOST_TIMES])]
    measures = search.columns()
    known = Known(numbers, times)
    costs: dict[frozenset[str], float] = {}
    for candidate in candidates:  # of formulas of the same columns the one comes first that says most
        of = frozenset(candidate.relation.columns)
        costs[of] = min(candidate.cost, costs.get(of, candidate.cost))

    def turn(candidate: Candidate) -> tuple[float, float, float]:
        relation = candidate.relation
        return costs[frozenset(relation.columns)], -search.precision(relation), candidate.cost

    for candidate in sorted(candidates, key=turn)[:_MOST_TRIED]:
        relation = candidate.relation
        if known.implies(relation) or not known.room_for(relation):
            continue
        for tolerance in dict.fromkeys((candidate.tight, relation.tolerance, candidate.loose)):
            found = _verified(replace(relation, tolerance=tolerance), cells, sample, max(2, len(numbers)))
            turned = known.turned(found, measures) if found is not None else None
            if turned is not None and (
                tolerance >= relation.tolerance or turned.decimals != relation.decimals
            ):
                known.add(turned)
                break
    return known.in_order()


def _verified(relation: Relation, cells: Cells, sample: Cells, columns: int) -> Relation | None:
    """The relation with the share of rows in which it holds, or None where it is no rule."""
    if not _holds(relation, sample) or not _surprising(relation, sample, columns):
        return None
    known, agree = agreement(relation, cells)
    share = float(agree.sum() / max(1, known.sum()))
    return replace(relation, share=round(share, 5)) if share >= AGREEMENT else None


def _surprising(relation: Relation, sample: Cells, columns: int) -> bool:
    """Whether every column matters: with its cells in other rows the relation holds no more."""
    known, _ = agreement(relation, sample)
    every = np.stack([sample.numbers(name) for name in relation.columns], axis=1)
    rows = np.flatnonzero(known & (every != 0).any(axis=1))
    if len(rows) < 3:
        return False
    rng = generator(0, "relations", "evidence")
    distinct = len(np.unique(every[rows] @ rng.random(every.shape[1])))  # quicker than of whole rows
    some = sample.numeric(rng.permutation(rows)[:_EVIDENCE], relation.columns)
    size = min(len(rows), _EVIDENCE)
    strongest = 0.0
    for name in relation.columns:
        hits = 1.0
        for shift in range(1, _SHIFTS + 1):
            shifted = some.exchanged(name, np.roll(some.numbers(name), shift))
            hits += float(agreement(relation, shifted)[1].sum())
        chance = hits / (1.0 + _SHIFTS * size)
        bits = -float(np.log2(chance)) * distinct
        if chance > _MATTERS or bits < _MATTERS_BITS + np.log2(columns):
            return False
        strongest = max(strongest, bits)
    return strongest >= SURPRISE + 3 * float(
        np.log2(columns)
    )  # so many pairs were compared with so many columns


def _holds(relation: Relation, cells: Cells) -> bool:
    known, agree = agreement(relation, cells)
    needed = (AGREEMENT - 0.005) * float(known.sum())
    return bool(known.any()) and float(agree.sum()) >= needed
