"""Real tables are seen as a person would see them. Nothing of them is kept here."""

from __future__ import annotations

from pathlib import Path

import pytest

from syngen.reference import load

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def real(name: str) -> Path:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"needs the real data in ../shared/data, and there is no {name}")
    return path


def test_a_thousand_reviews_of_one_category() -> None:
    learnt = load(real("fine_food_1k.csv"))
    roles = {column.name: column.role.value for column in learnt.profile.columns}
    assert roles == {
        "category": "constant",
        "rating": "ordinal",
        "title": "title",
        "text": "text",
        "product_id": "identifier",
        "user_id": "identifier",
        "timestamp": "datetime",
    }
    assert "_" not in learnt.profile.domain
    assert learnt.profile.main == "text"
    assert (len(learnt.train), len(learnt.held_out)) == (800, 200)
    sides = learnt.frame["text"][learnt.train], learnt.frame["text"][learnt.held_out]
    assert not set(sides[0]) & set(sides[1])


def test_twenty_thousand_reviews_of_many_categories() -> None:
    learnt = load(real("womens_clothing_22k.csv.gz"), max_rows=5_000)
    roles = {column.name: column.role.value for column in learnt.profile.columns}
    assert roles == {
        "category": "category",
        "department": "category",
        "division": "category",
        "rating": "ordinal",
        "title": "title",
        "text": "text",
        "product_id": "identifier",
        "helpful_vote": "count",
        "recommended": "boolean",
        "age": "number",
    }
    assert learnt.profile.domain.startswith("Dresses, ")
    assert learnt.notes == ("Of 22,621 rows, a random sample of 5,000 is used.",)
    assert 0.1 < learnt.profile["title"].missing_share < 0.2
