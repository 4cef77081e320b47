"""Find out what a file is, by its first bytes and its name."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Literal

from syngen import errors
from syngen.tables.database import Database

Binary = Literal["parquet", "arrow", "arrow stream"]
Container = Literal[Database, "workbook"]
Format = Literal[Binary, Container, "json", "delimited"]

COMPRESSIONS = (".gz", ".bz2", ".xz", ".zst")  # endings of compressed files

_BINARY: tuple[tuple[bytes, Binary], ...] = (
    (b"PAR1", "parquet"),
    (b"ARROW1", "arrow"),
    (b"\xff\xff\xff\xff", "arrow stream"),
)
_JSON_NAMES = (".json", ".jsonl", ".ndjson", ".geojson")
_JSON_START = re.compile(rb'(?:\[\s*)?\{\s*"')
_FOREIGN: dict[bytes | tuple[bytes, ...], str] = {  # first bytes of formats that can't be read
    b"PK\x03\x04": "a damaged ZIP archive or Office document",
    (b"\x89PNG", b"\xff\xd8\xff", b"GIF8"): "an image",
    b"%PDF": "a PDF document",
    (b"\x80\x03", b"\x80\x04", b"\x80\x05"): "a pickle",
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


def binary_format(head: bytes) -> Binary | None:
    """The format of a binary table; None for everything else."""
    return next((form for start, form in _BINARY if head.startswith(start)), None)


def ending_of(path: Path) -> tuple[str, str]:
    """The ending of a file's name in lower case, such as `.csv`, and that of its compression, such as `.gz`."""
    last = path.suffix.lower()
    if last not in COMPRESSIONS:
        return last, ""
    return path.with_suffix("").suffix.lower(), last


def container_format(path: Path) -> Container | None:
    """The kind of a file with several tables; None for everything else."""
    with path.open("rb") as file:
        start = file.read(15)
    if start == b"SQLite format 3":
        return "sqlite"
    if start[8:12] == b"DUCK":
        return "duckdb"
    return "workbook" if is_workbook(path) else None


def is_workbook(path: Path) -> bool:
    """Whether a file is a workbook of Excel (also an old one) or OpenDocument."""
    with path.open("rb") as file:
        if file.read(8) == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
            return True
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        return bool(names & {"xl/workbook.xml", "xl/workbook.bin"}) or (
            "mimetype" in names and archive.read("mimetype").endswith(b"opendocument.spreadsheet")
        )


def format_of(path: Path, head: bytes) -> Format:
    """The format of a file with a table; anything else, such as an image, raises a ReferenceError."""
    if form := binary_format(head):
        return form
    endings = [suffix.lower() for suffix in path.suffixes[-2:]]
    if container := container_format(path):
        return container
    foreign = next((what for start, what in _FOREIGN.items() if head.startswith(start)), None)
    foreign = foreign or next((_FOREIGN_NAMES[name] for name in endings if name in _FOREIGN_NAMES), None)
    if foreign:
        raise errors.ReferenceError(
            f"'{path}' is {foreign}, not a table SynGen can read.",
            "Give a CSV, TSV, JSON Lines, Parquet, Arrow or Excel file.",
        )
    bare = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    json = any(name in _JSON_NAMES for name in endings) or _JSON_START.match(bare) is not None
    return "json" if json else "delimited"
