"""A model that can't write as long as wanted is said to be one: before the run, and from its first texts."""

from __future__ import annotations

import json
import random

import polars as pl
import pytest

import syngen
from syngen.config import DEFAULT_MODEL, RunConfig
from syngen.engine.loop import Progress
from syngen.engine.remarks import remarks
from syngen.models.providers.function import FunctionModel
from syngen.types import Reference, Request
from writing import sentence


@pytest.fixture(scope="module")
def notes() -> Reference:
    chance = random.Random(5)
    rows = [
        {"ward": chance.choice("AB"), "note": " ".join(sentence(chance, 20) for _ in range(20))}
        for _ in range(60)
    ]
    return syngen.load(pl.DataFrame(rows), text_columns=("note",))


def test_a_model_known_to_write_shorter_texts_is_named_before_the_run(
    notes: Reference, reference: Reference
) -> None:
    (said,) = [remark for remark in remarks(notes, RunConfig.of(n=5)) if DEFAULT_MODEL in remark]
    assert "--length 100" in said
    for settings in ({"length": "100"}, {"model": "ollama/llama3.2"}):
        assert not [r for r in remarks(notes, RunConfig.of(n=5, **settings)) if "seldom writes" in r]
    assert not [r for r in remarks(reference, RunConfig.of(n=5)) if "seldom writes" in r]


@pytest.mark.parametrize(("words", "said"), [(90, "texts of 9"), (390, "")])
def test_the_first_texts_show_that_a_model_writes_too_short(notes: Reference, words: int, said: str) -> None:
    def reply(request: Request) -> str:
        chance = random.Random(request.sampling.seed)
        return json.dumps({"note": " ".join(sentence(chance, 15) for _ in range(words // 15))})

    seen: list[str] = []

    def observe(progress: Progress) -> None:
        seen.append(progress.remark)

    syngen.generate(
        notes, 12, model=FunctionModel(reply, "function/brief"), observe=observe, max_tokens=100_000
    )
    assert seen[0] == ""
    assert seen[-1].startswith(said)
    assert bool(seen[-1]) == bool(said)
