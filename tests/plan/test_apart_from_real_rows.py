"""Rows that no text makes new don't repeat a real row that is somebody's; all shares stay."""

from __future__ import annotations

import random
from dataclasses import replace

import polars as pl
import pytest
from builders import by_hand
from polars.testing import assert_frame_equal

from syngen.plan import make_plan
from syngen.types import Plan, Reference, Relation, Role
from writing import sentence

NAMES = ["airport", "aircraft", "species", "phase", "damage", "speed"]


def strikes(rows: int = 1_000, *, alike: int = 1, comment: bool = False) -> Reference:
    """Accidents of many labels, each `alike` times; the speed is always known and round."""
    chance = random.Random(8)
    sizes = {"airport": 40, "aircraft": 25, "species": 30, "phase": 4, "damage": 3}
    kinds = rows // alike
    drawn = {
        name: [f"{name} {min(chance.randrange(n), chance.randrange(n))}" for _ in range(kinds)] * alike
        for name, n in sizes.items()
    }
    columns = {name: (Role.CATEGORY, cells) for name, cells in drawn.items()}
    columns["speed"] = (Role.ORDINAL, [100 + 50 * chance.randrange(4) for _ in range(kinds)] * alike)
    if comment:
        columns["comment"] = (Role.TEXT, [sentence(chance, 12) if i % 2 else None for i in range(rows)])
    return by_hand(columns)


def planned(plan: Plan) -> pl.DataFrame:
    return plan.frame["values"].struct.unnest()


def copies(made: pl.DataFrame, real: pl.DataFrame) -> int:
    return made.join(real.unique(), on=made.columns, how="semi", nulls_equal=True).height


@pytest.mark.parametrize("n", [50, 700])
def test_a_table_without_a_text_repeats_no_rare_row_and_keeps_all_shares(n: int) -> None:
    real = strikes()
    made = planned(make_plan(real, n, seed=3))
    assert copies(made, real.frame) <= n / 100
    donors = real.frame[make_plan(real, n, seed=3).frame["donor"]]
    for name in NAMES:
        assert made[name].sort().to_list() == donors[name].sort().to_list()


def test_the_same_seed_gives_the_same_rows() -> None:
    assert_frame_equal(make_plan(strikes(), 200, seed=5).frame, make_plan(strikes(), 200, seed=5).frame)


def test_rows_that_the_real_table_repeats_are_planned_as_they_are() -> None:
    real = strikes(alike=5)
    made = planned(make_plan(real, 100))
    assert copies(made, real.frame) == 100


def test_a_few_labels_point_to_nobody() -> None:
    real = by_hand(
        {
            "channel": (Role.CATEGORY, ["Web", "Phone", "Fax"] * 40),
            "stars": (Role.ORDINAL, [1 + i % 5 for i in range(120)]),
        }
    )
    made = planned(make_plan(real, 120))
    assert_frame_equal(made.sort(made.columns), real.frame.select(made.columns).sort(made.columns))


def test_only_the_rows_without_a_text_exchange_labels() -> None:
    real = strikes(comment=True)
    plan = make_plan(real, 300)
    made, donors = planned(plan), real.frame[plan.frame["donor"]].select(NAMES)
    written = pl.Series(plan.to_write)
    assert_frame_equal(made.filter(written), donors.filter(written))
    assert copies(made.filter(~written), real.frame.filter(pl.col("comment").is_null()).select(NAMES)) <= 3


def test_relations_hold_between_exchanged_labels() -> None:
    real = strikes()
    states = [f"state {int(airport.split()[1]) % 9}" for airport in real.frame["airport"]]
    real = by_hand(
        {
            "state": (Role.CATEGORY, states),
            **{name: (Role.CATEGORY, real.frame[name].cast(pl.String)) for name in NAMES},
        }
    )
    relation = Relation("determines", ("state", "airport"), "airport → state", 1.0)
    real = replace(real, profile=replace(real.profile, relations=(relation,)))
    made = planned(make_plan(real, 300))
    assert copies(made, real.frame) <= 3
    for airport, state in made.select("airport", "state").iter_rows():
        assert state == f"state {int(airport.split()[1]) % 9}"
