"""Read a table from a file, strictly: what can't be read without loss is left out and said, or refused."""

from __future__ import annotations

import difflib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import polars as pl

from syngen import errors
from syngen.tables.delimited import read_delimited
from syngen.tables.encoding import Text, head_of
from syngen.tables.frames import read_binary
from syngen.tables.objects import read_json
from syngen.tables.sniff import ending_of, format_of
from syngen.types import Layout


def read_file(path: Path, max_rows: int, notes: list[str]) -> tuple[pl.DataFrame, Layout]:
    """Read a table from a file, and learn how the file is written.

    Args:
        path: CSV, TSV or other delimited text, JSON Lines or a JSON array (all of them also gzipped),
            Parquet, or Arrow IPC (Feather).

    Raises:
        ReferenceError: When there is no such file, or no table can be made of it.
    """
    with readable(path) as file:
        head = head_of(file)
        if not head.strip(b"\xef\xbb\xbf \t\r\n"):
            raise errors.ReferenceError(
                f"'{file}' is empty.", "Give a table with a header and at least two rows."
            )
        form = format_of(file, head)
        ending = ending_of(file)[0]
        if form == "delimited":
            frame, layout = read_delimited(Text.of_file(file, notes), max_rows, notes)
        elif form == "json":
            frame, layout = read_json(Text.of_file(file, notes), max_rows, notes)
        else:
            frame, layout = read_binary(file, form, max_rows, notes)
        return frame, replace(layout, ending=ending)


@contextmanager
def readable(path: Path, *, folders: bool = False) -> Iterator[Path]:
    """Check that there is a regular file, and say in a sentence why it can't be read.

    Args:
        path: The file.
        folders: Whether it may also be a folder.

    Yields:
        The path, with `~` replaced by the home folder.

    Raises:
        ReferenceError: There is no such file, or reading it within the block failed.
    """
    try:
        path = path.expanduser()
    except RuntimeError as error:
        raise errors.ReferenceError(
            f"There is no file '{path}': whose home folder is meant is unknown.", "Write the path out."
        ) from error
    try:
        if not (folders and path.is_dir()):
            _check(path)
        yield path
    except (EOFError, zlib.error) as error:
        raise errors.ReferenceError(
            f"'{path}' is damaged or cut off: it can't be decompressed.", "Fetch it anew."
        ) from error
    except OSError as error:
        raise errors.ReferenceError(
            f"'{path}' can't be read: {error.strerror or error}.", "Check the file and its permissions."
        ) from error


def _check(path: Path) -> None:
    if path.is_file():
        return
    if path.is_dir():
        raise errors.ReferenceError(f"'{path}' is a folder.", "Name one file in it.")
    if path.exists():
        raise errors.ReferenceError(f"'{path}' is not a regular file.", "Save it to a file first.")
    if "://" in str(path) or ":/" in str(path):
        raise errors.ReferenceError(
            f"'{path}' is a web address.", "Download it and give the path of the file."
        )
    nearby = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
    close = difflib.get_close_matches(path.name, nearby, n=1, cutoff=0.75)
    raise errors.ReferenceError(
        f"There is no file '{path}'.",
        f"Did you mean '{path.with_name(close[0])}'?" if close else "Check the path.",
    )
