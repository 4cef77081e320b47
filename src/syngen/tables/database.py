"""Read a table of a SQLite or DuckDB file."""

from __future__ import annotations

import operator
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import polars as pl

from syngen import errors
from syngen.tables.dtypes import from_objects, to_frame
from syngen.tables.sample import characters, sample_rows
from syngen.tables.unsampled import Unsampled
from syngen.text.format import listed

Database = Literal["sqlite", "duckdb"]
_TABLES: dict[Database, str] = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'",
    "duckdb": "SELECT table_name FROM information_schema.tables",
}


def read_table(
    path: Path, form: Database, part: str, max_rows: int, notes: list[str], unsampled: Unsampled | None = None
) -> pl.DataFrame:
    """Read a table or a view; of more than `max_rows` rows a seeded sample.

    Args:
        path: The file of the database, which is only read.
        part: The table's name; empty: the only one.
        unsampled: Receives the keys of rows that are not in the sample.

    Raises:
        ReferenceError: There is no such table, more than one, or the file can't be read.
    """
    connect, failure = _driver(form)
    try:
        with closing(connect(path)) as database:
            names = sorted(name for (name,) in database.execute(_TABLES[form]).fetchall())
            if part not in names and (part or len(names) != 1):
                what = f"no table '{part}'" if part else f"{len(names)} tables"
                first = names[0] if names else "TABLE"
                raise errors.ReferenceError(
                    f"'{path}' has {what}: {listed(names, most=20) or 'it is empty'}.",
                    f"Name one: {path}::{first}",
                )
            quoted = (part or names[0]).replace('"', '""')
            cursor = database.execute(f'SELECT * FROM "{quoted}"')  # noqa: S608 - the name of a table that is there
            columns = [entry[0] for entry in cursor.description]
            found = unsampled or Unsampled()

            def left_out(rows: list[tuple[Any, ...]]) -> None:
                found.add_rows(rows, range(len(columns)), operator.getitem, columns)

            rows, _ = sample_rows(_rows(cursor), max_rows, characters, notes, left_out)
            found.finish(notes, columns)
    except failure as error:
        raise errors.ReferenceError(f"'{path}' can't be read: {error}.", "Check the file.") from error
    cells = list(zip(*rows, strict=True)) or [()] * len(columns)
    return to_frame([from_objects(name, values, notes) for name, values in zip(columns, cells, strict=True)])


def _rows(cursor: Any) -> Iterator[tuple[Any, ...]]:
    while rows := cursor.fetchmany(1_000):
        yield from rows


def _driver(form: Database) -> tuple[Callable[[Path], Any], type[Exception]]:
    """How to open a database for reading, and the error that its library raises."""
    if form == "sqlite":
        return lambda path: sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True), sqlite3.Error
    try:
        duckdb = import_module("duckdb")
    except ImportError as error:
        raise errors.ReferenceError(
            "To read a DuckDB file, the package duckdb is needed.", "pip install 'syngen-text[duckdb]'"
        ) from error
    return lambda path: duckdb.connect(str(path), read_only=True), duckdb.Error
