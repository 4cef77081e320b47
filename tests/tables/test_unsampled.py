"""New keys are none of a large table's, though only a sample of its rows is used."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from syngen.plan.make import make_plan
from syngen.reference import load

ROWS = 4_000
SAMPLE = 500
KEYS = ("uid", "code", "user", "name", "email")


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    chance = random.Random(1)
    first, last = (
        "Ann Bob Cem Dora Emil Fritz Gina Hugo".split(),
        "Hall Wood Ford Smith Jones Brown White".split(),
    )
    return pl.DataFrame(
        {
            "uid": range(1, ROWS + 1),
            "code": [f"S{chance.randint(10_000, 19_999)}" for _ in range(ROWS)],
            "user": [f"u{chance.randint(0, 9_999):04}" for _ in range(ROWS)],
            "name": [f"{chance.choice(first)} {chance.choice(last)}" for _ in range(ROWS)],
            "email": [f"{chance.choice(first)}{chance.randint(0, 5_000)}@aol.com" for _ in range(ROWS)],
            "price": [chance.randint(1, 9_999) / 100 for _ in range(ROWS)],
            "said": [" ".join(chance.choices(first + last, k=14)) for _ in range(ROWS)],
        }
    )


def of_lines(table: pl.DataFrame, folder: Path) -> Path:
    table.write_ndjson(folder / "t.jsonl")
    return folder / "t.jsonl"


def of_text(table: pl.DataFrame, folder: Path) -> Path:
    table.write_csv(folder / "t.csv")
    return folder / "t.csv"


def of_floats(table: pl.DataFrame, folder: Path) -> Path:
    return of_text(table.with_columns(pl.col("uid").cast(pl.Float64)), folder)


def of_parquet(table: pl.DataFrame, folder: Path) -> Path:
    table.write_parquet(folder / "t.parquet")
    return folder / "t.parquet"


def of_sheet(table: pl.DataFrame, folder: Path) -> Path:
    table.write_excel(folder / "t.xlsx")
    return folder / "t.xlsx"


def of_database(table: pl.DataFrame, folder: Path) -> Path:
    with sqlite3.connect(folder / "t.db") as database:
        database.execute(f"CREATE TABLE t ({', '.join(table.columns)})")
        database.executemany(f"INSERT INTO t VALUES ({', '.join('?' * table.width)})", table.rows())
    return folder / "t.db"


WAYS: list[Callable[[pl.DataFrame, Path], Any]] = [
    of_text,
    of_floats,
    of_lines,
    of_parquet,
    of_sheet,
    of_database,
    lambda table, _: table,
    lambda table, _: table.lazy(),
    lambda table, _: table.rows(named=True),
    lambda table, _: table.to_dict(as_series=False),
]


@pytest.mark.parametrize("way", WAYS)
def test_no_new_key_is_one_of_a_row_outside_the_sample(
    way: Callable[[pl.DataFrame, Path], Any], table: pl.DataFrame, tmp_path: Path
) -> None:
    reference = load(way(table, tmp_path), max_rows=SAMPLE)
    planned = make_plan(reference, 300, seed=3).frame["values"].struct.unnest()
    for name in KEYS:
        real = set(table[name].cast(pl.String))
        new = {text.removesuffix(".0") for text in planned[name].cast(pl.String)}
        assert not new & real, name
    assert reference.profile.rows == SAMPLE
    assert not {"price", "said"} & set(reference.unsampled)


def test_of_a_table_that_is_read_whole_nothing_is_remembered(table: pl.DataFrame, tmp_path: Path) -> None:
    assert not load(of_text(table, tmp_path)).unsampled


def test_where_there_are_too_many_keys_to_remember_a_remark_says_so(
    table: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("syngen.tables.unsampled._MERGED", 100)
    monkeypatch.setattr("syngen.tables.unsampled._MOST", 1_000)
    monkeypatch.setattr("syngen.tables.unsampled.SAMPLE", 64)
    reference = load(of_text(table.select("uid", "price", "said"), tmp_path), max_rows=SAMPLE)
    assert "'uid': too many different values; new ones are new against the sample only." in reference.notes
