"""A run from start to end: validate its inputs, make or open its folder, run the loop, write the rows."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

from syngen.config import MAY_CHANGE, RunConfig
from syngen.engine.by_code import rows_by_code
from syngen.engine.loop import Progress, work
from syngen.engine.native import NativeMode
from syngen.engine.planned import PlannedMode
from syngen.engine.select import has_enough, select_rows
from syngen.errors import ConfigError, JournalError, RunError, SynGenError
from syngen.models import ModelOptions, open_model, provider_of
from syngen.models.keys import scrub
from syngen.plan import make_plan, train_with_text
from syngen.prompts import makes_all, strategy_of
from syngen.reference import load
from syngen.store import Journal, Manifest, create, versions
from syngen.store.run import Run
from syngen.store.runs import list_runs, runs_folder
from syngen.tables.write import check_output, write_table
from syngen.types import Model, Plan, Reference

Observer = Callable[[Progress], None]
NOTED = ("weights", "price_in", "price_out", "price_cached", "price_source")  # of a model, in the manifest


# ---------------------------------------------------------------------------------------- before a run
def checked(**settings: Any) -> RunConfig:
    """Validate settings without reading a file or opening a model.

    Raises:
        ConfigError: A setting is unknown or out of its range, the strategy is unknown, or settings exclude
            each other.
        ModelNotFound: The model's provider is unknown.
    """
    config = RunConfig.of(**settings)
    _check_together(config)
    provider_of(config.model, config.base_url, config.connections)
    return config


def _check_together(config: RunConfig) -> None:
    strategy_of(config.strategies)
    if config.mode == "native" and (alone := [n for n in config.strategies if makes_all(n)]):
        raise ConfigError(
            f"The strategy '{alone[0]}' writes whole prompts for planned rows, so --mode native can't use it.",
            "Remove --mode native, or write a template with a block 'native'.",
        )
    if "verbalized" in config.strategies and (config.mode == "native" or config.rows_each > 1):
        raise ConfigError(
            "The strategy 'verbalized' asks for several candidates for one planned row.",
            "Remove --mode native and --rows-per-call, or the strategy.",
        )
    if config.select > 1 and config.mode == "native":
        raise ConfigError(
            "In native mode there is no plan to select towards, so --select can't be used.",
            "Remove --mode native or --select.",
        )
    if config.choices > 1 and config.mode == "planned":
        raise ConfigError(
            "In planned mode every row has a prompt of its own, so --choices can't be used.",
            "Add --mode native, or remove --choices.",
        )


def prepare(
    reference: Any, n: int, model: str | Model | None, settings: dict[str, Any]
) -> tuple[RunConfig, Reference]:
    """Validate the settings, then read the reference."""
    if model is None or isinstance(model, str):
        config = checked(n=n, **settings, **({} if model is None else {"model": model}))
    else:
        config = RunConfig.of(n=n, model=model.name, **settings)
        _check_together(config)
    real = load(reference, roles=config.roles, text_columns=config.text_columns, roles_file=config.roles_file)
    if config.mode == "native" or config.only_with_text:
        train_with_text(real)
    return config, real


def model_of(model: str | Model | None, config: RunConfig, plan: Plan | None) -> Model | None:
    """Return the model given, or open the one that the settings name; check that it suits the settings.

    Returns:
        The model; None when no planned row has a text, so that there is nothing for a model to write.
    """
    if plan is not None and not plan.to_write.any():
        return None
    if model is None or isinstance(model, str):
        options = ModelOptions(**config.model_dump(include={field.name for field in fields(ModelOptions)}))
        model = open_model(config.model, options)
    if model.capabilities.prompt_kind == "record" and (config.mode == "native" or config.rows_each > 1):
        raise ConfigError(
            f"{model.name} was fitted to write one planned row per call.",
            "Remove --mode native and --rows-per-call.",
        )
    if config.max_cost is not None and model.capabilities.prices is None:
        raise ConfigError(
            f"The price of {model.name} is not known, so its cost can't be limited.",
            f'Limit the tokens with --max-tokens, or give its price in syngen.toml under [prices."{model.name}"].',
        )
    return model


def plan_of(reference: Reference, config: RunConfig) -> Plan | None:
    """Plan the rows; None in native mode, where the model is asked for whole rows."""
    if config.mode == "native":
        return None
    return make_plan(
        reference,
        config.candidates,
        seed=config.seed,
        settings=config.control_settings,
        only_with_text=config.only_with_text,
    )


# ---------------------------------------------------------------------------------------- run folders
def unfinished(path: Path | None, reference: Reference, config: RunConfig) -> Run:
    """Find the run to resume: the one in `path`, else the latest unfinished run of the same settings.

    Raises:
        RunError: There is none, or it was made with other settings or from another reference.
    """
    if path is not None:
        run = Run(path)
        _check_same(run, reference)
        if differences := _differences(run.config, config):
            raise RunError(
                f"The run {path} was started with other settings ({', '.join(differences)}).",
                f"Resume it unchanged with: syngen runs resume {path}",
            )
        return run
    if found := latest_unfinished(reference, config):
        return found
    raise RunError(
        f"There is no unfinished run with these settings in {runs_folder()}.",
        "Name it with --run; list all with: syngen runs list",
    )


def latest_unfinished(reference: Reference, config: RunConfig) -> Run | None:
    """Find the latest unfinished run of the same settings; None without one."""
    for run in reversed(list_runs()):
        same = run.manifest.reference == reference.digest and not _differences(run.config, config)
        if same and not run.exact:
            return run
    return None


def _check_same(run: Run, reference: Reference) -> None:
    """Check that row numbers in the journal mean the same rows, and that roles are the same."""
    if run.manifest.reference != reference.digest:
        raise RunError(
            f"The run {run.path} was made from another reference ({run.manifest.source}).",
            "Give that file unchanged, or start a new run.",
        )
    for column in reference.profile.columns:
        if (was := run.manifest.roles.get(column.name)) != column.role.value:
            raise RunError(
                f"In the run {run.path} the column '{column.name}' was {was}, now it is {column.role.value}.",
                f"Resume it unchanged with: syngen runs resume {run.path}",
            )


def _differences(config: RunConfig, other: RunConfig) -> list[str]:
    was, now = config.model_dump(mode="json"), other.model_dump(mode="json")
    return [f"{k} was {was[k]!r}" for k in now if k not in MAY_CHANGE and was[k] != now[k]]


# ---------------------------------------------------------------------------------------- the run itself
def start(
    path: Path,
    reference: Reference,
    config: RunConfig,
    plan: Plan | None,
    model: Model | None,
    *,
    output: Path | None = None,
    force: bool = False,
    excel_safe: bool = False,
    observe: Observer | None = None,
    stop: Event | None = None,
) -> Run:
    """Make the run folder and generate its rows.

    Args:
        plan: None in native mode.
        model: None when there is nothing for a model to write.
    """
    manifest = Manifest(
        config=config.model_dump(mode="json"),
        source=reference.source,
        reference=reference.digest,
        roles={column.name: column.role.value for column in reference.profile.columns},
        output=str(output.absolute()) if output else "",
        replace=force,
        excel_safe=excel_safe,
        layout=reference.layout,
        model=_described(model),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        versions=versions(),
    )
    create(path, manifest, reference.frame, None if plan is None else plan.frame)
    return _generate(Run(path), reference, config, plan, model, observe, stop)


def _described(model: Model | None) -> dict[str, Any]:
    """What the manifest says of a model; a price of 0 where there is none."""
    if model is None:
        return {"id": None, "price_in": 0.0, "price_out": 0.0}
    return {"id": model.name, **{name: getattr(model.capabilities, name) for name in NOTED}}


def resume(
    run: Run,
    reference: Reference,
    config: RunConfig,
    model: str | Model | None,
    observe: Observer | None,
    stop: Event | None,
) -> Run:
    """Generate the rows that a run lacks; if it lacks none, only write its output, unless that is there."""
    _check_same(run, reference)
    events = [kind for kind, _ in run.events]
    if run.exact and events[-1:] == ["written"] and run.output.exists():
        return run
    if run.manifest.output and not run.manifest.replace and "written" not in events:
        check_output(run.output, run.manifest.layout, force=False)
    if run.exact:
        with run.journal(write=True) as journal:
            return _write(run.path, journal)
    plan = run.plan()
    writer = model_of(model, config, plan)
    if writer and (was := run.manifest.model.get("weights")) != writer.capabilities.weights:
        raise RunError(
            f"The run {run.path} was made with other weights of {writer.name} ({was}).", "Start a new run."
        )
    return _generate(run, reference, config, plan, writer, observe, stop)


def _generate(
    run: Run,
    reference: Reference,
    config: RunConfig,
    plan: Plan | None,
    model: Model | None,
    observe: Observer | None,
    stop: Event | None,
) -> Run:
    """Run the loop, note how it ended, also by an error, and write the rows."""
    total, report = config.candidates, observe or (lambda _: None)
    with run.journal(write=True) as journal:
        try:
            name = model.name if model else ""
            journal.note("started", name)
            accepted = 0
            if plan is not None:
                accepted = _complete_by_code(plan, reference, journal, report, stop)
            reason = "Stopped on request." if stop is not None and stop.is_set() else ""
            if model is not None:
                mode: NativeMode | PlannedMode = (
                    NativeMode(reference, config, model, journal)
                    if plan is None
                    else PlannedMode(plan, reference, config, model, journal)
                )
                prices = model.capabilities.prices
                progress = Progress(total, total - mode.missing, tokens=journal.tokens(), prices=prices)
                journal.note("started", name)  # again, so that the seconds of a run are those of its calls
                reason = work(mode, model, journal, config, progress, report, stop)
                accepted = total - mode.missing
            # With candidates to select from, N rows of the planned shares are enough
            done = accepted == total or (
                accepted >= config.n and (plan is None or has_enough(journal, plan, config.n))
            )
            journal.note("finished" if done else "stopped", "" if done else reason)
            if done and plan is not None and total > config.n:
                select_rows(journal, reference, plan, config)
        except BaseException as error:
            reason = f"An error ended it: {scrub(f'{type(error).__name__}: {error}')}."
            if isinstance(error, KeyboardInterrupt):
                reason = "Interrupted."
            elif isinstance(error, SynGenError):
                reason = error.message
            with suppress(JournalError):  # the journal may be what failed
                journal.note("stopped", reason)
            raise
        return _write(run.path, journal)


def _complete_by_code(
    plan: Plan, reference: Reference, journal: Journal, observe: Observer, stop: Event | None
) -> int:
    """Record the rows that have no text; return the number of rows accepted so far."""
    progress = Progress(len(plan), len(journal.filled()), prices=(0.0, 0.0, 0.0))
    for rows in rows_by_code(plan, reference, journal):
        progress.accepted += len(rows)
        observe(progress)
        if stop is not None and stop.is_set():
            break
    return progress.accepted


def _write(path: Path, journal: Journal) -> Run:
    run = Run(path)
    write_table(run.cells, run.output, run.manifest.layout, excel_safe=run.manifest.excel_safe)
    journal.note("written", str(run.output))
    return run
