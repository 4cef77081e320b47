"""What every way of writing rows is reduced to before its cells are aligned and typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Cell(NamedTuple):
    """A cell: its content, and as it stood in the row (with quotes and spaces)."""

    text: str
    raw: str

    @property
    def quoted(self) -> bool:
        return self.raw.lstrip()[:1] == '"' and self.text != self.raw


@dataclass(frozen=True, slots=True)
class Record:
    """One row, or what may be one, as it stands in a reply."""

    cells: tuple[Cell | None, ...]  # in order; None where a keyed row lacks one of the table's names
    raw: str
    unfinished: bool = False  # something opened in it was never closed: a quote, a brace
    apart: bool = False  # a blank line stands before it
    notes: tuple[str, ...] = ()  # codes of what was read over to split it into cells

    @property
    def present(self) -> list[Cell]:
        """The cells that are there."""
        return [cell for cell in self.cells if cell is not None]


@dataclass(frozen=True, slots=True)
class Table:
    """Records that belong together."""

    names: tuple[str, ...] | None  # the header; None when there is none and columns go by position
    records: tuple[Record, ...]
    delimiter: str = ""  # empty when each cell came with its name, so that nothing needs to be aligned
    notes: tuple[str, ...] = ()  # codes of what concerns all its rows
    ended: bool = False  # something other than rows follows, so that its last row was not cut off
