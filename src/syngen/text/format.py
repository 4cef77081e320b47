"""Numbers in sentences for people."""

from __future__ import annotations

from collections.abc import Sequence


def counted(number: int, noun: str) -> str:
    """A number with its noun, such as "1 row" or "1,204 rows"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def listed(items: Sequence[object], most: int = 5) -> str:
    """The first few of a list, such as "3, 17, 20 …"."""
    return ", ".join(map(str, items[:most])) + (" …" if len(items) > most else "")
