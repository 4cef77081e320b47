"""A score's place on its own small scale: a `Score` in, positions along a bar out (drawn as inline SVG).

The bar spans the value, its interval, the real-vs-real range and, when near, the perfect value, so that
the eye sees how far out a score is in widths of what real rows vary by.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from syngen.types import Score

WIDTH = 200.0  # of the bar's own coordinates
_MARGIN = 9.0  # so that a mark at the end is whole


@dataclass(frozen=True, slots=True)
class Bar:
    """Positions from 0 to `WIDTH`; None where there is nothing to draw."""

    value: float
    ci: tuple[float, float] | None
    band: tuple[float, float] | None
    limit: float | None


def bar(score: Score) -> Bar | None:
    """Where a score's marks go; None when it has no value."""
    if score.value is None or not math.isfinite(score.value):
        return None
    floor = score.floor
    marks = [score.value, *(score.ci or ())]
    if floor is not None:
        marks += [floor.low, floor.high, floor.limit]
    finite = [mark for mark in marks if math.isfinite(mark)]
    low, high = _with_perfect(score, min(finite), max(finite))
    span = high - low
    if span <= 0:  # a single point: put it in the middle
        low, span = low - 0.5, 1.0

    def place(mark: float) -> float:
        along = (min(max(mark, low), low + span) - low) / span
        return round(_MARGIN + along * (WIDTH - 2 * _MARGIN), 1)

    return Bar(
        place(score.value),
        None if score.ci is None else (place(score.ci[0]), place(score.ci[1])),
        None if floor is None else (place(floor.low), place(floor.high)),
        place(floor.limit) if floor is not None and math.isfinite(floor.limit) else None,
    )


def _with_perfect(score: Score, low: float, high: float) -> tuple[float, float]:
    """Stretched to the perfect value, unless that would squeeze everything else into half the bar."""
    perfect = {"lower": 0.0, "higher": score.bounds[1], "match": score.value}[score.direction]
    if perfect is None or not math.isfinite(perfect):
        return low, high
    stretched = min(low, perfect), max(high, perfect)
    return stretched if stretched[1] - stretched[0] <= 2 * (high - low) else (low, high)
