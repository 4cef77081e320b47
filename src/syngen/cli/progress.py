"""Live progress on stderr: a bar on a terminal, a line at every tenth elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, SpinnerColumn, TextColumn
from rich.progress import Progress as Bar

from syngen.cli.output import say
from syngen.errors import ModelError
from syngen.text.format import dollars, duration

if TYPE_CHECKING:
    from syngen.engine import Progress


def bar(console: Console, *columns: ProgressColumn) -> Bar:
    """A bar that is drawn on a terminal only, and is gone at the end."""
    return Bar(*columns, console=console, transient=True, disable=not console.is_terminal)


class Shown:
    """A bar on stderr while something goes on.

    Args:
        what: What is said of it at first.
        total: Of what is counted.
        columns: Beside the bar.
    """

    def __init__(self, what: str, total: float, *columns: ProgressColumn) -> None:
        self._console = Console(stderr=True, highlight=False)
        described = TextColumn("{task.description}")
        self._bar = bar(self._console, SpinnerColumn(), BarColumn(), *columns, described)
        self._task = self._bar.add_task(what, total=total)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
        if kind is not None and (advice := self._advice(kind)):
            say(advice)

    def _advice(self, kind: type[BaseException]) -> str:
        """What to say when it ends by such an error; empty: nothing."""
        raise NotImplementedError


class Watch(Shown):
    """Shows how far a run is; on Ctrl-C says how to go on.

    Args:
        asked: Rows wanted.
        run: The run folder, when it is known beforehand.
    """

    def __init__(self, asked: int, run: Path | None) -> None:
        super().__init__("getting ready", asked, MofNCompleteColumn())
        self.asked = asked
        self.run = run
        self._tenths = 0

    def _advice(self, kind: type[BaseException]) -> str:
        stopped = issubclass(kind, (KeyboardInterrupt, ModelError))
        if not stopped or self.run is None or not (self.run / "manifest.json").exists():
            return ""
        return f"What was completed is safe. Go on with: syngen runs resume {self.run}"

    def update(self, progress: Progress) -> None:
        """Take in how far it is; called after every completion."""
        line = describe(progress)
        self._bar.update(self._task, completed=progress.accepted, description=line)
        tenths = 10 * progress.accepted // self.asked
        if not self._console.is_terminal and tenths > self._tenths:
            self._tenths = tenths
            sys.stderr.write(f"{progress.accepted} of {self.asked} rows, {line}\n")


class Steps(Shown):
    """Shows how far an evaluation is, on a terminal.

    Args:
        run: The run folder whose rows are measured; on Ctrl-C says how to measure them again.
    """

    def __init__(self, run: Path | None = None) -> None:
        super().__init__("measuring", 1)
        self.run = run

    def _advice(self, kind: type[BaseException]) -> str:
        if kind is not KeyboardInterrupt or self.run is None:
            return ""
        return f"The rows are safe. Measure them with: syngen report {self.run}"

    def update(self, what: str, done: int, total: int) -> None:
        """Take in how far it is."""
        self._bar.update(self._task, completed=done, total=total, description=what.replace("_", " "))


def describe(progress: Progress) -> str:
    """Accepted share, speed, time left, cost."""
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
