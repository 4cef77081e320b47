"""Find the file that a source names: a path, `-` for standard input, one file of an archive, a part of a file.

`archive.zip::reviews.csv`, `book.xlsx::Sheet2` and `shop.db::orders` name a part of a file.
"""

from __future__ import annotations

import difflib
import lzma
import os
import shutil
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from syngen import errors
from syngen.data import sample
from syngen.tables.encoding import ZstdError, head_of, is_compressed, open_bytes
from syngen.tables.sniff import binary_format, is_workbook
from syngen.text.format import listed

STDIN = "-"
SAMPLE = "sample"  # the rows that come with SynGen, unless there is a file of that name
PART = "::"  # between a file and what is meant in it


@dataclass(frozen=True, slots=True)
class Source:
    """A regular file, and the part of it that is meant."""

    path: Path
    part: str = ""  # a sheet or a table; empty: the first, or the only one


@contextmanager
def readable(source: str | os.PathLike[str], *, folders: bool = False) -> Iterator[Source]:
    """Find the file, and say in a sentence why it can't be read. Copies are removed at the end of the block.

    Args:
        source: The path of a file, with the part that is meant after `::`; `-` for standard input; `sample` for the
            rows that come with SynGen.
        folders: Whether it may also be a folder.

    Yields:
        The file, with `~` replaced by the home folder; of standard input, a pipe or a file in an archive a copy.

    Raises:
        ReferenceError: There is no such file, or reading it within the block failed.
    """
    name = os.fspath(source)
    with tempfile.TemporaryDirectory(prefix="syngen-", ignore_cleanup_errors=True) as folder:
        try:
            yield _found(name, Path(folder), folders=folders)
        except (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, ZstdError) as error:
            raise errors.ReferenceError(
                f"'{name}' is damaged or cut off: it can't be decompressed.", "Fetch it anew."
            ) from error
        except OSError as error:
            raise errors.ReferenceError(
                f"'{name}' can't be read: {error.strerror or error}.", "Check the file and its permissions."
            ) from error


def _found(name: str, folder: Path, *, folders: bool) -> Source:
    if name == STDIN:
        return Source(_copied(sys.stdin.buffer, folder / "stdin"))
    path, part = _home(name), ""
    if name == SAMPLE and not path.exists():
        return Source(sample())
    if PART in name and not path.exists():
        before, _, part = name.rpartition(PART)
        path = _home(before)
    if folders and path.is_dir():
        return Source(path)
    if path.is_fifo():
        with path.open("rb") as file:
            path = _copied(file, folder / path.name)
    _check(path)
    if zipfile.is_zipfile(path) and not is_workbook(path):
        return Source(_extracted(path, part, folder))
    if is_compressed(path) and binary_format(head_of(path, 6)):
        with open_bytes(path) as file:
            return Source(_copied(file, folder / path.stem), part)
    return Source(path, part)


def _home(name: str) -> Path:
    try:
        return Path(name).expanduser()
    except RuntimeError as error:
        raise errors.ReferenceError(
            f"There is no file '{name}': whose home folder is meant is unknown.", "Write the path out."
        ) from error


def _copied(file: IO[bytes], path: Path) -> Path:
    with path.open("wb") as copy:
        shutil.copyfileobj(file, copy, 1 << 20)
    return path


def _extracted(archive: Path, part: str, folder: Path) -> Path:
    """One file of a ZIP archive: the one named, or the only one."""
    with zipfile.ZipFile(archive) as opened:
        if "[Content_Types].xml" in opened.namelist():
            raise errors.ReferenceError(
                f"'{archive}' is an Office document without a sheet.", "Save its table as .xlsx or .csv."
            )
        names = [
            info.filename
            for info in opened.infolist()
            if not info.is_dir()
            and not info.filename.startswith("__MACOSX")
            and Path(info.filename).name[0] != "."
        ]
        chosen = [name for name in names if part in ("", name, Path(name).name)]
        if not names:
            raise errors.ReferenceError(f"'{archive}' holds no file.", "Give an archive with a table in it.")
        if len(chosen) != 1:
            what = f"no file '{part}'" if part and not chosen else f"{len(chosen or names)} files"
            raise errors.ReferenceError(
                f"'{archive}' holds {what}: {listed(sorted(names))}.",
                f"Name one of them: {archive}{PART}{min(names)}",
            )
        try:
            with opened.open(chosen[0]) as file:
                return _copied(file, folder / Path(chosen[0]).name)
        except (
            RuntimeError,
            NotImplementedError,
        ) as error:  # encrypted, or compressed in a way not known here
            raise errors.ReferenceError(
                f"'{chosen[0]}' in '{archive}' can't be unpacked: {error}.", "Unpack it first."
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
