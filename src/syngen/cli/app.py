"""The commands on tables: generate, preview, profile, evaluate, report, fit."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated, Any

import typer

import syngen
from syngen import cli
from syngen.cli.help import START, Command, Group
from syngen.cli.models import models
from syngen.cli.options import (
    OUTPUT,
    STDOUT,
    ConfigFile,
    ExcelSafe,
    Force,
    HtmlFile,
    Json,
    NoReport,
    ReferenceFile,
    RunPath,
    SettingsCommand,
    Sheet,
    Verbose,
    WithRealTexts,
    at_sheet,
    settings_given,
)
from syngen.cli.output import say
from syngen.cli.runs import runs
from syngen.errors import ConfigError

app = typer.Typer(
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Synthetic data from real data with language models: exactly N new rows, and the proof.",
    pretty_exceptions_enable=False,
)
app.add_typer(runs, name="runs")
app.add_typer(models, name="models")


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Say what one does with SynGen, or its version."""
    if version:
        typer.echo(f"syngen {syngen.__version__}")
    elif context.invoked_subcommand is None:
        typer.echo(START)


@app.command(cls=SettingsCommand)
def generate(
    context: typer.Context,
    reference: ReferenceFile,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", rich_help_panel="Output", help=OUTPUT),
    ] = None,
    sheet: Sheet = None,
    fit: Annotated[
        float | None,
        typer.Option(
            "--fit",
            metavar="[MINUTES]",
            rich_help_panel="Model",
            help="First fit the model to REFERENCE, for at most MINUTES (10). A fitted model is reused.",
        ),
    ] = None,
    run: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", rich_help_panel="Output", help="The run folder. [default: a new one in ./runs]"
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            rich_help_panel="Output",
            help="Resume the latest unfinished run of these settings, or the one of --run.",
        ),
    ] = False,
    force: Force = False,
    excel_safe: ExcelSafe = False,
    config: ConfigFile = None,
    no_report: NoReport = False,
    verbose: Verbose = False,
    as_json: Json = False,
) -> int:
    """Generate exactly N new rows like those of REFERENCE."""
    from syngen.api import new_run_path
    from syngen.config import DEFAULT_MODEL
    from syngen.engine.remarks import remarks
    from syngen.engine.run import checked, latest_unfinished

    to_stdout = output == STDOUT
    if to_stdout and as_json:
        raise ConfigError("-o - and --json both write to stdout.", "Remove one of them.")
    settings = settings_given(context, config)
    n, real = _load(at_sheet(reference, sheet), settings)
    if fit is not None:
        with cli.progress.fit_progress() as observe_fit:  # what it writes is evaluated at the end of the run
            base = settings.get("model", DEFAULT_MODEL)
            fitted = syngen.fit(real, base=base, minutes=fit, measure=False, observe=observe_fit)
        if not to_stdout:
            cli.show_fitted.in_short(fitted)
        settings["model"] = fitted.model
    if run is None and not resume:
        run = new_run_path(reference)
        cli.show_run.unfinished(latest_unfinished(real, checked(n=n, **settings)))
    warnings = remarks(real, checked(n=n, **settings))
    cli.show.warnings(warnings)
    with cli.progress.run_progress(run) as observe:
        done = syngen.generate(
            real,
            n,
            output=None if to_stdout else output,
            run=run,
            resume=resume,
            force=force,
            excel_safe=excel_safe,
            observe=observe,
            **settings,
        )
    if to_stdout:
        return cli.show_run.rows(done, excel_safe=excel_safe)
    return cli.show_run.finish(
        done, real, measure=not no_report, as_json=as_json, verbose=verbose, warnings=warnings
    )


@app.command(cls=Command)
def demo(
    model: Annotated[
        str | None, typer.Option(metavar="PROVIDER/NAME", help="The model. [default: the embedded one]")
    ] = None,
    n: Annotated[int, typer.Option("-n", "--rows", metavar="N", min=1, help="Number of rows.")] = 20,
    verbose: Verbose = False,
) -> int:
    """Generate rows from the sample reviews that come with SynGen, and measure them."""
    with cli.progress.reading("the sample"):
        real = syngen.load("sample")
    say(f"syngen generate sample -n {n} --seed 1" + (f" --model {model}" if model else ""))
    run = syngen.api.new_run_path("demo")
    with cli.progress.run_progress(run) as observe:
        done = syngen.generate(real, n, model=model, seed=1, run=run, observe=observe)
    return cli.show_run.finish(done, real, measure=True, as_json=False, verbose=verbose)


@app.command(cls=SettingsCommand)
def preview(
    context: typer.Context,
    reference: ReferenceFile,
    sheet: Sheet = None,
    config: ConfigFile = None,
    samples: Annotated[
        int,
        typer.Option(
            min=0, max=20, metavar="N", rich_help_panel="Output", help="Sample rows to generate. [default: 3]"
        ),
    ] = 3,
    as_json: Json = False,
) -> None:
    """Show the plan, the first prompt, a few sample rows, and a forecast of tokens, time and cost."""
    settings = settings_given(context, config)
    n, real = _load(at_sheet(reference, sheet), settings)
    cli.show.preview(syngen.preview(real, n, rows=samples, **settings), as_json=as_json)


@app.command(cls=SettingsCommand)
def profile(
    context: typer.Context,
    reference: ReferenceFile,
    sheet: Sheet = None,
    save: Annotated[
        bool,
        typer.Option("--save", help="Write the roles to REFERENCE.syngen.yaml, which all commands read."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Show what SynGen sees in REFERENCE: roles, formats, relations, warnings."""
    from syngen.reference.saved import saved_path, write_saved

    source = at_sheet(reference, sheet)
    path = saved_path(source) if save else None
    with cli.progress.reading(source):
        real = syngen.load(source, **settings_given(context))
    cli.show_profile.profile(real, as_json=as_json)
    if path is not None:
        write_saved(real, path)
        say(f"The roles are in {path}. Edit it, or delete it.")


@app.command(cls=SettingsCommand)
def evaluate(
    context: typer.Context,
    reference: ReferenceFile,
    synthetic: Annotated[
        str,
        typer.Argument(
            metavar="SYNTHETIC",
            help="The rows to evaluate: a table, a run folder, or a model's raw reply in a text file.",
        ),
    ],
    sheet: Sheet = None,
    asked: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Number of rows that were requested.")
    ] = None,
    json_file: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="Write the report as JSON; - for stdout.")
    ] = None,
    html: HtmlFile = None,
    markdown: Annotated[
        Path | None, typer.Option("--markdown", metavar="FILE", help="Write the report as Markdown.")
    ] = None,
    with_real_texts: WithRealTexts = False,
    encoder: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Text encoder: potion-base-8M, model2vec/NAME, sentence-transformers/NAME, or a folder. "
            "[default: potion-base-8M]",
        ),
    ] = None,
    score: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Add a score that needs an optional package: mauve; repeatable."),
    ] = None,
    seed: Annotated[
        int,
        typer.Option(
            min=0, metavar="N", help="Seed of the sample, where only a part of the rows is measured."
        ),
    ] = 0,
) -> None:
    """Compare SYNTHETIC with REFERENCE: number of rows, drift, similarity."""
    cli.show.check_places(html, markdown, None if json_file in (None, "-") else Path(json_file))
    with cli.progress.reading(reference):
        real = syngen.load(at_sheet(reference, sheet), **settings_given(context))
    cli.show.notes(real)
    with cli.progress.steps_progress() as observe:
        report = syngen.evaluate(
            real,
            synthetic,
            asked=asked,
            encoder=encoder,
            scores=tuple(score or ()),
            seed=seed,
            drawings=html is not None or json_file is not None,
            with_real_texts=with_real_texts,
            observe=observe,
        )
    cli.show.report(report, html=html, json_file=json_file, markdown=markdown)


@app.command(cls=Command)
def report(
    run: RunPath, html: HtmlFile = None, with_real_texts: WithRealTexts = False, as_json: Json = False
) -> None:
    """Evaluate RUN again and write its report."""
    cli.show.check_places(html)
    opened = syngen.open_run(run)
    with cli.progress.steps_progress() as observe:
        found = syngen.evaluate_run(opened, observe=observe, with_real_texts=with_real_texts)
    cli.show.report(found, html=html, json_file="-" if as_json else None, folder=opened.path)


@app.command("open", cls=Command)
def open_report(run: RunPath = Path("latest")) -> None:
    """Open the report of RUN, or of the last run, in a browser."""
    opened = syngen.open_run(run)
    page = opened.path / "report.html"
    if not page.exists():
        with cli.progress.steps_progress() as observe:
            syngen.evaluate_run(opened, observe=observe)
    typer.echo(page)
    webbrowser.open(page.absolute().as_uri())


@app.command(cls=SettingsCommand)
def fit(
    context: typer.Context,
    reference: ReferenceFile,
    sheet: Sheet = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the fitted model: then --model fitted/NAME.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="DIR", help="The folder to make. [default: in the user's data folder]"
        ),
    ] = None,
    force: Force = False,
    no_measure: Annotated[
        bool, typer.Option("--no-measure", help="Do not generate and evaluate sample rows after the fit.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Fit a small local model to REFERENCE, so that it writes texts like it."""
    with cli.progress.fit_progress() as observe:
        fitted = syngen.fit(
            at_sheet(reference, sheet),
            name=name,
            output=output,
            force=force,
            measure=not no_measure,
            observe=observe,
            **settings_given(context),
        )
    cli.show_fitted.fitted(fitted, as_json=as_json)


def _load(source: str, settings: dict[str, Any]) -> tuple[int, Any]:
    """Validate the settings, take the number of rows out of them, and read the reference."""
    from syngen.engine.run import checked

    if "n" not in settings:
        raise ConfigError("Missing option -n/--rows.", "For example: syngen generate FILE -n 500")
    config = checked(**settings)
    with cli.progress.reading(source):
        real = syngen.load(
            source, roles=config.roles, text_columns=config.text_columns, roles_file=config.roles_file
        )
    cli.show.notes(real)
    del settings["n"]
    return config.n, real
