"""Find faults of whole columns: constant or few values, copied ones, disagreement, values in sequence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen.columns import Codec, derive
from syngen.columns.times import TimeCodec
from syngen.evaluation.findings.copies import copied_rows
from syngen.evaluation.findings.faults import numbers_rows, spoilt
from syngen.evaluation.findings.rules import RARE, Case, Severity, grave, name, rule, shown, unusual
from syngen.text.format import counted, part_of, percent, row_numbers
from syngen.types import ColumnProfile, Derivation, Finding, Role, Value, generator

_FEWER = 0.8  # of the values that real rows have
_CLEAR = 4.0  # standard deviations
_DRAWS = 300
_FEWEST_REAL = 40  # rows needed to know how many values there are
_HALF = 0.5
_SELDOM = 0.3  # share of real rows that share a value, above which values are common property
_FEW_COPIED = 2e-3  # probability of the shared values where real rows share none
_KEYS = (Role.IDENTIFIER, Role.DATETIME, Role.NUMBER)
_FEWEST = 4  # rows
_LONGEST_CYCLE = 200  # rows
_ENDING = re.compile(r"(.*?)(\d+)", re.DOTALL)
_SHOWN = 3  # labels of a cycle that are named


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
                f"{name(column.name)} has one value in {part_of(len(rows), case.size)}, {shown(value)}; the"
                f" real rows have {real:,} different ones."
            )
            severity: Severity = "error" if column.role is Role.IDENTIFIER else "warning"
            yield Finding("column.constant", column.name, rows, detail, severity)


def is_constant(case: Case, column: str) -> bool:
    """Whether chance gives that number of real rows one value less than once in 2,000 cases."""
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
    """Numbers of different values in repeated draws of `rows` real rows."""
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
        often = f", as {percent(shared / real.total())} of real rows do" if shared else ""
        detail = (
            f"{counted(len(rows), 'value')} of {name(column.name)} {verb} of real rows, in {row_numbers(rows)};"
            f" real rows {'seldom share' if shared else 'never share'} a value{often}."
        )
        yield Finding("column.copied_values", column.name, rows, detail, "warning")


@rule("column.derived_mismatch")
def derived_mismatch(case: Case) -> Iterator[Finding]:
    """Columns that disagree with the one they follow from."""
    names = {column.name for column in case.columns}
    for column in case.columns:
        derived = column.derived
        if derived is None or derived.source not in names:
            continue
        real = _disagreeing(case, column, derived, case.reference.frame)
        at_fault = spoilt(case, column.name)
        if not case.profile[derived.source].role.written:
            at_fault |= spoilt(case, derived.source)
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
            f"{name(column.name)} disagrees with {name(derived.source)} in {row_numbers(rows)}: in row"
            f" {case.synthetic.numbers[first]:,} it is {shown(case.values(column.name)[first])} and should be"
            f" {shown(due)}."
        )
        severity = grave(len(rows), case.size, often=often)
        yield Finding("column.derived_mismatch", column.name, rows, detail, severity)


def _disagreeing(
    case: Case, column: ColumnProfile, derived: Derivation, frame: pl.DataFrame
) -> Mapping[int, Value]:
    """Positions of the rows in which one column does not follow from the other, with what would."""
    source, cells = frame[derived.source], frame[column.name]
    follows = derive(column, case.profile, source, cells.dtype)
    differ = ((follows != cells) & source.is_not_null()).fill_null(value=False).arg_true()
    return dict(zip(differ.to_list(), follows.gather(differ).to_list(), strict=True))


# ----------------------------------------------------------------------------- order of the rows
@rule("column.sequence")
def sequence(case: Case) -> Iterator[Finding]:
    """Numbers in equal steps ("1, 2, … 10") and cycles of values, where real rows have no such order."""
    if case.size < max(_FEWEST, case.synthetic.rows):
        return
    for column in own_columns(case):
        values = case.values(column.name)
        period = len(values) if None in values else _period(values)
        numbers = _numbers(case.codecs[column.name], values)[:period]
        steps = period > 2 and _triples(numbers) == period - 2
        if None in values or not _unlikely(case, column, period, steps=steps):
            continue
        cycle = [shown(value).strip("“”") for value in values[:period]]
        if steps:
            run = f"runs {cycle[0]}, {cycle[1]}, … {cycle[-1]}"
        else:
            run = f"goes {', '.join(cycle[:_SHOWN])}{', …' if period > _SHOWN else ''}"
        again = "in order" if period == len(values) else "over and over again"
        yield Finding(
            "column.sequence",
            column.name,
            case.rows(range(case.size)),
            f"{name(column.name)} {run} {again}.",
            "warning",
        )


def _period(values: Sequence[Value]) -> int:
    """After how many rows the values repeat in the same order; all rows when they don't."""
    for period in range(2, min(_LONGEST_CYCLE, len(values) // 2) + 1):
        if values[period] == values[0] and values[period:] == values[:-period]:
            return period
    return len(values)


def _numbers(codec: Codec, values: Sequence[Value]) -> list[float]:
    """The values as numbers: points in time in seconds, keys by the digits they end in; none when some have none."""
    if isinstance(codec, TimeCodec) and codec.time.kind == "string":
        seconds = codec.seconds(values)
        return [] if np.isnan(seconds).any() else seconds.tolist()
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return [float(value) for value in values]
    if codec.column.role is not Role.IDENTIFIER:
        return []
    endings = [_ENDING.fullmatch(str(value)) for value in values]
    if len({ending[1] if ending else None for ending in endings}) != 1:
        return []
    return [float(ending[2]) for ending in endings if ending]


def _triples(numbers: Sequence[float]) -> int:
    """Of three numbers in a row, how often the middle one lies halfway between two different others."""
    triples = zip(numbers, numbers[1:], numbers[2:], strict=False)
    return sum(a + c == 2 * b and a != c for a, b, c in triples)


def _unlikely(case: Case, column: ColumnProfile, period: int, *, steps: bool) -> bool:
    """Whether real rows, as they stand or shuffled, would lie in this order less than once in 2,000 cases."""
    if not steps and (period == case.size or column.role is Role.IDENTIFIER):
        return False
    codec, real = case.codecs[column.name], case.reference.frame[column.name].drop_nulls()
    anywhere = sum((count / len(real)) ** 2 for count in Counter(real.to_list()).values())
    adjacent = (int((real == real.shift(1)).sum()) + 1) / len(real)
    chance = max(anywhere, adjacent) ** (case.size - period)  # of the same value again
    if steps:
        chance *= max(_chance_of_step(codec, rows) for rows in (real, real.shuffle(seed=0))) ** (period - 2)
    return chance * period < RARE


def _chance_of_step(codec: Codec, real: pl.Series) -> float:
    """How often three real rows in a row lie in equal steps; once more than seen."""
    numbers = _numbers(codec, real.to_list())
    return min(1.0, (_triples(numbers) + 1) / max(1, len(numbers) - 2)) if numbers else 1 / max(1, len(real))
