"""What real texts speak of: mined of train rows alone, found in all rows, whatever the language."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import by_hand
from hypothesis import given, settings
from hypothesis import strategies as st

from syngen.reference import load
from syngen.text.attributes import Attributes, attributes
from syngen.types import Reference, Role

SHARED = Path(__file__).parents[3] / "shared" / "data"
TOOLS = ["spade", "rake", "hoe", "trowel", "fork", "saw"]
PRAISE = "I love this {tool}. The handle is very comfortable and the {tool} cuts well."
BLAME = "Sadly the blade broke and my {tool} is very dull. The blade is too thin to work."


def reviews(held_out: range = range(0), **more: Any) -> Reference:
    """Praise of handles, blame of blades."""
    comments = [(PRAISE if i % 2 else BLAME).format(tool=TOOLS[i % 6]) for i in range(60)]
    columns = {"stars": (Role.ORDINAL, [5 - i % 2 * 0 if i % 2 else 1 + i % 3 for i in range(60)])}
    return by_hand(columns | {"comment": (Role.TEXT, comments)} | more, held_out)


def of_texts(texts: list[str | None], held_out: range = range(0)) -> Attributes:
    return attributes(by_hand({"comment": (Role.TEXT, texts)}, held_out), "comment")


def filled(*texts: str) -> list[str | None]:
    """Texts among others, so that their words are not in most."""
    return [*texts, *(PRAISE.format(tool=TOOLS[i % 6]) + f" Bought {i} of them." for i in range(40))]


def test_nouns_are_aspects_and_adjectives_and_verbs_are_not() -> None:
    words = set(attributes(reviews(), "comment").mined)
    assert words >= {"spade", "rake"}
    assert not words & {"comfortable", "dull", "thin", "very", "broke", "cuts", "love"}


def test_the_train_texts_that_name_an_aspect_are_counted() -> None:
    assert attributes(reviews(), "comment").mined["spade"] == 10


def test_titles_too_short_to_tell_their_language_are_told_together() -> None:
    found = of_texts(["Love the rake", "The spade is fine", "Very good"] * 9)
    assert set(found.mined) == {"rake", "spade"}


def test_singular_and_plural_are_one_aspect() -> None:
    found = of_texts(filled(*["The pocket is deep."] * 3, *["The pockets are deep."] * 5))
    assert "pocket" not in found.mined
    assert set(found.aspects[:8]) == {("pockets",)}


def test_a_text_names_three_aspects_at_most_the_rarest_first() -> None:
    found = attributes(reviews(), "comment")
    counts = found.mined
    assert max(map(len, found.aspects)) <= 3
    for names in found.aspects:
        assert [counts[name] for name in names] == sorted(counts[name] for name in names)


def test_nothing_is_mined_of_rows_that_are_held_out() -> None:
    odd = [f"As a plumber, I use the zither for plumbing. The zither is mine {i}." for i in range(20)]
    seen, unseen = (of_texts(filled() + odd, held_out) for held_out in (range(0), range(40, 60)))
    without = of_texts(filled())
    assert "zither" in seen.mined
    assert unseen.mined == without.mined
    assert np.array_equal(unseen.centres, without.centres)
    assert np.array_equal(unseen.vectors[:40], without.vectors)
    for name in ("aspects", "opening", "persona", "situation"):
        assert getattr(unseen, name)[:40] == getattr(without, name)
    assert seen.persona[40] == "as a plumber"
    assert not any(unseen.persona[40:] + unseen.opening[40:])


def test_what_was_mined_is_found_in_held_out_rows_too() -> None:
    found = attributes(reviews(held_out=range(50, 60)), "comment")
    assert all(any(tool in names for tool in TOOLS) for names in found.aspects[50:])
    assert (found.topic[50:] >= 0).all()


@pytest.mark.parametrize(
    ("text", "persona"),
    [
        ("Bought it for my 5 year old daughter.", "my daughter"),
        ("OUR dogs love it, my husband too.", "our dogs"),
        ("My best friend told me of it.", "my friend"),
        ("My size is out and a friend of mine left.", ""),
        ("The daughter of the regiment.", ""),
    ],
)
def test_whose_person_a_text_tells_of(text: str, persona: str) -> None:
    assert of_texts(filled(text)).persona[0] == persona


@pytest.mark.parametrize(
    ("text", "situation"),
    [
        ("I wear it for work.", "for work"),
        ("I took it to a wedding, and danced.", "to a wedding"),
        ("We gave it as a gift.", "as a gift"),
        ("I can wear this to work.", "to work"),
        ("It does not seem to work.", ""),
        ("It is fine for the price.", ""),
        ("Good, for example.", ""),
        ("Not for me.", ""),
        ("It broke as soon as I saw it.", ""),
        ("We use it for decoupage.", "for decoupage"),
    ],
)
def test_what_for(text: str, situation: str) -> None:
    three = [text, f"{text} Yes.", f"{text} No."]
    assert of_texts(filled(*three)).situation[:3] == (situation,) * 3


def test_a_situation_that_two_texts_name_is_not_common_enough() -> None:
    assert not any(of_texts(filled("It is for work.", "Mine is for work.")).situation)


def test_a_text_opens_with_as_many_of_three_words_as_are_common() -> None:
    found = of_texts(
        [f"This is a {tool}" for tool in TOOLS] + [f"This {tool} cuts" for tool in TOOLS] + ["Oh no", "This"]
    )
    assert found.opening == ("this is a",) * 6 + ("this",) * 6 + ("", "")


def test_topics_part_subjects_and_new_texts_find_theirs() -> None:
    trains = [f"The train to {town} was late, number {i}." for i, town in enumerate(["Bern", "Graz"] * 10)]
    knives = [f"A sharp knife cuts {food}, piece {i}." for i, food in enumerate(["bread", "meat"] * 10)]
    found = of_texts([*trains, *knives, None])
    assert found.topics == 2
    assert len(set(found.topic[:20])) == len(set(found.topic[20:40])) == 1
    assert found.topic[0] != found.topic[20]
    assert found.topic[40] == -1
    new = found.topics_of(["", "My train was late", "Cuts meat, sharp"])
    assert new.tolist() == [-1, found.topic[0], found.topic[20]]


def test_rows_without_a_text_have_nothing() -> None:
    found = of_texts([None, "The spade is sharp.", None, "", "The rake is dull."])
    assert found.aspects[0] == ()
    assert found.opening[2] == found.persona[3] == found.situation[0] == ""
    assert found.topic.tolist()[2:4] == [-1, -1]
    assert not found.vectors[0].any()


@pytest.mark.parametrize(
    "texts",
    [[None, None], ["One.", "Two.", "Three!"], ["The same text again and again."] * 30, ["!!!", "..", None]],
    ids=["no text", "three", "equal", "no words"],
)
def test_few_or_poor_texts_are_no_trouble(texts: list[str | None]) -> None:
    found = of_texts(texts)
    assert len(found.aspects) == len(found.opening) == len(found.vectors) == len(texts)
    assert (found.topic < found.topics).all()


def test_other_languages_have_key_words_and_topics_and_no_phrases() -> None:
    chinese = ["火车今天又晚点了，乘客都很生气，车站里人很多", "这个产品质量很好，价格也便宜，我很喜欢它"]
    found = of_texts(
        [chinese[i % 2] + "。" * (i % 3) for i in range(12)] + ["今天天气晴朗，我们去公园散步看花吃东西"] * 70
    )
    assert found.mined
    assert any(found.aspects[:12])
    assert found.topic[0] != found.topic[1]
    assert not any(found.persona + found.situation)


def test_the_same_reference_is_mined_once_and_another_the_same_way() -> None:
    reference = reviews()
    first, again = attributes(reference, "comment"), attributes(reviews(), "comment")
    assert attributes(reference, "comment") is first
    assert (first.mined, first.aspects, first.opening) == (again.mined, again.aspects, again.opening)
    assert np.array_equal(first.topic, again.topic)
    assert np.array_equal(first.vectors, again.vectors)


@settings(max_examples=30)
@given(st.lists(st.none() | st.text(max_size=60), min_size=2, max_size=12))
def test_any_texts_can_be_mined(texts: list[str | None]) -> None:
    found = of_texts(texts, held_out=range(1))
    assert len(found.persona) == len(found.situation) == len(found.topic) == len(texts)
    assert (found.topic >= 0).tolist() == [bool(text and text.strip()) and found.topics > 0 for text in texts]


@pytest.mark.parametrize(
    ("name", "column", "spoken_of"),
    [
        ("fine_food_1k.csv", "text", {"flavor", "coffee", "price", "texture", "packaging"}),
        pytest.param(
            "womens_clothing_22k.csv.gz",
            "text",
            {"dress", "fabric", "sleeves", "waist", "color"},
            marks=pytest.mark.slow,
        ),
    ],
)
def test_real_texts_speak_of_what_one_would_expect(name: str, column: str, spoken_of: set[str]) -> None:
    if not (SHARED / name).exists():
        pytest.skip(f"{name} is not here: real tables lie beside the repository, not in it")
    reference = load(SHARED / name)
    began = time.process_time()
    found = attributes(reference, column)
    assert time.process_time() - began < 12  # 3 on a machine that is not busy; libraries are loaded in it
    words = set(found.mined)
    assert words >= spoken_of
    assert not words & {"great", "love", "soft", "good", "buy", "bit", "time", "husband"}
    assert "my husband" in found.persona
    assert {"at home", "at work"} <= set(found.situation)
    assert 2 <= found.topics <= 24
    assert np.bincount(found.topic[found.topic >= 0]).max() < 0.4 * len(found.topic)
