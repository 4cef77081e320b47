"""Scores of drift: rows that leave their category, texts that belie their label, runs that go astray."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from metrics.pools import all_of, origins, pool_of, texts
from metrics.vectors import (
    ROLES,
    TOPICS,
    Fault,
    Words,
    clothing,
    food_texts,
    halves,
    measure,
    text_of,
    topic_pool,
    topical,
    value,
)
from syngen.evaluation.metrics import METRICS, NotComputable
from syngen.evaluation.metrics.predict import Predicted, predict
from syngen.evaluation.metrics.topic import strangeness
from syngen.evaluation.pictures import confusion, curve
from syngen.evaluation.sample import Comparison, EvalSample
from syngen.types import Role


def swapped(share: float) -> Fault:
    """A share of rows gets a text about another kind."""

    def fault(frame: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
        said = frame["text"].to_list()
        for i in rng.permutation(len(said))[: int(share * len(said))]:
            other = rng.choice([kind for kind in TOPICS if kind != frame["kind"][int(i)]])
            said[i] = text_of(str(other), frame["stars"][int(i)], rng)
        return frame.with_columns(text=pl.Series(said))

    return fault


def shuffled(column: str) -> Fault:
    def fault(frame: pl.DataFrame, _: np.random.Generator) -> pl.DataFrame:
        return frame.with_columns(frame[column].shuffle(seed=7))

    return fault


def cheered(frame: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Texts of one and two stars that speak of five; the stars stay."""
    said = [
        text_of(kind, 5, rng) if stars <= 2 else text
        for kind, stars, text in frame.select("kind", "stars", "text").iter_rows()
    ]
    return frame.with_columns(text=pl.Series(said))


def elsewhere(share: float) -> Fault:
    """A share of rows is about something that no real row is about."""

    def fault(frame: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
        said = frame["text"].to_list()
        for i in rng.permutation(len(said))[: int(share * len(said))]:
            said[i] = " ".join(f"other{rng.integers(9)}" for _ in range(14))
        return frame.with_columns(text=pl.Series(said))

    return fault


def told_by(pool: EvalSample, column: str) -> Predicted:
    found = predict(pool, column)
    assert isinstance(found, Predicted)
    return found


# -------------------------------------------------------------------------------- the classifier itself
def test_texts_tell_the_kind_and_the_stars_but_not_noise() -> None:
    pool = topic_pool()
    assert told_by(pool, "kind").balanced > 0.95
    assert told_by(pool, "stars").reliable
    assert not told_by(pool, "noise").reliable
    assert "doesn't tell 'noise'" in str(measure("category_drift", pool, all_of(pool), "noise"))


@pytest.mark.parametrize("times", [1, 2])
def test_no_real_row_is_judged_by_a_model_that_saw_its_text(times: int) -> None:
    """With labels drawn at random there is nothing to learn, unless it is learnt by heart."""
    said = topical(200, 1)["text"].to_list() * times
    label = np.random.default_rng(0).choice(["x", "y"], 200).tolist() * times
    real = {"label": (Role.CATEGORY, label), "text": (Role.TEXT, said)}
    pool = pool_of(real, {"label": label, "text": said}, encoder=Words())
    found = told_by(pool, "label")
    assert found.balanced == pytest.approx(0.5, abs=0.12)
    copies = found.hit[pool.real :]  # nor is a synthetic row that repeats a real text
    assert copies.mean() == pytest.approx(0.5, abs=0.12)


def test_probabilities_add_up_and_the_guess_is_the_likeliest() -> None:
    pool = topic_pool(rows=200)
    found = told_by(pool, "stars")
    assert found.probability.sum(axis=1) == pytest.approx(np.ones(len(pool)), abs=1e-5)
    assert np.array_equal(found.probability.argmax(axis=1), found.guess)
    right = np.mean(found.hit)  # as sure as it is right, roughly
    assert found.probability.max(axis=1).mean() == pytest.approx(right, abs=0.15)


def test_rare_labels_and_rows_without_a_text_are_left_out() -> None:
    real = topical(100, 1)
    kinds = ["rake"] * 4 + [None] * 3 + real["kind"].to_list()[7:]
    said = [*real["text"].to_list()[:-1], None]
    columns = {"kind": (Role.CATEGORY, kinds), "text": (Role.TEXT, said)}
    pool = pool_of(columns, {"kind": ["saw", "new", None], "text": ["saw1 saw2", "saw1 saw2", "saw1"]})
    found = told_by(pool, "kind")
    assert set(found.classes) == set(TOPICS)
    known = ~np.isnan(found.hit)
    assert not known[:7].any()
    assert not known[99]
    assert known[100:].tolist() == [True, False, False]


# ---------------------------------------------------------------------------- texts and their labels
@pytest.mark.parametrize("share", [0.0, 0.1, 0.3])
def test_category_drift_is_the_share_of_rows_that_left(share: float) -> None:
    pool = topic_pool(swapped(share), rows=1_000)
    assert value("category_drift", pool, all_of(pool), "kind") == pytest.approx(share, abs=0.03)
    accuracy = value("category_accuracy", pool, all_of(pool), "kind")
    assert accuracy == pytest.approx(told_by(pool, "kind").balanced * (1 - share), abs=0.04)


def test_stereotypes_are_recognised_too_easily() -> None:
    def stereotypes(frame: pl.DataFrame, _: np.random.Generator) -> pl.DataFrame:
        return frame.with_columns(text=pl.col("kind") + "1 " + pl.col("kind") + "2 " + pl.col("text"))

    def vague(frame: pl.DataFrame) -> pl.DataFrame:
        """Half of the rows say nothing of their kind."""
        return frame.with_columns(
            text=pl.when(pl.int_range(pl.len()) % 2 == 0).then(pl.lit("loba mike")).otherwise("text")
        )

    real, synthetic = vague(topical(600, 1)), stereotypes(topical(600, 2), np.random.default_rng(0))
    pool = pool_of({n: (r, real[n].to_list()) for n, r in ROLES.items()}, synthetic.to_dict(as_series=False))
    sides = all_of(pool)
    assert value("category_accuracy", pool, sides, "kind") > told_by(pool, "kind").balanced + 0.2
    assert value("category_drift", pool, sides, "kind") < -0.2


def test_the_mix_of_classes_does_not_matter() -> None:
    def mostly_one_star(frame: pl.DataFrame, _: np.random.Generator) -> pl.DataFrame:
        low = frame.filter(pl.col("stars") == 1)
        return pl.concat([low] * 6 + [frame]).head(len(frame))

    same, mixed = topic_pool(), topic_pool(mostly_one_star)
    for name, column in (
        ("label_fidelity", "stars"),
        ("category_accuracy", "kind"),
        ("category_drift", "kind"),
    ):
        assert value(name, mixed, all_of(mixed), column) == pytest.approx(
            value(name, same, all_of(same), column), abs=0.07
        )


def test_shuffled_labels_are_as_good_as_guessed() -> None:
    pool = topic_pool(shuffled("stars"))
    assert value("label_fidelity", pool, all_of(pool), "stars") == pytest.approx(1 / 5, abs=0.06)
    assert value("category_drift", pool, all_of(pool), "kind") == pytest.approx(0, abs=0.03)
    assert value("tone_ks", pool, all_of(pool), "stars") < 0.1


def test_a_shift_to_the_positive_shows_though_the_labels_are_right() -> None:
    pool = topic_pool(cheered)
    assert value("tone_ks", pool, all_of(pool), "stars") == pytest.approx(0.4, abs=0.1)
    assert value("label_fidelity", pool, all_of(pool), "stars") == pytest.approx(
        told_by(pool, "stars").balanced * 0.6, abs=0.08
    )


def test_a_missing_column_is_told_of() -> None:
    pool = topic_pool(rows=100, absent=frozenset({"kind"}))
    assert "no column 'kind'" in str(measure("category_drift", pool, all_of(pool), "kind"))


# ------------------------------------------------------------------------------------------- topic
@pytest.mark.parametrize("share", [0.0, 0.2])
def test_off_topic_is_the_share_that_is_about_something_else(share: float) -> None:
    pool = topic_pool(elsewhere(share), rows=800)
    expected = share + (1 - share) * 0.05
    assert value("off_topic_share", pool, all_of(pool)) == pytest.approx(expected, abs=0.03)


def test_real_rows_in_the_place_of_synthetic_ones_are_on_topic() -> None:
    pool = topic_pool(rows=800)
    sides = Comparison(np.arange(400), np.arange(400, 800), np.arange(0))
    assert value("off_topic_share", pool, sides) == pytest.approx(0.05, abs=0.03)


def test_strangeness_is_the_mean_distance_to_the_five_nearest_other_real_rows() -> None:
    from scipy.spatial.distance import cdist

    pool = topic_pool(rows=60)
    vectors = pool.embedding.astype(float)
    distances = cdist(vectors, vectors[:60])
    distances[np.arange(120), np.arange(120) % 60] = np.inf
    assert strangeness(pool) == pytest.approx(np.sort(distances, axis=1)[:, :5].mean(axis=1), abs=1e-3)


def test_fewer_than_19_real_rows_have_no_95_percent() -> None:
    said = topical(18, 1)["text"].to_list()
    pool = texts(said, said, encoder=Words())
    assert isinstance(measure("off_topic_share", pool, all_of(pool)), NotComputable)


# ------------------------------------------------------------------------------- as a run goes on
def astray(per_call: int) -> EvalSample:
    """From the middle of each call on, every second row is about another kind."""

    def fault(frame: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
        other = swapped(1.0)(frame, rng)
        row = pl.int_range(pl.len())
        late = (row % per_call >= per_call // 2) & (row % 2 == 1)
        return frame.with_columns(text=pl.when(late).then(other["text"]).otherwise("text"))

    place = np.arange(600)
    known = origins([30.0] * 600, call=place // per_call, position=place % per_call)
    return topic_pool(fault, origins=known)


def test_calls_that_go_astray_have_a_falling_slope() -> None:
    pool = astray(10)
    slope = value("drift_slope_position", pool, all_of(pool))
    x, late = np.arange(10) / 9, np.array([0] * 5 + [1, 0, 1, 0, 1])
    assert slope == pytest.approx(np.polyfit(x, -late, 1)[0], abs=0.08)
    assert abs(value("drift_slope_call", pool, all_of(pool))) < 0.1


def test_a_curve_shows_where_they_go_astray() -> None:
    pool = astray(10)
    found = curve(pool, all_of(pool), "position")
    assert found.x == tuple(float(i) for i in range(1, 11))
    assert found.y[0] == pytest.approx(found.real, abs=0.1)
    assert found.y[9] == pytest.approx(0, abs=0.1)
    assert all(low <= y <= high for low, y, high in zip(found.low, found.y, found.high, strict=True))
    calls = curve(pool, all_of(pool), "call")
    assert len(calls.x) == 10
    assert all(a < b for a, b in pairwise(calls.x))


def test_without_a_category_the_distance_to_real_texts_is_followed() -> None:
    said, new = topical(300, 1)["text"].to_list(), topical(300, 2)["text"].to_list()
    new[150:] = [" ".join(f"other{i % 7 + k}" for k in range(12)) for i in range(150)]
    pool = texts(said, new, encoder=Words(), origins=origins([9.0] * 300))
    assert value("drift_slope_call", pool, all_of(pool)) < -1


def test_a_slope_needs_to_know_where_rows_came_from() -> None:
    unknown = topic_pool(rows=100)
    first = topic_pool(rows=100, origins=origins([9.0] * 100))  # one row a call
    assert "not known" in str(measure("drift_slope_position", unknown, all_of(unknown)))
    assert "first of their call" in str(measure("drift_slope_position", first, all_of(first)))
    with pytest.raises(NotComputable):
        curve(unknown, all_of(unknown), "call")


def test_rows_of_one_place_alone_show_no_slope() -> None:
    pool = astray(10)
    statistic = METRICS["drift_slope_position"].measure(pool, all_of(pool), "")
    assert not isinstance(statistic, NotComputable)
    assert statistic(np.arange(0, 600, 10)) == 0


# ---------------------------------------------------------------------------------------- pictures
def test_a_confusion_matrix_has_a_row_for_each_class() -> None:
    pool = topic_pool(swapped(0.3))
    found = confusion(pool, all_of(pool), "kind")
    assert set(found.labels) == set(TOPICS)
    for matrix in (found.real, found.synthetic):
        assert np.sum(matrix, axis=1) == pytest.approx(1)
    assert np.diag(found.real).min() > 0.9
    assert np.diag(found.synthetic).mean() == pytest.approx(0.7, abs=0.06)


def test_of_many_classes_the_rarest_are_joined() -> None:
    rng = np.random.default_rng(0)
    kind = rng.choice([f"k{i:02}" for i in range(20)], 800, p=np.linspace(2, 1, 20) / 30).tolist()
    said = [f"{k}a {k}b word{rng.integers(9)}" for k in kind]
    columns = {"kind": (Role.CATEGORY, kind), "text": (Role.TEXT, said)}
    pool = pool_of(columns, {"kind": kind[:50], "text": said[:50]})
    found = confusion(pool, all_of(pool), "kind")
    assert len(found.labels) == 12
    assert found.labels[-1] == "other"
    assert found.labels[0] == max(set(kind), key=kind.count)


CASES = [
    ("category_drift", "kind"), ("category_accuracy", "kind"), ("label_fidelity", "stars"),
    ("tone_ks", "stars"), ("off_topic_share", ""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "column"), CASES)
def test_the_same_rows_give_the_same_score(name: str, column: str) -> None:
    first, second = topic_pool(rows=150), topic_pool(rows=150)
    assert value(name, first, all_of(first), column) == value(name, second, all_of(second), column)


@pytest.mark.parametrize(("name", "column"), CASES)
def test_a_part_of_the_rows_gives_a_number(name: str, column: str) -> None:
    pool = topic_pool(rows=150)
    statistic = METRICS[name].measure(pool, all_of(pool), column)
    assert not isinstance(statistic, NotComputable)
    assert all(np.isfinite(statistic(np.array([i]))) for i in range(10))


# ------------------------------------------------------------------------------------- real reviews
ROWS = 1_500


def judged_by(pool: EvalSample, name: str, column: str) -> tuple[float, float, float]:
    """The score, and mean and spread of draws of real rows in the place of synthetic ones."""
    everything = all_of(pool)
    draws = []
    for seed in range(15):
        rng = np.random.default_rng(seed)
        stand_in = rng.integers(pool.real, size=len(everything.synthetic))
        draws.append(value(name, pool, Comparison(everything.real, stand_in, everything.aside), column))
    # Half of the variance of a difference of two samples is missing where one of them is all real rows.
    return value(name, pool, everything, column), float(np.mean(draws)), float(np.std(draws)) * 2**0.5


def moved(pool: EvalSample) -> set[str]:
    """The scores that lie far from those of real rows, in the bad direction."""
    found = set()
    for name, column in (
        ("category_drift", "category"), ("category_accuracy", "category"), ("label_fidelity", "rating"),
        ("label_fidelity", "recommended"), ("tone_ks", "rating"), ("off_topic_share", ""),
    ):  # fmt: skip
        score, mean, spread = judged_by(pool, name, column)
        off = {"lower": score - mean, "higher": mean - score, "match": abs(score - mean)}
        if off[METRICS[name].direction] > 4 * spread:
            found.add(f"{name} {column}".strip())
    return found


@pytest.mark.slow
def test_more_real_reviews_raise_no_alarm() -> None:
    assert moved(clothing(ROWS)) == set()


@pytest.mark.slow
def test_a_fifth_of_texts_of_another_category_is_drift() -> None:
    def fault(frame: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
        said, kinds = frame["text"].to_list(), frame["category"].to_list()
        for i in rng.permutation(len(said))[: len(said) // 5]:
            others = np.flatnonzero(
                (frame["category"] != kinds[i]).to_numpy()
                & (frame["rating"] == frame["rating"][int(i)]).to_numpy()
            )
            said[i] = frame["text"][int(rng.choice(others))]
        return frame.with_columns(text=pl.Series(said))

    pool = clothing(ROWS, fault)
    assert moved(pool) == {"category_drift category", "category_accuracy category"}
    assert value("category_drift", pool, all_of(pool), "category") == pytest.approx(0.2, abs=0.08)


@pytest.mark.slow
def test_shuffled_ratings_belie_their_texts() -> None:
    assert moved(clothing(ROWS, shuffled("rating"))) == {"label_fidelity rating"}


@pytest.mark.slow
def test_praise_under_bad_ratings_shows_in_the_tone() -> None:
    def fault(frame: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
        praise = frame.filter(pl.col("rating") == 5).group_by("category").agg("text")
        known = dict(praise.iter_rows())
        said = [
            str(rng.choice(known[kind])) if rating <= 3 and kind in known else text
            for kind, rating, text in frame.select("category", "rating", "text").iter_rows()
        ]
        return frame.with_columns(text=pl.Series(said))

    found = moved(clothing(ROWS, fault))
    assert {"tone_ks rating", "label_fidelity rating", "label_fidelity recommended"} <= found
    assert "category_drift category" not in found


@pytest.mark.slow
def test_reviews_of_food_are_off_topic_among_reviews_of_clothes() -> None:
    def fault(frame: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
        said, food = frame["text"].to_list(), food_texts()
        for i in rng.permutation(len(said))[: len(said) // 10]:
            said[i] = food[int(rng.integers(len(food)))]
        return frame.with_columns(text=pl.Series(said))

    pool = clothing(ROWS, fault)
    score, mean, spread = judged_by(pool, "off_topic_share", "")
    assert mean == pytest.approx(0.05, abs=0.01)
    assert score == pytest.approx(0.145, abs=0.03)
    assert score > mean + 6 * spread


@pytest.mark.slow
def test_real_reviews_stand_in_for_held_out_ones_without_advantage() -> None:
    pool = clothing(ROWS)
    half = halves(pool)
    stand_in = Comparison(half.real, np.arange(ROWS // 2, ROWS), half.aside)
    for name, column in (("category_accuracy", "category"), ("label_fidelity", "rating")):
        assert value(name, pool, stand_in, column) == pytest.approx(value(name, pool, half, column), abs=0.06)
