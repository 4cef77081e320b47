"""A judge over the hikers' diary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from by_hand import DIARY, PROMPT

from syngen.types import Candidate, Reference, Rejected, Slot, TextTarget
from syngen.validate import Validator


@pytest.fixture(scope="session")
def diary() -> Reference:
    return DIARY


@pytest.fixture
def judge(diary):
    """Judge a title and a text in planned mode; what is taken is remembered within one test."""
    acceptance = Validator(diary)

    def of(
        text: str, title: str | None = "A day out", shown: Sequence[int] = (), words: int = 15
    ) -> dict | Rejected:
        texts = {"text": text} if title is None else {"title": title, "text": text}
        slot = Slot(
            3,
            {"kind": "tent"} | ({"title": None} if title is None else {}),
            {name: TextTarget(words) for name in texts},
            1,
            0,
            0,
            0,
        )
        return acceptance.judge(Candidate(3, texts, "raw"), slot, replace(PROMPT, shown=tuple(shown)))

    return of
