"""Read a table from a file, strictly: what can't be read without loss is left out and said, or refused."""

from __future__ import annotations

import os
from dataclasses import replace

import polars as pl

from syngen import errors
from syngen.tables.database import read_table
from syngen.tables.delimited import read_delimited
from syngen.tables.encoding import Text, head_of
from syngen.tables.frames import read_binary
from syngen.tables.objects import read_json
from syngen.tables.sniff import ending_of, format_of
from syngen.tables.sources import readable
from syngen.tables.unsampled import Unsampled
from syngen.tables.workbook import read_sheet, sheet_layout
from syngen.types import Layout


def read_file(
    source: str | os.PathLike[str], max_rows: int, notes: list[str], unsampled: Unsampled | None = None
) -> tuple[pl.DataFrame, Layout]:
    """Read a table from a file, and learn how the file is written.

    Args:
        source: The path of a file: CSV, TSV or other delimited text, JSON Lines or a JSON array (all of them also
            compressed by gzip, bzip2, xz or zstd), Parquet, Arrow IPC (Feather), a workbook, a database of SQLite
            or DuckDB, or a ZIP archive of one of them. `::` and a name after it choose a part; `-` is standard
            input.
        unsampled: Receives the keys of rows that are not in the sample.

    Raises:
        ReferenceError: When there is no such file, or no table can be made of it.
    """
    unsampled = unsampled or Unsampled()
    with readable(source) as found:
        file = found.path
        head = head_of(file)
        if not head.strip(b"\xef\xbb\xbf \t\r\n"):
            raise errors.ReferenceError(
                f"'{file}' is empty.", "Give a table with a header and at least two rows."
            )
        match format_of(file, head):
            case "delimited":
                frame, layout = read_delimited(Text.of_file(file, notes), max_rows, notes, unsampled)
            case "json":
                frame, layout = read_json(Text.of_file(file, notes), max_rows, notes, unsampled)
            case "workbook":
                text, sheet = read_sheet(file, found.part, notes)
                frame, layout = read_delimited(text, max_rows, notes, unsampled)
                layout = sheet_layout(frame, layout, sheet)
            case "sqlite" | "duckdb" as form:
                frame, layout = read_table(file, form, found.part, max_rows, notes, unsampled), Layout()
            case form:
                frame, layout = read_binary(file, form, max_rows, notes, unsampled)
        return frame, replace(layout, ending=ending_of(file)[0])
