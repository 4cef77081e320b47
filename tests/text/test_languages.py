"""The language of texts, and when a text is clearly in another one."""

from __future__ import annotations

import pytest

from syngen.text.language import language_of, other_language
from syngen.text.words import normalised
from syngen.validate.texts import Text, wrong_language

ENGLISH = (
    "The drawer jams whenever it gets a little damp outside and then the whole kitchen has to wait for it"
)
GERMAN = "Die Schublade klemmt immer wieder, sobald es draußen etwas feuchter wird, und dann wartet die ganze Küche"


def text(value: str) -> Text:
    return Text(value, normalised(value), main=True, most_words=500, most_characters=5_000)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ENGLISH),
        ("de", GERMAN),
        ("fr", "Le tiroir se bloque toujours quand il fait un peu plus humide dehors"),
        ("zh", "这个抽屉一到下雨天就打不开了真是让人头疼不过颜色还是很漂亮的"),
    ],
)
def test_the_language_of_most_texts_is_told(language: str, said: str) -> None:
    assert language_of([f"{said}. {i}" for i in range(12)]) == language


def test_texts_without_words_have_none() -> None:
    assert language_of(["ok", "12", "!"]) is None
    assert language_of([]) is None


def test_another_language_is_told_only_when_it_is_clear() -> None:
    assert other_language(f"{GERMAN}. {GERMAN}", "en", 5.0) == "de"
    assert other_language(f"{ENGLISH}. {ENGLISH}", "en", 5.0) is None


def test_a_few_real_texts_in_another_language_do_not_let_more_of_them_through() -> None:
    real = [text(f"{ENGLISH} for the {i}th time.") for i in range(98)] + [
        text(f"{GERMAN}. {i}") for i in (1, 2)
    ]
    check = wrong_language(real[:98] + real[98:99])
    assert check(text(f"{GERMAN}. {GERMAN}")) is not None
    assert check(text(f"{ENGLISH}. {ENGLISH}")) is None


def test_unusual_words_in_the_same_language_are_no_other_language() -> None:
    check = wrong_language([text(f"{ENGLISH} for the {i}th time.") for i in range(50)])
    said = (
        "Splendid binoculars, although my grandfather's telescope resolves Jovian moons considerably better, "
    )
    assert check(text(said + "which surprised nobody who remembers purchasing either instrument.")) is None
