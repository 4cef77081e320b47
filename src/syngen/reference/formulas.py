"""Find columns that are computed from others: sums, products, ratios, logarithms, durations, parts of a whole.

A formula must hold in 99 % of the rows, or in 80 % where it says much; each of its columns must matter, and the agreement
must be more than chance would give. What follows from formulas found before is left out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from syngen.columns.relations import Cells, agreement
from syngen.reference.candidates import Candidate, Search
from syngen.reference.linear import Known
from syngen.types import RULE, Relation, generator

AGREEMENT = RULE
PARTLY = 0.8  # share of the rows in which a relation must hold at least
_SAYING = 200.0  # values that a column computed in a part of the rows can have at least
_BEYOND_CHANCE = 0.6  # of the rows that chance leaves
SURPRISE = 24.0  # bits beyond the number of tries: chance does it once in 16 million tables
_SAMPLE = 1_000  # rows on which what is likely is tested
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

    tried = sorted(candidates, key=turn)[:_MOST_TRIED]
    saying = [candidate for candidate in tried if search.precision(candidate.relation) >= _SAYING]
    for least, candidate in [(AGREEMENT, c) for c in tried] + [(PARTLY, c) for c in saying]:
        relation = candidate.relation
        if known.implies(relation) or not known.room_for(relation):
            continue
        for tolerance in dict.fromkeys((candidate.tight, relation.tolerance, candidate.loose)):
            found = _verified(
                replace(relation, tolerance=tolerance), cells, sample, least, max(2, len(numbers))
            )
            turned = known.turned(found, measures) if found is not None else None
            if turned is not None and (
                tolerance >= relation.tolerance or turned.decimals != relation.decimals
            ):
                known.add(turned)
                break
    return known.in_order()


def _verified(relation: Relation, cells: Cells, sample: Cells, least: float, columns: int) -> Relation | None:
    """The relation with the share of rows in which it holds, or None where it is less than `least`."""
    if not _holds(relation, sample, least) or not _surprising(relation, sample, columns, least):
        return None
    known, agree = agreement(relation, cells)
    share = float(agree.sum() / max(1, known.sum()))
    return replace(relation, share=round(share, 5)) if share >= least else None


def _surprising(relation: Relation, sample: Cells, columns: int, least: float) -> bool:
    """Whether every column matters: with its cells in other rows the relation holds no more."""
    known, agree = agreement(relation, sample)
    every = np.stack([sample.numbers(name) for name in relation.columns], axis=1)
    rows = np.flatnonzero(known & (every != 0).any(axis=1))
    if len(rows) < 3:
        return False
    rng = generator(0, "relations", "evidence")
    distinct = len(np.unique(every[rows] @ rng.random(every.shape[1])))  # quicker than of whole rows
    chosen = rng.permutation(rows)[:_EVIDENCE]
    some = sample.numeric(np.tile(chosen, _SHIFTS), relation.columns)
    share = 1.0 if least == AGREEMENT else float(agree[rows].mean())
    if share < least:
        return False
    strongest = 0.0
    for name in relation.columns:
        own = some.numbers(name)[: len(chosen)]
        shifted = some.exchanged(name, np.concatenate([np.roll(own, by + 1) for by in range(_SHIFTS)]))
        hits = float(agreement(relation, shifted)[1].sum())
        chance = (1.0 + hits) / (1.0 + _SHIFTS * len(chosen))
        bits = information(share, chance) * distinct
        if (
            chance > _MATTERS
            or share - chance < _BEYOND_CHANCE * (1 - chance) * (share < 1)
            or bits < _MATTERS_BITS + np.log2(columns)
        ):
            return False
        strongest = max(strongest, bits)
    return strongest >= SURPRISE + 3 * math.log2(columns)  # so many pairs were compared with so many columns


def information(share: float, chance: float) -> float:
    """Bits that each row gives against chance, where a relation holds in a share of the rows."""
    if share <= chance:
        return 0.0
    of = ((part, by) for part, by in ((share, chance), (1 - share, 1 - chance)) if part)
    return sum(part * math.log2(part / by) for part, by in of)


def _holds(relation: Relation, cells: Cells, least: float) -> bool:
    known, agree = agreement(relation, cells)
    needed = (least - 0.005) * float(known.sum())
    return bool(known.any()) and float(agree.sum()) >= needed
