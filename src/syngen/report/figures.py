"""Pictures with the words that belong to them: what a chart shows in a sentence, and its numbers as a table.

Data of `measured.Pictures` in, `Figure`s out. The sentence stands under the chart and is its text
alternative; the table opens on request, so nothing is told by a picture alone.
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
from syngen.text.format import counted, number
from syngen.types import Confusion, Curve, Distribution, Point

MOST_POINTS = 2000  # more make the file large and the map black
_MOST_LABELS = 12
_MOST_CLASSES = 25


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart of a figure.

    Attributes:
        id: Of its place on the page.
        spec: Vega-Lite.
        alt: What it shows, for those who don't see it.
        heading: Over it, when a figure has several.
    """

    id: str
    spec: charts.Spec
    alt: str
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture on the page.

    Attributes:
        id: Of the figure on the page.
        title: Over it.
        caption: What it shows, in a sentence with numbers.
        charts: One, or two side by side.
        header: Of the table of its numbers.
        rows: Of that table.
        names: How many cells of a row, from the first, are names and not numbers.
    """

    id: str
    title: str
    caption: str
    charts: tuple[Chart, ...]
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    names: int = 1


def _share(value: float) -> str:
    return number(value, percent=True)


# -------------------------------------------------------------------------------- distributions
def distribution(picture: Distribution, index: int) -> Figure | None:
    """Real over synthetic of one column; None when there is nothing in it."""
    discrete = picture.kind == "discrete"
    names = picture.labels if discrete else _bins(picture)
    if not names or len(names) != len(picture.real):
        return None
    gaps = [abs(s - r) for s, r in zip(picture.synthetic, picture.real, strict=True)]
    widest = max(range(len(gaps)), key=gaps.__getitem__)
    outside = sum(
        not low <= share <= high
        for share, low, high in zip(picture.synthetic, picture.low, picture.high, strict=True)
    )
    caption = (
        f"Widest gap at {names[widest]}: {_share(picture.synthetic[widest])} of synthetic rows, "
        f"{_share(picture.real[widest])} of real rows. "
        f"{outside} of {len(names)} bars lie outside the range of real samples."
    )
    spec = charts.discrete(picture) if discrete else charts.numeric(picture, names)
    rows = tuple(
        (name, _share(synthetic), _share(real), f"{_share(low)} to {_share(high)}")
        for name, synthetic, real, low, high in zip(
            names, picture.synthetic, picture.real, picture.low, picture.high, strict=True
        )
    )
    alt = f"Bars of {picture.title}, synthetic beside real. {caption}"
    return Figure(
        f"distribution-{index}",
        picture.title,
        caption,
        (Chart(f"chart-distribution-{index}", spec, alt),),
        ("value" if discrete else "from – to", "synthetic", "real", "95 % of real samples"),
        rows,
    )


def _bins(picture: Distribution) -> tuple[str, ...]:
    """Each bin of a numeric distribution in words."""
    edges = picture.edges
    if len(edges) < 2:
        return ()
    if picture.time:
        # Bins of days need no hours, bins of months no days.
        width = (edges[-1] - edges[0]) / (len(edges) - 1)
        style = "%Y-%m" if width > 60 * 86_400 else "%Y-%m-%d" if width > 86_400 else "%Y-%m-%d %H:%M"
        words = [datetime.fromtimestamp(edge, UTC).strftime(style) for edge in edges]
    elif all(start % 1 == 0.5 and end == start + 1 for start, end in pairwise(edges)):
        return tuple(number(start + 0.5) for start in edges[:-1])  # a bin for each whole number
    else:
        words = [number(edge) for edge in edges]
    return tuple(f"{start} – {end}" for start, end in pairwise(words))


# ------------------------------------------------------------------------------------------ map
def text_map(points: Sequence[Point], note: str) -> Figure | None:
    """Texts by meaning; None without points."""
    if not points:
        return None
    shown = _thinned(points)
    sides = Counter(point.side for point in shown)
    thinned = f" Of {len(points):,} texts, {len(shown):,} are drawn." if len(shown) < len(points) else ""
    told = note or (
        f"{counted(sides['real'], 'real text')} and {counted(sides['synthetic'], 'synthetic text')}; texts that "
        "mean alike lie close together."
    )
    caption = told + thinned
    labels = Counter(point.label or "all" for point in shown).most_common(_MOST_LABELS)
    rows = tuple(_place(label, [p for p in shown if (p.label or "all") == label]) for label, _ in labels)
    alt = f"Map of texts in two dimensions. {caption} The table gives the middle of each label."
    header = ("label", "real texts", "synthetic texts", "middle of real (x, y)", "middle of synthetic (x, y)")
    return Figure(
        "map", "Map of texts", caption, (Chart("chart-map", charts.text_map(shown), alt),), header, rows
    )


def _thinned(points: Sequence[Point]) -> list[Point]:
    """Every k-th point, so that both sides keep their share."""
    step = -(-len(points) // MOST_POINTS)
    by_side = sorted(points, key=lambda point: point.side)
    return by_side[::step]


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
    """Real beside synthetic; None without classes."""
    if not picture.labels:
        return None
    among = len(picture.labels)
    picture = _chosen(picture)
    labels = picture.labels
    kept = []
    for matrix in (picture.real, picture.synthetic):
        right = [matrix[i][i] for i in range(len(labels)) if sum(matrix[i]) > 0]  # labels that occur
        kept.append(sum(right) / max(1, len(right)))
    mistakes = [
        (picture.synthetic[i][j] - picture.real[i][j], i, j)
        for i in range(len(labels))
        for j in range(len(labels))
        if i != j
    ]
    caption = (
        f"A classifier trained on real rows reads the text and names the {picture.column}. Mean over the "
        f"classes, it is right for {_share(kept[0])} of real rows and {_share(kept[1])} of synthetic rows."
    )
    if mistakes and max(mistakes)[0] > 0:
        _, i, j = max(mistakes)
        caption += (
            f" Most added confusion: {labels[i]} taken for {labels[j]} in {_share(picture.synthetic[i][j])} of "
            f"its synthetic rows, {_share(picture.real[i][j])} of its real rows."
        )
    if len(labels) < among:
        caption += f" The {len(labels)} most common of {among} classes are shown."
    return Figure(
        f"confusion-{index}",
        f"What the texts are taken for: {picture.column}",
        caption,
        tuple(
            Chart(
                f"chart-confusion-{index}-{side}",
                charts.confusion(labels, matrix),
                f"Confusion matrix of {picture.column}, {side} rows. {caption}",
                f"{side.capitalize()} rows",
            )
            for side, matrix in (("real", picture.real), ("synthetic", picture.synthetic))
        ),
        ("meant as", "taken for", "synthetic", "real"),
        tuple(
            (labels[i], labels[j], _share(picture.synthetic[i][j]), _share(picture.real[i][j]))
            for i in range(len(labels))
            for j in range(len(labels))
            if i == j or max(picture.synthetic[i][j], picture.real[i][j]) >= 0.005
        ),
        names=2,
    )


def _chosen(picture: Confusion) -> Confusion:
    """The most common classes; those that are numbers in their order."""
    chosen = list(range(len(picture.labels)))[:_MOST_CLASSES]
    if all(re.fullmatch(r"-?\d+(\.\d+)?", label) for label in picture.labels):
        chosen.sort(key=lambda i: float(picture.labels[i]))

    def cut(matrix: Sequence[Sequence[float]]) -> tuple[tuple[float, ...], ...]:
        return tuple(tuple(matrix[i][j] for j in chosen) for i in chosen)

    names = tuple(picture.labels[i] for i in chosen)
    return Confusion(picture.column, names, cut(picture.real), cut(picture.synthetic))


def curve(picture: Curve, index: int) -> Figure | None:
    """On the category as the run goes on; None without points."""
    if not picture.x:
        return None
    caption = (
        f"On the category at the start: {_share(picture.y[0])} of rows; at the end: {_share(picture.y[-1])}; "
        f"of real rows: {_share(picture.real)}."
    )
    rows = tuple(
        (number(x), _share(y), f"{_share(low)} to {_share(high)}")
        for x, y, low, high in zip(picture.x, picture.y, picture.low, picture.high, strict=True)
    )
    alt = f"Line of the share of rows on the category, {picture.title}. {caption}"
    chart = Chart(f"chart-curve-{index}", charts.curve(picture), alt)
    header = ("at", "on the category", "95 % interval")
    return Figure(
        f"curve-{index}", f"Share on the category, {picture.title}", caption, (chart,), header, rows
    )


# ---------------------------------------------------------------------------------------- count
def funnel(steps: Mapping[str, int], rejected: Mapping[str, int]) -> Figure | None:
    """From asked to accepted, with the reasons; None when there were no steps."""
    if not steps:
        return None
    values = list(steps.values())
    caption = " → ".join(f"{step} {rows:,}" for step, rows in steps.items()) + "."
    if rejected:
        reasons = sorted(rejected.items(), key=lambda pair: -pair[1])
        caption += " Not taken: " + ", ".join(f"{count:,} {code}" for code, count in reasons[:6])
        caption += f" and {len(reasons) - 6} more reasons." if len(reasons) > 6 else "."
    rows = [
        (step, f"{count:,}", "" if before is None or not before else _share(count / before))
        for (step, count), before in zip(steps.items(), [None, *values[:-1]], strict=True)
    ]
    rows += [(f"not taken: {code}", f"{count:,}", "") for code, count in rejected.items()]
    chart = Chart("chart-funnel", charts.funnel(steps), f"Bars of rows left after each step. {caption}")
    return Figure(
        "funnel",
        "From asked to accepted",
        caption,
        (chart,),
        ("step", "rows", "of the step before"),
        tuple(rows),
    )
