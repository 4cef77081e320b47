"""Make a `Reply` of a provider's texts, some of which hold the model's thoughts before the reply."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from syngen.models.protocol import Reply

_THOUGHT = re.compile(
    r"\A\s*(?:<(think|thinking|thought|reasoning)>)?(.*?)</(?:think|thinking|thought|reasoning)>\s*",
    re.DOTALL | re.IGNORECASE,
)
_UNFINISHED = re.compile(r"\A\s*<(?:think|thinking|thought|reasoning)>", re.IGNORECASE)


def reply_of(
    texts: Sequence[str],
    cut: Sequence[bool],
    read: int | None,
    written: int | None,
    *,
    thoughts: int = 0,
    thinking: int = 0,
    **more: Any,
) -> Reply:
    """Remove the thoughts from texts, and count them as tokens.

    Args:
        texts: One for each choice.
        cut: For each, whether it was cut off at the token limit.
        read: Tokens of the prompt.
        written: Tokens of the replies, thoughts included.
        thoughts: Characters of thoughts that the provider gave apart from the texts.
        thinking: Tokens of thoughts, where the provider counts them; otherwise estimated by their share of the
            characters.
        **more: Further fields of the reply.
    """
    parts = [_without_thoughts(text) for text in texts]
    shown = sum(len(text) for text, _ in parts)
    hidden = thoughts + sum(len(thought) for _, thought in parts)
    thinking = thinking or (round((written or 0) * hidden / (hidden + shown)) if hidden else 0)
    return Reply(
        tuple(text for text, _ in parts),
        tuple(cut),
        read,
        written,
        thinking_tokens=thinking,
        thought=bool(thinking or hidden),
        **more,
    )


def _without_thoughts(text: str) -> tuple[str, str]:
    """Split a text into reply and thoughts; some servers omit the opening tag, a cut-off reply the closing one."""
    if found := _THOUGHT.match(text):
        return text[found.end() :], found[2]
    return ("", text) if _UNFINISHED.match(text) else (text, "")
