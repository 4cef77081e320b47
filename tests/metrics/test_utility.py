"""Scores of use: synthetic rows teach what real rows teach, unless they are wrong."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import f1_score

from metrics.pools import all_of, pool_of
from metrics.vectors import ROLES, Fault, Words, clothing, floor, halves, measure, topic_pool, topical, value
from syngen.evaluation.metrics import METRICS, NotComputable
from syngen.evaluation.metrics.utility import macro_f1
from syngen.evaluation.sample import Comparison, EvalSample
from syngen.types import Role

NAMES = ("tstr_ratio", "tstr_ratio_embedding", "augmentation_gain")
RATIOS = NAMES[:2]


def sides_of(pool: EvalSample) -> Comparison:
    return halves(pool, aside=True)


def shuffled(column: str) -> Fault:
    def fault(frame: pl.DataFrame, _: np.random.Generator) -> pl.DataFrame:
        return frame.with_columns(frame[column].shuffle(seed=7))

    return fault


def test_macro_f1_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    stated, guess = rng.integers(0, 4, 200), rng.integers(0, 5, 200)
    expected = f1_score(stated, guess, labels=[0, 1, 3], average="macro")
    assert macro_f1(stated, guess, np.array([0, 1, 3])) == pytest.approx(expected)


@pytest.mark.parametrize("name", RATIOS)
def test_more_of_the_same_teaches_as_well(name: str) -> None:
    pool = topic_pool(rows=1_000)
    assert value(name, pool, sides_of(pool), "kind") == pytest.approx(1, abs=0.05)
    assert value(name, pool, sides_of(pool), "stars") == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("name", RATIOS)
def test_wrong_labels_teach_nothing(name: str) -> None:
    pool = topic_pool(shuffled("stars"), rows=1_000)
    assert value(name, pool, sides_of(pool), "stars") < 0.5
    assert value(name, pool, sides_of(pool), "kind") == pytest.approx(1, abs=0.05)


def test_good_rows_add_to_few_real_ones_and_bad_ones_take_away() -> None:
    good, bad = topic_pool(rows=1_000), topic_pool(shuffled("stars"), rows=1_000)
    assert value("augmentation_gain", good, sides_of(good), "stars") > 0.03
    assert value("augmentation_gain", bad, sides_of(bad), "stars") < -0.1


@pytest.mark.parametrize("name", RATIOS)
def test_ten_times_as_many_synthetic_rows_have_no_advantage(name: str) -> None:
    real, synthetic = topical(400, 1), topical(2_000, 2)
    columns = {column: (role, real[column].to_list()) for column, role in ROLES.items()}
    pool = pool_of(columns, synthetic.to_dict(as_series=False), encoder=Words())
    many, few = sides_of(pool), Comparison(np.arange(200), np.arange(400, 600), np.arange(200, 400))
    assert value(name, pool, many, "stars") == value(name, pool, few, "stars")


@pytest.mark.parametrize("name", NAMES)
def test_one_label_in_all_rows_is_a_poor_teacher_but_a_number(name: str) -> None:
    def one(frame: pl.DataFrame, _: np.random.Generator) -> pl.DataFrame:
        return frame.with_columns(kind=pl.lit("saw"))

    pool = topic_pool(one, rows=400)
    found = value(name, pool, sides_of(pool), "kind")
    assert found < (0.3 if name in RATIOS else 0.0)


@pytest.mark.parametrize("name", NAMES)
def test_what_texts_do_not_tell_can_not_be_taught(name: str) -> None:
    pool = topic_pool(rows=400)
    assert "doesn't tell 'noise'" in str(measure(name, pool, sides_of(pool), "noise"))
    assert isinstance(
        measure(name, pool, all_of(pool), "kind"), NotComputable
    )  # no other real rows to train on


@pytest.mark.parametrize("name", NAMES)
def test_a_half_of_the_rows_is_trained_on_alone(name: str) -> None:
    """Spoilt rows in the other half of the synthetic rows do no harm."""

    def half_wrong(frame: pl.DataFrame, _: np.random.Generator) -> pl.DataFrame:
        return pl.concat([frame[:400], frame[400:].with_columns(stars=frame["stars"][400:].shuffle(seed=1))])

    pool = topic_pool(half_wrong, rows=800)
    sides = Comparison(np.arange(300), np.arange(800, 1_600), np.arange(300, 800))
    spoilt = Comparison(sides.real, sides.synthetic[200:600], sides.aside)
    statistic = METRICS[name].measure(pool, spoilt, "stars")
    assert not isinstance(statistic, NotComputable)
    assert statistic(np.arange(200)) > statistic(np.arange(200, 400)) + 0.1


def test_embeddings_need_an_encoder_and_words_do_not() -> None:
    pool = topic_pool(rows=400, encoder=None)
    assert isinstance(measure("tstr_ratio_embedding", pool, sides_of(pool), "kind"), NotComputable)
    assert value("tstr_ratio", pool, sides_of(pool), "kind") == pytest.approx(1, abs=0.1)
    value("augmentation_gain", pool, sides_of(pool), "kind")


def test_a_table_without_labels_has_no_such_score() -> None:
    pool = pool_of({"text": (Role.TEXT, ["a b"] * 9)}, {"text": ["a b"] * 9})
    assert not any(list(METRICS[name].columns(pool.profile)) for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_rows_give_the_same_score(name: str) -> None:
    first, second = topic_pool(rows=300), topic_pool(rows=300)
    assert value(name, first, sides_of(first), "stars") == value(name, second, sides_of(second), "stars")


# ------------------------------------------------------------------------------------- real reviews
@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_shuffled_ratings_of_real_reviews_teach_worse_than_real_ones(name: str) -> None:
    rows = 600
    pool = clothing(3 * rows, shuffled("rating"))
    mean, spread = floor(name, pool, rows, "rating", draws=8)
    rating = Comparison(np.arange(rows), np.arange(3 * rows, 4 * rows), np.arange(rows, 2 * rows))
    assert value(name, pool, rating, "rating") < mean - 3 * spread
    mean, spread = floor(name, pool, rows, "recommended", draws=8)
    assert value(name, pool, rating, "recommended") > mean - 4 * spread
