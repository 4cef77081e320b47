"""The commands on tables: generate, preview, profile, evaluate, report; those on runs and models are beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syngen.cli.fit import fit as fit_command
from syngen.cli.models import models
from syngen.cli.options import (
    BaseUrl,
    Category,
    Choices,
    Complexity,
    Concurrency,
    Config,
    Deterministic,
    Diversity,
    HtmlFile,
    Json,
    Length,
    MaxCost,
    MaxTime,
    MaxTokens,
    MinYield,
    Mode,
    ModelName,
    NoCategory,
    NoReport,
    NoSteer,
    Patience,
    ReferenceFile,
    RoleOf,
    Rows,
    RowsPerCall,
    RunPath,
    Seed,
    Select,
    Strategy,
    TextColumn,
    Timeout,
    roles_of,
)
from syngen.cli.runs import ended, runs
from syngen.errors import ConfigError

if TYPE_CHECKING:
    from syngen.types import Reference

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    help="Synthetic data from real data with language models: exactly N new rows, and the proof.",
    pretty_exceptions_enable=False,
)
app.add_typer(runs, name="runs")
app.add_typer(models, name="models")
app.command()(fit_command)


@app.callback(invoke_without_command=True)
def version(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Print the version when asked."""
    if version:
        from syngen import __version__

        typer.echo(f"syngen {__version__}")
        raise typer.Exit


@app.command()
def generate(
    reference: ReferenceFile,
    rows: Rows = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="A .csv, .jsonl or .parquet file.")
    ] = None,
    model: ModelName = None,
    fit: Annotated[
        float | None,
        typer.Option(
            "--fit",
            metavar="[MINUTES]",
            help="First fit the model to REFERENCE, for so many minutes (10); done once, then reused.",
        ),
    ] = None,
    strategy: Strategy = None,
    length: Length = None,
    complexity: Complexity = None,
    diversity: Diversity = None,
    no_steer: NoSteer = False,
    select: Select = None,
    mode: Mode = None,
    rows_per_call: RowsPerCall = None,
    choices: Choices = None,
    category: Category = None,
    no_category: NoCategory = False,
    text_column: TextColumn = None,
    role: RoleOf = None,
    seed: Seed = None,
    deterministic: Deterministic = False,
    run: Annotated[Path | None, typer.Option(help="The run folder. [default: a new one in ./runs]")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an unfinished run.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an output or a run that is there.")] = False,
    excel_safe: Annotated[
        bool,
        typer.Option(
            "--excel-safe", help="In CSV, neutralise texts that a spreadsheet would run as formulas."
        ),
    ] = False,
    base_url: BaseUrl = None,
    concurrency: Concurrency = None,
    timeout: Timeout = None,
    patience: Patience = None,
    max_cost: MaxCost = None,
    max_tokens: MaxTokens = None,
    max_time: MaxTime = None,
    min_yield: MinYield = None,
    config: Config = None,
    no_report: NoReport = False,
    as_json: Json = False,
) -> int:
    """Make exactly N new rows like those of REFERENCE."""
    from syngen import api
    from syngen.cli import show
    from syngen.cli.progress import Watch
    from syngen.engine.run import checked

    settings = _settings(locals())
    n, real = _load(reference, settings)
    show.notes(real)
    if fit is not None:
        from syngen.cli.fit import fitted, told

        made = fitted(real, base=model, minutes=fit, measure=False)  # the run will be
        told(made)
        settings["model"] = made.model
    if run is None and not resume:
        run = api.new_run_path(reference)
    with Watch(checked(n=n, **settings).candidates, run) as watch:
        done = api.generate(
            real,
            n,
            output=output,
            run=run,
            resume=resume,
            force=force,
            excel_safe=excel_safe,
            observe=watch.update,
            **settings,
        )
    return ended(done, real, measure=not no_report, as_json=as_json)


@app.command()
def preview(
    reference: ReferenceFile,
    rows: Rows = None,
    model: ModelName = None,
    strategy: Strategy = None,
    length: Length = None,
    complexity: Complexity = None,
    diversity: Diversity = None,
    no_steer: NoSteer = False,
    select: Select = None,
    mode: Mode = None,
    rows_per_call: RowsPerCall = None,
    choices: Choices = None,
    category: Category = None,
    no_category: NoCategory = False,
    text_column: TextColumn = None,
    role: RoleOf = None,
    seed: Seed = None,
    deterministic: Deterministic = False,
    base_url: BaseUrl = None,
    concurrency: Concurrency = None,
    timeout: Timeout = None,
    patience: Patience = None,
    max_tokens: MaxTokens = None,
    config: Config = None,
    taste: Annotated[int, typer.Option(min=0, max=20, help="Rows to make now.")] = 3,
    as_json: Json = False,
) -> None:
    """Show the plan, the first prompt, a few rows and a forecast."""
    from syngen import api
    from syngen.cli import show

    settings = _settings(locals())
    n, real = _load(reference, settings)
    show.notes(real)
    show.preview(api.preview(real, n, rows=taste, **settings), as_json=as_json)


@app.command()
def profile(
    reference: ReferenceFile, text_column: TextColumn = None, role: RoleOf = None, as_json: Json = False
) -> None:
    """Show what SynGen sees in REFERENCE: roles, ranges, derived columns, text statistics."""
    from syngen import api
    from syngen.cli import show

    loaded = api.load(reference, roles=roles_of(role), text_columns=tuple(text_column or ()))
    show.profile(loaded, as_json=as_json)


@app.command()
def evaluate(
    reference: ReferenceFile,
    synthetic: Annotated[
        str,
        typer.Argument(
            metavar="SYNTHETIC",
            help="The rows to measure: a table, a run folder, or a model's raw reply in a text file.",
        ),
    ],
    asked: Annotated[int | None, typer.Option(min=1, help="Rows that were asked for.")] = None,
    json_file: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="Write everything as JSON; - for stdout.")
    ] = None,
    html: HtmlFile = None,
    markdown: Annotated[
        Path | None, typer.Option("--markdown", metavar="FILE", help="Write the report as Markdown.")
    ] = None,
    encoder: Annotated[
        str | None,
        typer.Option(
            help="potion-base-8M, model2vec/NAME, sentence-transformers/NAME, or a folder. [default: potion-base-8M]"
        ),
    ] = None,
    score: Annotated[
        list[str] | None, typer.Option(help="A further score that needs an optional package: mauve.")
    ] = None,
    text_column: TextColumn = None,
    role: RoleOf = None,
    seed: Annotated[
        int, typer.Option(min=0, help="Of the choice of rows where only a part is measured.")
    ] = 0,
) -> None:
    """Measure SYNTHETIC against REFERENCE: how many came, did they drift, how similar are they."""
    from syngen import api
    from syngen.cli import show
    from syngen.cli.progress import Steps

    show.check_places(html, markdown, None if json_file in (None, "-") else Path(json_file))
    real = api.load(reference, roles=roles_of(role), text_columns=tuple(text_column or ()))
    show.notes(real)
    with Steps() as steps:
        report = api.evaluate(
            real,
            synthetic,
            asked=asked,
            encoder=encoder,
            scores=tuple(score or ()),
            seed=seed,
            observe=steps.update,
        )
    show.report(report, html=html, json_file=json_file, markdown=markdown)


@app.command()
def report(run: RunPath, html: HtmlFile = None, as_json: Json = False) -> None:
    """Measure RUN again and write its report."""
    from syngen import api
    from syngen.cli import show
    from syngen.cli.progress import Steps

    show.check_places(html)
    with Steps() as steps:
        found = api.evaluate_run(run, observe=steps.update)
    show.report(found, html=html, json_file="-" if as_json else None, markdown=None, folder=run)


def _settings(given: dict[str, Any]) -> dict[str, Any]:
    """The options that were given, over those of the configuration file."""
    from syngen.config import RunConfig, read_config

    settings = read_config(given["config"]) if given["config"] else {}
    named = {
        k: v for k, v in given.items() if k in RunConfig.model_fields and v is not None and v is not False
    }
    settings.update(named)
    if given["rows"] is not None:
        settings["n"] = given["rows"]
    if given["no_category"] and given["category"]:
        raise ConfigError("--category and --no-category exclude each other.", "Give one of them.")
    if given["no_steer"]:
        settings["steer"] = False
    if given["no_category"]:
        settings["category"] = ""
    if given["text_column"]:
        settings["text_columns"] = tuple(given["text_column"])
    if given["role"]:
        settings["roles"] = {**(settings.get("roles") or {}), **roles_of(given["role"])}
    return settings


def _load(source: str, settings: dict[str, Any]) -> tuple[int, Reference]:
    """The rows wanted (taken out of the settings) and the reference, read once the settings are sound."""
    from syngen import api
    from syngen.engine.run import checked

    if "n" not in settings:
        raise ConfigError(
            "How many rows are wanted is not said.", "Give -n, as in: syngen generate FILE -n 500"
        )
    config = checked(**settings)
    del settings["n"]
    return config.n, api.load(source, roles=config.roles, text_columns=config.text_columns)
