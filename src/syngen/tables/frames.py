"""Read tables that are columns already: data frames of any library, Parquet and Arrow files.

Polars, pandas, Arrow and `datasets` objects are known by what they can do and where they come
from; none of their libraries is imported.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen import errors
from syngen.tables.dtypes import check_names, from_objects, narrow_types, to_frame
from syngen.tables.objects import from_mappings
from syngen.tables.sample import sample_indices
from syngen.tables.sniff import Binary
from syngen.tables.unsampled import SAMPLE, Unsampled, may_be_keys
from syngen.text.format import counted, listed
from syngen.types import Layout, Spelling

_NUMPY_KINDS = "iufbMm"  # numbers, booleans, date-times and durations: taken over as arrays


def read_frame(
    source: Any, max_rows: int, notes: list[str], unsampled: Unsampled | None = None
) -> tuple[str, pl.DataFrame]:
    """Take over a table.

    Args:
        source: A polars DataFrame or LazyFrame, a pandas DataFrame, a `datasets.Dataset`, a list of
            mappings, a mapping of lists, or anything that speaks the Arrow stream protocol, such as a
            pyarrow Table.
        unsampled: Receives the keys of rows that are not in the sample.

    Returns:
        What it was, for people, and the table.

    Raises:
        ReferenceError: When it is no table.
    """
    unsampled = unsampled or Unsampled()
    home, kind = type(source).__module__.partition(".")[0], type(source).__name__
    if isinstance(source, pl.LazyFrame):
        return "lazy frame", collect(source, "The lazy frame", max_rows, notes, unsampled)[0]
    if isinstance(source, pl.DataFrame):
        return "data frame", collect(source.lazy(), "The data frame", max_rows, notes, unsampled)[0]
    if home == "pandas" and kind == "DataFrame":
        return "data frame", _of_pandas(source, max_rows, notes, unsampled)
    if home == "datasets":
        return "data set", _of_dataset(source, kind, max_rows, notes, unsampled)
    if hasattr(source, "__arrow_c_stream__"):
        check_names(map(str, getattr(source, "column_names", ())))
        lazy = pl.DataFrame(source).lazy()
        return "Arrow table", collect(lazy, "The Arrow table", max_rows, notes, unsampled)[0]
    if isinstance(source, Sequence) and len(source) > 0 and all(isinstance(row, Mapping) for row in source):
        return "list of rows", from_mappings(source, max_rows, notes, unsampled)
    if isinstance(source, Mapping) and (columns := _lists(source)):
        return "dict of columns", _of_columns(columns, max_rows, notes, unsampled)
    raise errors.ReferenceError(
        f"A {kind} is no table SynGen can read.",
        "Give a path, a polars, pandas or Arrow table, a datasets.Dataset, a list of dicts or a dict of lists.",
    )


def scan(path: Path, form: Binary) -> pl.LazyFrame:
    """Open a Parquet or Arrow file; a damaged one raises a ReferenceError."""
    try:
        if form == "parquet":
            return pl.scan_parquet(path, glob=False)
        return pl.scan_ipc(path) if form == "arrow" else pl.read_ipc_stream(path).lazy()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise _unreadable(f"'{path}'", error) from error


def read_binary(
    path: Path, form: Binary, max_rows: int, notes: list[str], unsampled: Unsampled
) -> tuple[pl.DataFrame, Layout]:
    """Read a Parquet or Arrow file into the types SynGen works with; the layout has the types it had.

    Raises:
        ReferenceError: It is damaged, or no table can be made of it.
    """
    lazy = scan(path, form)
    frame = collect(lazy, f"'{path}'", max_rows, notes, unsampled)[0]
    before = lazy.collect_schema()
    spellings = {
        name: Spelling(dtype=str(before[name]))
        for name, dtype in frame.schema.items()
        if before[name] != dtype
    }
    return frame, Layout(form=form, columns=spellings)


def collect(
    lazy: pl.LazyFrame, source: str, max_rows: int, notes: list[str], unsampled: Unsampled | None = None
) -> tuple[pl.DataFrame, npt.NDArray[np.int64], int]:
    """Take at most `max_rows` rows of a lazy frame; only these come into memory.

    Returns:
        The rows in types SynGen works with, their row numbers from 0, and how many rows there are in all.

    Raises:
        ReferenceError: The query fails, such as on a damaged file.
    """
    number = "row number of the table"
    try:
        rows = int(lazy.select(pl.len()).collect(engine="streaming").item())
        kept = sample_indices(rows, max_rows, notes)
        whole = lazy
        if rows > max_rows:
            chosen = pl.Series(kept).implode()
            lazy = lazy.with_row_index(number).filter(pl.col(number).is_in(chosen)).drop(number)
        frame = lazy.collect(engine="streaming")
        if unsampled and rows > max_rows:
            for name in _keys_of(frame):
                every = whole.select(pl.col(name).unique()).collect(engine="streaming")
                unsampled.add(name, every[name])
            unsampled.finish(notes)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise _unreadable(source, error) from error
    return narrow_types(frame, notes), kept, rows


def _keys_of(frame: pl.DataFrame) -> list[str]:
    """The columns of a frame that may hold keys."""
    plain = [
        s for s in frame.iter_columns() if s.dtype.is_numeric() or s.dtype in (pl.String, pl.Categorical)
    ]
    return [s.name for s in plain if may_be_keys(s.drop_nulls().head(SAMPLE).cast(pl.String))]


def _unreadable(source: str, error: BaseException) -> errors.ReferenceError:
    return errors.ReferenceError(
        f"{source} can't be read: {str(error).partition(chr(10))[0]}.", "Check the file."
    )


def _lists(source: Mapping[Any, Any]) -> list[tuple[str, Sequence[Any]]]:
    """Columns with their names, from lists, arrays or series; none when anything else is among them."""
    columns = []
    for name, given in source.items():
        as_list = getattr(given, "to_list", None) or getattr(given, "tolist", None)
        columns.append((str(name), given if as_list is None else as_list()))
    good = all(isinstance(cells, Sequence) and not isinstance(cells, str | bytes) for _, cells in columns)
    return columns if good else []


def _of_columns(
    columns: Sequence[tuple[str, Sequence[Any]]], max_rows: int, notes: list[str], unsampled: Unsampled
) -> pl.DataFrame:
    first, rows = columns[0][0], len(columns[0][1])
    odd = next((pair for pair in columns if len(pair[1]) != rows), None)
    if odd is not None:
        raise errors.ReferenceError(
            f"Column '{first}' has {counted(rows, 'value')}, column '{odd[0]}' has {len(odd[1]):,}.",
            "Give every column the same number of values.",
        )
    indices = sample_indices(rows, max_rows, notes).tolist()
    for name, cells in columns if rows > max_rows else ():
        unsampled.add(name, cells)
    unsampled.finish(notes)
    return to_frame([from_objects(name, [cells[i] for i in indices], notes) for name, cells in columns])


def _of_pandas(source: Any, max_rows: int, notes: list[str], unsampled: Unsampled) -> pl.DataFrame:
    """Columns by way of NumPy or Python objects, so that pyarrow need not be installed."""
    if getattr(source.columns, "nlevels", 1) > 1:
        raise errors.ReferenceError(
            "The data frame has column names of several levels.",
            "Flatten them first, such as df.columns = ['_'.join(c) for c in df.columns].",
        )
    if source.index.name is not None or getattr(source.index, "nlevels", 1) > 1:
        notes.append("The index of the data frame was left out; call reset_index() to keep it as a column.")
    kept = source.iloc[sample_indices(len(source), max_rows, notes)]
    columns = [_of_pandas_column(str(name), kept.iloc[:, i], notes) for i, name in enumerate(kept.columns)]
    if len(source) > max_rows:
        for i, name in enumerate(kept.columns):
            unsampled.add(str(name), _of_pandas_column(str(name), source.iloc[:, i].drop_duplicates(), []))
        unsampled.finish(notes)
    kinds = {  # types of pandas that its cells come without, in polars' words
        str(name): kind[0].replace("category", "Categorical")
        for name, dtype in kept.dtypes.items()
        if (kind := re.match(r"category$|U?Int\d+|Float\d+", str(dtype)))
    }
    return narrow_types(to_frame(columns), notes, kinds)


def _of_pandas_column(name: str, column: Any, notes: list[str]) -> pl.Series:
    zone = getattr(column.dtype, "tz", None)
    if zone is not None:
        utc = pl.Series(name, column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy())
        utc = utc.dt.replace_time_zone("UTC")
        try:
            return utc.dt.convert_time_zone(str(zone))
        except pl.exceptions.ComputeError:  # a fixed offset has no name that polars knows
            notes.append(f"'{name}': times of {zone} were converted to UTC.")
            return utc
    if getattr(column.dtype, "kind", "O") in _NUMPY_KINDS and hasattr(column.dtype, "newbyteorder"):
        return pl.Series(name, column.to_numpy())
    return from_objects(name, column.astype(object).tolist(), notes)


def _of_dataset(
    source: Any, kind: str, max_rows: int, notes: list[str], unsampled: Unsampled
) -> pl.DataFrame:
    if kind != "Dataset":
        splits = ", ".join(map(str, source)) if isinstance(source, Mapping) else ""
        raise errors.ReferenceError(
            f"A {kind} is not one table." + (f" Its splits are {splits}." if splits else ""),
            "Give one split of a loaded data set, such as load_dataset(name, split='train').",
        )
    if len(source) > max_rows:
        whole, source = source, source.select(sample_indices(len(source), max_rows, notes))
        for name in _keys_of(pl.DataFrame(source.with_format("arrow")[:])):
            unsampled.add(
                name, pl.DataFrame(whole.select_columns([name]).with_format("arrow")[:])[name].unique()
            )
        unsampled.finish(notes)
    for name, feature in source.features.items():
        labels = getattr(feature, "names", None)
        if labels:
            shown = listed([f"{i} = {label}" for i, label in enumerate(labels)], most=8)
            notes.append(f"'{name}' holds label numbers: {shown}.")
    return narrow_types(pl.DataFrame(source.with_format("arrow")[:]), notes)
