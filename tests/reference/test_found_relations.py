"""What holds between columns is found and said as people say it; chance is not taken for a rule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syngen.reference import load
from syngen.types import Relation

ROWS = 200
WORDS = "amber kettle well-made arrived late in a box of blue paper with two spare lids".split()


def rng(seed: int = 5) -> np.random.Generator:
    return np.random.default_rng(seed)


def texts(rows: int) -> list[str]:
    return [" ".join(rng(i).choice(WORDS, 14)) for i in range(rows)]


def relations(columns: Mapping[str, Any]) -> list[Relation]:
    frame = pl.DataFrame(columns)
    return list(load(frame.with_columns(pl.Series("body", texts(len(frame))))).profile.relations)


def found(**columns: Any) -> list[str]:
    return [relation.sentence for relation in relations(columns)]


def prices(rows: int = ROWS, seed: int = 1) -> np.ndarray:
    return np.round(rng(seed).lognormal(3, 1, rows), 2)


def quantities(rows: int = ROWS) -> np.ndarray:
    return rng(2).integers(1, 10, rows)


# ------------------------------------------------------------------------------------- formulas
def test_a_chain_of_products_factors_and_sums_is_found_in_its_order() -> None:
    net = np.round(prices() * quantities(), 2)
    tax = np.round(net * 0.19, 2)
    columns = {
        "price": prices(),
        "quantity": quantities(),
        "net": net,
        "tax": tax,
        "total": np.round(net + tax, 2),
    }
    assert found(**columns) == ["net = price × quantity", "tax = 0.19 × net", "total = net + tax"]


@pytest.mark.parametrize("half", ["even", "up"])
def test_rounding_of_halves_does_not_matter(half: str) -> None:
    net = rng().integers(1, 4000, ROWS) / 4
    exact = net * 0.1
    tax = np.round(exact, 1) if half == "even" else np.floor(exact * 10 + 0.5) / 10
    assert found(net=net, tax=tax) == ["tax = 0.1 × net"]


def test_a_total_of_several_columns_is_a_sum_wherever_they_stand() -> None:
    parts = [np.round(rng(i).gamma(2, 10 + i, ROWS), 2) for i in range(5)]
    total = np.round(sum(parts), 2)
    names = ["rent", "food", "travel", "fees", "rest"]
    assert found(**dict(zip(names, parts, strict=True)), total=total) == [
        "total = rent + food + travel + fees + rest"
    ]
    between = {
        "rent": parts[0],
        "sum": np.round(sum(parts[:3]), 2),
        "food": parts[1],
        "age": quantities(),
        "travel": parts[2],
    }
    assert "sum = rent + food + travel" in found(**between)


def test_a_difference_is_a_sum_with_the_largest_column_computed() -> None:
    cost, profit = prices(seed=3), np.round(rng(4).normal(5, 8, ROWS), 2)
    assert found(cost=cost, revenue=np.round(cost + profit, 2), profit=profit) == ["revenue = cost + profit"]
    discount = np.round(prices(seed=6) / 4, 2)
    tax = np.round(prices(seed=7) / 9, 2)
    subtotal = prices(seed=8) + 50
    total = np.round(subtotal + tax - discount, 2)
    (sentence,) = found(subtotal=subtotal, discount=discount, tax=tax, total=total)
    assert sentence in ("total = subtotal + tax - discount", "subtotal = discount + total - tax")


def test_shares_of_a_whole() -> None:
    parts = rng().dirichlet([4, 3, 2], ROWS)
    percent = np.round(100 * parts, 1)
    assert found(red=percent[:, 0], green=percent[:, 1], blue=percent[:, 2]) == ["red + green + blue = 100"]
    exact = np.round(parts, 3)
    exact[:, 2] = np.round(1 - exact[:, 0] - exact[:, 1], 3)
    assert found(red=exact[:, 0], green=exact[:, 1], blue=exact[:, 2]) == ["red + green + blue = 1"]


def test_a_discount_as_a_rate_or_in_percent() -> None:
    rate = rng(3).choice([0.0, 0.1, 0.15, 0.2, 0.5], ROWS)
    net = np.round(prices() * (1 - rate), 2)
    assert found(price=prices(), discount=rate, net=net) == ["net = price × (1 - discount)"]
    assert found(price=prices(), discount=100 * rate, net=net) == ["net = price × (1 - discount / 100)"]
    sales = np.round(prices() * quantities() * (1 - rate), 4)
    columns = {"price": prices(), "quantity": quantities(), "discount": rate, "sales": sales}
    assert found(**columns) == ["sales = price × quantity × (1 - discount)"]


def test_a_ratio_that_was_rounded() -> None:
    shown = rng(5).integers(500, 90_000, ROWS)
    clicks = (shown * rng(6).uniform(0.001, 0.2, ROWS)).astype(int)
    assert "rate = 100 × clicks / shown" in found(
        shown=shown, clicks=clicks, rate=np.round(100 * clicks / shown, 2)
    )


def test_units_and_scales() -> None:
    celsius = np.round(rng().normal(12, 9, ROWS), 1)
    assert found(celsius=celsius, fahrenheit=np.round(celsius * 1.8 + 32, 2)) == [
        "fahrenheit = 1.8 × celsius + 32"
    ]
    born = rng().integers(1940, 2006, ROWS)
    assert found(born=born, age=2024 - born) == ["age = 2024 - born"]


def test_logarithms_squares_and_roots() -> None:
    wage, years = prices(), rng(2).integers(0, 40, ROWS)
    columns = {
        "wage": wage,
        "lwage": np.log(wage).astype(np.float32).astype(float).round(6),  # as statistics programs write it
        "log10wage": np.round(np.log10(wage), 4),
        "lkids": np.round(np.log1p(rng(3).integers(0, 9, ROWS)), 5),
        "years": years,
        "lyears": np.round(np.log1p(years), 5),
        "yearssq": years**2,
        "yearssq100": years**2 / 100,
        "area": (area := rng(4).integers(30, 900, ROWS)),
        "side": np.round(np.sqrt(area), 3),
        "half": np.round(np.log2(area), 3),
    }
    assert set(found(**columns)) >= {
        "lwage = log(wage)",
        "log10wage = log10(wage)",
        "lyears = log(1 + years)",
        "yearssq = years²",
        "side = √area",
        "half = log2(area)",
    }
    assert not [sentence for sentence in found(**columns) if "≤" in sentence]


def test_a_square_that_was_scaled() -> None:
    age = rng().integers(18, 90, ROWS)
    assert found(age=age, age2=age**2 / 100) == ["age2 = 0.01 × age²"]


def test_of_a_sum_the_column_with_the_odd_cents_is_computed() -> None:
    amount, paid = rng(1).integers(40, 1_600, ROWS) * 25, np.round(rng(2).uniform(0, 900, ROWS), 2)
    columns = {"amount": amount, "balance": np.round(amount - paid, 2), "paid": paid}
    assert found(**columns) == ["balance = amount - paid"]


def test_numbers_that_hardly_repeat_determine_nothing() -> None:
    status = np.where(rng(1).random(ROWS) < 0.9, "current", "late").tolist()
    balance = np.where(rng(2).random(ROWS) < 0.3, 0.0, prices())
    seen = [1_500_000_000 + int(s) for s in rng(3).integers(0, 10**7, ROWS // 2).repeat(2)]
    columns = {
        "balance": balance,
        "status": status,
        "seen": seen,
        "user": (np.arange(ROWS) // 2 % 50).tolist(),
    }
    assert [sentence for sentence in found(**columns) if "→" in sentence] == []


def test_days_between_two_dates() -> None:
    begins = [date(2021, 1, 1) + timedelta(days=int(d)) for d in rng(1).integers(0, 700, ROWS)]
    nights = rng(2).integers(1, 30, ROWS)
    ends = [begin + timedelta(days=int(n)) for begin, n in zip(begins, nights, strict=True)]
    assert found(arrival=begins, departure=ends, nights=nights) == [
        "nights = days from arrival to departure",
        "arrival ≤ departure",
    ]


def test_missing_values_are_left_out_of_account() -> None:
    net = prices()
    tax = np.round(net * 0.07, 2)
    total = [None if i % 3 == 0 else t for i, t in enumerate(np.round(net + tax, 2).tolist())]
    tax = [None if i % 5 == 0 else t for i, t in enumerate(tax.tolist())]
    assert {"tax = 0.07 × net", "total = net + tax"} <= set(found(net=net.tolist(), tax=tax, total=total))


def test_a_rule_may_fail_in_one_row_of_a_hundred_and_with_its_share_in_twenty() -> None:
    a, b = prices(400), prices(400, seed=2)
    total = np.round(a + b, 2)
    partly = ["total = a + b (in 95% of the rows)"]
    for share, expected in ((0.0075, ["total = a + b"]), (0.05, partly), (0.3, [])):
        wrong = total.copy()
        wrong[: int(share * 400)] += 3.5
        rules = relations({"a": a, "b": b, "total": wrong})
        assert [r.sentence for r in rules if r.kind == "sum"] == expected
        assert all(r.share == pytest.approx(1 - share) for r in rules if r.kind == "sum")


def test_each_column_is_computed_once_and_from_none_that_needs_it() -> None:
    net, tax = prices(), np.round(prices(seed=9) / 5, 2)
    total = np.round(net + tax, 2)
    paid = np.round(total * rng(4).uniform(0.2, 1, ROWS), 2)
    rules = relations(
        {"net": net, "tax": tax, "total": total, "paid": paid, "open": np.round(total - paid, 2)}
    )
    formulas = [r for r in rules if r.kind == "sum"]
    assert len(formulas) == 2
    assert len({r.columns[0] for r in formulas}) == 2
    done = {"net", "tax", "total", "paid", "open"} - {r.columns[0] for r in formulas}
    for relation in formulas:
        assert set(relation.columns[1:]) <= done
        done.add(relation.columns[0])


def test_twelve_rows_are_enough() -> None:
    price, quantity = prices(12), quantities(12)
    assert found(price=price, quantity=quantity, total=np.round(price * quantity, 2)) == [
        "total = price × quantity"
    ]


def test_of_formulas_of_the_same_columns_the_one_that_says_most_is_taken() -> None:
    votes = rng(1).integers(1, 50, ROWS)
    helpful = rng(2).integers(0, 50, ROWS) % (votes + 1)
    share = np.round(helpful / votes, 2)
    assert "share = helpful / votes" in found(votes=votes, helpful=helpful, share=share)
    marks = rng(3).integers(0, 101, (ROWS, 3))
    columns = {
        "a": marks[:, 0],
        "b": marks[:, 1],
        "c": marks[:, 2],
        "total": marks.sum(1),
        "mean": np.round(marks.mean(1), 2),
    }
    assert found(**columns) == ["total = a + b + c", "mean = total / 3"]


def test_a_stay_is_counted_twice() -> None:
    weekend, week = rng(1).integers(0, 3, ROWS), rng(2).integers(1, 6, ROWS)
    arrival = [date(2021, 1, 1) + timedelta(days=int(d)) for d in rng(3).integers(0, 700, ROWS)]
    departure = [day + timedelta(days=int(n)) for day, n in zip(arrival, weekend + week, strict=True)]
    columns = {
        "arrival": arrival,
        "departure": departure,
        "weekend": weekend,
        "week": week,
        "nights": weekend + week,
    }
    assert found(**columns)[:2] == ["nights = weekend + week", "departure = arrival + nights days"]


def test_amounts_with_signs_and_separators_are_numbers() -> None:
    net = np.round(prices() * quantities() * 40, 2)
    columns = {
        "price": [f"${price * 40:,.2f}" for price in prices().tolist()],
        "quantity": quantities(),
        "net": [f"${amount:,.2f}" for amount in net.tolist()],
        "total": [f"${amount:,.2f}" for amount in np.round(net * 1.07, 2).tolist()],
    }
    assert found(**columns) == ["net = price × quantity", "total = 1.07 × net"]


# --------------------------------------------------------------------------------------- orders
def test_of_a_chain_in_order_only_neighbours_are_named() -> None:
    drawn = np.round(np.sort(rng().normal(50, 20, (ROWS, 3)), axis=1), 1)
    assert found(least=drawn[:, 0], middle=drawn[:, 1], most=drawn[:, 2]) == [
        "least ≤ middle",
        "middle ≤ most",
    ]


def test_columns_of_other_sizes_are_in_no_order() -> None:
    assert found(stars=rng(1).integers(1, 6, ROWS), weight=np.round(rng(2).uniform(200, 900, ROWS), 1)) == []


# ------------------------------------------------------------------------------- what goes together
PLACES = [
    ("Bonn", "NRW", "DE"),
    ("Köln", "NRW", "DE"),
    ("Ulm", "BW", "DE"),
    ("Lyon", "ARA", "FR"),
    ("Nice", "PACA", "FR"),
]


def test_a_label_determines_another_and_what_follows_is_left_out() -> None:
    some = [PLACES[i] for i in rng().integers(0, 5, ROWS)]
    columns = dict(zip(("city", "state", "country"), zip(*some, strict=True), strict=True))
    assert found(**{name: list(values) for name, values in columns.items()}) == [
        "city → state",
        "state → country",
    ]


def test_code_and_name_determine_each_other() -> None:
    picks = rng().integers(0, 12, ROWS)
    assert found(code=[f"C{i:02}" for i in picks], name=[f"{WORDS[i % 12]} set" for i in picks]) == [
        "code ↔ name"
    ]


def test_what_is_fixed_for_a_customer() -> None:
    people = rng().integers(0, 40, ROWS)
    born = [date(1950, 1, 1) + timedelta(days=int(d)) for d in rng(3).integers(0, 15_000, 40)]
    columns = {"customer_id": [f"K{7 * i + 1001}" for i in people], "born": [born[i] for i in people]}
    assert found(**columns) == ["customer_id → born"]


def test_how_a_code_begins_tells_the_label() -> None:
    begins = {"EL": "lamps", "KI": "kettles", "TX": "towels"}
    kinds = rng().choice(list(begins), ROWS).tolist()
    codes = [f"{kind}-{n}" for kind, n in zip(kinds, rng(2).permutation(90_000)[:ROWS] + 10_000, strict=True)]
    assert found(code=codes, kind=[begins[kind] for kind in kinds]) == ["first character of code → kind"]


def test_keys_that_all_differ_determine_nothing() -> None:
    keys = [f"K{i:05}" for i in range(ROWS)]
    assert found(order_id=keys, city=[PLACES[i][0] for i in rng().integers(0, 5, ROWS)]) == []


# ------------------------------------------------------------------------------------- presence
def test_a_reason_only_for_returned_orders() -> None:
    status = rng().choice(["sent", "returned", "open"], ROWS).tolist()
    reason = [
        str(rng(i).choice(["size", "colour", "broken"])) if s == "returned" else None
        for i, s in enumerate(status)
    ]
    assert found(status=status, reason=reason) == ["reason only where status is returned"]


def test_columns_with_values_in_the_same_rows() -> None:
    here = rng().random(ROWS) < 0.4
    day = [date(2022, 1, 1) + timedelta(days=i % 91) if h else None for i, h in enumerate(here)]
    stars = [int(i % 5) if h else None for i, h in enumerate(here)]
    assert found(visited=day, stars=stars) == ["visited and stars have values in the same rows"]


# --------------------------------------------------------------------------------- coincidences
@st.composite
def unrelated(draw: st.DrawFn) -> dict[str, list[Any]]:
    """Independent columns of many kinds."""
    rows = draw(st.sampled_from([10, 40, 150]))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    kinds = {
        "cents": lambda: np.round(random.lognormal(3, 1, rows), 2).tolist(),
        "count": lambda: random.poisson(1, rows).tolist(),
        "stars": lambda: random.integers(1, 6, rows).tolist(),
        "flag": lambda: random.integers(0, 2, rows).tolist(),
        "rare": lambda: (random.random(rows) < 0.05).astype(int).tolist(),
        "rate": lambda: np.round(random.random(rows), 2).tolist(),
        "real": lambda: random.normal(0, 1, rows).tolist(),
        "label": lambda: random.choice(["a", "b", "c"], rows).tolist(),
        "gaps": lambda: [None if random.random() < 0.5 else int(random.integers(0, 40)) for _ in range(rows)],
        "day": lambda: [date(2020, 1, 1) + timedelta(days=int(d)) for d in random.integers(0, 800, rows)],
    }
    chosen = draw(st.lists(st.sampled_from(sorted(kinds)), min_size=2, max_size=12))
    return {f"{kind}{i}": kinds[kind]() for i, kind in enumerate(chosen)}


@settings(max_examples=60, deadline=None)
@given(unrelated())
def test_independent_columns_have_no_relation(columns: dict[str, list[Any]]) -> None:
    assert relations(columns) == []


def test_small_ranges_and_near_copies_are_no_sums() -> None:
    flags = rng(1).integers(0, 2, (ROWS, 2))
    assert found(a=flags[:, 0], b=1 - flags[:, 0] * flags[:, 1], c=rng(2).integers(0, 2, ROWS)) == []
    size = prices()
    assert not [s for s in found(size=size, noise=rng(2).integers(0, 2, ROWS), copy=size + 0.0) if "+" in s]
