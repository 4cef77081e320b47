"""One codec per column role: parse, validate and sample its values; and compute derived columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from syngen.columns.category import LabelCodec
from syngen.columns.codec import CellReading, Codec, Draw, EmptyCodec, Fault, holds
from syngen.columns.identifiers import IdentifierCodec
from syngen.columns.number import NumberCodec
from syngen.columns.taken import Hashes
from syngen.columns.times import TimeCodec, from_seconds, to_seconds
from syngen.text.words import count_words
from syngen.types import ColumnProfile, Profile, Role, Value

__all__ = ["CellReading", "Codec", "Draw", "Fault", "codecs", "derive", "derive_from_text", "holds"]

_CODECS: Mapping[Role, type[Codec]] = {
    Role.TEXT: Codec,
    Role.TITLE: Codec,
    Role.CATEGORY: LabelCodec,
    Role.ORDINAL: LabelCodec,
    Role.BOOLEAN: LabelCodec,
    Role.CONSTANT: LabelCodec,
    Role.COUNT: NumberCodec,
    Role.NUMBER: NumberCodec,
    Role.DATETIME: TimeCodec,
    Role.IDENTIFIER: IdentifierCodec,
    Role.EMPTY: EmptyCodec,
}  # a derived column has the codec of what it contains

_LENGTHS = {"words": count_words, "characters": len}


def codecs(
    profile: Profile, frame: pl.DataFrame | None = None, unsampled: Mapping[str, Hashes] | None = None
) -> dict[str, Codec]:
    """Make the codec of every column of a reference, by name, in the table's order.

    Args:
        frame: Its rows. Without them values are validated by their form only, and none can be sampled.
        unsampled: Hashes of the keys of rows that are not in the frame, by column.
    """
    main = profile.main
    codec_of = {}
    for column in profile.columns:
        contained = _resolved(column, profile)
        untimed = contained.role is Role.DATETIME and contained.time is None
        make = Codec if untimed else _CODECS[contained.role]
        real = frame[column.name] if frame is not None else None
        codec_of[column.name] = make(contained, real, main=column.name == main)
        if unsampled and column.name in unsampled:
            codec_of[column.name].unread = unsampled[column.name]
    return codec_of


def _resolved(column: ColumnProfile, profile: Profile) -> ColumnProfile:
    """A derived column with the role and format of what it contains; any other column as it is."""
    derived = column.derived
    if derived is None:
        return column
    if derived.kind == "time":
        return replace(column, role=Role.DATETIME, time=derived.time)
    if derived.kind == "equal":
        source = _resolved(profile[derived.source], profile)
        return replace(source, name=column.name, dtype=column.dtype, missing=column.missing, derived=derived)
    return replace(column, role=Role.COUNT)


def derive(column: ColumnProfile, profile: Profile, source: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Compute a derived column from its source, in the type `dtype`; null where the source is.

    Raises:
        ValueError: The column is not derived, or from a column that is no point in time.
    """
    derived = column.derived
    if derived is None:
        raise ValueError(f"{column.name} is not derived")
    if derived.kind == "equal":
        return source.cast(dtype, strict=False).alias(column.name)
    if derived.kind != "time":
        length = _LENGTHS[derived.kind]
        return pl.Series(column.name, [None if text is None else length(text) for text in source], dtype)
    read = _resolved(profile[derived.source], profile).time
    if read is None or derived.time is None:
        raise ValueError(f"{column.name} follows from {derived.source}, which is no point in time")
    return from_seconds(to_seconds(source, read), derived.time, dtype).alias(column.name)


def derive_from_text(column: ColumnProfile, text: Value) -> Value:
    """Compute a derived value from a text; for an absent text the value that real rows have."""
    kind = column.derived.kind if column.derived else "equal"
    if text is None:
        return None if kind == "equal" or column.missing else 0
    return _LENGTHS[kind](text) if kind in _LENGTHS else str(text)
