"""Scores of the form of texts."""

from __future__ import annotations

import numpy as np
import pytest

from metrics.pools import (
    DATA,
    Table,
    attempt,
    draw_of,
    moved,
    of_module,
    pool_of,
    prose,
    registered,
    review_pool,
    score,
    texts,
)
from syngen.evaluation.metrics.form import in_title_case
from syngen.evaluation.metrics.statistic import NotComputable
from syngen.text.words import mtld
from syngen.types import Role

SHORT = ["Cuts well.", "It cuts wood. It cuts grass too.", "Never again! Why?"]


def test_texts_as_long_as_real_ones_are_at_no_distance() -> None:
    pool = texts(SHORT, ["Saws fine.", "A rake that rakes. Buy it now.", "Ever again? No!"])
    assert score("words_ks", pool) == 0
    assert score("sentences_ks", pool) == 0


def test_length_is_compared_in_words_and_markup_is_none() -> None:
    pool = texts(["one two"] * 4, ["one <br /> two"] * 3 + ["one two three"])
    assert score("words_ks", pool) == 0.25
    assert score("words_median", pool) == 2


def test_sentences_are_counted() -> None:
    assert score("sentences_ks", texts(["It cuts well and fast"], ["It cuts. Well. And fast"])) == 1


def test_the_grade_is_that_of_syngen_text() -> None:
    from syngen.text.words import grade

    long = [
        "The carefully engineered instrument outperformed everything.",
        "It cuts the wood with no effort.",
    ]
    expected = np.mean([grade(text) for text in long])
    assert score("grade_mean", texts(SHORT, [*long, "Good."])) == pytest.approx(expected)


def test_texts_under_five_words_have_no_grade() -> None:
    found = attempt("grade_ks", texts(["It cuts the wood with ease."], ["Fine.", "Good saw."]))
    assert str(found) == "no synthetic row has a text of five words or more"


def test_an_absent_text_has_no_length() -> None:
    pool = texts(["one two"] * 4, ["one two", None, "", "one two"])
    assert score("words_ks", pool) == 0
    assert score("words_median", pool) == 2


# ------------------------------------------------------------------------------------------------- MTLD
def test_mtld_is_the_mean_stretch_until_seven_in_ten_words_are_distinct() -> None:
    forwards = 8 / 2  # "a b a" at 2/3 ends a stretch, so does "b a b"; what is left, "c d", is all distinct
    backwards = 8 / 1  # "d c b a b a" at 4/6 ends a stretch; what is left, "b a", is all distinct
    assert mtld("a b a b a b c d".split()) == (forwards + backwards) / 2


def test_what_is_left_at_the_end_counts_as_a_part_of_a_stretch() -> None:
    # Never below .72 either way: 7 distinct of 8 words, an eighth of the way from 1 down.
    assert mtld("a b c d e f g a".split()) == pytest.approx(8 / ((1 - 7 / 8) / (1 - 0.72)))


def test_a_text_in_which_no_word_comes_again_has_its_number_of_words() -> None:
    assert mtld([f"w{i}" for i in range(30)]) == 30


def test_texts_that_repeat_themselves_have_a_lower_mtld() -> None:
    rng = np.random.default_rng(0)
    once = [prose(rng, 60) for _ in range(30)]
    again = [" ".join(text.split()[:20] * 3) for text in once]
    assert score("mtld_ks", texts(once, again)) > 0.8


def test_texts_under_ten_words_have_no_mtld() -> None:
    assert isinstance(attempt("mtld_ks", texts(["one two three"] * 3, ["one two three"] * 3)), NotComputable)


# ----------------------------------------------------------------------------------------------- shares
@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Folding Pruning Saw", True),
        ("Best Saw of the Year", True),
        ("Love It", True),
        ("12 Inch Blade", True),
        ("Best saw of the year", False),
        ("Great", False),
        ("BEST SAW EVER", False),
        ("the Best Saw", False),
        ("", False),
        ("???", False),
    ],
)
def test_title_case_is_a_capital_for_every_longer_word(title: str, expected: bool) -> None:
    assert in_title_case(title) is expected


@pytest.mark.parametrize(
    ("name", "having"),
    [
        ("exclamation_share", "It cuts!"),
        ("question_share", "Does it cut?"),
        ("emoji_share", "It cuts 😀"),
        ("digit_share", "Cuts 2x4 beams"),
        ("lower_case_share", "it cuts all of my wood at once"),
        ("title_case_share", "Garden Tools"),
    ],
)
def test_a_share_is_of_the_texts_there_are(name: str, having: str) -> None:
    pool = texts(SHORT, [having, "It cuts well.", "Not much to say.", having, None])
    assert score(name, pool) == 0.5


def test_titles_are_scored_by_length_and_case_and_texts_by_all() -> None:
    found = {name: list(columns) for name, columns in _columns().items()}
    assert found["words_ks"] == found["title_case_share"] == ["title", "text"]
    assert all(found[name] == ["text"] for name in found if name not in ("words_ks", "title_case_share"))


def _columns() -> dict[str, list[str]]:
    pool = review_pool()
    return {name: list(registered()[name].columns(pool.profile)) for name in of_module("form")}


def test_a_table_without_texts_has_no_scores_of_form() -> None:
    pool = pool_of({"x": (Role.NUMBER, [1.0])}, {"x": [2.0]})
    assert not any(list(registered()[name].columns(pool.profile)) for name in of_module("form"))


# -------------------------------------------------------------------------------------- faults and floors
def test_texts_half_as_long_again_move_the_scores_of_length() -> None:
    def lengthen(synthetic: Table, _: Table) -> None:
        rng = np.random.default_rng(0)
        synthetic["text"] = [f"{text} {prose(rng, len(text.split()) // 2)}" for text in synthetic["text"]]

    found = moved(review_pool(lengthen), ("columns", "form", "diversity"))
    length = {"words_ks", "words_median", "sentences_ks"}
    assert length <= found
    assert found <= length | {"exclamation_share", "question_share"}  # of which a longer text has more


def test_texts_that_all_exclaim_move_the_share_of_exclamations_alone() -> None:
    def exclaim(synthetic: Table, _: Table) -> None:
        synthetic["text"] = [text[:-1] + "!" for text in synthetic["text"]]

    assert moved(review_pool(exclaim), ("columns", "form", "diversity", "privacy")) == {"exclamation_share"}


def test_titles_that_are_product_names_move_the_share_of_title_case() -> None:
    def name(synthetic: Table, _: Table) -> None:
        synthetic["title"] = [title and title.title() for title in synthetic["title"]]

    assert moved(review_pool(name), ("form",)) == {"title_case_share: title"}


def test_real_reviews_against_real_reviews_have_the_form_of_real_reviews() -> None:
    from syngen.reference import load

    file = DATA / "fine_food_1k.csv"
    if not file.exists():
        pytest.skip("shared data not here")
    ref = load(file)
    pool = texts(ref.frame["text"].to_list(), ["Nothing of note."] * 5)
    for name in ("words_ks", "sentences_ks", "grade_ks", "mtld_ks"):
        assert score(name, pool, draw_of(pool, 380, 380)) < 0.13  # .1 % point of the distance at that size
