"""Format target, reference and achieved distribution of each control as aligned lines of text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from syngen.types import ControlOutcome, Diversity, DiversityOutcome, Outcome, Spread

WIDTH = 26  # of a histogram
_BARS = "▁▂▃▄▅▆▇█"
_MARGIN, _SIDE, _NUMBER = 12, 10, 7  # columns
_NAMES = {
    "top_opening_share": "commonest opening",
    "distinct_openings_share": "distinct openings",
    "near_duplicate_share": "near duplicates",
}


def lines(found: Sequence[Outcome]) -> list[str]:
    """Format a block of lines for each control that was set; for diversity a line for each number."""
    asked = [each for each in found if each.asked]
    if not asked:
        return []
    formatted = [
        f"{'':{_MARGIN + _SIDE}}" + "".join(f"{q:>{_NUMBER}}" for q in ("5%", "25%", "50%", "75%", "95%"))
    ]
    for each in asked:
        formatted += _diversity(each) if isinstance(each, DiversityOutcome) else _spreads(each)
    return [line.rstrip() for line in formatted]


def histogram(shares: Sequence[float], width: int) -> str:
    """Draw shares as block characters, the largest as a full block; neighbouring bins are merged to fit the width.

    Args:
        shares: A share per bin. One above 0 is visible, however small.
        width: Maximum number of characters.
    """
    each = -(-len(shares) // width) if shares else 1
    bins = [sum(shares[i : i + each]) for i in range(0, len(shares), each)]
    top = max(bins, default=0.0)
    return "".join(" " if share <= 0 else _BARS[min(7, int(share / top * 8))] for share in bins)


def _spreads(found: ControlOutcome) -> list[str]:
    sides = [("real", found.real), ("target", found.wanted)]
    if found.got is not None:
        sides.append(("achieved", found.got))
    formatted = [f"{found.control} ({found.unit}): {found.setting}"]
    formatted += [f"{'':{_MARGIN}}{name:{_SIDE}}{_side(found, side)}" for name, side in sides]
    if found.real is not None:
        low, high = (f"{edge:g}" for edge in (found.edges[0], found.edges[-1]))
        columns = len(histogram(found.real.shares, WIDTH))
        formatted.append(
            f"{'':{_MARGIN + _SIDE + 5 * _NUMBER + 2}}{low}{high:>{max(columns - len(low), len(high) + 1)}}"
        )
    kept = _kept(found)
    return [*formatted, f"{'':{_MARGIN}}{kept}"] if kept else formatted


def _side(found: ControlOutcome, side: Spread | None) -> str:
    if side is None:
        return "none: no text has such a number"
    digits = 0 if found.unit == "words" else 1
    numbers = "".join(f"{value:{_NUMBER}.{digits}f}" for value in side.quantiles)
    return f"{numbers}  {histogram(side.shares, WIDTH)}"


def _kept(found: ControlOutcome) -> str:
    """Describe how close the achieved values are to their targets, or why that is not known."""
    parts = []
    if found.ks is not None:
        parts.append(f"KS {found.ks:.2f}")
    if found.within is not None:
        slack = "10% (3 words when short)" if found.unit == "words" else "1.5 grades"
        parts.append(f"{found.within:.0%} of the rows within {slack} of their own target")
    if found.correlation is not None:
        parts.append(f"rank correlation {found.correlation:.2f}")
    if found.why_not:
        parts.append(found.why_not)
    return ", ".join(parts)


def _diversity(found: DiversityOutcome) -> list[str]:
    formatted = [f"diversity: {found.setting}, {found.aim}; each number of {found.n:,} texts"]
    if found.why_not:
        formatted[0] += f"; {found.why_not}"
    return formatted + [
        f"{'':{_MARGIN}}{_NAMES.get(number.name, number.name.replace('_', ' ')):18}{', '.join(_numbers(number))}"
        for number in found.numbers
    ]


def _numbers(number: Diversity) -> Iterable[str]:
    for name, value in (("real", number.real), ("target", number.wanted), ("achieved", number.got)):
        if value is not None:
            shown = f"{value:.1%}" if number.name.endswith("_share") else f"{value:.1f}"
            yield f"{name} {shown}"
