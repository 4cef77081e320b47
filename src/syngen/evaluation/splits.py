"""Choose which rows are compared, and draw real rows in their place for the floors.

A floor is the same comparison with real rows in every part, in the same numbers. Scores that look at
rows together need disjoint rows: they compare synthetic rows with real rows held out from generating,
as many of each as the real rows suffice for in all parts. Scores of single rows compare all rows, and their
floor draws real rows with replacement.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from syngen.evaluation.metrics.registry import Metric
from syngen.evaluation.sample import Comparison, EvalSample, kept
from syngen.types import generator

FEWEST_HELD_OUT = 20  # of fewer, real rows are drawn at random, held out or not
FEWEST_FOR_ASIDE = 60  # real rows; of fewer none are set aside


@dataclass(eq=False)
class Splits:
    """The sides compared, and how floors are drawn."""

    # Held-out real rows, synthetic rows, other real rows: few enough for real rows to take each part.
    disjoint: Comparison
    whole: Comparison  # all real rows, all synthetic rows, none aside
    held_out: bool  # whether `disjoint.real` are rows that were held out from generating
    real_rows: int  # real rows in the sample, which floors are drawn from

    def sides(self, metric: Metric) -> Comparison:
        """What a score compares."""
        return (self.whole if metric.rowwise else self.disjoint).most(metric.most)

    def floor(self, metric: Metric) -> list[Comparison]:
        """Sides of the same sizes, of real rows alone; the same ones for all metrics that compare as many."""
        sides = self.sides(metric)
        sizes = len(sides.real), len(sides.synthetic), len(sides.aside)
        return [self._draw(draw, *sizes, again=metric.rowwise) for draw in range(metric.draws)]

    @kept
    def _draw(self, number: int, real: int, synthetic: int, aside: int, *, again: bool) -> Comparison:
        """One of the floor's comparisons; `again`: a row may come twice."""
        rng = generator(0, "floor", number)
        if again:
            first, second = (rng.integers(self.real_rows, size=size) for size in (real, synthetic))
            return Comparison(first, second, first[:0])
        rows = rng.permutation(self.real_rows)
        both = real + synthetic
        return Comparison(rows[:real], rows[real:both], rows[both : both + aside])

    def widening(self, metric: Metric) -> float:
        """How much wider than between draws a score varies between the real rows and new ones.

        A level of real rows is itself known from finitely many of them, say R, and m are drawn: the
        variance of a difference goes with 1/m + 1/R, that among draws with 1/m (with replacement) or
        1/m - 1/R (without).
        """
        if not metric.one_sample:
            return 1.0
        drawn, real = len(self.sides(metric).synthetic), self.real_rows
        among = 1 / drawn if metric.rowwise else max(1e-9, 1 / drawn - 1 / real)
        return math.sqrt((1 / drawn + 1 / real) / among)


def split(sample: EvalSample, held_out: npt.NDArray[np.intp], *, seed: int = 0) -> Splits:
    """Choose the rows to compare.

    Args:
        sample: The rows.
        held_out: Which of the real rows were held out from generating.
        seed: Of the random choice among rows.

    Returns:
        As disjoint sides the held-out rows, as many synthetic rows as there are real rows to take their
        place, and as many other real rows as are held out. With fewer than 20 rows held out the real
        side is a random third of the real rows; with fewer than 60 real rows half of them, and none
        aside.
    """
    rng = generator(seed, "sides")
    enough = len(held_out) >= FEWEST_HELD_OUT
    if enough:
        real = rng.permutation(held_out)
    else:
        size = sample.real // (3 if sample.real >= FEWEST_FOR_ASIDE else 2)
        real = rng.permutation(sample.real)[:size]
    others = rng.permutation(np.setdiff1d(np.arange(sample.real), real))
    aside = others[: len(real) if sample.real >= FEWEST_FOR_ASIDE else 0]
    most = sample.real - len(real) - len(aside)
    synthetic = sample.real + rng.permutation(len(sample) - sample.real)
    return Splits(
        disjoint=Comparison(real, synthetic[:most], aside),
        whole=Comparison(rng.permutation(sample.real), synthetic, np.empty(0, dtype=np.intp)),
        held_out=enough,
        real_rows=sample.real,
    )
