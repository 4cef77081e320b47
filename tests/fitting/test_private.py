"""Differential privacy: what one row can do to the weights is bounded, drowned in noise, and added up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tiny
import torch

import syngen
from syngen.config import FitConfig
from syngen.errors import ConfigError
from syngen.fitting.base import open_base
from syngen.fitting.data import Tokens, tokens_of
from syngen.fitting.private import MAX_NORM, PrivateWeights
from syngen.fitting.weights import Budget
from syngen.types import Reference

BUDGET = Budget(None, 2, 1e-3, 8, 1)
ROWS = 64


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.llama(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def base(folder: Path) -> Any:
    base = open_base(FitConfig.of(base=f"hf/{folder}", device="cpu", private=8.0, rank=4))
    for name, weight in base.model.named_parameters():
        if "lora_B" in name:  # which begins at zero, and so hides what rows do to the other half
            torch.nn.init.normal_(weight, std=0.1)
    return base.model.train(), base.tokenizer


def rows(tokenizer: Any, texts: list[str]) -> list[Tokens]:
    return [tokens_of(("item=1\n", f"text: {text}", (text,)), tokenizer, special=False) for text in texts]


def summed(weights: PrivateWeights, batch: list[Tokens]) -> torch.Tensor:
    """The cut gradients of a batch, summed up, before noise."""
    weights.learn(batch)
    weights._noisy.clip_and_accumulate()
    found = torch.cat([p.summed_grad.flatten() for p in weights.model.parameters() if p.requires_grad])
    weights._noisy._is_last_step_skipped = False
    weights._noisy._step_skip_queue.clear()
    weights._noisy.zero_grad()
    return found


def test_no_row_adds_more_than_it_may(base: Any) -> None:
    """Whatever it says, in whatever company it comes, over parts of a batch too."""
    model, tokenizer = base
    weights = PrivateWeights(model, BUDGET, ROWS, 8.0)
    usual = rows(tokenizer, ["a kettle and a pump"] * 5)
    odd = rows(tokenizer, ["mitt oven gloves an " * 12])
    without = summed(weights, usual)
    alone = summed(weights, odd)
    together = summed(weights, [*usual, *odd])
    assert alone.norm() == pytest.approx(MAX_NORM, rel=1e-3)
    assert (together - without).norm() <= MAX_NORM * 1.001
    torch.testing.assert_close(together, without + alone, rtol=1e-3, atol=1e-4)


def test_a_step_moves_by_noise_even_without_a_row_and_is_paid_for(base: Any) -> None:
    model, tokenizer = base
    weights = PrivateWeights(model, BUDGET, ROWS, 8.0)
    before = {name: weight.clone() for name, weight in weights.plain().items()}
    assert weights.promised["epsilon"] == 0
    assert weights.learn([]) == 0
    weights.step(1e-3)
    once = weights.promised["epsilon"]
    assert once > 0
    assert all((weight != before[name]).any() for name, weight in weights.plain().items())
    weights.learn(rows(tokenizer, ["a kettle"] * 9))
    weights.step(1e-3)
    assert weights.promised["epsilon"] > once


def test_what_was_spent_is_not_forgotten(base: Any, folder: Path) -> None:
    model, tokenizer = base
    weights = PrivateWeights(model, BUDGET, ROWS, 8.0)
    weights.learn(rows(tokenizer, ["a kettle"]))
    weights.step(1e-3)
    state = weights.state()
    weights.close()
    again = PrivateWeights(model, BUDGET, ROWS, 8.0)
    again.restore(state)
    assert again.promised == weights.promised


def test_rows_are_drawn_anew_and_all_steps_stay_within_epsilon(base: Any) -> None:
    model, tokenizer = base
    weights = PrivateWeights(model, BUDGET, ROWS, 8.0)
    known = rows(tokenizer, [f"kettle {i}" for i in range(ROWS)])
    first, second = (weights.batches(known, 0) for _ in range(2))
    assert len(first) == ROWS // BUDGET.batch
    assert first != second
    assert sum(map(len, first)) / len(first) == pytest.approx(BUDGET.batch, rel=0.8)
    for _ in range(BUDGET.steps(ROWS)):
        weights.learn([])
        weights.step(1e-3)
    assert 7 < weights.promised["epsilon"] <= 8


def test_an_epsilon_that_can_not_be_kept_is_said(base: Any) -> None:
    with pytest.raises(ConfigError, match="An epsilon of 1e-09"):
        PrivateWeights(base[0], BUDGET, ROWS, 1e-9)


@pytest.mark.slow
def test_a_private_model_says_what_it_promises_and_is_the_one_to_use(
    reference: Reference, folder: Path, tmp_path: Path
) -> None:
    """Never its base, which would be shown real rows."""
    made = syngen.fit(
        reference,
        base=f"hf/{folder}",
        epochs=0.5,
        device="cpu",
        private=8.0,
        output=tmp_path / "m",
        measure=False,
    )
    assert made.manifest.settings["method"] == "lora"
    assert 0 < made.manifest.private["epsilon"] <= 8
    assert made.manifest.private["delta"] < 1 / made.manifest.rows
    assert made.model == made.fitted
    assert "differential privacy of a row | epsilon" in (made.folder / "README.md").read_text("utf-8")
