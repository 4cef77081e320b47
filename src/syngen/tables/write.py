"""Write a table to a file: CSV, JSON Lines or Parquet, complete or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl

from syngen.errors import OutputError
from syngen.files import atomic

_FORMULA = r"^[=+\-@\t\r]"  # what a spreadsheet program takes for a formula


def check_output(path: Path, *, force: bool) -> None:
    """Check before any work that a table can be written to a path.

    Raises:
        OutputError: The ending is unknown, the file exists and `force` is not set, or its folder is
            missing or read-only.
    """
    if path.suffix.lower() not in FORMATS:
        raise OutputError(
            f"The output {path} has an unknown ending '{path.suffix}'.", f"Use one of {', '.join(FORMATS)}."
        )
    if path.is_dir():
        raise OutputError(f"The output {path} is a folder.", "Name a file in it.")
    if path.exists() and not force:
        raise OutputError(f"The output {path} exists already.", "Name another, or replace it with --force.")
    folder = path.absolute().parent
    if not folder.is_dir():
        raise OutputError(f"The folder {folder} of the output does not exist.", f"Make it: mkdir -p {folder}")
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputError(
            f"The folder {folder} can't be written: {error.strerror or error}.", "Choose another with -o."
        ) from error


def write_table(frame: pl.DataFrame, path: Path, *, excel_safe: bool = False) -> None:
    """Write a frame in the format of the path's ending.

    Args:
        path: A file with one of the endings in `FORMATS`; an existing file is replaced.
        excel_safe: In CSV, put an apostrophe before texts that a spreadsheet would run as a formula.

    Raises:
        OutputError: The file can't be written.
    """
    ending = path.suffix.lower()
    try:
        with atomic(path) as part:
            FORMATS[ending](_neutralised(frame) if excel_safe and ending == ".csv" else frame, part)
    except OSError as error:
        raise OutputError(
            f"The output {path} can't be written: {error.strerror or error}.",
            "The rows are safe in the run folder: syngen runs export writes them again.",
        ) from error


def formulas(frame: pl.DataFrame) -> int:
    """Count the cells that a spreadsheet program would run as a formula."""
    texts = frame.select(pl.col(pl.String).str.contains(_FORMULA).sum())
    return sum(texts.row(0)) if texts.width else 0


def _neutralised(frame: pl.DataFrame) -> pl.DataFrame:
    """Put an apostrophe before every text that begins like a formula (OWASP, CSV injection)."""
    text = pl.col(pl.String)
    return frame.with_columns(
        pl.when(text.str.contains(_FORMULA)).then("'" + text).otherwise(text).name.keep()
    )


def _csv(frame: pl.DataFrame, path: Path) -> None:
    """Write booleans as Python and pandas do; polars would write them in lower case."""
    booleans = pl.col(pl.Boolean).cast(pl.String).str.to_titlecase()
    frame.with_columns(booleans).write_csv(path)


FORMATS: Mapping[str, Callable[[pl.DataFrame, Path], None]] = {
    ".csv": _csv,
    ".jsonl": lambda frame, path: frame.write_ndjson(path),
    ".parquet": lambda frame, path: frame.write_parquet(path),
}
