"""Scores of privacy, and the spans they are made from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.pools import (
    Table,
    all_of,
    attempt,
    draw_of,
    moved,
    origins,
    prose,
    review_pool,
    reviews,
    score,
    texts,
)
from syngen.evaluation.metrics import privacy
from syngen.evaluation.metrics.privacy import LONGEST, copies, copies_of_shown, longest_spans, nearest_by_span
from syngen.text.words import normalised

SENTENCE = "One two three four five six seven eight nine ten eleven twelve"


def plain_span(a: Sequence[str], b: Sequence[str]) -> int:
    """The longest common run of words, by comparing every place with every other."""
    best = 0
    for i in range(len(a)):
        for j in range(len(b)):
            length = 0
            while i + length < len(a) and j + length < len(b) and a[i + length] == b[j + length]:
                length += 1
            best = max(best, length)
    return min(best, LONGEST)


def plain_spans(real: Sequence[str], synthetic: Sequence[str]) -> list[int]:
    words = [normalised(text).split() for text in real]
    own = [[plain_span(a, b) for j, b in enumerate(words) if i != j] for i, a in enumerate(words)]
    theirs = [[plain_span(normalised(text).split(), b) for b in words] for text in synthetic]
    return [max(spans, default=0) for spans in own + theirs]


_TEXTS = st.lists(st.lists(st.sampled_from("abc"), max_size=9).map(" ".join), min_size=1, max_size=7)


@given(_TEXTS, _TEXTS)
def test_spans_are_those_found_by_comparing_all_with_all(real: list[str], synthetic: list[str]) -> None:
    pool = texts(real, synthetic)
    found = longest_spans(pool)
    assert found.tolist() == plain_spans(real, synthetic)
    for row, (text, near) in enumerate(zip(real + synthetic, nearest_by_span(pool).tolist(), strict=True)):
        if near < 0:
            assert found[row] == 0
        else:
            assert near != row
            assert plain_span(text.split(), real[near].split()) == found[row]


def test_spans_of_longer_texts_are_counted_to_sixty_four_words() -> None:
    rng = np.random.default_rng(0)
    real = [prose(rng, 90) for _ in range(6)]
    synthetic = [
        " ".join(prose(rng, 10).split() + real[i].split()[:size])
        for i, size in enumerate((5, 33, 63, 64, 65, 90))
    ]
    pool = texts(real, synthetic)
    assert longest_spans(pool).tolist() == plain_spans(real, synthetic)
    assert longest_spans(pool)[6:].tolist()[2:] == [63, 64, 64, 64]
    assert nearest_by_span(pool)[6:].tolist() == list(range(6))


def test_a_row_is_no_copy_of_itself_but_of_its_twin() -> None:
    pool = texts(["A fine saw.", "a FINE saw", "Another rake"], ["another, rake!", "A fine axe", None])
    assert copies(pool).tolist() == [1, 0, -1, 2, -1, -1]
    assert longest_spans(pool).tolist() == [3, 3, 0, 2, 2, 0]
    assert score("copied_rows", pool) == 0.5
    assert score("copied_rows", pool, draw_of(pool, 0, 3)) == pytest.approx(2 / 3)


def test_rows_without_words_are_copies_of_nothing() -> None:
    pool = texts(["...", "", None], ["!", None, "word"])
    assert (copies(pool) == -1).all()
    assert not longest_spans(pool).any()
    assert score("copied_rows", pool) == 0


def test_spans_count_from_their_eighth_and_twelfth_word() -> None:
    words = SENTENCE.split()
    pool = texts([SENTENCE], [" ".join(words[:n]) for n in (7, 8, 11, 12)])
    assert score("longest_shared_span", pool) == (7 + 8 + 11 + 12) / 4
    assert score("span8_share", pool) == 0.75
    assert score("span12_share", pool) == 0.25


def test_a_span_does_not_run_on_into_the_next_row() -> None:
    pool = texts(["one two three", "four five six"], ["one two three four five six"])
    assert longest_spans(pool)[2] == 3


def test_of_too_many_words_the_first_of_each_text_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(privacy, "MOST_WORDS", 20)
    words = SENTENCE.split()
    pool = texts([SENTENCE], [" ".join(words[:n]) for n in (5, 12)])
    assert longest_spans(pool).tolist() == [0, 5, 6]
    assert copies(pool).tolist() == [-1, -1, 0]


# ------------------------------------------------------------------------------------ rows of their call
def test_only_the_rows_shown_in_the_very_call_count() -> None:
    real = reviews(8, 0)["text"]
    copy = [" ".join(text.split()[:9]) for text in real[:4]]
    shown = ((real[0],), (real[5],), (real[5], real[2]), ())
    pool = texts(real, copy, origins=origins([9] * 4, shown_texts=shown))
    assert copies_of_shown(pool)[8:].tolist() == [True, False, True, False]
    assert score("copied_shown", pool) == 0.5


def test_a_shown_text_need_not_be_in_the_pool() -> None:
    pool = texts(["A rake"], [SENTENCE], origins=origins([9], shown_texts=(("So: " + SENTENCE.upper(),),)))
    assert score("copied_shown", pool) == 1


def test_seven_words_in_a_row_are_no_copy_of_a_shown_row() -> None:
    text = " ".join(SENTENCE.split()[:7])
    pool = texts([SENTENCE], [text + " more"], origins=origins([9], shown_texts=((SENTENCE,),)))
    assert score("copied_shown", pool) == 0


def test_a_real_row_is_compared_with_as_many_others_as_were_shown() -> None:
    real = [f"{SENTENCE} {i}" for i in range(30)]  # every one shares twelve words with every other
    given = origins([9] * 4, shown_texts=((real[0],), (), (real[1], real[2]), ()))
    pool = texts(real, [""] * 4, origins=given)
    found = copies_of_shown(pool)[:30]
    assert found.tolist() == [i % 4 in (0, 2) for i in range(30)]


def test_a_real_row_is_not_compared_with_itself() -> None:
    rng = np.random.default_rng(0)
    real = [prose(rng, 30) for _ in range(12)]
    given = origins([9] * 3, shown_texts=(tuple(real[:8]),) * 3)
    assert not copies_of_shown(texts(real, [""] * 3, origins=given))[:12].any()


def test_without_a_run_nobody_knows_what_was_shown() -> None:
    assert str(attempt("copied_shown", review_pool())) == "which real rows were shown is known of runs only"
    pool = texts(["A rake"], ["A saw"], origins=origins([2]))
    assert str(attempt("copied_shown", pool)) == "no call showed a real row"


# ----------------------------------------------------------------------------------------------- faults
def test_copied_rows_move_the_scores_of_privacy_alone() -> None:
    def copy(synthetic: Table, real: Table) -> None:
        synthetic["text"][:9] = real["text"][500:509]

    found = moved(review_pool(copy), ("columns", "form", "diversity", "privacy"))
    assert found == {"copied_rows", "longest_shared_span", "span8_share", "span12_share"}


def test_half_copied_rows_move_the_spans_and_not_the_copied_rows() -> None:
    def copy(synthetic: Table, real: Table) -> None:
        for i in range(15):
            own, other = synthetic["text"][i].split(), real["text"][600 + i].split()
            synthetic["text"][i] = " ".join(own[: len(own) // 4] + other[:14])

    found = moved(review_pool(copy), ("privacy",))
    assert found == {"longest_shared_span", "span8_share", "span12_share"}


def test_real_rows_share_with_each_other_what_new_real_rows_share_with_them() -> None:
    pool = review_pool()  # whose synthetic rows are more of the same
    floor = [score("longest_shared_span", pool, draw_of(pool, 300, 300, seed)) for seed in range(10)]
    assert score("longest_shared_span", pool) == pytest.approx(np.mean(floor), abs=0.1)
    assert score("span8_share", pool, all_of(pool)) == 0
