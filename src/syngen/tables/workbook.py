"""Read a sheet of a workbook (Excel, OpenDocument), and write one.

A sheet is read as the text table that it would be saved as, so that titles above the header, totals below the table
and columns without a name are treated alike. Dates are kept as dates in the layout.
"""

from __future__ import annotations

import csv
import io
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from syngen import errors
from syngen.tables.encoding import Text
from syngen.text.format import listed
from syngen.types import Layout

_DATE_TIME = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$"
_DATE = r"^\d{4}-\d\d-\d\d$"
_LONGEST_CELL = 32_767  # characters, of Excel


def read_sheet(path: Path, part: str, notes: list[str]) -> tuple[Text, str]:
    """Read a sheet as text with tabs.

    Args:
        path: An .xlsx, .xlsm, .xlsb, .xls or .ods file.
        part: The sheet's name; empty: the first.

    Returns:
        The text, and the name of the sheet.

    Raises:
        ReferenceError: There is no such sheet, or the file is damaged.
    """
    import fastexcel

    logging.getLogger("fastexcel").setLevel(logging.ERROR)
    try:
        book = fastexcel.read_excel(path)
        names = book.sheet_names
        if part and part not in names:
            raise errors.ReferenceError(
                f"'{path}' has no sheet '{part}'.", f"Its sheets are {listed(names, most=20)}."
            )
        sheet = part or names[0]
        cells = book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string").to_polars()
    except fastexcel.FastExcelError as error:
        raise errors.ReferenceError(
            f"'{path}' can't be read: {str(error).partition(chr(10))[0]}.",
            "Open it in a spreadsheet program and save it as .xlsx or .csv; remove its password.",
        ) from error
    if len(names) > 1 and not part:
        notes.append(
            f"Of {len(names)} sheets ({listed(names)}) the first was read; choose another with --sheet."
        )
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter="\t", lineterminator="\n")
    for row in zip(*(_without_midnight(series) for series in cells.iter_columns()), strict=True):
        writer.writerow(row if any(row) else ())
    return replace(Text.of_string(path.name, file.getvalue()), delimiter="\t"), sheet


def _without_midnight(cells: pl.Series) -> list[str | None]:
    """The cells of a column, its dates without a time when all of them are at midnight."""
    times = cells.str.contains(_DATE_TIME).fill_null(False)
    if times.any() and cells.filter(times).str.ends_with(" 00:00:00").all():
        cells = cells.str.slice(0, 10).zip_with(times, cells)
    return cells.to_list()


def sheet_layout(frame: pl.DataFrame, layout: Layout, sheet: str) -> Layout:
    """The layout of a sheet: columns of dates are to be written as dates."""
    columns = dict(layout.columns)
    for series in frame.iter_columns():
        for pattern, dtype in ((_DATE, pl.Date()), (_DATE_TIME, pl.Datetime("us"))):
            if series.dtype == pl.String and series.count() and series.str.contains(pattern).all():
                columns[series.name] = replace(layout.spelling(series.name), dtype=str(dtype))
    return Layout(form="excel", columns=columns, sheet=sheet, header=layout.header)


def write_sheet(frame: pl.DataFrame, path: Path, layout: Layout) -> None:
    """Write a frame as the only sheet of an .xlsx file; raises an OutputError for a cell that is too long."""
    import xlsxwriter

    for series in frame.iter_columns():
        if series.dtype == pl.String and (series.str.len_chars() > _LONGEST_CELL).any():
            raise errors.OutputError(
                f"A text in column '{series.name}' has more than {_LONGEST_CELL:,} characters, the most of Excel.",
                "Write the rows as .csv or .parquet: syngen runs export RUN -o FILE.csv",
            )
    with (
        path.open("wb") as file,
        xlsxwriter.Workbook(file, {"in_memory": True, "remove_timezone": True}) as book,
    ):
        sheet = book.add_worksheet(layout.sheet[:31])
        formats = {
            pl.Date: book.add_format({"num_format": "yyyy-mm-dd"}),
            pl.Datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        if layout.header:
            for i, name in enumerate(frame.columns):
                sheet.write_string(0, i, layout.spelling(name).name or name)
        for i, series in enumerate(frame.iter_columns()):
            write: Any = _writer(sheet, series.dtype, formats.get(series.dtype.base_type()))
            values = series if series.dtype != pl.Time else series.cast(pl.String)
            for row, value in enumerate(values.to_list(), start=int(layout.header)):
                if value is not None:
                    write(row, i, value)


def _writer(sheet: Any, dtype: pl.DataType, form: Any) -> Any:
    if form is not None:
        return lambda row, column, value: sheet.write_datetime(row, column, value, form)
    if dtype == pl.Boolean:
        return sheet.write_boolean
    return sheet.write_number if dtype.is_numeric() else sheet.write_string
