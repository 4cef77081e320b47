"""Read ratings as people draw and say them: `★★★★☆`, `⭐⭐⭐`, `4 out of 5`, `3½ stars`."""

from __future__ import annotations

import re

_FULL, _EMPTY, _HALF = "★⭐🌟✭✮✪", "☆✩✰", "½⯨⯪"
_DRAWN = re.compile(
    rf"(?P<full>[{_FULL}\ufe0f\s]*)(?P<half>[{_HALF}]?)[{_EMPTY}\ufe0f\s]*(?P<said>\([^()]{{1,20}}\))?"
)
_SAID = re.compile(
    r"(?P<number>\d{1,3}(?:[.,]\d{1,2})?)(?P<half>½?)\s*"
    rf"(?:(?:/|(?:out\s+)?of|von|sur|su|de|di|из)\s*\d{{1,3}})?\s*(?:[{_FULL}]\ufe0f?|[^\W\d_]{{1,12}})?\.?",
    re.IGNORECASE,
)


def stars(text: str) -> str | None:
    """The number that a rating stands for, as text; None when it is none.

    >>> stars("★★★★☆"), stars("⭐⭐⭐½"), stars("4 out of 5 stars"), stars("great")
    ('4', '3.5', '4', None)
    """
    if (said := _SAID.fullmatch(text)) is not None:
        return said["number"].replace(",", ".") + (".5" if said["half"] else "")
    drawn = _DRAWN.fullmatch(text)
    if drawn is None or not any(char in _FULL + _EMPTY + _HALF for char in text):
        return None
    full = sum(char in _FULL for char in drawn["full"])
    return f"{full}.5" if drawn["half"] else str(full)
