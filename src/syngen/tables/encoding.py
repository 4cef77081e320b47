"""Open text files, plain or compressed, in the encoding they are written in.

UTF-8 is checked over the whole file, because one accent a gigabyte down decides; only what is not
UTF-8 is guessed at, and the guess is noted.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TextIO, cast

from syngen import errors

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ZstdError = zstd.ZstdError
compress_zstd = zstd.compress
HEAD = 1 << 18  # bytes looked at to find out what a file is
LONGEST_LINE = 1 << 24  # characters; a longer line is no row of a table, and would fill the memory
CHUNK = 1 << 20  # bytes or characters read at once
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_OTHER_SCRIPTS = [
    *("cp1251", "koi8_r", "cp1253", "cp1255", "cp1256", "cp874"),  # Cyrillic, Greek, Hebrew, Arabic, Thai
    *("cp932", "euc_jp", "gb18030", "big5", "euc_kr"),  # Japanese, Chinese, Korean
]
_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")
_TEXT_CONTROLS = frozenset(b"\t\n\r\f\x1b")


@dataclass(frozen=True, slots=True)
class Text:
    """A text that can be read from its beginning again and again, in parts."""

    name: str  # for messages
    open: Callable[[], TextIO]  # line ends as they are
    encoding: str = "utf-8"
    bom: bool = False  # whether it begins with a byte order mark
    delimiter: str = ""  # between its cells where that is known
    short_lines: bool = False  # whether it is known that no line is longer than `LONGEST_LINE`
    ends_line: bool = True  # whether its last line has an end

    @classmethod
    def of_file(cls, path: Path, notes: list[str]) -> Text:
        """Open a plain or compressed file; note when its encoding is guessed or bytes are damaged.

        Raises:
            ReferenceError: The file is not text.
            OSError: It can't be read.
        """
        found = _encoding_of(path, notes)
        encoding, bom = found.encoding, found.bom

        def opened() -> TextIO:
            file = io.TextIOWrapper(open_bytes(path), encoding, errors="replace", newline="")
            if bom:
                file.read(1)
            return file

        return cls(
            path.name, opened, encoding, bom, short_lines=found.short_lines, ends_line=_ends_line(path)
        )

    @classmethod
    def of_string(cls, name: str, text: str) -> Text:
        """A text in memory."""
        bare = text.removeprefix("\ufeff")
        return cls(name, lambda: io.StringIO(bare, newline=""))

    def lines(self) -> Iterator[str]:
        """Its lines with their ends; one of more than `LONGEST_LINE` characters raises a ReferenceError."""
        with self.open() as file:
            while self.short_lines and (batch := file.readlines(CHUNK)):
                yield from batch
            number = 0
            while line := file.readline(LONGEST_LINE):
                number += 1
                if len(line) == LONGEST_LINE:
                    raise errors.ReferenceError(
                        f"Line {number} of '{self.name}' is longer than {LONGEST_LINE:,} characters.",
                        "Save it as CSV or JSON Lines with one row per line.",
                    )
                yield line

    def chunks(self) -> Iterator[str]:
        """The text in pieces of a million characters."""
        with self.open() as file:
            while chunk := file.read(CHUNK):
                yield chunk

    def head(self) -> list[str]:
        """The first lines."""
        head, size = [], 0
        for line in self.lines():
            head.append(line)
            size += len(line)
            if size > HEAD:
                break
        return head

    def start(self) -> str:
        """The beginning of what stands in it; empty when it is blank."""
        return next((chunk.strip() for chunk in self.chunks() if chunk.strip()), "")


def head_of(path: Path, size: int = HEAD) -> bytes:
    """The first bytes of a file, decompressed."""
    with open_bytes(path) as file:
        return file.read(size)


def is_compressed(path: Path) -> bool:
    """Whether a file is compressed by gzip, bzip2, xz or zstd, whatever its name."""
    return _opener(path) is not None


def open_bytes(path: Path) -> BinaryIO:
    """The bytes of a file, decompressed when it is compressed."""
    opener = _opener(path)
    return path.open("rb") if opener is None else cast("BinaryIO", opener(path, "rb"))


def _opener(path: Path) -> Callable[..., Any] | None:
    with path.open("rb") as file:
        start = file.read(6)
    return next((opener for magic, opener in _COMPRESSIONS.items() if start.startswith(magic)), None)


_COMPRESSIONS: dict[bytes, Callable[..., Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\x00": lzma.open,
    b"\x28\xb5\x2f\xfd": zstd.open,
}


@dataclass(frozen=True, slots=True)
class _Encoding:
    encoding: str
    bom: bool = False
    short_lines: bool = False


def _encoding_of(path: Path, notes: list[str]) -> _Encoding:
    head = head_of(path)
    marked = next((name for bom, name in _BOMS if head.startswith(bom)), None)
    wide = _wide_encoding(head) if marked is None else None
    if wide or (marked and marked != "utf-8"):
        return _Encoding(wide or str(marked), bom=marked is not None)
    broken, short_lines = _first_invalid(path)
    controls = sum(head.count(c) for c in (*range(32), 127) if c not in _TEXT_CONTROLS)
    if controls > (0.3 if broken is None else 0.02) * len(head):
        raise errors.ReferenceError(
            f"'{path.name}' is a binary file, not text.", "Give a CSV, JSON Lines, Parquet or Arrow file."
        )
    if broken is None:
        return _Encoding("utf-8", marked is not None, short_lines)
    valid, invalid = _count_utf8(path)
    if marked or valid >= invalid:  # in text of another encoding, hardly a byte is valid by chance
        bytes_are = "1 byte is" if invalid == 1 else f"{invalid:,} bytes are"
        notes.append(f"{bytes_are} not valid UTF-8; each was read as the replacement character \ufffd.")
        return _Encoding("utf-8", marked is not None)
    guess = _guess(broken)
    notes.append(f"The file is not UTF-8; it was read as {guess}.")
    return _Encoding(guess)


def _wide_encoding(head: bytes) -> str | None:
    """UTF-16 without a byte order mark shows as a NUL in every other byte."""
    for offset, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros, others = head[offset::2].count(0), head[1 - offset :: 2].count(0)
        if len(head) >= 8 and zeros > 0.4 * len(head) / 2 and others < 0.05 * len(head) / 2:
            return name
    return None


def _first_invalid(path: Path) -> tuple[bytes | None, bool]:
    """Find the first part of a file that is not UTF-8; None when all of it is.

    Returns:
        The part, and whether no line of the file is longer than `LONGEST_LINE`, as far as that is known.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    tail, since_end, longest, waiting = b"", 0, 0, False
    with open_bytes(path) as file:
        while chunk := file.read(CHUNK):
            if waiting or not chunk.isascii():
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    return tail[-4096:] + chunk + file.read(CHUNK), False
                waiting = decoder.getstate()[0] != b""
            first, last = chunk.find(b"\n"), chunk.rfind(b"\n")
            since_end = since_end + len(chunk) if first < 0 else len(chunk) - last
            longest = max(longest, since_end)
            tail = chunk
    broken = tail[-4096:] if waiting else None  # the file ends within a character
    return broken, longest + CHUNK < LONGEST_LINE


def _ends_line(path: Path) -> bool:
    """Whether the last line of a file has an end."""
    last = b""
    with open_bytes(path) as file:
        if not is_compressed(path):
            file.seek(max(0, path.stat().st_size - 4))
        while chunk := file.read(CHUNK):
            last = chunk
    return last.rstrip(b"\0")[-1:] in (b"\n", b"\r")


def _count_utf8(path: Path) -> tuple[int, int]:
    """How many characters beyond ASCII are valid UTF-8, and how many bytes are not."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    valid = invalid = 0
    with open_bytes(path) as file:
        while chunk := file.read(CHUNK):
            if not chunk.isascii():
                text = decoder.decode(chunk)
                broken = text.count("\ufffd")
                valid += len(text) - len(text.encode("ascii", "ignore")) - broken
                invalid += broken
    return valid, invalid


def _guess(part: bytes) -> str:
    """The encoding that reads the words beyond ASCII of a part best."""
    import charset_normalizer

    words = [word for word in _WORD.findall(part) if not word.isascii()]
    sample = b" ".join(words)[: 1 << 16]
    beyond = sum(byte > 127 for byte in sample)
    if beyond > max(10, 0.6 * len(sample)):  # hardly a letter is ASCII: another script
        lines = b"\n".join(line for line in part.split(b"\n") if not line.isascii())
        best = charset_normalizer.from_bytes(lines[: 1 << 16], cp_isolation=_OTHER_SCRIPTS).best()
        if best is not None:
            return best.encoding
    # Latin code pages share most letters, and short samples mislead the detector. Western is by far
    # the most common; Central European text read as Western has signs such as ¹ or ³ inside words.
    return min(("cp1252", "cp1250"), key=lambda name: _signs_in_words(sample.decode(name, "replace")))


def _signs_in_words(text: str) -> int:
    triples = zip(text, text[1:], text[2:], strict=False)
    return sum(a.isalpha() and c.isalpha() and not b.isascii() and not b.isalpha() for a, b, c in triples)
