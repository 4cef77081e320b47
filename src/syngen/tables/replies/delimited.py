"""Find rows with a delimiter: CSV with `,` `;` tab or `|`, Markdown tables, numbered and bulleted lists.

Quotes are read as people and models write them: a quote closes only before a delimiter or the end of
a line, so quotes inside a text survive, and one that swallows what looks like the next row was never
closed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from syngen.columns import Codec
from syngen.tables.dialect import ONE_COLUMN
from syngen.tables.header import is_header, plain
from syngen.tables.replies.table import Cell, Record, Table

_LEADS = re.compile(
    r"^[ \t]*(?:[-*•][ \t]+|\(?\d{1,4}[.):][ \t]+|(?:Row|Record)[ \t]+\d{1,4}[.:)][ \t]*)", re.IGNORECASE
)
_LONGEST_CELL = 20_000  # over several lines: bounds what open quotes cost
_RULE = re.compile(r"^[\s|:+=-]*-{2}[\s|:+=-]*$")


def delimited(text: str, delimiter: str, fields: Sequence[Codec]) -> list[Table]:
    """The tables in a text, one for each header; what stands before the first header comes headless."""
    text, numbered = _without_leads(text, delimiter)
    notes: tuple[str, ...] = ("format.numbered",) if numbered else ()
    records = list(_records(text, delimiter, fields))
    if delimiter == "|" and any(record.raw.strip().startswith("|") for record in records):
        notes += ("format.markdown_table",)
    texts = [tuple(cell.text for cell in record.present) for record in records]
    headers = [i for i, names in enumerate(texts) if is_header(names, fields)]
    tables: list[Table] = []
    for header, end in pairwise([-1, *headers, len(records)]):
        again = ("format.repeated_header",) if tables and header > headers[0] else ()
        last = end == len(records)
        if last or end > header + 1:
            rows, names = records[header + 1 : end], texts[header] if header >= 0 else None
            tables.append(Table(names, tuple(rows), delimiter, notes + again, ended=not last))
    return tables


def _without_leads(text: str, delimiter: str) -> tuple[str, bool]:
    """The text without numbers and bullets before its rows, when most rows have one."""
    lines = text.split("\n")
    rows = [
        i for i, line in enumerate(lines) if line.strip() and (delimiter in line or delimiter == ONE_COLUMN)
    ]
    led = [i for i in rows if _LEADS.match(lines[i])]
    if not led or 2 * len(led) < len(rows):
        return text, False
    for i in led:
        lines[i] = _LEADS.sub("", lines[i], count=1)
    return "\n".join(lines), True


def _records(text: str, delimiter: str, fields: Sequence[Codec]) -> Iterator[Record]:
    at = 0
    apart = False
    while at < len(text):
        line_end = text.find("\n", at)
        line_end = len(text) if line_end < 0 else line_end
        line = text[at:line_end]
        if not line.strip():
            apart, at = True, line_end + 1
            continue
        if delimiter == "|" and _RULE.match(line):
            at = line_end + 1
            continue
        cells, end, unfinished = _record_at(text, at, delimiter, line_end)
        if end > line_end and _swallows(text[line_end + 1 : end], delimiter, fields):
            cells, end, unfinished = _record_at(text, at, delimiter, line_end, one_line=True)
        raw = text[at:end]
        if delimiter == "|":
            cells = _without_edges(cells, raw)
        if cells:
            yield Record(tuple(cells), raw, unfinished, apart)
        apart, at = False, end + 1


def _swallows(rest: str, delimiter: str, fields: Sequence[Codec]) -> bool:
    """Whether a quoted cell that spans lines has run over the beginning of another row."""
    for line in rest.split("\n"):
        cells = line.split(delimiter)
        if len(cells) < max(2, len(fields)) or line.count('"') % 2:
            continue  # a line with an odd quote is where the cell ends
        first, last = fields[0], fields[-1]
        if is_header([plain(cell) for cell in cells], fields):
            return True
        if first.typed and first.parse(cells[0].strip(' "')).fits is True:
            return True
        if not first.typed and last.typed and last.parse(cells[-1].strip(' "')).fits is True:
            return line.lstrip().startswith('"') or not line.startswith(" ")
    return False


@lru_cache(maxsize=8)
def _quoted_cell(delimiter: str) -> re.Pattern[str]:
    """A quoted cell with what ends it. Possessive, so that no text takes more than linear time."""
    blank = "[ ]*" if delimiter == "\t" else r"[ \t]*"
    end = rf"{blank}(?:{re.escape(delimiter)}|\n|\Z)"
    inside = rf'(?:[^"\\]++|\\(?:"(?!"|{end}))?+|""|"(?!{end}))*+'
    return re.compile(rf'{blank}"(?P<inside>{inside})"(?={end}){blank}')


def _record_at(
    text: str, at: int, delimiter: str, line_end: int, *, one_line: bool = False
) -> tuple[list[Cell], int, bool]:
    """The cells of the record that begins at `at`, where it ends, and whether a quote was left open."""
    if text.find('"', at, line_end) < 0:
        return [Cell(raw.strip(), raw) for raw in text[at:line_end].split(delimiter)], line_end, False
    quoted = _quoted_cell(delimiter)
    limit = line_end if one_line else min(len(text), max(line_end, at + _LONGEST_CELL))
    cells: list[Cell] = []
    unfinished = False
    while True:
        match = quoted.match(text, at, limit)
        if match:
            cells.append(Cell(_unescaped(match["inside"]).strip(), match[0]))
            at = match.end()
        else:
            line_end = text.find("\n", at, limit)
            line_end = limit if line_end < 0 else line_end
            end = text.find(delimiter, at, line_end)
            end = line_end if end < 0 else end
            raw = text[at:end]
            open_quote = raw.lstrip().startswith('"') and raw.count('"') == 1
            unfinished = unfinished or open_quote
            cells.append(Cell(raw.strip().removeprefix('"') if open_quote else raw.strip(), raw))
            at = end
        if at >= limit or text[at] == "\n":
            return cells, at, unfinished
        at += 1


def _unescaped(inside: str) -> str:
    """The content of a quoted cell: quotes are doubled as CSV has it, or else escaped as programs have it."""
    return inside.replace('""', '"') if '""' in inside else inside.replace('\\"', '"')


def _without_edges(cells: list[Cell], raw: str) -> list[Cell]:
    """The cells of a Markdown row without the empty ones that its outer pipes make."""
    inner: list[Cell] = []
    for cell in cells:
        if inner and inner[-1].text.endswith("\\"):  # an escaped pipe
            text = inner[-1].text[:-1] + "|" + cell.raw.rstrip()
            inner[-1] = Cell(text, text)
        else:
            inner.append(cell)
    if raw.lstrip().startswith("|"):
        inner = inner[1:]
    if raw.rstrip().endswith("|") and inner and not inner[-1].text:
        inner = inner[:-1]
    return inner
