"""Print a fitted model: in one line before a run, or with its scores."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from syngen.cli.output import say, say_json
from syngen.fitting import Fitted
from syngen.text.format import duration, number

_out = Console(highlight=False, soft_wrap=True, markup=False)


def in_short(made: Fitted) -> None:
    """Print on stderr which model will write the rows."""
    losses = made.manifest.losses
    line = (
        f"{made.fitted}: held-out loss {losses['fitted']:.2f}; its base with real rows in the prompt: "
        f"{losses['prompted']:.2f}"
    )
    if made.manifest.chosen == "prompted":
        line += f". That is no better, so {made.model} is used"
    say(f"{line}.")


def fitted(made: Fitted, *, as_json: bool) -> None:
    """Print a fitted model: its losses, its scores, how to use it."""
    manifest = made.manifest
    if as_json:
        where = {"model": made.model, "folder": str(made.folder), "reused": made.reused}
        say_json({**where, **manifest.model_dump()})
        return
    _out.print(Text.assemble((made.fitted, "bold"), f" in {made.folder}{' (reused)' if made.reused else ''}"))
    losses = ", ".join(f"{name} {loss:.2f}" for name, loss in manifest.losses.items())
    stopped = f", stopped: {manifest.stopped}" if manifest.stopped else ""
    _out.print(f"{manifest.rows:,} rows in {duration(manifest.seconds)}{stopped}. Held-out loss: {losses}.")
    if manifest.private:
        epsilon, delta = manifest.private["epsilon"], manifest.private["delta"]
        _out.print(f"Differential privacy of each training row: epsilon {epsilon:.2f}, delta {delta:.1e}.")
    if manifest.chosen == "prompted":
        _out.print(
            f"It is no better than {manifest.base} with real rows in its prompt: use --model {manifest.base}."
        )
    if manifest.scores:
        table = Table(
            "score of written rows", "fitted", "its base", "real", "", box=None, padding=(0, 2, 0, 0)
        )
        for name, score in manifest.scores.items():
            numbers = (number(score[key]) for key in ("value", "prompted", "real"))
            table.add_row(name.replace("_", " "), *numbers, Text(score["verdict"]))
        _out.print(table)
    _out.print(f"Use it: syngen generate REFERENCE -n 500 --model {made.model}")
    if manifest.files == "gguf":
        _out.print(f"\nFor Ollama, {made.folder / 'Modelfile'}:")
        _out.print((made.folder / "Modelfile").read_text("utf-8"))
