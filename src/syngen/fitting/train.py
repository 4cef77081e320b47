"""Training: a model and rows in tokens come in, the model with the weights that did best on held-out rows goes out.

A plain loop, because a budget in minutes asks for it: the learning rate falls with the share of the budget that
is used up, be it time or epochs. At every sixth of it the loss on held-out rows is taken; the best weights so
far are kept on disk, with all that is needed to go on after a kill. It stops early when two in a row bring no lower one.
"""

from __future__ import annotations

import contextlib
import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from syngen.errors import ModelFailed
from syngen.files import atomic
from syngen.fitting.batches import Tokens, loss_of
from syngen.fitting.settings import Budget
from syngen.fitting.weights import Weights

PARTS = 6  # of the budget, after each of which the held-out loss is taken
WARM_UP = 0.05  # share of the budget in which the learning rate rises
PATIENCE = 2  # evaluations without a lower held-out loss, after which it stops


@dataclass(slots=True)
class Course:
    """How a training goes; handed to the observer after every step.

    Attributes:
        step: Steps taken.
        share: Of the budget used up, 0 to 1.
        seconds: Spent, those of earlier invocations included.
        loss: Of the last step, nats a token of the answers.
        held_out: At each evaluation the step, the seconds, and the nats a token of the held-out texts.
        best: The lowest of these.
        waited: Evaluations since then.
        sample: What the model wrote at the last evaluation.
        stopped: Why it ended: "" (the budget is used up), "held-out loss falls no more", "interrupted".
    """

    step: int = 0
    share: float = 0.0
    seconds: float = 0.0
    loss: float = float("nan")
    held_out: list[tuple[int, float, float]] = field(default_factory=list)
    best: float = float("inf")
    waited: int = 0
    sample: str = ""
    stopped: str = ""

    @property
    def seconds_left(self) -> float | None:
        """Seconds to the end of the budget at the speed so far."""
        return self.seconds / self.share * (1 - self.share) if self.share else None


Observer = Callable[[Course], None]
Epoch = Callable[[int], Sequence[Tokens]]  # the rows of one epoch in tokens


def train(
    weights: Weights,
    epoch: Epoch,
    held_out: Sequence[Tokens],
    budget: Budget,
    folder: Path,
    *,
    observe: Observer,
    sample: Callable[[], str],
) -> Course:
    """Train, and leave the model of the weights with the best it had.

    Args:
        weights: Those that are trained, and how they move.
        epoch: Gives the rows of each epoch.
        held_out: Rows to measure on.
        budget: How long, and how.
        folder: Where checkpoints are kept; one of an earlier invocation is gone on with.
        observe: Called after every step.
        sample: Called after every evaluation: lets the model write a row.

    Raises:
        KeyboardInterrupt: Interrupted before anything was evaluated.
        ModelFailed: The held-out loss never was a number.
    """
    course = _restored(weights, folder, budget) or Course()
    total = budget.steps(len(epoch(0)))
    began = time.monotonic() - course.seconds
    try:
        for batch in _from(course.step, weights, epoch):
            if course.step >= total or course.share >= 1 or course.waited >= PATIENCE:
                break
            weights.model.train()
            course.loss = weights.learn(batch)
            weights.step(budget.rate * _height(course.share))
            course.step += 1
            course.seconds = time.monotonic() - began
            timed = course.seconds / (60 * budget.minutes) if budget.minutes else 0.0
            course.share = min(1.0, max(course.step / total, timed))
            if int(course.share * PARTS) > len(course.held_out) or course.share >= 1:
                _evaluate(weights, held_out, course, folder, budget)
                course.sample = sample()
                course.seconds = time.monotonic() - began
            observe(course)
    except KeyboardInterrupt:
        if not course.held_out:
            raise
        course.stopped = "interrupted"
    if course.waited >= PATIENCE:
        course.stopped = "held-out loss falls no more"
    if not math.isfinite(course.best):
        raise ModelFailed(
            "Training diverged: the held-out loss is not a number.", "Give a lower learning rate."
        )
    weights.load(_read(folder / "best.pt"))
    weights.close()
    weights.model.eval()
    return course


def mean_loss(model: Any, rows: Sequence[Tokens], size: int = 8) -> float:
    """Nats a token of the bare texts of some rows. What is around them costs, but does not count as tokens."""
    import torch

    model.eval()
    total = 0.0
    ordered = sorted(rows, key=lambda row: len(row.ids))
    with torch.no_grad():
        for at in range(0, len(ordered), size):
            total += loss_of(model, ordered[at : at + size])[0].item()
    return total / sum(row.text for row in rows)


@contextlib.contextmanager
def free_cores() -> Iterator[None]:
    """With a thread for each core that nobody else uses.

    PyTorch's threads wait for each other many times a step: one more than there are free cores, and a step took
    some three times the processor time.
    """
    import psutil
    import torch

    threads = torch.get_num_threads()
    free = (100 - psutil.cpu_percent(interval=1.0)) / 100 * (os.cpu_count() or 1)
    torch.set_num_threads(min(threads, max(1, round(free))))
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _from(step: int, weights: Weights, epoch: Epoch) -> Iterator[list[Tokens]]:
    """The batches after so many steps."""
    number, left = 0, step
    while True:
        batches = weights.batches(epoch(number), number)
        yield from batches[left:]
        left = max(0, left - len(batches))
        number += 1


def _height(share: float) -> float:
    """The learning rate at a share of the budget, as a share of the highest: up quickly, then down to nothing."""
    return min((share + 0.005) / WARM_UP, (1 - share) / (1 - WARM_UP), 1.0)


def _evaluate(
    weights: Weights, held_out: Sequence[Tokens], course: Course, folder: Path, budget: Budget
) -> None:
    """Take the held-out loss, and keep the weights: the best ones, and all that is needed to go on."""
    loss = mean_loss(weights.model, held_out)
    if loss < course.best:
        _write(
            weights.plain(), folder / "best.pt"
        )  # first, so that what an interrupt leaves belongs together
        course.best, course.waited = loss, 0
    else:
        course.waited += 1
    course.held_out.append((course.step, round(course.seconds, 1), loss))
    if course.share < 1:
        state = {"course": asdict(course), "fingerprint": budget.fingerprint, **weights.state()}
        _write(state, folder / "state.pt")


def _restored(weights: Weights, folder: Path, budget: Budget) -> Course | None:
    """The course of an earlier invocation, its weights taken up; None when there is none of the same kind."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "state.pt").is_file():
        return None
    state = _read(folder / "state.pt")
    if state["fingerprint"] != budget.fingerprint:
        return None
    weights.restore(state)
    return Course(**{**state["course"], "held_out": [tuple(seen) for seen in state["course"]["held_out"]]})


def _write(what: Any, path: Path) -> None:
    """Save in one piece or not at all."""
    import torch

    with atomic(path) as part:
        torch.save(what, part)


def _read(path: Path) -> Any:
    import torch

    return torch.load(path, map_location="cpu", weights_only=True)
