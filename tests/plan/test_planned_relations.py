"""Every planned row keeps what holds between the columns of the real rows."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syngen.columns import codecs
from syngen.columns.relations import Cells, agreement
from syngen.plan import make_plan
from syngen.reference import load
from syngen.types import Reference, Role

ROWS = 160
WORDS = "amber kettle well-made arrived late in a box of blue paper with two spare lids".split()
CITIES = {"Bonn": "NRW", "Ulm": "BW", "Kiel": "SH", "Mainz": "RLP"}


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def with_texts(**columns: Any) -> Reference:
    rows = len(next(iter(columns.values())))
    body = [" ".join(rng(i).choice(WORDS, 14)) for i in range(rows)]
    return load(pl.DataFrame({**columns, "body": body}))


@cache
def orders() -> Reference:
    """Orders of a shop, with gaps and one row of a hundred that is wrong."""
    price = np.round(rng(1).lognormal(3, 1, ROWS), 2)
    quantity = rng(2).integers(1, 9, ROWS)
    net = np.round(price * quantity, 2)
    tax = np.round(net * 0.19, 2)
    total = np.round(net + tax, 2)
    total[7] += 1.0
    ordered = [date(2021, 1, 1) + timedelta(days=int(d)) for d in rng(3).integers(0, 500, ROWS)]
    days = rng(4).integers(0, 9, ROWS)
    sent = [a + timedelta(days=int(d)) for a, d in zip(ordered, days, strict=True)]
    status = rng(5).choice(["kept", "returned", "kept"], ROWS).tolist()
    shares = np.round(100 * rng(6).dirichlet([3, 2, 1], ROWS), 1)
    shares[:, 2] = np.round(100 - shares[:, 0] - shares[:, 1], 1)
    people = rng(7).integers(0, 30, ROWS)
    joined = [date(2010, 1, 1) + timedelta(days=int(d)) for d in rng(8).integers(0, 3_000, 30)]
    cities = rng(9).choice(list(CITIES), ROWS).tolist()
    low, high = np.sort(np.round(rng(10).normal(40, 12, (2, ROWS)), 1), axis=0)
    return with_texts(
        customer_id=[f"K{3 * i + 2001}" for i in people],
        joined=[joined[i] for i in people],
        city=cities,
        state=[CITIES[city] for city in cities],
        price=price,
        quantity=quantity,
        net=net,
        tax=tax,
        total=[None if i % 6 == 0 else t for i, t in enumerate(total.tolist())],
        ordered=ordered,
        sent=[None if i % 9 == 4 else day for i, day in enumerate(sent)],
        status=status,
        reason=[("size" if i % 2 else "colour") if s == "returned" else None for i, s in enumerate(status)],
        red=shares[:, 0], green=shares[:, 1], blue=shares[:, 2],
        low=low, high=high,
    )  # fmt: skip


def broken(reference: Reference, frame: pl.DataFrame) -> dict[str, int]:
    """Rows that break each relation."""
    cells = Cells(frame, codecs(reference.profile, reference.frame))
    counts = {}
    for relation in reference.profile.relations:
        if relation.partly:
            continue
        known, agree = agreement(relation, cells)
        counts[relation.sentence] = int((known & ~agree).sum())
    return counts


def test_the_relations_of_the_orders_are_those_they_were_made_with() -> None:
    assert {r.sentence for r in orders().profile.relations} >= {
        "net = price × quantity",
        "tax = 0.19 × net",
        "total = net + tax",
        "red + green + blue = 100",
        "low ≤ high",
        "ordered ≤ sent",
        "city ↔ state",
        "customer_id → joined",
        "reason only where status is returned",
    }


@settings(max_examples=25, deadline=None)
@given(n=st.integers(1, 700), seed=st.integers(0, 2**32))
def test_each_is_kept_in_all_rows_of_any_plan(n: int, seed: int) -> None:
    values = make_plan(orders(), n, seed=seed).values()
    assert set(broken(orders(), values).values()) == {0}
    assert values.schema == orders().frame.drop("body").schema


def test_gaps_stay_where_they_are_in_the_real_rows() -> None:
    plan = make_plan(orders(), 500, seed=3)
    donors = orders().frame[plan.frame["donor"].to_numpy()]
    for name in ("total", "sent", "reason", "tax"):
        assert plan.values()[name].is_null().to_list() == donors[name].is_null().to_list()


def test_numbers_stay_as_they_are_distributed() -> None:
    values = make_plan(orders(), 2_000, seed=1).values()
    real = orders().frame[orders().train]
    for name in ("price", "net", "tax", "total", "red", "green", "blue", "low", "high"):
        for share in (0.1, 0.5, 0.9):
            planned, expected = values[name].quantile(share), real[name].quantile(share)
            assert planned == pytest.approx(expected, rel=0.12, abs=0.3), (name, share)
        assert values[name].min() >= real[name].min() * 0.9
        assert values[name].max() <= real[name].max() * 1.1


def test_computed_numbers_have_the_decimals_of_the_real_ones() -> None:
    values = make_plan(orders(), 300, seed=1).values()
    for name in ("net", "tax", "total"):
        numbers = values[name].drop_nulls()
        assert (numbers == numbers.round(2)).all()


def test_whole_numbers_stay_whole() -> None:
    made, broken_ones = rng(1).integers(200, 900, ROWS), rng(2).integers(0, 90, ROWS)
    reference = with_texts(made=made, broken=broken_ones, good=made - broken_ones)
    values = make_plan(reference, 400, seed=2).values()
    assert values["made"].dtype == pl.Int64
    assert (values["good"] + values["broken"] == values["made"]).all()
    assert values["good"].min() >= (made - broken_ones).min()


def test_a_profit_is_negative_only_as_often_as_it_was() -> None:
    cost = np.round(rng(1).uniform(10_000, 900_000, ROWS), 2)
    profit = np.round(rng(2).normal(500, 300, ROWS), 2)
    reference = with_texts(revenue=np.round(cost + profit, 2), cost=cost, profit=profit)
    values = make_plan(reference, 1_000, seed=1).values()
    assert (values["revenue"] - values["cost"] - values["profit"]).abs().max() < 0.006
    assert (values["profit"] < 0).mean() == pytest.approx((profit < 0).mean(), abs=0.03)


def test_round_amounts_stay_round_and_the_sum_holds_to_the_cent() -> None:
    amount, paid = rng(1).integers(40, 1_600, ROWS) * 25, np.round(rng(2).uniform(0, 900, ROWS), 2)
    reference = with_texts(amount=amount, balance=np.round(amount - paid, 2), paid=paid)
    values = make_plan(reference, 600, seed=3).values()
    assert (values["amount"] % 25 == 0).all()
    assert (values["amount"] - values["balance"] - values["paid"]).abs().max() < 0.006


def test_logarithms_and_squares_are_computed() -> None:
    wage, years = np.round(rng(1).lognormal(2, 0.6, ROWS), 2), rng(2).integers(0, 40, ROWS)
    reference = with_texts(wage=wage, lwage=np.round(np.log(wage), 6), exper=years, expersq=years**2)
    values = make_plan(reference, 500, seed=3).values()
    assert (values["lwage"] - values["wage"].log()).abs().max() < 1e-5
    assert (values["expersq"] == values["exper"] ** 2).all()


def test_a_code_is_that_of_its_copied_name() -> None:
    codes = [int(code) for code in rng(1).permutation(900)[:40]]
    picks = [*range(40), *(int(i) for i in rng(2).integers(0, 12, ROWS - 40))]  # most names have a single row
    reference = with_texts(
        agency=[f"Agency {WORDS[i % 12]} {i}" for i in picks], code=[codes[i] for i in picks]
    )
    assert reference.profile["code"].role in (Role.COUNT, Role.NUMBER)
    known = set(reference.frame.select("agency", "code").iter_rows())
    assert set(make_plan(reference, 600, seed=4).values().select("agency", "code").iter_rows()) <= known


def test_the_key_of_a_copied_title_is_its_own_and_that_of_a_person_is_new() -> None:
    picks = rng(1).integers(0, 30, ROWS)
    columns = {
        "movieId": [int(i) * 37 + 1011 for i in picks],
        "title": [f"The {WORDS[i % 12].title()} {i}" for i in picks],
        "userId": [int(i) * 53 + 7001 for i in rng(2).integers(0, 30, ROWS)],
    }
    values = make_plan(with_texts(**columns), 300, seed=4).values()
    known = set(zip(columns["movieId"], columns["title"], strict=True))
    assert set(values.select("movieId", "title").iter_rows()) <= known
    assert not set(values["userId"]) & set(columns["userId"])


def test_equal_ends_stay_equal() -> None:
    low = np.round(rng(1).uniform(0, 100, ROWS), 1)
    high = np.where(np.arange(ROWS) % 4 == 0, low, np.round(low + rng(2).uniform(0.1, 60, ROWS), 1))
    values = make_plan(with_texts(low=low, high=high), 800, seed=1).values()
    assert (values["low"] <= values["high"]).all()
    assert (values["low"] == values["high"]).mean() == pytest.approx(0.25, abs=0.03)


def test_clock_times_stay_in_order_within_an_hour() -> None:
    start = pl.Series(rng(1).integers(0, 10**7, ROWS) * 60_000).cast(pl.Datetime("ms"))
    end = start + pl.Series(rng(2).integers(1, 59, ROWS) * 60_000).cast(pl.Duration("ms"))
    values = make_plan(with_texts(start=start, end=end), 900, seed=1).values()
    assert (values["start"] <= values["end"]).all()


def test_rows_of_one_product_have_one_price_and_one_code() -> None:
    picks = rng(1).integers(0, 25, ROWS)
    prices = np.round(rng(2).uniform(3, 90, 25), 2)
    codes = [f"P{i:04}" for i in rng(3).permutation(9_000)[:25]]
    reference = with_texts(
        product=[f"{WORDS[i % 14]} {i}" for i in picks], price=prices[picks], sku=[codes[i] for i in picks]
    )
    values = make_plan(reference, 600, seed=4).values()
    assert values.group_by("product").agg(pl.col("price", "sku").n_unique()).select(
        pl.col("price", "sku").max()
    ).row(0) == (1, 1)


def test_new_codes_begin_as_those_of_their_label_and_are_never_real() -> None:
    begins = {"NY": ("10", "11"), "CA": ("90", "94"), "TX": ("75", "77")}
    states = rng(1).choice(list(begins), ROWS).tolist()
    codes = [
        f"{rng(i).choice(begins[state])}{rng(i + 1).integers(100, 1000)}" for i, state in enumerate(states)
    ]
    reference = with_texts(state=states, zip_code=[f"{code}-US" for code in codes])
    assert reference.profile["zip_code"].role is Role.IDENTIFIER
    values = make_plan(reference, 600, seed=5).values()
    for state, code in values.select("state", "zip_code").iter_rows():
        assert code[:1] in {begin[0] for begin in begins[state]}
    assert not set(values["zip_code"]) & set(reference.frame["zip_code"])


# ------------------------------------------------------------------- in a part of the rows only
def shares(reference: Reference, n: int = 1_500) -> dict[str, tuple[float, float]]:
    """Of each relation that a part of the real rows keeps: this share, and that of the planned rows."""
    cells = Cells(make_plan(reference, n, seed=6).values(), codecs(reference.profile, reference.frame))
    found = {}
    for relation in reference.profile.relations:
        if relation.partly:
            known, agree = agreement(relation, cells)
            found[relation.sentence] = relation.share, float(agree.sum() / known.sum())
    return found


def test_a_sum_that_most_rows_keep_is_kept_in_as_many() -> None:
    begin, come, spent = (np.round(rng(i).uniform(100, 9_000, 300), 2) for i in range(3))
    end = np.round(
        begin
        + come
        - spent
        + np.where(rng(4).random(300) < 0.12, np.round(rng(5).normal(0, 400, 300), 2), 0),
        2,
    )
    found = shares(with_texts(begin=begin, come=come, spent=spent, end=end))
    assert len(found) == 1
    ((sentence, (real, planned)),) = found.items()
    assert sentence == "end = begin + come - spent (in 91% of the rows)"
    assert planned == pytest.approx(real, abs=0.05)


def test_codes_and_days_that_are_mostly_the_same_stay_so() -> None:
    codes = [f"{a}{b}{c}{d}" for a, b, c, d in rng(1).choice(list("ABCDEFGHIJKLMNOPRSTUVW"), (300, 4))]
    others = [f"{a}{b}{c}{d}" for a, b, c, d in rng(2).choice(list("ABCDEFGHIJKLMNOPRSTUVW"), (300, 4))]
    start = [date(2018, 8, 1) + timedelta(days=int(d)) for d in rng(3).integers(0, 200, 300)]
    later = rng(4).choice([*[0] * 26, 2, 3, 5, -4], 300)
    reference = with_texts(
        ident=codes,
        gps=[o if i % 6 == 0 else c for i, (c, o) in enumerate(zip(codes, others, strict=True))],
        begun=start,
        ended=[a + timedelta(days=int(d)) for a, d in zip(start, later, strict=True)],
    )
    found = shares(reference)
    assert {sentence.split(" (")[0] for sentence in found} == {
        "gps = ident",
        "begun ≤ ended",
        "ended = begun",
    }
    for real, planned in found.values():
        assert planned == pytest.approx(real, abs=0.05)
    values = make_plan(reference, 400, seed=6).values()
    assert not set(values["gps"]) & set(reference.frame["gps"])


def test_zeros_and_small_counts_are_no_evidence_of_a_relation_in_a_part_of_the_rows() -> None:
    repair = np.where(rng(1).random(300) < 0.9, 0, rng(2).integers(1, 90_000, 300))
    other = np.where(rng(3).random(300) < 0.9, 0, rng(4).integers(1, 90_000, 300))
    visits = rng(5).poisson(1.2, 300)
    again = np.maximum(visits - rng(6).integers(0, 2, 300), 0)
    reference = with_texts(repair=repair, other=other, visits=visits, again=again)
    assert not any(relation.partly for relation in reference.profile.relations)


@st.composite
def any_table(draw: st.DrawFn) -> pl.DataFrame:
    """Columns of many kinds that have to do with each other, more or less."""
    rows = draw(st.sampled_from([8, 25, 90]))
    random = rng(draw(st.integers(0, 2**32)))
    amounts = [np.round(random.lognormal(2, 1, rows), 2) for _ in range(2)]
    wholes = random.integers(-4, 30, (2, rows))
    days = random.integers(0, 400, rows)
    kinds = {
        "amount": lambda: amounts[random.integers(0, 2)],
        "sum": lambda: np.round(amounts[0] + amounts[1], 2),
        "product": lambda: np.round(amounts[0] * wholes[0], 2),
        "whole": lambda: wholes[random.integers(0, 2)],
        "wholes": lambda: wholes[0] + wholes[1],
        "huge": lambda: amounts[0] * float(random.choice([1e300, 1e-300, -1.0])),
        "price": lambda: [f"{amount:,.2f} €" for amount in amounts[0] * 100],
        "label": lambda: [f"k{whole}" for whole in wholes[1]],
        "day": lambda: [(date(2020, 1, 1) + timedelta(days=int(d))).isoformat() for d in days + random.integers(0, 3, rows)],
        "share": lambda: np.round(random.dirichlet([1, 1], rows)[:, 0], 2),
        "flag": lambda: wholes[0] > 0,
    }  # fmt: skip
    columns = []
    for i, kind in enumerate(draw(st.lists(st.sampled_from(sorted(kinds)), min_size=2, max_size=8))):
        series = pl.Series(f"{kind}{i}", kinds[kind]())
        gaps = random.random(rows) < draw(st.sampled_from([0.0, 0.0, 0.4]))
        columns.append(series.set(pl.Series(gaps), None))
    return pl.DataFrame(columns)


@settings(max_examples=30, deadline=None)
@given(frame=any_table(), seed=st.integers(0, 1000))
def test_any_relation_of_any_table_is_kept(frame: pl.DataFrame, seed: int) -> None:
    reference = with_texts(**{series.name: series for series in frame})
    values = make_plan(reference, 120, seed=seed).values()
    assert set(broken(reference, values).values()) <= {0}
