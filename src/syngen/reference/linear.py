"""Keep track of the formulas found: what follows from them, which columns they compute, and in which order."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from syngen.columns.relations import FORMULAS, RELATIVE, Floats
from syngen.types import Relation, Term

_MOST_DIGITS = 7  # of a factor
_CLOSE = 1e-4
_ROUND = 4.0  # times the step of the finest column of a sum, above which a step is one of round numbers


class Measure(NamedTuple):
    """What decides which column of a sum is computed."""

    size: float  # the median of its absolute values
    step: float  # of which its values are multiples, 0 for numbers of full precision
    decimals: int | None  # digits after the point


_POINT_IN_TIME = Measure(0.0, 0.0, None)


class Known:
    """The formulas found so far, without cycles: each column is computed at most once.

    Sums are vectors over the columns; products are vectors over the logarithms of the columns. A formula that lies in
    the span of those found follows from them.
    """

    def __init__(self, numbers: Sequence[str], times: Sequence[str]) -> None:
        self._places = {name: i for i, name in enumerate([*numbers, *times])}
        self._times = times
        self._spans: tuple[list[npt.NDArray[np.float64]], ...] = ([], [])
        self._computed: dict[str, Relation] = {}
        self._wholes: list[Relation] = []

    def implies(self, relation: Relation) -> bool:
        """Whether a formula follows from those found."""
        for span, vector in zip(self._spans, self._vectors(relation), strict=True):
            if vector is not None and span:
                basis = np.stack(span, axis=1)
                weights = np.linalg.lstsq(basis, vector, rcond=None)[0]
                if np.linalg.norm(vector - basis @ weights) < _CLOSE * np.linalg.norm(vector):
                    return True
        return False

    def room_for(self, relation: Relation) -> bool:
        """Whether some column of the formula could still be computed by it."""
        return not all(name in self._computed for name in relation.columns)

    def turned(self, relation: Relation, measures: Mapping[str, Measure]) -> Relation | None:
        """The formula solved for a column that nothing else computes; None where there is none.

        A sum is solved for its total if possible, else for its largest term. Round numbers stay as they are where
        another column has the odd cents.
        """
        if relation.kind == "whole":
            return relation
        if relation.kind != "sum":
            return relation if self._free(relation) else None

        def measure(name: str) -> Measure:
            return measures.get(name, _POINT_IN_TIME)

        solvable = [  # a term without a factor, or of a number of days the end
            term
            for term in sorted(relation.terms, key=lambda term: -measure(term.column).size)
            if abs(term.weight) == 1 or (term.column in self._times and not relation.constant)
        ]
        solved = [relation, *(_solved(relation, term, measure(term.column).decimals) for term in solvable)]
        free = [r for r in solved if self._free(r)]
        if len(relation.terms) > 1 and all(abs(term.weight) == 1 for term in relation.terms):
            round_from = _ROUND * min(measure(name).step for name in relation.columns)
            free.sort(key=lambda r: measure(r.columns[0]).step > round_from)
        return free[0] if free else None

    def add(self, relation: Relation) -> None:
        """Take a formula as found."""
        for span, vector in zip(self._spans, self._vectors(relation), strict=True):
            if vector is not None:
                span.append(vector)
        if relation.kind == "whole":
            self._wholes.append(relation)
        else:
            self._computed[relation.columns[0]] = relation

    def in_order(self) -> list[Relation]:
        """The formulas, each after those that compute its inputs."""
        ordered: list[Relation] = []
        waiting = dict(self._computed)
        while waiting:
            ready = [r for r in waiting.values() if not set(r.columns[1:]) & set(waiting)]
            ordered += ready
            for relation in ready:
                del waiting[relation.columns[0]]
        return [*ordered, *self._wholes]

    def _free(self, relation: Relation) -> bool:
        target = relation.columns[0]
        return target not in self._computed and not any(
            self._needs(name, target) for name in relation.columns[1:]
        )

    def _needs(self, name: str, source: str) -> bool:
        """Whether a column is computed from another, directly or not."""
        if name == source:
            return True
        formula = self._computed.get(name)
        return formula is not None and any(self._needs(other, source) for other in formula.columns[1:])

    def _vectors(
        self, relation: Relation
    ) -> tuple[npt.NDArray[np.float64] | None, npt.NDArray[np.float64] | None]:
        size = len(self._places) + 1
        terms, linear, logarithmic = relation.terms, np.zeros(size), np.zeros(size)
        for term in terms:
            linear[self._places[term.column]] -= term.weight
            logarithmic[self._places[term.column]] -= term.power
        linear[-1] = relation.constant if relation.kind == "whole" else -relation.constant
        if relation.kind in FORMULAS:
            linear[self._places[relation.columns[0]]] = 1.0
            logarithmic[self._places[relation.columns[0]]] = 1.0
        scale = relation.factor * math.prod(term.weight**term.power for term in terms)
        plain = relation.constant == 0 and scale > 0 and not any(term.offset for term in terms)
        multiple = relation.kind == "product" or (relation.kind == "sum" and len(terms) == 1)
        if scale > 0:
            logarithmic[-1] = -math.log(scale)
        return (
            linear if relation.kind in ("sum", "whole") else None,
            logarithmic if multiple and plain else None,
        )


def _solved(relation: Relation, term: Term, decimals: int | None) -> Relation:
    """A sum solved for one of its terms."""
    others = [Term(t.column, -t.weight / term.weight) for t in relation.terms if t is not term]
    terms = (Term(relation.columns[0], 1 / term.weight), *others)
    return replace(
        relation,
        columns=(term.column, *(t.column for t in terms)),
        terms=terms,
        constant=-relation.constant / term.weight,
        tolerance=relation.tolerance / abs(term.weight),
        decimals=decimals,
    )


def shortest(low: float, high: float, *, divisors: bool = True) -> tuple[float, int] | None:
    """The number with the fewest digits in an interval, perhaps one divided by such a number, with its digits."""
    if not (low <= high and math.isfinite(low) and math.isfinite(high)):
        return None
    if low <= 0 <= high:
        return 0.0, 0
    middle = (low + high) / 2
    lowest, highest = sorted((1 / low, 1 / high))
    for digits in range(1, _MOST_DIGITS + 1):
        number = _rounded(middle, digits)
        if low <= number <= high:
            return number, digits
        divisor = _rounded(1 / middle, digits)
        if divisors and lowest <= divisor <= highest:
            return 1 / divisor, digits + 1
    return None


def _rounded(number: float, digits: int) -> float:
    return round(number, digits - 1 - math.floor(math.log10(abs(number))))


def line_through(source: Floats, target: Floats, tolerance: float) -> tuple[float, float, int] | None:
    """The simplest slope and constant of a line through nearly all points, with the digits they take."""
    known = ~np.isnan(source) & ~np.isnan(target)
    x, y = source[known], target[known]
    bound = tolerance + RELATIVE * (np.abs(y) + 1e-300)
    far = np.argsort(-np.abs(x))[:5]
    with np.errstate(divide="ignore", invalid="ignore"):
        guess = np.median(y[far] / x[far])
    near = (np.abs(y - guess * x) <= 3 * bound) & (x != 0)
    if near.sum() >= 0.98 * (x != 0).sum():
        ends = np.stack([(y[near] - bound[near]) / x[near], (y[near] + bound[near]) / x[near]])
        found = shortest(float(ends.min(axis=0).max()), float(ends.max(axis=0).min()))
        if found is not None:
            return found[0], 0.0, found[1]
    centre = np.median(x)
    order = np.argsort(x)
    tenth = max(1, len(x) // 10)
    low, high = order[:tenth], order[-tenth:]
    if np.median(x[high]) == np.median(x[low]):
        return None
    slopes = (np.median(y[high]) - np.median(y[low])) / (np.median(x[high]) - np.median(x[low]))
    off = y - slopes * (x - centre)
    kept = np.abs(off - np.median(off)) <= 6 * bound + 1e-12
    if kept.mean() < 0.98:
        return None
    x, y, bound = x[kept], y[kept], bound[kept]
    first, last = int(np.argmin(x)), int(np.argmax(x))
    width = x[last] - x[first]
    rise, room = y[last] - y[first], bound[last] + bound[first]
    slope = shortest(float((rise - room) / width), float((rise + room) / width)) if width else None
    if slope is None:
        return None
    rest = y - slope[0] * x
    constant = shortest(float((rest - bound).max()), float((rest + bound).min()), divisors=False)
    return (slope[0], constant[0], slope[1] + constant[1]) if constant is not None else None
