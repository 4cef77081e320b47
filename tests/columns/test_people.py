"""Names and addresses of people are known as such, made anew in their form, and never real."""

from __future__ import annotations

import itertools

import polars as pl
import pytest

from syngen import load
from syngen.columns.recognised import lexicon
from syngen.plan import make_plan
from syngen.types import Reference, Role

FIRST = "Anna John Mary Peter Laura James Linda Robert Susan David Karen Paul".split()
LAST = "Smith Jones Taylor Brown Wilson Evans Thomas Roberts Walker Wright Green Hall".split()
NAMES = [f"{first} {last}" for first, last in itertools.product(FIRST, LAST)]
TEXTS = [f"The parcel came on day {i} and everything in it was as described." for i in range(len(NAMES))]


def reference(**columns: list[str]) -> Reference:
    rows = len(next(iter(columns.values())))
    return load(pl.DataFrame(columns | {"review": TEXTS[:rows]}))


def planned(name: str, cells: list[str]) -> list[str]:
    return make_plan(reference(**{name: cells}), len(cells), seed=2).values()[name].to_list()


@pytest.mark.parametrize(
    ("name", "cells", "shown"),
    [
        ("Customer Name", NAMES, "names of people"),
        ("author", [name.upper() for name in NAMES], "names of people"),
        ("name", [", ".join(reversed(name.split())) for name in NAMES], "names of people"),
        ("champion", NAMES, "names of people"),
        ("2nd place", [", ".join(reversed(name.split())) for name in NAMES], "names of people"),
        ("*", NAMES, "names of people"),
        ("player_first", FIRST * 3, "first names"),
        ("player_last", LAST * 3, "last names"),
        ("first_name", [name.split()[0] for name in NAMES], "first names"),
        ("Nachname", ["Müller", "Schmidt", "Weiß", "Groß", "Krüger"] * 20, "last names (de_DE)"),
        ("email", [f"{name.replace(' ', '.').lower()}@mail.test" for name in NAMES], "e-mail addresses"),
        ("address", [f"{i} Oak Street, Salem" for i in range(1, 100)], "postal addresses (en_US)"),
        ("Anschrift", [f"Gartenstraße {i}, 10115 Berlin" for i in range(1, 100)], "postal addresses (de_DE)"),
    ],
)
def test_what_people_have_is_known_and_none_of_it_comes_out(name: str, cells: list[str], shown: str) -> None:
    column = reference(**{name: cells}).profile[name]
    assert column.role is Role.IDENTIFIER
    assert column.identifier is not None
    assert column.identifier.shown.startswith(shown)
    made = planned(name, cells)
    assert not {cell.casefold() for cell in made} & {cell.casefold() for cell in cells}


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("name", ["Kitchen Lamp", "Office Chair", "Garden Hose", "Steel Kettle", "Paper Tray"] * 20),
        ("product name", ["Lamp of Oak", "Chair of Steel", "Hose of Rubber"] * 30),
        ("city", ["Paris", "Florence", "Salem", "Victoria"] * 25),
        ("film", [f"{first} of the {place}" for first in FIRST for place in ("Lake", "Hills", "Sea")]),
        ("place", ["San Jose", "Saint Paul", "Port Louis", "Santa Rosa", "New York", "Fort Worth"] * 3),
        ("winner", NAMES[:12] * 12),
        ("ip address", [f"10.0.{i}.{i + 1}" for i in range(99)]),
    ],
)
def test_what_nobody_is_called_is_no_name(name: str, cells: list[str]) -> None:
    identifier = reference(**{name: cells}).profile[name].identifier
    assert identifier is None or identifier.kind == "template"


def test_a_name_keeps_its_form() -> None:
    made = planned("customer name", [f"Dr. {name.upper()}" for name in NAMES])
    assert all(name.startswith("Dr. ") and name.isupper() is False and name[4:].isupper() for name in made)
    made = planned("customer name", [", ".join(reversed(name.split())) for name in NAMES])
    assert all(name.count(", ") == 1 for name in made)
    made = planned("customer name", [name.replace(" ", " Q. ") for name in NAMES])
    assert pl.Series(made).str.contains(r"^\S+ [A-Z]\. \S+$").all()


def test_a_woman_gets_the_name_of_a_woman() -> None:
    women = {name.casefold() for name in lexicon("en_US").female + lexicon("en_GB").female}
    made = planned("first_name", ["Mary", "Linda", "Karen", "Susan", "Laura", "Anna"] * 16)
    assert all(name.partition("-")[0].casefold() in women for name in made)


def test_a_new_address_is_well_formed_and_at_a_shared_or_reserved_domain() -> None:
    cells = [
        f"{name.replace(' ', '')}{i}@{'big.test' if i % 2 else f'own{i}.test'}"
        for i, name in enumerate(NAMES)
    ]
    made = pl.Series(planned("contact_email", cells))
    assert made.str.contains(r"^[a-z0-9.]+@(?:big\.test|example\.(?:com|org|net))$").all()
    assert (made.str.contains("big.test")).mean() == pytest.approx(0.5, abs=0.1)


def test_one_address_in_all_rows_is_replaced_too() -> None:
    made = planned("sender_email", ["office@firm.test"] * 40)
    assert "office@firm.test" not in made
    assert all("@" in address for address in made)


def test_first_and_last_names_in_two_columns_give_no_real_pair() -> None:
    table = {"first name": [n.split()[0] for n in NAMES], "last name": [n.split()[1] for n in NAMES]}
    values = make_plan(reference(**table), 140, seed=3).values()
    pairs = zip(values["first name"], values["last name"], strict=True)
    assert not {f"{first} {last}" for first, last in pairs} & set(NAMES)


def test_rows_of_one_person_have_one_new_name() -> None:
    made = planned("customer name", [NAMES[i // 3] for i in range(99)])
    assert pl.Series(made).unique_counts().max() == 3


@pytest.mark.parametrize(
    ("men", "women"), [("M", "F"), ("male", "female"), ("Mr.", "Ms."), ("Herr", "Frau"), ("m", "w")]
)
def test_a_column_of_men_and_women_decides_which_name_a_person_gets(men: str, women: str) -> None:
    firsts = [
        "Robin",
        "Casey",
        "Jessie",
        "Alexis",
        "Jordan",
        "Taylor",
        "Angel",
        "Ashley",
        "Leslie",
        "Dana",
    ] * 12
    sexes = [women if i % 3 else men for i in range(len(firsts))]
    people = reference(first_name=firsts, form=sexes)
    new = make_plan(people, 60, seed=1).values()
    pattern = people.profile.columns[0].identifier
    assert pattern is not None
    known = lexicon(pattern.locale)
    for first, sex in zip(new["first_name"], new["form"], strict=True):
        assert first.partition("-")[0] in known.first(female=sex == women)
