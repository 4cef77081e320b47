"""Numbers are known in whatever form people write them, and new ones are written like the real ones."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from builders import by_hand
from hypothesis import given
from hypothesis import strategies as st

from syngen import load
from syngen.columns.numberformats import decimals_of, learn_number_format, read_numbers, write_numbers
from syngen.errors import ConfigError
from syngen.plan import make_plan
from syngen.types import Role

TEXTS = [f"It does what it says, more or less, in sample {i} of the shop." for i in range(300)]


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["$1,234.50", "$12.99", "-$3.00"], [1234.5, 12.99, -3.0]),
        (["1.234,56", "663,81", "-12,00"], [1234.56, 663.81, -12.0]),
        (["4,584", "148", "1,000,000"], [4584, 148, 1_000_000]),
        (["12 %", "7.8 %", "(3 %)"], [12, 7.8, -3]),
        (["₹1,23,456", "₹663", "₹12,34,567.50"], [123_456, 663, 1_234_567.5]),
        (["1 234,50 €", "12,00 €"], [1234.5, 12.0]),
        (["1'234.50 CHF", "3.00 CHF"], [1234.5, 3.0]),
        (["Rs.500", "Rs.1,200"], [500, 1200]),
        ([".5", "-.75", ".125"], [0.5, -0.75, 0.125]),
        (["16 oz", "1 lb", "2.5 kg"], [16, 1, 2.5]),
        (["12.50-", "3.00"], [-12.5, 3]),
        (["12345.0", "7"], [12345, 7]),
        (["+5", "-3"], [5, -3]),
        (["1.234", "12.345.678"], [1234, 12_345_678]),
    ],
)
def test_numbers_are_read_and_written_back(cells: list[str], numbers: list[float]) -> None:
    column = pl.Series("x", cells)
    form = learn_number_format(column)
    assert form is not None
    assert read_numbers(column, form).to_list() == numbers
    again = write_numbers(np.array(numbers, float), decimals_of(column, form), column, form)
    assert again == cells


@pytest.mark.parametrize(
    "cells",
    [
        ["007", "012", "100"],
        ["AB123", "AB124"],
        ["2021-03-04", "2021-03-05"],
        ["1st", "2nd", "3rd"],
        ["192.168.0.1", "10.0.0.12"],
        ["3/4", "4/5"],
        ["+49 30 1234", "+49 89 555"],
        ["4 out of 5", "3 out of 5"],
        ["about twelve", "12"],
    ],
)
def test_what_only_has_digits_in_it_is_no_number(cells: list[str]) -> None:
    assert learn_number_format(pl.Series("x", cells)) is None


@given(st.lists(st.text("0123456789.,'-$€%() kg", max_size=12), min_size=1, max_size=20))
def test_any_text_is_read_or_refused(cells: list[str]) -> None:
    column = pl.Series("x", cells)
    form = learn_number_format(column, enough=0.3)
    if form is not None:
        numbers = read_numbers(column, form)
        again = write_numbers(numbers.to_numpy(), decimals_of(column, form), column, form)
        assert read_numbers(pl.Series("x", again, pl.String), form).to_list() == pytest.approx(
            numbers.to_list(), nan_ok=True
        )


def planned(name: str, cells: list[object], n: int = 300, **roles: str) -> pl.Series:
    """The column of a plan, drawn from a table of these cells and texts."""
    table = pl.DataFrame({name: cells, "review": TEXTS[: len(cells)]}, strict=False)
    return make_plan(load(table, roles=roles), n, seed=1).values()[name]


def test_new_prices_have_the_spelling_of_the_real_ones_and_are_not_theirs() -> None:
    rng = np.random.default_rng(0)
    real = [f"${amount:,.2f}" for amount in np.round(rng.lognormal(6, 1.5, 300), 2)]
    made = planned("price", real)
    assert made.str.contains(r"^\$(\d{1,3})(,\d{3})*\.\d\d$").all()
    assert made.is_in(real).mean() < 0.1
    assert made.str.contains(",").mean() == pytest.approx(pl.Series(real).str.contains(",").mean(), abs=0.05)


def test_one_odd_cell_does_not_make_a_number_a_category_and_does_not_come_out() -> None:
    rng = np.random.default_rng(0)
    cells = [f"{rng.uniform(1, 90):.1f}" for _ in range(299)]
    made = planned("score", [*cells, "|"])
    assert made.str.contains(r"^\d+\.\d$").all()


def test_a_word_that_several_rows_have_keeps_its_share() -> None:
    rng = np.random.default_rng(0)
    cells = [f"{rng.uniform(1, 90):.1f}" for _ in range(290)] + ["n.b."] * 10
    assert 5 <= (planned("score", cells) == "n.b.").sum() <= 15


def test_units_are_not_mixed_up() -> None:
    rng = np.random.default_rng(0)
    cells = [f"{rng.integers(100, 999)} g" for _ in range(150)] + [
        f"{rng.integers(1, 9)}.5 kg" for _ in range(150)
    ]
    made = planned("weight", cells)
    grams = made.filter(made.str.ends_with(" g")).str.extract(r"^(\d+)").cast(pl.Int64)
    assert grams.is_between(100, 999).all()
    assert 0.4 < len(grams) / len(made) < 0.6


@pytest.mark.parametrize(
    ("name", "real", "on_grid"),
    [
        ("price", lambda r: r.integers(5, 900) + 0.99, lambda x: round(x % 1, 2) == 0.99),
        ("salary", lambda r: int(r.integers(30, 9000)) * 1000, lambda x: x % 1000 == 0),
        ("weight", lambda r: r.integers(4, 800) / 4, lambda x: x % 0.25 == 0),
        ("amount", lambda r: int(r.integers(1, 4000)) * 5, lambda x: x % 5 == 0),
    ],
)
def test_the_grid_that_numbers_lie_on_is_kept(
    name: str, real: Callable[[np.random.Generator], float], on_grid: Callable[[float], bool]
) -> None:
    rng = np.random.default_rng(2)
    values = [real(rng) for _ in range(300)]
    made = planned(name, values)
    assert all(map(on_grid, made))
    assert made.is_in(values).mean() < 0.8
    assert np.quantile(made, [0.1, 0.5, 0.9]) == pytest.approx(np.quantile(values, [0.1, 0.5, 0.9]), rel=0.1)


def test_prices_of_which_some_end_in_99_keep_that_share() -> None:
    rng = np.random.default_rng(2)
    values = [
        float(rng.integers(5, 900)) + (0.99 if i % 5 else round(rng.uniform(0, 0.9), 2)) for i in range(300)
    ]
    ends = [round(value % 1, 2) == 0.99 for value in planned("price", values)]
    assert np.mean(ends) == pytest.approx(0.8, abs=0.04)


def test_a_grid_is_not_seen_where_there_is_none() -> None:
    rng = np.random.default_rng(2)
    values = np.round(rng.uniform(1, 900, 300), 2).tolist()
    made = planned("price", values)
    assert made.is_in(values).mean() < 0.1


def test_each_number_has_the_decimals_of_a_real_one() -> None:
    rng = np.random.default_rng(2)
    values = [round(rng.random(), 4) for _ in range(280)] + [rng.random() for _ in range(20)]
    made = planned("confidence", values)
    assert np.mean([len(f"{value!r}") <= 6 for value in made]) == pytest.approx(280 / 300, abs=0.04)


def test_whole_numbers_that_were_read_as_floats_are_keys() -> None:
    keys = [None if i % 7 == 0 else 12_000.0 + 13 * i for i in range(300)]
    made = planned("CustomerID", keys)
    assert not set(made.drop_nulls()) & set(keys)
    assert (made.drop_nulls() % 1 == 0).all()


def test_keys_written_as_floats_are_compared_with_the_real_ones() -> None:
    keys = [5_000.0 + 3 * i for i in range(300)]
    assert not set(planned("case_id", [float(key) for key in keys])) & set(keys)


def test_numbers_with_a_decimal_comma_keep_their_decimals() -> None:
    rng = np.random.default_rng(2)
    cells = [f"{rng.uniform(0, 9):.2f}".replace(".", ",") for _ in range(300)]
    made = planned("score", cells)
    assert made.str.contains(r"^\d,\d\d$").all()
    assert made.is_in(cells).mean() < 0.6


def test_digits_in_json_strings_are_numbers() -> None:
    made = planned("views", [str(17 * i % 4000) for i in range(300)])
    assert made.dtype == pl.String
    assert made.cast(pl.Int64).is_between(0, 4000).all()


def test_postal_codes_keep_their_region_and_their_five_digits() -> None:
    rng = np.random.default_rng(2)
    codes = [f"{region}{rng.integers(100):02d}" for region in ("021", "104", "902") for _ in range(99)]
    made = planned("zip_code", [*codes, "Y40EW", "20-Z9", "9"])
    assert made.str.contains(r"^(?:021|104|902)\d\d$").mean() > 0.98


@pytest.mark.parametrize(
    ("name", "cells", "role", "expected"),
    [
        ("note", ["four of ten", "3", "none", "few"] * 75, "number", "'four of ten', 'none'"),
        ("flag", ["a", "b", "c"] * 100, "boolean", "3 different values"),
        ("when", ["soon", "later", "never"] * 100, "datetime", "'soon', 'later'"),
    ],
)
def test_a_role_that_is_refused_names_the_cells(
    name: str, cells: list[str], role: str, expected: str
) -> None:
    with pytest.raises(ConfigError, match=expected):
        load(pl.DataFrame({name: cells, "review": TEXTS}), roles={name: role})


@pytest.mark.parametrize(
    ("cells", "role"),
    [
        (["12", "x", "14", "oops", "15"] * 60, "number"),
        (["2020-01-03", "2020-02-07", "tba"] * 100, "datetime"),
        ([1.5, 2.5, 7.25] * 100, "identifier"),
        (["blue", "green", "red"] * 100, "identifier"),
    ],
)
def test_a_role_is_given_where_it_helps(cells: list[object], role: str) -> None:
    reference = load(pl.DataFrame({"x": cells, "review": TEXTS}), roles={"x": role})
    assert reference.profile["x"].role == role
    assert len(make_plan(reference, 20).values()["x"]) == 20


def test_a_number_by_hand_without_a_form_is_drawn_as_it_is() -> None:
    made = make_plan(by_hand({"x": (Role.NUMBER, [1.5, 2.5, 9.25], {}), "t": (Role.TEXT, TEXTS[:3])}), 9)
    assert made.values()["x"].is_between(1.5, 9.25).all()
