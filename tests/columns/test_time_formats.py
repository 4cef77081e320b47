"""Points in time are known in whatever form they are written."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import polars as pl
import pytest

from syngen.columns.timeformats import detect_time, other_reading
from syngen.columns.times import from_seconds
from syngen.types import TimeFormat

RNG = random.Random(6)
POINTS = np.array([1.5e9 + RNG.random() * 1e8 for _ in range(60)])


@pytest.mark.parametrize(
    "fmt",
    [
        "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d/%m/%Y", "%m/%d/%Y", "%-m/%-d/%Y", "%-d.%-m.%Y", "%m-%d-%Y",
        "%Y%m%d", "%Y-%m", "%B %Y", "%b %d, %Y", "%b %-d, %Y", "%B %-d, %Y", "%A, %B %-d, %Y", "%d %B %Y",
        "%d-%b-%Y", "%d-%b-%y", "%m/%d/%y", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S+00:00",
        "%Y-%m-%d %H:%M:%S%.3f", "%Y-%m-%dT%H:%M:%S%.6fZ", "%-m/%-d/%Y %-I:%M %p", "%m/%d/%Y, %I:%M:%S %p",
        "%H:%M %d.%m.%Y", "%a, %d %b %Y %H:%M:%S GMT", "%a %b %d %H:%M:%S +0000 %Y", "%a %b %d %H:%M:%S PDT %Y",
    ],
)  # fmt: skip
def test_a_written_format_is_known_again(fmt: str) -> None:
    column = from_seconds(POINTS, TimeFormat("string", format=fmt, step=1e-6), pl.String())
    found = detect_time(column)
    assert found is not None
    assert found.format == fmt


@pytest.mark.parametrize(
    ("cells", "name", "expected"),
    [
        ([1_600_000_000, 1_600_000_500, 1_600_050_000], "x", ("epoch", "s", 1.0)),
        ([1_600_000_000_000, 1_600_000_500_000, 1_600_050_000_000], "x", ("epoch", "ms", 1.0)),
        ([1_600_000_000_123_456, 1_600_000_500_000_000, 1_600_050_000_000_000], "x", ("epoch", "us", 1e-6)),
        ([1_600_000_000.25, 1_600_000_500.5, 1_600_050_000.0], "x", ("epoch", "s", 0.001)),
        ([700_000_000, 1_600_000_000], "created_at", ("epoch", "s", 1.0)),
        ([1_577_836_800_000, 1_578_009_600_000], "timestamp", ("epoch", "ms", 86400.0)),
        ([20210304, 20210305, 20210306, 20210307, 20210308], "x", ("string", "", 86400.0)),
        (["2021-03-04T05:06:00+02:00", "2021-03-04T05:06:00-01:00"], "x", ("string", "", 60.0)),
    ],
)
def test_units_and_steps_are_told(cells: list[Any], name: str, expected: tuple[str, str, float]) -> None:
    found = detect_time(pl.Series(name, cells))
    assert found is not None
    assert (found.kind, found.unit, found.step) == expected


@pytest.mark.parametrize(
    ("cells", "name"),
    [
        ([4_006_381_333_931, 4_006_381_333_948, 4_006_381_333_955], "x"),
        ([1_000, 2_000, 3_000], "timestamp"),
        ([700_000_000, 2_100_000_000, 900_000_000], "revenue"),
        ([20210304, 20210399, 20210306, 20210307, 20210308], "x"),
        (["1.2.10", "1.2.12", "2.3.14"], "version"),
        (["192.168.1.10", "10.2.3.4"], "address"),
        (["12-30-4567", "11-20-3456"], "account"),
        (["10:20:30", "11:30:40"], "x"),
        (["room 12", "room 14"], "x"),
        (["50 %d", "20 {}"], "date"),
    ],
)
def test_other_numbers_and_codes_are_no_points_in_time(cells: list[Any], name: str) -> None:
    assert detect_time(pl.Series(name, cells)) is None


def test_of_two_readings_the_one_that_gives_whole_months_is_taken() -> None:
    firsts = pl.Series([f"01/{month:02d}/2021" for month in range(1, 13)])
    found = detect_time(firsts)
    assert found is not None
    assert found.format == "%d/%m/%Y"
    assert other_reading(firsts, found)
    assert not other_reading(pl.Series(["31/01/2021", "02/02/2021"]), found)
