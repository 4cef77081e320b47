"""Find rows written as blocks of `Name: value` lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from syngen.columns import Codec
from syngen.tables.header import by_name
from syngen.tables.replies.table import Cell, Record, Table

_MOST_NAMES = 100  # different ones; a reply with more is prose with colons
_PAIR = re.compile(
    r"^[ \t]*(?:(?:[-*•>#]+|\(?\d{1,4}[.)])[ \t]+)*[*_`\"]{0,3}(?P<name>[^\W\d][\w \t/().-]{0,39}?)[*_`\"]{0,3}"
    r"[ \t]*[:：][*_`]{0,3}(?:[ \t]+|$)(?P<value>.*)$"
)
_RULE = re.compile(r"^\s*(?:[-=*_]{3,}|#+.*|\**(?:\w+ )?#?\d+\**[.:)]?\**)\s*$")


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
