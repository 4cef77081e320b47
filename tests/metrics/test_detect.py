"""Classifier two-sample tests: chance for real rows, certainty for what gives itself away."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from metrics.pools import all_of, texts
from metrics.vectors import Words, clothing, floor, halves, measure, topic_pool, topical, value
from syngen.evaluation.metrics import NotComputable
from syngen.evaluation.metrics.detect import folds
from syngen.evaluation.metrics.predict import same_text, tfidf
from syngen.evaluation.metrics.registry import row_values
from syngen.evaluation.sample import Comparison, EvalSample

NAMES = ("c2st_embedding", "c2st_tfidf")


def marked(share: float) -> EvalSample:
    """Synthetic texts of which a share says "moreover"."""

    def fault(frame: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
        said = [
            f"moreover {text} moreover" if rng.random() < share else text for text in frame["text"].to_list()
        ]
        return frame.with_columns(text=pl.Series(said))

    return topic_pool(fault, rows=800)


@pytest.mark.parametrize("name", NAMES)
def test_more_of_the_same_is_not_told_apart(name: str) -> None:
    pool = topic_pool(rows=800)
    assert value(name, pool, all_of(pool)) == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("name", NAMES)
def test_a_word_in_all_of_them_gives_synthetic_rows_away(name: str) -> None:
    pool = marked(1.0)
    assert value(name, pool, all_of(pool)) > 0.99


@pytest.mark.parametrize("name", NAMES)
def test_a_word_in_half_of_them_gives_half_away(name: str) -> None:
    pool = marked(0.5)
    assert value(name, pool, all_of(pool)) == pytest.approx(0.75, abs=0.06)


def test_the_rows_that_give_themselves_away_are_known() -> None:
    pool = marked(0.5)
    values = row_values(pool, "c2st_tfidf")
    assert not isinstance(values, NotComputable)
    says = np.array(["moreover" in text for text in pool.texts()[pool.real :]])
    assert values[says].mean() > 0.95
    assert values[~says].mean() < 0.6


@pytest.mark.parametrize("name", NAMES)
def test_texts_that_come_again_are_not_learnt_by_heart(name: str) -> None:
    def again(frame: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
        return frame.with_columns(text=pl.Series(rng.choice(frame["text"].to_numpy()[:150], len(frame))))

    pool = topic_pool(again, rows=600)
    assert value(name, pool, all_of(pool)) < 0.7


def test_equal_texts_are_judged_by_the_same_detector_and_every_fold_has_both_sides() -> None:
    frame = topical(60, 1)["text"].to_list()
    pool = texts(frame, frame[:20] + [text.upper() for text in frame[:10]] + topical(8, 2)["text"].to_list())
    is_synthetic = np.arange(len(pool)) >= pool.real
    fold = folds(same_text(pool), is_synthetic)
    assert np.array_equal(fold[:20], fold[60:80])  # the same texts, real and synthetic
    assert np.array_equal(fold[60:70], fold[80:90])  # in capitals
    for number in range(5):
        assert len(set(is_synthetic[fold == number].tolist())) == 2


def test_the_auc_is_that_of_scikit_learn_over_folds() -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    pool = marked(0.3)
    sides = all_of(pool)
    found = tfidf(pool)
    assert not isinstance(found, NotComputable)
    is_synthetic = np.arange(len(pool)) >= pool.real
    fold = folds(same_text(pool), is_synthetic)
    decided = np.empty(len(pool))
    for number in range(5):
        detector = LogisticRegression(solver="liblinear", class_weight="balanced", random_state=0)
        detector.fit(found[fold != number], is_synthetic[fold != number])
        decided[fold == number] = detector.decision_function(found[fold == number])
    areas = [roc_auc_score(is_synthetic[fold == f], decided[fold == f]) for f in range(5)]
    weights = [is_synthetic[fold == f].sum() for f in range(5)]
    assert value("c2st_tfidf", pool, sides) == pytest.approx(np.average(areas, weights=weights))


@pytest.mark.parametrize("name", NAMES)
def test_four_different_texts_are_too_few(name: str) -> None:
    real = topical(40, 1)["text"].to_list()
    pool = texts(real, real[:4] * 10, encoder=Words())
    assert isinstance(measure(name, pool, all_of(pool)), NotComputable)


@pytest.mark.parametrize("name", NAMES)
def test_ten_rows_against_many_give_a_number(name: str) -> None:
    pool = texts(topical(200, 1)["text"].to_list(), topical(10, 2)["text"].to_list(), encoder=Words())
    value(name, pool, all_of(pool))


def test_texts_without_a_word_in_common_have_no_features() -> None:
    pool = texts([f"r{i}" for i in range(20)], [f"s{i}" for i in range(20)])
    assert isinstance(measure("c2st_tfidf", pool, all_of(pool)), NotComputable)
    assert isinstance(measure("c2st_embedding", pool, all_of(pool)), NotComputable)  # no encoder


@pytest.mark.parametrize("name", NAMES)
def test_the_same_rows_give_the_same_score(name: str) -> None:
    first, second = topic_pool(rows=100), topic_pool(rows=100)
    assert value(name, first, all_of(first)) == value(name, second, all_of(second))


# ------------------------------------------------------------------------------------- real reviews
def positive(frame: pl.DataFrame, _: np.random.Generator) -> pl.DataFrame:
    return frame.filter(pl.col("rating") == 5)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_real_reviews_are_not_told_from_real_ones_and_five_stars_are_from_all(name: str) -> None:
    pool = clothing(2_000, positive)
    rows = 600
    mean, spread = floor(name, pool, rows, draws=8)
    assert mean == pytest.approx(0.5, abs=0.03)
    sides = Comparison(halves(pool).real[:rows], np.arange(2_000, 2_000 + rows), np.arange(0))
    assert value(name, pool, sides) > mean + 4 * spread
