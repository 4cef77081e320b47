"""Is a text on topic? Conformal p-values of its distance to real texts; no category is needed.

Embeddings of a sample in; for each row how strange it is among real rows, and how often real rows are as
strange, out. A text that explains what a product does is an outlier among texts that review it.
"""

from __future__ import annotations

import numpy as np

from syngen.evaluation.metrics.meaning import squared_distances
from syngen.evaluation.metrics.registry import metric
from syngen.evaluation.metrics.statistic import NotComputable, Statistic, mean_of
from syngen.evaluation.sample import Comparison, EvalSample, Floats, kept
from syngen.types import generator

ALPHA = 0.05  # of real rows are farther from other real rows than what counts as off topic
FEWEST_REAL = 19  # real rows, for a p-value that can be as small as .05
NEAREST = 5  # real rows whose mean distance says how strange a row is
MOST_NEAR = 8_000  # real rows that neighbours are looked for among


@metric(
    "drift",
    "lower",
    title="Off topic",
    percent=True,
    source="conformal p-value (Vovk et al. 2005) of the mean distance to 5 real texts; share up to .05",
    matters=0.15,
    rowwise=True,
    of="vectors",
)
def off_topic_share(sample: EvalSample, sides: Comparison, _column: str) -> Statistic:
    """Share of texts further from the real texts than 95 % of real texts are from each other.

    About 5 % is chance.
    """
    return mean_of((p_values(sample, sides) <= ALPHA).astype(float), "a text")


@kept
def strangeness(sample: EvalSample) -> Floats:
    """Mean distance of each row's embedding to the nearest real ones, made once, shape (rows,).

    Every row goes without one real row: a real row without itself, synthetic row i without real row i,
    so that neither has more rows to be near to.
    """
    vectors = sample.embedding
    near = np.sort(generator(0, "near").permutation(sample.real)[:MOST_NEAR])
    place = np.full(sample.real, -1, dtype=np.intp)
    place[near] = np.arange(len(near))
    k = min(NEAREST, len(near) - 1)
    strange = np.empty(len(sample))
    for start in range(0, len(sample), 1024):
        rows = np.arange(start, min(start + 1024, len(sample)))
        distances = squared_distances(vectors[rows], vectors[near])
        without = place[rows % sample.real]
        has = without >= 0
        distances[np.flatnonzero(has), without[has]] = np.inf
        strange[rows] = np.sqrt(np.partition(distances, k - 1, axis=1)[:, :k]).mean(axis=1)
    return strange


def p_values(sample: EvalSample, sides: Comparison) -> Floats:
    """Share of real rows, the row itself counted in, that are at least as strange; shape (synthetic rows,)."""
    if len(sides.real) < FEWEST_REAL:
        raise NotComputable(f"needs {FEWEST_REAL} real rows with a text, there are {len(sides.real)}")
    strange = strangeness(sample)
    real = np.sort(strange[sides.real])
    beyond = len(real) - np.searchsorted(real, strange[sides.synthetic], side="left")
    p: Floats = (1 + beyond) / (1 + len(real))
    return p
