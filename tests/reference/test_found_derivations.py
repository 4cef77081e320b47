"""Columns that follow from others are found, and chance is not taken for a rule."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from syngen.columns.times import from_seconds, to_seconds
from syngen.reference import load
from syngen.text import words as text
from syngen.types import ColumnProfile, Profile, Role

ROWS = 120
RNG = random.Random(11)
POINTS = [RNG.randrange(1_600_000_000_000, 1_640_000_000_000) for _ in range(ROWS)]
CODES = ["".join(RNG.choices("ABCDEFGH23456789", k=9)) for _ in range(ROWS)]
BODIES = [
    " ".join(RNG.choices(["amber", "kettle", "well-made", "it's", "so"], k=RNG.randint(9, 40)))
    for _ in POINTS
]


def written(fmt: str, hours: float = 0.0) -> list[str]:
    return [datetime.fromtimestamp(point / 1000 + hours * 3600, UTC).strftime(fmt) for point in POINTS]


def profile(rows: int = ROWS, **columns: list[Any]) -> Profile:
    return load(pl.DataFrame({**columns, "body": BODIES}).head(rows)).profile


def source_of(column: ColumnProfile) -> tuple[str, str] | None:
    return (column.derived.source, column.derived.kind) if column.derived else None


def test_of_two_equal_columns_the_right_one_follows_from_the_left() -> None:
    nearly = [code if i else "ZZ9ZZ9ZZ9" for i, code in enumerate(CODES)]
    learnt = profile(item=CODES, parent=nearly)
    assert learnt["item"].role is Role.IDENTIFIER
    assert learnt["parent"].role is Role.DERIVED
    assert source_of(learnt["parent"]) == ("item", "equal")


def test_equality_in_only_nine_of_ten_rows_is_no_rule() -> None:
    often = [code if i % 10 else "ZZ9ZZ9ZZ9" for i, code in enumerate(CODES)]
    assert profile(item=CODES, parent=often)["parent"].role is Role.IDENTIFIER


def test_two_flags_that_agree_by_chance_are_both_kept() -> None:
    flags = [True, True, False, True, True, True, True, True, True, True]
    learnt = profile(10, one=flags + [True] * (ROWS - 10), two=flags + [False] * (ROWS - 10))
    assert learnt["two"].role is Role.BOOLEAN


@pytest.mark.parametrize("rows", [10, ROWS])
@pytest.mark.parametrize("hours", [0, 2, -3.5, 5.75])
def test_date_and_time_follow_from_the_time_stamp_in_their_time_zone(hours: float, rows: int) -> None:
    columns = {"date": written("%Y-%m-%d", hours), "time": written("%H:%M:%S", hours), "timestamp": POINTS}
    frame = pl.DataFrame({**columns, "body": BODIES}).head(rows)
    learnt = load(frame).profile
    stamp = learnt["timestamp"].time
    assert stamp is not None
    for name in ("date", "time"):
        derived = learnt[name].derived
        assert derived is not None
        assert derived.source == "timestamp"
        assert derived.time is not None
        assert derived.time.offset == hours * 3600
        again = from_seconds(to_seconds(frame["timestamp"], stamp), derived.time, pl.String())
        assert again.to_list() == frame[name].to_list()


def test_parts_of_a_date_follow_from_it() -> None:
    learnt = profile(
        day=written("%Y-%m-%d"),
        year=[int(year) for year in written("%Y")],
        month=[int(month) for month in written("%m")],
        weekday=written("%A"),
    )
    assert learnt["day"].role is Role.DATETIME
    formats = {name: learnt[name].derived for name in ("year", "month", "weekday")}
    assert {name: d.time.format for name, d in formats.items() if d and d.time} == {
        "year": "%Y", "month": "%m", "weekday": "%A",
    }  # fmt: skip


def test_a_native_date_follows_from_a_native_point_in_time() -> None:
    points = [datetime.fromtimestamp(point / 1000, UTC).replace(tzinfo=None) for point in POINTS]
    learnt = profile(at=points, on=[point.date() for point in points])
    assert source_of(learnt["on"]) == ("at", "time")


def test_a_copy_of_a_derived_column_follows_from_the_same_source() -> None:
    learnt = profile(day=written("%d.%m.%Y"), copy=written("%d.%m.%Y"), timestamp=POINTS)
    assert source_of(learnt["day"]) == source_of(learnt["copy"]) == ("timestamp", "time")


def test_an_unrelated_point_in_time_is_its_own() -> None:
    assert profile(made=POINTS, seen=RNG.sample(POINTS, ROWS))["seen"].role is Role.DATETIME


def test_lengths_follow_from_the_text() -> None:
    learnt = profile(
        words=[text.count_words(body) for body in BODIES],
        size=[len(body) for body in BODIES],
        guess=[len(body) + i % 2 for i, body in enumerate(BODIES)],
    )
    assert source_of(learnt["words"]) == ("body", "words")
    assert source_of(learnt["size"]) == ("body", "characters")
    assert learnt["guess"].role is not Role.DERIVED


def test_a_role_given_by_hand_is_not_overruled() -> None:
    frame = pl.DataFrame({"item": CODES, "parent": CODES, "body": BODIES})
    assert load(frame, roles={"parent": "identifier"}).profile["parent"].derived is None
    assert load(frame, roles={"parent": "derived"}).profile["parent"].role is Role.DERIVED
