"""Find rows in XML and HTML: elements with an element or an attribute for each column, and tables of `td`.

Tolerant as a browser: tags that are never closed, entities and marks of formatting are read over. The work is
linear in the length of the text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from syngen.columns import Codec
from syngen.tables.header import by_name, is_header, plain
from syngen.tables.replies.table import Cell, Record, Table

_TAG = re.compile(
    r"(?P<special><!--|<!\[CDATA\[)"
    r"|<(?P<end>/?)(?P<name>[A-Za-z_][\w.:-]{0,60})(?P<attributes>(?:[^<>\"']|\"[^\"<]*+\"|'[^'<]*+')*+)>"
)
_ATTRIBUTE = re.compile(r"([\w.:-]{1,60})\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_UNFINISHED = re.compile(r"<([A-Za-z_][\w.:-]{0,60})(\s[^<]*)\Z")
_WORD = re.compile(r"\w")
_FORMATTING = frozenset({"b", "i", "em", "strong", "u", "span", "a", "small", "sup", "sub", "code", "font"})
_BREAKS = frozenset({"br", "hr", "p"})
_KEYS = ("name", "key", "column", "id")  # attributes that name a cell: <field name="rating">5</field>
_MOST_NAMES = 100
_DEEPEST = 40


@dataclass(slots=True, eq=False)
class _Element:
    name: str
    attributes: dict[str, str]
    start: int
    stop: int = 0  # 0 while it is open
    text: list[str] = field(default_factory=list)
    inner: list[_Element] = field(default_factory=list)

    @property
    def cell(self) -> str:
        return html.unescape("".join(self.text)).strip()


def elements(text: str, fields: Sequence[Codec]) -> list[Table]:
    """The elements of a text that are rows of the reference, as one table."""
    every = _parsed(text)
    rows, names = _html_rows(every), None
    note = "format.html_table"
    if rows:
        header = next((row for row in rows if is_header([c.text for c in row[1]], fields)), None)
        rows = [row for row in rows if row is not header]
        names = tuple(cell.text for cell in header[1]) if header else None
        records = [
            Record(tuple(cells), text[e.start : e.stop or len(text)], unfinished=not e.stop)
            for e, cells in rows
        ]
        start = min((e.start for e in every), default=0)
    else:
        note = "format.xml"
        keyed = _keyed_rows(every, fields)
        names = tuple(dict.fromkeys(name for _, cells in keyed for name in cells))[:_MOST_NAMES]
        records = [
            Record(
                tuple(Cell(cells[n], cells[n]) if n in cells else None for n in names),
                text[e.start : e.stop or len(text)],
                unfinished=not e.stop,
            )
            for e, cells in keyed
        ]
        start = min((e.start for e, _ in keyed), default=0)
    if not records:
        return []
    end = max((e.stop for e in every), default=0)
    cut = records[-1].unfinished
    before = _WORD.search(_TAG.sub("", text[:start])) is not None
    after = not cut and _WORD.search(_TAG.sub("", text[end:])) is not None
    notes = (note, *(("format.preamble",) if before else ()), *(("format.trailing_text",) if after else ()))
    return [Table(names, tuple(records), "," if note == "format.html_table" else "", notes, ended=not cut)]


def _parsed(text: str) -> list[_Element]:
    """All elements in the order in which they begin."""
    every: list[_Element] = []
    stack: list[_Element] = []
    at = 0
    closed = {"<!--": "-->", "<![CDATA[": "]]>"}  # without those that no longer come
    while tag := _TAG.search(text, at):
        if stack:
            stack[-1].text.append(text[at : tag.start()])
        at = tag.end()
        name = (tag["name"] or "").lower()
        if special := tag["special"]:
            end = text.find(closed[special], at) if special in closed else -1
            if end < 0:
                closed.pop(special, None)
                continue
            if stack and special != "<!--":
                stack[-1].text.append(html.escape(text[at:end]))
            at = end + len(closed[special])
        elif name in _BREAKS and stack and not (tag["attributes"] or "").strip(" /"):
            stack[-1].text.append("" if tag["end"] else "\n")
        elif not name or name in _FORMATTING:
            continue
        elif tag["end"]:
            _close(stack, name, tag.end())
        else:
            element = _Element(name, _attributes(tag["attributes"]), tag.start())
            if name in ("tr", "td", "th", "li"):  # the one before may not have been closed
                _close_open(stack, name, tag.start())
            every.append(element)
            if stack:
                stack[-1].inner.append(element)
            if tag["attributes"].endswith("/"):
                element.stop = tag.end()
            elif len(stack) < _DEEPEST:
                stack.append(element)
    if unfinished := _UNFINISHED.match(text, max(at, text.rfind("<"))):
        every.append(_Element(unfinished[1].lower(), _attributes(unfinished[2]), unfinished.start()))
    elif stack:
        stack[-1].text.append(text[at:])
    return every


def _attributes(text: str) -> dict[str, str]:
    found = _ATTRIBUTE.finditer(text)
    return {m[1]: html.unescape(m[2] if m[2] is not None else m[3]) for m in found}


def _close(stack: list[_Element], name: str, stop: int) -> None:
    """Close the innermost element of a name and what is open within it; nothing where there is none."""
    for i in range(len(stack) - 1, -1, -1):
        if stack[i].name == name:
            for element in stack[i:]:
                element.stop = stop
            del stack[i:]
            return


def _close_open(stack: list[_Element], name: str, stop: int) -> None:
    cells = ("td", "th")
    ends = cells if name in cells else (name, *cells) if name == "tr" else (name,)
    while stack and stack[-1].name in ends:
        stack.pop().stop = stop


def _html_rows(every: Sequence[_Element]) -> list[tuple[_Element, list[Cell]]]:
    """The rows of HTML tables, each with its cells."""
    rows = []
    for element in every:
        if element.name == "tr":
            texts = [cell.cell for cell in element.inner if cell.name in ("td", "th")]
            if texts:
                rows.append((element, [Cell(t, f'"{t}"') for t in texts]))
    return rows


def _keyed_rows(every: Sequence[_Element], fields: Sequence[Codec]) -> list[tuple[_Element, dict[str, str]]]:
    """The elements that hold a cell for two columns or more, or for the only one."""
    keyed = [(element, _cells(element)) for element in every]
    names = list(dict.fromkeys(name for _, cells in keyed for name in cells))[:_MOST_NAMES]
    known = {name for name, own in zip(names, by_name(names, fields), strict=True) if own is not None}
    known |= {name for name in names if plain(name) in {plain(own.name) for own in fields}}
    rows = []
    for element, cells in keyed:
        if len(fields) > 1 and len(known & cells.keys()) > 1:
            rows.append((element, cells))
        elif len(fields) == 1 and not element.inner and plain(element.name) == plain(fields[0].name):
            rows.append((element, {element.name: element.cell}))
    return rows


def _cells(element: _Element) -> dict[str, str]:
    """What an element holds by name: its attributes, and the elements in it that hold nothing but text."""
    cells = dict(element.attributes)
    for inner in element.inner:
        if not inner.inner:
            name = next((inner.attributes[key] for key in _KEYS if key in inner.attributes), inner.name)
            cells.setdefault(name, inner.cell)
    if len(cells) > 1 and not element.inner and element.cell:
        cells.setdefault("text", element.cell)
    return cells
