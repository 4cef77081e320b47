"""A reference of kitchen goods, and briefs on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from syngen.plan import make_plan
from syngen.prompts import PromptContext
from syngen.reference import load
from syngen.types import Reference, Slot

SAYINGS = ["whisks egg white in no time", "burnt my rice on the very first day", "sits well in the hand"]


def kitchen(rows: int = 120, **columns: list[Any]) -> Reference:
    """Ratings, kinds and texts of five lengths; columns given replace or join them."""
    texts = [
        f"Entry {i}: it " + " and ".join(SAYINGS[(i + k) % 3] for k in range(1 + i % 5)) + "."
        for i in range(rows)
    ]
    frame = {
        "stars": [1 + i * 7 % 5 for i in range(rows)],
        "kind": [("whisk", "pan", "ladle")[i % 3] for i in range(rows)],
        "headline": [None if i % 4 == 0 else f"{SAYINGS[i % 3][:12]} no {i}" for i in range(rows)],
        "text": texts,
    }
    roles = {"stars": "ordinal", "kind": "category", "headline": "title", "text": "text"}
    named = {name: role for name, role in roles.items() if name in frame}
    return load(pl.DataFrame({**frame, **columns}), roles=named)


@pytest.fixture(scope="session")
def goods() -> Reference:
    return kitchen()


@pytest.fixture(scope="session")
def goods_with() -> Callable[..., Reference]:
    return kitchen


@pytest.fixture(scope="session")
def slots(goods: Reference) -> list[Slot]:
    return list(make_plan(goods, 60, seed=3))


@pytest.fixture(scope="session")
def chat(goods: Reference) -> PromptContext:
    return PromptContext(goods, "kitchen goods", "chat", seed=3)


@pytest.fixture(scope="session")
def completion(goods: Reference) -> PromptContext:
    return PromptContext(goods, "kitchen goods", "completion", seed=3)
