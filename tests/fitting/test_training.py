"""The training loop on a tiny model: it learns, keeps the best, stops, and goes on after a kill."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tiny
import torch

from syngen.errors import ModelFailed
from syngen.fitting import train as training
from syngen.fitting.data import Tokens, loss_of, tokens_of
from syngen.fitting.train import TrainingProgress, mean_loss, train
from syngen.fitting.weights import Budget, Weights
from syngen.models.local.loading import load

WORDS = ["kettle", "garden gloves", "bicycle pump", "oven mitt"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.llama(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def fresh(folder: Path) -> Callable[[], Any]:
    return lambda: load(str(folder), "cpu", "float32")


def rows(loaded: Any, count: int = 32) -> list[Tokens]:
    texts = [f"A buyer wrote about a {WORDS[i % 4]}" for i in range(count)]
    return [
        tokens_of((f"item={i % 4}\n", f"text: {t}", (t,)), loaded.tokenizer, special=False)
        for i, t in enumerate(texts)
    ]


def trained(
    loaded: Any, folder: Path, observe: Callable[[TrainingProgress], None] = lambda _: None, **more: Any
) -> TrainingProgress:
    known = rows(loaded)
    budget = Budget(
        **{"minutes": None, "epochs": 6, "rate": 3e-3, "batch": 8, "seed": 1, "fingerprint": "x", **more}
    )
    weights = Weights(loaded.model, budget)
    return train(
        weights,
        lambda _: known,
        known[:8],
        folder,
        observe=observe,
        sample=lambda: "a row",
    )


def test_it_learns_and_keeps_the_best(fresh: Callable[[], Any], tmp_path: Path) -> None:
    loaded = fresh()
    before = mean_loss(loaded.model, rows(loaded)[:8])
    course = trained(loaded, tmp_path)
    assert course.best < before / 2
    assert course.share == 1
    assert mean_loss(loaded.model, rows(loaded)[:8]) == pytest.approx(course.best, rel=1e-3)
    assert len(course.held_out) == 6
    assert course.sample == "a row"


def test_the_loss_of_a_padded_batch_is_that_of_its_rows(fresh: Callable[[], Any]) -> None:
    loaded = fresh()
    known = [*rows(loaded, 3), tokens_of(("x\n", "pump", ("pump",)), loaded.tokenizer, special=False)]
    with torch.no_grad():
        together, count = loss_of(loaded.model, known)
        alone = [loss_of(loaded.model, [row]) for row in known]
    assert together.item() == pytest.approx(sum(loss.item() for loss, _ in alone), rel=1e-4)
    assert count == sum(n for _, n in alone) == sum(row.answer for row in known)


def test_it_stops_when_the_held_out_loss_rises_and_goes_back_to_the_best(
    fresh: Callable[[], Any], tmp_path: Path
) -> None:
    loaded = fresh()
    known = rows(loaded)
    other = [
        tokens_of(("item=1\n", "mitt oven an " * 5, ("mitt oven an " * 5,)), loaded.tokenizer, special=False)
    ]
    budget = Budget(None, 30, 1e-2, 8, 1)
    weights = Weights(loaded.model, budget)
    course = train(weights, lambda _: known, other, tmp_path, observe=lambda _: None, sample=str)
    assert course.stopped == "held-out loss falls no more"
    assert course.share < 1
    assert mean_loss(loaded.model, other) == pytest.approx(course.best, rel=1e-3)


def test_a_rate_at_which_it_diverges_is_said_in_a_sentence(fresh: Callable[[], Any], tmp_path: Path) -> None:
    with pytest.raises(ModelFailed, match="diverged"):
        trained(fresh(), tmp_path, rate=float("inf"))


def test_what_an_interrupt_leaves_belongs_together(
    fresh: Callable[[], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while the second set of best weights is written: the first is kept, and its loss told."""
    written: list[str] = []
    write = training._write

    def interrupted(what: Any, path: Path) -> None:
        written.append(path.name)
        if written.count("best.pt") == 2:
            raise KeyboardInterrupt
        write(what, path)

    monkeypatch.setattr(training, "_write", interrupted)
    loaded = fresh()
    course = trained(loaded, tmp_path)
    assert course.stopped == "interrupted"
    assert [seen[2] for seen in course.held_out] == [course.best]
    assert mean_loss(loaded.model, rows(loaded)[:8]) == pytest.approx(course.best, rel=1e-3)


def test_a_budget_in_minutes_ends_it(fresh: Callable[[], Any], tmp_path: Path) -> None:
    course = trained(fresh(), tmp_path, minutes=0.02, epochs=100)
    assert course.share == 1
    assert course.seconds < 30


def test_ctrl_c_keeps_the_best_so_far(fresh: Callable[[], Any], tmp_path: Path) -> None:
    def interrupt(course: TrainingProgress) -> None:
        if course.step == 14:
            raise KeyboardInterrupt

    course = trained(fresh(), tmp_path, interrupt)
    assert course.stopped == "interrupted"
    assert len(course.held_out) == 3


def test_ctrl_c_before_anything_was_evaluated_is_one(fresh: Callable[[], Any], tmp_path: Path) -> None:
    def interrupt(_: TrainingProgress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained(fresh(), tmp_path, interrupt)


def test_after_a_kill_it_goes_on_and_ends_as_if_nothing_had_happened(
    fresh: Callable[[], Any], tmp_path: Path
) -> None:
    whole = fresh()
    course = trained(whole, tmp_path / "whole")

    class Killed(BaseException):
        pass

    def kill(course: TrainingProgress) -> None:
        if course.step == 14:
            raise Killed

    with pytest.raises(Killed):
        trained(fresh(), tmp_path / "killed", kill)
    steps: list[int] = []
    resumed = fresh()
    again = trained(resumed, tmp_path / "killed", lambda c: steps.append(c.step))
    assert steps[0] == 13
    assert again.best == pytest.approx(course.best, rel=1e-4)
    for name, weight in whole.model.named_parameters():
        torch.testing.assert_close(weight, resumed.model.get_parameter(name), rtol=1e-4, atol=1e-5)


def test_a_checkpoint_of_other_settings_is_not_gone_on_with(fresh: Callable[[], Any], tmp_path: Path) -> None:
    trained(fresh(), tmp_path, minutes=0.001)
    steps: list[int] = []
    trained(fresh(), tmp_path, lambda c: steps.append(c.step), fingerprint="y", epochs=1)
    assert steps[0] == 1
