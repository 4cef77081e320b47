"""Match the names in a header to the reference's columns.

A name counts when it is the column's own, but for case, punctuation and numbering, or nearly so; a name
that resembles none is taken for the column at its place if the cells below fit, and else for an extra
column.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from syngen.columns import Codec

_NUMBERING = re.compile(r"^\W*(?:\d{1,3}[.):]\s*)?")
_PIECE = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
LONGEST_NAME = 60
_SIMILAR = 0.8


def plain(name: str) -> str:
    """A column name without case, punctuation and numbering: `2. Review_Text` gives `review text`."""
    bare = _CAMEL.sub(" ", _NUMBERING.sub("", name[:LONGEST_NAME], count=1))
    return " ".join(_PIECE.findall(bare)).casefold()


def is_header(names: Sequence[str], fields: Sequence[Codec]) -> bool:
    """Whether a row is a header: two of its cells are column names, or one where there is but one column.

    Half of them must be, unless it is three or more or no cell has a digit in it: no row of data is like that.
    """
    if any(len(name) > LONGEST_NAME for name in names):
        return False
    own = {plain(field.name) for field in fields}
    hits = len({plain(name) for name in names} & own)
    if hits < min(2, len(fields)):
        return False
    wordy = hits > 1 and not any(char.isdigit() for name in names for char in name)
    return 2 * hits >= len(names) or hits > 2 or wordy


def by_name(names: Sequence[str], fields: Sequence[Codec]) -> list[Codec | None]:
    """The field each name stands for, judged by the names alone; none is given away twice."""
    own = {field: plain(field.name) for field in fields if plain(field.name)}
    columns: list[Codec | None] = [None] * len(names)
    for matches in (operator.eq, _similar):
        for i, name in enumerate(map(plain, names)):
            if columns[i] is None and name:
                free = [f for f in own if f not in columns and matches(name, own[f])]
                columns[i] = max(free, key=lambda f: _closeness(name, own[f]), default=None)
    return columns


def map_names(
    names: Sequence[str], fields: Sequence[Codec], samples: Sequence[Sequence[str | None]]
) -> tuple[tuple[Codec | None, ...], tuple[str, ...]]:
    """Map the names of a table to the reference's columns.

    Args:
        names: The names as written.
        fields: The reference's columns.
        samples: Some rows, each with one cell per name; a row without a cell there has None.

    Returns:
        For each name its column, None for those the reference does not have; and of the notes
        `format.renamed_column`, `format.extra_columns`, `format.missing_columns` and
        `format.reordered_columns` those that apply.
    """

    def below(i: int) -> list[str]:
        cells = (row[i] for row in samples if i < len(row))
        return [cell for cell in cells if cell and cell.strip()]

    columns = by_name(names, fields)
    for i, field in enumerate(columns):
        if field is not None and plain(names[i]) != plain(field.name) and not _plausible(field, below(i)):
            columns[i] = None
    left = [field for field in fields if field not in columns]
    for i in range(len(names)):
        field = _at_place(i, columns, fields, left)
        if field is not None and _plausible(field, below(i)):
            columns[i] = field
            left.remove(field)
    present = [field for field in columns if field is not None]
    renamed = any(f is not None and plain(n) != plain(f.name) for n, f in zip(names, columns, strict=True))
    notes = {
        "format.renamed_column": renamed,
        "format.extra_columns": None in columns,
        "format.missing_columns": bool(left),
        "format.reordered_columns": present != [f for f in fields if f in present],
    }
    return tuple(columns), tuple(note for note, applies in notes.items() if applies)


def map_table(
    names: Sequence[str], fields: Sequence[Codec], samples: Sequence[Sequence[str | None]]
) -> tuple[Codec | None, ...]:
    """Map the names of a whole table: as above, but not at all where hardly a name is known."""
    own = {field.name: field for field in fields}
    if set(names) >= set(own):
        return tuple(own.pop(name, None) for name in names)
    columns, _ = map_names(names, fields, samples)
    same = any(f is not None and plain(n) == plain(f.name) for n, f in zip(names, columns, strict=True))
    enough = sum(column is not None for column in columns) >= min(2, len(fields))
    return columns if same or enough else (None,) * len(names)


def _similar(name: str, own: str) -> bool:
    """One name within the other (`review text`, `text`), or nearly the same letters."""
    pieces, own_pieces = set(name.split()), set(own.split())
    return pieces <= own_pieces or own_pieces <= pieces or _closeness(name, own) >= _SIMILAR


def _closeness(name: str, own: str) -> float:
    return SequenceMatcher(None, name, own).ratio()


def _at_place(
    i: int, columns: Sequence[Codec | None], fields: Sequence[Codec], left: Sequence[Codec]
) -> Codec | None:
    """The field left over at the place of an unknown name, in a table as wide, or between its neighbours."""
    if columns[i] is not None:
        return None
    if len(columns) == len(fields) and fields[i] in left:
        return fields[i]
    padded, own = [None, *columns, None], [None, *fields, None]
    around = padded[i], padded[i + 2]
    return next((f for at, f in enumerate(fields) if f in left and (own[at], own[at + 2]) == around), None)


def _plausible(field: Codec, cells: Sequence[str]) -> bool:
    """Whether the cells below a name could be of this column."""
    if field.written:
        return not cells or not all(cell.strip().isdigit() for cell in cells)
    return 2 * sum(field.parse(cell).fits is not False for cell in cells) >= len(cells)
