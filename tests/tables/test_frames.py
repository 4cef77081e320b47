"""Tables in memory become the same table as the file they were written to."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import datasets
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from syngen.errors import ReferenceError as BadReference
from syngen.tables.frames import read_frame

ROWS: dict[str, list[Any]] = {
    "stars": [4, 2, None],
    "note": ["fits", "so\nso", None],
    "kept": [True, None, False],
}


def taken(source: Any, max_rows: int = 1000) -> tuple[pl.DataFrame, list[str]]:
    notes: list[str] = []
    return read_frame(source, max_rows, notes)[1], notes


@pytest.mark.parametrize(
    "source",
    [
        pl.DataFrame(ROWS),
        pl.LazyFrame(ROWS),
        pa.table(ROWS),
        pd.DataFrame(ROWS).convert_dtypes(),
        pd.DataFrame(ROWS, dtype=object),
        datasets.Dataset.from_dict(ROWS),
        [dict(zip(ROWS, row, strict=True)) for row in zip(*ROWS.values(), strict=True)],
        ROWS,
        {name: pd.Series(cells, dtype=object) for name, cells in ROWS.items()},
    ],
    ids=lambda source: f"{type(source).__module__.partition('.')[0]}.{type(source).__name__}",
)
def test_every_kind_of_table_gives_the_same_columns(source: Any) -> None:
    assert taken(source)[0].to_dict(as_series=False) == ROWS


def test_pandas_types_find_their_counterparts() -> None:
    when = pd.to_datetime(["2021-05-06 07:08", None])
    frame, _ = taken(
        pd.DataFrame(
            {
                "whole": np.array([1, 2], dtype=np.int16),
                "real": [0.5, np.nan],
                "label": pd.Categorical(["u", None]),
                "when": when,
                "there": when.tz_localize("Asia/Tokyo"),
                "day": [date(2021, 5, 6), None],
            }
        )
    )
    assert [str(dtype.base_type()) for dtype in frame.dtypes] == [
        "Int64", "Float64", "String", "Datetime", "Datetime", "Date",
    ]  # fmt: skip
    assert frame.null_count().row(0) == (0, 1, 1, 1, 1, 1)
    assert frame["when"][0] == datetime.fromisoformat("2021-05-06T07:08")
    assert frame["there"][0].isoformat() == "2021-05-06T07:08:00+09:00"


def test_foreign_types_are_brought_to_the_few_of_the_house() -> None:
    frame, notes = taken(
        pl.DataFrame(
            {
                "small": pl.Series([0.1, None], dtype=pl.Float32),
                "wide": pl.Series([2**64 - 1, 1], dtype=pl.UInt64),
                "endless": [float("inf"), 1.0],
                "tags": [["a", "b"], None],
                "nothing": [None, None],
            }
        )
    )
    assert frame.to_dict(as_series=False) == {
        "small": [0.1, None],
        "wide": ["18446744073709551615", "1"],
        "endless": [None, 1.0],
        "tags": ['["a", "b"]', None],
        "nothing": [None, None],
    }
    assert notes == [
        "'endless': 1 infinite value read as missing.",
        "Types were changed: 'small' from Float32 to Float64 and 'wide' from UInt64 to String.",
    ]


def test_durations_of_every_kind_become_seconds() -> None:
    lasted = [timedelta(hours=1), None]
    for source in (
        pd.DataFrame({"lasted": lasted}),
        pd.DataFrame({"lasted": lasted}, dtype=object),
        pl.DataFrame({"lasted": lasted}),
        pa.table({"lasted": lasted}),
        [{"lasted": cell} for cell in lasted],
    ):
        frame, notes = taken(source)
        assert frame["lasted"].to_list() == [3600.0, None]
        assert notes == ["'lasted' holds durations; they were read as seconds."]


def test_times_at_a_fixed_offset_become_utc() -> None:
    there = pd.to_datetime(["2021-05-06 07:08", None]).tz_localize(timezone(timedelta(hours=2)))
    frame, notes = taken(pd.DataFrame({"when": there}))
    assert frame["when"].to_list() == [datetime(2021, 5, 6, 5, 8, tzinfo=UTC), None]
    assert notes == ["'when': times of UTC+02:00 were converted to UTC."]


def test_arrow_times_at_a_fixed_offset_are_the_same_points_in_time() -> None:
    when = datetime(2021, 5, 6, 7, 8, tzinfo=UTC)
    frame, _ = taken(pa.table({"when": pa.array([when], pa.timestamp("us", tz="+02:00"))}))
    assert frame["when"][0] == when


def test_exact_decimals_become_floats() -> None:
    prices = pa.array([Decimal("1.50"), None], pa.decimal128(38, 2))
    frame, notes = taken(pa.table({"price": prices}))
    assert frame["price"].to_list() == [1.5, None]
    assert notes == ["Types were changed: 'price' from Decimal to Float64."]


def test_changed_types_are_named_in_one_sentence() -> None:
    frame = pd.DataFrame(
        {
            "label": pd.Categorical(["u", "v"]),
            "small": pd.array([1, None], dtype="Int16"),
            "plain": np.array([1, 2], dtype=np.int16),
            "same": pd.array([1, None], dtype="Int64"),
            "word": ["a", "b"],
        }
    )
    assert taken(frame)[1] == [
        "Types were changed: 'label' from Categorical to String, 'small' from Int16 to Int64 and 'plain' from Int16 to Int64."
    ]


def test_the_order_and_the_labels_of_a_data_set_are_kept() -> None:
    features = datasets.Features(
        {"t": datasets.Value("string"), "mood": datasets.ClassLabel(names=["sad", "glad"])}
    )
    source = datasets.Dataset.from_dict({"t": ["a", "b", "c"], "mood": [0, 1, 1]}, features=features)
    frame, notes = taken(source.select([2, 0]))
    assert frame.rows() == [("c", 1), ("a", 0)]
    assert notes == ["'mood' holds label numbers: 0 = sad and 1 = glad."]


@pytest.mark.parametrize(
    "kind", [pl.DataFrame, pl.LazyFrame, pd.DataFrame, pa.table, datasets.Dataset.from_dict, dict]
)
def test_of_a_larger_table_the_same_rows_are_sampled_whatever_its_kind(kind: Any) -> None:
    frame, notes = taken(kind({"n": list(range(500))}), max_rows=50)
    assert frame.equals(taken(pl.DataFrame({"n": range(500)}), max_rows=50)[0])
    assert notes == ["Of 500 rows, a random sample of 50 is used."]


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "both called 'a'"),
        (pa.table([[1], [2]], names=["a", "a"]), "called 'a'"),
        (pl.DataFrame({"image": [b"\x89"]}), "'image' holds binary data"),
        (pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_product([["a"], ["b", "c"]])), "several levels"),
        (datasets.DatasetDict({"train": datasets.Dataset.from_dict({"a": [1]})}), "Its splits are train"),
        ({"a": 1, "b": 2}, "dict is no table"),
        ({"a": "word"}, "dict is no table"),
        ({}, "dict is no table"),
        ({"a": [1], "b": [1, 2]}, "Column 'a' has 1 value, column 'b' has 2"),
        (7, "int is no table"),
        ([], "list is no table"),
    ],
)
def test_what_is_no_table_is_refused_in_a_sentence(source: Any, says: str) -> None:
    with pytest.raises(BadReference, match=says) as caught:
        taken(source)
    assert caught.value.hint


def test_an_index_with_a_name_is_not_lost_silently() -> None:
    _, notes = taken(pd.DataFrame({"k": ["a", "b"], "v": [1, 2]}).set_index("k"))
    assert "reset_index()" in notes[0]
