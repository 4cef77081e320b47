"""Create a run folder, and read its manifest."""

from __future__ import annotations

import json
import platform
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import BaseModel, ConfigDict, ValidationError

from syngen.controls import MATCH
from syngen.errors import OutputError, RunError
from syngen.files import atomic
from syngen.store.journal import Journal, hold
from syngen.types import Layout

FORMAT = 2  # of the folder; a newer one is refused, an older one is always readable
FILES = (
    "manifest.json",
    "reference.parquet",
    "plan.parquet",
    "journal.sqlite",
    "journal.sqlite-wal",
    "journal.sqlite-shm",
    "lock",
    "lock-journal",
    "rows.csv",
    "report.html",
    "report.json",
)
_PACKAGES = ("syngen-text", "openvino-genai", "polars", "numpy", "pydantic")


class Manifest(BaseModel):
    """The settings of a run, its reference and its model. Written once, never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int = FORMAT  # version of the folder's layout
    config: dict[str, Any]  # the run's settings
    source: str  # where the reference came from, for people
    reference: str  # digest of the reference
    roles: dict[str, str]  # the role of every column, as the run uses it
    output: str = ""  # the file to write the rows to; empty for `rows.csv` in the run folder
    replace: bool = False  # whether the run may replace an earlier one, and an output that it did not write
    excel_safe: bool = False  # whether a CSV output neutralises spreadsheet formulas
    layout: Layout | None = None  # how the file that was read is written, and so the output
    model: dict[str, Any] = {}  # the model's id and what identifies its weights
    created: str  # ISO 8601, UTC
    versions: dict[str, str]  # of Python, the platform and the packages that matter


def create(path: Path, manifest: Manifest, reference: pl.DataFrame, plan: pl.DataFrame | None) -> None:
    """Create a run folder with an empty journal.

    The manifest is written last, so that a folder with one is complete.

    Args:
        reference: The real rows.
        plan: One row per slot; None in native mode.

    Raises:
        RunError: The folder holds a run already, or a process is working on it.
        OutputError: The folder can't be created, or holds other files.
    """
    has_run = (path / "manifest.json").exists()
    if has_run and not manifest.replace:
        raise RunError(
            f"The folder {path} holds a run already.",
            "Resume it with --resume, choose another folder with --run, or replace it with --force.",
        )
    if has_run:
        hold(path / "lock").close()  # no other process is working on it
    elif path.is_dir() and any(not _is_own(file) for file in path.iterdir()):
        raise OutputError(f"The folder {path} holds other files.", "Choose a new one with --run.")
    try:
        if path.is_dir():
            for file in filter(_is_own, path.iterdir()):
                file.unlink()
        else:
            path.mkdir(parents=True)
        reference.write_parquet(path / "reference.parquet")
        if plan is not None:
            plan.write_parquet(path / "plan.parquet")
        Journal(path / "journal.sqlite", write=True).close()
        with atomic(path / "manifest.json") as part:
            part.write_text(manifest.model_dump_json(indent=2), "utf-8")
    except OSError as error:
        raise OutputError(
            f"The run folder {path} can't be created: {error.strerror or error}.",
            "Choose another with --run.",
        ) from error


def check_not_of_run(path: Path, run: Path) -> None:
    """Check that an output is none of the files of a run, which are never replaced.

    Raises:
        OutputError: It is.
    """
    if path.name in FILES and path.absolute().parent == run.absolute():
        raise OutputError(f"The file {path} belongs to the run itself.", "Give the output another name.")


def read_manifest(path: Path) -> Manifest:
    """Read the manifest of a run folder.

    Raises:
        RunError: There is none, it is damaged, or a newer version of SynGen wrote it.
    """
    file = path / "manifest.json"
    try:
        content = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise RunError(f"There is no run in {path}.", "See what there is with: syngen runs list") from None
    except (OSError, ValueError) as error:
        raise RunError(f"The manifest {file} can't be read: {error}.", "Start a new run.") from error
    made_by = content.get("format") if isinstance(content, dict) else None
    if isinstance(made_by, int) and made_by > FORMAT:
        raise RunError(
            f"The run {path} was made by a newer version of SynGen (format {made_by}, this one reads {FORMAT}).",
            "Update with: pip install --upgrade syngen-text",
        )
    if made_by == 1:
        content["config"] = _of_format_1(content["config"])
    try:
        return Manifest.model_validate(content)
    except ValidationError as error:
        raise RunError(
            f"The manifest {file} is damaged: {error.errors()[0]['msg']}.", "Start a new run."
        ) from error


def _of_format_1(config: dict[str, Any]) -> dict[str, Any]:
    """The settings of a run of format 1: controls that were not set were "match", and a setting has a new name."""
    new_names = {"patience": "retry_timeout"}
    return {new_names.get(name, name): value for name, value in config.items() if value != MATCH}


def versions() -> dict[str, str]:
    """Return the versions of Python, the platform and the packages that matter."""
    found = {"python": platform.python_version(), "platform": platform.platform()}
    for package in _PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            found[package] = metadata.version(package)
    return found


def _is_own(file: Path) -> bool:
    """Whether a file of a run folder was made by a run; a killed process leaves a `.part`."""
    return file.name in FILES or file.suffix == ".part"
