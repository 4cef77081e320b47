"""The form of a fitted model's rows: what goes in comes out, whatever the texts hold."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from syngen.prompts.schema import MIN_P, record_sampling
from syngen.text import conditions
from syngen.types import Slot, TextTarget

ANY = st.text(max_size=400)
REVIEW = " ".join(f"word{i}" for i in range(1, 44)).replace("word", "w") + "."


@given(st.dictionaries(ANY, ANY, min_size=1, max_size=3))
def test_texts_come_out_as_they_went_in(texts: dict[str, str]) -> None:
    """But for tabs, which count down, and the kinds of line breaks."""
    plain = {name: re.sub(r"\r\n?|¶", "\n", text.strip()).replace("\t", " ") for name, text in texts.items()}
    assert conditions.read(conditions.answer(texts, counted=frozenset(texts))) == plain


def test_the_countdown_says_how_many_words_are_left() -> None:
    written = conditions.answer({"text": REVIEW}, counted=frozenset({"text"}))
    pieces = re.split(r"\t(\d+)", written.removeprefix("text: "))
    for at in range(1, len(pieces), 2):
        after = "".join(pieces[at + 1 :: 2])
        assert len(after.split()) == 10 * int(pieces[at])
    assert len(pieces) // 2 == 4


def test_without_a_number_of_words_nothing_is_counted() -> None:
    assert "\t" not in conditions.answer({"text": REVIEW})


def test_a_mark_is_never_put_before_a_digit() -> None:
    text = "中文" * 5 + "7" + "中文" * 9
    written = conditions.answer({"text": text}, counted=frozenset({"text"}))
    assert conditions.read(written) == {"text": text}


@given(st.text(st.characters(exclude_categories=("Cs",))) | st.text(alphabet="\"\\'u0: \nab"))
def test_any_reply_is_read(written: str) -> None:
    assert all(isinstance(text, str) for text in conditions.read(written).values())


def test_a_name_quoted_wrongly_is_left_out() -> None:
    assert conditions.read('"it\\\'s": good\ntext: fine') == {"text": "fine"}


def test_what_is_no_text_is_left_out_and_the_first_of_two_counts() -> None:
    assert conditions.read("so it is\ntitle: Good: very\t1 good\ntitle: Bad\n") == {
        "title": "Good: very good"
    }


def test_a_line_says_what_is_known_and_what_is_wanted() -> None:
    target = TextTarget(43, 5.4, ("asks", "exclaims"), opening="love this")
    line = conditions.line({"rating": 5, "size": 1.50}, {"title": TextTarget(3), "text": target})
    assert line == (
        "title: words=3, text: words=43, grade=5, style=asks+exclaims, opens=love this; rating=5, size=1.5\n"
    )


def test_any_part_of_what_is_wanted_can_be_left_out() -> None:
    assert conditions.line({}, {"text": TextTarget(0)}) == "text:\n"
    assert (
        conditions.line({}, {"text": TextTarget(0, None, (), ("fit", "price"))}) == "text: about=fit+price\n"
    )


def test_a_value_with_signs_of_ours_is_quoted() -> None:
    line = conditions.line({"a, b": "x=1\n"}, {"text": TextTarget(3)})
    assert line == 'text: words=3; "a, b"="x=1\\n"\n'
    assert line.count("\n") == 1


def test_less_diversity_is_cooler_with_a_higher_floor() -> None:
    slots = [Slot(0, {}, {"text": TextTarget(40)}, 1, None, 0, None)]
    usual, low, high = (record_sampling(slots, 0, level) for level in (None, 0.0, 1.0))
    assert (usual.temperature, usual.min_p) == (1.0, MIN_P)
    assert low.temperature < usual.temperature < high.temperature
    assert low.min_p > 5 * usual.min_p > usual.min_p > high.min_p > 0
