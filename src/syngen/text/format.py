"""Write numbers, shares, counts, lists and row numbers for people, the same way everywhere."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime

_MOST_RUNS = 4  # runs of row numbers in a sentence
_MOST_QUOTED = 70  # characters


# ------------------------------------------------------------------------------------- numbers
def number(value: float | None, *, digits: int = 3, percent: bool = False) -> str:
    """Round to significant digits, group thousands, avoid exponents; "–" for None, NaN and infinity."""
    if value is None or not math.isfinite(value):
        return "–"
    if percent:
        return f"{number(value * 100, digits=digits)}%"
    size = abs(value)
    if size >= 1000:
        text = f"{size:,.0f}"
    elif size < 0.00005:
        text = "0"
    else:
        text = f"{size:.{max(0, digits - 1 - math.floor(math.log10(size)))}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"−{text}" if value < 0 and text != "0" else text


def percent(share: float) -> str:
    """Write a share in a sentence, with two significant digits: "34%", "0.4%"."""
    return number(share, digits=2, percent=True)


def interval(ends: tuple[float, float] | None, *, percent: bool = False) -> str:
    """Write an interval such as "0.031 to 0.052", with the digits that its width can carry."""
    if ends is None:
        return "–"
    low, high = (end * 100 for end in ends) if percent else ends
    unit = "%" if percent else ""
    width = high - low
    if not 0 < width < math.inf:
        return f"{number(low)}{unit} to {number(high)}{unit}"
    digits = max(0, math.ceil(0.8 - math.log10(width)))
    rounded = (number(round(end, digits)) if abs(end) < 1000 else number(end) for end in (low, high))
    return " to ".join(f"{end}{unit}" for end in rounded)


def dollars(amount: float | None) -> str:
    """Write US dollars to the cent, small amounts to two digits; "price unknown" for None."""
    if amount is None:
        return "price unknown"
    return f"${amount:,.2f}" if amount >= 0.1 or amount == 0 else f"${amount:.2g}"


def duration(seconds: float) -> str:
    """Write seconds in the two largest units: 45 s, 3 min 20 s, 2 h 5 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def moment(created: str) -> str:
    """Write an ISO 8601 time such as "4 March 2031, 15:09"; any other text stays as it is."""
    try:
        when = datetime.fromisoformat(created)
    except ValueError:
        return created
    return f"{when.day} {when:%B %Y, %H:%M}"


# ------------------------------------------------------------------------------ counts and lists
def counted(count: int, noun: str) -> str:
    """Write a count with its noun: "1 row", "1,204 rows"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def part_of(count: int, total: int, noun: str = "row") -> str:
    """Write a part of a whole: "8 of 10 rows", "all 10 rows"."""
    if count == total > 1:
        return f"all {counted(total, noun)}"
    return f"{count:,} of {counted(total, noun)}"


def joined(parts: Sequence[str], last: str = "and") -> str:
    """Join parts as in a sentence: "a", "a and b", "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def listed(items: Sequence[object], most: int = 5, last: str = "and") -> str:
    """Join the first items and count the others: "3, 17, 20 and 12 more"."""
    shown = [str(item) for item in items[:most]]
    if len(items) <= most:
        return joined(shown, last)
    return f"{', '.join(shown)} {last} {len(items) - most:,} more"


def row_numbers(rows: Iterable[int], most: int = _MOST_RUNS) -> str:
    """Write row numbers with runs of three or more joined: "row 3", "rows 1–3, 7, 9 and 31 more".

    Args:
        rows: Row numbers in any order; without any the text is empty.
        most: Runs and single rows that are named.
    """
    runs: list[tuple[int, int]] = []
    ordered = sorted(set(rows))
    for row in ordered:
        if runs and row == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    runs = [part for a, b in runs for part in ([(a, a), (b, b)] if b == a + 1 else [(a, b)])]
    parts = [f"{a:,}" if a == b else f"{a:,}–{b:,}" for a, b in runs[:most]]
    more = sum(b - a + 1 for a, b in runs[most:])
    parts += [f"{more:,} more"] if more else []
    return f"{'row' if len(ordered) == 1 else 'rows'} {joined(parts)}" if parts else ""


# --------------------------------------------------------------------------------------- texts
def shortened(text: str, most: int) -> str:
    """Cut a text after at most that many characters, with an ellipsis."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def quoted(text: str, most: int = _MOST_QUOTED) -> str:
    """Put a text in quotation marks, shortened and on one line."""
    return f"“{shortened(' '.join(text.split()), most)}”"


def capitalized(text: str) -> str:
    """Begin a sentence with a capital letter; the other letters stay as they are."""
    return text[:1].upper() + text[1:]
