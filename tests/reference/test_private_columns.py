"""What tells who someone is is made new, however often it comes again; what sorts people is not."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from syngen.reference import load
from syngen.reference.roles import read_role

ROWS = 300
FIRST = ["Orla", "Tibor", "Wanda", "Emeka", "Sunniva", "Pau"]
LAST = ["Quist", "Marr", "Okafor", "Lindqvist", "Benoit", "Sato", "Ferro", "Haas", "Novik", "Tamm"]


def again(*values: Any) -> list[Any]:
    """The values over and over, in no order."""
    return [values[(i * 7 + i // len(values)) % len(values)] for i in range(ROWS)]


ACCOUNTS = again(*(f"user_{i:04d}" for i in range(60)))
NAMES = again(*(f"{first} {last}" for first in FIRST for last in LAST))
NUMBERS = again(*range(1, 61))
PHONES = again(*(f"+49 30 {1_000_003 + 7_919 * i}" for i in range(40)))


@pytest.mark.parametrize(
    "name", ["reviewer", "user", "author", "user_name", "UserName", "created_by", "Kunde"]
)
@pytest.mark.parametrize("values", [ACCOUNTS, NAMES], ids=["accounts", "names"])
def test_people_who_come_again_and_again_are_no_labels(name: str, values: list[str]) -> None:
    assert read_role(pl.Series(name, values)).role.value == "identifier"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("customer", NUMBERS),
        ("user", NUMBERS),
        ("member", again(*(1_500_000_000 + i for i in range(40)))),
        ("phone", PHONES),
        ("Rückruf", PHONES),
        ("phone", again(*(4_930_000_017 + 7_919 * i for i in range(40)))),
        ("telefon", again(*(f"030/{100_003 + 7_919 * i} ext" for i in range(40)))),
        ("mail", again(*(f"{last}@example.org".lower() for last in LAST))),
        ("email", again(*(f"{last} <{last}@example.org>" for last in LAST))),
        ("customer_name", NAMES),
        ("customer_name", again("Orla", "Tibor", "Wanda")),
        ("last name", again(*LAST)),
        ("Nachname", again(*LAST)),
        ("nom du client", NAMES),
        ("client", again("Orla Quist", "Tibor Marr", "Pau Sato")),
    ],
)
def test_whatever_tells_who_someone_is_is_an_identifier(name: str, values: list[Any]) -> None:
    assert read_role(pl.Series(name, values)).role.value == "identifier"


@pytest.mark.parametrize(
    ("role", "name", "values"),
    [
        ("category", "customer_type", again("new", "returning", "vip")),
        ("category", "customer", again("new", "returning", "vip")),
        ("category", "client", again("web", "android")),
        ("category", "author_country", again("Norway", "Peru", "Chad", "Laos", "Fiji", "Cuba", "Oman")),
        ("category", "phone", again("Pebble 3", "Pebble 4", "Slate 2")),
        ("category", "segment_id", again(1, 2, 3)),
        ("ordinal", "member", again(1, 2, 3)),
        ("number", "customer_age", again(*range(18, 78))),
        ("number", "orders_per_user", again(*range(3, 63))),
        ("datetime", "last_login", again(*(1_500_000_000 + 86_413 * i for i in range(60)))),
        ("text", "reader", [f"I keep the lantern {i} by the door since it lights the stairs" for i in range(ROWS)]),
    ],
)  # fmt: skip
def test_what_sorts_or_measures_people_keeps_its_role(role: str, name: str, values: list[Any]) -> None:
    assert read_role(pl.Series(name, values)).role.value == role


def test_keys_that_pandas_made_floats_of_are_keys_again() -> None:
    frame = pl.DataFrame({"user_id": [*map(float, NUMBERS[1:]), None], "body": ACCOUNTS})
    learnt = load(frame)
    assert learnt.profile["user_id"].role.value == "identifier"
    assert learnt.frame["user_id"].dtype == pl.Int64


def test_many_labels_that_are_copied_are_pointed_out() -> None:
    towns = again(*(f"{first}{last.lower()}" for first in FIRST for last in LAST))
    notes = load(pl.DataFrame({"town": towns, "kind": again("a", "b")})).profile.notes
    assert "'town' has 60 different labels; they are copied as they are." in notes
    assert not any("'kind'" in note for note in notes)
