"""Keep the relations of the real rows in all planned rows; those of a part of the rows where the donor keeps them.

Each column was sampled by itself, so first what goes together is brought together again: values that a key determines,
then orders, then computed columns, from their inputs, in order. A row in which this ends outside the real range is
moved towards its donor until it fits.
"""

from __future__ import annotations

import string
from collections.abc import Collection, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen.columns import Codec
from syngen.columns import codecs as codecs_of
from syngen.columns.grid import decimals_of_floats
from syngen.columns.relations import (
    ARITHMETIC,
    FORMULAS,
    Cells,
    Flags,
    Floats,
    agreement,
    allowed,
    compute,
    pairs,
    usual,
)
from syngen.columns.times import TimeCodec
from syngen.types import Reference, Relation, Role, generator, per_reference

Rows = npt.NDArray[np.int64]

_LABELS = (Role.CATEGORY, Role.ORDINAL, Role.BOOLEAN)
_KINDS = {"digit": string.digits, "upper": string.ascii_uppercase, "lower": string.ascii_lowercase}
_TRIES = 100
# Shares of the way from the donor's values to the planned ones; first to the other side, away from the end of the range
_CLOSER = (-0.5, 0.25, -0.1, 0.0)


def keep_relations(
    reference: Reference, codecs: Mapping[str, Codec], filled: Mapping[str, pl.Series], donors: Rows
) -> dict[str, pl.Series]:
    """Return the planned columns with every relation kept, missing values where they were.

    Args:
        filled: The sampled columns; relations with other columns are left out.
        donors: Row number of the real row that each planned row is drawn from, shape (n,).
    """
    relations = [r for r in reference.profile.relations if filled.keys() >= set(r.columns)]
    if not relations:
        return dict(filled)
    cells = Cells(pl.DataFrame(dict(filled)), codecs)
    for relation in relations:
        if relation.kind == "presence":
            _clear(relation, cells, ~_broken(reference, relation)[donors])
    numeric = _Numeric([r for r in relations if r.kind in (*ARITHMETIC, "order")], codecs, reference)
    numeric.put_in_order(cells, donors, ())
    for relation in relations:
        if relation.kind == "equal" and relation.columns[0] not in numeric.computed:
            _make_equal(relation, cells, reference, numeric.due(relation, donors))
    keyed = [r for r in relations if r.kind == "determines"]
    begins = {r.columns[1]: r.prefix for r in sorted(keyed, key=lambda r: r.prefix) if r.prefix}
    for key, length in begins.items():
        _begin_as_donors(key, length, cells, reference, donors)
    for relation in keyed:
        if relation.mutual:
            _bring_together(relation, cells, reference, both_ways=True)
    for relation in sorted(keyed, key=lambda relation: relation.mutual):
        _bring_together(relation, cells, reference)
    numeric.keep(cells, donors, {name for relation in keyed for name in relation.columns})
    return {name: cells.frame[name] for name in filled}


def _clear(relation: Relation, cells: Cells, due: Flags) -> None:
    """Leave a cell empty where its column has no value among real rows, but for slots whose donor has one."""
    first, second = relation.columns
    absent = ~allowed(relation, cells.frame[second]) & due
    if relation.mutual:
        cells.replace(cells.frame[second].set(cells.frame[first].is_null() & pl.Series(due), None))
    if absent.any():
        cells.replace(cells.frame[first].set(pl.Series(absent), None))


def _make_equal(relation: Relation, cells: Cells, reference: Reference, due: Flags) -> None:
    """Copy one column to another in the rows in which they are the same; no key becomes a real one by this."""
    first, second = (cells.frame[name] for name in relation.columns)
    there = pl.Series(due) & first.is_not_null() & second.is_not_null()
    if reference.profile[first.name].role is Role.IDENTIFIER:
        there &= ~second.is_in(reference.frame[first.name].drop_nulls().implode())
    cells.replace(second.zip_with(there, first).alias(first.name))


@per_reference
def _broken(reference: Reference, relation: Relation) -> Flags:
    """The real rows that break a relation, shape (rows,)."""
    cells = Cells(reference.frame, codecs_of(reference.profile, reference.frame))
    known, agree = agreement(relation, cells)
    return known & ~agree


def _bring_together(
    relation: Relation, cells: Cells, reference: Reference, *, both_ways: bool = False
) -> None:
    """Give all rows with the same key the same value.

    A label is the one that real rows with this key have most often, and so is the number that goes with a label, such
    as the code of an agency; any other value is that of the first planned row.
    """
    for turned in (False, True) if both_ways else (False,):
        of, key = relation.columns[::-1] if turned else relation.columns
        own = pairs(relation, cells.frame, turned=turned)
        due = own.drop_nulls().unique("key", keep="first", maintain_order=True)
        roles = reference.profile[of].role, reference.profile[key].role
        if roles[0] in _LABELS or (roles[1] in _LABELS and roles[0] is not Role.IDENTIFIER):
            real = usual(pairs(relation, reference.frame[reference.train], turned=turned)).drop("rows")
            due = pl.concat([real, due.join(real, on="key", how="anti")])
        same = own.select("key").join(due, on="key", how="left", maintain_order="left")["value"]
        old = cells.frame[of]
        changed = (same != old).fill_null(value=False)
        if changed.any():
            cells.replace(old.zip_with(~changed, same))


def _begin_as_donors(key: str, length: int, cells: Cells, reference: Reference, donors: Rows) -> None:
    """Give new identifiers the first characters of their donors'; none becomes a real one by this."""
    new, real = cells.frame[key], reference.frame[key]
    begins = real.gather(donors).cast(pl.String).str.head(length)
    made = (begins + new.cast(pl.String).str.slice(length)).set(new.is_null(), None)
    taken = set(real.cast(pl.String).drop_nulls())
    clashes = made.filter(made.is_in(list(taken))).unique().sort().to_list()
    rng = generator(0, "prefix", key)
    free = {text: _another(text, length, taken, rng) for text in clashes}
    cells.replace(made.replace(free).cast(new.dtype).alias(key))


def _another(text: str, length: int, taken: Collection[str], rng: np.random.Generator) -> str:
    """A text with the same beginning and other letters and digits after it that is not taken, if one is found."""
    for _ in range(_TRIES):
        end = [
            str(rng.choice(list(_KINDS.get(kind, char))))
            for char, kind in zip(text, map(_kind, text), strict=True)
        ]
        other = text[:length] + "".join(end[length:])
        if other not in taken:
            return other
    return text


def _kind(char: str) -> str:
    return "digit" if char.isdigit() else "upper" if char.isupper() else "lower" if char.islower() else ""


class _Numeric:
    """Formulas and orders between numbers and points in time."""

    def __init__(
        self, relations: Sequence[Relation], codecs: Mapping[str, Codec], reference: Reference
    ) -> None:
        self.codecs = codecs
        self.reference = reference
        self.formulas = [r for r in relations if r.kind in FORMULAS]
        self.wholes = [r for r in relations if r.kind == "whole"]
        self.orders = _sorted([r for r in relations if r.kind == "order"])
        self.computed = {relation.columns[0] for relation in self.formulas}
        self._decimals = {r.columns[0]: r.decimals for r in self.formulas if r.decimals is not None}
        self.names = list(dict.fromkeys(name for relation in relations for name in relation.columns))

    def keep(self, cells: Cells, donors: Rows, fixed: Collection[str]) -> None:
        """Compute what follows and correct rows that are still wrong.

        Args:
            fixed: Columns that go with a key; they stay as they are.
        """
        if not self.names:
            return
        self._settle(cells, donors, fixed)
        sources = [name for name in self.names if name not in self.computed and name not in fixed]
        for share in _CLOSER:
            wrong = np.flatnonzero(self._wrong(cells, donors, bounded=True))
            if not len(wrong):
                return
            self._retry(cells, wrong, donors[wrong], share, sources, fixed)
        wrong = np.flatnonzero(self._wrong(cells, donors, bounded=False))
        if len(wrong):
            train = self.reference.train
            real = Cells(self.reference.frame[train], self.codecs)
            fine = train[~self._wrong(real, train, bounded=False)]
            if len(fine):  # a donor that breaks a relation is replaced by the next one that doesn't
                others = fine[np.searchsorted(fine, donors[wrong]) % len(fine)]
                self._retry(cells, wrong, others, 0.0, sources, fixed)

    def _retry(
        self,
        cells: Cells,
        rows: Rows,
        donors: Rows,
        share: float,
        sources: Sequence[str],
        fixed: Collection[str],
    ) -> None:
        """Move some rows towards their donors and compute them again."""
        some = cells.gather(rows)
        for name in sources:
            planned, real = some.numbers(name), self.codecs[name].real_numbers[donors]
            self._write(
                some, name, np.where(np.isnan(planned), np.nan, real + share * (planned - real)), donors
            )
        self._settle(some, donors, fixed)
        for name in self.names:
            numbers = cells.numbers(name).copy()
            numbers[rows] = some.numbers(name)
            cells.replace(cells.frame[name].scatter(rows, some.frame[name]), numbers)

    def _settle(self, cells: Cells, donors: Rows, fixed: Collection[str]) -> None:
        self.put_in_order(cells, donors, {*fixed, *self.computed})
        for relation in self.formulas:
            name = relation.columns[0]
            computed, sampled = compute(relation, cells), cells.numbers(name)
            kept = np.isnan(computed) | np.isnan(sampled) | ~self.due(relation, donors)
            numbers = np.where(kept, sampled, computed)
            self._write(cells, name, numbers, donors)
        for relation in self.wholes:
            self._complete(relation, cells, donors, fixed)
        self.put_in_order(
            cells, donors, {*fixed, *self.computed, *(n for r in self.wholes for n in r.columns)}
        )

    def put_in_order(self, cells: Cells, donors: Rows, fixed: Collection[str]) -> None:
        """Restore the donor's gap where two values are in the wrong order, or where the donor's are equal."""
        for relation in self.orders:
            low, high = relation.columns
            if low in fixed and high in fixed:
                continue
            low_real, high_real = (self.codecs[name].real_numbers[donors] for name in (low, high))
            gap = np.nan_to_num(np.maximum(high_real - low_real, 0.0))
            below, above = cells.numbers(low), cells.numbers(high)
            wrong = (below > above) | ((high_real == low_real) & (below != above) & ~np.isnan(below + above))
            wrong &= self.due(relation, donors)
            if not wrong.any():
                continue
            if high not in fixed:
                self._write(cells, high, np.where(wrong, below + gap, above), donors, wrong)
            else:
                self._write(cells, low, np.where(wrong, above - gap, below), donors, wrong)

    def _complete(self, relation: Relation, cells: Cells, donors: Rows, fixed: Collection[str]) -> None:
        """Give what is missing to a whole, or is too much, to the largest part of each row."""
        parts = [name for name in relation.columns if name not in self.computed and name not in fixed]
        known, agree = agreement(relation, cells)
        wrong = np.flatnonzero(known & ~agree & self.due(relation, donors))
        if not parts or not len(wrong):
            return
        rest = relation.constant - compute(relation, cells)[wrong]
        largest = np.argmax([cells.numbers(name)[wrong] for name in parts], axis=0)
        for at, name in enumerate(parts):
            numbers = cells.numbers(name).copy()
            numbers[wrong[largest == at]] += rest[largest == at]
            self._write(cells, name, numbers, donors, np.isin(np.arange(len(numbers)), wrong[largest == at]))

    def _write(
        self, cells: Cells, name: str, numbers: Floats, donors: Rows, where: Flags | None = None
    ) -> None:
        """Write numbers into a column, or into some of its cells."""
        rounded = np.round(numbers, self._digits(name))
        known = (
            None if isinstance(self.codecs[name], TimeCodec) else rounded
        )  # times are cut down to their step
        if where is None:
            written = self.codecs[name].with_words(self.codecs[name].write(rounded, donors), donors)
            cells.replace(written.alias(name), known)
            return
        rows = np.flatnonzero(where)
        written = self.codecs[name].write(rounded[rows], donors[rows])
        cells.replace(cells.frame[name].scatter(rows, written), known)

    def _digits(self, name: str) -> int:
        """Digits after the point that the real numbers have."""
        if name not in self._decimals:
            known = self.codecs[name].real_numbers[self.reference.train]
            digits = decimals_of_floats(known[np.isfinite(known)])
            self._decimals[name] = int(np.quantile(digits, 0.99, method="higher")) if len(digits) else 0
        return self._decimals[name]

    def due(self, relation: Relation, donors: Rows) -> Flags:
        """The slots in which a relation must hold: of one that a part of the rows keeps, those whose donor keeps it."""
        every = np.ones(len(donors), np.bool_)
        return ~_broken(self.reference, relation)[donors] if relation.partly else every

    def _wrong(self, cells: Cells, donors: Rows, *, bounded: bool) -> Flags:
        """Rows that break a relation or, if asked, leave the range of a computed column."""
        wrong = np.zeros(len(cells.frame), np.bool_)
        for relation in (*self.formulas, *self.wholes, *self.orders):
            known, agree = agreement(relation, cells)
            wrong |= known & ~agree & self.due(relation, donors)
        for name in self.computed if bounded else ():
            real = self.codecs[name].real_numbers[self.reference.train]
            low, high = np.fmin.reduce(real), np.fmax.reduce(real)
            wrong |= (cells.numbers(name) < low) | (cells.numbers(name) > high)
        return wrong


def _sorted(orders: Sequence[Relation]) -> list[Relation]:
    """Orders from the smallest column up."""
    graph: TopologicalSorter[str] = TopologicalSorter()
    for relation in orders:
        graph.add(relation.columns[1], relation.columns[0])
    try:
        places = {name: i for i, name in enumerate(graph.static_order())}
    except CycleError:
        return list(orders)
    return sorted(orders, key=lambda relation: [places[name] for name in relation.columns[::-1]])
