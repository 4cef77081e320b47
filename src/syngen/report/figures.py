"""Build pictures with the words that belong to them: charts, a caption and a table of the numbers.

The caption is under the chart and part of its text alternative; the table opens on request, so nothing
is shown by a picture alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median
from typing import Any

from syngen.report import charts
from syngen.text.format import listed, number
from syngen.types import Confusion, Curve, Distribution, Family, Pictures, Point

_MOST_LABELS = 12
_MOST_REASONS = 6
_DAY = 86_400

# `id` on the page, `title`, `caption` (a sentence with numbers), `charts` (one, or two next to each other, each with
# its `id`, Vega-Lite `spec`, text alternative `alt` and `heading`), `header` and `rows` of the table of numbers, and
# how many cells of a row, from the first, are `names`.
Figure = dict[str, Any]


def figures(pictures: Pictures) -> dict[Family, list[Figure]]:
    """Build all figures, by the family of scores that they belong to."""
    drift = [_confusion(picture, i) for i, picture in enumerate(pictures.confusions, 1)]
    drift += [_curve(picture, i) for i, picture in enumerate(pictures.curves, 1)]
    similarity = [_distribution(picture, i) for i, picture in enumerate(pictures.distributions, 1)]
    if pictures.points:
        similarity.append(_text_map(pictures.points, pictures.map_note))
    count = [_funnel(pictures.funnel)] if pictures.funnel else []
    return {"count": count, "drift": drift, "similarity": similarity}


def _figure(
    place: str,
    title: str,
    caption: str,
    drawn: Sequence[tuple[charts.Spec, str, str]],
    table: Sequence[Sequence[str]],
    names: int = 1,
) -> Figure:
    """Put a figure together.

    Args:
        drawn: Its charts, each with a phrase that says what it shows and the side of it, empty where it shows both.
        table: The header and the rows of the table of its numbers.
    """
    drawings = [
        {
            "id": f"chart-{place}-{side}" if side else f"chart-{place}",
            "spec": spec,
            "alt": f"{phrase}. {caption}",
            "heading": f"{side.capitalize()} rows" if side else "",
        }
        for spec, phrase, side in drawn
    ]
    known = {"id": place, "title": title, "caption": caption, "charts": drawings}
    return {**known, "header": table[0], "rows": table[1:], "names": names}


def _share(value: float) -> str:
    return number(value, percent=True)


def _range(low: float, high: float) -> str:
    return f"{_share(low)} to {_share(high)}"


# -------------------------------------------------------------------------------- distributions
def _distribution(picture: Distribution, index: int) -> Figure:
    """Real over synthetic of one column."""
    discrete = picture.kind == "discrete"
    names = picture.labels if discrete else _bins(picture)
    sides = zip(names, picture.synthetic, picture.real, picture.low, picture.high, strict=True)
    bars: list[charts.Spec] = [
        {
            "name": name,
            "synthetic": synthetic,
            "real": real,
            "low": low,
            "high": high,
            "synthetic_text": _share(synthetic),
            "real_text": charts.within(real, low, high),
        }
        for name, synthetic, real, low, high in sides
    ]
    widest = max(bars, key=lambda bar: abs(bar["synthetic"] - bar["real"]))
    outside = sum(not bar["low"] <= bar["synthetic"] <= bar["high"] for bar in bars)
    chart = charts.discrete(bars) if discrete else charts.numeric(bars, picture.edges, time=picture.time)
    header = ("value" if discrete else "from – to", "synthetic", "real", "95% of real samples")
    rows = [
        (bar["name"], bar["synthetic_text"], _share(bar["real"]), _range(bar["low"], bar["high"]))
        for bar in bars
    ]
    return _figure(
        f"distribution-{index}",
        picture.title,
        f"Widest gap at {widest['name']}: {widest['synthetic_text']} of synthetic rows,"
        f" {_share(widest['real'])} of real rows. {outside} of {len(bars)} bars lie outside the range of real"
        " samples.",
        [(chart, f"Bars of {picture.title}, synthetic compared with real", "")],
        [header, *rows],
    )


def _bins(picture: Distribution) -> tuple[str, ...]:
    """Each bin of a numeric distribution in words."""
    edges = picture.edges
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
def _text_map(points: Sequence[Point], note: str) -> Figure:
    """Texts by meaning; the table counts and places each label."""
    header = ("label", "real texts", "synthetic texts", "middle of real (x, y)", "middle of synthetic (x, y)")
    rows = []
    for label, _ in Counter(point.label or "all" for point in points).most_common(_MOST_LABELS):
        sides = [
            [point for point in points if point.side == side and (point.label or "all") == label]
            for side in ("real", "synthetic")
        ]
        middles = [
            f"{number(median(p.x for p in side))}, {number(median(p.y for p in side))}" if side else "–"
            for side in sides
        ]
        rows.append((label, *(f"{len(side):,}" for side in sides), *middles))
    phrase = "Map of texts in two dimensions; the table gives the middle of each label"
    return _figure("map", "Map of texts", note, [(charts.text_map(points), phrase, "")], [header, *rows])


# ---------------------------------------------------------------------------------------- drift
def _confusion(picture: Confusion, index: int) -> Figure:
    """Real rows next to synthetic ones; classes that are numbers in their order."""
    order = list(range(len(picture.labels)))
    if all(re.fullmatch(r"-?\d+(\.\d+)?", label) for label in picture.labels):
        order.sort(key=lambda i: float(picture.labels[i]))
    labels = [picture.labels[i] for i in order]
    real, synthetic = (
        [[matrix[i][j] for j in order] for i in order] for matrix in (picture.real, picture.synthetic)
    )
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
    drawn = [
        (charts.confusion(labels, matrix), f"Confusion matrix of {picture.column}, {side} rows", side)
        for side, matrix in (("real", real), ("synthetic", synthetic))
    ]
    rows = [
        (labels[i], labels[j], _share(synthetic[i][j]), _share(real[i][j]))
        for i, j in pairs
        if i == j or max(synthetic[i][j], real[i][j]) >= 0.005
    ]
    title = f"What the texts are taken for: {picture.column}"
    table = [("meant as", "taken for", "synthetic", "real"), *rows]
    return _figure(f"confusion-{index}", title, caption, drawn, table, names=2)


def _curve(picture: Curve, index: int) -> Figure:
    """On the category over the course of a run."""
    points = zip(picture.x, picture.y, picture.low, picture.high, strict=True)
    return _figure(
        f"curve-{index}",
        f"Share on the category, {picture.title}",
        f"On the category at the start: {_share(picture.y[0])} of rows; at the end: {_share(picture.y[-1])}; "
        f"of real rows: {_share(picture.real)}.",
        [(charts.curve(picture), f"Line of the share of rows on the category, {picture.title}", "")],
        [
            ("at", "on the category", "95% interval"),
            *((number(x), _share(y), _range(low, high)) for x, y, low, high in points),
        ],
    )


# ---------------------------------------------------------------------------------------- count
def _funnel(rows_left: Mapping[str, int]) -> Figure:
    """From asked to accepted, with the reasons of rejection: those have a point in their code."""
    steps = {step: rows for step, rows in rows_left.items() if "." not in step}
    rejected = {code: rows for code, rows in rows_left.items() if "." in code}
    caption = " → ".join(f"{step} {rows:,}" for step, rows in steps.items()) + "."
    if rejected:
        reasons = [f"{count:,} {code}" for code, count in rejected.items()]
        caption += f" Rejected: {listed(reasons, _MOST_REASONS)}."

    def rows() -> Iterator[tuple[str, str, str]]:
        for (step, count), before in zip(steps.items(), [0, *steps.values()], strict=False):
            yield step, f"{count:,}", _share(count / before) if before else ""
        for code, count in rejected.items():
            yield f"rejected: {code}", f"{count:,}", ""

    return _figure(
        "funnel",
        "From asked to accepted",
        caption,
        [(charts.funnel(steps), "Bars of rows left after each step", "")],
        [("step", "rows", "of the step before"), *rows()],
    )
