"""Train a model, and keep the weights with the lowest loss on held-out rows.

The learning rate follows the share of the budget that is used, time or epochs, which is why the loop is our own. After
each sixth of the budget the held-out loss is measured; the best weights are kept on disk with all that is needed to
resume after a kill. Training stops early when two evaluations in a row bring no lower loss.
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
from syngen.fitting.data import Tokens, loss_of
from syngen.fitting.weights import Weights

EVALUATIONS = 6  # over the budget
WARM_UP = 0.05  # share of the budget in which the learning rate rises
PATIENCE = 2  # evaluations without a lower held-out loss after which training stops


@dataclass(slots=True)
class TrainingProgress:
    """The progress of a training; passed to the observer after every step."""

    step: int = 0  # steps taken
    share: float = 0.0  # of the budget used, 0 to 1
    seconds: float = 0.0  # time spent, earlier invocations included
    loss: float = float("nan")  # of the last step, in nats per token of the answers
    # For each evaluation the step, the seconds, and the held-out loss in nats per token of the texts
    held_out: list[tuple[int, float, float]] = field(default_factory=list)
    best: float = float("inf")  # the lowest held-out loss
    waited: int = 0  # evaluations since then
    sample: str = ""  # a text that the model wrote at the last evaluation
    stopped: str = ""  # "" (the budget is used), "held-out loss falls no more", "interrupted"

    @property
    def seconds_left(self) -> float | None:
        """Seconds to the end of the budget at the speed so far; None before the first step."""
        return self.seconds / self.share * (1 - self.share) if self.share else None


Observer = Callable[[TrainingProgress], None]
Epoch = Callable[[int], Sequence[Tokens]]  # the number of an epoch → its rows


def train(
    weights: Weights,
    epoch: Epoch,
    held_out: Sequence[Tokens],
    folder: Path,
    *,
    observe: Observer,
    sample: Callable[[], str],
) -> TrainingProgress:
    """Train, and leave the model with the best weights.

    Args:
        weights: The trainable weights, their optimizer, and the budget of the training.
        epoch: Returns the rows of an epoch.
        held_out: Rows to measure on.
        folder: Where checkpoints are kept; training resumes from one of an earlier invocation.
        observe: Called after every step.
        sample: Lets the model write a text; called after every evaluation.

    Raises:
        KeyboardInterrupt: Interrupted before the first evaluation.
        ModelFailed: The held-out loss was never finite.
    """
    budget = weights.budget
    course = _restored(weights, folder) or TrainingProgress()
    total = budget.steps(len(epoch(0)))
    began = time.monotonic() - course.seconds
    try:
        for batch in _from(course.step, weights, epoch):
            if course.step >= total or course.share >= 1 or course.waited >= PATIENCE:
                break
            weights.model.train()
            course.loss = weights.learn(batch)
            # Linear warm-up, then linear decay to 0.
            part = min((course.share + 0.005) / WARM_UP, (1 - course.share) / (1 - WARM_UP), 1.0)
            weights.step(budget.rate * part)
            course.step += 1
            course.seconds = time.monotonic() - began
            timed = course.seconds / (60 * budget.minutes) if budget.minutes else 0.0
            course.share = min(1.0, max(course.step / total, timed))
            if int(course.share * EVALUATIONS) > len(course.held_out) or course.share >= 1:
                _evaluate(weights, held_out, course, folder)
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
            "Training diverged: the held-out loss is not a number.", "Use a lower learning rate."
        )
    weights.load(_read(folder / "best.pt"))
    weights.close()
    weights.model.eval()
    return course


def mean_loss(model: Any, rows: Sequence[Tokens], size: int = 8) -> float:
    """Return the loss on the answers in nats per token of the bare texts: markup adds loss, but no tokens."""
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
    """Use as many threads as there are idle cores.

    PyTorch's threads wait for each other many times a step: with one thread more than idle cores a step took three
    times the processor time.
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
    """Yield batches without end, beginning after this many steps."""
    number, left = 0, step
    while True:
        batches = weights.batches(epoch(number), number)
        yield from batches[left:]
        left = max(0, left - len(batches))
        number += 1


def _evaluate(weights: Weights, held_out: Sequence[Tokens], course: TrainingProgress, folder: Path) -> None:
    """Measure the held-out loss; save the weights if they are the best, and the state to resume from."""
    loss = mean_loss(weights.model, held_out)
    if loss < course.best:
        _write(weights.plain(), folder / "best.pt")  # before `best`, so that an interrupt leaves both in step
        course.best, course.waited = loss, 0
    else:
        course.waited += 1
    course.held_out.append((course.step, round(course.seconds, 1), loss))
    if course.share < 1:
        state = {"course": asdict(course), "fingerprint": weights.budget.fingerprint, **weights.state()}
        _write(state, folder / "state.pt")


def _restored(weights: Weights, folder: Path) -> TrainingProgress | None:
    """Load the state of an earlier invocation of the same fit; None when there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "state.pt").is_file():
        return None
    state = _read(folder / "state.pt")
    if state["fingerprint"] != weights.budget.fingerprint:
        return None
    weights.restore(state)
    return TrainingProgress(**state["course"])


def _write(what: Any, path: Path) -> None:
    import torch

    with atomic(path) as part:
        torch.save(what, part)


def _read(path: Path) -> Any:
    import torch

    return torch.load(path, map_location="cpu", weights_only=True)
