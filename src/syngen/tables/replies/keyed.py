"""Find rows whose cells come with their names: JSON objects anywhere, and blocks of `Name: value` lines."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from syngen.columns import Codec
from syngen.tables.header import by_name
from syngen.tables.replies.markup import as_json
from syngen.tables.replies.table import Cell, Record, Table

_DECODER = json.JSONDecoder(strict=False)
_OPENING = re.compile(r'\{\s*"|\[\s*\{')
_WORD = re.compile(r"\w")
_DEEPEST = 3  # {"data": {"rows": [{...}]}}
_MOST_NAMES = 100  # different ones; a text with more is prose with colons
_PAIR = re.compile(
    r"^[ \t]*(?:(?:[-*•>#]+|\(?\d{1,4}[.)])[ \t]+)*[*_`\"]{0,3}(?P<name>[^\W\d][\w \t/().-]{0,39}?)[*_`\"]{0,3}"
    r"[ \t]*[:：][*_`]{0,3}(?:[ \t]+|$)(?P<value>.*)$"
)
_RULE = re.compile(r"^\s*(?:[-=*_]{3,}|#+.*|\**(?:\w+ )?#?\d+\**[.:)]?\**)\s*$")


def objects(text: str, fields: Sequence[Codec]) -> list[Table]:
    """The JSON objects in a text that hold columns of the reference, as one table."""
    rows: list[tuple[dict[str, str] | None, str]] = []  # with the raw text; None for one that is broken
    start, end, whole = len(text), 0, True
    for value, at, stop in _values(text):
        start = min(start, at)
        raw = text[at:stop]
        if value is not None or any(f'"{own.name}"' in raw for own in fields):
            rows += _rows(value, raw)
            end, whole = stop, value is not None  # its last brace is there: nothing was cut off
    names = list(dict.fromkeys(name for row, _ in rows for name in row or ()))[:_MOST_NAMES]
    if not rows or (names and not any(by_name(names, fields))):
        return []
    notes: tuple[str, ...] = ("format.preamble",) if _WORD.search(text[:start]) else ()
    followed = _WORD.search(text[end:]) is not None
    notes += ("format.trailing_text",) if followed else ()
    records = tuple(_record(row, raw, names) for row, raw in rows)
    return [Table(tuple(names), records, notes=notes, ended=whole or followed)]


def _values(text: str) -> Iterator[tuple[Any, int, int]]:
    """The JSON values of a text with where they begin and end; None where one opens that can't be read."""
    opening = _OPENING.search(text)
    while opening:
        start = opening.start()
        try:
            value, stop = _DECODER.raw_decode(text, start)
        except RecursionError:  # nothing nested so deep is a row
            return
        except ValueError:
            opening = _OPENING.search(text, start + 1)
            yield None, start, opening.start() if opening else len(text)
        else:
            yield value, start, stop
            opening = _OPENING.search(text, stop)


def _objects(value: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """The objects of a JSON value that are rows: itself, or those in its lists and objects."""
    inner = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else []
    held = [v for v in inner if isinstance(v, dict | list)]
    nested = [row for v in held for row in _objects(v, depth + 1)] if depth < _DEEPEST else []
    if nested:
        yield from nested
    elif isinstance(value, dict):
        yield value


def _rows(value: Any, raw: str) -> Iterator[tuple[dict[str, str] | None, str]]:
    """The rows of a value with their raw text; None for one that can't be read."""
    if value is None:
        yield None, raw
    for row in _objects(value):
        cells = {name: _as_text(cell) for name, cell in row.items()}
        yield cells, raw if row is value else as_json(cells)


def _record(row: Mapping[str, str] | None, raw: str, names: Sequence[str]) -> Record:
    if row is None:
        return Record((), raw, unfinished=True)
    return Record(tuple(Cell(row[name], row[name]) if name in row else None for name in names), raw)


def _as_text(value: Any) -> str:
    """A JSON value as a cell: null is empty, a list of plain values is joined, deeper ones are empty."""
    if isinstance(value, list):
        return ", ".join(_as_text(v) for v in value if not isinstance(v, list | dict))
    if value is None or isinstance(value, dict):
        return ""
    return str(value)


def pairs(text: str, fields: Sequence[Codec]) -> list[Table]:
    """The `Name: value` blocks of a text, as one table; a name that comes again begins the next row."""
    lines = text.split("\n")
    matches = [_PAIR.match(line) for line in lines]
    names = _pair_names([match for match in matches if match], fields)
    cells = [
        (i, match["name"], match["value"])
        for i, match in enumerate(matches)
        if match and match["name"] in names
    ]
    if not cells:
        return []
    closing = [
        bool(_RULE.match(line) or (m and not m["value"])) for line, m in zip(lines, matches, strict=True)
    ]
    talk = any(line.strip() and not _RULE.match(line) for line in lines[: cells[0][0]])
    notes = ["format.pairs", "format.preamble"] if talk else ["format.pairs"]
    rows: list[tuple[dict[str, Cell], list[str]]] = []  # cells by name, and the lines they stand in
    begins = True
    for (at, name, value), (stop, following, _) in pairwise([*cells, (len(lines), "", "")]):
        if begins:
            rows.append(({}, []))
        row, raw = rows[-1]
        below, end = range(at + 1, stop), stop
        begins = any(closing[i] for i in below) or following in ("", name, *row)
        if begins:  # in the last cell of a row, what stands after a blank line is none of it
            end = next((i for i in below if closing[i] or not lines[i].strip()), stop)
            if any(lines[i].strip() and not closing[i] for i in range(end, stop)):
                notes.append("format.talk_between" if following else "format.trailing_text")
        row[name] = _cell("\n".join([value, *lines[at + 1 : end]]))
        raw += lines[at:end]
    records = tuple(Record(tuple(map(row.get, names)), "\n".join(raw)) for row, raw in rows)
    shown = tuple(dict.fromkeys(notes))
    return [Table(tuple(names), records, notes=shown, ended="format.trailing_text" in shown)]


def _pair_names(matches: Sequence[re.Match[str]], fields: Sequence[Codec]) -> list[str]:
    """Which names before a colon are columns: those of the reference, and unknown ones as frequent."""
    counts = Counter(match["name"] for match in matches)
    names = [name for name, _ in counts.most_common(_MOST_NAMES)]
    known = [name for name, own in zip(names, by_name(names, fields), strict=True) if own is not None]
    if len(known) < min(2, len(fields)):
        return []
    rows = max(counts[name] for name in known)
    filled = {match["name"] for match in matches if match["value"].strip()}
    kept = {name for name in filled if counts[name] >= 2 and 2 * counts[name] > rows} | set(known)
    return [name for name in counts if name in kept]


def _cell(text: str) -> Cell:
    bare = text.strip().rstrip("*").strip()
    if len(bare) > 1 and bare[0] == bare[-1] == '"':
        bare = bare[1:-1]
    return Cell(bare, bare)
