"""Read the rows under test: a table, a model's raw reply or a run.

What a text is, is decided by trying: a clean table is read as one; where rows are ragged or the header is
not the reference's, the reader of replies, which repairs and notes, is tried as well, and the reading with
more complete rows is taken.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from syngen.columns import Codec, codecs
from syngen.errors import InputError
from syngen.evaluation.read_tables import exact_counts, read_delimited, read_lazy, read_objects, text_hashes
from syngen.evaluation.synthetic import Synthetic
from syngen.store.run import Run
from syngen.store.runs import named_run
from syngen.tables.database import read_table
from syngen.tables.dtypes import whole
from syngen.tables.encoding import Text, head_of
from syngen.tables.frames import read_frame, scan
from syngen.tables.replies import Reply, native
from syngen.tables.sample import ALL_ROWS, sample_indices
from syngen.tables.sniff import binary_format, container_format
from syngen.tables.sources import Source, readable
from syngen.tables.workbook import read_sheet
from syngen.text.format import listed
from syngen.text.words import count_words
from syngen.types import Reference, Rejected

MOST_ROWS = 20_000
LONGEST_REPLY = 1 << 25  # characters; nothing longer is read as a reply
_LONGEST_PATH = 1_000  # characters; a longer string is a reply
_QUOTED = 80  # characters of what could not be read
_TABLE_NAMES = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".xlsx", ".ods", ".parquet", ".arrow")
_REPLY_STARTS = ("|", "```", "~~~", "<think")  # no table begins like this
_JSON_STARTS = ("{", "[")


def read(
    source: Any, reference: Reference, *, asked: int | None = None, max_rows: int = MOST_ROWS
) -> Synthetic:
    """Read the rows under test.

    Args:
        source: A `Run` or the path of a run folder; the path of a table in any form that a
            reference can have, or of a text file with a model's reply; the reply
            itself as a string of several lines; a data frame or another table in memory; a `Reference`.
        reference: The real rows.
        asked: Rows that were asked for; a run knows it.
        max_rows: Most rows to keep; of more a seeded random part.

    Raises:
        InputError: There is nothing there, no row could be read, or none of its columns is known.
    """
    if isinstance(source, Run):
        return _read_run(source, reference, asked, max_rows)
    notes: list[str] = []
    if isinstance(source, str) and _is_reply(source):
        rows = _read_text("reply", Text.of_string("reply", whole(source)), reference, max_rows)
    elif isinstance(source, str | os.PathLike):
        if run := named_run(source):
            return _read_run(Run(run), reference, asked, max_rows)
        with readable(source, folders=True) as found:
            if found.path.is_dir():
                return _read_run(Run(found.path), reference, asked, max_rows)
            rows = _read_file(str(found.path), found, reference, max_rows, notes)
    elif isinstance(source, Reference):
        rows = read_lazy(source.source, source.frame.lazy(), reference, max_rows)
    else:
        name, frame = read_frame(source, ALL_ROWS, notes)
        rows = read_lazy(name, frame.lazy(), reference, max_rows)
    if rows.kind != "reply" and not rows.rows:
        raise InputError(f"{_label(rows.source)} has no row.", "Give a table with at least one.")
    if rows.rows and not rows.raw:
        raise _no_column(rows, list(codecs(reference.profile).values()))
    return replace(rows, notes=(*notes, *rows.notes), asked=asked).typed(reference)


def _read_file(name: str, found: Source, reference: Reference, max_rows: int, notes: list[str]) -> Synthetic:
    path = found.path
    match binary_format(head_of(path, 6)) or container_format(path):
        case None:
            return _read_text(name, Text.of_file(path, notes), reference, max_rows)
        case "workbook":
            return _read_text(name, read_sheet(path, found.part, notes)[0], reference, max_rows)
        case "sqlite" | "duckdb" as form:
            table = read_table(path, form, found.part, ALL_ROWS, notes)
            return read_lazy(name, table.lazy(), reference, max_rows)
        case form:
            return read_lazy(name, scan(path, form), reference, max_rows)


def _is_reply(source: str) -> bool:
    """Whether a string is a reply and no path."""
    start = source.lstrip()
    return (
        not start
        or len(source) > _LONGEST_PATH
        or any(mark in source for mark in "\n\r\0")
        or start.startswith((*_REPLY_STARTS, *_JSON_STARTS))
    )


def _read_text(name: str, text: Text, reference: Reference, max_rows: int) -> Synthetic:
    """Read a table or a reply, whichever reading makes more of it."""
    columns = list(codecs(reference.profile).values())
    start = text.start().partition("\n")[0]
    if not start and not _is_table(name):
        return _of_nothing(name, "")
    if not start:
        raise InputError(
            f"{_label(name)} is empty.", "Give a table with the reference's columns, or a model's reply."
        )
    table: Synthetic | None = None
    problem: InputError | None = None
    read_table = read_objects if start.startswith(_JSON_STARTS) else read_delimited
    if not start.startswith(_REPLY_STARTS):
        try:
            table = read_table(name, text, reference, max_rows)
        except InputError as error:
            problem = error
    if table is not None and _clean(table, columns):
        return table
    with text.open() as file:
        everything = file.read(LONGEST_REPLY + 1)
    if len(everything) <= LONGEST_REPLY:
        reply = _of_reply(name, native(everything, reference.profile), reference, max_rows)
        cut = table is not None and reply.cut_off == 1 and not everything.endswith("\n")
        if _better(reply, table, columns, cut=cut):
            return reply
    elif problem is not None:
        raise problem
    if table is not None and table.raw and table.rows:
        return table
    if _is_table(name) or _is_other(table):
        raise _unreadable(name, start, table, columns)
    return _of_nothing(name, everything[:_QUOTED])


def _is_table(name: str) -> bool:
    """Whether a file is a table by its name, so that it is wrong when no row is in it; a reply may be a refusal."""
    return name != "reply" and Path(name.removesuffix(".gz")).suffix.lower() in _TABLE_NAMES


def _of_nothing(name: str, start: str) -> Synthetic:
    """A reply without rows."""
    reject = Rejected("call", "no_rows", start, "The reply holds no row.")
    return Synthetic(name, "reply", (), {}, (), 0, 0, rejects=(reject,), format_notes=("format.no_rows",))


def _is_other(table: Synthetic | None) -> bool:
    """Whether a text is a table with other columns than the reference's."""
    names = [] if table is None or table.raw else [column for column, _ in table.header]
    plain = len(names) > 1 and all(len(name.split()) <= 3 for name in names)
    return table is not None and plain and not table.ragged


def _clean(table: Synthetic, columns: Sequence[Codec]) -> bool:
    """Whether a table needs no repair: all columns by their names, and a row in every row."""
    return (
        {field.name.casefold() for field in columns} <= {name.casefold() for name, _ in table.header}
        and table.rows > 0
        and not table.ragged
        and _quality(table, columns)[2] == 0
        and not (table.rows == 1 and any(_is_list(cells[0]) for cells in table.raw.values()))
    )


def _is_list(cell: Any) -> bool:
    """Whether a cell may hold those of all rows."""
    return isinstance(cell, str) and cell.startswith(_JSON_STARTS)


def _better(reply: Synthetic, table: Synthetic | None, columns: Sequence[Codec], *, cut: bool) -> bool:
    """Whether a text is better read as a reply than as a table; `cut` where it ends within a short row."""
    if not reply.rows or ("format.no_header" in reply.format_notes and not reply.complete):
        return False  # cells in no known order, and not enough of them
    if table is None or not table.raw:
        return True
    repaired, plainly = _quality(reply, columns), _quality(table, columns)
    if cut and reply.rows + 1 == table.rows and repaired[0] == plainly[0]:
        return True
    return repaired > plainly or (repaired == plainly and table.ragged > 0)


def _quality(rows: Synthetic, columns: Sequence[Codec]) -> tuple[int, int, int, int]:
    """Rate a reading, the better one larger.

    A row most of whose typed cells don't fit is none, unless it has all cells and a text of some words.

    Returns:
        Rows with a cell for each column; rows; what is no row, negative; cells that can't be of their
        column, negative.
    """
    complete, good, misfits = 0, 0, 0
    present = [(c, rows.raw[c.name]) for c in columns if c.name in rows.raw]
    for i in range(len(rows.numbers)):
        row = [(c, str(cells[i])) for c, cells in present if cells[i] is not None]
        fits = [fit for c, cell in row if c.typed and (fit := c.parse(cell).fits) is not None]
        text = any(c.main and count_words(cell) > 1 for c, cell in row)
        whole = len(row) == len(columns)
        enough = 2 * len(row) > len(present) or len(present) < 3
        last = i == len(rows.numbers) - 1 and True not in fits and fits.count(False) > 1
        remark = last and row[-1][0].typed and row[-1][1].rstrip().endswith((".", "!", "?"))
        if row and enough and (2 * fits.count(False) <= len(fits) or (text and whole and not remark)):
            good += 1
            complete += whole
            misfits += fits.count(False)
    return complete, good, good - len(rows.numbers), -misfits


def _unreadable(name: str, start: str, table: Synthetic | None, columns: Sequence[Codec]) -> InputError:
    """Why nothing could be read."""
    if table is not None and table.raw and not table.rows:
        return InputError(f"{_label(name)} holds a header and no row.", _hint(columns))
    if table is not None and _is_other(table):
        return _no_column(table, columns)
    start = " ".join(start.split())
    short = start if len(start) <= _QUOTED else start[:_QUOTED].rstrip() + "…"
    return InputError(
        f"No row could be read from {_label(name, start=False)}; it begins “{short}”.", _hint(columns)
    )


def _no_column(table: Synthetic, columns: Sequence[Codec]) -> InputError:
    names = listed([" ".join(column[:40].split()) for column, _ in table.header], most=8)
    message = f"{_label(table.source)} has no column of the reference: its columns are {names}."
    return InputError(message, _hint(columns))


def _hint(columns: Sequence[Codec]) -> str:
    own = listed([field.name for field in columns], most=12)
    return f"Give a table with the columns {own}, or a model's reply that holds one."


def _label(name: str, *, start: bool = True) -> str:
    if name == "reply":
        return "The reply" if start else "the reply"
    return f"'{name}'"


def _of_reply(name: str, reply: Reply, reference: Reference, max_rows: int) -> Synthetic:
    """The rows of a model's reply."""
    notes: list[str] = []
    candidates = reply.candidates
    kept = sample_indices(len(candidates), max_rows, notes).tolist()
    names = dict.fromkeys(itertools.chain.from_iterable(reply.cells))
    cells = {name: [row.get(name) for row in reply.cells] for name in names}
    main = reference.profile.main
    exact = main in cells and len(kept) < len(candidates)
    return Synthetic(
        name,
        "reply",
        reply.header,
        {column: [texts[i] for i in kept] for column, texts in cells.items()},
        [reply.numbers[i] for i in kept],
        len(candidates),
        complete=reply.complete_rows,
        unreadable=len(reply.rejected),
        rejects=reply.rejected,
        exact_counts=exact_counts([text_hashes(cells[main])], reference) if exact else None,
        notes=tuple(notes),
        format_notes=reply.notes,
        row_notes=tuple(candidates[i].notes for i in kept),
    )


def _read_run(run: Run, reference: Reference, asked: int | None, max_rows: int) -> Synthetic:
    """The accepted rows of a run as they are, and where each of them came from."""
    if not run.ledger.accepted:
        raise InputError(
            f"The run {run.path} has no rows yet.", f"Resume it with: syngen runs resume {run.path}"
        )
    rows = read_lazy(f"run {run.path}", run.cells.lazy(), reference, max_rows)
    if not rows.raw:
        raise InputError(
            f"The run {run.path} was made from another reference: it has none of the columns.",
            "Evaluate it against the table it was made from.",
        )
    chosen = np.array(rows.numbers) - 1
    if run.cells.schema == reference.frame.schema:  # typed already
        rows = replace(rows, frame=run.cells[chosen], notes=())
    else:
        rows = rows.typed(reference)
    return replace(
        rows,
        kind="run",
        asked=run.config.n if asked is None else asked,
        origins=_origins(run, reference)[chosen],
        ledger=run.ledger,
        made_by={
            "model": run.manifest.model.get("id", run.config.model) or "none needed",
            "mode": run.config.mode,
            "strategy": ", ".join(run.config.strategy),
            "seed": str(run.config.seed),
        },
    )


def _origins(run: Run, reference: Reference) -> pl.DataFrame:
    """Where the rows came from; which real rows were shown is known where the reference is the run's own."""
    main = reference.profile.main
    origins = run.origins(main)
    shown = origins["shown"].to_list()
    real = run.reference[main].to_list() if main in run.reference.columns else []
    texts = [[str(real[i]) for i in rows if i < len(real) and real[i] is not None] for rows in shown]
    own = run.manifest.reference == reference.digest
    return origins.with_columns(
        pl.Series("shown", shown if own else [[]] * len(shown), pl.List(pl.Int64)),
        pl.Series("shown_texts", texts, pl.List(pl.String)),
    )
