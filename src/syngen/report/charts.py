"""Build Vega-Lite specifications from the data of a picture.

Everything a row says is in the data, never in a field name or an expression, so that no text of a row
is ever evaluated. Colours are CSS variables (see `theme`), and the look that charts share comes from
the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from syngen.text.format import number
from syngen.types import Curve, Point

Spec = dict[str, Any]

_REAL, _SYNTHETIC, _BAND = "var(--real)", "var(--synthetic)", "var(--band)"
_SHORT_LABEL = 4  # characters of a label that still fits under an upright bar
_MANY_LABELS = 12
_HEAT_INK_FROM = 0.765  # share from which a cell is so strong that its number must change sides
_BARE: Spec = {"domain": False, "ticks": False}  # an axis that is only labels
_SHARES: Spec = {"format": "%", "tickCount": 4, "title": None, **_BARE}


def _chart(height: int, data: Mapping[str, Sequence[Spec]], *layers: Spec) -> Spec:
    """Combine layers into a chart as wide as its place on the page; each layer names its part of the data."""
    size = {"width": "container", "height": height, "autosize": {"type": "fit-x", "contains": "padding"}}
    return {"layer": list(layers), "datasets": dict(data), **size}


def _layer(data: str, mark: str, encoding: Spec, **look: Any) -> Spec:
    return {"data": {"name": data}, "mark": {"type": mark, **look}, "encoding": encoding}


def _value(field: str, **others: Any) -> Spec:
    return {"field": field, "type": "quantitative", **others}


def _name(field: str, **others: Any) -> Spec:
    return {"field": field, "type": "nominal", **others}


def _hover(**titles: str) -> list[Spec]:
    """Fields shown on hover, each under its title."""
    return [_name(field, title=title) for field, title in titles.items()]


def within(value: float, low: float, high: float) -> str:
    """Write a share with the ends of its interval."""
    return f"{number(value, percent=True)} ({number(low, percent=True)} to {number(high, percent=True)})"


def _brief(labels: Sequence[str]) -> bool:
    """Whether labels fit side by side under a picture."""
    return all(len(label) <= _SHORT_LABEL for label in labels)


# -------------------------------------------------------------------------------- distributions
def _shares_on_hover(title: str) -> list[Spec]:
    return _hover(name=title, synthetic_text="synthetic", real_text="real (95% of samples)")


def discrete(bars: Sequence[Spec]) -> Spec:
    """Bars by label: synthetic as bars, real as a tick, the range of real samples as a band.

    Args:
        bars: Of each its `name`, the shares `synthetic` and `real`, the ends `low` and `high` of the range of
            real samples, and the texts `synthetic_text` and `real_text` for the hover.
    """
    upright = _brief([bar["name"] for bar in bars]) and len(bars) <= _MANY_LABELS
    along, across, thick = ("x", "y", "width") if upright else ("y", "x", "height")
    axis = {"grid": False, "labelAngle": 0} if upright else {"grid": False}
    labels = {along: _name("name", sort=None, title=None, axis=axis)}

    def layer(mark: str, value: Spec, band: float, **look: Any) -> Spec:
        return _layer("rows", mark, labels | value, **look, **{thick: {"band": band}})

    return _chart(
        190 if upright else max(120, 24 * len(bars)),
        {"rows": bars},
        layer("bar", {across: _value("synthetic", axis=_SHARES)}, 0.62, color=_SYNTHETIC),
        layer(
            "bar", {across: _value("low"), f"{across}2": {"field": "high"}}, 0.9, color=_BAND, opacity=0.55
        ),
        layer("tick", {across: _value("real")}, 0.9, color=_REAL, opacity=1, thickness=2.5),
        _layer("rows", "rect", labels | {"tooltip": _shares_on_hover("value")}, fill=_BAND, fillOpacity=0),
    )


def numeric(bars: Sequence[Spec], edges: Sequence[float], *, time: bool) -> Spec:
    """Bars between edges, real as a stepped line over them, the range of real samples as a band.

    Args:
        bars: As above; the name is the bin in words.
        edges: One more than bars.
        time: Whether the edges are points in time, in seconds.
    """
    edges = [edge * (1000.0 if time else 1.0) for edge in edges]  # Vega counts milliseconds
    # A step needs its last height again at the last edge.
    steps = [{"from": edge, **bar} for edge, bar in zip(edges, [*bars, bars[-1]], strict=True)]
    bars = [step | {"to": end, "zero": 0} for step, end in zip(steps, edges[1:], strict=False)]
    start = {"field": "from", "type": "temporal" if time else "quantitative"}
    limits: Spec = {"nice": False, **({"type": "utc"} if time else {"zero": False})}
    bar_between = {"x": start, "x2": {"field": "to"}}
    # Only one layer may say how the shared scale runs.
    first = bar_between | {
        "x": {**start, "axis": {"grid": False, "title": None, "tickCount": 5}, "scale": limits}
    }
    height = {"y": _value("synthetic", axis=_SHARES), "y2": {"field": "zero"}}
    band = {"x": start, "y": _value("low"), "y2": {"field": "high"}}
    line = {"x": start, "y": _value("real")}
    stepped = {"interpolate": "step-after"}
    tips = {"tooltip": _shares_on_hover("from – to")}
    return _chart(
        190,
        {"bars": bars, "steps": steps},
        _layer("bars", "rect", first | height, fill=_SYNTHETIC, stroke="var(--paper)", strokeWidth=0.6),
        _layer("steps", "area", band, color=_BAND, opacity=0.55, **stepped),
        _layer("steps", "line", line, color=_REAL, strokeWidth=2, **stepped),
        _layer("bars", "rect", bar_between | tips, fill=_BAND, fillOpacity=0),
    )


# ------------------------------------------------------------------------------------------ map
def text_map(points: Sequence[Point]) -> Spec:
    """Every text as a mark: real ones as rings, synthetic ones as diamonds."""
    rows: dict[str, list[Spec]] = {"real": [], "synthetic": []}
    for point in points:
        row = {
            "x": point.x,
            "y": point.y,
            "side": point.side,
            "row": f"{point.side} row {point.row:,}",
            "label": point.label or "–",
            "text": point.text or "(kept out)",
        }
        rows[point.side].append(row)
    scale = {"zero": False, "nice": False, "padding": 10}
    place: Spec = {axis: _value(axis, axis=None, scale=scale) for axis in ("x", "y")}
    place["tooltip"] = _hover(row="row", label="label", text="text")
    # A filled ring is hovered over as a whole.
    ring = {"shape": "circle", "size": 34, "stroke": _REAL, "strokeWidth": 1.2, "fill": _BAND}
    diamond = {"shape": "diamond", "size": 40, "fill": _SYNTHETIC, "stroke": "var(--paper)"}
    return _chart(
        440,
        rows,
        _layer("real", "point", place, **ring, fillOpacity=0.25),
        _layer("synthetic", "point", place, **diamond, strokeWidth=0.5),
    )


# ---------------------------------------------------------------------------------------- drift
def confusion(labels: Sequence[str], matrix: Sequence[Sequence[float]]) -> Spec:
    """A heat map, true class down, predicted class across; cells are numbered while they are few."""
    rows = [
        {
            "true": label,
            "predicted": other,
            "share": share,
            "share_text": number(share, percent=True),
            "cell": f"{share:.0%}" if share >= 0.005 else "",
        }
        for label, line in zip(labels, matrix, strict=True)
        for other, share in zip(labels, line, strict=True)
    ]
    axis = {**_BARE, "labelLimit": 90, "labelOverlap": False}
    angle = 0 if _brief(labels) else -40
    place = {
        "x": _name("predicted", sort=None, axis={**axis, "labelAngle": angle, "title": "taken for"}),
        "y": _name("true", sort=None, axis={**axis, "title": "meant as"}),
    }
    strength = _value("share", legend=None, scale={"domain": [0, 1], "range": [0.02, 1]})
    tips = _hover(true="meant as", predicted="taken for", share_text="share of its rows")
    shaded = place | {"fillOpacity": strength, "tooltip": tips}
    cells = _layer("rows", "rect", shaded, fill="var(--heat)", stroke="var(--line)", strokeWidth=1)
    dark = {"test": f"datum.share >= {_HEAT_INK_FROM}", "value": "var(--heat-ink)"}
    ink = {"text": _name("cell"), "fill": {"condition": dark, "value": "var(--heat-low-ink)"}}
    few = len(labels) <= _MANY_LABELS - 4
    numbers = [_layer("rows", "text", place | ink, tooltip=None)] if few else []
    height = (34 if len(labels) <= 6 else 22) * len(labels) + 10
    return _chart(height, {"rows": rows}, cells, *numbers)


def curve(picture: Curve) -> Spec:
    """Share on the category over the course of a run, with its interval, and a dashed line for real rows."""
    rows = [
        {"x": x, "y": y, "low": low, "high": high, "text": within(y, low, high)}
        for x, y, low, high in zip(picture.x, picture.y, picture.low, picture.high, strict=True)
    ]
    bottom = max(0.0, min(*picture.low, *picture.y, picture.real) - 0.05)
    top = min(1.0, max(*picture.high, *picture.y, picture.real) + 0.05)
    whole = all(at == int(at) for at in picture.x)
    # Only one layer may say how the shared scales run.
    band = {
        "x": _value(
            "x",
            scale={"zero": False, "nice": False, "padding": 8},
            axis={"grid": False, "title": None, "tickMinStep": 1 if whole else 0},
        ),
        "y": _value("low", scale={"domain": [bottom, top], "nice": False}, axis={**_SHARES, "tickCount": 5}),
        "y2": {"field": "high"},
    }
    place = {"x": _value("x"), "y": _value("y")}
    tips = [_value("x", title="at", format=",.4~g"), *_hover(text="on the category")]
    return _chart(
        210,
        {"rows": rows, "real": [{"real": picture.real}]},
        _layer("rows", "area", band, color=_SYNTHETIC, opacity=0.22),
        _layer("real", "rule", {"y": _value("real")}, color=_REAL, strokeDash=[5, 4], strokeWidth=1.6),
        _layer("rows", "line", place, color=_SYNTHETIC, strokeWidth=2),
        _layer("rows", "circle", place | {"tooltip": tips}, color=_SYNTHETIC, size=44, opacity=1),
    )


# ---------------------------------------------------------------------------------------- count
def funnel(steps: Mapping[str, int]) -> Spec:
    """How many rows were left after each step."""
    rows = [{"step": step, "rows": rows, "text": f"{rows:,}"} for step, rows in steps.items()]
    most = max(1, *steps.values())
    place = {
        "y": _name("step", sort=None, title=None, axis={**_BARE, "grid": False}),
        "x": _value("rows", axis=None, scale={"domain": [0, most * 1.12], "nice": False}),
    }
    return _chart(
        34 * len(rows),
        {"rows": rows},
        _layer("rows", "bar", place, color=_SYNTHETIC, height={"band": 0.7}, cornerRadiusEnd=2),
        _layer("rows", "text", place | {"text": _name("text")}, align="left", dx=6),
    )
