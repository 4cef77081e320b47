"""References built by hand: of any table whose roles are named, and the diary that most tests use."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from syngen.text.words import count_words
from syngen.types import ColumnProfile, Profile, Prompt, Reference, Rejected, Role, TextMeasures, TextStats

PROMPT = Prompt(
    "chat",
    "Write one new entry of the travel diary for: tent 2 persons. Use your own words and do not copy.",
    "You keep the diary of a hiking club. Each entry reads as if another member had written it.",
)


def profile_column(series: pl.Series, role: Role, **more) -> ColumnProfile:
    """What can be learnt of a column without effort; the rest as given."""
    values = series.drop_nulls()
    counts = values.value_counts(sort=True).head(50).rows() if not role.written else ()
    discrete = role in (Role.CATEGORY, Role.ORDINAL, Role.BOOLEAN, Role.CONSTANT)
    words = [count_words(v) for v in values] if role.written else [0]
    stats = TextStats(tuple(np.quantile(words or [0], (0.05, 0.25, 0.5, 0.75, 0.95))), (0,) * 5, ())
    known = {
        "rows": len(series),
        "missing": series.null_count(),
        "distinct": values.n_unique(),
        "values": tuple(counts) if discrete else (),
        "text": stats if role.written else None,
        "why": "by hand",
    }
    return ColumnProfile(series.name, role, str(series.dtype), **(known | more))


def make_reference(frame: pl.DataFrame, roles: Mapping[str, Role], **more: dict) -> Reference:
    """A reference of a frame; `more` holds further profile fields by column."""
    columns = tuple(profile_column(frame[name], role, **more.get(name, {})) for name, role in roles.items())
    measures = {
        c.name: TextMeasures(
            np.array([count_words(t or "") for t in frame[c.name]], np.int32),
            np.zeros(frame.height, np.float32),
            ((),) * frame.height,
        )
        for c in columns
        if c.role.written
    }
    rows = np.arange(frame.height)
    profile = Profile(frame.height, columns, "hiking")
    return Reference("by hand", frame, "0" * 64, profile, measures, rows, rows[:0])


TEXTS = (
    "We pitched the tent above the lake and woke to frost on the poles.",
    "The boots rubbed my heels raw before noon, so I walked the last mile in socks.",
    "Rain all night, yet the groundsheet stayed dry and the stove lit at once.",
    "A pole snapped in the first real wind and nobody at the hut could mend it.",
    "Light enough for my daughter to carry, and she complained only about the colour.",
    "After three summers the zip still runs, though the seams need a little wax now.",
)
TITLES = ("Frost", "Sore heels", None, "Broken pole", "Carried by a child", "Still fine")


DIARY = make_reference(
    pl.DataFrame(
        {"kind": ["tent", "boots", "tent", "tent", "tent", "boots"], "title": TITLES, "text": TEXTS}
    ),
    {"kind": Role.CATEGORY, "title": Role.TITLE, "text": Role.TEXT},
)


def code(result: dict | Rejected) -> str:
    """The code of a reject, "ok" for a row."""
    return result.code if isinstance(result, Rejected) else "ok"
