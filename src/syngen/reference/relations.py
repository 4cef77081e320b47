"""Find what holds between the columns of a table: formulas, orders, dependencies, presence."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from syngen.columns import codecs
from syngen.columns.relations import FORMULAS, Cells
from syngen.reference.dependencies import find_dependencies, find_orders, find_prefixes, find_presences
from syngen.reference.equals import find_equals
from syngen.reference.formulas import AGREEMENT, PARTLY, find_formulas
from syngen.text.format import percent
from syngen.types import Profile, Relation, Role, Term

_NUMBERS = (Role.NUMBER, Role.COUNT, Role.ORDINAL)
_LABELS = (Role.CATEGORY, Role.ORDINAL, Role.BOOLEAN)
_MOVED = (Role.NUMBER, Role.COUNT, Role.DATETIME)
_KEYED = (*_LABELS, *_MOVED, Role.IDENTIFIER)
_UNITS = {86_400.0: "days", 3_600.0: "hours", 60.0: "minutes", 31_557_600.0: "years"}  # by their seconds
_FEWEST = 8  # rows
_MOST_COLUMNS = 120  # that are compared with each other


def find_relations(profile: Profile, frame: pl.DataFrame) -> tuple[Relation, ...]:
    """Find the relations of a table, formulas in the order in which they can be computed.

    Args:
        profile: The columns; those that are derived or written by a model are left out, except for presence.
    """
    if len(frame) < _FEWEST:
        return ()
    with np.errstate(all="ignore"):  # numbers may be as large as floats can be
        return _relations(profile, frame)


def _relations(profile: Profile, frame: pl.DataFrame) -> tuple[Relation, ...]:
    cells = Cells(frame, codecs(profile, frame))
    numbers = [c.name for c in profile.with_role(*_NUMBERS) if _has_numbers(cells, c.name)]
    times = [c.name for c in profile.with_role(Role.DATETIME) if _has_numbers(cells, c.name)]
    formulas = [replace(r, sentence=_formula(r)) for r in find_formulas(cells, numbers, times)]
    logarithms = {relation.columns[0] for relation in formulas if relation.kind == "logarithm"}
    ordered = [name for name in numbers if name not in logarithms][:_MOST_COLUMNS]
    settled = set(_settled(formulas))
    orders = find_orders(cells, {AGREEMENT: ordered, PARTLY: times}, settled)
    computed = {relation.columns[0] for relation in formulas if relation.kind in FORMULAS}
    keyed = [c for c in profile.with_role(*_KEYED) if c.distinct > 1 and c.name not in computed]
    names = [c.name for c in keyed if not frame[c.name].dtype.is_nested()][:_MOST_COLUMNS]
    moved = {c.name for c in profile.with_role(*_MOVED)}
    dependencies = find_dependencies(frame, cells, names, moved)
    labels = [c.name for c in profile.with_role(*_LABELS)]
    told = {relation.columns for relation in dependencies}
    codes = [c.name for c in profile.with_role(Role.IDENTIFIER)]
    prefixes = find_prefixes(frame, cells, codes, [name for name in labels if name in names])
    dependencies += [relation for relation in prefixes if relation.columns not in told]
    partly = [c.name for c in profile.columns if c.missing and c.role not in (Role.DERIVED, Role.EMPTY)]
    presences = find_presences(frame, labels, partly[:_MOST_COLUMNS])
    equals = find_equals(frame, [n for n in names if n not in labels], settled)
    found = (*formulas, *orders, *equals, *dependencies, *presences)
    return tuple(map(_partly, found))


def _partly(relation: Relation) -> Relation:
    """A relation that says in how many rows it holds where these are not nearly all."""
    if not relation.partly:
        return relation
    return replace(relation, sentence=f"{relation.sentence} (in {percent(relation.share)} of the rows)")


def _has_numbers(cells: Cells, name: str) -> bool:
    return not bool(np.isnan(cells.numbers(name)).all())


def _settled(formulas: Sequence[Relation]) -> Iterator[frozenset[str]]:
    """Pairs of a computed column and a column that it is computed from, directly or not."""
    sources: dict[str, set[str]] = {}
    for relation in formulas:
        if relation.kind in FORMULAS and not relation.partly:
            direct = set(relation.columns[1:])
            sources[relation.columns[0]] = direct.union(*(sources.get(name, set()) for name in direct))
    for target, names in sources.items():
        yield from (frozenset((target, name)) for name in names)


def _formula(relation: Relation) -> str:
    """A formula as people write it: total = net + tax."""
    if relation.kind == "whole":
        return f"{' + '.join(relation.columns)} = {relation.constant:g}"
    if relation.kind == "logarithm":
        return f"{relation.columns[0]} = {_logarithm(relation)}"
    if relation.kind == "sum":
        duration = _duration(relation)
        return f"{relation.columns[0]} = {duration or _sum(relation)}"
    product = " × ".join(_factor(term) for term in relation.terms if term.power > 0)
    product = " / ".join([product or "1", *(_factor(term) for term in relation.terms if term.power == -1)])
    if abs(relation.factor) != 1:
        product = f"{abs(relation.factor):g} × {product}"
    if relation.constant:
        return (
            f"{relation.columns[0]} = {relation.constant:g} {'-' if relation.factor < 0 else '+'} {product}"
        )
    return f"{relation.columns[0]} = {product}"


def _sum(relation: Relation) -> str:
    parts = [_weighted(term) for term in relation.terms]
    if relation.constant:
        parts.append(f"{'- ' if relation.constant < 0 else ''}{abs(relation.constant):.7g}")
    parts.sort(key=lambda part: part.startswith("- "))
    return " ".join([parts[0], *(part if part.startswith("- ") else f"+ {part}" for part in parts[1:])])


def _weighted(term: Term) -> str:
    sign, size = ("- " if term.weight < 0 else ""), abs(term.weight)
    if size == 1:
        return f"{sign}{term.column}"
    short, divisor = f"{size:.7g}", f"{1 / size:.7g}"
    if len(short.strip("0.")) > len(divisor.strip("0.")) + 1:
        return f"{sign}{term.column} / {divisor}"
    return f"{sign}{short} × {term.column}"


def _logarithm(relation: Relation) -> str:
    [term] = relation.terms
    inner = f"{term.offset:g} + {term.column}" if term.offset else term.column
    for base in (10, 2):
        if math.isclose(relation.factor * math.log(base), 1):
            return f"log{base}({inner})"
    return f"log({inner})" if relation.factor == 1 else f"{relation.factor:g} × log({inner})"


def _factor(term: Term) -> str:
    if term.power in (2, 0.5):
        return f"{term.column}²" if term.power == 2 else f"√{term.column}"
    if not term.offset:
        return f"{term.column}" if term.weight == 1 else f"{term.column} / {1 / term.weight:g}"
    size = "" if abs(term.weight) == 1 else f" / {1 / abs(term.weight):g}"
    return f"({term.offset:g} {'-' if term.weight < 0 else '+'} {term.column}{size})"


def _duration(relation: Relation) -> str:
    """Days from one date to another, or a date so many days after another; empty for other sums."""
    if len(relation.terms) != 2 or abs(relation.constant) >= 1:
        return ""
    first, second = relation.terms
    if first.weight == -second.weight and (unit := _UNITS.get(round(1 / abs(first.weight), 3))):
        return f"{unit} from {second.column} to {first.column}"
    if second.weight == 1 and (unit := _UNITS.get(round(abs(first.weight), 3))):
        return f"{second.column} {'+' if first.weight > 0 else '-'} {first.column} {unit}"
    return ""
