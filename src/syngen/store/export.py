"""Accepted rows to a file: CSV, JSON lines or Parquet, written whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from syngen.errors import OutputError
from syngen.files import atomic
from syngen.store.folder import FILES

_FROM_ISO: Mapping[str, Callable[[str], Any]] = {
    "Date": date.fromisoformat,
    "Datetime": datetime.fromisoformat,
    "Time": time.fromisoformat,
}
AT_ONCE = 10_000  # records made a frame of
_FORMULA = r"^[=+\-@\t\r]"  # what a spreadsheet program takes for a formula


def frame_of(records: Iterable[Mapping[str, Any]], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Records of plain JSON values to a frame with the reference's columns and types.

    Part by part: as Python objects, records take several times the memory they take in a frame.
    """
    left = iter(records)
    parts = [_frame_of([], schema)]
    while some := list(islice(left, AT_ONCE)):
        parts.append(_frame_of(some, schema))
    return pl.concat(parts)


def _frame_of(records: Sequence[Mapping[str, Any]], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    columns = []
    for name, dtype in schema.items():
        values = [record[name] for record in records]
        read = _FROM_ISO.get(dtype.base_type().__name__)  # written as ISO 8601 text in the journal
        if read is not None:
            values = [None if value is None else read(value) for value in values]
        columns.append(pl.Series(name, values, dtype))
    return pl.DataFrame(columns)


def check_output(path: Path, *, force: bool, run: Path | None = None) -> None:
    """Find out before any work whether a result can be written there.

    Args:
        force: Whether a file may be replaced.
        run: The run whose rows are to be written; its own files are never replaced.

    Raises:
        OutputError: The ending is unknown, the file exists and `force` is not set, or its folder is
            missing or read-only.
    """
    if run is not None and path.name in FILES and path.absolute().parent == run.absolute():
        raise OutputError(f"The file {path} belongs to the run itself.", "Give the output another name.")
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
        excel_safe: In CSV, put an apostrophe before texts that a spreadsheet would run as a formula.

    Raises:
        OutputError: The file can't be written.
    """
    try:
        with atomic(path) as part:
            FORMATS[path.suffix.lower()](neutralised(frame) if excel_safe else frame, part)
    except OSError as error:
        raise OutputError(
            f"The output {path} can't be written: {error.strerror or error}.",
            "The rows are safe in the run folder: syngen runs export writes them again.",
        ) from error


def formulas(frame: pl.DataFrame) -> int:
    """Cells that a spreadsheet program would run as a formula."""
    texts = frame.select(pl.col(pl.String))
    return sum(int(texts[c].str.contains(_FORMULA).sum() or 0) for c in texts.columns)


def neutralised(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with an apostrophe before every text that begins like a formula (OWASP, CSV injection)."""

    def safe(name: str) -> pl.Expr:
        text = pl.col(name)
        return pl.when(text.str.contains(_FORMULA)).then(pl.lit("'") + text).otherwise(text).alias(name)

    return frame.with_columns(safe(name) for name, dtype in frame.schema.items() if dtype == pl.String)


def _csv(frame: pl.DataFrame, path: Path) -> None:
    """Booleans as Python and pandas write them; polars would write them in lower case."""
    spelled = {True: "True", False: "False"}
    booleans = pl.col(pl.Boolean).replace_strict(spelled, return_dtype=pl.String)
    frame.with_columns(booleans).write_csv(path)


def _jsonl(frame: pl.DataFrame, path: Path) -> None:
    frame.write_ndjson(path)


def _parquet(frame: pl.DataFrame, path: Path) -> None:
    frame.write_parquet(path)


FORMATS: Mapping[str, Callable[[pl.DataFrame, Path], None]] = {
    ".csv": _csv,
    ".jsonl": _jsonl,
    ".parquet": _parquet,
}
