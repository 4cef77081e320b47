"""A prompt of a wide table states the columns that go with its texts, and costs no more than one of a narrow table."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

import syngen
from syngen.errors import ConfigError
from syngen.models.providers.function import FunctionModel
from syngen.plan import make_plan
from syngen.prompts import PromptContext, build, known_columns
from syngen.types import Reference
from writing import sentence, write

BRANDS = [f"{a}{b}o kettle" for a in ("Nov", "Zet", "Orb", "Pic", "Lum", "Ter") for b in "aeiouy"]


def wide(rows: int, others: int) -> Reference:
    """Texts that tell stars, size and brand, between many columns that they say nothing of."""
    chance = random.Random(3)
    frame: dict[str, list[Any]] = {
        f"q{i}": [chance.choice(["yes", "no", "maybe"]) for _ in range(rows)] for i in range(others // 2)
    }
    frame["stars"] = [chance.randint(1, 5) for _ in range(rows)]
    frame["brand"] = [chance.choice(BRANDS) for _ in range(rows)]
    frame["size"] = [round(chance.uniform(1, 90), 2) for _ in range(rows)]
    frame["order"] = [f"K{chance.randrange(10**7):07}" for _ in range(rows)]
    frame["shop"] = ["north"] * rows
    frame |= {f"n{i}": [round(chance.gauss(0, 1), 4) for _ in range(rows)] for i in range(others // 2)}
    frame["text"] = [
        f"{'Lovely' if stars > 3 else 'Poor'} {brand.split()[0] if chance.random() < 0.4 else 'thing'}, "
        + sentence(chance, int(9 + size / 5))
        for stars, brand, size in zip(frame["stars"], frame["brand"], frame["size"], strict=True)
    ]
    return syngen.load(pl.DataFrame(frame), roles={"text": "text", "brand": "category"})


@pytest.fixture(scope="module")
def survey() -> Reference:
    return wide(600, 90)


def test_the_columns_that_go_with_the_texts_are_shown_labels_first(survey: Reference) -> None:
    found = known_columns(survey)
    assert [column.name for column in found][:2] in (["stars", "brand"], ["brand", "stars"])
    assert [column.name for column in found][2:] == ["size"]
    why = {column.name: column.why for column in found}
    assert "lovely" in why["stars"]
    assert "its own value" in why["brand"]
    assert "their length" in why["size"]


def test_identifiers_and_constants_are_never_shown(survey: Reference) -> None:
    assert not {column.name for column in known_columns(survey)} & {"order", "shop", "text"}


def test_a_prompt_of_many_columns_costs_no_more_than_one_of_a_dozen(survey: Reference) -> None:
    def prompt(reference: Reference) -> int:
        context = PromptContext(reference, "things", "chat", seed=1)
        slots = list(make_plan(reference, 12))
        return sum(len(build(context, [slot], 0).user) for slot in slots) // 12

    assert prompt(survey) < 1.1 * prompt(wide(600, 6))


def test_a_table_of_few_columns_shows_them_all(goods: Reference) -> None:
    assert [column.name for column in known_columns(goods)] == ["kind", "stars"]


@pytest.mark.parametrize("rows", [10, 30])
def test_few_texts_are_no_reason_to_show_nothing(rows: int) -> None:
    assert 1 <= len(known_columns(wide(rows, 40))) <= 6


def test_texts_that_say_nothing_of_any_column_state_few(goods_with: Callable[..., Reference]) -> None:
    chance = random.Random(2)
    noise = {f"c{i}": [chance.choice("abc") for _ in range(400)] for i in range(20)}
    noise["text"] = [sentence(chance, 12) for _ in range(400)]
    noise["headline"] = [sentence(chance, 3) for _ in range(400)]
    found = known_columns(goods_with(400, **noise))
    assert len(found) == 6
    assert all("no column goes with the texts" in column.why for column in found)


def test_columns_may_be_named(survey: Reference) -> None:
    run = syngen.generate(survey, 2, model=FunctionModel(write), show_columns=("q3", "order"))
    prompt = run.replay(1)["request"]["prompt"]["user"]
    assert '"q3"' in prompt
    assert '"order"' in prompt
    assert '"stars"' not in prompt


@pytest.mark.parametrize(("name", "said"), [("nowhere", "not found"), ("text", "written by the model")])
def test_a_column_that_cannot_be_shown_is_refused(survey: Reference, name: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        syngen.generate(survey, 2, model=FunctionModel(write), show_columns=(name,))


def test_the_preview_lists_the_columns_shown(survey: Reference) -> None:
    seen = syngen.preview(survey, 3, rows=0, model=FunctionModel(write))
    assert [column.name for column in seen.shown] == [column.name for column in known_columns(survey)]


def test_an_example_shows_the_texts_that_are_asked_for_only(goods: Reference) -> None:
    context = PromptContext(goods, "kitchen goods", "chat", seed=3)
    for slot in make_plan(goods, 40):
        if "headline" not in slot.texts:
            assert "headline" not in build(context, [slot], 0).user
