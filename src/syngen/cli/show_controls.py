"""What the knobs wanted and what came, for people: outcomes come in, aligned lines of plain text go out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from syngen.evaluation.controls import ControlOutcome, Diversity, DiversityOutcome, Outcome, Spread

WIDTH = 26  # of a histogram
_BARS = "▁▂▃▄▅▆▇█"
_MARGIN, _SIDE, _NUMBER = 12, 8, 7  # columns
_NAMES = {
    "topics": "topics",
    "top_opening_share": "commonest opening",
    "distinct_openings_share": "distinct openings",
    "near_duplicate_share": "near duplicates",
    "compression_ratio": "compression ratio",
}


def lines(found: Sequence[Outcome]) -> list[str]:
    """A block of lines for each knob; of diversity a line for each number."""
    told = [
        f"{'':{_MARGIN + _SIDE}}" + "".join(f"{q:>{_NUMBER}}" for q in ("5%", "25%", "50%", "75%", "95%"))
    ]
    for each in found:
        told += _diversity(each) if isinstance(each, DiversityOutcome) else _spreads(each)
    return [line.rstrip() for line in told]


def histogram(shares: Sequence[float], width: int) -> str:
    """A row of block characters, one a bin, the largest full; of more bins than the width neighbours are added up.

    Args:
        shares: Of the bins. One above 0 shows, however small.
        width: Most characters.
    """
    each = -(-len(shares) // width) if shares else 1
    bins = [sum(shares[i : i + each]) for i in range(0, len(shares), each)]
    top = max(bins, default=0.0)
    return "".join(" " if share <= 0 else _BARS[min(7, int(share / top * 8))] for share in bins)


def _spreads(found: ControlOutcome) -> list[str]:
    said = found.setting if found.asked else f"{found.setting}, not asked for: --strategy {found.knob}"
    sides = [("real", found.real), ("wanted", found.wanted)]
    if found.got is not None:
        sides.append(("got", found.got))
    told = [f"{found.knob} ({found.unit}): {said}"]
    told += [f"{'':{_MARGIN}}{name:{_SIDE}}{_side(found, side)}" for name, side in sides]
    if found.real is not None:
        low, high = (f"{edge:g}" for edge in (found.edges[0], found.edges[-1]))
        columns = len(histogram(found.real.shares, WIDTH))
        told.append(
            f"{'':{_MARGIN + _SIDE + 5 * _NUMBER + 2}}{low}{high:>{max(columns - len(low), len(high) + 1)}}"
        )
    kept = _kept(found)
    return [*told, f"{'':{_MARGIN}}{kept}"] if kept else told


def _side(found: ControlOutcome, side: Spread | None) -> str:
    if side is None:
        return "none: no text has such a number"
    digits = 0 if found.unit == "words" else 1
    numbers = "".join(f"{value:{_NUMBER}.{digits}f}" for value in side.quantiles)
    return f"{numbers}  {histogram(side.shares, WIDTH)}"


def _kept(found: ControlOutcome) -> str:
    """How near what came is to what was wanted, and why that can't be said."""
    told = []
    if found.ks is not None:
        told.append(f"KS {found.ks:.2f}")
    if found.within is not None:
        slack = "10% (3 words when short)" if found.unit == "words" else "1.5 grades"
        told.append(f"{found.within:.0%} of the rows within {slack} of their own")
    if found.correlation is not None:
        told.append(f"rank correlation {found.correlation:.2f}")
    if found.why_not:
        told.append(found.why_not)
    return ", ".join(told)


def _diversity(found: DiversityOutcome) -> list[str]:
    told = [f"diversity: {found.setting}, {found.aim}; each number of {found.n:,} texts"]
    if found.why_not:
        told[0] += f"; {found.why_not}"
    return told + [
        f"{'':{_MARGIN}}{_NAMES[number.name]:18}{', '.join(_numbers(number))}" for number in found.numbers
    ]


def _numbers(number: Diversity) -> Iterable[str]:
    for name in ("real", "wanted", "got"):
        value: float | None = getattr(number, name)
        if value is not None:
            shown = f"{value:.1%}" if number.name.endswith("_share") else f"{value:.1f}"
            yield f"{name} {shown}"
