"""A text cut where it shares words with another: a text and shared runs in, marked and plain pieces out."""

from __future__ import annotations

import re
from collections.abc import Iterable

MOST = 1200  # characters of a text that are shown


def pieces(text: str, shared: Iterable[str]) -> list[tuple[str, bool]]:
    """The text in order, each piece with whether it is shared.

    Runs are found whatever their case and whatever stands between their words, since the same words may
    be spaced or punctuated differently in the two texts.
    """
    marked = [False] * len(text)
    for run in shared:
        words = re.findall(r"\w+", run)
        if not words:
            continue
        pattern = r"(?<!\w)" + r"\W+".join(map(re.escape, words)) + r"(?!\w)"
        for found in re.finditer(pattern, text, re.IGNORECASE):
            marked[found.start() : found.end()] = [True] * (found.end() - found.start())
    cut: list[tuple[str, bool]] = []
    start = 0
    for end in range(1, min(len(text), MOST) + 1):
        if end == min(len(text), MOST) or marked[end] != marked[start]:
            cut.append((text[start:end], marked[start]))
            start = end
    if len(text) > MOST:
        cut.append(("…", False))
    return cut
