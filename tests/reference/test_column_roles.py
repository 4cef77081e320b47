"""Every column finds its role, in whatever kind of table it stands."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syngen.errors import ConfigError
from syngen.errors import ReferenceError as BadReference
from syngen.reference import load
from syngen.reference.roles import read_role, read_roles
from syngen.types import Role

WORDS = "amber kettle drawer ladder velvet marble pocket window lantern copper gentle hollow narrow silver".split()
ROWS = 200


def column(draw: Callable[[random.Random], Any], rows: int = ROWS, missing: float = 0.0) -> list[Any]:
    rng = random.Random(3)
    return [None if rng.random() < missing else draw(rng) for _ in range(rows)]


def sentence(rng: random.Random, fewest: int, most: int) -> str:
    return " ".join(rng.choices(WORDS, k=rng.randint(fewest, most))).capitalize()


def code(rng: random.Random, length: int) -> str:
    return "".join(rng.choices("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", k=length))


CASES: list[tuple[str, str, list[Any]]] = [
    # free text
    ("text", "body", column(lambda r: sentence(r, 15, 60))),
    ("text", "tweet", column(lambda r: sentence(r, 3, 28))),
    (
        "text",
        "内容",
        column(lambda r: "".join(r.choices("茶壶很好用颜色也漂亮下次还会再买", k=r.randint(20, 60)))),
    ),
    (
        "text",
        "评论",
        column(
            lambda r: (
                "".join(r.choices("茶壶很好用颜色漂亮", k=r.randint(8, 20))) + f"，{r.randint(1, 9)}米。"
            )
        ),
    ),
    ("text", "reply", column(lambda r: r.choice([sentence(random.Random(n), 9, 20) for n in range(60)]))),
    # short text
    ("title", "headline", column(lambda r: sentence(r, 2, 6))),
    ("title", "product", column(lambda r: f"{sentence(r, 2, 3)} {r.randint(2, 9)}")),
    # labels
    ("category", "colour", column(lambda r: r.choice(WORDS))),
    ("category", "city", column(lambda r: f"{r.choice(WORDS)}{r.choice(['ton', 'ham', 'by'])}".title())),
    ("category", "answer", column(lambda r: r.choice([sentence(random.Random(n), 9, 12) for n in range(4)]))),
    ("category", "sex", column(lambda r: r.choice("MF"))),
    ("category", "size", column(lambda r: r.choice(["32GB", "64GB", "128GB"]))),
    ("number", "price", column(lambda r: f"${r.uniform(1, 99):.2f}")),
    ("number", "Preis", column(lambda r: f"{r.randint(1, 99)},{r.randint(0, 99):02d}")),
    ("category", "zip", column(lambda r: r.choice(["01067", "04109", "20095"]))),
    ("category", "store_id", column(lambda r: r.randint(1, 6))),
    ("category", "tags", column(lambda r: f'["{r.choice(WORDS)}", "{r.choice(WORDS)}"]')),
    # numbers
    ("ordinal", "stars", column(lambda r: r.choices([1, 2, 3, 4, 5], [1, 1, 2, 4, 9])[0])),
    ("ordinal", "score", column(lambda r: r.choice([3.5, 4.0, 4.5, 5.0]))),
    ("ordinal", "nps", column(lambda r: max(0, min(10, round(r.gauss(7, 2)))))),
    ("ordinal", "stars", column(lambda r: float(r.randint(1, 5)), missing=0.3)),
    ("ordinal", "topic", column(lambda r: r.randint(0, 3))),
    ("count", "votes", column(lambda r: int(r.expovariate(0.3)))),
    ("count", "children", column(lambda r: min(5, int(r.expovariate(0.9))))),
    ("number", "age", column(lambda r: r.randint(18, 90))),
    ("number", "height", column(lambda r: round(r.gauss(170, 9), 1))),
    ("number", "salary", column(lambda r: r.randint(20_000, 90_000))),
    ("number", "year", column(lambda r: r.randint(1980, 2023))),
    ("number", "views", column(lambda r: f"{r.randint(1, 9000):,}")),
    ("number", "postal weight", column(lambda r: f"{r.randint(10, 900)} g")),
    # people
    ("identifier", "Customer Name", column(lambda r: f"{r.choice(['Anna', 'John'])} {sentence(r, 1, 1)}")),
    ("identifier", "contact", column(lambda r: f"{r.choice(WORDS)}.{r.randint(1, 999)}@mail.test")),
    # keys
    ("identifier", "order_id", [1000.0 + i for i in range(ROWS)]),
    ("identifier", "zip", column(lambda r: r.randint(10_000, 99_999))),
    ("identifier", "sku", column(lambda r: code(r, 10))),
    ("identifier", "item", column(lambda r: f"B0{code(r, 8)}")),
    ("identifier", "user_id", column(lambda r: r.randint(1, 40))),
    ("identifier", "customer", column(lambda r: f"user_{r.randint(0, 99999):05d}")),
    ("identifier", "id", list(range(1000, 1000 + ROWS))),
    ("identifier", "column_1", list(range(ROWS))),
    ("identifier", "productId", column(lambda r: r.randint(0, 1205))),
    ("identifier", "link", column(lambda r: f"https://example.org/{code(r, 6)}")),
    ("identifier", "mail", column(lambda r: f"{r.choice(WORDS)}.{r.randint(1, 999)}@example.org")),
    ("identifier", "phone", column(lambda r: f"+49 {r.randint(100, 999)} {r.randint(10**6, 10**7 - 1)}")),
    ("identifier", "handle", column(lambda r: f"@{r.choice(WORDS)}{r.randint(1, 99)}")),
    ("identifier", "plz", column(lambda r: f"{r.randint(1000, 99999):05d}")),
    ("identifier", "order", column(lambda r: f"{r.randint(100, 999)}-{r.randint(10**6, 10**7 - 1)}")),
    # time
    ("datetime", "timestamp", column(lambda r: r.randint(1_500_000_000_000, 1_600_000_000_000))),
    ("datetime", "made", column(lambda r: r.randint(1_500_000_000, 1_600_000_000))),
    ("datetime", "day", column(lambda r: date.fromordinal(r.randint(737_000, 738_000)))),
    ("datetime", "day", column(lambda r: date.fromordinal(r.randint(737_000, 738_000)).isoformat())),
    ("datetime", "day", column(lambda r: date.fromordinal(r.randint(737_000, 738_000)).strftime("%d/%m/%Y"))),
    (
        "datetime",
        "day",
        column(lambda r: date.fromordinal(r.randint(737_000, 738_000)).strftime("%b %d, %Y")),
    ),
    (
        "datetime",
        "day",
        column(lambda r: int(date.fromordinal(r.randint(737_000, 738_000)).strftime("%Y%m%d"))),
    ),
    # two values, one, none
    ("boolean", "verified", column(lambda r: r.random() < 0.7, missing=0.2)),
    ("boolean", "flag", column(lambda r: r.randint(0, 1))),
    ("boolean", "flag", column(lambda r: float(r.randint(0, 1)), missing=0.2)),
    ("boolean", "empfohlen", column(lambda r: r.choice(["ja", "nein"]))),
    ("boolean", "yn", column(lambda r: r.choice(["Y", "N"]), missing=0.1)),
    ("constant", "source", ["shop"] * ROWS),
    ("category", "gift", column(lambda r: "x", missing=0.5)),
    ("empty", "memo", [None] * ROWS),
]


@pytest.mark.parametrize(("role", "name", "values"), CASES, ids=[f"{role}-{name}" for role, name, _ in CASES])
def test_a_column_finds_its_role(role: str, name: str, values: list[Any]) -> None:
    series = pl.Series(name, values, dtype=pl.String if set(values) == {None} else None)
    reading = read_role(series)
    assert reading.role.value == role, reading.why
    assert reading.why


def test_ten_rows_are_enough_for_the_plain_cases() -> None:
    frame = pl.DataFrame(
        {
            "stars": [5, 4, 5, 1, 3, 5, 5, 2, 4, 5],
            "head": column(lambda r: sentence(r, 2, 5), 10),
            "body": column(lambda r: sentence(r, 15, 50), 10),
            "item": column(lambda r: f"B0{code(r, 8)}", 10),
            "made": column(lambda r: r.randint(1_500_000_000_000, 1_600_000_000_000), 10),
            "kind": column(lambda r: r.choice(["Lamp", "Chair", "Shelf"]), 10),
            "age": [34, 51, 28, 46, 39, 62, 45, 33, 57, 41],
            "bought": [True, True, False, True, True, None, True, True, False, True],
        }
    )
    assert {name: reading.role.value for name, reading in read_roles(frame).items()} == {
        "stars": "ordinal",
        "head": "title",
        "body": "text",
        "item": "identifier",
        "made": "datetime",
        "kind": "category",
        "age": "number",
        "bought": "boolean",
    }


def test_a_headline_beside_an_article_is_a_title() -> None:
    heads = column(lambda r: sentence(r, 8, 13))
    assert read_role(pl.Series("head", heads)).role is Role.TEXT
    frame = pl.DataFrame({"head": heads, "article": column(lambda r: sentence(r, 200, 300))})
    assert [reading.role for reading in read_roles(frame).values()] == [Role.TITLE, Role.TEXT]


TABLE = pl.DataFrame(
    {
        "stars": column(lambda r: r.randint(1, 5)),
        "zip": column(lambda r: f"{r.randint(1000, 99999):05d}"),
        "kind": column(lambda r: r.choice(WORDS)),
        "body": column(lambda r: sentence(r, 15, 60)),
    }
)


def test_roles_given_by_hand_are_taken() -> None:
    learnt = load(TABLE, roles={"zip": "category", "kind": Role.TITLE}, text_columns=["stars"])
    assert [column.role.value for column in learnt.profile.columns] == ["text", "category", "title", "text"]
    assert learnt.frame["stars"].dtype == pl.String
    assert set(learnt.measures) == {"stars", "kind", "body"}


def test_a_reference_is_learnt_from_anew_only_when_roles_differ() -> None:
    first = load(TABLE)
    assert load(first) is first
    assert load(first, text_columns=["body"]) is first
    again = load(first, roles={"zip": "category"})
    assert again.profile["zip"].role is Role.CATEGORY
    assert again.digest == first.digest


def test_the_roles_found_can_be_given_back() -> None:
    days = [date.fromordinal(737_000 + i * 37 % 900) for i in range(ROWS)]
    frame = TABLE.with_columns(
        day=pl.Series([day.isoformat() for day in days]),
        year=pl.Series([day.year for day in days]),
        weekday=pl.Series([f"{day:%A}" for day in days]),
        twin=pl.col("zip"),
        body_again=pl.col("body"),
        length=pl.col("body").str.len_chars().cast(pl.Int64),
        answer=pl.Series(column(lambda r: r.choice(["Yes", "yes", "NO", "no"]))),
        flag=pl.Series(column(lambda r: float(r.randint(0, 1)), missing=0.2)),
        made=pl.Series(column(lambda r: r.randint(1_500_000_000, 1_600_000_000))),
        user=pl.Series(column(lambda r: r.randint(1, 40))),
        votes=pl.Series(column(lambda r: int(r.expovariate(0.3)))),
        height=pl.Series(column(lambda r: round(r.gauss(170, 9), 1))),
        head=pl.Series(column(lambda r: sentence(r, 2, 6))),
        source=pl.lit("shop"),
        memo=pl.lit(None, dtype=pl.String),
        gift=pl.Series(column(lambda r: "x", missing=0.5)),
    )
    first = load(frame)
    roles = {c.name: c.role for c in first.profile.columns}
    assert set(roles.values()) == set(Role)
    again = load(first.frame, roles=roles)
    assert {c.name: c.role for c in again.profile.columns} == roles
    assert [c.derived for c in again.profile.columns] == [c.derived for c in first.profile.columns]
    assert again.digest == first.digest


CELL = st.none() | st.sampled_from(
    ["yes", "Yes", "no", "2021-01-02", "2022-03-04", "A1B2C3", "7", "a b c d e f g h"]
)


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            CELL,
            CELL,
            st.none() | st.integers(-3, 10**10),
            st.none() | st.floats(),
            st.none() | st.booleans(),
        ),
        min_size=2,
        max_size=30,
    )
)
def test_the_roles_found_in_any_table_can_be_given_back(rows: list[tuple[Any, ...]]) -> None:
    try:
        first = load([{"user": u, "s": s, "id": i, "f": f, "b": b} for u, s, i, f, b in rows])
    except BadReference:
        return
    roles = {c.name: c.role for c in first.profile.columns}
    again = load(first.frame, roles=roles)
    assert {c.name: c.role for c in again.profile.columns} == roles


@pytest.mark.slow
def test_without_a_limit_every_row_is_read(tmp_path: Path) -> None:
    frame = pl.DataFrame({"n": range(60_000), "kind": ["a", "b"] * 30_000})
    frame.write_csv(tmp_path / "t.csv")
    frame.write_parquet(tmp_path / "t.parquet")
    sources: list[Any] = [
        tmp_path / "t.csv",
        tmp_path / "t.parquet",
        frame,
        frame.to_dicts(),
        frame.to_dict(),
    ]
    assert [len(load(source, max_rows=None).frame) for source in sources] == [60_000] * 5
    assert len(load(frame).frame) == 50_000


@pytest.mark.parametrize(
    ("roles", "says"),
    [
        ({"star": "ordinal"}, r"no column 'star'\. Did you mean 'stars'"),
        ({"stars": "ordnal"}, r"no role 'ordnal'\. Did you mean 'ordinal'"),
        ({"stars": "wild"}, "The roles are text, title"),
        ({"kind": "number"}, "'kind' can't have the role number"),
        ({"kind": "boolean"}, "14 different values"),
        ({"kind": "constant"}, "14 different values"),
        ({"kind": "datetime"}, "no points in time"),
        ({"kind": "derived"}, "follows from no other column"),
        ({"body": "count"}, "not all numbers"),
    ],
)
def test_impossible_roles_are_refused_with_the_way_out(roles: dict[str, str], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        load(TABLE, roles=roles)


def test_a_text_column_can_t_have_another_role_too() -> None:
    with pytest.raises(ConfigError, match="Keep one of the two"):
        load(TABLE, roles={"kind": "category"}, text_columns=["kind"])


def test_whole_numbers_that_are_all_different_though_close_together_are_keys() -> None:
    keys = random.Random(8).sample(range(1, 900), 300)
    assert read_role(pl.Series("unit", keys)).role is Role.IDENTIFIER
    assert read_role(pl.Series("unit", [*keys[:-1], keys[0]])).role is Role.NUMBER
    apart = random.Random(8).sample(range(1, 90_000), 300)
    assert read_role(pl.Series("income", apart)).role is Role.NUMBER


def test_numbers_with_decimals_are_no_postal_codes() -> None:
    scores = pl.Series("cap_gov", [round(i * 0.37 - 9, 2) for i in range(60)])
    assert read_role(scores).role is Role.NUMBER
    assert read_role(pl.Series("cap", [10_000 + 37 * i for i in range(60)])).role is Role.IDENTIFIER


def test_measures_that_repeat_are_labels_and_others_keys() -> None:
    few = pl.Series("time", [f"{i % 6}h {i % 40 + 10}m" for i in range(300)])
    assert read_role(few).role is Role.CATEGORY
    many = pl.Series("time", [f"{i % 90 + 10}h {i * 7 % 50 + 10}m" for i in range(200)])
    assert read_role(many).role is Role.IDENTIFIER
