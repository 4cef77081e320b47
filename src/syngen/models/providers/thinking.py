"""Thinking aloud in a reply, for the providers that leave it in the text."""

from __future__ import annotations

import re

_THOUGHT = re.compile(
    r"\A\s*(?:<(think|thinking|thought|reasoning)>)?(.*?)</(?:think|thinking|thought|reasoning)>\s*",
    re.DOTALL | re.IGNORECASE,
)
_UNFINISHED = re.compile(r"\A\s*<(?:think|thinking|thought|reasoning)>", re.IGNORECASE)


def without_thoughts(text: str) -> tuple[str, str]:
    """The reply and the thoughts before it; some servers leave out the opening tag, a cut-off reply the closing."""
    if found := _THOUGHT.match(text):
        return text[found.end() :], found[2]
    if _UNFINISHED.match(text):
        return "", text
    return text, ""


def tokens_of(thoughts: int, text: int, written: int | None) -> int:
    """Tokens of the thoughts, by their share of the characters, where the provider does not count them."""
    return round((written or 0) * thoughts / (thoughts + text)) if thoughts else 0
