"""Findings on order: values that run in equal steps from row to row, or come round again and again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import polars as pl

from syngen.columns.times import to_seconds
from syngen.evaluation.findings.case import Case
from syngen.evaluation.findings.chance import RARE
from syngen.evaluation.findings.columns import own_columns
from syngen.evaluation.findings.registry import rule
from syngen.evaluation.findings.wording import name, shown
from syngen.types import ColumnProfile, Finding, Role, Value

_FEWEST = 4  # rows
_LONGEST_ROUND = 200  # rows
_ENDING = re.compile(r"(.*?)(\d+)", re.DOTALL)
_SHOWN = 3  # labels of a round that are named


@rule("column.sequence")
def sequence(case: Case) -> Iterator[Finding]:
    """Numbers in equal steps ("1, 2, … 10") and values that come round, where real rows lie in no such order."""
    if case.size < max(_FEWEST, case.synthetic.rows):
        return
    for column in own_columns(case):
        values = case.values(column.name)
        period = len(values) if None in values else _period(values)
        steps = _in_steps(_numbers(column, values)[:period])
        if None in values or not _unlikely(case, column, period, steps=steps):
            continue
        round_ = values[:period]
        if steps:
            run = f"runs {_shown(round_[0])}, {_shown(round_[1])}, … {_shown(round_[-1])}"
        else:
            more = ", …" if period > _SHOWN else ""
            run = f"goes {', '.join(map(_shown, round_[:_SHOWN]))}{more}"
        again = "in order" if period == len(values) else "over and over again"
        yield Finding(
            "column.sequence",
            column.name,
            case.rows(range(case.size)),
            f"{name(column.name)} {run} {again}.",
            "warning",
        )


def _shown(value: Value) -> str:
    return shown(value).strip("“”")


def _period(values: Sequence[Value]) -> int:
    """After how many rows the values come again in the same order; all rows when they don't."""
    for period in range(2, min(_LONGEST_ROUND, len(values) // 2) + 1):
        if values[period] == values[0] and values[period:] == values[:-period]:
            return period
    return len(values)


def _numbers(column: ColumnProfile, values: Sequence[Value]) -> list[float]:
    """The values as numbers: points in time in seconds, keys by the digits they end in; none when some have none."""
    if column.role is Role.DATETIME and column.time is not None and column.time.kind == "string":
        texts = pl.Series([value if isinstance(value, str) else None for value in values], dtype=pl.String)
        seconds = to_seconds(texts, column.time).tolist()
        return seconds if all(second == second for second in seconds) else []  # noqa: PLR0124 - NaN differs from itself
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return [float(value) for value in values]
    if column.role is not Role.IDENTIFIER:
        return []
    endings = [_ENDING.fullmatch(str(value)) for value in values]
    if len({ending[1] if ending else None for ending in endings}) != 1:
        return []
    return [float(ending[2]) for ending in endings if ending]


def _in_steps(numbers: Sequence[float]) -> bool:
    """Whether numbers rise or fall by the same amount each time."""
    return len(numbers) >= 3 and numbers[1] != numbers[0] and _triples(numbers) == len(numbers) - 2


def _triples(numbers: Sequence[float]) -> int:
    """Of three numbers in a row, how often the middle one lies halfway between two different others."""
    triples = zip(numbers, numbers[1:], numbers[2:], strict=False)
    return sum(a + c == 2 * b and a != c for a, b, c in triples)


def _unlikely(case: Case, column: ColumnProfile, period: int, *, steps: bool) -> bool:
    """Whether real rows, as they stand or shuffled, would lie in this order less than once in 2,000 cases."""
    if not steps and (period == case.size or column.role is Role.IDENTIFIER):
        return False
    real = case.reference.frame[column.name].drop_nulls()
    chance = _chance_of_again(real) ** (case.size - period)
    if steps:
        chance *= max(_chance_of_step(column, rows) for rows in (real, real.shuffle(seed=0))) ** (period - 2)
    return chance * period < RARE


def _chance_of_again(real: pl.Series) -> float:
    """How often two real rows have the same value, one after the other or anywhere."""
    counts = Counter(real.to_list())
    anywhere = sum((count / len(real)) ** 2 for count in counts.values())
    beside = (int((real == real.shift(1)).sum()) + 1) / len(real)
    return max(anywhere, beside)


def _chance_of_step(column: ColumnProfile, real: pl.Series) -> float:
    """How often three real rows in a row lie in equal steps; once more than seen."""
    numbers = _numbers(column, real.to_list())
    return min(1.0, (_triples(numbers) + 1) / max(1, len(numbers) - 2)) if numbers else 1 / max(1, len(real))
