"""Scores of meaning: neighbours, energy distance, Vendi score, distance to closest record."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from metrics.pools import all_of, draw_of, texts
from metrics.vectors import Points, clothing, floor, halves, measure, points, topic_pool, value
from syngen.evaluation.metrics import METRICS, NotComputable
from syngen.evaluation.metrics.meaning import squared_distances, vendi_score
from syngen.evaluation.sample import Comparison

NAMES = (
    "precision", "recall", "density", "coverage", "energy_distance", "vendi", "pairwise_similarity", "dcr_share",
)  # fmt: skip


def cloud(rows: int, seed: int, shift: float = 0.0, dimensions: int = 6) -> np.ndarray:
    return (np.random.default_rng(seed).normal(size=(rows, dimensions)) + shift).astype(np.float32)


def by_definition(real: np.ndarray, synthetic: np.ndarray, k: int = 5) -> dict[str, float]:
    """Precision, recall, density and coverage as the papers write them, in double precision."""
    from scipy.spatial.distance import cdist

    across = cdist(real, synthetic)
    of_real = np.sort(cdist(real, real), axis=1)[:, k]
    of_synthetic = np.sort(cdist(synthetic, synthetic), axis=1)[:, k]
    return {
        "precision": float((across < of_real[:, None]).any(axis=0).mean()),
        "recall": float((across < of_synthetic).any(axis=1).mean()),
        "density": float((across < of_real[:, None]).sum() / (k * len(synthetic))),
        "coverage": float((across.min(axis=1) < of_real).mean()),
    }


def measured(real: np.ndarray, synthetic: np.ndarray) -> dict[str, float]:
    """The four scores of some points, about as many synthetic as real ones at most."""
    pool = points(real, synthetic)
    return {name: value(name, pool, all_of(pool)) for name in ("precision", "recall", "density", "coverage")}


@pytest.mark.parametrize(("sizes", "shift"), [((200, 200), 0.0), ((300, 150), 0.5), ((40, 55), 1.5)])
def test_precision_recall_density_and_coverage_are_those_of_the_papers(
    sizes: tuple[int, int], shift: float
) -> None:
    real, synthetic = cloud(sizes[0], 1), cloud(sizes[1], 2, shift)
    assert measured(real, synthetic) == pytest.approx(by_definition(real, synthetic))


def test_they_agree_with_the_package_prdc() -> None:
    package = pytest.importorskip("prdc")
    real, synthetic = cloud(200, 1), cloud(250, 2, 0.4)
    assert measured(real, synthetic) == pytest.approx(package.compute_prdc(real, synthetic, 5))


def test_a_score_of_equally_many_rows_is_that_of_the_vectors() -> None:
    real, synthetic = cloud(60, 1), cloud(60, 2, 0.5)
    pool = points(real, synthetic)
    for name, expected in by_definition(real, synthetic).items():
        assert value(name, pool, all_of(pool)) == pytest.approx(expected)


@pytest.mark.parametrize("name", ["recall", "coverage"])
def test_three_times_as_many_rows_do_not_cover_more(name: str) -> None:
    real, synthetic = cloud(80, 1), cloud(240, 2)
    pool = points(real, synthetic)
    thirds = [by_definition(real, third)[name] for third in np.array_split(synthetic, 3)]
    assert value(name, pool, all_of(pool)) == pytest.approx(np.mean(thirds))


@pytest.mark.parametrize("name", ["precision", "density", "coverage", "recall"])
def test_a_part_of_the_rows_scores_as_if_there_were_no_others(name: str) -> None:
    real, synthetic = cloud(50, 1), cloud(50, 2, 0.5)
    pool = points(real, synthetic)
    statistic = METRICS[name].measure(pool, all_of(pool), "")
    assert not isinstance(statistic, NotComputable)
    part = np.arange(0, 50, 2)
    assert statistic(part) == pytest.approx(by_definition(real, synthetic[part])[name])


def test_equal_rows_are_at_distance_zero() -> None:
    rows = cloud(30, 1, dimensions=200)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    assert np.diag(squared_distances(rows, rows.copy())).max() == 0


# ---------------------------------------------------------------------------------- energy distance
def test_the_energy_distance_of_two_points_is_twice_their_distance() -> None:
    pool = points(np.zeros((6, 2)), np.tile([3.0, 4.0], (6, 1)))
    assert value("energy_distance", pool, all_of(pool)) == pytest.approx(10)


def test_on_a_line_it_is_the_square_of_scipys() -> None:
    from scipy.stats import energy_distance

    real, synthetic = cloud(80, 1, dimensions=1), cloud(120, 2, 0.3, dimensions=1)
    expected = energy_distance(real[:, 0], synthetic[:, 0]) ** 2
    pool = points(real, synthetic)
    assert value("energy_distance", pool, all_of(pool)) == pytest.approx(expected, rel=1e-4)


def test_a_part_of_the_rows_is_not_farther_for_being_smaller() -> None:
    pool = points(cloud(400, 1), cloud(400, 2))
    statistic = METRICS["energy_distance"].measure(pool, all_of(pool), "")
    assert not isinstance(statistic, NotComputable)
    rng = np.random.default_rng(0)
    parts = [statistic(rng.permutation(400)[:100]) for _ in range(40)]
    assert np.mean(parts) == pytest.approx(statistic(np.arange(400)), abs=3 * np.std(parts) / 40**0.5)


# ---------------------------------------------------------------------------------------- diversity
def test_the_vendi_score_counts_different_rows() -> None:
    basis = np.eye(8, dtype=np.float32)
    assert vendi_score(basis) == pytest.approx(8)
    assert vendi_score(np.repeat(basis[:4], 5, axis=0)) == pytest.approx(4)
    assert vendi_score(np.repeat(basis[:1], 9, axis=0)) == pytest.approx(1)


def test_vendi_is_the_share_of_the_real_rows_diversity_at_equal_numbers() -> None:
    basis = np.eye(12)
    twice = points(basis, np.repeat(basis[:6], 2, axis=0))
    assert value("vendi", twice, all_of(twice)) == pytest.approx(0.5)
    more = points(basis, np.concatenate([basis, basis, basis]))
    assert value("vendi", more, all_of(more)) == pytest.approx(1)


def test_pairwise_similarity_is_the_mean_cosine_of_two_different_rows() -> None:
    rows = cloud(30, 1)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    cosines = (rows @ rows.T)[~np.eye(30, dtype=bool)]
    pool = points(cloud(10, 2), rows)
    assert value("pairwise_similarity", pool, all_of(pool)) == pytest.approx(cosines.mean(), abs=1e-5)


# ------------------------------------------------------------------------------------------ privacy
def spread(rows: int) -> np.ndarray:
    """Unit vectors in all directions of a half circle."""
    angles = np.linspace(0, np.pi, rows)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def test_copies_of_rows_that_may_have_been_shown_have_a_dcr_share_of_1() -> None:
    real = spread(40)
    others, shown = np.arange(0, 40, 2), np.arange(1, 40, 2)
    for copied, expected in ((shown, 1.0), (others, 0.0)):
        pool = points(real, real[copied])
        sides = Comparison(others, np.arange(40, 60), shown)
        assert value("dcr_share", pool, sides) == expected


def test_rows_as_near_to_either_count_a_half() -> None:
    real = np.tile(spread(5), (4, 1))
    pool = points(real, spread(5))
    assert value("dcr_share", pool, Comparison(np.arange(10), np.arange(20, 25), np.arange(10, 20))) == 0.5


def test_the_larger_of_the_two_parts_has_no_advantage() -> None:
    pool = points(cloud(600, 1), cloud(200, 2))
    sides = Comparison(np.arange(60), np.arange(600, 800), np.arange(60, 600))
    assert value("dcr_share", pool, sides) == pytest.approx(0.5, abs=0.15)


def test_without_rows_that_may_have_been_shown_there_is_no_dcr_share() -> None:
    pool = points(cloud(20, 1), cloud(20, 2))
    assert isinstance(measure("dcr_share", pool, all_of(pool)), NotComputable)


# ------------------------------------------------------------------------------- what holds for all
@pytest.mark.parametrize("name", NAMES)
def test_rows_without_a_text_are_left_out(name: str) -> None:
    real, synthetic = cloud(30, 1), cloud(30, 2, 0.3)
    written = [[" ".join(map(str, row)) for row in side] for side in (real, synthetic)]
    aside = [" ".join(map(str, row)) for row in cloud(30, 3)]
    whole = texts(written[0] + aside, written[1], encoder=Points())
    gaps = texts(
        [*written[0], None, *aside], [None, *written[1][:10], " ", *written[1][10:]], encoder=Points()
    )
    full = Comparison(np.arange(30), np.arange(60, 90), np.arange(30, 60))
    holey = Comparison(np.arange(31), np.arange(61, 93), np.arange(31, 61))
    assert value(name, gaps, holey) == pytest.approx(value(name, whole, full))
    statistic = METRICS[name].measure(gaps, holey, "")
    assert not isinstance(statistic, NotComputable)
    assert np.isfinite(statistic(np.array([0, 11])))  # rows without a text, and no others
    assert gaps.written.sum() == 90


@pytest.mark.parametrize("name", NAMES)
def test_without_an_encoder_there_is_no_meaning(name: str) -> None:
    pool = texts(["a b"] * 20, ["c d"] * 20)
    assert isinstance(measure(name, pool, all_of(pool)), NotComputable)


@pytest.mark.parametrize("name", NAMES)
def test_ten_rows_or_equal_texts_give_numbers(name: str) -> None:
    few = points(cloud(20, 1), cloud(10, 2))
    value(name, few, halves(few, aside=True))
    same = points(np.ones((40, 3)), np.ones((20, 3)))
    value(name, same, halves(same, aside=True))
    statistic = METRICS[name].measure(few, halves(few, aside=True), "")
    assert not isinstance(statistic, NotComputable)
    assert np.isfinite(statistic(np.array([3])))


@pytest.mark.parametrize("name", NAMES)
def test_the_same_rows_give_the_same_score(name: str) -> None:
    first, second = topic_pool(rows=120), topic_pool(rows=120)
    assert value(name, first, halves(first, aside=True)) == value(name, second, halves(second, aside=True))


@pytest.mark.parametrize("name", NAMES)
def test_real_rows_in_the_place_of_synthetic_ones_are_no_neighbours_of_themselves(name: str) -> None:
    pool = points(cloud(900, 1), cloud(300, 2))
    of_new = value(name, pool, Comparison(np.arange(300), np.arange(900, 1200), np.arange(300, 600)))
    of_real = [value(name, pool, draw_of(pool, 300, 300, seed)) for seed in range(15)]
    assert of_new == pytest.approx(np.mean(of_real), abs=5 * np.std(of_real) + 1e-6)


# ------------------------------------------------------------------------------------- real reviews
ROWS = 400


def beyond(name: str, pool_rows: int = 3 * ROWS, *, fault: object) -> float:
    """How many spreads of the real-vs-real floor a fault moves a score."""
    pool = clothing(pool_rows, fault)  # type: ignore[arg-type]
    mean, spread = floor(name, pool, ROWS)
    rows = np.random.default_rng(5).permutation(pool.real)
    sides = Comparison(rows[:ROWS], np.arange(pool.real, pool.real + ROWS), rows[ROWS : 2 * ROWS])
    return (value(name, pool, sides) - mean) / spread


def one_text(frame: pl.DataFrame, _: np.random.Generator) -> pl.DataFrame:
    return frame.with_columns(text=pl.lit(frame["text"][0]))


def fifty_texts(frame: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    return frame.with_columns(text=pl.Series(rng.choice(frame["text"].to_numpy()[:50], len(frame))))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["recall", "coverage", "vendi"])
@pytest.mark.parametrize("fault", [one_text, fifty_texts])
def test_few_texts_again_and_again_cover_little(name: str, fault: object) -> None:
    assert beyond(name, fault=fault) < -8


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_more_real_reviews_are_like_real_reviews(name: str) -> None:
    assert abs(beyond(name, fault=None)) < 4


@pytest.mark.slow
def test_copied_reviews_raise_the_dcr_share() -> None:
    pool = clothing(3 * ROWS)
    mean, spread = floor("dcr_share", pool, ROWS)
    shown = np.arange(ROWS, 2 * ROWS)
    copies = np.concatenate([shown[:160], np.arange(2 * ROWS, 3 * ROWS - 160)])  # two of five
    assert value("dcr_share", pool, Comparison(np.arange(ROWS), copies, shown)) > mean + 3 * spread
