"""The joint distribution of the real rows is that of the plan, in fewer rows or in more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from builders import by_hand

from syngen.plan import make_plan
from syngen.plan.donors import GROUP
from syngen.types import Reference, Role

ROWS = 600
STARS = [1] * 90 + [2] * 60 + [3] * 90 + [4] * 120 + [5] * 240


def tied_to_stars(held_out: range = range(0)) -> Reference:
    """Unhappy buyers write more, get more votes, give no title half of the time and tell no price."""
    rng = np.random.default_rng(11)
    stars = rng.permutation(STARS)
    lengths = (4 + (6 - stars) * 12 * rng.lognormal(0, 0.4, ROWS)).astype(int)
    return by_hand(
        {
            "stars": (Role.ORDINAL, stars.tolist()),
            "votes": (Role.COUNT, (rng.geometric(0.12 * stars) * (7 - stars)).tolist()),
            "price": (Role.NUMBER, [None if s < 2 else round(s * 3 + rng.random() * 9, 2) for s in stars]),
            "bought": (Role.BOOLEAN, (rng.random(ROWS) < stars / 6).tolist()),
            "headline": (Role.TITLE, [None if s < 3 and i % 2 else "Well now" for i, s in enumerate(stars)]),
            "comment": (Role.TEXT, ["mulch " * k for k in lengths]),
        },
        held_out,
    )


@pytest.fixture(scope="module")
def real() -> Reference:
    return tied_to_stars()


def planned(real: Reference, n: int) -> pl.DataFrame:
    """The plan as a table, with the words wanted of the comment and the headline."""
    frame = make_plan(real, n, seed=2).frame
    words = {name: pl.col("texts").struct[name].struct["words"] for name in ("comment", "headline")}
    return frame.select(pl.col("values").struct.unnest(), **words)


@pytest.mark.parametrize("n", [60, 601, 3_000])
def test_every_label_gets_its_share_to_within_a_row_for_each_stratum(real: Reference, n: int) -> None:
    shares = planned(real, n)["stars"].value_counts().sort("stars")["count"] / n
    expected = np.bincount(STARS)[1:] / ROWS
    assert np.abs(shares.to_numpy() - expected).sum() / 2 <= 5 / n  # five labels within each of two


@pytest.mark.parametrize("n", [300, 3_000])
def test_means_given_the_rating_are_kept(real: Reference, n: int) -> None:
    table = real.frame.with_columns(comment=pl.Series(real.measures["comment"].words))
    for column in ("votes", "price", "bought", "comment"):
        by_stars = (
            frame.group_by("stars")
            .agg(pl.col(column).cast(float).fill_null(0).mean())
            .sort("stars")[column]
            .to_list()
            for frame in (table, planned(real, n))
        )
        for there, here in zip(*by_stars, strict=True):
            assert here == pytest.approx(there, rel=0.2)


def test_the_lengths_wanted_follow_the_real_ones(real: Reference) -> None:
    wanted = np.array(planned(real, 1_000)["comment"])
    quantiles = [0.05, 0.25, 0.5, 0.75, 0.95]
    assert np.quantile(wanted, quantiles) == pytest.approx(
        np.quantile(real.measures["comment"].words, quantiles), rel=0.06, abs=1
    )


def test_values_are_missing_at_their_rate_and_where_they_are_missing(real: Reference) -> None:
    plan = planned(real, 1_200)
    assert plan.filter(pl.col("stars") == 1)["price"].null_count() == plan["price"].null_count() == 180
    assert plan["headline"].null_count() == pytest.approx(2 * real.frame["headline"].null_count(), abs=12)
    assert plan.filter(pl.col("stars") >= 3)["headline"].null_count() == 0


def test_a_text_that_is_to_stay_empty_is_a_value_and_not_asked_for(real: Reference) -> None:
    bare = [slot for slot in make_plan(real, 300) if "headline" not in slot.texts]
    assert bare
    assert all(slot.values["headline"] is None and "comment" in slot.texts for slot in bare)


def test_held_out_rows_are_never_donors() -> None:
    held = range(0, ROWS, 5)
    donors = make_plan(tied_to_stars(held), 2_000).frame["donor"]
    assert not set(donors) & set(held)
    assert donors.n_unique() == ROWS - len(held)


def test_nothing_in_a_plan_depends_on_the_values_of_held_out_rows() -> None:
    held = range(0, ROWS, 5)
    real = tied_to_stars(held)
    row = pl.int_range(pl.len())
    other = real.frame.with_columns(
        votes=pl.when(row % 5 == 0).then(pl.col("votes") + 7_000).otherwise("votes"),
        price=pl.when(row % 5 == 0).then(pl.lit(88_888.0)).otherwise("price"),
    )
    assert make_plan(real, 400).frame.equals(make_plan(replace(real, frame=other), 400).frame)


def test_slots_of_a_group_are_alike_and_name_the_real_row_they_are_like(
    real: Reference,
) -> None:
    plan = make_plan(real, 1_500)
    groups = plan.frame.group_by("group", "anchor", maintain_order=True).agg("slot", "donor")
    assert groups["slot"].list.len().max() == GROUP
    for _, anchor, slots, donors in groups.iter_rows():
        assert slots == list(range(slots[0], slots[-1] + 1))
        assert anchor == donors[0]
        alike = [(slot.values["stars"], slot.values["bought"]) for slot in plan.slots(slots)]
        assert len(set(alike)) == 1
        lengths = real.measures["comment"].words[donors]
        assert lengths.max() <= 2 * lengths.min()


def test_the_first_rows_of_a_plan_already_look_like_all_of_it(real: Reference) -> None:
    head = planned(real, 2_000).head(200)
    assert head["stars"].mean() == pytest.approx(np.mean(STARS), abs=0.35)
