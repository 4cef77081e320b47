"""The public functions: load, profile, preview, generate, resume, evaluate. The command line calls nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

from syngen.config import MAY_CHANGE, RunConfig
from syngen.engine import first_request
from syngen.engine import preview as previewing
from syngen.engine import run as running
from syngen.engine.preview import Preview
from syngen.engine.run import Observer
from syngen.errors import ConfigError, RunError
from syngen.evaluation.controls import outcome, planned_outcome
from syngen.evaluation.evaluate import evaluate
from syngen.evaluation.inference import Observer as Steps
from syngen.reference import load
from syngen.report import Report
from syngen.signatures import takes
from syngen.store import check_not_of_run
from syngen.store.run import Run
from syngen.store.runs import list_runs, named_run, new_run_path, runs_folder
from syngen.tables.write import check_output
from syngen.types import Model, Profile, Reference
from syngen.types.notebook import progress_bar

__all__ = [
    "Preview",
    "evaluate",
    "evaluate_run",
    "generate",
    "list_runs",
    "load",
    "new_run_path",
    "open_run",
    "outcome",
    "preview",
    "profile",
    "resume",
    "runs_folder",
]


def profile(
    source: Any,
    *,
    roles: Mapping[str, str] | None = None,
    text_columns: tuple[str, ...] = (),
    roles_file: bool = True,
) -> Profile:
    """Describe a table's columns, their roles and distributions; see `load` for the arguments."""
    return load(source, roles=roles, text_columns=text_columns, roles_file=roles_file).profile


@takes(RunConfig)
def preview(
    reference: Any, n: int, *, model: str | Model | None = None, rows: int = 3, **settings: Any
) -> Preview:
    """Plan n rows, render the first prompt, generate a few rows and estimate tokens, time and cost of all.

    Args:
        reference: As for `generate`.
        n: Rows the run would generate.
        model: As for `generate`.
        rows: Rows to generate now; 0 generates none.
        **settings: As for `generate`.

    Raises:
        InputError: The reference or a setting can't be used.
        ModelError: The model can't be reached or refused the request.
    """
    config, real = running.prepare(reference, n, model, settings)
    plan = running.plan_of(real, config)
    writer = running.model_of(model, config, plan)
    return previewing.preview(real, config, plan, writer, planned_outcome(real, config, plan), rows)


@takes(RunConfig)
def generate(
    reference: Any,
    n: int,
    *,
    model: str | Model | None = None,
    output: str | Path | None = None,
    run: str | Path | None = None,
    resume: bool = False,
    force: bool = False,
    excel_safe: bool = False,
    observe: Observer | None = None,
    stop: Event | None = None,
    **settings: Any,
) -> Run:
    """Generate n new rows like those of a reference.

    Args:
        reference: A path, a data frame (polars, pandas, Arrow), a `datasets.Dataset`, or a loaded Reference.
        n: Number of rows. The run holds exactly this many, or says in `stopped` why not.
        model: `provider/name`, the path of a local model, or a Model.
        output: Also write the rows here, in the form of its ending (.csv, .jsonl, .parquet, .xlsx …); by default into the run folder.
        run: The run folder; by default a new one in `./runs`.
        resume: Resume the run in that folder; without `run`, the latest unfinished run with the same settings.
        force: Replace an existing output or run.
        excel_safe: Neutralise spreadsheet formulas in a CSV output.
        observe: Called with the Progress after every completion; by default a bar is drawn in notebooks.
        stop: Set it from another thread to end the run: calls in flight are dropped, accepted rows are kept
            and written, and the run can be resumed.
        **settings: Any other field of `RunConfig`: strategy, mode, seed, max_tokens, ...

    Raises:
        InputError: The reference, a setting or an output can't be used.
        ModelError: The model can't be reached or refused the request; the run keeps its accepted rows.
        KeyboardInterrupt: Interrupted; the run can be resumed.
    """
    config, real = running.prepare(reference, n, model, settings)
    observe = observe or _in_notebook()
    target = Path(output) if output else None
    if resume:
        opened = running.unfinished((named_run(run) or Path(run)) if run else None, real, config)
        if target and str(target.absolute()) != opened.manifest.output:
            raise RunError(
                f"The run {opened.path} writes to {opened.manifest.output or 'its own folder'}.",
                f"Remove -o, then: syngen runs export {opened.path} -o {target}",
            )
        return running.resume(opened, real, config, model, observe, stop)
    path = Path(run) if run else new_run_path(real.source)
    if target:
        check_not_of_run(target, path)
        check_output(target, real.layout, force=force)
    plan = running.plan_of(real, config)
    writer = running.model_of(model, config, plan)
    if writer is not None:
        first_request(plan, real, config, writer)  # a broken template is reported before the folder is made
    return running.start(
        path,
        real,
        config,
        plan,
        writer,
        output=target,
        force=force,
        excel_safe=excel_safe,
        observe=observe,
        stop=stop,
    )


def _in_notebook() -> Observer | None:
    """An observer that draws a bar, in a notebook."""
    if (draw := progress_bar()) is None:
        return None
    return lambda p: draw(p.accepted / p.asked, f"{p.accepted:,} of {p.asked:,} rows, {p}")


@takes(RunConfig, MAY_CHANGE)
def resume(
    run: str | Path,
    *,
    model: Model | None = None,
    observe: Observer | None = None,
    stop: Event | None = None,
    **settings: Any,
) -> Run:
    """Resume a run until it holds exactly N rows; a complete one is left as it is.

    Args:
        run: The run folder.
        model: The model itself, when it can't be opened by the name in the manifest.
        observe: Called with the Progress after every completion.
        stop: As for `generate`.
        **settings: New values of limits or of how the model is reached; other settings can't change.

    Raises:
        ConfigError: Another setting is given.
        RunError: There is no such run, or it is damaged.
        ModelError: The model can't be reached or refused the request.
    """
    for name in settings:
        if name not in MAY_CHANGE:
            raise ConfigError(f"'{name}' can't change when a run is resumed.", "Start a new run.")
    opened, observe = open_run(run), observe or _in_notebook()
    config = RunConfig.of(**{**opened.manifest.config, **settings})
    real = load(opened.reference, roles=opened.manifest.roles, max_rows=None)
    return running.resume(opened, real, config, model, observe, stop)


def open_run(path: str | Path) -> Run:
    """Open a run; see `Run`.

    Args:
        path: Its folder, its name in the folder of runs, or `latest`.

    Raises:
        RunError: There is none, it is damaged, or a newer version made it.
    """
    return Run(named_run(path) or path)


def evaluate_run(
    run: Run | str | Path,
    *,
    observe: Steps | None = None,
    reference: Reference | None = None,
    with_real_texts: bool = False,
) -> Report:
    """Compare a run with the reference it was made from, and write the report into its folder.

    Args:
        run: The run or its folder.
        observe: As for `evaluate`.
        with_real_texts: As for `evaluate`.
        reference: The run's reference, when it is loaded already: saves the time of profiling it again.

    Returns:
        The report, with target and achieved distribution of each control; also in `report.html` and
        `report.json` of the run folder.

    Raises:
        RunError: There is no such run, it is damaged, or it has no row yet.
    """
    opened = run if isinstance(run, Run) else open_run(run)
    if not opened.ledger.accepted:
        raise RunError(f"The run {opened.path} has no rows to measure.", "See: syngen runs show")
    known = reference is not None and reference.digest == opened.manifest.reference
    real = load(reference if known else opened.reference, roles=opened.manifest.roles, max_rows=None)
    report = evaluate(
        replace(real, source=opened.manifest.source), opened, observe=observe, with_real_texts=with_real_texts
    )
    report = replace(report, controls=outcome(opened, reference or real))
    report.to_json(opened.path / "report.json")
    report.to_html(opened.path / "report.html")
    return report
