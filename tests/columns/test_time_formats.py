"""Points in time are known in whatever form they are written."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from syngen.columns.timeformats import detect_time, other_reading
from syngen.columns.times import from_seconds, to_seconds
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


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["6th June 2022", "1st July 2022", "22nd May 2021", "13th May 2021"], "%-d{th} %B %Y"),
        (["June 6th, 2022", "July 1st, 2022", "May 22nd, 2021"], "%B %-d{th}, %Y"),
        (["6. Juni 2022", "3. März 2021", "11. Dezember 2020"], "%-d. %B{de} %Y"),
        (["6 de junio de 2022", "3 de marzo de 2021", "11 de enero de 2020"], "%-d de %B{es} de %Y"),
        (["6 juin 2022", "3 août 2021", "11 décembre 2020"], "%-d %B{fr} %Y"),
        (["6 июня 2022", "13 мая 2021", "11 декабря 2020"], "%-d %B{ru} %Y"),
        (["2022年6月6日", "2021年12月13日", "2020年1月11日"], "%Y年%-m月%-d日"),
        (["2022-W23", "2021-W05", "2020-W50"], "%G-W%V"),
        (["jun 06 2022", "jul 13 2021", "dec 11 2020"], "%b{lower} %d %Y"),
        (["06-JUN-2022", "13-JUL-2021", "11-DEC-2020"], "%d-%b{upper}-%Y"),
        (["2022-06-06 09", "2021-12-13 17", "2020-01-11 00"], "%Y-%m-%d %H"),
        (["2022-28-06", "2021-13-12", "2020-11-01"], "%Y-%d-%m"),
        (["06062022", "13122021", "11012020", "28022020"], "%d%m%Y"),
        (["03.11.2024", "04.11.2024", "11.11.2024"], "%d.%m.%Y"),
        (["06.11.24", "05.11.24", "11.11.24"], "%d.%m.%y"),
        (["20220606T101500", "20211213T235959"], "%Y%m%dT%H%M%S"),
    ],
)
def test_spellings_of_dates_are_known_and_written_back(cells: list[str], expected: str) -> None:
    column = pl.Series("posted", cells)
    found = detect_time(column)
    assert found is not None
    assert found.format == expected
    assert from_seconds(to_seconds(column, found), found, pl.String()).to_list() == cells


def test_dates_in_two_formats_are_both_learnt_with_the_common_one_first() -> None:
    days = [date(2021, 1, 1) + timedelta(days=3 * i) for i in range(90)]
    cells = [f"{day:%d/%m/%Y}" if i % 3 else f"{day:%Y-%m-%d}" for i, day in enumerate(days)]
    found = detect_time(pl.Series("x", cells))
    assert found is not None
    assert found.formats == ("%d/%m/%Y", "%Y-%m-%d")
    assert not np.isnan(to_seconds(pl.Series(cells), found)).any()


def test_whole_numbers_can_be_dates_with_the_day_first_where_the_name_says_so() -> None:
    found = detect_time(pl.Series("signup_date", [6062022, 13122021, 31012020]))
    assert found is not None
    assert found.format == "%d%m%Y"
    assert detect_time(pl.Series("views", [6062022, 13122021, 31012020])) is None


def test_a_file_in_order_of_its_dates_settles_which_is_the_day() -> None:
    cells = [f"{day:02d}/{month:02d}/2021" for month in range(1, 4) for day in range(1, 13)]
    found = detect_time(pl.Series("x", cells))
    assert found is not None
    assert found.format == "%d/%m/%Y"
    exchanged = [f"{cell[3:5]}/{cell[:2]}/2021" for cell in cells]
    found = detect_time(pl.Series("x", exchanged))
    assert found is not None
    assert found.format == "%m/%d/%Y"


@pytest.mark.parametrize(
    "cells", [["10.4.12", "1.22.3", "2.0.11"], ["monday", "tuesday"], ["A 2021", "B 2022"]]
)
def test_what_only_looks_like_a_date_is_none(cells: list[str]) -> None:
    assert detect_time(pl.Series("version", cells)) is None
