"""`syngen fit`: fit a small local model to a reference, show how it goes, say what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from syngen.cli.options import Json, ReferenceFile, RoleOf, TextColumn, roles_of
from syngen.cli.output import say, say_json
from syngen.cli.progress import Shown
from syngen.text.format import duration, number

if TYPE_CHECKING:
    from syngen.fitting import Fitted
    from syngen.fitting.train import TrainingProgress

_out = Console(highlight=False)


def fit(
    reference: ReferenceFile,
    base: Annotated[
        str | None,
        typer.Option(
            help="What to fit: embedded/NAME, a .gguf file, hf/NAME. [default: embedded/smollm2-135m]"
        ),
    ] = None,
    minutes: Annotated[float | None, typer.Option(help="Train for at most so many. [default: 10]")] = None,
    epochs: Annotated[
        float | None,
        typer.Option(
            help="Train at most so many times over all rows; without --minutes, with no limit of time. [default: 3]"
        ),
    ] = None,
    method: Annotated[
        str | None,
        typer.Option(help="full: all weights; lora: small matrices beside them. [default: full up to 400M]"),
    ] = None,
    private: Annotated[
        float | None,
        typer.Option(
            metavar="EPSILON",
            help="Learn with differential privacy, to this epsilon at most: the weights tell of no single row; much is lost.",
        ),
    ] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda, mps. [default: auto]")] = None,
    seed: Annotated[int | None, typer.Option(help="Of all that is drawn. [default: 0]")] = None,
    name: Annotated[str | None, typer.Option(help="What to call it: then --model fitted/NAME.")] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="The folder to make. [default: the user's]"),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a model that is there; fit again.")] = False,
    text_column: TextColumn = None,
    role: RoleOf = None,
    no_measure: Annotated[
        bool, typer.Option("--no-measure", help="Don't write and measure rows at the end.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Fit a small local model to REFERENCE, so that it writes like it."""
    settings = {
        "base": base,
        "minutes": minutes,
        "epochs": epochs,
        "method": method,
        "private": private,
        "device": device,
        "seed": seed,
    }
    made = fitted(
        reference,
        name=name,
        output=output,
        force=force,
        roles=roles_of(role),
        text_columns=tuple(text_column or ()),
        measure=not no_measure,
        **settings,
    )
    show(made, as_json=as_json)


def fitted(reference: Any, **given: Any) -> Fitted:
    """Fit with the progress shown."""
    from syngen import fitting

    with Watching() as watching:
        return fitting.fit(reference, observe=watching.update, **given)


class Watching(Shown):
    """Shows how a fit goes, on stderr: a bar on a terminal, a line at every evaluation elsewhere."""

    def __init__(self) -> None:
        super().__init__("getting ready", 1.0)
        self._what = ""
        self._evaluations = 0
        self._began = False

    def _advice(self, kind: type[BaseException]) -> str:
        unkept = kind is KeyboardInterrupt and self._began
        return "Nothing was evaluated yet, so nothing is kept of what was learnt." if unkept else ""

    def update(self, what: str, course: TrainingProgress | None) -> None:
        """Take in what is being done, and how training goes."""
        if course is None:
            self._bar.update(self._task, description=what)
            if what != self._what and not self._console.is_terminal:
                self._say(what)
            self._what = what
            return
        self._began = not course.held_out
        line = describe(course)
        self._bar.update(self._task, completed=course.share, description=line)
        if len(course.held_out) > self._evaluations:
            self._evaluations = len(course.held_out)
            self._say(f"{line}\n  {' '.join(course.sample.split())[:200]}")

    def _say(self, text: str) -> None:
        self._console.print(escape(text), soft_wrap=True)


def describe(course: TrainingProgress) -> str:
    """Loss, held-out loss, time left."""
    parts = [f"step {course.step:,}", f"loss {course.loss:.2f}"]
    if course.held_out:
        parts.append(f"held-out {course.held_out[-1][2]:.3f}, best {course.best:.3f}")
    if course.seconds_left is not None:
        parts.append(f"{duration(course.seconds_left)} left")
    return ", ".join(parts)


def told(made: Fitted) -> None:
    """In a line, on stderr, what rows will be written with."""
    losses = made.manifest.losses
    line = f"{made.fitted}, held-out loss {losses['fitted']:.2f}; its base with real rows in the prompt {losses['prompted']:.2f}"
    if made.manifest.chosen == "prompted":
        line += f". That is no better, so {made.model} writes"
    say(f"{line}.")


def show(made: Fitted, *, as_json: bool) -> None:
    """What came of a fit."""
    manifest = made.manifest
    if as_json:
        told = {"model": made.model, "folder": str(made.folder), "reused": made.reused}
        say_json({**told, **manifest.model_dump()})
        return
    again = " (it was there already)" if made.reused else ""
    _out.print(f"[bold]{escape(made.fitted)}[/] in {escape(str(made.folder))}{again}", soft_wrap=True)
    losses = ", ".join(f"{name} {loss:.2f}" for name, loss in manifest.losses.items())
    ended = f", stopped: {manifest.stopped}" if manifest.stopped else ""
    _out.print(
        f"{manifest.rows:,} rows in {duration(manifest.seconds)}{ended}. Held-out loss: {losses}.",
        soft_wrap=True,
    )
    if manifest.private:
        _out.print(
            f"Differential privacy of each row learnt from: epsilon {manifest.private['epsilon']:.2f}, delta {manifest.private['delta']:.1e}.",
            soft_wrap=True,
        )
    if manifest.chosen == "prompted":
        _out.print(
            f"It is no better than {escape(manifest.base)} with real rows in its prompt: "
            f"go on with --model {escape(manifest.base)}.",
            soft_wrap=True,
        )
    if manifest.scores:
        table = Table("of rows written", "fitted", "its base", "real", "", box=None, padding=(0, 2, 0, 0))
        for name, score in manifest.scores.items():
            numbers = (number(score[key]) for key in ("value", "prompted", "real"))
            table.add_row(name.replace("_", " "), *numbers, escape(score["verdict"]))
        _out.print(table)
    _out.print(f"Use it: syngen generate REFERENCE -n 500 --model {escape(made.model)}", soft_wrap=True)
    if manifest.files == "gguf":
        _out.print(f"\nFor Ollama, {escape(str(made.folder / 'Modelfile'))}:", soft_wrap=True)
        _out.print(escape((made.folder / "Modelfile").read_text("utf-8")), soft_wrap=True)
