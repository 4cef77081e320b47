"""The commands on models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from syngen import cli
from syngen.cli.help import Command, Group
from syngen.cli.options import Json, SettingsCommand, settings_given

models = typer.Typer(cls=Group, no_args_is_help=True, help="List, download and test models.")

ConfigFile = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="A file with your endpoints and prices.")
]


@models.command("list", cls=Command)
def list_all(config: ConfigFile = None, as_json: Json = False) -> None:
    """List the models that can be used now, what the others need, and models to download."""
    from syngen.models.manage.inventory import inventory

    cli.show_models.usable(inventory(str(config or "")), as_json=as_json)


@models.command(cls=Command)
def pull(
    name: Annotated[
        str,
        typer.Argument(
            metavar="PROVIDER/NAME",
            help="embedded/NAME as shown by `syngen models list`, hf/ORG/NAME, or ollama/NAME.",
        ),
    ] = "embedded/smollm2-135m",
) -> None:
    """Download a model; an interrupted download continues."""
    from syngen.models.manage.pull import pull

    with cli.progress.pull_progress(name) as observe:
        model, where = pull(name, observe)
    typer.echo(f"{model} is in {where}")


@models.command(cls=SettingsCommand)
def check(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="PROVIDER/NAME", help="The model, as for generate --model.")],
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Test a model with a few short requests: its speed, and whether it keeps to a schema and a seed."""
    from syngen.models import ModelOptions
    from syngen.models.manage.check import trial

    options = ModelOptions(connections=str(config or ""), retry_timeout=10.0, **settings_given(context))
    cli.show_models.trial(trial(name, options), as_json=as_json)
