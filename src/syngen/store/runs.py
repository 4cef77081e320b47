"""Where runs are kept, and how they are named."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from syngen.errors import RunError
from syngen.store.run import Run

LATEST = "latest"  # names the run that was made last


def runs_folder() -> Path:
    """Return the folder that runs are kept in: SYNGEN_RUNS, or `runs` in the current folder."""
    return Path(os.environ.get("SYNGEN_RUNS", "runs"))


def new_run_path(source: str) -> Path:
    """Return an unused path for a new run, named after the reference and the time."""
    stem = "stdin" if source == "-" else Path(source).name.split(".")[0].replace(" ", "-") or "run"
    base = runs_folder() / f"{stem}-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    path, count = base, 1
    while path.exists():
        count += 1
        path = base.with_name(f"{base.name}-{count}")
    return path


def list_runs(folder: str | Path | None = None) -> list[Run]:
    """Open the runs in a folder, oldest first; damaged and newer ones are left out.

    Args:
        folder: By default `./runs`, or the folder named by SYNGEN_RUNS.
    """
    found = []
    for manifest in Path(folder or runs_folder()).glob("*/manifest.json"):
        with suppress(RunError):  # `open_run` says what is wrong with it
            found.append(Run(manifest.parent))
    return sorted(found, key=lambda run: (run.manifest.created, run.path.name))


def named_run(name: str | os.PathLike[str]) -> Path | None:
    """Return the folder of a run given by its path, by its name in the folder of runs, or as `latest`; else None."""
    path = Path(name)
    for folder in (path, runs_folder() / path):
        if (folder / "manifest.json").is_file():
            return folder
    if str(name) == LATEST and not path.exists() and (runs := list_runs()):
        return runs[-1].path
    return None
