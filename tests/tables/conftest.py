"""A profile built by hand: ratings of workshop tools, one column of each kind a reader must tell apart."""

from __future__ import annotations

import pytest

from syngen.types import (
    ColumnProfile,
    Derivation,
    IdentifierPattern,
    Profile,
    Role,
    Slot,
    TextStats,
    TextTarget,
    TimeFormat,
)

DIGITS = "0123456789"


def column(name: str, role: Role, dtype: str = "String", **more) -> ColumnProfile:
    values = tuple((v, 10) for v in more.pop("values", ()))
    return ColumnProfile(
        name, role, dtype, rows=100, distinct=more.pop("distinct", len(values)), why="by hand",
        missing=more.pop("missing", 0), values=values, **more,
    )  # fmt: skip


def text_stats(median: float) -> TextStats:
    return TextStats((1, 2, median, 30, 60), (1, 2, 3, 4, 5), ())


COLUMNS = {
    "stars": column("stars", Role.ORDINAL, "Int64", values=(1, 2, 3, 4, 5)),
    "headline": column("headline", Role.TITLE, text=text_stats(3), distinct=90, missing=4),
    "comment": column("comment", Role.TEXT, text=text_stats(20), distinct=100),
    "tool": column("tool", Role.CATEGORY, values=("Saws", "Drills", "Hand planes")),
    "sku": column(
        "sku",
        Role.IDENTIFIER,
        distinct=80,
        identifier=IdentifierPattern(
            "template", (("T", "L", *[DIGITS] * 4),), 0, 0, "TL[0-9]{4}", (1, 0, 0, 0)
        ),
    ),
    "likes": column("likes", Role.COUNT, "Int64", low=0, high=40, distinct=30),
    "bought": column("bought", Role.BOOLEAN, "Boolean", values=(True, False)),
    "day": column("day", Role.DATETIME, time=TimeFormat("string", format="%Y-%m-%d"), distinct=90),
    "day_again": column("day_again", Role.DERIVED, derived=Derivation("day", "equal"), distinct=90),
}


@pytest.fixture(scope="session")
def profile_of():
    """Make a profile of some of the columns above, in the order given."""

    def make(*names: str) -> Profile:
        return Profile(100, tuple(COLUMNS[name] for name in names), "workshop tools")

    return make


@pytest.fixture(scope="session")
def tools(profile_of) -> Profile:
    return profile_of("stars", "headline", "comment", "sku", "likes")


@pytest.fixture(scope="session")
def slots() -> list[Slot]:
    return [
        Slot(i, {"stars": 5}, {"headline": TextTarget(3), "comment": TextTarget(12)}, 7 + i, 0, 0, 0)
        for i in range(4)
    ]
