"""Find out what a file is: its format by its first bytes, how its rows are delimited by its first lines."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from syngen import errors
from syngen.tables.encoding import HEAD

Format = Literal["parquet", "arrow", "arrow stream", "json", "delimited"]

DELIMITERS = (",", "\t", ";", "|")
ONE_COLUMN = "\x1f"  # the unit separator stands in no text: every line is one cell
LONG_ROW = 50  # lines; a row of more that is also too short has swallowed others

_BINARY: tuple[tuple[bytes, Format], ...] = (
    (b"PAR1", "parquet"),
    (b"ARROW1", "arrow"),
    (b"\xff\xff\xff\xff", "arrow stream"),
)
_JSON_NAMES = (".json", ".jsonl", ".ndjson")
_FOREIGN: dict[bytes | tuple[bytes, ...], str] = {  # first bytes of formats that can't be read
    b"PK\x03\x04": "a ZIP archive or an Office document",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    (b"\x89PNG", b"\xff\xd8\xff", b"GIF8"): "an image",
    b"%PDF": "a PDF document",
    b"SQLite format 3": "a SQLite database",
    (b"\x80\x03", b"\x80\x04", b"\x80\x05"): "a pickle",
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
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")
_YEAR = re.compile(r"(?:19|20)\d\d")


def binary_format(head: bytes) -> Format | None:
    """The format of a binary table; None for everything else."""
    return next((form for start, form in _BINARY if head.startswith(start)), None)


def format_of(path: Path, head: bytes) -> Format:
    """The format of a table file; anything else, such as an image, raises a ReferenceError."""
    if form := binary_format(head):
        return form
    endings = [suffix.lower() for suffix in path.suffixes[-2:]]
    foreign = next((what for start, what in _FOREIGN.items() if head.startswith(start)), None)
    foreign = foreign or next((_FOREIGN_NAMES[name] for name in endings if name in _FOREIGN_NAMES), None)
    if foreign:
        raise errors.ReferenceError(
            f"'{path}' is {foreign}, not a table SynGen can read.",
            "Give a CSV, TSV, JSON Lines, Parquet or Arrow file.",
        )
    bare = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    json = any(name in _JSON_NAMES for name in endings) or bare.startswith((b'{"', b"[{"))
    return "json" if json else "delimited"


def csv_options(head: Sequence[str]) -> Mapping[str, Any]:
    """The options of `csv.reader` that fit the first lines of a text best: most rows are as wide as the first."""
    title = head[0] if head else ""
    candidates = [
        {
            "delimiter": delimiter,
            "skipinitialspace": title.count(delimiter) == title.count(delimiter + " "),
            **quoting,
        }
        for delimiter in DELIMITERS
        if delimiter in title
        for quoting in ({}, {"escapechar": "\\"}, {"quoting": csv.QUOTE_NONE})
    ]
    return max(candidates, key=lambda options: _fit(options, head), default={"delimiter": ONE_COLUMN})


def _fit(options: Mapping[str, Any], head: Sequence[str]) -> tuple[float, int, int]:
    """Share of rows as wide as the first, that width, and how many rows."""
    rows = [row for row in csv.reader(head, **options) if row]
    cut_off = sum(map(len, head)) > HEAD
    if len(rows) > 2 and (cut_off or "".join(rows[-1]).count("\n") > LONG_ROW):
        rows.pop()  # the head ends in it, or a quote that is never closed begins there
    width = len(rows[0]) if rows else 0
    fitting = sum(len(row) == width for row in rows)
    return (fitting / len(rows), width, fitting) if width > 1 else (0.0, 0, 0)


def looks_like_data(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a first row holds what no header holds: a number over numbers, or a long text."""
    for i, cell in enumerate(first):
        under = [row[i].strip() for row in below[:5] if len(row) > i and row[i]]
        if len(cell) > 100 or len(cell.split()) > 12:
            return True
        if _NUMBER.fullmatch(cell) and not _YEAR.fullmatch(cell) and under:
            return all(_NUMBER.fullmatch(value) for value in under)
    return False
