"""Collect the data behind the pictures of a report, which the report draws."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from syngen.evaluation.metrics.drift import course
from syngen.evaluation.metrics.form import grades, word_counts
from syngen.evaluation.metrics.predict import reliably_predicted
from syngen.evaluation.metrics.statistic import NotComputable
from syngen.evaluation.neighbours import neighbours
from syngen.evaluation.sample import Codes, Comparison, EvalSample, Index
from syngen.evaluation.splits import Splits
from syngen.text.embeddings.latent import one_thread
from syngen.text.format import shortened
from syngen.types import Confusion, Curve, Distribution, Ledger, Pictures, Point, Role, generator

MOST_LABELS = 12  # of a discrete column, or of a confusion matrix; the others are joined
MOST_BINS = 24
MOST_POINTS = 750  # a side, on the map
FEWEST_POINTS = 20
_LONGEST_TEXT = 160  # characters, of the text of a point
_NEAR_RANGE = (0.005, 0.995)  # quantiles of the real values; what lies outside counts in the outer bins
_CURVE_BINS = 10


def pictures(
    sample: EvalSample, splits: Splits, ledger: Ledger | None, *, real_texts: bool = False
) -> Pictures:
    """The data of all pictures that can be drawn of a comparison.

    Args:
        sample: All rows.
        splits: What is compared with what.
        ledger: Of a run.
        real_texts: Whether texts of real rows may be in it, which not everyone may see who gets the report.
    """
    points, note = _map(sample)
    confusions, curves = [], []
    for column in sample.profile.with_role(Role.CATEGORY, Role.ORDINAL):
        with suppress(NotComputable):
            confusions.append(confusion(sample, splits.whole, column.name))
    for by in ("position", "call"):
        with suppress(NotComputable):
            curves.append(curve(sample, splits.whole, by))
    near = neighbours(sample)
    if not real_texts:
        points = tuple(replace(point, text="") if point.side == "real" else point for point in points)
        near = tuple(replace(pair, real_text="") for pair in near)
    return Pictures(
        real_texts=real_texts,
        distributions=tuple(_distributions(sample)),
        points=points,
        map_note=note,
        confusions=tuple(confusions),
        curves=tuple(curves),
        neighbours=near,
        funnel=ledger.steps | ledger.reasons if ledger else {},
    )


# ---------------------------------------------------------------------------------- distributions
def _distributions(sample: EvalSample) -> Iterator[Distribution]:
    """Each column that code could plan, then words and grade of each text."""
    drawn: list[Distribution | None] = []
    for column in sample.profile.columns:
        name = column.name
        if name in sample.absent:
            continue
        if column.role in (Role.CATEGORY, Role.ORDINAL, Role.BOOLEAN):
            yield _discrete(sample, name, by_size=column.role is Role.CATEGORY)
        elif column.role in (Role.COUNT, Role.NUMBER, Role.DATETIME):
            time = column.role is Role.DATETIME
            drawn = [_numeric(sample, sample.numbers(name), name, name, time=time)]
            yield from filter(None, drawn)
    for column in sample.profile.written:
        name = column.name
        if name not in sample.absent:
            drawn = [_numeric(sample, word_counts(sample, name), f"{name}: words", name)]
            if column.role is Role.TEXT:
                drawn.append(_numeric(sample, grades(sample, name), f"{name}: grade", name))
            yield from filter(None, drawn)


def _discrete(sample: EvalSample, column: str, *, by_size: bool) -> Distribution:
    codes, labels = sample.codes(column)
    real = np.bincount(codes[: sample.real], minlength=len(labels))
    synthetic = np.bincount(codes[sample.real :], minlength=len(labels))
    order = sorted(range(len(labels)), key=lambda i: -(real[i] + synthetic[i] / 1e9))
    shown = order[: MOST_LABELS if len(order) <= MOST_LABELS else MOST_LABELS - 1]
    if not by_size:
        shown = sorted(shown, key=lambda i: _rank(labels[i]))
    names = [labels[i] or "(missing)" for i in shown]
    groups = [[i] for i in shown]
    if rest := [i for i in order if i not in shown]:
        names.append("other")
        groups.append(rest)
    counts = [np.array([side[group].sum() for group in groups]) for side in (real, synthetic)]
    return Distribution(column, column, "discrete", tuple(names), (), **_shares(*counts))


def _rank(label: str) -> tuple[int, float, str]:
    """Numbers in their order, before words, the missing last."""
    try:
        return (0, float(label), label)
    except ValueError:
        return (1 if label else 2, 0.0, label)


def _numeric(
    sample: EvalSample, values: npt.NDArray[np.floating], title: str, column: str, *, time: bool = False
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
    return Distribution(title, column, "numeric", (), tuple(edges.tolist()), **_shares(*counts), time=time)


def _shares(real: Codes, synthetic: Codes) -> dict[str, Any]:
    """Counts as shares, with where 95 % of real samples of the synthetic size would lie (normal approximation)."""
    share = real / max(1, real.sum())
    reach = 1.96 * np.sqrt(share * (1 - share) * (1 / max(1, real.sum()) + 1 / max(1, synthetic.sum())))
    shares = {
        "real": share,
        "synthetic": synthetic / max(1, synthetic.sum()),
        "low": np.maximum(0, share - reach),
        "high": np.minimum(1, share + reach),
    }
    return {name: tuple(values.tolist()) for name, values in shares.items()}


# -------------------------------------------------------------------------------------------- map
def _map(sample: EvalSample) -> tuple[tuple[Point, ...], str]:
    """Where texts lie in two dimensions (t-SNE, van der Maaten & Hinton 2008), and how that was made."""
    if sample.encoder is None:
        return (), "There is no map of the texts without an encoder."
    texts = sample.texts()
    written = np.flatnonzero([bool(text) for text in texts])
    rng = generator(0, "map")
    sides = written[written < sample.real], written[written >= sample.real]
    shown = [np.sort(rng.permutation(side)[:MOST_POINTS]) for side in sides]
    if min(map(len, shown)) < FEWEST_POINTS:
        return (), f"A map needs {FEWEST_POINTS} texts a side."
    chosen = np.concatenate(shown)
    label = _label_column(sample)
    points = tuple(
        Point(
            x=round(float(x), 3),
            y=round(float(y), 3),
            side="real" if row < sample.real else "synthetic",
            row=sample.row_numbers[row],
            text=shortened(" ".join(texts[row].split()), _LONGEST_TEXT),
            label="" if label is None else str(sample.frame[label][row] or ""),
        )
        for row, (x, y) in zip(chosen.tolist(), _projected(sample.embedding[chosen]), strict=True)
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


# ------------------------------------------------------------------------------- drift
def curve(sample: EvalSample, sides: Comparison, by: str) -> Curve:
    """The share of rows on topic over the course of a run.

    Args:
        sample: All rows.
        sides: Their synthetic rows are drawn.
        by: "position" (in the call, from 1) or "call" (in the run, from 1).

    Raises:
        NotComputable: It is not known where the rows came from or whether they are on topic.
    """
    at, on, real = course(sample, sides, by)
    at, on = at[~np.isnan(on)], on[~np.isnan(on)]
    at += 1 - (at.min() if by == "call" else 0)
    steps = np.unique(at)
    if len(steps) <= _CURVE_BINS:
        bins = [np.flatnonzero(at == step) for step in steps]
    else:
        bins = [b for b in np.array_split(np.argsort(at, kind="stable"), _CURVE_BINS) if len(b)]
    low, high = zip(*(_wilson(on[b].sum(), len(b)) for b in bins), strict=True)
    return Curve(
        title="by position in the call" if by == "position" else "by call",
        x=tuple(float(at[b].mean()) for b in bins),
        y=tuple(float(on[b].mean()) for b in bins),
        low=low,
        high=high,
        real=real,
    )


def _wilson(hits: float, n: int, z: float = 1.96) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927)."""
    share, square = hits / n, z * z
    centre = (share + square / (2 * n)) / (1 + square / n)
    reach = z * (share * (1 - share) / n + square / (4 * n * n)) ** 0.5 / (1 + square / n)
    return max(0.0, min(share, centre - reach)), min(1.0, max(share, centre + reach))


def confusion(sample: EvalSample, sides: Comparison, column: str) -> Confusion:
    """What texts are taken for, class by class: all real rows against the synthetic ones.

    Args:
        sample: All rows.
        sides: Their synthetic rows are counted.
        column: A category, an ordinal or a boolean. Of more than 12 classes the rarest are joined.

    Raises:
        NotComputable: The texts of real rows don't predict the column.
    """
    predicted = reliably_predicted(sample, column)
    classes = predicted.classes
    shown = len(classes) if len(classes) <= MOST_LABELS else MOST_LABELS - 1
    labels = (*classes[:shown], *(["other"] if shown < len(classes) else []))

    def shares(rows: Index) -> tuple[tuple[float, ...], ...]:
        stated, guess = predicted.stated[rows], predicted.guess[rows]
        known = (stated >= 0) & (guess >= 0)
        counts = np.zeros((len(labels), len(labels)))
        np.add.at(counts, (np.minimum(stated[known], shown), np.minimum(guess[known], shown)), 1)
        total = np.maximum(1, counts.sum(axis=1, keepdims=True))
        return tuple(map(tuple, (counts / total).tolist()))

    return Confusion(column, labels, shares(np.arange(sample.real)), shares(sides.synthetic))
