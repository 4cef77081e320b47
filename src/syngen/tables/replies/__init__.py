"""Read candidate rows from what a model wrote.

`planned` reads the JSON that a planned call asks for, strictly; `native` reads whatever a model
writes when a person asks for more rows. Neither raises on any text, and neither repairs silently:
each repair is a code in the notes of the candidate it touched.

A native reply is read in stages: the answer in a server's response; the parts between code fences; in each part
the ways of writing rows (values of programs, XML, delimited lines, `Name: value` blocks), of which the one that
yields most rows is taken; the header; cells to columns; typed values. What stood around the rows is noted too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from syngen.columns import Codec, codecs
from syngen.tables.dialect import DELIMITERS, ONE_COLUMN
from syngen.tables.replies.delimited import delimited
from syngen.tables.replies.elements import elements
from syngen.tables.replies.envelopes import unwrapped
from syngen.tables.replies.keyed import pairs
from syngen.tables.replies.markup import split_at_fences, without_thinking
from syngen.tables.replies.planned import planned
from syngen.tables.replies.rows import Reply, read_table
from syngen.tables.replies.table import Table
from syngen.tables.replies.values import values
from syngen.types import Profile

__all__ = ["Reply", "native", "planned"]


def native(text: str, profile: Profile) -> Reply:
    """Read whatever a model writes when a person asks for more rows.

    Args:
        text: The reply. Any text is fine; none raises.
        profile: Of the reference: its columns, and what their cells look like.
    """
    columns = list(codecs(profile).values())
    answer, wrapped = unwrapped(text.replace("\r\n", "\n").replace("\r", "\n"), columns)
    answer, thought = without_thinking(answer)
    parts = split_at_fences(answer)
    readings = [
        (_read_part(part, columns, final=i == len(parts) - 1), i % 2 == 1)
        for i, part in enumerate(parts)
        if part.strip()
    ]
    notes = [*wrapped, "format.thinking"] if thought else [*wrapped]
    notes += ["format.fence"] if any(fenced for _, fenced in readings) else []
    if not any(reading.items for reading, _ in readings):
        return Reply(notes=(*notes, "format.no_rows"))
    return Reply.joined(_without_talk(readings), notes)


def _read_part(text: str, columns: Sequence[Codec], *, final: bool) -> Reply:
    """The best reading of a part: with a header before without, then by complete and by readable rows."""
    best = Reply()
    for tables in _ways(text, columns):
        readings = [read_table(table, columns, final=final and table is tables[-1]) for table in tables]
        best = max(best, Reply.joined(_with_talk_between(readings)), key=_quality)
        if best.headed and best.complete_rows == len(best.items) > 0:
            break  # no other way can do better
    return best


def _quality(reply: Reply) -> tuple[bool, int, int]:
    return reply.complete_rows > 0 and reply.headed, reply.complete_rows, len(reply.candidates)


def _with_talk_between(readings: Sequence[Reply]) -> Iterator[Reply]:
    """The tables of a part: what follows one of them, other than the last with rows, stands between rows."""
    last = max((i for i, reading in enumerate(readings) if reading.candidates), default=0)
    for i, reading in enumerate(readings):
        between = {"format.trailing_text": "format.talk_between"} if i < last else {}
        yield replace(reading, notes=tuple(between.get(note, note) for note in reading.notes))


def _ways(text: str, columns: Sequence[Codec]) -> Iterator[list[Table]]:
    """The tables of a text by each way of writing rows that it may use, the surest first."""
    if tables := values(text, columns):
        yield tables
        if not tables[0].delimiter:  # its cells have names
            return
    if "<" in text and (tables := elements(text, columns)):
        yield tables
    for delimiter in DELIMITERS if len(columns) > 1 else (ONE_COLUMN,):
        if delimiter in text or delimiter == ONE_COLUMN:
            yield delimited(text, delimiter, columns)
    if tables := pairs(text, columns):
        yield tables


def _without_talk(readings: Sequence[tuple[Reply, bool]]) -> Iterator[Reply]:
    """Where a fence holds rows, what stands outside is talk, unless it brings a header of its own."""
    first = next((i for i, (reading, fenced) in enumerate(readings) if fenced and reading.candidates), None)
    for i, (reading, fenced) in enumerate(readings):
        if first is None or fenced or (reading.headed and reading.complete_rows):
            yield reading
        else:
            yield Reply(notes=("format.preamble" if i < first else "format.trailing_text",))
