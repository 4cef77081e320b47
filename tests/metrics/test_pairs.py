"""Scores of pairs of columns."""

from __future__ import annotations

import numpy as np
import pytest

from metrics.pools import Table, all_of, attempt, moved, pool_of, registered, review_pool, score
from syngen.evaluation.metrics.pairs import BINS, MOST_PAIRS
from syngen.evaluation.metrics.statistic import NotComputable, spearman
from syngen.types import Role


def names(score_name: str, roles: dict[str, Role]) -> list[str]:
    values = {Role.TEXT: ["a few words here", "and more"]}
    pool = pool_of({n: (role, values.get(role, [1, 2])) for n, role in roles.items()}, {n: [] for n in roles})
    return list(registered()[score_name].columns(pool.profile))


def test_discrete_columns_are_paired_with_all_and_numbers_with_numbers() -> None:
    roles = {"stars": Role.ORDINAL, "age": Role.COUNT, "id": Role.IDENTIFIER, "text": Role.TEXT}
    assert names("contingency_similarity", roles) == ["text: words × stars", "stars × age"]
    assert names("correlation_similarity", roles) == ["text: words × age"]


def test_of_a_wide_table_the_first_pairs_are_scored() -> None:
    wide = {f"c{i:02}": Role.NUMBER for i in range(40)}
    found = names("correlation_similarity", wide)
    assert len(found) == len(set(found)) == MOST_PAIRS
    assert found[:3] == ["c00 × c01", "c00 × c02", "c00 × c03"]


def test_a_column_may_bear_the_name_of_the_words() -> None:
    roles = {"text: words": Role.NUMBER, "text": Role.TEXT}
    values = ([7.0, 8.0, 9.0], ["a b c d e f g h", "a", "a b"])
    pool = pool_of(
        {n: (r, v) for (n, r), v in zip(roles.items(), values, strict=True)},
        dict(zip(roles, values, strict=True)),
    )
    assert score("correlation_similarity", pool, column="text: words × text: words") == 1


def test_contingency_similarity_is_one_less_the_variation_of_the_joint_table() -> None:
    real = {"a": (Role.CATEGORY, ["x", "x", "y", "y"]), "b": (Role.BOOLEAN, [True, False, True, False])}
    pool = pool_of(real, {"a": ["x", "x", "y", "y"], "b": [True, True, False, False]})
    assert score("contingency_similarity", pool) == 0.5


def test_pairs_agree_with_sdmetrics() -> None:
    column_pairs = pytest.importorskip("sdmetrics.column_pairs")
    pandas = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    tables = []
    for shift in (0.0, 0.6):
        u = rng.normal(size=400)
        tables.append(
            {
                "a": rng.choice(["x", "y", "z", None], 400).tolist(),
                "b": (u > shift).tolist(),
                "c": u.round(3).tolist(),
                "d": [
                    None if i % 9 == 0 else v for i, v in enumerate(np.exp(u + rng.normal(size=400)).tolist())
                ],
            }
        )
    roles = {"a": Role.CATEGORY, "b": Role.BOOLEAN, "c": Role.NUMBER, "d": Role.NUMBER}
    pool = pool_of({n: (role, tables[0][n]) for n, role in roles.items()}, tables[1])
    frames = [pandas.DataFrame(t) for t in tables]
    expected = column_pairs.ContingencySimilarity.compute(*(f[["a", "b"]] for f in frames))
    assert score("contingency_similarity", pool, column="a × b") == pytest.approx(expected)
    expected = column_pairs.CorrelationSimilarity.compute(
        *(f[["c", "d"]].astype(float) for f in frames), coefficient="Spearman"
    )
    assert score("correlation_similarity", pool, column="c × d") == pytest.approx(expected)


def test_numbers_are_binned_so_that_each_bin_holds_as_many_real_rows() -> None:
    rng = np.random.default_rng(1)
    numbers = np.exp(rng.normal(size=1000))
    real = {"a": (Role.CATEGORY, ["x"] * 1000), "b": (Role.NUMBER, numbers.tolist())}
    pool = pool_of(real, {"a": ["x"] * 50, "b": np.sort(numbers)[:50].tolist()})
    assert score("contingency_similarity", pool) == pytest.approx(1 / BINS)


def test_rare_labels_count_as_one() -> None:
    labels = [f"l{i}" for i in range(30) for _ in range(40 - i)]
    flags = [True] * len(labels)
    real = {"a": (Role.CATEGORY, labels), "b": (Role.BOOLEAN, flags)}
    swapped = ["l29" if label == "l25" else label for label in labels]
    pool = pool_of(real, {"a": swapped, "b": flags})
    assert score("contingency_similarity", pool) == 1
    swapped = ["l1" if label == "l0" else label for label in labels]
    assert score("contingency_similarity", pool_of(real, {"a": swapped, "b": flags})) < 0.95


def test_rank_correlation_is_the_one_of_scipy_on_rows_with_both_numbers() -> None:
    from scipy.stats import spearmanr

    rng = np.random.default_rng(2)
    left, right = rng.poisson(3, 200).astype(float), rng.normal(size=200)
    left[:5] = np.nan
    statistic = spearman(left, right)
    assert not isinstance(statistic, NotComputable)
    assert statistic(np.arange(200)) == pytest.approx(spearmanr(left[5:], right[5:]).statistic)
    half = rng.permutation(200)[:100]
    kept = half[half >= 5]
    assert statistic(half) == pytest.approx(spearmanr(left[kept], right[kept]).statistic, abs=0.02)


def test_a_constant_column_has_no_correlation() -> None:
    real = {"a": (Role.NUMBER, [1.0, 2.0, 3.0]), "b": (Role.NUMBER, [1.0, 3.0, 2.0])}
    pool = pool_of(real, {"a": [1.0, 1.0], "b": [1.0, 2.0]})
    found = attempt("correlation_similarity", pool)
    assert str(found) == "of the synthetic rows all have the same value in one of the two columns"


def test_a_half_without_variation_takes_the_correlation_of_all() -> None:
    real = {"a": (Role.NUMBER, [1.0, 2.0, 3.0]), "b": (Role.NUMBER, [1.0, 2.0, 3.0])}
    pool = pool_of(real, {"a": [1.0, 2.0, 3.0], "b": [3.0, 2.0, 1.0]})
    statistic = registered()["correlation_similarity"].measure(pool, all_of(pool), "a × b")
    assert not isinstance(statistic, NotComputable)
    assert statistic(np.array([1])) == statistic(np.arange(3)) == 0


def test_columns_that_no_longer_go_together_move_their_pairs_alone() -> None:
    def shuffle(synthetic: Table, _: Table) -> None:
        np.random.default_rng(0).shuffle(synthetic["stars"])

    assert moved(review_pool(shuffle)) == {"contingency_similarity: text: words × stars"}


def test_shuffled_prices_no_longer_go_with_their_kind() -> None:
    def shuffle(synthetic: Table, _: Table) -> None:
        np.random.default_rng(0).shuffle(synthetic["price"])

    assert moved(review_pool(shuffle)) == {"contingency_similarity: kind × price"}
