"""Remove what models wrap around an answer: thinking aloud and code fences."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

_THINKING = re.compile(r"\A\s*<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL)
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[\w+-]*[ \t]*$", re.MULTILINE)


def without_thinking(text: str) -> tuple[str, bool]:
    """Remove the block in which a reasoning model thinks aloud; return the rest, and whether there was one."""
    answer, removed = _THINKING.subn("", text, count=1)
    return answer, removed > 0


def split_at_fences(text: str) -> list[str]:
    """Split a reply at its code fences into parts outside and inside them by turns, the first one outside."""
    return _FENCE.split(text)


def as_json(cells: Mapping[str, str]) -> str:
    """One row of several, as JSON; half a surrogate pair, which no file can hold, stays escaped."""
    text = json.dumps(cells, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
