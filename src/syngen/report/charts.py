"""Pictures as Vega-Lite specifications, built with Altair: the data of one picture in, a spec out.

Everything a row says stands in the data, never in a field name or an expression, so that no text of a
row is ever evaluated. Colours are CSS variables (see `theme`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from syngen.text.format import number, shortened
from syngen.types import Curve, Distribution, Point

if TYPE_CHECKING:
    import altair as alt

Spec = dict[str, Any]
_REAL, _SYNTHETIC, _BAND = "var(--real)", "var(--synthetic)", "var(--band)"
_SHORT_LABEL = 4  # characters of a label that still fits under an upright bar
_MANY_LABELS = 12
_LONG_TEXT = 220  # characters of a text shown on hover
_HEAT_INK_FROM = 0.765  # share from which a cell is so strong that its number must change sides


def _spec(height: int, *layers: alt.Chart) -> Spec:
    """Layers as one chart, as wide as its place on the page; the shared config comes from the page."""
    import altair as alt

    spec: Spec = alt.layer(*layers).properties(width="container", height=height).to_dict()
    spec.pop("$schema")
    spec.pop("config", None)
    return {**spec, "autosize": {"type": "fit-x", "contains": "padding"}}


def _data(rows: Sequence[Mapping[str, Any]]) -> alt.InlineData:
    import altair as alt

    return alt.InlineData(values=[dict(row) for row in rows])


def _brief(labels: Sequence[str]) -> bool:
    """Whether labels fit side by side under a picture."""
    return all(len(label) <= _SHORT_LABEL for label in labels)


# -------------------------------------------------------------------------------- distributions
def discrete(picture: Distribution) -> Spec:
    """Bars by label: synthetic as bars, real as a tick, what real samples vary by as a band."""
    import altair as alt

    rows = [
        {
            "label": label,
            "synthetic": synthetic,
            "real": real,
            "low": low,
            "high": high,
            "synthetic_text": number(synthetic, percent=True),
            "real_text": f"{number(real, percent=True)} ({number(low, percent=True)} to "
            f"{number(high, percent=True)})",
        }
        for label, synthetic, real, low, high in zip(
            picture.labels, picture.synthetic, picture.real, picture.low, picture.high, strict=True
        )
    ]
    upright = _brief(picture.labels) and len(picture.labels) <= _MANY_LABELS
    tips = [
        alt.Tooltip("label:N", title="value"),
        alt.Tooltip("synthetic_text:N", title="synthetic"),
        alt.Tooltip("real_text:N", title="real (95 % of samples)"),
    ]
    shares = alt.Axis(format="%", tickCount=4, title=None, domain=False, ticks=False)
    base = alt.Chart(_data(rows))
    if upright:
        names = alt.X("label:N", sort=None, title=None, axis=alt.Axis(labelAngle=0, grid=False))
        base = base.encode(x=names)
        layers = [
            base.mark_bar(color=_SYNTHETIC, width={"band": 0.62}).encode(y=alt.Y("synthetic:Q", axis=shares)),
            base.mark_bar(color=_BAND, opacity=0.55, width={"band": 0.9}).encode(y="low:Q", y2="high:Q"),
            base.mark_tick(color=_REAL, opacity=1, thickness=2.5, width={"band": 0.9}).encode(y="real:Q"),
        ]
        height = 190
    else:
        names_down = alt.Y("label:N", sort=None, title=None, axis=alt.Axis(grid=False))
        base = base.encode(y=names_down)
        layers = [
            base.mark_bar(color=_SYNTHETIC, height={"band": 0.62}).encode(
                x=alt.X("synthetic:Q", axis=shares)
            ),
            base.mark_bar(color=_BAND, opacity=0.55, height={"band": 0.9}).encode(x="low:Q", x2="high:Q"),
            base.mark_tick(color=_REAL, opacity=1, thickness=2.5, height={"band": 0.9}).encode(x="real:Q"),
        ]
        height = max(120, 24 * len(rows))
    hover = base.mark_rect(fillOpacity=0, fill=_BAND).encode(tooltip=tips)
    return _spec(height, *layers, hover)


def numeric(picture: Distribution, bins: Sequence[str]) -> Spec:
    """Bars between edges, real as a stepped line over them, what real samples vary by as a band.

    Args:
        bins: Each bin in words, for the hover text.
    """
    import altair as alt

    scale = 1000.0 if picture.time else 1.0  # Vega counts milliseconds
    edges = [edge * scale for edge in picture.edges]
    bars = [
        {
            "from": start,
            "to": end,
            "zero": 0,
            "synthetic": synthetic,
            "bin": words,
            "synthetic_text": number(synthetic, percent=True),
            "real_text": f"{number(real, percent=True)} ({number(low, percent=True)} to "
            f"{number(high, percent=True)})",
        }
        for start, end, words, synthetic, real, low, high in zip(
            edges[:-1],
            edges[1:],
            bins,
            picture.synthetic,
            picture.real,
            picture.low,
            picture.high,
            strict=True,
        )
    ]
    # A step needs its last height again at the last edge.
    steps = [
        {"from": edge, "real": real, "low": low, "high": high}
        for edge, real, low, high in zip(
            edges,
            [*picture.real, picture.real[-1]],
            [*picture.low, picture.low[-1]],
            [*picture.high, picture.high[-1]],
            strict=True,
        )
    ]
    axis = alt.Axis(grid=False, title=None, tickCount=5)
    kind = "T" if picture.time else "Q"
    along = alt.Scale(type="utc", nice=False) if picture.time else alt.Scale(zero=False, nice=False)
    y_axis = alt.Axis(format="%", tickCount=4, title=None, domain=False, ticks=False)
    bar_base = alt.Chart(_data(bars)).encode(x=f"from:{kind}", x2="to")
    step_base = alt.Chart(_data(steps)).encode(x=f"from:{kind}")
    tips = [
        alt.Tooltip("bin:N", title="from – to"),
        alt.Tooltip("synthetic_text:N", title="synthetic"),
        alt.Tooltip("real_text:N", title="real (95 % of samples)"),
    ]
    return _spec(
        190,
        bar_base.mark_rect(fill=_SYNTHETIC, stroke="var(--paper)", strokeWidth=0.6).encode(
            # Only one layer may say how the shared scale runs.
            x=alt.X(f"from:{kind}", axis=axis, scale=along),
            y=alt.Y("synthetic:Q", axis=y_axis),
            y2="zero",
        ),
        step_base.mark_area(color=_BAND, opacity=0.55, interpolate="step-after").encode(
            y="low:Q", y2="high:Q"
        ),
        step_base.mark_line(color=_REAL, strokeWidth=2, interpolate="step-after").encode(y="real:Q"),
        bar_base.mark_rect(fillOpacity=0, fill=_BAND).encode(tooltip=tips),
    )


# ------------------------------------------------------------------------------------------ map
def text_map(points: Sequence[Point]) -> Spec:
    """Every text as a mark: real ones as rings, synthetic ones as diamonds."""
    import altair as alt

    rows = [
        {
            "x": round(point.x, 4),
            "y": round(point.y, 4),
            "side": point.side,
            "row": f"{point.side} row {point.row:,}",
            "label": point.label or "–",
            "text": shortened(point.text, _LONG_TEXT),
        }
        for point in points
    ]
    x = alt.X("x:Q", axis=None, scale=alt.Scale(zero=False, nice=False, padding=10))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(zero=False, nice=False, padding=10))
    tips = [
        alt.Tooltip("row:N", title="row"),
        alt.Tooltip("label:N", title="label"),
        alt.Tooltip("text:N", title="text"),
    ]

    def side(name: str, **look: Any) -> alt.Chart:
        values = _data([row for row in rows if row["side"] == name])
        marks: alt.Chart = alt.Chart(values).mark_point(**look).encode(x=x, y=y, tooltip=tips)
        return marks

    return _spec(
        440,
        # A filled ring is hovered over as a whole.
        side("real", shape="circle", size=34, stroke=_REAL, strokeWidth=1.2, fill=_BAND, fillOpacity=0.25),
        side("synthetic", shape="diamond", size=40, fill=_SYNTHETIC, stroke="var(--paper)", strokeWidth=0.5),
    )


# ---------------------------------------------------------------------------------------- drift
def confusion(labels: Sequence[str], matrix: Sequence[Sequence[float]]) -> Spec:
    """A heat map, true class down, predicted class across; cells are numbered while they are few."""
    import altair as alt

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
    across = alt.X(
        "predicted:N",
        sort=None,
        axis=alt.Axis(
            labelAngle=0 if _brief(labels) else -40,
            labelOverlap=False,
            domain=False,
            ticks=False,
            labelLimit=90,
            title="taken for",
        ),
    )
    down = alt.Y(
        "true:N",
        sort=None,
        axis=alt.Axis(domain=False, ticks=False, labelLimit=90, labelOverlap=False, title="meant as"),
    )
    base = alt.Chart(_data(rows)).encode(x=across, y=down)
    cells = base.mark_rect(fill="var(--heat)", stroke="var(--line)", strokeWidth=1).encode(
        fillOpacity=alt.FillOpacity("share:Q", legend=None, scale=alt.Scale(domain=[0, 1], range=[0.02, 1])),
        tooltip=[
            alt.Tooltip("true:N", title="meant as"),
            alt.Tooltip("predicted:N", title="taken for"),
            alt.Tooltip("share_text:N", title="share of its rows"),
        ],
    )
    height = max(34 if len(labels) <= 6 else 22, 10) * len(labels) + 10
    if len(labels) > _MANY_LABELS - 4:
        return _spec(height, cells)
    dark = alt.datum.share >= _HEAT_INK_FROM
    numbers = base.mark_text(tooltip=None).encode(
        text="cell:N",
        fill=alt.condition(dark, alt.value("var(--heat-ink)"), alt.value("var(--heat-low-ink)")),
    )
    return _spec(height, cells, numbers)


def curve(picture: Curve) -> Spec:
    """Share on the category as a run goes on, with its interval, and a dashed line for real rows."""
    import altair as alt

    rows = [
        {
            "x": x,
            "y": y,
            "low": low,
            "high": high,
            "text": f"{number(y, percent=True)} ({number(low, percent=True)} to {number(high, percent=True)})",
        }
        for x, y, low, high in zip(picture.x, picture.y, picture.low, picture.high, strict=True)
    ]
    bottom = max(0.0, min(*picture.low, *picture.y, picture.real) - 0.05)
    top = min(1.0, max(*picture.high, *picture.y, picture.real) + 0.05)
    whole = all(at == int(at) for at in picture.x)
    x_axis = alt.Axis(grid=False, title=None, tickMinStep=1 if whole else 0)
    y_axis = alt.Axis(format="%", tickCount=5, title=None, domain=False, ticks=False)
    y = alt.Y("low:Q", scale=alt.Scale(domain=[bottom, top], nice=False), axis=y_axis)
    base = alt.Chart(_data(rows)).encode(x="x:Q")
    tips = [alt.Tooltip("x:Q", title="at", format=",.4~g"), alt.Tooltip("text:N", title="on the category")]
    real = alt.Chart(_data([{"real": picture.real}])).encode(y="real:Q")
    return _spec(
        210,
        # Only one layer may say how the shared scales run.
        base.mark_area(color=_SYNTHETIC, opacity=0.22).encode(
            x=alt.X("x:Q", scale=alt.Scale(zero=False, nice=False, padding=8), axis=x_axis), y=y, y2="high:Q"
        ),
        real.mark_rule(color=_REAL, strokeDash=[5, 4], strokeWidth=1.6),
        base.mark_line(color=_SYNTHETIC, strokeWidth=2).encode(y="y:Q"),
        base.mark_circle(color=_SYNTHETIC, size=44, opacity=1).encode(y="y:Q", tooltip=tips),
    )


# ---------------------------------------------------------------------------------------- count
def funnel(steps: Mapping[str, int]) -> Spec:
    """How many rows were left after each step."""
    import altair as alt

    rows = [{"step": step, "rows": rows, "text": f"{rows:,}"} for step, rows in steps.items()]
    base = alt.Chart(_data(rows)).encode(
        y=alt.Y("step:N", sort=None, title=None, axis=alt.Axis(domain=False, ticks=False, grid=False))
    )
    most = max(steps.values(), default=0)
    x = alt.X("rows:Q", axis=None, scale=alt.Scale(domain=[0, max(most, 1) * 1.12], nice=False))
    return _spec(
        34 * len(rows),
        base.mark_bar(color=_SYNTHETIC, height={"band": 0.7}, cornerRadiusEnd=2).encode(x=x),
        base.mark_text(align="left", dx=6).encode(x=x, text="text:N"),
    )
