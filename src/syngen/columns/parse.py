"""Former names of the codecs, for readers that still use them."""

from __future__ import annotations

from syngen.columns import CellReading, Codec, codecs
from syngen.types import Profile

__all__ = ["CellReading", "Field", "fields"]

Field = Codec


def fields(profile: Profile) -> list[Codec]:
    """The codecs of a reference's columns, in the table's order."""
    return list(codecs(profile).values())
