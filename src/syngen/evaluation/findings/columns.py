"""Findings on whole columns: one value everywhere, too few, those of real rows, disagreement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen.columns.times import from_seconds, to_seconds
from syngen.evaluation.findings.case import Case
from syngen.evaluation.findings.chance import RARE, unusual
from syngen.evaluation.findings.copies import copied_rows
from syngen.evaluation.findings.faults import numbers_rows, spoilt
from syngen.evaluation.findings.registry import Severity, rule
from syngen.evaluation.findings.wording import in_rows, name, of_all, share, shown
from syngen.text.format import counted
from syngen.text.words import count_words
from syngen.types import ColumnProfile, Derivation, Finding, Role, Value, generator

_FEWER = 0.8  # of the values that real rows have
_CLEAR = 4.0  # standard deviations
_DRAWS = 300
_FEWEST_REAL = 40  # rows that tell how many values there are
_HALF = 0.5
_SELDOM = 0.3  # share of real rows that share a value, above which values are common property
_FEW_COPIED = 2e-3  # chance of so many shared values where real rows share none
_KEYS = (Role.IDENTIFIER, Role.DATETIME, Role.NUMBER)


def own_columns(case: Case) -> Iterator[ColumnProfile]:
    """The columns with values of their own."""
    for column in case.columns:
        if not column.role.written and column.role not in (Role.DERIVED, Role.CONSTANT, Role.EMPTY):
            yield column


@rule("column.constant")
def constant(case: Case) -> Iterator[Finding]:
    """One value in all rows, where chance would hardly have it."""
    for column in own_columns(case):
        if is_constant(case, column.name):
            value = next(v for v in case.values(column.name) if v is not None)
            rows = case.rows(case.present(column.name))
            real = case.reference.frame[column.name].drop_nulls().n_unique()
            detail = (
                f"{name(column.name)} has one value in {of_all(len(rows), case.size)}, {shown(value)}; the"
                f" real rows have {real:,} different ones."
            )
            severity: Severity = "error" if column.role is Role.IDENTIFIER else "warning"
            yield Finding("column.constant", column.name, rows, detail, severity)


def is_constant(case: Case, column: str) -> bool:
    """Whether so many real rows would have all the same value less than once in 2,000 cases."""
    values = [value for value in case.values(column) if value is not None]
    if len(set(map(str, values))) != 1:
        return False
    counts = case.reference.frame[column].drop_nulls().alias("value").value_counts()["count"].to_numpy()
    return float(((counts / counts.sum()) ** len(values)).sum()) < RARE if len(counts) else False


@rule("column.few_values")
def few_values(case: Case) -> Iterator[Finding]:
    """Fewer different values than as many real rows have."""
    for column in own_columns(case):
        if is_constant(case, column.name):
            continue
        values = [str(v) for v in case.values(column.name) if v is not None]
        real = case.reference.frame[column.name].drop_nulls()
        rows = min(len(values), len(real) // 2)
        if rows < 2 or len(real) < _FEWEST_REAL:
            continue
        part = values if rows == len(values) else [values[i] for i in case.sample(len(values), rows, "few")]
        few, usual = len(set(part)), _distinct(real, rows)
        mean, spread = float(usual.mean()), float(usual.std()) / (1 - rows / len(real)) ** 0.5
        if few >= _FEWER * mean or few >= usual.min() or mean - few < _CLEAR * max(spread, 0.25):
            continue
        of = "" if rows == len(values) else f" of {len(values):,}"
        detail = (
            f"{name(column.name)} has {counted(few, 'distinct value')} in {counted(rows, 'row')}{of}; in the"
            f" real data {mean:.0f} in {rows:,}."
        )
        bad = column.role is Role.IDENTIFIER and few <= _HALF * mean
        rows_of = case.rows(case.present(column.name))
        yield Finding("column.few_values", column.name, rows_of, detail, "error" if bad else "warning")


def _distinct(real: pl.Series, rows: int) -> npt.NDArray[np.int64]:
    """How many different values so many real rows have, drawn again and again."""
    _, codes = np.unique(real.cast(str).to_numpy(), return_inverse=True)
    rng = generator(0, "findings", "distinct")
    draws = _DRAWS if rows <= 2_000 else _DRAWS // 5
    return np.array([len(np.unique(rng.choice(codes, rows, replace=False))) for _ in range(draws)])


@rule("column.copied_values")
def copied_values(case: Case) -> Iterator[Finding]:
    """Keys and times of real rows, in columns in which real rows seldom share a value."""
    copies = copied_rows(case)
    for column in own_columns(case):
        if column.role not in _KEYS or numbers_rows(column) or is_constant(case, column.name):
            continue
        real = Counter(case.reference.frame[column.name].drop_nulls().to_list())
        shared = sum(count for count in real.values() if count > 1)
        if not real or shared > _SELDOM * real.total():
            continue
        values = case.values(column.name)
        judged = [i for i in case.present(column.name) if i not in copies]
        found = [i for i in judged if values[i] in real]
        # Values that are shared at all are shared by two rows or more: half as many cases speak for them.
        usual, of_real = (shared / 2, real.total() // 2) if shared else (0, real.total())
        if not unusual(len(found), len(judged), usual, of_real, never=_FEW_COPIED):
            continue
        rows = case.rows(found)
        verb = "equals one" if len(rows) == 1 else "equal those"
        often = f", as {share(shared / real.total())} of real rows do" if shared else ""
        detail = (
            f"{counted(len(rows), 'value')} of {name(column.name)} {verb} of real rows, in {in_rows(rows)};"
            f" real rows {'seldom share' if shared else 'never share'} a value{often}."
        )
        yield Finding("column.copied_values", column.name, rows, detail, "warning")


@rule("column.derived_mismatch")
def derived_mismatch(case: Case) -> Iterator[Finding]:
    """Columns that disagree with the one they follow from."""
    there = {column.name for column in case.columns}
    for column in case.columns:
        derived = column.derived
        if derived is None or derived.source not in there:
            continue
        real = _disagreeing(case, column, derived, case.reference.frame)
        at_fault = spoilt(case, column.name) | _spoilt_source(case, derived.source)
        found = {
            i: due
            for i, due in _disagreeing(case, column, derived, case.synthetic.frame).items()
            if i not in at_fault
        }
        often = unusual(len(found), case.size, len(real), case.real_size, hardly_ever=True)
        if not found or (real and not often):
            continue
        rows = case.rows(found)
        first, due = next(iter(found.items()))
        detail = (
            f"{name(column.name)} disagrees with {name(derived.source)} in {in_rows(rows)}: in row"
            f" {case.synthetic.numbers[first]:,} it is {shown(case.values(column.name)[first])} and should be"
            f" {shown(due)}."
        )
        severity: Severity = "error" if len(rows) >= max(2, _HALF * case.size) else "warning"
        yield Finding("column.derived_mismatch", column.name, rows, detail, severity if often else "note")


def _spoilt_source(case: Case, source: str) -> set[int]:
    return set() if case.profile[source].role.written else spoilt(case, source)


def _disagreeing(
    case: Case, column: ColumnProfile, derived: Derivation, frame: pl.DataFrame
) -> Mapping[int, Value]:
    """Positions of the rows in which one column does not follow from the other, with what would."""
    source, cells = frame[derived.source], frame[column.name]
    if derived.kind == "time" and derived.time is not None:
        form = case.profile[derived.source].time
        if form is None:
            return {}
        follows = from_seconds(to_seconds(source, form), derived.time, cells.dtype)
    elif derived.kind == "words":
        follows = pl.Series([None if t is None else count_words(t) for t in source], dtype=cells.dtype)
    elif derived.kind == "characters":
        follows = source.str.len_chars().cast(cells.dtype)
    else:
        follows = source.cast(cells.dtype, strict=False)
    differ = ((follows != cells) & source.is_not_null()).fill_null(value=False).arg_true()
    return dict(zip(differ.to_list(), follows.gather(differ).to_list(), strict=True))
