"""The commands on runs, and how every run ends: measured, and told of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syngen.cli.options import (
    BaseUrl,
    Concurrency,
    Json,
    MaxCost,
    MaxTime,
    MaxTokens,
    MinYield,
    NoReport,
    Patience,
    RunPath,
    Timeout,
)

if TYPE_CHECKING:
    from syngen.store.run import Run
    from syngen.types import Reference

runs = typer.Typer(no_args_is_help=True, help="Look at runs, go on with them, export them.")


@runs.command("list")
def list_all(
    folder: Annotated[Path | None, typer.Argument(help="Where runs are kept. [default: ./runs]")] = None,
    as_json: Json = False,
) -> None:
    """List the runs in a folder."""
    from syngen import api
    from syngen.cli import show

    show.runs(api.list_runs(folder), folder or api.runs_folder(), as_json=as_json)


@runs.command("show")
def show_one(run: RunPath, as_json: Json = False) -> int:
    """Show what a run asked for and what it got."""
    from syngen import api
    from syngen.cli import show

    show.run(api.open_run(run), as_json=as_json)
    return 0


@runs.command("resume")
def resume(
    run: RunPath,
    base_url: BaseUrl = None,
    concurrency: Concurrency = None,
    timeout: Timeout = None,
    patience: Patience = None,
    max_cost: MaxCost = None,
    max_tokens: MaxTokens = None,
    max_time: MaxTime = None,
    min_yield: MinYield = None,
    no_report: NoReport = False,
    as_json: Json = False,
) -> int:
    """Go on with a run until it holds exactly N rows."""
    from syngen import api
    from syngen.cli.progress import Watch

    limits: dict[str, Any] = {
        "base_url": base_url,
        "concurrency": concurrency,
        "timeout": timeout,
        "patience": patience,
        "max_cost": max_cost,
        "max_tokens": max_tokens,
        "max_time": max_time,
        "min_yield": min_yield,
    }
    given = {name: value for name, value in limits.items() if value is not None}
    with Watch(api.open_run(run).config.candidates, run) as watch:
        done = api.resume(run, observe=watch.update, **given)
    return ended(done, measure=not no_report, as_json=as_json)


@runs.command("replay")
def replay(
    run: RunPath,
    row: Annotated[int, typer.Argument(metavar="ROW", help="Row number in the result, from 0.")],
    as_json: Json = False,
) -> None:
    """Show how a row came about: the exact prompt, settings, shown rows and reply."""
    from syngen import api
    from syngen.cli import show

    show.replay(api.open_run(run).replay(row), as_json=as_json)


@runs.command("export")
def export(
    run: RunPath,
    output: Annotated[Path, typer.Option("-o", "--output", help="A .csv, .jsonl or .parquet file.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    excel_safe: Annotated[
        bool, typer.Option("--excel-safe", help="Neutralise spreadsheet formulas in CSV.")
    ] = False,
) -> None:
    """Write a run's rows to a file."""
    from syngen import api

    opened = api.open_run(run)
    opened.export(output, force=force, excel_safe=excel_safe)
    typer.echo(f"{opened.ledger.accepted} rows in {output}")


def ended(run: Run, reference: Reference | None = None, *, measure: bool, as_json: bool) -> int:
    """Measure what a run made, show how it ended, and give the exit status: 0 when exact, else 3.

    Args:
        reference: What it was made from, when that is loaded already.
        measure: Write a report, if there is a row to measure.
    """
    from syngen import api
    from syngen.cli import show
    from syngen.cli.progress import Steps

    report = None
    if measure and run.ledger.accepted:
        with Steps(run.path) as steps:
            report = api.evaluate_run(run, observe=steps.update, reference=reference)
    knobs = api.outcome(run, reference) if report is None else report.knobs
    return show.result(run, report, knobs, as_json=as_json)
