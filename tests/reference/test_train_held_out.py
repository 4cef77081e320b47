"""A table is known by its content, and divided by it."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syngen.reference import load
from syngen.reference.split import digest, split

RNG = random.Random(2)
BODIES = [f"Take {i}: {' '.join(RNG.choices(['amber', 'kettle', 'drawer'], k=9))}." for i in range(200)]
TABLE = pl.DataFrame({"n": range(200), "price": [i / 4 for i in range(200)], "body": BODIES})


def test_the_digest_is_the_same_in_every_format(tmp_path: Path) -> None:
    TABLE.write_csv(tmp_path / "t.csv")
    TABLE.write_parquet(tmp_path / "t.parquet")
    TABLE.write_ndjson(tmp_path / "t.jsonl")
    expected = load(TABLE).digest
    assert {load(tmp_path / f"t.{form}").digest for form in ("csv", "parquet", "jsonl")} == {expected}


@pytest.mark.parametrize(
    "other",
    [
        TABLE.rename({"n": "m"}),
        TABLE.reverse(),
        TABLE.with_columns(body=pl.col("body").str.replace("Take 7:", "Take 7;", literal=True)),
        TABLE.with_columns(body=pl.when(pl.col("n") != 7).then("body")),
    ],
)
def test_another_content_has_another_digest(other: pl.DataFrame) -> None:
    assert digest(other) != digest(TABLE)


@given(st.lists(st.none() | st.text(max_size=3), min_size=1, max_size=5))
def test_cells_can_t_flow_into_each_other_in_a_digest(cells: list[str | None]) -> None:
    one, two = pl.Series("a", cells, dtype=pl.String), pl.Series("b", [*cells[1:], cells[0]], dtype=pl.String)
    same = digest(pl.DataFrame([one, two])) == digest(pl.DataFrame([one.alias("b"), two.alias("a")]))
    assert not same


def test_about_a_fifth_is_held_out_and_nothing_is_on_both_sides() -> None:
    train, held_out = split(TABLE, "body")
    assert len(held_out) == 40
    assert sorted([*train, *held_out]) == list(range(200))


def test_the_order_of_the_rows_does_not_matter() -> None:
    shuffled = TABLE.sample(fraction=1.0, shuffle=True, seed=4)
    held = set(TABLE[split(TABLE, "body")[1]]["n"])
    assert set(shuffled[split(shuffled, "body")[1]]["n"]) == held


def test_fewer_than_twenty_rows_are_all_shown() -> None:
    train, held_out = split(TABLE.head(19), "body")
    assert (len(train), len(held_out)) == (19, 0)
    assert len(split(TABLE.head(20), "body")[1]) == 4


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(["So it goes.", "so, it goes!", "Never mind", "😀", "!!!", None]),
        min_size=20,
        max_size=60,
    )
)
def test_equal_texts_are_on_the_same_side_whatever_their_case_and_punctuation(
    texts: list[str | None],
) -> None:
    frame = pl.DataFrame({"n": range(len(texts)), "body": pl.Series(texts, dtype=pl.String)})
    train, held_out = split(frame, "body")

    def contents(rows: list[int]) -> set[str]:
        return {
            "so it goes" if t.lower().startswith("so") else t for i in rows if (t := texts[i]) is not None
        }

    assert not contents(train.tolist()) & contents(held_out.tolist())
    assert len(held_out) <= 0.2 * len(texts)


def test_another_process_divides_alike() -> None:
    code = (
        "import polars as pl; from syngen.reference.split import split;"
        "print(split(pl.DataFrame({'t': [f'text {i} said' for i in range(50)]}), 't')[1].tolist())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1
