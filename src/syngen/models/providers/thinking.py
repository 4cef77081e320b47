"""Separate thoughts from replies, for providers that leave them in the text."""

from __future__ import annotations

import re

_THOUGHT = re.compile(
    r"\A\s*(?:<(think|thinking|thought|reasoning)>)?(.*?)</(?:think|thinking|thought|reasoning)>\s*",
    re.DOTALL | re.IGNORECASE,
)
_UNFINISHED = re.compile(r"\A\s*<(?:think|thinking|thought|reasoning)>", re.IGNORECASE)


def without_thoughts(text: str) -> tuple[str, str]:
    """Split a reply from the thoughts before it; some servers omit the opening tag, a cut-off reply the closing one."""
    if found := _THOUGHT.match(text):
        return text[found.end() :], found[2]
    if _UNFINISHED.match(text):
        return "", text
    return text, ""


def tokens_of(thoughts: int, text: int, written: int | None) -> int:
    """Estimate the tokens of thoughts by their share of the characters."""
    return round((written or 0) * thoughts / (thoughts + text)) if thoughts else 0
