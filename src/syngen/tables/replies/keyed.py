"""Find rows whose cells come with their names: JSON objects, and blocks of `Name: value` lines.

JSON objects are looked for wherever they stand: in a list, under a key, one a line, after prose,
before a cut.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from syngen.columns import Codec
from syngen.tables.header import by_name
from syngen.tables.replies.markup import as_json
from syngen.tables.replies.table import Cell, Record, Table

_DECODER = json.JSONDecoder(strict=False)
_OPENING = re.compile(r'\{\s*"|\[\s*\{')
_WORD = re.compile(r"\w")
_DEEPEST = 3  # {"data": {"rows": [{...}]}}
_MOST_NAMES = 100  # different ones; a reply with more is prose with colons

_PAIR = re.compile(
    r"^[ \t]*(?:(?:[-*•>#]+|\(?\d{1,4}[.)])[ \t]+)*[*_`\"]{0,3}(?P<name>[^\W\d][\w \t/().-]{0,39}?)[*_`\"]{0,3}"
    r"[ \t]*[:：][*_`]{0,3}(?:[ \t]+|$)(?P<value>.*)$"
)
_RULE = re.compile(r"^\s*(?:[-=*_]{3,}|#+.*|\**(?:\w+ )?#?\d+\**[.:)]?\**)\s*$")


def json_rows(text: str, fields: Sequence[Codec]) -> list[Table]:
    """The JSON objects in a text that hold columns of the reference, as one table."""
    rows: list[tuple[Mapping[str, Any] | None, str]] = []  # with the raw text; None for one that is broken
    start, end, whole = len(text), 0, True
    for value, at, stop in _values(text):
        start = min(start, at)
        raw = text[at:stop]
        if value is not None or any(f'"{own.name}"' in raw for own in fields):
            rows += _rows(value, raw)
            end, whole = stop, value is not None  # its last brace is there: nothing was cut off
    names = list(dict.fromkeys(str(name) for row, _ in rows if row is not None for name in row))[:_MOST_NAMES]
    if not rows or (names and not any(by_name(names, fields))):
        return []
    notes: tuple[str, ...] = ("format.preamble",) if _WORD.search(text[:start]) else ()
    followed = _WORD.search(text[end:]) is not None
    notes += ("format.trailing_text",) if followed else ()
    records = tuple(_record(row, raw, names) for row, raw in rows)
    return [Table(tuple(names), records, notes=notes, ended=whole or followed)]


def pairs(text: str, fields: Sequence[Codec]) -> list[Table]:
    """The `Name: value` blocks of a text, as one table; a name that comes again begins the next row."""
    lines = [(line, _PAIR.match(line)) for line in text.split("\n")]
    names = _pair_names([match for _, match in lines if match], fields)
    if not names:
        return []
    blocks: list[_Block] = []
    talk = False
    for line, match in lines:
        if match and match["name"] in names:
            if not blocks or blocks[-1].closed or match["name"] in blocks[-1].cells:
                blocks.append(_Block())
            blocks[-1].add(match["name"], match["value"], line)
        elif not blocks:
            talk = talk or bool(line.strip() and not _RULE.match(line))
        elif _RULE.match(line) or (match and not match["value"]):
            blocks[-1].closed = True
        else:
            blocks[-1].follow(line)
    notes = ("format.pairs",) + (("format.preamble",) if talk else ())
    notes += ("format.talk_between",) if any(block.followed for block in blocks[:-1]) else ()
    notes += ("format.trailing_text",) if blocks[-1].followed else ()
    records = tuple(block.record(names) for block in blocks)
    return [Table(tuple(names), records, notes=notes, ended=blocks[-1].followed)]


@dataclass(slots=True)
class _Block:
    """The lines of one row while they are read."""

    cells: dict[str, list[str]] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    closed: bool = False
    last: str = ""

    def add(self, name: str, value: str, line: str) -> None:
        """A new cell; what stood aside before it was a paragraph of the text above."""
        if self.aside:
            self.cells[self.last] += self.aside
        self.lines += [*self.aside, line]
        self.aside, self.last = [], name
        self.cells[name] = [value]

    def follow(self, line: str) -> None:
        """A line without a name: it continues the cell, after a blank line perhaps not."""
        if self.closed or self.aside or not line.strip():
            self.aside.append(line)
        else:
            self.cells[self.last].append(line)
            self.lines.append(line)

    @property
    def followed(self) -> bool:
        """Whether something other than a row came after it."""
        return any(line.strip() for line in self.aside)

    def record(self, names: Sequence[str]) -> Record:
        cells = tuple(_cell("\n".join(self.cells[name])) if name in self.cells else None for name in names)
        return Record(cells, "\n".join(self.lines))


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
    """A value with the quotes or stars around it taken off."""
    bare = text.strip().rstrip("*").strip()
    if len(bare) > 1 and bare[0] == bare[-1] == '"':
        bare = bare[1:-1]
    return Cell(bare, bare)


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


def _rows(value: Any, raw: str) -> Iterator[tuple[Mapping[str, Any] | None, str]]:
    """The rows of a value with their raw text; None for one that can't be read."""
    flat = isinstance(value, dict) and not any(isinstance(cell, dict | list) for cell in value.values())
    if value is None or flat:
        yield value, raw
    else:
        for row in _objects(value):
            yield row, as_json({str(name): _as_text(v) for name, v in row.items()})


def _record(row: Mapping[str, Any] | None, raw: str, names: Sequence[str]) -> Record:
    if row is None:
        return Record((), raw, unfinished=True)
    texts = [_as_text(row[name]) if name in row else None for name in names]
    return Record(tuple(None if text is None else Cell(text, text) for text in texts), raw)


def _as_text(value: Any) -> str:
    """A JSON value as a cell: null is empty, a list of plain values is joined, deeper ones are empty."""
    if isinstance(value, list):
        return ", ".join(_as_text(v) for v in value if not isinstance(v, list | dict))
    if value is None or isinstance(value, dict):
        return ""
    return str(value)
