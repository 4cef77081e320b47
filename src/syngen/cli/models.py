"""The commands on models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from syngen.cli.options import BaseUrl, Json

models = typer.Typer(no_args_is_help=True, help="Which models are there, fetch one, try one.")

ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="A file with endpoints and prices of your own.")
]


@models.command("list")
def list_all(config: ConfigFile = None, as_json: Json = False) -> None:
    """List what can be used here and now, what is missing for the rest, and models to pull."""
    from syngen.cli import show_models
    from syngen.models.manage.inventory import inventory

    show_models.usable(inventory(str(config or "")), as_json=as_json)


@models.command("pull")
def pull(
    name: Annotated[
        str,
        typer.Argument(
            metavar="PROVIDER/NAME",
            help="embedded/NAME of those that `syngen models list` shows, hf/ORG/NAME, or ollama/NAME.",
        ),
    ] = "embedded/smollm2-135m",
) -> None:
    """Fetch a model, going on where an earlier attempt stopped."""
    from syngen.cli.show_models import Pulling
    from syngen.models.manage.pull import pull

    with Pulling(name) as pulling:
        done = pull(name, pulling.update)
    typer.echo(f"{done.model} is in {done.where}")


@models.command("check")
def check(
    name: Annotated[str, typer.Argument(metavar="PROVIDER/NAME")],
    base_url: BaseUrl = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Ask a model a few tiny things: how fast it is, whether it keeps to a schema and to a seed."""
    from syngen.cli import show_models
    from syngen.models import ModelOptions
    from syngen.models.manage.check import trial

    options = ModelOptions(base_url=base_url, connections=str(config or ""), patience=10.0)
    show_models.trial(trial(name, options), as_json=as_json)
