"""Headers: which reference column each name in a reply stands for.

Names and a few cells below them in, a `Mapping` out. A name counts when it is the column's own, but
for case, punctuation and numbering, or nearly so; a name that resembles none is taken for the column
at its place if the cells below bear it out, and else for an extra column.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from syngen.columns.parse import Field

_NUMBERING = re.compile(r"^\W*(?:\d{1,3}[.):]\s*)?")
_PIECE = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LONGEST_NAME = 60
_ALIKE = 0.8


@dataclass(frozen=True, slots=True)
class Mapping:
    """The columns of a table in a reply, in its order: None for those the reference does not have."""

    columns: tuple[Field | None, ...]
    notes: tuple[str, ...] = ()


def plain(name: str) -> str:
    """A column name without case, punctuation and numbering: `2. Review_Text` gives `review text`."""
    bare = _CAMEL.sub(" ", _NUMBERING.sub("", name[:_LONGEST_NAME], count=1))
    return " ".join(_PIECE.findall(bare)).casefold()


def is_header(names: Sequence[str], fields: Sequence[Field]) -> bool:
    """Whether a row is a header: two of its cells are column names, or one where there is but one column.

    Half of them must be, unless it is three or more or no cell has a digit in it: no row of data is like that.
    """
    if any(len(name) > _LONGEST_NAME for name in names):
        return False
    own = {plain(field.name) for field in fields}
    hits = len({plain(name) for name in names} & own)
    if hits < min(2, len(fields)):
        return False
    wordy = hits > 1 and not any(char.isdigit() for name in names for char in name)
    return 2 * hits >= len(names) or hits > 2 or wordy


def by_name(names: Sequence[str], fields: Sequence[Field]) -> list[Field | None]:
    """The field each name stands for, judged by the names alone; none is given away twice."""
    found: list[Field | None] = [None] * len(names)
    for alike in (_same, _similar):
        for i, name in enumerate(names):
            if found[i] is None:
                free = [field for field in fields if field not in found]
                found[i] = max(
                    (f for f in free if alike(plain(name), plain(f.name))),
                    key=lambda f: _closeness(plain(name), plain(f.name)),
                    default=None,
                )
    return found


def map_names(
    names: Sequence[str], fields: Sequence[Field], samples: Sequence[Sequence[str | None]]
) -> Mapping:
    """Map the names of a reply to the reference's columns.

    Args:
        names: The names as written.
        fields: The reference's columns.
        samples: Some rows, each with one cell per name; a row without a cell there has None.

    Returns:
        The mapping, with the notes `format.renamed_column`, `format.extra_columns`,
        `format.missing_columns` and `format.reordered_columns` as they apply.
    """

    def below(i: int) -> list[str]:
        cells = (row[i] for row in samples if i < len(row))
        return [cell for cell in cells if cell and cell.strip()]

    columns = by_name(names, fields)
    for i, field in enumerate(columns):
        if field is not None and plain(names[i]) != plain(field.name) and not _plausible(field, below(i)):
            columns[i] = None
    named = [field for field in columns if field is not None]
    left = [field for field in fields if field not in named]
    for i in range(len(names)):
        field = _at_place(i, columns, fields, left, len(names))
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
    return Mapping(tuple(columns), tuple(note for note, applies in notes.items() if applies))


def _same(name: str, own: str) -> bool:
    return bool(name) and name == own


def _similar(name: str, own: str) -> bool:
    """One name within the other (`review text`, `text`), or nearly the same letters."""
    pieces, own_pieces = set(name.split()), set(own.split())
    if not pieces or not own_pieces:
        return False
    return pieces <= own_pieces or own_pieces <= pieces or _closeness(name, own) >= _ALIKE


def _closeness(name: str, own: str) -> float:
    return SequenceMatcher(None, name, own).ratio()


def _at_place(
    i: int, columns: Sequence[Field | None], fields: Sequence[Field], left: Sequence[Field], count: int
) -> Field | None:
    """The unclaimed field that stands where an unknown name stands.

    That is the field between the same neighbours, or at the same position in a table of as many columns.
    """
    if columns[i] is not None or not left:
        return None
    if count == len(fields) and fields[i] in left:
        return fields[i]
    before = columns[i - 1] if i else None
    after = columns[i + 1] if i + 1 < count else None
    for field in left:
        at = fields.index(field)
        own_before = fields[at - 1] if at else None
        own_after = fields[at + 1] if at + 1 < len(fields) else None
        if before == own_before and after == own_after:
            return field
    return None


def _plausible(field: Field, cells: Sequence[str]) -> bool:
    """Whether the cells below a name could be of this column."""
    if field.written:
        return not cells or not all(cell.strip().isdigit() for cell in cells)
    return 2 * sum(field.read(cell).fits is not False for cell in cells) >= len(cells)
