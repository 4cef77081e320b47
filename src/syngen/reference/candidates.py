"""Try formulas on a few rows: sums, products, ratios, powers, logarithms, lines, durations, parts of a whole.

Every pair of columns is combined and compared with every other column; what agrees on a few rows is a candidate.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, permutations, product
from typing import Literal, NamedTuple

import numpy as np

from syngen.columns.relations import RELATIVE, Cells, Floats
from syngen.reference.linear import Measure, line_through
from syngen.types import Relation, Term, generator

_NEARLY_ALL = 0.99
_LOOK = 24  # rows on which everything is tried
_FIRST = 6  # of these, the rows that rule most of it out
_FIRST_WRONG = 2  # of the first rows, in which a formula may fail
_WRONG = 0.3  # of the rows looked at
_EXACT = 9  # more decimals than this are those of floating-point arithmetic
_WIDE, _NARROW, _FEW = 40, 24, 16  # columns, up to which three of them, five and any four are combined
_MOST_RATES = 10  # columns that may be rates: of tax, of discount
_WHOLES = (1.0, 100.0)
_UNITS = (86_400.0, 3_600.0, 60.0, 1.0, 31_557_600.0)  # seconds of what durations are counted in
_STEPS = (1, 5, 10, 25, 50, 100, 500, 1_000, 5_000, 10_000, 100_000)  # of the last digit
_LARGEST = 1e100  # numbers beyond are not computed with
_ROUNDED_DOWN = 0.5 - 1e-6
_SINGLE = 1e-6  # what numbers of single precision, as statistics programs write them, may lose
_USUAL = 0.5  # share of the rows above which a value says little
_LOGARITHMS = (1.0, 1 / math.log(10), 1 / math.log(2), 100.0)  # natural, to the base 10 and 2, in percent
_POWERS = ((2.0, (1.0, 0.1, 0.01, 0.001)), (0.5, (1.0, 10.0)))  # with what they are multiplied by


class Factor(NamedTuple):
    """A column, or what is made of a rate, as a factor of products."""

    column: int
    weight: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A formula that may hold; the simplest are tested first."""

    cost: float
    relation: Relation
    tight: float  # the tolerance when the computed column is rounder than it need be
    loose: float  # the tolerance when the inputs were rounded too


class Search:
    """The numbers of some rows, and the formulas that may hold between them."""

    def __init__(self, sample: Cells, names: Sequence[str]) -> None:
        rng = generator(0, "relations", "look")
        self.sample = sample
        table = np.stack([self.sample.numbers(name) for name in names], axis=1) if names else np.empty((0, 0))
        table = np.where(np.abs(table) < _LARGEST, table, np.nan)
        varied = [i for i in range(len(names)) if len(np.unique(table[~np.isnan(table[:, i]), i])) > 1]
        self.names = [names[i] for i in varied]
        self.table = table[:, varied]
        self.decimals = [_decimals(column) for column in self.table.T]
        self.units = np.array([0.0 if d is None else 10.0**-d for d in self.decimals])
        usual = np.array([_usual(column) for column in self.table.T])
        telling = ((self.table != usual) & ~np.isnan(self.table)).sum(axis=1) + rng.random(len(self.table))
        self.look = self.table[np.argsort(-telling)[:_LOOK]]

    def precision(self, relation: Relation) -> float:
        """How many values the computed column can have by range and rounding: the more, the more a formula says."""
        if relation.kind == "whole":
            return 0.0
        size = self._ranges[relation.columns[0]]
        return size / max(relation.tolerance, RELATIVE * size)

    @cached_property
    def _ranges(self) -> dict[str, float]:
        return dict(
            zip(self.names, np.nanmax(self.table, axis=0) - np.nanmin(self.table, axis=0), strict=True)
        )

    def columns(self) -> dict[str, Measure]:
        """What the formulas are chosen by, of each column."""
        sizes = np.nanmedian(np.abs(self.table), axis=0)
        return {
            name: Measure(float(sizes[i]), _step(self.table[:, i], self.decimals[i]), self.decimals[i])
            for i, name in enumerate(self.names)
        }

    def of_numbers(self) -> Iterator[Candidate]:
        """All formulas of numbers that hold on a few rows."""
        if len(self.names) < 2:
            return
        yield from self._sums()
        yield from self._products()
        yield from self._ratios()
        yield from self._curves()
        yield from self._lines()

    def _sums(self) -> Iterator[Candidate]:
        """Sums that equal a column, a fixed whole or, in a table that is not wide, the sum of two columns."""
        p = len(self.names)
        single = [(i,) for i in range(p)]
        pairs, runs = (
            [*combinations(range(p), 2)],
            [tuple(range(i, j)) for i in range(p) for j in range(i + 3, p + 1)],
        )
        yield from self._equal([*pairs, *runs], single)
        yield from self._wholes([*pairs, *runs])
        if p <= _WIDE:
            triples = [*combinations(range(p), 3)]
            yield from self._equal(triples, single)
            yield from self._equal(pairs, pairs)
            if p <= _NARROW:
                yield from self._equal(triples, pairs)
                yield from self._equal([*combinations(range(p), 4)] if p <= _FEW else [], single)

    def _equal(
        self, left: Sequence[tuple[int, ...]], right: Sequence[tuple[int, ...]]
    ) -> Iterator[Candidate]:
        """Sums of some columns that equal a column, or the sum of two others."""
        if not left:
            return
        slack = np.array([self._slack(group) for group in left])
        tolerance = np.array([self.units[list(group)].max() / 2 + self._slack(group[1:]) for group in right])
        for at, other in _screen(self._totals(left), self._totals(right), tolerance, slack):
            if set(left[at]) & set(right[other]):
                continue
            target, *minus = sorted(right[other], key=lambda i: -np.nanmedian(np.abs(self.table[:, i])))
            terms = (*(Term(self.names[i]) for i in left[at]), *(Term(self.names[i], -1.0) for i in minus))
            loose = self._slack((*left[at], *minus))
            cost = 2.0 + 0.05 * len(terms) + 0.2 * len(minus)
            yield self._candidate("sum", target, terms, cost, loose=loose)

    def _wholes(self, groups: Sequence[tuple[int, ...]]) -> Iterator[Candidate]:
        """Columns that add up to 1 or to 100."""
        wholes = np.tile(_WHOLES, (len(self.look), 1))
        slack = np.array([self.units[list(group)].sum() / 2 for group in groups])
        for at, whole in _screen(self._totals(groups), wholes, np.zeros(len(_WHOLES)), slack):
            columns = tuple(self.names[i] for i in groups[at])
            terms = tuple(map(Term, columns))
            relation = Relation("whole", columns, "", 0.0, terms, constant=_WHOLES[whole])
            yield Candidate(2.1 + 0.05 * len(columns), relation, 0.0, float(slack[at]))

    def _totals(self, groups: Sequence[tuple[int, ...]]) -> Floats:
        """The sums of groups of columns, shape (looked at, groups)."""
        member = np.zeros((len(self.names), len(groups)))
        for at, group in enumerate(groups):
            member[list(group), at] = 1.0
        absent = np.isnan(self.look).astype(float) @ member > 0
        return np.where(absent, np.nan, np.nan_to_num(self.look) @ member)

    def _slack(self, group: Sequence[int]) -> float:
        """How far the sum of rounded numbers can be from that of exact ones; whole numbers are exact."""
        units = self.units[list(group)]
        return float(units[units < 1].sum() / 2)

    def _products(self) -> Iterator[Candidate]:
        """Products of two factors, or three in a table that is not wide."""
        factors = [Factor(i) for i in range(len(self.names))]
        rates = self._rates()
        values = np.stack([f.offset + f.weight * self.look[:, f.column] for f in [*factors, *rates]], axis=1)
        factors += rates
        pairs = [
            (i, j) for i, j in combinations(range(len(factors)), 2) if factors[i].column != factors[j].column
        ]
        pairs = [pair for pair in pairs if not all(factors[i].offset for i in pair)]
        groups: list[tuple[int, ...]] = list(pairs)
        if len(self.names) <= _WIDE:
            plain = len(self.names)
            groups += combinations(range(plain), 3)
            groups += [
                (i, j, k)
                for i, j in pairs
                if j < plain
                for k in range(plain, len(factors))
                if factors[k].column not in (factors[i].column, factors[j].column)
            ]
        for size in (2, 3):
            some = [group for group in groups if len(group) == size]
            if not some:
                continue
            predicted = values[:, np.array(some)].prod(axis=2)
            for at, target in _screen(predicted, self.look, self.units / 2):
                used = [factors[i] for i in some[at]]
                if target not in [f.column for f in used]:
                    terms = tuple(Term(self.names[f.column], f.weight, f.offset) for f in used)
                    plainly = all(f == Factor(f.column) for f in used)
                    yield self._candidate("product", target, terms, 0.5 * size + (0.9 if plainly else 2.3))

    def _rates(self) -> list[Factor]:
        """Columns that may be rates, as what one multiplies with."""
        found = []
        few = sorted(range(len(self.names)), key=lambda i: len(np.unique(self.table[:, i])))
        for i in few:
            low, high = np.nanmin(self.table[:, i]), np.nanmax(self.table[:, i])
            if low >= 0 and high <= 1 and self.decimals[i] != 0:
                found.append([Factor(i, -1.0, 1.0), Factor(i, 1.0, 1.0)])
            elif low >= 0 and 1 < high <= 100:
                found.append([Factor(i, -0.01, 1.0), Factor(i, 0.01, 1.0), Factor(i, 0.01)])
        return [factor for factors in found[:_MOST_RATES] for factor in factors]

    def _ratios(self) -> Iterator[Candidate]:
        """One column divided by another, also in percent, or as a change in percent."""
        p = len(self.names)
        a, b = np.array([(i, j) for i in range(p) for j in range(p) if i != j]).T
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = self.look[:, a] / self.look[:, b]
        ratio[~np.isfinite(ratio)] = np.nan
        forms = [(1.0, 0.0, 4.0), (100.0, 0.0, 4.0)]
        if p <= _WIDE:
            forms += [(-1.0, 1.0, 4.1), (-100.0, 100.0, 4.1), (100.0, -100.0, 4.1)]
        for factor, constant, cost in forms:
            for at, target in _screen(factor * ratio + constant, self.look, self.units / 2):
                if target not in (a[at], b[at]):
                    terms = (Term(self.names[a[at]]), Term(self.names[b[at]], power=-1))
                    yield self._candidate("product", target, terms, cost, factor=factor, constant=constant)

    def _curves(self) -> Iterator[Candidate]:
        """Logarithms of a column, of one more than it, squares and square roots."""
        with np.errstate(all="ignore"):
            forms: list[tuple[Literal["product", "logarithm"], Term, float, Floats]] = [
                ("logarithm", Term("", offset=offset), factor, np.log(self.look + offset))
                for factor in _LOGARITHMS
                for offset in (0.0, 1.0)
            ]
            forms += [
                ("product", Term("", power=power), factor, self.look**power)
                for power, factors in _POWERS
                for factor in factors
            ]
            for kind, term, factor, curve in forms:
                values = np.where(np.isfinite(curve), factor * curve, np.nan)
                slack = _SINGLE * (1 + np.nan_to_num(np.fmax.reduce(np.abs(values), axis=0)))
                for source, target in _screen(values, self.look, self.units / 2, slack):
                    if source != target:
                        terms = (replace(term, column=self.names[source]),)
                        loose, cost = float(slack[source]), 2.9 + 0.05 * (factor != 1)
                        yield self._candidate(kind, target, terms, cost, factor=factor, loose=loose)

    def _lines(self) -> Iterator[Candidate]:
        """One column as a multiple of another, perhaps with a constant: tax = 0.05 × net."""
        p = len(self.names)
        seen = set()
        for rows in (self.look[: _LOOK // 2], self.look[_LOOK // 2 :]):
            if len(rows) < 3:
                continue
            low, high = (
                pick(np.where(np.isnan(rows), other, rows), axis=0)
                for pick, other in ((np.argmin, np.inf), (np.argmax, -np.inf))
            )
            with np.errstate(divide="ignore", invalid="ignore"):
                own = np.arange(p)
                slope = (rows[high] - rows[low]) / (rows[high, own] - rows[low, own])[
                    :, None
                ]  # of column i to j
                start = rows[low] - slope * rows[low, own][:, None]
                line = slope[None] * self.look[:, :, None] + start[None]
            off = np.abs(line - self.look[:, None, :])
            bound = self.units[None, None, :] + 10 * RELATIVE * np.abs(line)
            fits = (off <= bound).sum(axis=0) >= 3
            fits &= (off > bound).sum(axis=0) <= 0.1 * (~np.isnan(off)).sum(axis=0)
            spread = np.fmax.reduce(self.look, axis=0) - np.fmin.reduce(self.look, axis=0)
            fits &= (spread > 4 * self.units)[None, :] & (slope != 0)
            seen |= {(i, j) for i, j in np.argwhere(fits).tolist() if i != j}
        for i, j in sorted(seen):
            line = line_through(self.table[:, i], self.table[:, j], self.units[j] / 2)
            if line is not None:
                weight, constant, digits = line
                terms = (Term(self.names[i], weight),)
                cost = 3.0 + 0.05 * digits + (1.0 if constant else 0.0) + (0.01 if i > j else 0.0)
                yield self._candidate("sum", j, terms, cost, constant=constant)

    def durations(self, times: Sequence[str]) -> Iterator[Candidate]:
        """Numbers that count the time between two points in time, rounded or rounded down."""
        if not self.names:
            return
        rows = slice(None, None, max(1, len(self.table) // (2 * _LOOK)))
        sampled, table = {name: self.sample.numbers(name)[rows] for name in times}, self.table[rows]
        for begin, end in permutations(times, 2):
            gap = (sampled[end] - sampled[begin])[:, None]
            for unit, down in product(_UNITS, (0.0, _ROUNDED_DOWN)):
                off = np.abs(gap / unit - down * self.units - table)
                known = (~np.isnan(off)).sum(axis=0)
                hits = (off <= self.units / 2 + 1e-6).sum(axis=0)
                for i in np.flatnonzero((known > 2) & (hits > 0.9 * known)).tolist():
                    terms = (Term(end, 1 / unit), Term(begin, -1 / unit))
                    constant = -down * float(self.units[i])
                    yield self._candidate("sum", i, terms, 2.5 + (down > 0), constant=constant, least=1e-6)

    def _candidate(
        self,
        kind: Literal["sum", "product", "logarithm"],
        target: int,
        terms: tuple[Term, ...],
        cost: float,
        *,
        factor: float = 1.0,
        constant: float = 0.0,
        loose: float = 0.0,
        least: float = 0.0,
    ) -> Candidate:
        tolerance = float(max(least, self.units[target] / 2))
        columns = (self.names[target], *(term.column for term in terms))
        decimals = self.decimals[target]
        relation = Relation(kind, columns, "", 0.0, terms, factor, constant, decimals, tolerance)
        finest = min(self.units[self.names.index(name)] for name in columns if name in self.names)
        plain = kind == "sum" and not least and all(abs(term.weight) == 1 for term in terms)
        tight = float(finest) / 2 if plain else tolerance
        return Candidate(cost, relation, tight, loose + tolerance)


def _usual(numbers: Floats) -> float:
    """The value that most cells have, 0 without one."""
    values, counts = np.unique(numbers[~np.isnan(numbers)], return_counts=True)
    return float(values[counts.argmax()]) if counts.max() > _USUAL * len(numbers) else 0.0


def _step(numbers: Floats, decimals: int | None) -> float:
    """The largest usual step, such as 0.01, 5 or 1,000, of which nearly all numbers are multiples; 0 without one."""
    if decimals is None:
        return 0.0
    scaled = np.rint(numbers[~np.isnan(numbers) & (numbers != 0)] * 10.0**decimals)
    fitting = [step for step in _STEPS if (scaled % step == 0).mean() >= _NEARLY_ALL]
    return max(fitting, default=1) / 10.0**decimals


def _decimals(numbers: Floats) -> int | None:
    """Digits after the point that nearly all numbers have at most; None for those of full precision."""
    known = numbers[~np.isnan(numbers)]
    for digits in range(_EXACT):
        scaled = known * 10.0**digits
        if (np.abs(scaled - np.rint(scaled)) <= 1e-6 + RELATIVE * np.abs(scaled)).mean() >= _NEARLY_ALL:
            return digits
    return None


def _screen(
    predicted: Floats, targets: Floats, tolerance: Floats, slack: Floats | None = None
) -> Iterator[tuple[int, int]]:
    """Pairs of a prediction and a column that agree on nearly all of a few rows.

    Args:
        predicted: Shape (rows, predictions).
        targets: Shape (rows, columns).
        tolerance: Of each column.
        slack: Of each prediction, in addition.
    """
    step = max(1, 2_000_000 // (_FIRST * targets.shape[1]))
    more = np.zeros(predicted.shape[1]) if slack is None else slack
    for begin in range(0, predicted.shape[1], step):
        part, extra = predicted[:, begin : begin + step], more[begin : begin + step]
        bad = np.zeros((part.shape[1], targets.shape[1]), np.int8)
        for row in range(min(_FIRST, len(part))):
            bound = extra[:, None] + tolerance + RELATIVE * np.abs(part[row])[:, None]
            bad += np.abs(part[row][:, None] - targets[row]) > bound
        pairs = np.argwhere(bad <= _FIRST_WRONG)
        if not len(pairs):
            continue
        left, right = part[:, pairs[:, 0]], targets[:, pairs[:, 1]]
        off = np.abs(left - right)
        bound = extra[pairs[:, 0]] + tolerance[pairs[:, 1]] + RELATIVE * np.abs(left)
        hits = ((off <= bound) & (left != 0)).sum(axis=0)
        misses = (off > bound).sum(axis=0)
        for at, target in pairs[(hits >= 2) & (misses <= _WRONG * (hits + misses))].tolist():
            yield begin + at, target
