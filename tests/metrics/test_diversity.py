"""Scores of diversity."""

from __future__ import annotations

import gzip
from collections import Counter
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
    of_module,
    prose,
    registered,
    review_pool,
    score,
    texts,
)
from syngen.evaluation.metrics.diversity import bleu_of_each, duplicated
from syngen.evaluation.metrics.statistic import NotComputable
from syngen.text.words import normalised


def random_texts(rows: int, seed: int, size: int = 30) -> list[str]:
    rng = np.random.default_rng(seed)
    return [prose(rng, size) for _ in range(rows)]


# -------------------------------------------------------------------------------- a fixed amount of text
SIZED = ["compression_ratio", "distinct_2", "self_bleu"]


@pytest.mark.parametrize("name", [*SIZED, "top_opening_share"])
def test_a_score_means_the_same_of_half_the_rows(name: str) -> None:
    pool = texts(random_texts(300, 0), random_texts(300, 1))
    statistic = registered()[name].measure(pool, all_of(pool), "text")
    assert not isinstance(statistic, NotComputable)
    rng = np.random.default_rng(2)
    halves = [statistic(np.sort(rng.permutation(300)[:150])) for _ in range(30)]
    assert abs(np.mean(halves) - statistic(np.arange(300))) < np.std(halves)


@pytest.mark.parametrize("name", SIZED)
def test_longer_texts_do_not_pass_for_less_diverse_ones(name: str) -> None:
    pool = texts(random_texts(1500, 0), random_texts(300, 1, size=60))
    floor = [score(name, pool, draw_of(pool, 300, 300, seed)) for seed in range(15)]
    assert abs(score(name, pool) - np.mean(floor)) < 3 * np.std(floor)


def test_the_compression_ratio_is_that_of_gzip_on_so_many_words() -> None:
    rows = random_texts(200, 0)
    text = "\n".join(rows[:80]).encode()  # two fifths of the rows; the next block is another such sample
    assert score("compression_ratio", texts(rows, rows)) == pytest.approx(
        len(text) / len(gzip.compress(text)), rel=0.03
    )


def test_distinct_2_is_the_share_of_distinct_pairs_of_words() -> None:
    rows = ["a b a b a"] * 5 + ["c d e f g"] * 5
    # Two blocks of 16 pairs, four rows each: in the first ab and ba alone; in the second, of the rows 5
    # to 8, ab, ba, cd, de, ef, fg.
    assert score("distinct_2", texts(rows, rows)) == (2 / 16 + 6 / 16) / 2


def test_absent_texts_are_left_out() -> None:
    rows = random_texts(60, 0)
    some = [text for row in rows for text in (row, None)]
    expected = [score(name, texts(rows, rows)) for name in of_module("diversity")]
    found = [score(name, texts(some, some)) for name in of_module("diversity")]
    assert found == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize("name", of_module("diversity"))
def test_without_any_text_there_is_no_diversity(name: str) -> None:
    assert isinstance(attempt(name, texts([None, ""], [None, "..."])), NotComputable)


# -------------------------------------------------------------------------------------------- self-BLEU
def plain_bleu(text: Sequence[str], others: Sequence[Sequence[str]]) -> float:
    """BLEU-4 by the book, for texts of one length."""
    logs = []
    for size in range(1, 5):
        runs = [Counter(tuple(t[i : i + size]) for i in range(len(t) - size + 1)) for t in [text, *others]]
        matches = sum(min(n, max(other[run] for other in runs[1:])) for run, n in runs[0].items())
        if size == 1 and not matches:
            return 0.0
        logs.append(np.log((matches or 0.1) / (len(text) - size + 1)))
    return float(np.exp(np.mean(logs)))


def test_self_bleu_is_bleu_by_the_book() -> None:
    rng = np.random.default_rng(0)
    words = [[f"w{i}" for i in row] for row in rng.zipf(1.4, (30, 12)) % 25]
    words.append([f"only{i}" for i in range(12)])
    rows = [" ".join(row) for row in words]
    pool = texts(["a b c d e f g h i j k l"] * 5, rows)
    size = int(0.4 * len(rows))  # so that half the rows hold as many; two such samples are taken
    expected = [
        plain_bleu(row, taken[:i] + taken[i + 1 :])
        for taken in (words[:size], words[size : 2 * size])
        for i, row in enumerate(taken)
    ]
    assert score("self_bleu", pool) == pytest.approx(np.mean(expected))


def test_texts_without_a_word_in_common_have_no_bleu() -> None:
    grams = [np.arange(2 * (6 - size), dtype=np.int32).reshape(2, -1) for size in range(1, 5)]
    assert bleu_of_each(grams).tolist() == [0, 0]


def test_the_same_text_again_and_again_has_a_bleu_of_one() -> None:
    assert score("self_bleu", texts(random_texts(20, 0), random_texts(1, 1) * 20)) == pytest.approx(1)


def test_texts_too_short_for_bleu_are_told() -> None:
    found = attempt("self_bleu", texts(["Good saw."] * 8, ["Bad saw."] * 8))
    assert str(found) == "a quarter of the texts have fewer than 4 words, which BLEU-4 needs"


# --------------------------------------------------------------------------------------------- openings
def test_the_top_opening_is_the_most_common_first_four_words() -> None:
    rows = [
        "This saw is great, says I",
        "This saw is great",
        "THIS saw is great!",
        "This saw is",
        "A fine tool it is",
    ]
    assert score("top_opening_share", texts(rows, [*rows, None])) == 3 / 5


# -------------------------------------------------------------------------------------- near duplicates
def shingles(text: str) -> set[tuple[str, ...]]:
    words = normalised(text).split()
    return {tuple(words[i : i + 3]) for i in range(max(1, len(words) - 2))} if words else set()


def plainly_duplicated(rows: Sequence[str]) -> list[bool]:
    sets = [shingles(row) for row in rows]
    return [
        any(i != j and a and len(a & b) / len(a | b) >= 0.7 for j, b in enumerate(sets))
        for i, a in enumerate(sets)
    ]


@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=12).map(" ".join), min_size=1, max_size=12))
def test_near_duplicates_are_those_found_by_comparing_all_with_all(rows: list[str]) -> None:
    pool = texts(rows, rows)
    assert duplicated(pool, np.arange(len(rows))).tolist() == plainly_duplicated(rows)


def test_near_duplicates_are_found_among_many() -> None:
    rng = np.random.default_rng(0)
    rows = random_texts(400, 0)
    for i in range(0, 400, 10):  # change one word, so that 3 of 28 shingles change
        words = rows[i].split()
        words[int(rng.integers(30))] = "other"
        rows[i + 1] = " ".join(words)
    pool = texts(rows, rows)
    found = duplicated(pool, np.arange(400))
    assert found.tolist() == plainly_duplicated(rows)
    assert found.sum() == 80
    assert score("near_duplicate_share", pool) == 0.2


def test_a_real_row_is_compared_with_the_rows_of_its_side_alone() -> None:
    rows = random_texts(20, 0)
    pool = texts(rows + rows, rows)  # every text three times, once among the synthetic ones
    assert not duplicated(pool, np.arange(20)).any()
    assert duplicated(pool, np.arange(40)).all()
    assert score("near_duplicate_share", pool) == 0


def test_rows_made_from_one_template_are_near_duplicates_of_each_other() -> None:
    stem = random_texts(1, 0, size=40)[0]
    rows = [f"{stem} number{i}" for i in range(500)]
    pool = texts(random_texts(50, 1), rows)
    assert score("near_duplicate_share", pool) == 1


# ----------------------------------------------------------------------------------------------- faults
def test_templated_openings_move_the_share_of_the_top_opening() -> None:
    def open_alike(synthetic: Table, _: Table) -> None:
        for i in range(0, len(synthetic["text"]), 10):
            synthetic["text"][i] = "Kelomiba tulo mike baba " + " ".join(synthetic["text"][i].split()[4:])

    found = moved(review_pool(open_alike), ("columns", "form", "diversity", "privacy"))
    assert found - {"self_bleu"} == {"top_opening_share"}  # which the openings are a part of


def test_repeated_rows_move_the_share_of_near_duplicates() -> None:
    def repeat(synthetic: Table, _: Table) -> None:
        synthetic["text"][:15] = synthetic["text"][15:30]

    found = moved(review_pool(repeat), ("columns", "form", "diversity", "privacy"))
    assert found - {"self_bleu"} == {"near_duplicate_share"}  # to which a twin is the best reference


def test_a_poor_vocabulary_moves_the_scores_of_diversity() -> None:
    def impoverish(synthetic: Table, _: Table) -> None:
        few = synthetic["text"][0].split()
        for i, text in enumerate(synthetic["text"]):
            size = len(text.split())
            synthetic["text"][i] = " ".join((few * size)[i % len(few) :][:size])

    found = moved(review_pool(impoverish), ("diversity",))
    assert found >= {"compression_ratio", "distinct_2", "self_bleu"}


def test_more_diverse_texts_than_real_ones_are_not_worse() -> None:
    def enrich(synthetic: Table, _: Table) -> None:
        rng = np.random.default_rng(0)
        words = ["".join(rng.choice(list("abcdefgh"), 7)) for _ in range(5000)]
        synthetic["text"] = [" ".join(rng.choice(words, len(t.split()))) for t in synthetic["text"]]

    assert moved(review_pool(enrich), ("diversity",)) == set()
