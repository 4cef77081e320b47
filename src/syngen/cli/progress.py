"""Progress on stderr: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

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
from syngen.text.format import duration

SILENT = 10  # seconds after which a line is printed where there is no terminal


@contextmanager
def reading(source: str) -> Iterator[None]:
    """Show that a table is being read."""
    with _bar(f"reading {source}", advice=str):
        yield


@contextmanager
def run_progress(run: Path | None) -> Iterator[Callable[[Progress], None]]:
    """Show how far a run is; when it is interrupted say how to resume it.

    Args:
        run: The run folder, when it is known beforehand.
    """

    def advice() -> str:
        saved = run is not None and (run / "manifest.json").exists()
        return f"Completed calls are saved. Resume with: syngen runs resume {run}" if saved else ""

    with _bar("planning", MofNCompleteColumn(), advice=advice, on=(KeyboardInterrupt, ModelError)) as show:

        def observe(progress: Progress) -> None:
            accepted, asked, state = progress.accepted, progress.asked, str(progress)
            line = ", ".join(filter(None, (f"writing: {accepted:,} of {asked:,} rows", state)))
            show(
                line, 10 * accepted // asked, completed=accepted, total=asked, description=f"writing, {state}"
            )

        yield observe


@contextmanager
def steps_progress(run: Path | None = None) -> Iterator[Callable[[str, int, int], None]]:
    """Show how far an evaluation is; when it is interrupted say how to evaluate again.

    Args:
        run: The run folder whose rows are evaluated.
    """
    advice = f"The rows are saved. Evaluate them with: syngen report {run}" if run else ""
    with _bar("measuring", advice=lambda: advice) as show:

        def observe(what: str, done: int, steps: int) -> None:
            show(completed=done, total=steps, description=f"measuring {what.replace('_', ' ')}")

        yield observe


@contextmanager
def fit_progress() -> Iterator[Callable[[str, TrainingProgress | None], None]]:
    """Show how far a fit is, with a line at every evaluation."""
    latest: TrainingProgress | None = None

    def advice() -> str:
        if latest is None or latest.held_out:
            return ""
        return "Interrupted before the first evaluation, so nothing of the training is kept."

    with _bar("getting ready", advice=advice) as show:

        def observe(what: str, progress: TrainingProgress | None) -> None:
            nonlocal latest
            if progress is None:
                show(what, what, description=what)
                return
            latest, state, evaluations = progress, describe_fit(progress), len(progress.held_out)
            line = f"{state}\n  {' '.join(progress.sample.split())[:200]}" if evaluations else ""
            show(line, evaluations, always=True, completed=progress.share, total=1.0, description=state)

        yield observe


@contextmanager
def pull_progress(name: str) -> Iterator[Callable[[str, int, int], None]]:
    """Show how much of a model is downloaded; when it is interrupted say how to continue.

    Args:
        name: The model's id.
    """
    columns = (DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    advice = f"What was downloaded is kept. Continue with: syngen models pull {name}"
    # Shown from the first step on: the hub's client draws a bar of its own.
    with _bar(name, *columns, advice=lambda: advice, at_once=False) as show:

        def observe(what: str, done: int, total: int) -> None:
            line = f"{name}: {what}, {done / 1e6:,.0f} of {total / 1e6:,.0f} MB" if total else ""
            stage = what, 10 * done // total if total else 0
            show(line, stage, completed=done, total=total or None, description=f"{name}: {what}")

        yield observe


@contextmanager
def _bar(
    what: str,
    *columns: ProgressColumn,
    advice: Callable[[], str],
    on: tuple[type[BaseException], ...] = (KeyboardInterrupt,),
    at_once: bool = True,
) -> Iterator[Callable[..., None]]:
    """Draw a bar on a terminal, and remove it at the end; yield the function that updates it.

    The function takes a line to print where there is no terminal (`always`: on a terminal, too), the stage it is for
    (printed once in a row), and the state of the bar. Where there is no terminal and nothing was printed for ten
    seconds, the latest line or description is printed.

    Args:
        what: Description at the beginning.
        columns: Shown after the bar.
        advice: Returns what to say when it ends by one of the errors in `on`.
        on: Errors.
        at_once: Draw it before the first update.
    """
    console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    bar = Bar(
        SpinnerColumn(),
        BarColumn(),
        *columns,
        TextColumn("{task.description}", markup=False),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    task = bar.add_task(what, total=None)

    latest: Any = 0
    told, said, ended = what, time.monotonic(), Event()

    def show(line: str = "", stage: Any = 0, *, always: bool = False, **state: Any) -> None:
        nonlocal latest, told, said
        bar.start()
        bar.update(task, **state)
        told = line or bar.tasks[task].description
        if line and stage != latest and (bar.disable or always):
            console.print(line)
            said = time.monotonic()
        latest = stage

    def keep_telling() -> None:
        nonlocal said
        while not ended.wait(1):
            if time.monotonic() - said >= SILENT:
                console.print(told)
                said = time.monotonic()

    if at_once:
        bar.start()
    if bar.disable:
        Thread(target=keep_telling, daemon=True).start()
    try:
        yield show
    except on:
        bar.stop()
        if text := advice():
            say(text)
        raise
    finally:
        ended.set()
        bar.stop()


def describe_fit(course: TrainingProgress) -> str:
    """Describe a fit's loss, held-out loss and time left."""
    parts = [f"step {course.step:,}", f"loss {course.loss:.2f}"]
    if course.held_out:
        parts.append(f"held-out {course.held_out[-1][2]:.3f}, best {course.best:.3f}")
    if course.seconds_left is not None:
        parts.append(f"{duration(course.seconds_left)} left")
    return ", ".join(parts)
