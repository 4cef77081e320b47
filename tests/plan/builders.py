"""References made by hand, so that the tests of the plan depend on nothing but its own contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from syngen.text.words import count_words, grade, style
from syngen.types import (
    ColumnProfile,
    IdentifierPattern,
    Profile,
    Reference,
    Role,
    TextMeasures,
    TextStats,
)


def by_hand(
    columns: Mapping[str, tuple[Role, Sequence[Any] | pl.Series, Mapping[str, Any]] | tuple[Role, Any]],
    held_out: Iterable[int] = (),
) -> Reference:
    """A reference of columns, each its role, its values and whatever else its profile should say."""
    series = {name: pl.Series(name, column[1]) for name, column in columns.items()}
    frame = pl.DataFrame(series)
    profiles = tuple(
        _profile(series[name], column[0], dict(column[2]) if len(column) > 2 else {})
        for name, column in columns.items()
    )
    held = sorted(held_out)
    train = np.setdiff1d(np.arange(frame.height), np.array(held, np.int64))
    measures = {p.name: _measure(series[p.name]) for p in profiles if p.role.written}
    return Reference(
        "made by hand", frame, "0" * 64, Profile(frame.height, profiles, "garden tools"),
        measures, train, np.array(held, np.int64),
    )  # fmt: skip


def integers(low: int, high: int) -> dict[str, Any]:
    """The profile of a serial number."""
    return {"identifier": IdentifierPattern("integer", (), low, high, f"integer {low}..{high}", (1, 0, 0, 0))}


def template(*positions: str) -> dict[str, Any]:
    """The profile of a code, the characters of each position given."""
    return {"identifier": IdentifierPattern("template", (positions,), 0, 0, "a code", (1, 0, 0, 0))}


def _profile(series: pl.Series, role: Role, more: dict[str, Any]) -> ColumnProfile:
    values = series.drop_nulls()
    if role in (Role.ORDINAL, Role.COUNT, Role.NUMBER):
        more = {"low": values.min(), "high": values.max()} | more
    if role.written:
        lengths = [count_words(text) for text in values] or [0]
        words = tuple(float(q) for q in np.quantile(lengths, [0.05, 0.25, 0.5, 0.75, 0.95]))
        more = {"text": TextStats(words, words, ())} | more
    return ColumnProfile(
        series.name, role, str(series.dtype), len(series), series.null_count(), values.n_unique(),
        "by hand", **more,
    )  # fmt: skip


def _measure(texts: pl.Series) -> TextMeasures:
    strings = ["" if text is None else text for text in texts]
    grades = [grade(text) for text in strings]
    return TextMeasures(
        np.array([count_words(text) for text in strings], np.int32),
        np.array([np.nan if g is None else g for g in grades], np.float32),
        tuple(style(text) for text in strings),
    )
