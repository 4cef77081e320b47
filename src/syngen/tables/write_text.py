"""Write a table as text: delimited, JSON Lines or a JSON array, as a layout says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import polars as pl

from syngen.tables.dtypes import type_of
from syngen.tables.objects import json_text
from syngen.tables.quoting import needing, quoter
from syngen.tables.spelling import spell
from syngen.types import Layout, Spelling

FORMULA = r"^[=+\-@\t\r]"  # what a spreadsheet program takes for a formula


def table_bytes(frame: pl.DataFrame, layout: Layout, *, excel_safe: bool = False) -> bytes:
    """A table as the content of a text file; UTF-8 where the layout's encoding lacks a character of it.

    Args:
        excel_safe: In delimited text, put an apostrophe before texts that a spreadsheet would run as a formula.
    """
    if layout.form == "delimited":
        text = _delimited(_neutralised(frame) if excel_safe else frame, layout)
    else:
        text = json_text(_objects(frame, layout), layout)
    try:
        return ("\ufeff" * layout.bom + text).encode(layout.encoding)
    except UnicodeEncodeError:
        return text.encode("utf-8")


def _neutralised(frame: pl.DataFrame) -> pl.DataFrame:
    """Put an apostrophe before every text that begins like a formula (OWASP, CSV injection)."""
    text = pl.col(pl.String)
    return frame.with_columns(
        pl.when(text.str.contains(FORMULA)).then("'" + text).otherwise(text).name.keep()
    )


def _delimited(frame: pl.DataFrame, layout: Layout) -> str:
    columns = [spell(series, layout.spelling(series.name)) for series in frame.iter_columns()]
    if not layout.quote:  # without quotation marks, a delimiter or a line end can't stand in a cell
        needed = needing(layout)
        if any(cell and needed(cell) for column in columns for cell in column):
            layout = replace(layout, quote='"')
    cells = [
        _cells(column, layout.spelling(name), layout)
        for name, column in zip(frame.columns, columns, strict=True)
    ]
    between = layout.delimiter + " " * layout.spaced
    end = layout.delimiter * layout.trailing + layout.line_end
    lines = []
    if layout.sep:
        lines.append(f"sep={layout.delimiter}{layout.line_end}")
    if layout.header:
        names = [name if (own := layout.spelling(name).name) is None else own for name in frame.columns]
        lines.append(between.join(map(quoter(layout, quoted=layout.header_quoted), names)) + end)
    lines += [between.join(row) + end for row in zip(*cells, strict=True)]
    text = "".join(lines)
    return text if layout.final_line_end else text.removesuffix(layout.line_end)


def _cells(texts: list[str | None], spelling: Spelling, layout: Layout) -> list[str]:
    mark: Callable[[str], str] = quoter(layout, quoted=spelling.quoted)
    missing = spelling.missing or ""
    if spelling.quoted and layout.empty_quoted:
        missing = mark(missing)
    return [missing if text is None else mark(text) for text in texts]


def _objects(frame: pl.DataFrame, layout: Layout) -> list[dict[str, Any]]:
    spellings = [layout.spelling(name) for name in frame.columns]
    columns = [
        _values(series, spelling) for series, spelling in zip(frame.iter_columns(), spellings, strict=True)
    ]

    def kept(row: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
        for name, value, spelling in zip(frame.columns, row, spellings, strict=True):
            if value is not None:
                yield name, value
            elif not spelling.omitted:
                yield name, spelling.missing

    return [dict(kept(row)) for row in zip(*columns, strict=True)]


def _values(series: pl.Series, spelling: Spelling) -> list[Any]:
    """The values of a column as those of JSON."""
    if series.dtype.is_temporal():
        return spell(series, spelling)
    if series.dtype.is_float() and spelling.bare:
        return [int(v) if v is not None and v.is_integer() else v for v in series.to_list()]
    if series.dtype == pl.String and spelling.dtype and _is_nested(spelling.dtype):
        return [None if text is None else _nested(text) for text in series.to_list()]
    return series.to_list()


def _is_nested(dtype: str) -> bool:
    made = type_of(dtype)
    return dtype == "json" or (made is not None and made.is_nested())


def _nested(text: str) -> Any:
    """The list or object that a text is as JSON; what is none stays text."""
    if text.startswith(("{", "[")):
        with suppress(ValueError, RecursionError):
            return json.loads(text)
    return text
