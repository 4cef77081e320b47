"""Collect the data behind the pictures of a report, which the report draws."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from syngen.evaluation.metrics import drift
from syngen.evaluation.metrics.form import grades, word_counts
from syngen.evaluation.metrics.registry import NotComputable
from syngen.evaluation.neighbours import neighbours
from syngen.evaluation.sample import EvalSample
from syngen.evaluation.splits import Splits
from syngen.evaluation.synthetic import Synthetic
from syngen.text.embeddings.latent import one_thread
from syngen.text.format import shortened
from syngen.types import Confusion, Curve, Distribution, Pictures, Point, Role, generator

MOST_LABELS = 12  # of a discrete column; the others are joined
MOST_BINS = 24
MOST_POINTS = 750  # a side, on the map
FEWEST_POINTS = 20
_LONGEST_TEXT = 160  # characters, of the text of a point
_NEAR_RANGE = (0.005, 0.995)  # quantiles of the real values; what lies outside counts in the outer bins


def pictures(rows: Synthetic, sample: EvalSample, splits: Splits) -> Pictures:
    """The data of all pictures that can be drawn of a comparison."""
    points, note = _map(sample, rows)
    return Pictures(
        distributions=tuple(_distributions(sample)),
        points=points,
        map_note=note,
        confusions=tuple(_confusions(sample, splits)),
        curves=tuple(_curves(sample, splits)),
        neighbours=neighbours(rows, sample),
        funnel=rows.ledger.steps | rows.ledger.reasons if rows.ledger else {},
    )


# ---------------------------------------------------------------------------------- distributions
def _distributions(sample: EvalSample) -> Iterator[Distribution]:
    """Each column that code could plan, then words and grade of each text."""
    for column in sample.profile.columns:
        if column.name in sample.absent:
            continue
        if column.role in (Role.CATEGORY, Role.ORDINAL, Role.BOOLEAN):
            yield _discrete(sample, column.name, by_size=column.role is Role.CATEGORY)
        elif column.role in (Role.COUNT, Role.NUMBER, Role.DATETIME):
            drawn = _numeric(sample, sample.numbers(column.name), column.name, column.name)
            if drawn is not None:
                yield replace(drawn, time=column.role is Role.DATETIME)
    for column in sample.profile.written:
        if column.name in sample.absent:
            continue
        for what, values in (
            ("words", word_counts(sample, column.name)),
            ("grade", grades(sample, column.name)),
        ):
            drawn = _numeric(sample, values, f"{column.name}: {what}", column.name)
            if drawn is not None and (what == "words" or column.role is Role.TEXT):
                yield drawn


def _discrete(sample: EvalSample, column: str, *, by_size: bool) -> Distribution:
    codes, labels = sample.codes(column)
    real = np.bincount(codes[: sample.real], minlength=len(labels))
    synthetic = np.bincount(codes[sample.real :], minlength=len(labels))
    order = sorted(range(len(labels)), key=lambda i: -(real[i] + synthetic[i] / 1e9))
    kept = order[: MOST_LABELS if len(order) <= MOST_LABELS else MOST_LABELS - 1]
    if not by_size:
        kept = sorted(kept, key=lambda i: _rank(labels[i]))
    rest = [i for i in order if i not in kept]
    groups = [[i] for i in kept] + ([rest] if rest else [])
    names = [labels[i] or "(missing)" for i in kept] + (["other"] if rest else [])
    return _shares(
        column,
        column,
        "discrete",
        tuple(names),
        (),
        np.array([real[group].sum() for group in groups]),
        np.array([synthetic[group].sum() for group in groups]),
    )


def _rank(label: str) -> tuple[int, float, str]:
    """Numbers in their order, before words, the missing last."""
    try:
        return (0, float(label), label)
    except ValueError:
        return (1 if label else 2, 0.0, label)


def _numeric(
    sample: EvalSample, values: npt.NDArray[np.floating], title: str, column: str
) -> Distribution | None:
    """A histogram over the range of the real values; None when there is nothing to draw."""
    real, synthetic = values[: sample.real], values[sample.real :]
    real, synthetic = real[np.isfinite(real)], synthetic[np.isfinite(synthetic)]
    if not len(real) or not len(synthetic):
        return None
    low, high = np.quantile(real, _NEAR_RANGE)
    if (real == np.round(real)).all():
        low, high = np.floor(low), np.ceil(high)
        step = max(1, np.ceil((high - low + 1) / MOST_BINS))
        edges = np.arange(low, high + 1 + step, step) - 0.5
    elif high > low:
        edges = np.linspace(low, high, MOST_BINS + 1)
    else:
        edges = np.array([low - 0.5, low + 0.5])
    counts = [
        np.histogram(np.clip(side, edges[0], edges[-1]), edges)[0].astype(np.int64)
        for side in (real, synthetic)
    ]
    return _shares(title, column, "numeric", (), tuple(edges.tolist()), counts[0], counts[1])


def _shares(
    title: str,
    column: str,
    kind: str,
    labels: tuple[str, ...],
    edges: tuple[float, ...],
    real: npt.NDArray[np.int64],
    synthetic: npt.NDArray[np.int64],
) -> Distribution:
    """Counts as shares, with where 95 % of real samples of the synthetic size would lie (normal approximation)."""
    share = real / max(1, real.sum())
    reach = 1.96 * np.sqrt(share * (1 - share) * (1 / max(1, real.sum()) + 1 / max(1, synthetic.sum())))
    return Distribution(
        title=title,
        column=column,
        kind="discrete" if kind == "discrete" else "numeric",
        labels=labels,
        edges=edges,
        real=tuple(share.tolist()),
        synthetic=tuple((synthetic / max(1, synthetic.sum())).tolist()),
        low=tuple(np.maximum(0, share - reach).tolist()),
        high=tuple(np.minimum(1, share + reach).tolist()),
    )


# -------------------------------------------------------------------------------------------- map
def _map(sample: EvalSample, rows: Synthetic) -> tuple[tuple[Point, ...], str]:
    """Where texts lie in two dimensions (t-SNE, van der Maaten & Hinton 2008), and how that was made."""
    if sample.encoder is None:
        return (), "There is no map of the texts without an encoder."
    texts = sample.texts()
    written = np.array([bool(text) for text in texts])
    real = np.flatnonzero(written[: sample.real])
    synthetic = sample.real + np.flatnonzero(written[sample.real :])
    rng = generator(0, "map")
    shown = [np.sort(rng.permutation(side)[:MOST_POINTS]) for side in (real, synthetic)]
    if min(map(len, shown)) < FEWEST_POINTS:
        return (), f"A map needs {FEWEST_POINTS} texts a side."
    chosen = np.concatenate(shown)
    places = _projected(sample.embedding[chosen])
    label = _label_column(sample)
    points = tuple(
        Point(
            x=round(float(x), 3),
            y=round(float(y), 3),
            side="real" if row < sample.real else "synthetic",
            row=_number(sample, rows, int(row)),
            text=shortened(" ".join(texts[row].split()), _LONGEST_TEXT),
            label="" if label is None else str(sample.frame[label][int(row)] or ""),
        )
        for row, (x, y) in zip(chosen, places, strict=True)
    )
    note = f"t-SNE of {sample.encoder.name} embeddings, {len(shown[0])} real and {len(shown[1])} synthetic texts."
    return points, f"{note} Near means alike; the axes mean nothing by themselves."


def _projected(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Two dimensions for each row, the same every time."""
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    with one_thread():
        fewer = PCA(min(50, *vectors.shape), random_state=0).fit_transform(vectors)
        near = TSNE(init="pca", perplexity=min(30, len(fewer) / 4), max_iter=500, random_state=0, n_jobs=1)
        return np.asarray(near.fit_transform(fewer), dtype=np.float32)


def _label_column(sample: EvalSample) -> str | None:
    """What to call a point by: its category, or else its rating."""
    for role in (Role.CATEGORY, Role.ORDINAL):
        for column in sample.profile.with_role(role):
            if column.name not in sample.absent:
                return column.name
    return None


def _number(sample: EvalSample, rows: Synthetic, row: int) -> int:
    """The row number people count by, from 1."""
    if row < sample.real:
        return int(sample.real_rows[row]) + 1
    return rows.numbers[int(sample.synthetic_rows[row - sample.real])]


# ------------------------------------------------------------------------------- drift
def _confusions(sample: EvalSample, splits: Splits) -> Iterator[Confusion]:
    for column in sample.profile.with_role(Role.CATEGORY, Role.ORDINAL):
        matrix = drift.confusion(sample, splits.whole, column.name)
        if not isinstance(matrix, NotComputable):
            yield matrix


def _curves(sample: EvalSample, splits: Splits) -> Iterator[Curve]:
    for by in ("position", "call"):
        curve = drift.curve(sample, splits.whole, by)
        if not isinstance(curve, NotComputable):
            yield curve
