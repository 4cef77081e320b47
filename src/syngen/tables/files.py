"""Files: a path comes in, a raw table of typed columns goes out, with notes on what had to be done.

What a file is, is told by its first bytes and only then by its name.
"""

from __future__ import annotations

import difflib
import zlib
from collections.abc import Callable
from pathlib import Path

import polars as pl

from syngen import errors
from syngen.tables.delimited import read_delimited
from syngen.tables.dtypes import to_house_types
from syngen.tables.encoding import head_of
from syngen.tables.objects import read_json
from syngen.tables.sample import sample_indices, sample_note

_READABLE = "Give a CSV, TSV, JSON Lines, Parquet or Arrow file."
# First bytes of formats that are no tables of ours, or not readable here.
_FOREIGN = {
    b"PK\x03\x04": "a ZIP archive or an Office document",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF8": "an image",
    b"%PDF": "a PDF document",
    b"SQLite format 3": "a SQLite database",
    b"\x80\x03": "a pickle",
    b"\x80\x04": "a pickle",
    b"\x80\x05": "a pickle",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"\x89HDF": "an HDF5 file",
    b"ORC": "an ORC file",
    b"Obj\x01": "an Avro file",
    b"GGUF": "a language model",
}
_FOREIGN_NAMES = {
    ".html": "an HTML page",
    ".htm": "an HTML page",
    ".xml": "an XML document",
    ".yaml": "a YAML document",
    ".yml": "a YAML document",
    ".py": "a program",
}
_JSON_NAMES = (".json", ".jsonl", ".ndjson")


def read_file(path: Path, max_rows: int, notes: list[str]) -> pl.DataFrame:
    """Read a table from a file.

    Args:
        path: CSV, TSV or other delimited text, JSON Lines or a JSON array (all of them also gzipped),
            Parquet, or Arrow IPC (Feather).
        max_rows: Most rows to keep; of more a seeded random sample is taken.
        notes: Receives what had to be done, one sentence each.

    Raises:
        ReferenceError: When there is no such file, or no table can be made of it.
    """
    try:
        path = path.expanduser()
        _check(path)
        head = head_of(path)
        if not head.strip(b"\xef\xbb\xbf \t\r\n"):
            raise errors.ReferenceError(
                f"'{path}' is empty.", "Give a table with a header and at least two rows."
            )
        return _reader(path, head)(path, max_rows, notes)
    except (EOFError, zlib.error) as error:
        raise errors.ReferenceError(
            f"'{path}' is damaged or cut off: it can't be decompressed.", "Fetch it anew."
        ) from error
    except RuntimeError as error:  # by expanduser
        raise errors.ReferenceError(
            f"There is no file '{path}': whose home folder is meant is unknown.", "Write the path out."
        ) from error
    except OSError as error:
        raise errors.ReferenceError(
            f"'{path}' can't be read: {error.strerror or error}.", "Check the file and its permissions."
        ) from error


def _check(path: Path) -> None:
    """That there is a regular file."""
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


def _reader(path: Path, head: bytes) -> Callable[[Path, int, list[str]], pl.DataFrame]:
    """The function that reads this kind of file."""
    names = [suffix.lower() for suffix in path.suffixes[-2:]]
    if head.startswith(b"PAR1"):
        return _read_parquet
    if head.startswith((b"ARROW1", b"\xff\xff\xff\xff")):
        return _read_arrow
    foreign = next((what for start, what in _FOREIGN.items() if head.startswith(start)), None)
    foreign = foreign or next((_FOREIGN_NAMES[name] for name in names if name in _FOREIGN_NAMES), None)
    if foreign:
        raise errors.ReferenceError(f"'{path}' is {foreign}, not a table SynGen can read.", _READABLE)
    bare = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if any(name in _JSON_NAMES for name in names) or bare.startswith((b'{"', b"[{")):
        return read_json
    return read_delimited


def _read_parquet(path: Path, max_rows: int, notes: list[str]) -> pl.DataFrame:
    return collect(pl.scan_parquet(path, glob=False), str(path), max_rows, notes)


def _read_arrow(path: Path, max_rows: int, notes: list[str]) -> pl.DataFrame:
    if head_of(path, 6) == b"ARROW1":
        return collect(pl.scan_ipc(path), str(path), max_rows, notes)
    return collect(pl.read_ipc_stream(path).lazy(), str(path), max_rows, notes)


def collect(lazy: pl.LazyFrame, source: str, max_rows: int, notes: list[str]) -> pl.DataFrame:
    """At most so many rows of a lazy frame, in the house's types.

    Raises:
        ReferenceError: When the query fails, such as on a damaged file.
    """
    try:
        rows = lazy.select(pl.len()).collect().item()
        if rows > max_rows:
            notes.append(sample_note(max_rows, rows))
            wanted = pl.Series(sample_indices(rows, max_rows))
            number = "row number of the reference"
            lazy = lazy.with_row_index(number).filter(pl.col(number).is_in(wanted.implode())).drop(number)
        frame = lazy.collect(engine="streaming")
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        first = str(error).partition("\n")[0]
        raise errors.ReferenceError(f"'{source}' can't be read: {first}.", "Check the file.") from error
    return to_house_types(frame, notes)
