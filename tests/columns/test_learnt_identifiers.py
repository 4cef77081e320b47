"""An identifier's pattern is what a person would read off a column of them."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syngen.columns.templates import learn_pattern

ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def drawn(draw: Callable[[random.Random], str], rows: int) -> pl.Series:
    rng = random.Random(9)
    return pl.Series([draw(rng) for _ in range(rows)])


@pytest.mark.parametrize("rows", [6, 400])
@pytest.mark.parametrize(
    ("draw", "shown"),
    [
        (lambda r: "B0" + "".join(r.choices(ALPHANUMERIC, k=8)), "B0[0-9A-Z]{8}"),
        (lambda r: "".join(r.choices("0123456789abcdef", k=12)), "[0-9a-f]{12}"),
        (lambda r: f"user_{r.randrange(10**8):08d}", "user_[0-9]{8}"),
        (
            lambda r: f"{r.choice('KLMNOP')}{r.choice('ABCDEFGH')}-{r.randrange(10**6):06d}",
            "[A-Z]{2}-[0-9]{6}",
        ),
    ],
)
def test_the_pattern_is_read_off(draw: Callable[[random.Random], str], shown: str, rows: int) -> None:
    learnt = learn_pattern(drawn(draw, rows))
    assert (learnt.kind, learnt.shown) == ("template", shown)


def test_the_fixed_digit_of_a_uuid_stays() -> None:
    learnt = learn_pattern(drawn(lambda r: str(uuid.UUID(int=r.getrandbits(128), version=4)), 300))
    assert learnt.shown == "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


def test_a_stray_identifier_of_another_kind_does_not_blur_the_pattern() -> None:
    usual = drawn(lambda r: "B0" + "".join(r.choices(ALPHANUMERIC, k=8)), 300)
    assert learn_pattern(usual.append(pl.Series(["7310172001"]))).shown == "B0[0-9A-Z]{8}"


def test_digits_open_up_when_the_pattern_leaves_no_room_for_new_ones() -> None:
    learnt = learn_pattern(pl.Series([f"user_{i:05d}" for i in range(900)]))
    assert learnt.shown == "user_[0-9]{5}"


def test_the_most_common_length_is_learnt() -> None:
    assert len(learn_pattern(pl.Series(["a12", "b34", "c56", "d7"])).templates[0]) == 3


def test_whole_numbers_keep_their_range() -> None:
    learnt = learn_pattern(pl.Series([7, 7, 9, 1205, None]))
    assert (learnt.kind, learnt.low, learnt.high, learnt.shown) == ("integer", 7, 1205, "integer 7..1205")


def test_repeats_are_shares_of_the_distinct_identifiers() -> None:
    assert learn_pattern(pl.Series([1, 2, 2, 3, 3, 3, 4, 4, 4, 4, 4, None])).repeats == (
        0.25,
        0.25,
        0.25,
        0.25,
    )


@given(st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=30))
def test_identifiers_of_the_common_length_fit_their_template(values: list[str]) -> None:
    template = learn_pattern(pl.Series(values)).templates[0]
    alike = [value for value in values if len(value) == len(template)]
    assert alike
    assert all(c in allowed for value in alike for c, allowed in zip(value, template, strict=True))
