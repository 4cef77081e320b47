"""Identifiers are new, look like the real ones and come again as often."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import numpy as np
import polars as pl
import pytest
from builders import by_hand, integers, template
from hypothesis import given
from hypothesis import strategies as st

from syngen.columns.identifiers import mint
from syngen.columns.templates import learn_pattern
from syngen.plan import make_plan
from syngen.types import Derivation, Reference, Role

UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"

kinds = st.one_of(
    st.integers(1, 400).map(lambda n: list(range(n))),  # no gap at all
    st.sets(st.integers(0, 2**62), min_size=1, max_size=60).map(sorted),
    st.sets(st.from_regex(r"[A-C][0-9]", fullmatch=True), min_size=1, max_size=30).map(sorted),
    st.integers(1, 120).map(lambda n: [f"user_{i:04}" for i in range(n)]),
    st.sets(st.uuids().map(str), min_size=1, max_size=30).map(sorted),
    st.sets(st.text("abcXYZ089-_", min_size=1, max_size=4), min_size=1, max_size=40).map(sorted),
    st.sets(st.sampled_from("abcdefghij"), min_size=1).map(sorted),  # one letter each, nearly all taken
)


@given(real=kinds, wanted=st.integers(1, 300))
def test_no_real_identifier_ever_comes_out_and_no_new_one_twice(real: list[Any], wanted: int) -> None:
    minted = mint(
        range(wanted), learn_pattern(pl.Series(real)), {str(r) for r in real}, np.random.default_rng(1)
    )
    assert len(set(minted)) == wanted
    assert {type(m) for m in minted} == {type(real[0])}
    assert not set(minted) & set(real)


@given(st.lists(st.none() | st.sampled_from("pqrst"), max_size=40))
def test_equal_keys_get_equal_identifiers_and_no_key_gets_none(keys: list[str | None]) -> None:
    pattern = learn_pattern(pl.Series(["AX-10", "BY-20"]))
    minted = mint(keys, pattern, set(), np.random.default_rng(2))
    assert [m is None for m in minted] == [k is None for k in keys]
    assert len(set(zip(keys, minted, strict=True))) == len(set(keys)) == len(set(minted))


def test_new_identifiers_follow_the_pattern() -> None:
    real = [f"K{a}{b}-{i:03}" for i, (a, b) in enumerate(zip(UPPER * 8, UPPER[::-1] * 8, strict=True))]
    minted = mint(range(500), learn_pattern(pl.Series(real)), set(real), np.random.default_rng(3))
    assert all(re.fullmatch(r"K[A-Z]{2}-\d{3}", m) for m in minted)


def test_a_pattern_without_room_is_lengthened_where_it_is_open() -> None:
    pattern = by_hand({"x": (Role.IDENTIFIER, ["Z1Q"], template("Z", DIGITS, "Q"))}).profile["x"].identifier
    assert pattern is not None
    minted = mint(range(40), pattern, {f"Z{d}Q" for d in DIGITS}, np.random.default_rng(4))
    assert all(re.fullmatch(r"Z\d{2,3}Q", m) for m in minted)


def test_full_integers_are_continued() -> None:
    full = by_hand({"x": (Role.IDENTIFIER, [1], integers(1, 90))}).profile["x"].identifier
    assert full is not None
    minted = mint(range(20), full, {str(i) for i in range(1, 91)}, np.random.default_rng(5))
    assert all(90 < m <= 130 for m in minted)


@pytest.mark.parametrize("last", [2**63 - 1, 2**63 - 5])
def test_full_integers_at_the_end_of_64_bits_are_continued_downwards(last: int) -> None:
    real = list(range(last - 9, last + 1))
    codes = {"code": (Role.IDENTIFIER, real, integers(real[0], last)), "t": (Role.TEXT, ["Sharp."] * 10)}
    made = make_plan(by_hand(codes), 10).values()["code"].to_list()
    assert len(set(made)) == 10
    assert all(last - 30 < m < last - 9 for m in made)


def shop() -> Reference:
    """Sixty products of one to nine rows, each of one category; half as many buyers as rows."""
    rng = np.random.default_rng(6)
    products = [p for p in range(60) for _ in range(1 + p % 9)]
    rows = len(products)
    codes = ["P" + "".join(rng.choice(list(UPPER), 5)) for _ in range(60)]
    product = [codes[p] for p in products]
    return by_hand(
        {
            "kind": (Role.CATEGORY, [("rake", "hoe", "axe")[p % 3] for p in products]),
            "product": (Role.IDENTIFIER, product, template("P", *[UPPER] * 5)),
            "parent": (Role.DERIVED, product, {"derived": Derivation("product", "equal")}),
            "buyer": (Role.IDENTIFIER, [None if i % 7 == 0 else i // 2 for i in range(rows)],
                      integers(0, rows // 2)),
            "text": (Role.TEXT, [f"Bought for the orchard, entry {i}, " + "solid " * (i % 5) for i in range(rows)]),
        }
    )  # fmt: skip


def sizes(column: pl.Series) -> Counter[int]:
    """How many identifiers come how often."""
    return Counter(Counter(column.drop_nulls().to_list()).values())


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("column", ["product", "buyer"])
def test_identifiers_come_again_as_often_as_the_real_ones(times: int, column: str) -> None:
    real = shop()
    made = make_plan(real, times * real.frame.height).values()
    assert sizes(made[column]) == {k: times * v for k, v in sizes(real.frame[column]).items()}
    assert made[column].null_count() == times * real.frame[column].null_count()


@pytest.mark.parametrize("n", [50, 700])
def test_rows_that_shared_a_product_share_the_new_one_and_its_category(n: int) -> None:
    real = shop()
    plan = make_plan(real, n)
    made = plan.values().with_columns(old=real.frame["product"].gather(plan.frame["donor"]))
    assert not set(made["product"]) & set(real.frame["product"])
    assert made.group_by("product").agg(pl.col("kind").n_unique())["kind"].max() == 1
    assert made.group_by("product").agg(pl.col("old").n_unique())["old"].max() == 1
    assert made["parent"].equals(made["product"].alias("parent"))


def test_a_plan_no_longer_than_the_reference_never_splits_a_product() -> None:
    real = shop()
    plan = make_plan(real, 150)
    old = real.frame["product"].gather(plan.frame["donor"])
    assert plan.values()["product"].n_unique() == old.n_unique()
