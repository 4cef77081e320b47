"""A plan has exactly n slots, is the same for the same seed, and refuses what can't be planned."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from builders import by_hand

from syngen.data import sample
from syngen.errors import ConfigError, RunError
from syngen.errors import ReferenceError as BadReference
from syngen.plan import make_plan
from syngen.types import Derivation, Plan, Reference, Role

TEXTS = [f"The hedge trimmer number {i} " + "hums along nicely " * (i % 6 + 1) for i in range(24)]
PLAN_DIGEST = """
import hashlib, sys
from syngen.plan import make_plan
from syngen.reference import load
plan = make_plan(load(sys.argv[1]), 150, seed=9)
print(hashlib.sha256(plan.frame.write_json().encode()).hexdigest())
"""


@pytest.fixture(scope="module")
def tools() -> Reference:
    return by_hand({"stars": (Role.ORDINAL, [1, 2, 3, 4] * 6), "comment": (Role.TEXT, TEXTS)})


@pytest.mark.parametrize("n", [1, 7, 24, 37, 100, 240])
def test_a_plan_has_exactly_n_slots_numbered_from_zero(tools: Reference, n: int) -> None:
    plan = make_plan(tools, n)
    assert len(plan) == n
    assert [slot.index for slot in plan] == list(range(n))
    assert all(slot.texts["comment"].words > 0 and slot.values["stars"] in range(1, 5) for slot in plan)


def test_the_same_seed_gives_the_same_plan_in_another_process() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", PLAN_DIGEST, str(sample())],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_another_seed_gives_another_plan(tools: Reference) -> None:
    assert make_plan(tools, 30, seed=4).frame.equals(make_plan(tools, 30, seed=4).frame)
    assert not make_plan(tools, 30, seed=4).values().equals(make_plan(tools, 30, seed=5).values())


def test_every_slot_has_a_seed_of_its_own(tools: Reference) -> None:
    assert make_plan(tools, 200).frame["seed"].n_unique() == 200


@pytest.mark.parametrize("n", [0, -3, 1_000_001])
def test_a_number_of_rows_out_of_range_is_refused(tools: Reference, n: int) -> None:
    with pytest.raises(ConfigError, match=f"{n} rows can't be planned"):
        make_plan(tools, n)


def test_a_table_without_a_text_column_is_planned_with_nothing_to_write() -> None:
    plan = make_plan(by_hand({"stars": (Role.ORDINAL, [1, 2, 3])}), 6)
    assert not plan.to_write.any()
    assert sorted(slot.values["stars"] for slot in plan) == [1, 1, 2, 2, 3, 3]


def test_rows_with_a_text_only_are_refused_where_there_is_none() -> None:
    with pytest.raises(BadReference, match=r"no text column.*stars.*--text-column"):
        make_plan(by_hand({"stars": (Role.ORDINAL, [1, 2, 3])}), 5, only_with_text=True)
    empty = by_hand({"stars": (Role.ORDINAL, [1, 2]), "comment": (Role.TEXT, ["", None])})
    with pytest.raises(BadReference, match="'comment' is empty in every row"):
        make_plan(empty, 5, only_with_text=True)


def test_a_text_that_only_held_out_rows_have_counts_as_empty() -> None:
    with pytest.raises(BadReference, match="empty in every row"):
        make_plan(
            by_hand({"comment": (Role.TEXT, [None, None, "A rake it is."])}, held_out=[2]),
            5,
            only_with_text=True,
        )


def test_one_row_is_enough() -> None:
    one = by_hand({"stars": (Role.ORDINAL, [4]), "comment": (Role.TEXT, ["Digs deep and never bends."])})
    assert [slot.values["stars"] for slot in make_plan(one, 9)] == [4] * 9


def test_a_table_of_nothing_but_text_can_be_planned_saved_and_read_back(tmp_path: Path) -> None:
    plan = make_plan(by_hand({"comment": (Role.TEXT, TEXTS)}), 9)
    plan.frame.write_parquet(tmp_path / "plan.parquet")
    again = Plan.open(tmp_path / "plan.parquet")
    assert list(again) == list(plan)
    assert again.values().columns == []
    assert all(slot.values == {} and list(slot.texts) == ["comment"] for slot in again)


def test_a_saved_plan_holds_the_same_slots(tools: Reference, tmp_path: Path) -> None:
    plan = make_plan(tools, 12)
    plan.frame.write_parquet(tmp_path / "plan.parquet")
    assert list(Plan.open(tmp_path / "plan.parquet")) == list(plan)


def test_slots_are_given_by_their_numbers_in_the_order_asked(tools: Reference) -> None:
    plan = make_plan(tools, 12)
    every = list(plan)
    assert plan.slots([7, 0, 7]) == [every[7], every[0], every[7]]


@pytest.mark.parametrize("content", [None, b"no table", b"PAR1"])
def test_what_is_no_plan_file_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "plan.parquet"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RunError, match="can't be read"):
        Plan.open(path)


def test_a_table_that_is_no_plan_is_refused(tmp_path: Path) -> None:
    pl.DataFrame({"slot": [1]}).write_parquet(tmp_path / "plan.parquet")
    with pytest.raises(RunError, match="not a plan"):
        Plan.open(tmp_path / "plan.parquet")


NAMES = [
    "slot",
    "donor",
    "group",
    "anchor",
    "seed",
    "values",
    "texts",
    "words",
    "grade",
    "style",
    "",
    "a b.c",
    "naïve 名前",
]


def test_no_column_name_gets_in_the_way(tmp_path: Path) -> None:
    columns = {name: (Role.CATEGORY, ["hoe", "axe"] * 12) for name in NAMES}
    plan = make_plan(by_hand({**columns, "comment": (Role.TEXT, TEXTS)}), 6)
    plan.frame.write_parquet(tmp_path / "plan.parquet")
    for slot in Plan.open(tmp_path / "plan.parquet"):
        assert list(slot.values) == NAMES
        assert set(slot.values.values()) <= {"hoe", "axe"}


@pytest.mark.parametrize("name", NAMES)
def test_a_text_column_may_have_any_name(name: str) -> None:
    plan = make_plan(by_hand({"stars": (Role.ORDINAL, [1, 2, 3] * 8), name: (Role.TEXT, TEXTS)}), 6)
    assert all(list(slot.texts) == [name] for slot in plan)


def test_columns_that_follow_from_a_text_wait_for_it() -> None:
    waiting = by_hand(
        {
            "comment": (Role.TEXT, TEXTS),
            "length": (
                Role.DERIVED,
                [len(t) for t in TEXTS],
                {"derived": Derivation("comment", "characters")},
            ),
            "stars": (Role.ORDINAL, [1, 2] * 12),
        }
    )
    assert all(list(slot.values) == ["stars"] for slot in make_plan(waiting, 5))


def test_all_values_keep_their_type_and_order(reference: Reference) -> None:
    values = make_plan(reference, 40).values()
    owned = [c.name for c in reference.profile.columns if not c.role.written]
    assert values.schema == reference.frame.select(owned).schema


def test_a_column_called_empty_by_hand_stays_empty() -> None:
    private = by_hand({"phone": (Role.EMPTY, ["555-1", "555-2"] * 12), "comment": (Role.TEXT, TEXTS)})
    phones = make_plan(private, 7).values()["phone"]
    assert phones.dtype == pl.String
    assert phones.null_count() == 7


def test_a_text_without_words_is_a_text_and_an_absent_one_is_none() -> None:
    titles = ["👍", "!!!", "Blunt shears", None] * 6
    plan = make_plan(by_hand({"title": (Role.TITLE, titles), "comment": (Role.TEXT, TEXTS)}), 24)
    planned = [slot.texts.get("title") for slot in plan]
    assert planned.count(None) == 6
    assert all(target is None or target.words >= 1 for target in planned)


def test_a_main_text_without_words_lends_its_structure_too() -> None:
    cries = by_hand(
        {"stars": (Role.ORDINAL, [5, 5, 1, 1]), "comment": (Role.TEXT, ["🌱🌱", "!!!", None, ""])}
    )
    plan = list(make_plan(cries, 6, only_with_text=True))
    assert [slot.texts["comment"].words for slot in plan] == [1] * 6
    assert {slot.values["stars"] for slot in plan} == {5}
