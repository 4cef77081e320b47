"""The commands on runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import syngen
from syngen import cli
from syngen.cli.help import Command, Group
from syngen.cli.options import (
    OUTPUT,
    STDOUT,
    ExcelSafe,
    Force,
    Json,
    NoReport,
    RunPath,
    SettingsCommand,
    Verbose,
    settings_given,
)

runs = typer.Typer(cls=Group, no_args_is_help=True, help="List, inspect, resume and export runs.")


@runs.command("list", cls=Command)
def list_all(
    folder: Annotated[
        Path | None, typer.Argument(metavar="FOLDER", help="The folder with the runs. [default: ./runs]")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the runs in a folder."""
    cli.show_run.runs(syngen.list_runs(folder), folder, as_json=as_json)


@runs.command("show", cls=Command)
def show_one(run: RunPath, as_json: Json = False) -> None:
    """Show a run's settings, its counts of rows and calls, and how it ended."""
    cli.show_run.run(syngen.open_run(run), as_json=as_json)


@runs.command(cls=SettingsCommand)
def resume(
    context: typer.Context,
    run: RunPath,
    no_report: NoReport = False,
    verbose: Verbose = False,
    as_json: Json = False,
) -> int:
    """Resume an unfinished run until it holds exactly N rows."""
    opened = syngen.open_run(run)
    with cli.progress.run_progress(opened.path) as observe:
        done = syngen.resume(opened.path, observe=observe, **settings_given(context))
    if opened.exact:
        return cli.show_run.complete(done, as_json=as_json)
    return cli.show_run.finish(done, measure=not no_report, as_json=as_json, verbose=verbose)


@runs.command(cls=Command)
def replay(
    run: RunPath,
    row: Annotated[int, typer.Argument(metavar="ROW", help="Number of the row in the result, from 1.")],
    as_json: Json = False,
) -> None:
    """Show a row's prompt, the real rows in it, the settings and the model's reply."""
    cli.show_run.replay(syngen.open_run(run).replay(row), as_json=as_json)


@runs.command(cls=Command)
def export(
    run: RunPath,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", rich_help_panel="Output", help=OUTPUT)
    ],
    force: Force = False,
    excel_safe: ExcelSafe = False,
) -> None:
    """Write a run's rows to a file."""
    opened = syngen.open_run(run)
    if output == STDOUT:
        cli.show_run.rows(opened, excel_safe=excel_safe)
        return
    opened.export(output, force=force, excel_safe=excel_safe)
    typer.echo(f"{opened.ledger.accepted} rows in {output}")
