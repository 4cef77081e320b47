"""Write a table to a file, in the layout of the file that was read: complete or not at all.

The ending of the name says the form. Where that is the form of the file that was read, the new one is written alike;
where it is another, the table is converted, and of the layout only what applies is kept.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl

from syngen.errors import OutputError
from syngen.files import atomic
from syngen.tables.dtypes import type_of
from syngen.tables.encoding import compress_zstd
from syngen.tables.nested import gather
from syngen.tables.sniff import ending_of
from syngen.tables.workbook import write_sheet
from syngen.tables.write_text import FORMULA, table_bytes
from syngen.types import Form, Layout

_DAY = 86_400_000_000_000  # nanoseconds
FORMS: Mapping[str, Form] = {
    ".csv": "delimited",
    ".jsonl": "json lines",
    ".parquet": "parquet",
    ".tsv": "delimited",
    ".txt": "delimited",
    ".ndjson": "json lines",
    ".json": "json array",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".xlsx": "excel",
}
_COMPRESS: Mapping[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": lambda data: gzip.compress(data, mtime=0),
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": compress_zstd,
}


def check_output(path: Path, layout: Layout | None = None, *, force: bool) -> None:
    """Check before any work that a table can be written to a path.

    Args:
        path: Of the new file.
        layout: Of the file that was read, whose own ending is known, too.
        force: Whether a file that is there may be replaced.

    Raises:
        OutputError: The ending is unknown, the file exists and `force` is not set, or its folder is
            missing or read-only.
    """
    ending, compression = ending_of(path)
    form = _form_of(ending, layout)
    if form is None or (compression and form in _BINARY):
        raise OutputError(
            f"The output {path} has an unknown ending '{ending}{compression}'.",
            f"Use one of {', '.join(FORMS)}, or a text file compressed such as .csv.gz.",
        )
    if path.is_dir():
        raise OutputError(f"The output {path} is a folder.", "Name a file in it.")
    if path.exists() and not force:
        raise OutputError(f"The output {path} exists already.", "Name another, or replace it with --force.")
    folder = path.absolute().parent
    if not folder.is_dir():
        raise OutputError(f"The folder {folder} of the output does not exist.", f"Make it: mkdir -p {folder}")
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputError(
            f"The folder {folder} can't be written: {error.strerror or error}.", "Choose another with -o."
        ) from error


def _form_of(ending: str, layout: Layout | None) -> Form | None:
    """The form that an ending says; another ending than the known ones is that of the text that was read."""
    form = FORMS.get(ending)
    own = form is None and layout is not None and layout.form not in _BINARY and layout.ending == ending
    return layout.form if layout is not None and own else form


def write_table(
    frame: pl.DataFrame, path: Path, layout: Layout | None = None, *, excel_safe: bool = False
) -> None:
    """Write a frame in the form of the path's ending.

    Args:
        path: A file that `check_output` accepts; an existing file is replaced.
        layout: Of the file that was read; None where there was none.
        excel_safe: In delimited text, put an apostrophe before texts that a spreadsheet would run as a formula.

    Raises:
        OutputError: The file can't be written.
    """
    ending, compression = ending_of(path)
    frame, fitted = gather(frame, layout), fit_layout(layout, ending)
    try:
        with atomic(path) as part:
            if fitted.form in _BINARY:
                _BINARY[fitted.form](_with_types(frame, fitted), part, fitted)
            else:
                part.write_bytes(_COMPRESS[compression](table_bytes(frame, fitted, excel_safe=excel_safe)))
    except OSError as error:
        raise OutputError(
            f"The output {path} can't be written: {error.strerror or error}.",
            "The rows are safe in the run folder: syngen runs export writes them again.",
        ) from error


def text_of(frame: pl.DataFrame, layout: Layout | None = None, *, excel_safe: bool = False) -> bytes:
    """A frame as the content of a text file like the one that was read, else of a CSV file."""
    ending = ".csv" if layout is None or layout.form in _BINARY else layout.ending
    fitted = fit_layout(layout, ending if _form_of(ending, layout) else ".csv")
    return table_bytes(gather(frame, layout), fitted, excel_safe=excel_safe)


def typed(frame: pl.DataFrame, layout: Layout | None) -> pl.DataFrame:
    """Put the spread columns of a frame together again, as lists and structs."""
    if layout is None or not layout.nested:
        return frame
    gathered = gather(frame, layout)
    nested = [_with_type(gathered[name], layout.spelling(name).dtype) for name in layout.nested]
    return gathered.with_columns(nested)


def formulas(frame: pl.DataFrame) -> int:
    """Count the cells that a spreadsheet program would run as a formula."""
    texts = frame.select(pl.col(pl.String).str.contains(FORMULA).sum())
    return sum(texts.row(0)) if texts.width else 0


def lacking_encoding(frame: pl.DataFrame, path: Path, layout: Layout | None) -> str:
    """The encoding of the file that was read where it lacks a character of a frame to write; else empty."""
    ending = ending_of(path)[0]
    encoding = fit_layout(layout, ending).encoding if _form_of(ending, layout) else "utf-8"
    texts = frame.select(pl.col(pl.String))
    try:
        for series in texts.iter_columns():
            "".join(series.drop_nulls().to_list()).encode(encoding)
    except UnicodeEncodeError:
        return encoding
    return ""


def fit_layout(layout: Layout | None, ending: str) -> Layout:
    """The layout of a file to write: that of the file that was read, as far as the ending lets it apply."""
    form = _form_of(ending, layout)
    if form is None:
        raise ValueError(f"no form is known for {ending}")
    tabs = ending == ".tsv" or (ending == ".txt" and (layout is None or layout.form != "delimited"))
    natural = Layout(form=form, ending=ending, delimiter="\t" if tabs else ",")
    if layout is None:
        return natural
    if layout.ending == ending and layout.form in _RELATED.get(form, (form,)):
        return layout
    if layout.form in _RELATED.get(form, (form,)) and form != "delimited":
        return replace(layout, form=form, ending=ending)
    if layout.form != form:
        values = {
            name: replace(spelling, name=None, quoted=False, missing=None, omitted=False)
            for name, spelling in layout.columns.items()
        }
        return replace(natural, columns=values)
    if tabs == (layout.delimiter == "\t"):
        return replace(layout, ending=ending)
    return replace(layout, ending=ending, delimiter=natural.delimiter, quote=layout.quote or '"', sep=False)


def _with_types(frame: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """Give columns the types they had in the file that was read, where no value is lost by it."""
    return pl.DataFrame(
        [_with_type(series, layout.spelling(series.name).dtype) for series in frame.iter_columns()]
    )


def _with_type(series: pl.Series, name: str) -> pl.Series:
    dtype = type_of(name) if name else None
    if name != "json" and (dtype is None or dtype == series.dtype):
        return series
    try:
        if dtype is None:
            typed = series.str.json_decode(infer_schema_length=None)
        elif dtype.is_nested():
            typed = series.str.json_decode(dtype)
        elif isinstance(dtype, pl.Duration):
            typed = (series * 1e6).round().cast(pl.Int64).cast(pl.Duration("us")).cast(dtype)
        elif series.dtype == pl.String and isinstance(dtype, pl.Date | pl.Datetime):
            typed = series.str.strptime(dtype, strict=False)
        elif dtype == pl.Time:
            within = (series * 1e9).round().clip(0, _DAY - 1)
            typed = within.cast(pl.Int64).cast(pl.Time)
        else:
            typed = series.cast(dtype, strict=False)
    except pl.exceptions.PolarsError:
        return series
    return typed if typed.null_count() == series.null_count() else series


_BINARY: Mapping[Form, Callable[[pl.DataFrame, Path, Layout], object]] = {
    "parquet": lambda frame, path, _: frame.write_parquet(path),
    "arrow": lambda frame, path, _: frame.write_ipc(path),
    "arrow stream": lambda frame, path, _: frame.write_ipc_stream(path),
    "excel": write_sheet,
}
_RELATED: Mapping[Form, tuple[Form, ...]] = {
    "json lines": ("json lines", "json array"),
    "json array": ("json lines", "json array"),
    "arrow": ("arrow", "arrow stream"),
}
