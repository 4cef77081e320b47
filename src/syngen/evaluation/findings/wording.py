"""Findings in words: row numbers, values and shares as people write them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from syngen.types import Value

_MOST_RUNS = 4  # runs of row numbers named in a sentence
_LONGEST = 70  # characters quoted
_LONGEST_NAME = 60


def in_rows(numbers: Sequence[int]) -> str:
    """Row numbers as people name them: "row 3", "rows 1–3 and 7", "rows 1–3, 7, 9, 12 and 31 others"."""
    runs = _runs(numbers)
    shown = [_run(*run) for run in runs[:_MOST_RUNS]]
    others = sum(last - first + 1 for first, last in runs[_MOST_RUNS:])
    if others:
        shown.append(f"{others:,} other{'s' if others > 1 else ''}")
    return f"row{'s' if len(numbers) != 1 else ''} {joined(shown)}"


def _runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Stretches of three or more neighbouring numbers, and single ones, as first and last."""
    runs: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return [
        part
        for first, last in runs
        for part in ([(first, last)] if last != first + 1 else [(first, first), (last, last)])
    ]


def _run(first: int, last: int) -> str:
    return f"{first:,}" if first == last else f"{first:,}–{last:,}"


def joined(parts: Sequence[str], last: str = "and") -> str:
    """Parts as in a sentence: "a", "a and b", "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def start(text: str) -> str:
    """A sentence with a capital at its start, unless it starts with a name."""
    return text[:1].upper() + text[1:]


def quoted(text: str, most: int = _LONGEST) -> str:
    """A text in quotation marks, shortened, its line breaks as spaces."""
    flat = " ".join(text.split())
    return f"“{flat if len(flat) <= most else flat[: most - 1].rstrip() + '…'}”"


def shown(value: Value) -> str:
    """A cell in a sentence."""
    return quoted(value, 40) if isinstance(value, str) else str(value)


def name(column: str) -> str:
    """A column in a sentence; a name from a reply may hold anything."""
    return f"`{' '.join(column[:_LONGEST_NAME].split())}`"


def of_all(number: int, total: int, noun: str = "row") -> str:
    """A part of a whole: "all 10 rows", "8 of 10 rows"."""
    nouns = noun if total == 1 else f"{noun}s"
    if number == total > 1:
        return f"all {total:,} {nouns}"
    return f"{number:,} of {total:,} {nouns}"


def share(part: float) -> str:
    """A share as people write it: "34 %", "0.4 %", "none"."""
    percent = 100 * part
    if not percent:
        return "none"
    return f"{percent:.0f} %" if percent >= 1 else f"{percent:.2g} %"
