"""Find out how delimited text is written: its delimiter and quotation marks, and the line of its header.

Lines above the header are those that bank exports, reports and spreadsheets put there: a title, an account and a
period, comments. They are told from a table by what follows them: a row of names, and rows as wide as it.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from syngen.tables.encoding import HEAD

DELIMITERS = (",", "\t", ";", "|")
BLANK = " "
ONE_COLUMN = "\x1f"  # the unit separator stands in no text: every line is one cell
LONG_ROW = 50  # lines; a row of more that is also too short has swallowed others

_RARE_DELIMITERS = ("^", "~", "¦")
_BLANKS: Mapping[str, Any] = {"delimiter": BLANK, "skipinitialspace": True}  # also several between two cells
_GAP = re.compile(r"[^.!?:\s]\s{2,}\S")
_MOST_ABOVE = 60  # rows above a header
_LONGEST_NAME = 1_000  # characters
_SEP = re.compile(r"\"?sep=(.)\"?\s*", re.IGNORECASE | re.DOTALL)  # how Excel is told the delimiter
_NUMBER = re.compile(r"[-+(]?\s*[$€£¥₹]?\s*[-+]?(?:\d[\d.,'’\s]*|[.,]\d+)(?:[eE][-+]?\d+)?\s*[%$€£¥₹]?\)?")
_DATE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}(?:[ T]\d.*)?|\d{1,2}:\d{2}(?::\d{2})?.*")
_SENTENCE_END = re.compile(r"[.!…](?:\s|$)")
_UNIT = re.compile(r"[(\[{<].*[)\]}>]")
_NO_UNIT = re.compile(  # how missing values and what is out of range are written
    r"n/?[ad]|n\.a\.|null|none|nan|nil|inf|missing|unknown|(?:not|no) .*|trace|(?:below|above) .*|[<>~≤≥].*\d.*|[\W_]+|\\N",
    re.IGNORECASE,
)
_MOST_DESCRIBING = 3  # rows below a header
_YEAR = re.compile(r"(?:19|20)\d\d")

Cells = Sequence[str]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How delimited text is written."""

    options: Mapping[str, Any] = field(default_factory=lambda: {"delimiter": ONE_COLUMN})  # of `csv.reader`
    skip: int = 0  # lines above the header
    sep: bool = False  # whether the first of them is `sep=;`, which says the delimiter
    short: bool = False  # whether the header has one cell less than each row


@dataclass(frozen=True, slots=True)
class _Row:
    start: int  # lines above it
    cells: Cells
    after_blank: bool

    @property
    def filled(self) -> int:
        """Cells that hold something."""
        return sum(map(bool, map(str.strip, self.cells)))

    @property
    def comment(self) -> bool:
        return self.cells[0].lstrip().startswith("#")

    def narrower(self, width: int) -> bool:
        """Whether it has fewer cells than a row of the table, or at most half of them hold something."""
        last = max(i for i, cell in enumerate(self.cells, start=1) if cell.strip())
        return last < width or 2 * self.filled <= width


def sniff(head: Cells, *, above: bool = True, known: str = "") -> Dialect:
    """Find the dialect that fits the first lines of a text best: most rows are as wide as the header.

    Args:
        head: The first lines, with their ends.
        above: Whether lines above the header are looked for.
        known: The delimiter where it is known; then quotation marks are `"`.
    """
    first = next((i for i, line in enumerate(head) if line.strip()), len(head))
    said = _SEP.fullmatch(head[first].lstrip("\ufeff")) if first < len(head) else None
    if said:
        first += 1
    lines = head[first:]
    if not lines:
        return Dialect()
    delimiters = (said.group(1) if said else known) or (*DELIMITERS, *_RARE_DELIMITERS)
    cut_off = sum(map(len, head)) > HEAD
    near = "".join(lines[: _MOST_ABOVE if above or said else 1])
    best = Dialect(skip=first, sep=said is not None)
    rating: tuple[float, ...] = (0.0,)
    for delimiter in delimiters:
        if delimiter not in near:
            continue
        for options, sure in [({"delimiter": known}, True)] if known else _quotings(delimiter, lines):
            rows = list(_rows(lines, options))
            at = _header_at(rows, options) if above else 0
            title = lines[rows[at].start].lstrip() if rows else ""
            quoted = title.startswith(options.get("quotechar", '"')) and "quoting" not in options
            may_be_short = quoted or (delimiter == "\t" and '"' not in title)
            share, short, *rest = _fit(rows[at:], cut_off=cut_off, may_be_short=may_be_short)
            if (rated := (share - (not sure) / 1_000, at == 0, not short, *rest)) > rating and share:
                rating = rated
                best = Dialect(options, first + (rows[at].start if at else 0), said is not None, short)
    if rating == (0.0,) and not known and not said:
        return _with_blanks(lines, first, cut_off=cut_off) or best
    return best


def _with_blanks(lines: Cells, skip: int, *, cut_off: bool) -> Dialect | None:
    """The dialect where blanks separate cells: every line has as many, and most columns are values, or aligned."""
    bare = [line.strip() for line in lines[: len(lines) - cut_off] if line.strip()]
    rows = list(csv.reader(bare, **_BLANKS))
    short = _is_short(rows)
    width = len(rows[0]) + short if rows else 0
    if width < 2 or len(rows) < 4 or any(len(row) != width for row in rows[short:]):
        return None
    values = sum(_share_of_values(cells) >= 0.8 for cells in _columns(rows[1:], width))
    fits = 2 * values > width or (values > 0 and (short or aligned(lines)))
    return Dialect(_BLANKS, skip, short=short) if fits else None


def _is_short(rows: Sequence[Cells]) -> bool:
    """Whether a header has one cell less than each row, as R writes it where rows have names, all different."""
    if len(rows) < 3 or {len(row) for row in rows[1:]} != {len(rows[0]) + 1} or any(map(_is_value, rows[0])):
        return False
    named = len({row[0] for row in rows[1:]}) == len(rows) - 1
    return named and any(row[-1].strip() for row in rows[1:])


def aligned(lines: Cells) -> bool:
    """Whether most lines have gaps of several blanks that don't follow the end of a sentence."""
    filled = [line for line in lines if line.strip()]
    return 2 * sum(_GAP.search(line.strip()) is not None for line in filled) > len(filled)


def _quotings(delimiter: str, lines: Cells) -> Iterator[tuple[dict[str, Any], bool]]:
    """The ways in which texts with a delimiter may be quoted; of each whether it needs no more evidence."""
    title = lines[0] if delimiter in lines[0] else "".join(lines[:20])
    spaced = title.count(delimiter) == title.count(delimiter + " ")
    options = {"delimiter": delimiter, "skipinitialspace": spaced}
    yield options, True
    yield {**options, "escapechar": "\\"}, True
    cells = [cell.strip() for line in lines for cell in line.split(delimiter) if "'" in cell]
    opened, closed = (sum(cell[at] == "'" for cell in cells if len(cell) > 1) for at in (0, -1))
    if any(cell.startswith("'") for cell in cells):
        sure = min(opened, closed) > 1 and abs(opened - closed) <= 0.1 * max(opened, closed)
        yield {**options, "quotechar": "'"}, sure
        yield {**options, "quotechar": "'", "escapechar": "\\"}, sure
    yield {**options, "quoting": csv.QUOTE_NONE}, True


def _rows(lines: Cells, options: Mapping[str, Any]) -> Iterator[_Row]:
    reader = csv.reader(lines, **options)
    start, blank = 0, False
    for cells in reader:
        if any(map(str.strip, cells)):
            yield _Row(start, cells, blank)
            blank = False
        else:
            blank = True
        start = reader.line_num


def _fit(rows: list[_Row], *, cut_off: bool, may_be_short: bool) -> tuple[float, bool, int, int, int]:
    """Rate a reading: share of rows that fit the header, whether that is short, width, rows, quotes left, negative."""
    if len(rows) > 2 and (cut_off or "".join(rows[-1].cells).count("\n") > LONG_ROW):
        rows.pop()  # the head ends in it, or a quote that is never closed begins there
    short = may_be_short and _is_short([row.cells for row in rows])
    width = len(rows[0].cells) + short if rows else 0
    fitting = sum(len(row.cells) == width for row in rows) + short
    quoted = sum(
        len(cell) > 1 and cell[0] == cell[-1] and cell[0] in "'\"" for row in rows for cell in row.cells
    )
    return (fitting / len(rows), short, width, fitting, -quoted) if width > 1 else (0.0, False, 0, 0, 0)


# ------------------------------------------------------------------------------- the line of the header
def _header_at(rows: Sequence[_Row], options: Mapping[str, Any]) -> int:
    """Which row is the header: the first, unless it does not look like one and a later one does."""
    if not rows or not _doubtful(rows):
        return 0
    for at in range(1, min(len(rows) - 2, _MOST_ABOVE)):
        if _is_header(rows, at, options):
            return at
    return 0


def _doubtful(rows: Sequence[_Row]) -> bool:
    """Whether the first row may stand above a table: narrower than most, nearly empty, set apart, a comment."""
    first = rows[0]
    width = len(first.cells)
    alike = sum(len(row.cells) == width for row in rows)
    empty = 2 * first.filled <= width and (first.cells[0].strip() != "" or 3 * first.filled < width)
    apart = any(row.after_blank for row in rows[1:_MOST_ABOVE])
    return 2 * alike < len(rows) or (empty and width > 1) or apart or first.comment


def _is_header(rows: Sequence[_Row], at: int, options: Mapping[str, Any]) -> bool:
    header, above, below = rows[at].cells, rows[:at], rows[at + 1 :]
    width = len(header)
    alike = sum(len(row.cells) == width for row in below)
    if width < 2 or not _names(header) or alike < 0.8 * len(below):
        return False
    apart = any(row.after_blank or row.comment for row in rows[1 : at + 1]) or above[0].comment
    typed = any(
        share >= 0.8 and not _is_value(name)
        for name, share in zip(header, map(_share_of_values, _columns(below, width)), strict=True)
    )
    if not all(row.narrower(width) or row.comment for row in above):
        return typed and (rows[at].after_blank or above[-1].comment)
    if apart or typed:
        return True
    prose = options["delimiter"] == "," and options.get("skipinitialspace")  # commas in sentences
    return alike == len(below) and alike * (width - 1) >= 10 and not prose


def _names(cells: Cells) -> bool:
    """Whether all cells, but for one of an index, are names: different from each other, and no values."""
    bare = [cell.strip() for cell in cells]
    named = bare if bare[0] else bare[1:]
    years = sum(bool(_YEAR.fullmatch(cell)) for cell in named)
    return (
        len(set(named)) == len(named)
        and all(named)
        and years < len(named)
        and not any(_is_value(cell) and not _YEAR.fullmatch(cell) for cell in named)
        and max(map(len, named)) < _LONGEST_NAME
    )


# ------------------------------------------------------------------------------- below the header
def describing(header: Cells, below: Sequence[Cells]) -> int:
    """How many rows below a header describe the columns: questions and import ids of a survey, or units."""
    for number, row in enumerate(below[:_MOST_DESCRIBING], start=1):
        if any('"ImportId"' in cell for cell in row):
            return number
    first, rest = (below[0], below[1:]) if below else ((), ())
    if len(rest) < 3 or len(first) != len(header):
        return 0
    typed = [
        (cell.strip(), cells, name)
        for name, cell, cells in zip(header, first, _columns(rest, len(header)), strict=True)
        if _share_of_values(cells) >= 0.8
    ]
    filled = [cell for cell, _, _ in typed if cell]
    if any(_is_value(cell) or cell in cells or _NO_UNIT.fullmatch(cell) for cell, cells, _ in typed if cell):
        return 0
    if any(_is_value(name) for _, _, name in typed):
        return 0
    whole = all(len(cells) == len(rest) for cell, cells, _ in typed if not cell)
    if not filled:  # it says what the columns of texts are
        return int(len(typed) > 1 and whole and any(map(str.strip, first)))
    units = all(map(_UNIT.fullmatch, filled))
    return int(units or (len(filled) > 1 and (whole or len(filled) >= 0.8 * len(typed))))


# ------------------------------------------------------------------------------- header or data
def looks_like_data(first: Cells, below: Sequence[Cells]) -> bool:
    """Whether a first row is surely no header but a row of data.

    It is where each of its cells over a column of numbers or dates is one itself, unless they count up as
    headers do (years, 1, 2, 3); where a label comes again below, and a sentence stands next to it; and where
    long text of whole sentences stands over long texts. A question is always a header.
    """
    columns = _columns(below, len(first))
    typed = [name for name, cells in zip(first, columns, strict=True) if _share_of_values(cells) >= 0.8]
    held = [name for name in typed if name]
    if any(not _is_value(name) for name in held):
        return False
    if held:
        return not _counts_up(first, held, columns)
    texts = [(name, cells) for name, cells in zip(first, columns, strict=True) if name and cells]
    if any("?" in name or name.endswith(":") for name in first):
        return False
    if any(name in cells for name, cells in texts) and any(len(name.split()) > 3 for name in first):
        return True
    return any(
        _long(name) and all(map(_long, cells)) and (len(first) == 1 or _SENTENCE_END.search(name))
        for name, cells in texts
    )


def _columns(rows: Sequence[_Row] | Sequence[Cells], width: int) -> list[list[str]]:
    """The cells of each column that hold something."""
    plain = [row.cells if isinstance(row, _Row) else row for row in rows]
    return [[cell for row in plain if len(row) > i and (cell := row[i].strip())] for i in range(width)]


def _is_value(cell: str) -> bool:
    bare = cell.strip()
    return bool(_NUMBER.fullmatch(bare) or _DATE.fullmatch(bare))


def _share_of_values(cells: Cells) -> float:
    """Share of numbers, dates and times of day."""
    return sum(map(_is_value, cells)) / len(cells) if cells else 0.0


def _counts_up(first: Cells, numbers: Cells, columns: Sequence[Cells]) -> bool:
    """Whether numbers in a first row are names: years over other numbers, or 1, 2, 3 and so on."""
    if not all(map(str.isdecimal, numbers)):
        return False
    steps = {int(b) - int(a) for a, b in itertools.pairwise(numbers)}
    if steps == {1} and (len(numbers) > 2 or not first[0]):
        return True
    years = sum(bool(_YEAR.fullmatch(cell)) for cells in columns for cell in cells)
    others = sum(map(len, columns)) - years
    return all(map(_YEAR.fullmatch, numbers)) and years < others


def _long(text: str) -> bool:
    return len(text) > 100 or len(text.split()) > 12
