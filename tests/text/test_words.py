"""The measures of a text say what their documentation says, of any text whatever."""

from __future__ import annotations

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syngen.text import words as text

PROSE = {
    "plain": "The dog ran to the gate. He saw a cat on the wall. It did not move. He sat down and had a rest.",
    "middling": (
        "We moved the old cupboard into the hallway because the kitchen had become too small for it. My brother "
        "carried the drawers upstairs, and the neighbours lent us a trolley. By evening everything was in place."
    ),
    "demanding": (
        "Municipal authorities considered the engineering proposal unacceptable, although independent specialists "
        "had recommended its immediate implementation. Subsequent negotiations produced an intermediate solution "
        "that satisfied the administrative requirements without compromising environmental obligations."
    ),
}


@pytest.mark.parametrize("prose", PROSE.values(), ids=PROSE)
def test_the_reading_grade_agrees_with_textstat(prose: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # its import of pkg_resources
        import textstat
    assert text.grade(prose) == pytest.approx(textstat.flesch_kincaid_grade(prose), abs=1.2)


def test_harder_prose_has_a_higher_grade() -> None:
    grades = [text.grade(prose) for prose in PROSE.values()]
    assert grades == sorted(grades)
    assert grades[-1] > grades[0] + 10


@pytest.mark.parametrize("short", ["", "Good.", "Not what I wanted", "!!! ... ???", "<br /><br />"])
def test_a_text_of_less_than_five_words_has_no_grade(short: str) -> None:
    assert text.grade(short) is None


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("It's a well-made thing", ["It's", "a", "well-made", "thing"]),
        ("Größe, naïve, œuvre", ["Größe", "naïve", "œuvre"]),
        ("isn’t “quoted”", ["isn’t", "quoted"]),
        ("cafe\u0301 closed", ["cafe\u0301", "closed"]),
        ("यह अच्छी किताब है।", ["यह", "अच्छी", "किताब", "है"]),
        ("שלום עולם", ["שלום", "עולם"]),
        ("今天天气很好", ["今天", "天气", "很好"]),
        ("iPhone用の", ["iPhone", "用の"]),
        ("🤯 !? --", []),
        ("", []),
    ],
)
def test_words_are_told_apart_in_every_script(said: str, expected: list[str]) -> None:
    assert text.words(said) == expected


def test_markup_does_not_count_as_words() -> None:
    assert text.count_words('Warm<br />and <a href="https://x.example">dry</a>, 2 < 3') == 5


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ("One. Two! Three? Four", 4),
        ('He said "stop." Then he left.', 2),
        ("It cost 3.50 in all.", 1),
        ("Really?!... Yes", 2),
        ("first line\nsecond line\n\nthird", 3),
        ("很好。我喜欢！你呢", 3),
        ("... !!!", 0),
    ],
)
def test_sentences_end_at_end_marks_and_line_breaks(said: str, count: int) -> None:
    assert len(text.sentences(said)) == count


@pytest.mark.parametrize(
    ("said", "attribute"),
    [
        ("Does it leak", None),
        ("Does it leak?", "asks"),
        ("Nice 👍 colour", "emoji"),
        ("Never again!", "exclaims"),
        ("In the end we kept it.", "first person"),
        ("- light\n- cheap\n- loud", "lists"),
        ("all of this is in small letters", "lower case"),
        ("Lasted 3 weeks", "numbers"),
        ("Above.\n\nBelow.", "paragraphs"),
        ("This is RUBBISH", "shouts"),
    ],
)
def test_style_sees_what_is_there(said: str, attribute: str | None) -> None:
    assert (attribute in text.style(said)) if attribute else text.style(said) == ()


def test_style_is_sorted() -> None:
    style = text.style("I SAID NEVER!\n- 1 of 2?\n- mine 👍")
    assert list(style) == sorted(style)
    assert len(style) == 8


def test_the_opening_is_the_first_words_in_lower_case() -> None:
    assert text.opening("“Well, THAT was quick") == "well that"
    assert text.opening("") == ""


def test_texts_that_differ_in_case_and_punctuation_alone_are_equal_when_normalised() -> None:
    assert text.normalised("So, THIS is it!") == text.normalised("so this -- is it") == "so this is it"


def test_syllables_are_those_of_the_dictionary() -> None:
    assert [text.syllables(w) for w in ("cat", "window", "beautiful", "xyz")] == [1, 2, 3, 1]


anything = st.text(st.characters(exclude_categories=[])) | st.text(
    "\ud800\udfff\0\u202e\u200fא ﷽.!?\n<>'-aA1漢"
)


@given(anything)
def test_no_text_is_too_strange_to_measure(said: str) -> None:
    assert text.count_words(said) >= 0
    assert all(text.words(sentence) for sentence in text.sentences(said))
    assert (text.grade(said) is None) == (text.count_words(said) < 5)
    assert text.style(said) == tuple(sorted(text.style(said)))
    assert text.normalised(text.normalised(said)) == text.normalised(said)
    assert text.opening(said) == text.opening(said).lower()


def test_long_texts_are_measured_in_no_time_to_speak_of() -> None:
    for piece in ("word. ", "x", "<", "漢", "- 1\n", "don't"):
        text.grade(piece * 50_000)
        text.style(piece * 50_000)


@given(st.text("aAÄb1 .!?\n-*•<i>/ไ中。'’", max_size=60))
def test_a_text_measured_once_has_the_words_grade_and_style_of_each_measure(written: str) -> None:
    assert text.measure(written) == (text.count_words(written), text.grade(written), text.style(written))
