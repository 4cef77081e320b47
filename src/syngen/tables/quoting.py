"""Learn what a file puts in quotation marks, and put cells in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from syngen.tables.dialect import Dialect
from syngen.types import Layout

Cells = Sequence[str]


def learn_quoting(layout: Layout, dialect: Dialect, head: Cells, names: Cells) -> Layout:
    """Complete the layout of delimited text by its first lines: quotation marks, line ends, spaces.

    Args:
        layout: With delimiter, quotation mark and escape.
        dialect: Of the text.
        head: Its first lines.
        names: The columns, one for each cell of a row; empty for one that was left out.
    """
    text = "".join(head[dialect.skip :])
    ends = Counter(re.findall(r"\r\n|\n|\r", text)).most_common(1)
    layout = replace(layout, line_end=ends[0][0] if ends else "\n")
    if not layout.quote:
        return layout
    rows = [row for row in _tokens(text, layout) if len(row) == len(names)]
    if layout.quote in text and not any(quoted for row in rows for quoted, _ in row):
        return replace(layout, quote="")
    needed = needing(layout)
    title = [quoted for quoted, cell in rows[0] if not needed(cell)] if layout.header and rows else []
    rows = rows[bool(layout.header) :]
    columns, empty = dict(layout.columns), []
    for i, name in enumerate(names):
        free = [row[i] for row in rows if not needed(row[i][1])]
        marked = [quoted for quoted, cell in free if cell]
        if 2 * sum(marked) > len(marked):
            columns[name] = replace(layout.spelling(name), quoted=True)
            empty += [quoted for quoted, cell in free if cell == (layout.spelling(name).missing or "")]
    columns.pop("", None)
    return replace(
        layout,
        columns=columns,
        header_quoted=2 * sum(title) > len(title),
        empty_quoted=2 * sum(empty) > len(empty),
    )


def _tokens(text: str, layout: Layout) -> Iterable[list[tuple[bool, str]]]:
    """The rows of a text, each cell with whether it stands in quotation marks."""
    quote, delimiter, escape = map(re.escape, (layout.quote, layout.delimiter, layout.escape))
    inside = f"{escape}.|" if escape else ""
    pattern = re.compile(
        f"(?: *{quote}((?:{inside}{quote}{quote}|[^{quote}{escape}])*){quote}|([^{delimiter}\r\n]*))"
        f"({delimiter}|\r\n|\r|\n|\\Z)",
        re.DOTALL,
    )
    row: list[tuple[bool, str]] = []
    at = 0
    while at < len(text) and (found := pattern.match(text, at)):
        quoted = found[1] is not None
        row.append((quoted, found[1] if quoted else found[2].strip()))
        if found[3] != layout.delimiter:
            yield row
            row = []
        at = found.end()


def needing(layout: Layout) -> Callable[[str], bool]:
    """Whether a text must stand in quotation marks."""
    special = re.compile("[" + re.escape(layout.delimiter + layout.quote + layout.escape) + "\r\n]")
    return lambda text: special.search(text) is not None


def quoter(layout: Layout, *, quoted: bool) -> Callable[[str], str]:
    """Write a text as a cell."""
    quote, escape, needed = layout.quote, layout.escape, needing(layout)

    def mark(text: str) -> str:
        if not (quoted or needed(text)):
            return text
        if escape:
            text = text.replace(escape, escape * 2)
        return quote + text.replace(quote, (escape or quote) + quote) + quote

    return mark
