"""Every text can be read on its ground, every mark be seen, in both themes (WCAG 2.2, level AA)."""

from __future__ import annotations

import re

import pytest

from syngen.report import charts
from syngen.report.html import _packaged
from syngen.report.theme import PALETTE, variables

TEXTS = [(ink, ground) for ink in ("ink", "muted", "link") for ground in ("ground", "paper")]
TEXTS += [("ink", "sunken"), ("ink", "mark")]
TEXTS += [(level, "paper") for level in ("good", "warning", "bad", "unknown")]
TEXTS += [("ink", f"{level}-ground") for level in ("good", "warning", "bad", "unknown")]
MARKS = [("real", "paper"), ("synthetic", "paper"), ("strong-line", "paper"), ("real", "synthetic")]
MARKS += [(level, f"{level}-ground") for level in ("good", "warning", "bad", "unknown")]

Colour = tuple[float, float, float]


def colour(name: str, theme: int) -> Colour:
    digits = PALETTE[name][theme].removeprefix("#")
    red, green, blue = (int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))
    return red, green, blue


def luminance(rgb: Colour) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: Colour, b: Colour) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize(("ink", "ground"), TEXTS)
def test_texts_can_be_read(ink: str, ground: str, theme: int):
    assert contrast(colour(ink, theme), colour(ground, theme)) >= 4.5


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize(("mark", "ground"), MARKS)
def test_marks_can_be_seen(mark: str, ground: str, theme: int):
    least = 2 if (mark, ground) == ("real", "synthetic") else 3
    assert contrast(colour(mark, theme), colour(ground, theme)) >= least


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize("percent", range(101))
def test_the_number_in_a_cell_can_be_read_whatever_its_share(percent: int, theme: int):
    share = percent / 100
    opacity = 0.02 + 0.98 * share
    paper, heat = colour("paper", theme), colour("heat", theme)
    mixed = [opacity * h + (1 - opacity) * p for h, p in zip(heat, paper, strict=True)]
    cell: Colour = (mixed[0], mixed[1], mixed[2])
    ink = "heat-ink" if share >= charts._HEAT_INK_FROM else "heat-low-ink"
    assert contrast(colour(ink, theme), cell) >= 4.5


@pytest.mark.parametrize("theme", [0, 1])
def test_every_colour_that_is_used_is_in_the_palette(theme: int):
    used = set()
    for name in ("style.css", "report.html.jinja"):
        used |= set(re.findall(r"var\(--([\w-]+)\)", _packaged(name)))
    assert used <= set(PALETTE)
    assert all(f"--{name}: {pair[theme]};" in variables(theme) for name, pair in PALETTE.items())
