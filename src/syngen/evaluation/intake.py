"""The rows under test, read but not judged: a table, a model's raw reply or a run in, a `Synthetic` out.

What a text is, is decided by trying: a clean table is read as one; where rows are ragged or the header is
not the reference's, the reader of replies, which mends and notes, has a go as well, and the reading with
more complete rows is taken.
"""

from __future__ import annotations

import io
import itertools
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from syngen.columns.parse import Field, fields
from syngen.errors import InputError
from syngen.evaluation.read_delimited import read_delimited
from syngen.evaluation.read_exact import Tally
from syngen.evaluation.read_objects import read_objects
from syngen.evaluation.read_runs import read_run
from syngen.evaluation.read_tables import Found, Opened, read_lazy, sound
from syngen.evaluation.read_values import typed
from syngen.evaluation.synthetic import ExactCounts, Synthetic
from syngen.store.run import Run
from syngen.tables.encoding import chunks_of, encoding_of, head_of, lines_of
from syngen.tables.files import read_file
from syngen.tables.frames import read_frame
from syngen.tables.replies import Reply, native
from syngen.tables.sample import ALL_ROWS, sample_indices, sample_note
from syngen.text.format import listed
from syngen.text.words import count_words
from syngen.types import Reference, Value

MOST_ROWS = 20_000
LONGEST_REPLY = 1 << 25  # characters; nothing longer is read as a reply
_LONGEST_PATH = 1_000  # characters; a longer string is a reply
_QUOTED = 80  # characters of what could not be read
_REPLY_STARTS = ("|", "```", "~~~", "<think")  # no table begins like this
_JSON_STARTS = ("{", "[")


def read(
    source: Any, reference: Reference, *, asked: int | None = None, max_rows: int = MOST_ROWS
) -> Synthetic:
    """Read the rows under test.

    Args:
        source: A `Run` or the path of a run folder; the path of a table (CSV and other delimited text,
            JSON Lines, a JSON array, Parquet, Arrow) or of a text file with a model's reply; the reply
            itself as a string of several lines; a data frame or another table in memory; a `Reference`.
        reference: The real rows.
        asked: Rows that were asked for; a run knows it.
        max_rows: Most rows to keep; of more a seeded random part.

    Raises:
        InputError: There is nothing there, no row could be read, or none of its columns is known.
    """
    if isinstance(source, Run):
        return read_run(source, reference, asked, max_rows)
    if isinstance(source, str) and _is_reply(source):
        text = sound(source)
        opened = Opened(lambda: iter(io.StringIO(text, newline="")), lambda: iter((text,)))
        return _read_text("reply", opened, [], reference, asked, max_rows)
    if isinstance(source, str | os.PathLike):
        return _read_path(Path(source), reference, asked, max_rows)
    notes: list[str] = []
    if isinstance(source, Reference):
        name, frame = source.source, source.frame
    else:
        name, frame = read_frame(source, ALL_ROWS, notes)
    return _of_frame(name, frame.lazy(), notes, reference, asked, max_rows)


def _is_reply(source: str) -> bool:
    """Whether a string is a reply and no path."""
    start = source.lstrip()
    return (
        not start
        or len(source) > _LONGEST_PATH
        or any(mark in source for mark in "\n\r\0")
        or start.startswith((*_REPLY_STARTS, *_JSON_STARTS))
    )


# ----------------------------------------------------------------------------------------- files
def _read_path(path: Path, reference: Reference, asked: int | None, max_rows: int) -> Synthetic:
    """A file or a run folder, whatever its name says."""
    try:
        path = path.expanduser()
        if path.is_dir():
            return read_run(Run.open(path), reference, asked, max_rows)
        if not path.is_file():
            read_file(path, 1, [])  # says what is there instead
        head = head_of(path, 6)
        if head.startswith((b"PAR1", b"ARROW1", b"\xff\xff\xff\xff")):
            return _of_frame(str(path), _scan(path, head), [], reference, asked, max_rows)
        notes: list[str] = []
        encoding = encoding_of(path, notes)
        opened = Opened(lambda: lines_of(path, encoding), lambda: chunks_of(path, encoding))
        return _read_text(str(path), opened, notes, reference, asked, max_rows)
    except (EOFError, zlib.error) as error:
        raise InputError(
            f"'{path}' is damaged or cut off: it can't be decompressed.", "Fetch it anew."
        ) from error
    except RuntimeError as error:  # by expanduser
        raise InputError(f"There is no file '{path}'.", "Write the path out.") from error
    except OSError as error:
        raise InputError(
            f"'{path}' can't be read: {error.strerror or error}.", "Check the file and its permissions."
        ) from error


def _scan(path: Path, head: bytes) -> pl.LazyFrame:
    try:
        if head.startswith(b"PAR1"):
            return pl.scan_parquet(path, glob=False)
        return pl.scan_ipc(path) if head.startswith(b"ARROW1") else pl.read_ipc_stream(path).lazy()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise InputError(f"'{path}' can't be read: {error}.", "Check the file.") from error


def _of_frame(
    name: str,
    lazy: pl.LazyFrame,
    notes: Sequence[str],
    reference: Reference,
    asked: int | None,
    max_rows: int,
) -> Synthetic:
    found = read_lazy(lazy, f"'{name}'", fields(reference.profile), Tally(reference), max_rows)
    return _of_table(name, found, notes, reference, asked)


# ----------------------------------------------------------------------------------------- texts
def _read_text(
    name: str, opened: Opened, notes: Sequence[str], reference: Reference, asked: int | None, max_rows: int
) -> Synthetic:
    """A table or a reply, whichever reading makes more of it."""
    columns = fields(reference.profile)
    start = next((line for line in opened.lines() if line.strip("\ufeff \t\r\n")), "").strip("\ufeff \t\r\n")
    if not start:
        raise InputError(
            f"{_label(name)} is empty.", "Give a table with the reference's columns, or a model's reply."
        )
    table, problem = None, None
    read_table = read_objects if start.startswith(_JSON_STARTS) else read_delimited
    if not start.startswith(_REPLY_STARTS):
        try:
            table = read_table(opened, columns, Tally(reference), max_rows)
        except InputError as error:
            problem = error
    if table is not None and _clean(table, columns):
        return _of_table(name, table, notes, reference, asked)
    text = _whole(opened.chunks())
    if text is None:
        if problem is not None:
            raise problem
    else:
        reply = native(text, reference.profile)
        if _better(reply, table, columns):
            return _of_reply(name, reply, notes, reference, asked, max_rows)
    if table is None or not table.known or not table.rows:
        raise _unreadable(name, start, table, columns)
    return _of_table(name, table, notes, reference, asked)


def _whole(chunks: Iterator[str]) -> str | None:
    """All of a text; None when it is too long to be a reply."""
    pieces, size = [], 0
    for chunk in chunks:
        pieces.append(chunk)
        size += len(chunk)
        if size > LONGEST_REPLY:
            return None
    return "".join(pieces)


def _clean(table: Found, columns: Sequence[Field]) -> bool:
    """Whether a table needs no mending: all columns by their names, and a row in every row."""
    own = {field.name.casefold() for field in columns}
    return (
        own <= {name.casefold() for name in table.names}
        and table.rows > 0
        and not table.ragged
        and not _quality(table.columns(), len(table.numbers), columns).others
    )


def _better(reply: Reply, table: Found | None, columns: Sequence[Field]) -> bool:
    """Whether a text is better read as a reply than as a table."""
    if not reply.candidates or ("format.no_header" in reply.notes and not reply.complete_rows):
        return False  # cells in no known order, and not enough of them
    if table is None or not table.known:
        return True
    there = dict.fromkeys(itertools.chain.from_iterable(reply.cells))
    cells = {name: [row.get(name) for row in reply.cells] for name in there}
    mended = _quality(cells, len(reply.cells), columns)
    plainly = _quality(table.columns(), len(table.numbers), columns)
    return mended > plainly or (mended == plainly and table.ragged > 0)


class _Quality(NamedTuple):
    """How good a reading is, the better one larger: by the rows it makes, then by the cells in their place.

    Attributes:
        complete: Rows with a cell for each column, most of which fit.
        rows: Rows of which most cells fit.
        others: All other rows, negative.
        misfits: Cells that can't be of their column, negative.
    """

    complete: int
    rows: int
    others: int
    misfits: int


def _quality(cells: Mapping[str, Sequence[Value]], rows: int, columns: Sequence[Field]) -> _Quality:
    """Judge a reading by its cells. A row most of whose typed cells don't fit is none, unless it has all and a text."""
    judged, misfits, present = [0] * rows, [0] * rows, [0] * rows
    told = [False] * rows
    for field in columns:
        for i, cell in enumerate(cells.get(field.name, ())):
            if cell is not None:
                present[i] += 1
                fits = field.read(str(cell)).fits if field.typed else None
                judged[i] += fits is not None
                misfits[i] += fits is False
                told[i] |= field.main and count_words(str(cell)) > 1
    sound = [
        some > 0 and (2 * wrong <= of or (tells and some == len(columns)))
        for wrong, of, some, tells in zip(misfits, judged, present, told, strict=True)
    ]
    return _Quality(
        complete=sum(fit and some == len(columns) for fit, some in zip(sound, present, strict=True)),
        rows=sum(sound),
        others=sum(sound) - rows,
        misfits=-sum(wrong for wrong, fit in zip(misfits, sound, strict=True) if fit),
    )


def _unreadable(name: str, start: str, table: Found | None, columns: Sequence[Field]) -> InputError:
    """Why nothing could be read."""
    if table is not None and table.known and not table.rows:
        return InputError(f"{_label(name)} holds a header and no row.", _hint(columns))
    names = () if table is None else table.names
    if table is not None and len(names) > 1 and not table.ragged and all(len(n.split()) <= 3 for n in names):
        return _no_column(name, names, columns)
    start = " ".join(start.split())
    short = start if len(start) <= _QUOTED else start[:_QUOTED].rstrip() + "…"
    return InputError(
        f"No row could be read from {_label(name, start=False)}; it begins “{short}”.", _hint(columns)
    )


def _no_column(name: str, names: Sequence[str], columns: Sequence[Field]) -> InputError:
    theirs = listed([" ".join(column[:40].split()) for column in names], most=8)
    said = f"{_label(name)} has no column of the reference: its columns are {theirs}."
    return InputError(said, _hint(columns))


def _hint(columns: Sequence[Field]) -> str:
    own = listed([field.name for field in columns], most=12)
    return f"Give a table with the columns {own}, or a model's reply that holds one."


def _label(name: str, *, start: bool = True) -> str:
    if name == "reply":
        return "The reply" if start else "the reply"
    return f"'{name}'"


# ----------------------------------------------------------------------------------- what was read
def _of_table(
    name: str, found: Found, notes: Sequence[str], reference: Reference, asked: int | None
) -> Synthetic:
    """A table as rows under test."""
    columns = fields(reference.profile)
    if not found.rows:
        raise InputError(f"{_label(name)} has no row.", "Give a table with at least one.")
    if not found.known:
        raise _no_column(name, found.names, columns)
    rows = len(found.numbers)
    remarks = [*notes, *found.remarks]
    remarks += [sample_note(rows, found.rows)] if rows < found.rows else []
    codes = ("format.reordered_columns",) if _reordered(found.known, columns) else ()
    return _synthetic(
        reference,
        found.columns(),
        list(zip(found.names, (f.name if f else None for f in found.fields), strict=True))
        if found.names
        else [],
        numbers=found.numbers,
        source=name,
        kind="table",
        rows=found.rows,
        complete=found.whole if len(found.known) == len(columns) else 0,
        unreadable=found.lost,
        format_notes=codes if found.names else ("format.no_header",),
        notes=tuple(remarks),
        asked=asked,
        exact_counts=found.exact,
    )


def _reordered(known: Sequence[Field], columns: Sequence[Field]) -> bool:
    names = [field.name for field in known]
    return names != [field.name for field in columns if field.name in names]


def _of_reply(
    name: str, reply: Reply, notes: Sequence[str], reference: Reference, asked: int | None, max_rows: int
) -> Synthetic:
    """A model's reply as rows under test."""
    kept = sample_indices(len(reply.candidates), max_rows).tolist()
    there = dict.fromkeys(itertools.chain.from_iterable(reply.cells))
    cells = {column: [reply.cells[i].get(column) for i in kept] for column in there}
    tally = Tally(reference)
    if tally.column in there:
        for row in reply.cells:
            tally.add(row.get(tally.column))
    remarks = [sample_note(len(kept), len(reply.candidates))] if len(kept) < len(reply.candidates) else []
    return _synthetic(
        reference,
        cells,
        reply.header,
        numbers=[reply.numbers[i] for i in kept],
        row_notes=[reply.candidates[i].notes for i in kept],
        source=name,
        kind="reply",
        rows=len(reply.candidates),
        complete=reply.complete_rows,
        unreadable=len(reply.rejected),
        rejects=reply.rejected,
        format_notes=reply.notes,
        notes=(*notes, *remarks),
        asked=asked,
        exact_counts=tally.counts() if tally.column in there else None,
    )


def _synthetic(
    reference: Reference,
    cells: Mapping[str, Sequence[Value]],
    header: Sequence[tuple[str, str | None]],
    *,
    numbers: Sequence[int],
    row_notes: Sequence[tuple[str, ...]] = (),
    exact_counts: ExactCounts | None = None,
    **known: Any,
) -> Synthetic:
    """Cells by reference column, typed; what the header says of the columns."""
    rows = len(numbers)
    read = typed(cells, rows, reference)
    mended = row_notes or [()] * rows
    return Synthetic(
        frame=read.frame,
        raw={name: cells.get(name, [None] * rows) for name in reference.frame.columns},
        readings=read.readings,
        numbers=numbers,
        absent=tuple(name for name in reference.frame.columns if name not in cells),
        extra=tuple(dict.fromkeys(name for name, column in header if column is None)),
        renamed={column: name for name, column in header if column is not None and name != column},
        row_notes=tuple(tuple(dict.fromkeys((*a, *b))) for a, b in zip(mended, read.notes, strict=True)),
        exact_counts=exact_counts,
        **known,
    )
