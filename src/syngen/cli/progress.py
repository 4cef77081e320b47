"""Progress on stderr: a bar on a terminal, a line at every tenth elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.progress import Progress as Bar

from syngen.cli.output import say
from syngen.engine import Progress
from syngen.errors import ModelError
from syngen.fitting.train import TrainingProgress
from syngen.text.format import dollars, duration


@contextmanager
def run_progress(run: Path | None) -> Iterator[Callable[[Progress], None]]:
    """Show how far a run is; when it is interrupted say how to resume it.

    Args:
        run: The run folder, when it is known beforehand.
    """
    bar, update = _bar("getting ready", MofNCompleteColumn())
    tenths = 0

    def observe(progress: Progress) -> None:
        nonlocal tenths
        line = describe(progress)
        update(completed=progress.accepted, total=progress.asked, description=line)
        now = 10 * progress.accepted // progress.asked
        if now > tenths and bar.disable:
            bar.console.print(f"{progress.accepted} of {progress.asked} rows, {line}", markup=False)
        tenths = now

    try:
        with bar:
            yield observe
    except (KeyboardInterrupt, ModelError):
        if run is not None and (run / "manifest.json").exists():
            say(f"Completed calls are saved. Resume with: syngen runs resume {run}")
        raise


@contextmanager
def steps_progress(run: Path | None = None) -> Iterator[Callable[[str, int, int], None]]:
    """Show how far an evaluation is; when it is interrupted say how to evaluate again.

    Args:
        run: The run folder whose rows are evaluated.
    """
    bar, update = _bar("evaluating")
    try:
        with bar:
            yield lambda what, done, steps: update(
                completed=done, total=steps, description=what.replace("_", " ")
            )
    except KeyboardInterrupt:
        if run is not None:
            say(f"The rows are saved. Evaluate them with: syngen report {run}")
        raise


@contextmanager
def fit_progress() -> Iterator[Callable[[str, TrainingProgress | None], None]]:
    """Show how far a fit is: a bar on a terminal, a line at every evaluation elsewhere."""
    bar, update = _bar("getting ready")
    evaluations, trained, last = 0, False, ""

    def observe(what: str, course: TrainingProgress | None) -> None:
        nonlocal evaluations, trained, last
        if course is None:
            update(description=what)
            if what != last and bar.disable:
                bar.console.print(what, markup=False)
            last = what
            return
        trained = True
        line = describe_fit(course)
        update(completed=course.share, description=line)
        if len(course.held_out) > evaluations:
            evaluations = len(course.held_out)
            bar.console.print(
                f"{line}\n  {' '.join(course.sample.split())[:200]}", markup=False, soft_wrap=True
            )

    try:
        with bar:
            yield observe
    except KeyboardInterrupt:
        if trained and not evaluations:
            say("Training was interrupted before its first evaluation, so nothing is kept.")
        raise


@contextmanager
def pull_progress(name: str) -> Iterator[Callable[[str, int, int], None]]:
    """Show how much of a model is downloaded; when it is interrupted say how to continue.

    The bar starts with the first step: models of the Hugging Face hub have a bar of their own.

    Args:
        name: The model's id.
    """
    bar, update = _bar(name, DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    last = ("", 0)

    def observe(what: str, done: int, total: int) -> None:
        nonlocal last
        bar.start()
        update(completed=done, total=total or None, description=f"{name}: {what}")
        tenths = 10 * done // total if total else 0
        if bar.disable and total and (what != last[0] or tenths > last[1]):
            last = (what, tenths)
            say(f"{name}: {what}, {done / 1e6:,.0f} of {total / 1e6:,.0f} MB")

    try:
        yield observe
    except KeyboardInterrupt:
        bar.stop()
        say(f"What was downloaded is kept. Continue with: syngen models pull {name}")
        raise
    finally:
        bar.stop()


def _bar(what: str, *columns: ProgressColumn) -> tuple[Bar, Callable[..., None]]:
    """Make a bar that is drawn on a terminal only and is removed at the end, and the function that updates it."""
    console = Console(stderr=True, highlight=False)
    described = TextColumn("{task.description}", markup=False)
    bar = Bar(
        SpinnerColumn(), BarColumn(), *columns, described,
        console=console, transient=True, disable=not console.is_terminal,
    )  # fmt: skip
    return bar, partial(bar.update, bar.add_task(what, total=None))


def describe(progress: Progress) -> str:
    """Describe a run's accepted share, speed, time left and cost."""
    parts = [f"{progress.tokens_per_second:,.0f} tokens/s"]
    if progress.accepted_share is not None:
        parts.insert(0, f"{progress.accepted_share:.0%} accepted")
    if progress.seconds_left is not None:
        parts.append(f"{duration(progress.seconds_left)} left")
    if progress.prices is None:
        parts.append(f"{progress.tokens.total:,} tokens, price unknown")
    elif progress.cost:
        projected = progress.projected_cost
        parts.append(dollars(progress.cost) + (f" of about {dollars(projected)}" if projected else ""))
    return ", ".join(parts)


def describe_fit(course: TrainingProgress) -> str:
    """Describe a fit's loss, held-out loss and time left."""
    parts = [f"step {course.step:,}", f"loss {course.loss:.2f}"]
    if course.held_out:
        parts.append(f"held-out {course.held_out[-1][2]:.3f}, best {course.best:.3f}")
    if course.seconds_left is not None:
        parts.append(f"{duration(course.seconds_left)} left")
    return ", ".join(parts)
