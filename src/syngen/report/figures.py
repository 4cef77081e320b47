"""Build pictures with the words that belong to them: charts, a caption and a table of the numbers.

The caption is under the chart and part of its text alternative; the table opens on request, so nothing
is shown by a picture alone. A picture without data gives None.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median

from syngen.report import charts
from syngen.text.format import counted, listed, number
from syngen.types import Confusion, Curve, Distribution, Point

MOST_POINTS = 2000  # more make the file large and the map black
_MOST_LABELS = 12
_MOST_CLASSES = 25
_MOST_REASONS = 6
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart of a figure."""

    id: str  # of its place on the page
    spec: charts.Spec
    alt: str  # what it shows, for those who don't see it
    heading: str = ""  # when a figure has several


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture on the page."""

    id: str
    title: str
    caption: str  # what it shows, in a sentence with numbers
    charts: tuple[Chart, ...]  # one, or two side by side
    header: tuple[str, ...]  # of the table of its numbers
    rows: tuple[tuple[str, ...], ...]
    names: int = 1  # how many cells of a row, from the first, are names and not numbers


def _share(value: float) -> str:
    return number(value, percent=True)


def _figure(
    place: str,
    title: str,
    caption: str,
    spec: charts.Spec,
    alt: str,
    header: Sequence[str],
    rows: Sequence[tuple[str, ...]],
) -> Figure:
    """A figure of one chart; its text alternative is a phrase and the caption."""
    chart = Chart(f"chart-{place}", spec, f"{alt}. {caption}")
    return Figure(place, title, caption, (chart,), tuple(header), tuple(rows))


# -------------------------------------------------------------------------------- distributions
def distribution(picture: Distribution, index: int) -> Figure | None:
    """Real over synthetic of one column."""
    discrete = picture.kind == "discrete"
    names = picture.labels if discrete else _bins(picture)
    if not names or len(names) != len(picture.real):
        return None
    bars = list(zip(names, picture.synthetic, picture.real, picture.low, picture.high, strict=True))
    widest, synthetic, real, *_ = max(bars, key=lambda bar: abs(bar[1] - bar[2]))
    outside = sum(not low <= share <= high for _, share, _, low, high in bars)
    caption = (
        f"Widest gap at {widest}: {_share(synthetic)} of synthetic rows, {_share(real)} of real rows. "
        f"{outside} of {len(names)} bars lie outside the range of real samples."
    )
    return _figure(
        f"distribution-{index}",
        picture.title,
        caption,
        charts.discrete(picture) if discrete else charts.numeric(picture, names),
        f"Bars of {picture.title}, synthetic compared with real",
        ("value" if discrete else "from – to", "synthetic", "real", "95% of real samples"),
        [
            (name, _share(synthetic), _share(real), f"{_share(low)} to {_share(high)}")
            for name, synthetic, real, low, high in bars
        ],
    )


def _bins(picture: Distribution) -> tuple[str, ...]:
    """Each bin of a numeric distribution in words."""
    edges = picture.edges
    if len(edges) < 2:
        return ()
    if picture.time:
        # Bins of days need no hours, bins of months no days.
        width = (edges[-1] - edges[0]) / (len(edges) - 1)
        style = "%Y-%m" if width > 60 * _DAY else "%Y-%m-%d" if width > _DAY else "%Y-%m-%d %H:%M"
        words = [datetime.fromtimestamp(edge, UTC).strftime(style) for edge in edges]
    elif all(start % 1 == 0.5 and end == start + 1 for start, end in pairwise(edges)):
        return tuple(number(start + 0.5) for start in edges[:-1])  # a bin for each whole number
    else:
        words = [number(edge) for edge in edges]
    return tuple(f"{start} – {end}" for start, end in pairwise(words))


# ------------------------------------------------------------------------------------------ map
def text_map(points: Sequence[Point], note: str) -> Figure | None:
    """Texts by meaning."""
    if not points:
        return None
    # Every k-th point of each side, so that both keep their share.
    shown = sorted(points, key=lambda point: point.side)[:: -(-len(points) // MOST_POINTS)]
    sides = Counter(point.side for point in shown)
    caption = note or (
        f"{counted(sides['real'], 'real text')} and {counted(sides['synthetic'], 'synthetic text')}; texts "
        "with similar meaning lie close together."
    )
    if len(shown) < len(points):
        caption += f" Of {len(points):,} texts, {len(shown):,} are drawn."
    labels = Counter(point.label or "all" for point in shown).most_common(_MOST_LABELS)
    return _figure(
        "map",
        "Map of texts",
        caption,
        charts.text_map(shown),
        "Map of texts in two dimensions; the table gives the middle of each label",
        ("label", "real texts", "synthetic texts", "middle of real (x, y)", "middle of synthetic (x, y)"),
        [_place(label, [p for p in shown if (p.label or "all") == label]) for label, _ in labels],
    )


def _place(label: str, points: Sequence[Point]) -> tuple[str, ...]:
    """How many points of a label there are, and where."""
    sides = [[point for point in points if point.side == side] for side in ("real", "synthetic")]
    middles = [
        f"{number(median(p.x for p in side))}, {number(median(p.y for p in side))}" if side else "–"
        for side in sides
    ]
    return (label, *(f"{len(side):,}" for side in sides), *middles)


# ---------------------------------------------------------------------------------------- drift
def confusion(picture: Confusion, index: int) -> Figure | None:
    """Real rows next to synthetic ones."""
    if not picture.labels:
        return None
    among = len(picture.labels)
    picture = _chosen(picture)
    labels, real, synthetic = picture.labels, picture.real, picture.synthetic
    pairs = [(i, j) for i in range(len(labels)) for j in range(len(labels))]
    right = []
    for matrix in (real, synthetic):
        occurring = [row[i] for i, row in enumerate(matrix) if sum(row) > 0]
        right.append(sum(occurring) / max(1, len(occurring)))
    caption = (
        f"A classifier trained on real rows reads the text and names the {picture.column}. Mean over the "
        f"classes, it is right for {_share(right[0])} of real rows and {_share(right[1])} of synthetic rows."
    )
    mistakes = [(synthetic[i][j] - real[i][j], i, j) for i, j in pairs if i != j]
    if mistakes and max(mistakes)[0] > 0:
        _, i, j = max(mistakes)
        caption += (
            f" Most added confusion: {labels[i]} taken for {labels[j]} in {_share(synthetic[i][j])} of "
            f"its synthetic rows, {_share(real[i][j])} of its real rows."
        )
    if len(labels) < among:
        caption += f" The {len(labels)} most common of {among} classes are shown."
    sides = tuple(
        Chart(
            f"chart-confusion-{index}-{side}",
            charts.confusion(labels, matrix),
            f"Confusion matrix of {picture.column}, {side} rows. {caption}",
            f"{side.capitalize()} rows",
        )
        for side, matrix in (("real", real), ("synthetic", synthetic))
    )
    rows = tuple(
        (labels[i], labels[j], _share(synthetic[i][j]), _share(real[i][j]))
        for i, j in pairs
        if i == j or max(synthetic[i][j], real[i][j]) >= 0.005
    )
    title = f"What the texts are taken for: {picture.column}"
    header = ("meant as", "taken for", "synthetic", "real")
    return Figure(f"confusion-{index}", title, caption, sides, header, rows, names=2)


def _chosen(picture: Confusion) -> Confusion:
    """The most common classes; those that are numbers in their order."""
    chosen = list(range(len(picture.labels)))[:_MOST_CLASSES]
    if all(re.fullmatch(r"-?\d+(\.\d+)?", label) for label in picture.labels):
        chosen.sort(key=lambda i: float(picture.labels[i]))
    real, synthetic = (
        tuple(tuple(matrix[i][j] for j in chosen) for i in chosen)
        for matrix in (picture.real, picture.synthetic)
    )
    return Confusion(picture.column, tuple(picture.labels[i] for i in chosen), real, synthetic)


def curve(picture: Curve, index: int) -> Figure | None:
    """On the category as the run goes on."""
    if not picture.x:
        return None
    return _figure(
        f"curve-{index}",
        f"Share on the category, {picture.title}",
        f"On the category at the start: {_share(picture.y[0])} of rows; at the end: {_share(picture.y[-1])}; "
        f"of real rows: {_share(picture.real)}.",
        charts.curve(picture),
        f"Line of the share of rows on the category, {picture.title}",
        ("at", "on the category", "95% interval"),
        [
            (number(x), _share(y), f"{_share(low)} to {_share(high)}")
            for x, y, low, high in zip(picture.x, picture.y, picture.low, picture.high, strict=True)
        ],
    )


# ---------------------------------------------------------------------------------------- count
def funnel(rows_left: Mapping[str, int]) -> Figure | None:
    """From asked to accepted, with the reasons of rejection: those have a point in their code."""
    steps = {step: rows for step, rows in rows_left.items() if "." not in step}
    rejected = {code: rows for code, rows in rows_left.items() if "." in code}
    if not steps:
        return None
    caption = " → ".join(f"{step} {rows:,}" for step, rows in steps.items()) + "."
    if rejected:
        reasons = [f"{count:,} {code}" for code, count in rejected.items()]
        caption += f" Rejected: {listed(reasons, _MOST_REASONS)}."
    before = [0, *steps.values()]
    rows = [
        (step, f"{count:,}", _share(count / previous) if previous else "")
        for (step, count), previous in zip(steps.items(), before, strict=False)
    ]
    rows += [(f"rejected: {code}", f"{count:,}", "") for code, count in rejected.items()]
    return _figure(
        "funnel",
        "From asked to accepted",
        caption,
        charts.funnel(steps),
        "Bars of rows left after each step",
        ("step", "rows", "of the step before"),
        rows,
    )
