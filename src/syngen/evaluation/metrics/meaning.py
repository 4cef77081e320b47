"""Scores of meaning: do the texts lie where real texts lie, and as widely spread?

Rows without a text are left out; they are counted as missing cells. Distances are Euclidean between unit
vectors, hence between 0 and 2, and mean something only relative to those of another side under the same encoder.
"""

from __future__ import annotations

from functools import cache, partial

import numpy as np
import numpy.typing as npt

from syngen.evaluation.metrics.registry import metric
from syngen.evaluation.metrics.statistic import NotComputable, Statistic, mean_of
from syngen.evaluation.sample import Comparison, EvalSample, Index, kept

Vectors = npt.NDArray[np.float32]  # of shape (rows, dimensions)

PRDC = ("precision", "recall", "density", "coverage")
NEIGHBOURS = 5  # the k of precision, recall, density and coverage, as in Naeem et al. 2020
_SAME = 1e-6  # a squared distance below this, relative to the vectors' length, is rounding
_BLOCK = 1_024  # rows compared at once, so that memory stays small

_KYNKAANNIEMI = "improved precision and recall (Kynkäänniemi et al. 2019), 5 nearest neighbours; package prdc"
_NAEEM = "density and coverage (Naeem et al. 2020), 5 nearest neighbours; package prdc"


def squared_distances(a: Vectors, b: Vectors) -> Vectors:
    """Squared Euclidean distances between rows, shape (rows of a, rows of b), equal rows exactly 0."""
    lengths = (a * a).sum(axis=1), (b * b).sum(axis=1)
    distances = a @ b.T
    distances *= -2
    distances += lengths[0][:, None]
    distances += lengths[1]
    distances[distances < _SAME * max(float(np.mean(lengths[0])), _SAME)] = 0
    return distances


def nearest(rows: Vectors, others: Vectors, *, itself: bool = False) -> Vectors:
    """Cosine of each row to the nearest of others, shape (rows,).

    Args:
        rows: Unit vectors.
        others: Unit vectors.
        itself: Whether both are the same rows; then a row is not its own neighbour.
    """
    best = np.empty(len(rows), dtype=np.float32)
    for start in range(0, len(rows), _BLOCK):
        cosines = rows[start : start + _BLOCK] @ others.T
        if itself:
            np.fill_diagonal(cosines[:, start:], -np.inf)
        best[start : start + _BLOCK] = cosines.max(axis=1)
    return best


# ------------------------------------------------------------- precision, recall, density, coverage
Neighbourhoods = tuple[Vectors, Vectors, npt.NDArray[np.bool_]]


def _neighbourhoods(real: Vectors, synthetic: Vectors) -> Neighbourhoods:
    """Measure how real and synthetic rows are placed to each other.

    Returns:
        Squared distances between real and synthetic rows, shape (real, synthetic); those between synthetic
        rows; and whether a synthetic row lies nearer to a real one than its k-th real neighbour does, shape
        (real, synthetic).
    """
    across = squared_distances(real, synthetic)
    inside = across < _radii(squared_distances(real, real))[:, None]
    return across, squared_distances(synthetic, synthetic), inside


def _radii(own: Vectors) -> Vectors:
    """Squared distance of each row to its k-th nearest other row; of fewer rows to the farthest."""
    k = min(NEIGHBOURS, len(own) - 1)  # place 0 is the row itself
    return np.partition(own, k, axis=1)[:, k]


def _among(which: str, near: Neighbourhoods, rows: Index) -> float:
    """Precision, recall, density or coverage of some synthetic rows."""
    across, own, inside = near[0][:, rows], near[1], near[2][:, rows]
    if which == "recall":
        inside = across < _radii(own[np.ix_(rows, rows)])
    if which == "density":
        return float(inside.sum(axis=0).mean() / NEIGHBOURS)
    return float(inside.any(axis=0 if which == "precision" else 1).mean())


def _of_manifolds(sample: EvalSample, sides: Comparison, name: str) -> Statistic:
    """One of the four, the mean over pieces of the synthetic rows that are about as many as real rows.

    Recall and coverage grow with the number of synthetic rows, up to being 1 whatever the rows are like.
    """
    real, synthetic = sample.embedding[sides.real], sample.embedding[sides.synthetic]
    everything = np.arange(len(synthetic))
    near = cache(lambda: _neighbourhoods(real, synthetic))

    def among(which: str, positions: Index) -> float:
        pieces = np.array_split(positions, max(1, round(len(positions) / len(real))))
        return float(np.mean([_among(which, near(), piece) for piece in pieces]))

    def over(positions: Index) -> float:
        if not np.array_equal(positions, everything):
            return among(name, positions)
        # Floors ask for nothing else, and for each of the four in turn, of which most of the work is the same.
        found, key = _of_all_rows(sample), (sides.real.tobytes(), sides.synthetic.tobytes())
        if key not in found:
            found[key] = {which: among(which, positions) for which in PRDC}
        return found[key][name]

    return over


@kept
def _of_all_rows(_sample: EvalSample) -> dict[tuple[bytes, bytes], dict[str, float]]:
    """The four of each comparison so far."""
    return {}


_neighbours = partial(metric, "similarity", most=2_000, fewest=10, of="vectors")


@_neighbours("higher", title="Precision", percent=True, source=_KYNKAANNIEMI, matters=0.25)
def precision(sample: EvalSample, sides: Comparison, _column: str) -> Statistic:
    """Share of synthetic texts that lie among the real ones in meaning.

    Low means texts unlike any real one.
    """
    return _of_manifolds(sample, sides, "precision")


@_neighbours("higher", title="Recall", percent=True, source=_KYNKAANNIEMI, matters=0.25)
def recall(sample: EvalSample, sides: Comparison, _column: str) -> Statistic:
    """Share of real texts that lie among the synthetic ones in meaning.

    Low means that some kinds of text are never written.
    """
    return _of_manifolds(sample, sides, "recall")


@_neighbours("match", (0.0, 2_000 / NEIGHBOURS), title="Density", source=_NAEEM, matters=0.8)
def density(sample: EvalSample, sides: Comparison, _column: str) -> Statistic:
    """How many real texts lie near a synthetic one, about 1 for real against real.

    More means that the texts are too typical.
    """
    return _of_manifolds(sample, sides, "density")


@_neighbours("higher", title="Coverage", percent=True, source=_NAEEM, matters=0.2)
def coverage(sample: EvalSample, sides: Comparison, _column: str) -> Statistic:
    """Share of real texts with a synthetic text in their neighbourhood of meaning."""
    return _of_manifolds(sample, sides, "coverage")


# ---------------------------------------------------------------------------------- energy distance
@metric(
    "similarity",
    "lower",
    (0.0, 4.0),
    title="Energy distance",
    source="energy distance, 2E|X-Y| - E|X-X'| - E|Y-Y'| (Székely & Rizzo 2013)",
    matters=0.01,
    most=1_500,
    of="vectors",
)
def energy_distance(sample: EvalSample, sides: Comparison, _column: str) -> Statistic:
    """Distance between the two clouds of texts in meaning; 0 is the same cloud."""
    real, synthetic = sample.embedding[sides.real], sample.embedding[sides.synthetic]
    across = np.sqrt(squared_distances(real, synthetic)).mean(axis=0, dtype=np.float64)
    within = float(np.sqrt(squared_distances(real, real)).mean(dtype=np.float64))
    own = np.sqrt(squared_distances(synthetic, synthetic))
    n = len(synthetic)

    def over(positions: Index) -> float:
        m = len(positions)
        among = own[np.ix_(positions, positions)].sum(dtype=np.float64) / max(1, m * (m - 1))
        # As many zeros on the diagonal as all rows have, so that a part is not farther for its size.
        distance = 2 * across[positions].mean() - within - among * (n - 1) / n
        return max(0.0, float(distance)) if m == n else float(distance)

    return over


# ---------------------------------------------------------------------------------------- diversity
def vendi_score(vectors: Vectors) -> float:
    """The effective number of different texts: exp of the entropy of the kernel's eigenvalues.

    Args:
        vectors: Unit vectors, shape (rows, dimensions); the kernel is their cosine.

    Returns:
        Between 1 (all the same) and the smaller of rows and dimensions (Friedman & Dieng 2023).
    """
    rows, dimensions = vectors.shape
    # Both products have the same eigenvalues, the smaller one is quicker.
    gram = vectors @ vectors.T if rows < dimensions else vectors.T @ vectors
    values = np.linalg.eigvalsh(gram.astype(np.float64) / rows)
    values = values[values > 1e-12]
    return float(np.exp(-(values * np.log(values)).sum()))


@metric(
    "diversity",
    "higher",
    (0.0, 1_000.0),
    title="Vendi score",
    source="Vendi score, cosine kernel (Friedman & Dieng 2023), over that of as many real rows",
    matters=0.3,
    most=2_000,
    fewest=10,
    of="vectors",
)
def vendi(sample: EvalSample, sides: Comparison, _column: str) -> Statistic:
    """How many different texts there are in meaning, as a share of that of equally many real rows.

    1 is as diverse.
    """
    real, synthetic = sample.embedding[sides.real], sample.embedding[sides.synthetic]
    expected = cache(lambda rows: vendi_score(real[:rows]))

    def over(positions: Index) -> float:
        n = min(len(real), len(positions))  # the score grows with the number of rows
        return vendi_score(synthetic[positions[:n]]) / expected(n)

    return over


@metric(
    "diversity",
    "match",
    (-1.0, 1.0),
    title="Similarity of pairs",
    source="mean cosine similarity of two texts of one side",
    matters=0.02,
    one_sample=True,
    of="vectors",
)
def pairwise_similarity(sample: EvalSample, sides: Comparison, _column: str) -> Statistic:
    """Mean similarity in meaning of two synthetic texts.

    Higher than among real texts means sameness.
    """
    synthetic = sample.embedding[sides.synthetic]

    def over(positions: Index) -> float:
        chosen = synthetic[positions] if len(positions) > 1 else synthetic
        n = len(chosen)
        total = chosen.sum(axis=0, dtype=np.float64)
        itself = np.square(chosen, dtype=np.float64).sum()
        return float((total @ total - itself) / (n * (n - 1)))

    return over


# ------------------------------------------------------------------------------------------ privacy
@metric(
    "privacy",
    "lower",
    title="Closer to seen rows (DCR)",
    percent=True,
    source="share of rows with a smaller distance to closest record among training than held-out rows",
    matters=0.25,
    most=5_000,
    of="vectors",
)
def dcr_share(sample: EvalSample, sides: Comparison, _column: str) -> Statistic:
    """Share of texts closer to real rows that the model may have seen than to as many others.

    About half is no sign of copying.
    """
    n = min(len(sides.real), len(sides.aside))
    if not n:
        raise NotComputable("there are no real rows that may have been shown to compare with")
    synthetic = sample.embedding[sides.synthetic]
    shown, others = (
        nearest(synthetic, sample.embedding[rows[:n]]).round(6)  # so that copies tie
        for rows in (sides.aside, sides.real)
    )
    return mean_of((shown > others) + 0.5 * (shown == others), "a text")
