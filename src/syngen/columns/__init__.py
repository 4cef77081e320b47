"""One codec per column role: parse, validate, sample and format its values."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from syngen.columns.category import LabelCodec
from syngen.columns.codec import CellReading, Codec, Draw, EmptyCodec, Fault
from syngen.columns.derived import derive, derive_from_text, resolved
from syngen.columns.identifiers import IdentifierCodec
from syngen.columns.number import NumberCodec
from syngen.columns.times import TimeCodec
from syngen.types import Profile, Role

__all__ = ["CODECS", "CellReading", "Codec", "Draw", "Fault", "codecs", "derive", "derive_from_text"]

CODECS: Mapping[Role, type[Codec]] = {
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


def codecs(profile: Profile, frame: pl.DataFrame | None = None) -> dict[str, Codec]:
    """Make the codec of every column, by name, in the table's order.

    Args:
        profile: What was learnt of the reference.
        frame: Its rows. Without them values are validated by their form only, and none can be sampled.
    """
    main = profile.main_text.name if profile.written else ""
    made = {}
    for column in profile.columns:
        contained = resolved(column, profile)
        untimed = contained.role is Role.DATETIME and contained.time is None
        make = Codec if untimed else CODECS[contained.role]
        real = frame[column.name] if frame is not None else None
        made[column.name] = make(contained, real, main=column.name == main)
    return made
