"""What a user calls: load, profile, preview, generate, resume. The command line calls nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from syngen.config import RunConfig
from syngen.engine import (
    Limits,
    Progress,
    first_request,
    native_asking,
    planned_asking,
    select_rows,
    work,
)
from syngen.errors import ConfigError, ModelError, RunError
from syngen.plan import Plan
from syngen.preparing import opened, plan_of, prepare
from syngen.reference import load
from syngen.store import Journal, RunFolder, check_not_of_run, create, open_folder
from syngen.store.run import Run
from syngen.tables.write import check_output, write_table
from syngen.types import Model, Profile, Reference

__all__ = [
    "generate",
    "list_runs",
    "load",
    "new_run_path",
    "open_run",
    "profile",
    "resume",
    "runs_folder",
]

Observer = Callable[[Progress], None]
_MAY_CHANGE = {  # when a run is resumed
    "base_url",
    "concurrency",
    "connections",
    "max_cost",
    "max_time",
    "max_tokens",
    "min_yield",
    "patience",
    "timeout",
}


def profile(
    source: Any, *, roles: Mapping[str, str] | None = None, text_columns: tuple[str, ...] = ()
) -> Profile:
    """What SynGen sees in a table; see `load` for the arguments."""
    return load(source, roles=roles, text_columns=text_columns).profile


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
    **settings: Any,
) -> Run:
    """Make n new rows like those of a reference.

    Args:
        reference: A path, a data frame (polars, pandas, Arrow), a `datasets.Dataset`, or what `load` gave.
        n: Rows wanted. The run holds exactly so many, or says in `stopped` why not.
        model: `provider/name`, the path of a local model, or a Model.
        output: Also write the rows here (.csv, .jsonl, .parquet); by default into the run folder.
        run: The run folder; by default a new one in `./runs`.
        resume: Go on with the run in that folder, or without one with the latest unfinished run of the
            same settings.
        force: Replace an output or a run that is there.
        excel_safe: Neutralise spreadsheet formulas in a CSV output.
        observe: Called with the Progress after every completion.
        **settings: Any other field of `RunConfig`: strategy, mode, seed, max_tokens, ...

    Raises:
        InputError: The reference, a setting or an output can't be used.
        ModelError: The model can't be reached or refused us; what was accepted is safe in the run.
        KeyboardInterrupt: Interrupted; the run can be resumed.
    """
    config, real = prepare(reference, n, model, settings)
    target = Path(output) if output else None
    if resume:
        folder = _folder_to_resume(Path(run) if run else None, real, config)
        if target and str(target.absolute()) != folder.manifest.output:
            raise RunError(
                f"The run {folder.path} writes to {folder.manifest.output or 'its own folder'}.",
                f"Leave -o out, then: syngen runs export {folder.path} -o {target}",
            )
        return _carry_on(folder, real, config, model, observe)
    path = Path(run) if run else new_run_path(real.source)
    if target:
        check_not_of_run(target, path)
        check_output(target, force=force)
    plan, writer = plan_of(real, config), opened(model, config)
    first_request(
        plan, real, config, writer
    )  # a template that can't be filled in says so before the folder is
    return start(
        path, real, config, plan, writer, output=target, observe=observe, force=force, excel_safe=excel_safe
    )


def resume(
    run: str | Path, *, model: Model | None = None, observe: Observer | None = None, **limits: Any
) -> Run:
    """Go on with a run until it holds exactly N rows; one that does is left as it is.

    Args:
        run: The run folder.
        model: The model itself, when it can't be opened by the name in the manifest.
        observe: Called with the Progress after every completion.
        **limits: New values of limits (max_cost, max_tokens, max_time, min_yield) or of how the model is
            reached (base_url, concurrency, timeout, patience); the others are as they were.

    Raises:
        ConfigError: Something else than a limit is given.
        RunError: There is no such run, or it is damaged.
        ModelError: The model can't be reached or refused us.
    """
    for name in limits:
        if name not in _MAY_CHANGE:
            raise ConfigError(f"'{name}' can't change when a run is resumed.", "Start a new run.")
    folder = open_folder(Path(run))
    config = RunConfig.of(**{**folder.manifest.config, **limits})
    real = load(folder.reference(), roles=folder.manifest.roles, max_rows=None)
    return _carry_on(folder, real, config, model, observe)


def open_run(path: str | Path) -> Run:
    """Open a run folder; see `Run`.

    Raises:
        RunError: There is none, it is damaged, or a newer version made it.
    """
    return Run.open(path)


def runs_folder() -> Path:
    """Where runs are kept: the folder named by SYNGEN_RUNS, or `runs` in the current one."""
    return Path(os.environ.get("SYNGEN_RUNS", "runs"))


def new_run_path(source: str) -> Path:
    """A folder for a new run, named after the reference and the time."""
    stem = Path(source).name.split(".")[0].replace(" ", "-") or "run"
    base = runs_folder() / f"{stem}-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    path, count = base, 1
    while path.exists():
        count += 1
        path = base.with_name(f"{base.name}-{count}")
    return path


def list_runs(folder: str | Path | None = None) -> list[Run]:
    """The runs in a folder, oldest first; damaged and newer ones are left out."""
    found = []
    for manifest in Path(folder or runs_folder()).glob("*/manifest.json"):
        try:
            found.append(Run.open(manifest.parent))
        except RunError:
            continue  # `open_run` says what is wrong with it
    return sorted(found, key=lambda run: (run.manifest.created, run.path.name))


def start(
    path: Path,
    reference: Reference,
    config: RunConfig,
    plan: Plan | None,
    model: Model,
    *,
    output: Path | None = None,
    observe: Observer | None = None,
    force: bool = False,
    excel_safe: bool = False,
) -> Run:
    """Make the run folder, then work."""
    can = model.capabilities
    folder = create(
        path,
        config.model_dump(mode="json"),
        reference,
        None if plan is None else plan.frame,
        {
            "id": model.name,
            "weights": can.weights,
            "price_in": can.price_in,
            "price_out": can.price_out,
            "price_cached": can.price_cached,
            "price_source": can.price_source,
        },
        output=str(output.absolute()) if output else "",
        force=force,
        excel_safe=excel_safe,
    )
    return _work(folder, reference, config, plan, model, observe)


def _carry_on(
    folder: RunFolder,
    reference: Reference,
    config: RunConfig,
    model: str | Model | None,
    observe: Observer | None,
) -> Run:
    """Work on what a run left behind; what is complete is only written, and only if it was not."""
    _check_same(folder, reference)
    run = Run(folder)
    with Journal(folder.journal) as journal:
        written, ours = journal.written(), folder.manifest.replace or journal.ever_written()
    if run.exact and written and run.output.exists():
        return run
    if run.manifest.output and not ours:
        check_output(run.output, force=False)
    if run.exact:
        with Journal(folder.journal, write=True) as journal:
            return _write(folder, journal)
    plan = Plan.open(folder.plan) if config.mode == "planned" else None
    writer = opened(model, config)
    if (was := folder.manifest.model.get("weights")) != writer.capabilities.weights:
        raise RunError(
            f"The run {folder.path} was made with other weights of {writer.name} ({was}).", "Start a new run."
        )
    return _work(folder, reference, config, plan, writer, observe)


def _work(
    folder: RunFolder,
    reference: Reference,
    config: RunConfig,
    plan: Plan | None,
    model: Model,
    observe: Observer | None,
) -> Run:
    """Run the loop, note how it ended, write the result."""
    limits = Limits(config.max_tokens, config.max_time, config.max_cost, config.min_yield)
    with Journal(folder.journal, write=True) as journal:
        if plan is None:
            asking = native_asking(reference, config, model, journal)
        else:
            asking = planned_asking(plan, reference, config, model, journal)
        accepted = config.candidates - asking.missing
        prices = model.capabilities.prices
        progress = Progress(config.candidates, accepted, tokens=journal.tokens(), prices=prices)
        journal.note("started", model.name)
        try:
            stop = work(asking, model, journal, limits, progress, observe or (lambda _: None))
        except KeyboardInterrupt:
            journal.note("stopped", "Interrupted.")
            raise
        except ModelError as error:
            journal.note("stopped", error.message)
            raise
        done = config.candidates - asking.missing >= config.n  # a limit may have come after enough of them
        journal.note("finished" if done else "stopped", "" if done else stop)
        if done and plan is not None and config.candidates > config.n:
            select_rows(journal, reference, plan, config)
        return _write(folder, journal)


def _write(folder: RunFolder, journal: Journal) -> Run:
    """Write the rows to the run's output, and that it was done into the journal."""
    run = Run(folder)
    write_table(run.rows, run.output, excel_safe=folder.manifest.excel_safe)
    journal.note("written", str(run.output))
    return run


def _folder_to_resume(path: Path | None, reference: Reference, config: RunConfig) -> RunFolder:
    """The folder of the run to go on with, checked to be of the same reference and settings."""
    if path is not None:
        folder = open_folder(path)
        _check_same(folder, reference)
        if differences := _differences(folder.manifest.config, config):
            raise RunError(
                f"The run {path} was started with other settings ({', '.join(differences)}).",
                f"Go on as it was with: syngen runs resume {path}",
            )
        return folder
    for run in reversed(list_runs()):
        same = run.manifest.reference == reference.digest and not _differences(run.manifest.config, config)
        if same and not run.exact:
            return open_folder(run.path)
    raise RunError(
        f"There is no unfinished run of these settings in {runs_folder()}.",
        "Name it with --run, see all with: syngen runs list",
    )


def _check_same(folder: RunFolder, reference: Reference) -> None:
    """Row numbers in the journal must mean the rows, and roles, they meant."""
    if folder.manifest.reference != reference.digest:
        raise RunError(
            f"The run {folder.path} was made from another reference ({folder.manifest.source}).",
            "Give that file as it was, or start a new run.",
        )
    for column in reference.profile.columns:
        if (was := folder.manifest.roles.get(column.name)) != column.role.value:
            raise RunError(
                f"In the run {folder.path} the column '{column.name}' was {was}, now it is {column.role.value}.",
                f"Go on as it was with: syngen runs resume {folder.path}",
            )


def _differences(stored: dict[str, Any], config: RunConfig) -> list[str]:
    now = config.model_dump(mode="json")
    stored = RunConfig.of(**stored).model_dump(mode="json")  # with what earlier versions did not know
    return [f"{k} was {stored.get(k)!r}" for k in now if k not in _MAY_CHANGE and stored.get(k) != now[k]]
