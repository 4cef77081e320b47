"""Remember the keys of the rows that a sample leaves out, in bounded memory, so that no new key is a real one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from typing import Any

import polars as pl

from syngen.columns import names
from syngen.columns.taken import Hashes, distinct, hashes
from syngen.text.format import listed

SAMPLE = 4_096  # cells of a column, by which it is judged
_MERGED = 1 << 20  # hashes, from which equal ones are looked for
_MOST = 1 << 24  # hashes in all: 128 MB
_REPEATED = 20  # times that a value comes on average, from which it is a label and the sample has it
_WORDS = 8  # of a text that is longer than a name or an address
_NO_KEY = r"^\s*-?\d*\.\d*[1-9]\d*\s*$|^\d{4}-\d\d-\d\d(?:\D|$)"  # numbers with decimals, dates


class Unsampled:
    """Hashes of the cells of columns that may hold keys; columns are numbers or names until `finish`."""

    def __init__(self) -> None:
        self._parts: dict[int | str, list[Hashes]] = {}
        self._no_keys: set[int | str] = set()
        self._too_many: list[int | str] = []

    def add_rows(
        self,
        rows: Sequence[Any],
        columns: Iterable[int | str],
        cell: Callable[[Any, Any], Any],
        titles: Sequence[str] = (),
    ) -> None:
        """Remember the cells of some rows.

        Args:
            columns: What the columns of a row are got by: numbers or names.
            cell: Gives the cell of a row and a column.
            titles: The names of the columns that are numbers.
        """
        for column in columns:
            if column not in self._no_keys:
                title = column if isinstance(column, str) else titles[column]
                self.add(title, list(map(cell, rows, repeat(column))), column)

    def add(self, title: str, cells: Sequence[Any] | pl.Series, column: int | str = "") -> None:
        """Remember the cells of a column of a name, unless they are plainly no keys."""
        column = title if column == "" else column
        for start in range(0, len(cells), SAMPLE):
            some = cells[start : start + SAMPLE]
            texts = [cell if type(cell) is str else str(cell) for cell in some if cell is not None]
            if not texts:
                continue
            if column not in self._parts and not may_be_keys(pl.Series(title, texts)):
                self._no_keys.add(column)
            if column in self._no_keys:
                return
            parts = self._parts.setdefault(column, [])
            parts.append(hashes(texts))
            if SAMPLE * (len(parts) - 1) > max(_MERGED, len(parts[0])):
                parts[:] = [distinct(parts)]
                self._keep_bounds()

    def _keep_bounds(self) -> None:
        sizes = {column: sum(map(len, parts)) for column, parts in self._parts.items()}
        if sum(sizes.values()) > _MOST:
            largest = max(sizes, key=lambda column: sizes[column])
            del self._parts[largest]
            self._no_keys.add(largest)
            self._too_many.append(largest)

    def finish(self, notes: list[str], named: Sequence[str] = ()) -> None:
        """Give the columns that are numbers their names; a remark says of which there are too many values."""
        self._parts = {self._name(column, named): parts for column, parts in self._parts.items()}
        if self._too_many:
            shown = listed([f"'{self._name(column, named)}'" for column in self._too_many])
            notes.append(f"{shown}: too many different values; new ones are new against the sample only.")

    @staticmethod
    def _name(column: int | str, named: Sequence[str]) -> str:
        return column if isinstance(column, str) else named[column]

    def hashes(self) -> dict[str, Hashes]:
        """What is remembered, by column."""
        return {str(column): distinct(parts) for column, parts in self._parts.items()}


def may_be_keys(texts: pl.Series) -> bool:
    """Whether some cells of a column may be keys or names: not decimals, dates, texts, frequent labels."""
    named = any(means(texts.name) for means in (names.means_key, names.mentions_person, names.means_contact))
    if _REPEATED * texts.n_unique() < len(texts) and not named:
        return False
    if int(texts.str.contains(_NO_KEY).sum()) > 0.9 * len(texts):
        return False
    return int(texts.str.count_matches(" ", literal=True).sum()) < _WORDS * max(1, len(texts))
