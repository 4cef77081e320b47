"""What a column writes becomes seconds, and seconds become what it wrote."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syngen.columns.times import from_seconds, to_seconds
from syngen.types import TimeFormat

EPOCH_2021 = datetime(2021, 3, 4, 5, 6, 7, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("cells", "fmt"),
    [
        (["2021-03-04", None, "1999-12-31"], TimeFormat("string", format="%Y-%m-%d", step=86400.0)),
        (["4.3.2021 5:06", None], TimeFormat("string", format="%-d.%-m.%Y %-H:%M", step=60.0)),
        (["Mar 4, 2021 05:06 AM"], TimeFormat("string", format="%b %-d, %Y %I:%M %p", step=60.0)),
        (["2021-03-04T05:06:07.089Z"], TimeFormat("string", format="%Y-%m-%dT%H:%M:%S%.3fZ", step=0.001)),
        (["2021-03-04T05:06:07+00:00"], TimeFormat("string", format="%Y-%m-%dT%H:%M:%S%:z")),
        (["05:06:07", None], TimeFormat("string", format="%H:%M:%S")),
        (["2021-03"], TimeFormat("string", format="%Y-%m", step=86400.0)),
        ([20210304, None], TimeFormat("string", format="%Y%m%d", step=86400.0)),
        ([2021, None], TimeFormat("string", format="%Y", step=86400.0)),
        ([1614834367, None, -5], TimeFormat("epoch", unit="s")),
        ([1614834367089, None], TimeFormat("epoch", unit="ms", step=0.001)),
        ([1614834367089123, None], TimeFormat("epoch", unit="us", step=1e-6)),
        ([1614834367.25, None], TimeFormat("epoch", unit="s", step=0.001)),
        ([date(2021, 3, 4), None, date(1901, 1, 1)], TimeFormat("native", step=86400.0)),
        ([datetime.fromisoformat("2021-03-04T05:06:07.089"), None], TimeFormat("native", step=0.001)),
    ],
)
def test_a_column_is_written_as_it_was_read(cells: list[Any], fmt: TimeFormat) -> None:
    column = pl.Series(cells)
    written = from_seconds(to_seconds(column, fmt), fmt, column.dtype)
    assert written.to_list() == cells
    assert written.dtype == column.dtype


def test_a_time_zone_is_kept_and_seconds_are_utc() -> None:
    berlin = pl.Series([datetime.fromisoformat("2021-03-04T06:06:07")]).dt.replace_time_zone("Europe/Berlin")
    fmt = TimeFormat("native")
    assert to_seconds(berlin, fmt).tolist() == [EPOCH_2021]
    assert from_seconds(np.array([EPOCH_2021]), fmt, berlin.dtype).to_list() == berlin.to_list()


def test_what_does_not_follow_the_format_is_missing() -> None:
    seconds = to_seconds(pl.Series(["2021-02-30", "soon", None]), TimeFormat("string", format="%Y-%m-%d"))
    assert np.isnan(seconds).all()


def test_an_offset_is_added_when_writing_and_taken_off_when_reading() -> None:
    fmt = TimeFormat("string", format="%H:%M:%S", offset=5400.0)
    written = from_seconds(np.array([EPOCH_2021]), fmt, pl.String())
    assert written.to_list() == ["06:36:07"]
    assert to_seconds(written, fmt).tolist() == [EPOCH_2021 % 86400]


def test_points_in_time_are_cut_down_to_the_step() -> None:
    fmt = TimeFormat("epoch", unit="ms", step=86400.0)
    assert from_seconds(np.array([EPOCH_2021]), fmt, pl.Int64()).to_list() == [1614816000000]


@given(st.lists(st.none() | st.integers(-(10**9), 4 * 10**9), min_size=1))
def test_seconds_survive_every_unit(points: list[int | None]) -> None:
    seconds = np.array([np.nan if point is None else float(point) for point in points])
    for fmt, dtype in (
        (TimeFormat("epoch", unit="us"), pl.Int64()),
        (TimeFormat("native"), pl.Datetime("ms")),
        (TimeFormat("string", format="%Y-%m-%d %H:%M:%S"), pl.String()),
    ):
        back = to_seconds(from_seconds(seconds, fmt, dtype), fmt)
        assert np.array_equal(back, seconds, equal_nan=True)
