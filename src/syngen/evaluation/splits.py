"""Who is compared with whom: a pool comes in, the sides of the comparison and of its floor go out.

A floor is the same comparison with real rows in every part, in the same numbers. Scores that look at
rows together need disjoint rows: they compare synthetic rows with real rows held out from generating,
and so many of each that the real rows suffice for all parts. Scores of single rows compare all there
are, and their floor draws real rows with replacement.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from syngen.evaluation.metrics.registry import Metric
from syngen.evaluation.sample import Comparison, EvalSample
from syngen.types import generator

FEWEST_HELD_OUT = 20  # of fewer, real rows are drawn at random, held out or not
FEWEST_FOR_ASIDE = 60  # real rows; of fewer none are set aside


@dataclass(frozen=True, slots=True, eq=False)
class Splits:
    """The sides compared, and how floors are drawn.

    Attributes:
        disjoint: Held-out real rows, synthetic rows, other real rows, so few that as many real rows
            could take each part.
        whole: All real rows, all synthetic rows, none aside.
        held_out: Whether `disjoint.real` are rows that were held out from generating.
        real_rows: Real rows in the pool, which floors are drawn from.
    """

    disjoint: Comparison
    whole: Comparison
    held_out: bool
    real_rows: int

    def sides(self, metric: Metric) -> Comparison:
        """What a score compares."""
        return (self.whole if metric.rowwise else self.disjoint).most(metric.most)

    def floor(self, metric: Metric) -> Iterator[Comparison]:
        """Sides of the same sizes, of real rows alone; the same ones every time."""
        sides = self.sides(metric)
        real, synthetic = len(sides.real), len(sides.synthetic)
        for draw in range(metric.draws):
            rng = generator(0, "floor", draw)
            if metric.rowwise:
                yield Comparison(
                    rng.integers(self.real_rows, size=real),
                    rng.integers(self.real_rows, size=synthetic),
                    np.empty(0, dtype=np.intp),
                )
            else:
                rows = rng.permutation(self.real_rows)
                aside = rows[real + synthetic :][: len(sides.aside)]
                yield Comparison(rows[:real], rows[real : real + synthetic], aside)

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


def parts(pool: EvalSample, held_out: npt.NDArray[np.intp], *, seed: int = 0) -> Splits:
    """Choose the rows to compare.

    Args:
        pool: The rows.
        held_out: Which of the real rows were held out from generating.
        seed: Of the random choice among rows.

    Returns:
        As disjoint sides the held-out rows, so many synthetic rows that real rows could take their
        place, and as many other real rows as are held out. With fewer than 20 rows held out the real
        side is a random third of the real rows; with fewer than 60 real rows half of them, and none
        aside.
    """
    rng = generator(seed, "sides")
    enough = len(held_out) >= FEWEST_HELD_OUT
    if enough:
        real = rng.permutation(held_out)
    else:
        size = pool.real // (3 if pool.real >= FEWEST_FOR_ASIDE else 2)
        real = rng.permutation(pool.real)[:size]
    others = rng.permutation(np.setdiff1d(np.arange(pool.real), real))
    aside = others[: len(real) if pool.real >= FEWEST_FOR_ASIDE else 0]
    most = pool.real - len(real) - len(aside)
    synthetic = pool.real + rng.permutation(len(pool) - pool.real)
    return Splits(
        disjoint=Comparison(real, synthetic[:most], aside),
        whole=Comparison(rng.permutation(pool.real), synthetic, np.empty(0, dtype=np.intp)),
        held_out=enough,
        real_rows=pool.real,
    )
