"""Find the rows of a table in one JSON object around them, as GeoJSON and answers of services have it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from syngen import errors
from syngen.tables.encoding import Text
from syngen.text.format import listed

_USUAL = (
    "features",
    "data",
    "results",
    "records",
    "rows",
    "items",
)  # keys of rows, where several arrays are held
_DECODER = json.JSONDecoder()


class Wrapped(NamedTuple):
    """The rows that stand in one object."""

    key: str  # where they stand, such as `response.results`
    others: Sequence[str]  # keys beside it
    rows: Sequence[Mapping[str, Any]]

    @property
    def remark(self) -> str:
        """What was read, and what becomes of the rest."""
        beside = listed([f"'{key}'" for key in self.others], most=5)
        left = f"; {beside} beside it left out" if self.others else ""
        where = f"The rows are the array '{self.key}' of one JSON object"
        return f"{where}{left}; new rows are written as a plain array."


def unwrap(text: Text) -> Wrapped | None:
    """The rows that one JSON object holds; None where the text is something else.

    Raises:
        ReferenceError: It is one object, but its rows are in another order than one object each.
    """
    value = _only_object(text)
    if value is None:
        return None
    inner = {
        f"{key}.{name}": cell
        for key, held in value.items()
        if isinstance(held, dict)
        for name, cell in held.items()
    }
    for level in (value, inner):
        tables = {key: cell for key, cell in level.items() if _is_rows(cell)}
        usual = [key for key in tables if key.rpartition(".")[2] in _USUAL]
        if chosen := list(tables) if len(tables) == 1 else usual if len(usual) == 1 else []:
            return Wrapped(chosen[0], [key for key in level if key != chosen[0]], tables[chosen[0]])
        if tables:
            names = listed([f"'{key}'" for key in tables], most=5)
            raise errors.ReferenceError(
                f"'{text.name}' is one JSON object that holds several arrays of objects: {names}.",
                "Save the one that is meant in a file of its own.",
            )
    kinds = {type(cell) for cell in value.values()}
    if len(value) > 1 and kinds in ({dict}, {list}):
        names = listed([f"'{key}'" for key in value], most=3)
        what = "objects" if kinds == {dict} else "arrays"
        raise errors.ReferenceError(
            f"'{text.name}' is one JSON object whose values are {what} ({names}), not an array of rows.",
            'Write it as [{"text": "…"}, …], one object per row.',
        )
    return None


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def _only_object(text: Text) -> dict[str, Any] | None:
    """The object that is all of a text; None for JSON Lines, of which no more than the beginning is read."""
    start = text.start()
    if not start.startswith("{"):
        return None
    try:
        _, end = _DECODER.raw_decode(start)
    except (ValueError, RecursionError):  # it goes on, or is broken
        if any(map(_is_object, start.splitlines()[:20])):
            return None
    else:
        if start[end:].strip():
            return None
    try:
        value = json.loads("".join(text.chunks()))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _is_object(line: str) -> bool:
    """Whether a line is an object with keys, as those of JSON Lines are."""
    try:
        value = _DECODER.decode(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and bool(value)
