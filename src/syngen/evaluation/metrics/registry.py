"""The registry of scores: one function each, with its name, family, direction, bounds and source.

A metric gets an `EvalSample` and the `Comparison` to compare and gives a `Statistic`: it does its costly work once
and returns a function of which synthetic rows count. The value is that function of all of them; the
interval comes from calling it on halves. What can't be computed raises `NotComputable` within the metric,
which returns it, never as a number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Literal

import numpy as np

from syngen.evaluation.metrics.statistic import (
    NotComputable,
    RowStatistic,
    Statistic,
    computable,
    over_texts,
    require,
)
from syngen.evaluation.sample import Comparison, EvalSample, Floats
from syngen.types import Direction, Family, Profile, Role

Measure = Callable[[EvalSample, Comparison, str], Statistic | NotComputable]
Columns = Callable[[Profile], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Metric:
    """A score and what is known of it."""

    name: str  # in the field's standard terms, snake case
    family: Family  # which question it helps to answer
    direction: Direction  # "lower" (0 is perfect), "higher", or "match" (the real value is perfect)
    bounds: tuple[float, float]  # smallest and largest value it can have
    title: str  # its name in words
    # What it measures, in a sentence or two for people who did not study statistics; the docstring of
    # its function.
    explanation: str
    source: str  # where the formula is from
    measure: Measure  # computes it
    columns: Columns  # for which columns it is computed; the default is once, for the whole table
    # A gross difference from real, which no user would overlook. When the floor is too wide to show
    # even that, the verdict is "can't tell".
    matters: float
    # It depends on the rows only through what was measured of each row by itself, so that a row may
    # count twice. All rows are then compared, and the floor is drawn with replacement. Other scores
    # look at rows together (neighbours, duplicates, a detector): they compare disjoint rows only, and
    # never rows that a prompt may have shown.
    rowwise: bool = False
    one_sample: bool = False  # it depends on `sides.synthetic` alone: a level that real rows have as well
    # It is a share of rows. Where it is rare, draws hardly vary, and the limit is that of a binomial.
    share: bool = False
    percent: bool = False  # it is written as a percentage; always so for a share
    most: int = 10_000  # most rows a side; of more, a random part is measured
    fewest: int = 5  # fewest rows a side
    draws: int = 40  # real-vs-real draws for the floor; 100 for scores of single rows, which are quick
    resamples: int = 60  # half samples for the interval
    # The optional package group it needs, for what is not part of the default scores.
    extra: Literal["", "mauve"] = ""


METRICS: dict[str, Metric] = {}


def row_values(sample: EvalSample, name: str, column: str = "") -> Floats | NotComputable:
    """Return what a score says of each synthetic row, such as 1 for a copy.

    Args:
        sample: Real and synthetic rows.
        name: Of a metric that looks at single rows.
        column: One of its columns.

    Returns:
        One number a synthetic row of the sample, NaN where it has none, shape (rows,); or why there are none.
    """
    everything = np.arange(len(sample))
    sides = Comparison(everything[: sample.real], everything[sample.real :], everything[:0])
    statistic = METRICS[name].measure(sample, sides, column)
    if isinstance(statistic, RowStatistic | NotComputable):
        return statistic if isinstance(statistic, NotComputable) else statistic.values
    return NotComputable(f"{name} is not a score of single rows")


def of_role(*roles: Role) -> Columns:
    """The columns of some roles."""
    return lambda profile: (column.name for column in profile.with_role(*roles))


def main_text(profile: Profile) -> Iterable[str]:
    """The column that carries the text, where there is one."""
    return (profile.main,) if profile.main else ()


def metric(
    family: Family,
    direction: Direction,
    bounds: tuple[float, float] = (0.0, 1.0),
    *,
    name: str = "",
    explanation: str = "",
    columns: Columns = lambda _: ("",),
    of: Literal["rows", "texts", "vectors"] = "rows",
    **others: Any,
) -> Callable[[Callable[[EvalSample, Comparison, str], Statistic]], Measure]:
    """Register a score; see `Metric` for the arguments.

    By default it has the name of its function, and is explained by the function's docstring. It can't be computed
    where the synthetic table lacks the column. A score of "texts" or "vectors" is only given the rows that have a
    text; one of vectors needs an encoder.
    """
    others = {
        "draws": 100 if others.get("rowwise") else 40,
        "percent": others.get("share", False),
        **others,
    }

    def register(measure: Callable[[EvalSample, Comparison, str], Statistic]) -> Measure:
        @computable
        @wraps(measure)
        def attempt(sample: EvalSample, sides: Comparison, column: str) -> Statistic:
            require(sample, column)
            if of == "vectors" and sample.encoder is None:
                raise NotComputable("there is no encoder")
            if of == "rows":
                return measure(sample, sides, column)
            return over_texts(sample, sides, lambda written: measure(sample, written, column))

        known = name or measure.__name__
        words = " ".join((explanation or measure.__doc__ or "").split())
        METRICS[known] = Metric(
            known, family, direction, bounds, explanation=words, measure=attempt, columns=columns, **others
        )
        return attempt

    return register
