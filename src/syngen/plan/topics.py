"""Choose each slot's topic and attributes: those of its donor, or for other diversity those of a similar real row.

With as much diversity as real, every slot takes the attributes of its own donor, which keeps them together with
rating, length and grade. Otherwise rows are drawn anew within the same labels, with probabilities that make common
topics rarer, or more common: a topic with the share p of the real texts gets p to the power of `evenness`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from syngen.controls import MIDDLE
from syngen.plan.donors import has_text, labels
from syngen.types import Reference

Rows = npt.NDArray[np.int64]

CONCENTRATED = 3.0  # the power of shares at diversity 0


def evenness(level: float) -> float:
    """Return the power that shares are raised to: 1 at a diversity of .5, 0 (all equally common) at 1, 3 at 0."""
    return 2 * (1 - level) if level >= MIDDLE else 1 + (CONCENTRATED - 1) * 2 * (MIDDLE - level)


def attribute_donors(
    reference: Reference, donors: Rows, topics: Rows, level: float, rng: np.random.Generator
) -> Rows:
    """Draw for each donor a train row with the same labels and a text, by how common its topic is.

    Args:
        donors: Row numbers, shape (n,).
        topics: The topic of every row of the reference; -1 where there is none.
        level: Of diversity.

    Returns:
        Row numbers, shape (n,); at a diversity of .5 the donors.
    """
    if level == MIDDLE:
        return donors
    rows = reference.train[has_text(reference, reference.profile.main_text.name)[reference.train]]
    weights = reweighted(topics[rows], level)
    of_row = labels(reference)
    sources = donors.copy()
    for label in np.unique(of_row[donors]):
        slots = np.flatnonzero(of_row[donors] == label)
        here = of_row[rows] == label
        picks = systematic(weights[here], len(slots), rng)
        sources[slots] = rng.permutation(rows[here][picks])
    return sources


def redraw(values: Sequence[str], level: float, rng: np.random.Generator) -> list[str]:
    """Draw the same values with other shares: common ones rarer, or more common; unchanged at .5."""
    if level == MIDDLE or not values:
        return list(values)
    codes = np.unique(np.array(values), return_inverse=True)[1]
    picks = systematic(reweighted(codes, level), len(values), rng)
    return [values[i] for i in rng.permutation(picks)]


def reweighted(codes: Rows, level: float) -> npt.NDArray[np.float64]:
    """Probability of each item that gives its code the share p ** evenness instead of p; sums to 1."""
    _, at, counts = np.unique(codes, return_inverse=True, return_counts=True)
    weights = (counts / counts.sum())[at] ** (evenness(level) - 1)
    normalised: npt.NDArray[np.float64] = weights / weights.sum()
    return normalised


def systematic(weights: npt.NDArray[np.float64], n: int, rng: np.random.Generator) -> Rows:
    """Draw n positions, each drawn as often as its probability says, to within one (Madow 1949)."""
    points = (rng.random() + np.arange(n)) / n
    reached = np.cumsum(weights) / weights.sum()
    return np.minimum(np.searchsorted(reached, points), len(weights) - 1)
