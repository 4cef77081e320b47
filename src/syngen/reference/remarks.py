"""Remarks on a table and its columns, one sentence each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl

from syngen.columns.timeformats import other_reading
from syngen.columns.times import to_seconds
from syngen.text.format import counted
from syngen.types import ColumnProfile, Role, TextMeasures

_FEW_ROWS = 10
_MANY_LABELS = 50
_LONG = 2_000  # words
_SHORTEST_CUT = 140  # characters
_IN_TEXTS = {  # by what is seen
    "HTML markup": r"</?[a-zA-Z][^<>]{0,200}>",
    "control characters": r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]",
    "right-to-left script": r"[\u0590-\u08ff]",
    "replacement characters (\ufffd): the file was damaged before": "\ufffd",
    "letters that look wrongly decoded, such as Ã© or â€™": "Ã[\u0080-\u00bf]|â€[\u0098-\u009d™œ˜\u201c\u201d]",
    "e-mail addresses": r"[\w.+-]+@[\w-]+\.[A-Za-z]{2,}",
}


def remarks(
    frame: pl.DataFrame, columns: tuple[ColumnProfile, ...], measures: Mapping[str, TextMeasures]
) -> Iterator[str]:
    """Remark on the whole table and on each column."""
    if len(frame) < _FEW_ROWS:
        yield f"With {counted(len(frame), 'row')}, every role and distribution is a guess."
    if not any(column.role.written for column in columns):
        yield (
            "No column holds text for a model to write; name one as a text column "
            "(--text-column NAME, or text_columns=[…])."
        )
    repeated = len(frame) - frame.n_unique()
    if repeated:
        yield f"Rows that repeat another in every column: {repeated:,}."
    for column in columns:
        series = frame[column.name]
        if column.role is not Role.EMPTY and column.missing_share > 0.5:
            yield f"'{column.name}' is missing in {column.missing_share:.0%} of the rows."
        if column.role is Role.CATEGORY and column.distinct > _MANY_LABELS:
            yield f"'{column.name}' has {column.distinct:,} different labels; they are copied as they are."
        if column.role.written:
            yield from _on_texts(series, column, measures[column.name])
        if column.time is not None and column.time.kind == "string":
            yield from _on_times(series, column)


def _on_texts(series: pl.Series, column: ColumnProfile, measures: TextMeasures) -> Iterator[str]:
    name, texts = column.name, series.drop_nulls()
    if column.role is Role.TEXT:
        again = int(texts.is_duplicated().sum())
        if again:
            yield f"Rows with the same '{name}' as another: {again:,}."
        long = int((measures.words > _LONG).sum())
        if long:
            yield f"'{name}' has {counted(long, 'text')} over {_LONG:,} words."
        longest = _cut_off_at(texts)
        if longest:
            yield f"'{name}' is probably cut off: many texts are exactly {longest:,} characters long, none is longer."
    for what, pattern in _IN_TEXTS.items():
        found = int(texts.str.contains(pattern).sum())
        if found:
            yield f"'{name}': {counted(found, 'text')} with {what}."


def _cut_off_at(texts: pl.Series) -> int:
    """The length of the longest texts when more have this length than one shortly below it; else 0."""
    lengths = texts.unique().str.len_chars().cast(int)
    longest = max(lengths, default=0)
    cut = int((lengths == longest).sum())
    below = int(lengths.is_between(longest - 10, longest - 1).sum())
    return longest if longest >= _SHORTEST_CUT and cut >= 3 and cut > below else 0


def _on_times(series: pl.Series, column: ColumnProfile) -> Iterator[str]:
    assert column.time is not None
    if other_reading(series, column.time):
        yield f"'{column.name}' can be read with day and month exchanged; {column.time.format} was taken."
    unread = int(np.isnan(to_seconds(series, column.time)).sum()) - column.missing
    if unread:
        yield f"'{column.name}': {counted(unread, 'cell')} not written as {column.time.format}."
