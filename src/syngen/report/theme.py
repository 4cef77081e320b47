"""Define the colours of the report, light and dark, and the look of its charts.

Charts name colours as CSS variables, so that the theme changes without drawing them again. The tests
hold every pair of text and ground to a contrast of 4.5, and every mark to 3 (WCAG 2.2, AA).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Each colour's light form and its dark one, by name.
PALETTE: Mapping[str, tuple[str, str]] = {
    "ground": ("#f5f6f8", "#12151a"),
    "paper": ("#ffffff", "#1a1f26"),
    "sunken": ("#eef0f3", "#232932"),
    "ink": ("#1a2029", "#e8ebf0"),
    "muted": ("#55606e", "#a6b0bd"),
    "line": ("#dce0e6", "#343c47"),
    "strong-line": ("#848e9b", "#727d8b"),
    "link": ("#2447b8", "#9db4ff"),
    "real": ("#2c333d", "#e3e7ed"),
    "synthetic": ("#4568d8", "#7f9bf7"),
    "band": ("#98a3b1", "#76818f"),
    "heat": ("#2547b0", "#7088eb"),
    "heat-ink": ("#ffffff", "#000000"),
    "heat-low-ink": ("#000000", "#ffffff"),
    "good": ("#17703f", "#63cf95"),
    "good-ground": ("#e6f4ec", "#16301f"),
    "warning": ("#8a5300", "#efbb5f"),
    "warning-ground": ("#fcf1dc", "#352a13"),
    "bad": ("#b42318", "#ff958a"),
    "bad-ground": ("#fdecea", "#3b1d1b"),
    "unknown": ("#525d6b", "#a9b3c0"),
    "unknown-ground": ("#eceff3", "#262d36"),
    "mark": ("#ffe08a", "#6b5200"),
}

FONT = (
    'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", '
    "Arial, sans-serif"
)


def variables(theme: int) -> str:
    """Return the CSS declarations of the colours: of the light theme (0) or the dark one (1)."""
    scheme = ("light", "dark")[theme]
    colours = " ".join(f"--{name}: {pair[theme]};" for name, pair in PALETTE.items())
    return f"color-scheme: {scheme}; {colours}"


def vega_config() -> dict[str, Any]:
    """Return the look that charts share; screen readers get the text alternatives instead of single marks."""
    text = {"labelColor": "var(--muted)", "titleColor": "var(--muted)"}
    fonts = {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal"}
    return {
        "aria": False,
        "background": "transparent",
        "font": FONT,
        "padding": 2,
        "view": {"stroke": None},
        "axis": {
            **text,
            **fonts,
            "domainColor": "var(--strong-line)",
            "tickColor": "var(--strong-line)",
            "gridColor": "var(--line)",
            "labelLimit": 130,
            "labelOverlap": True,
            "tickSize": 4,
            "titlePadding": 8,
        },
        "text": {"fill": "var(--ink)", "fontSize": 12},
    }
