"""Find rows in blocks of `Name: value` lines, YAML among them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from syngen.columns import Codec
from syngen.tables.header import by_name
from syngen.tables.replies.literals import unescaped
from syngen.tables.replies.table import Cell, Record, Table

_MOST_NAMES = 100  # different ones; a text with more is prose with colons
_PAIR = re.compile(
    r"^[ \t]*(?:(?:[-*•>#]+|\(?\d{1,4}[.)])[ \t]+)*[*_`\"]{0,3}(?P<name>[^\W\d][\w \t/().-]{0,39}?)[*_`\"]{0,3}"
    r"(?:[ \t]*[:：]| =(?= ))[*_`]{0,3}(?:[ \t]+|$)(?P<value>.*)$"
)
_BLOCK = re.compile(r"([|>])[+-]?\d?[ \t]*\n")
_RULE = re.compile(r"^\s*(?:[-=*_]{3,}|#+.*|\[{1,2}[\w. -]{1,40}\]{1,2}|\**(?:\w+ )?#?\d+\**[.:)]?\**)\s*$")


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
    """A value without quotes; a block as YAML has it, below a `|` or `>`, without its indent."""
    bare = text.strip().rstrip("*").strip()
    if block := _BLOCK.match(bare):
        lines = [line.strip() for line in bare[block.end() :].split("\n")]
        bare = ("\n" if block[1] == "|" else " ").join(lines).strip()
    elif len(bare) > 1 and bare[0] == bare[-1] == '"':
        bare = unescaped(bare[1:-1])
    elif len(bare) > 1 and bare[0] == bare[-1] == "'":
        bare = bare[1:-1].replace("''", "'")
    return Cell(bare, bare)
