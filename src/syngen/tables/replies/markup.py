"""What models wrap around an answer (thinking aloud, code fences): a reply in, its parts out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import NamedTuple

_THINKING = re.compile(r"\A\s*<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL)
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[\w+-]*[ \t]*$", re.MULTILINE)


class Part(NamedTuple):
    """A stretch of a reply; `fenced` when it stood in a code fence, `closed` when something ended it."""

    text: str
    fenced: bool
    closed: bool


def without_thinking(text: str) -> tuple[str, bool]:
    """The reply without the block in which a reasoning model thinks aloud, and whether there was one."""
    answer, found = _THINKING.subn("", text, count=1)
    return answer, found > 0


def parts(text: str) -> list[Part]:
    """The stretches of a reply between code fences, empty ones left out."""
    pieces = _FENCE.split(text)
    last = len(pieces) - 1
    return [
        Part(piece, fenced=i % 2 == 1, closed=i < last) for i, piece in enumerate(pieces) if piece.strip()
    ]


def as_json(cells: Mapping[str, str]) -> str:
    """One row of several, as JSON; half a surrogate pair, which no file can hold, stays escaped."""
    text = json.dumps(cells, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
