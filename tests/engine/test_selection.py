"""Selection keeps the candidates that look most like what is wanted, and every stratum its share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syngen.engine import subset as selection
from syngen.engine.subset import quotas, scaled

KINDS, DIMENSIONS = 6, 16
CENTRES = np.random.default_rng(7).normal(size=(KINDS, DIMENSIONS))
EVEN, SKEWED = np.full(KINDS, 1 / KINDS), np.array([0.4, 0.25, 0.15, 0.1, 0.05, 0.05])


@dataclass(frozen=True, eq=False)
class Points:
    """Texts as points; see `scaled`."""

    vectors: np.ndarray
    words: np.ndarray
    grade: np.ndarray
    information: np.ndarray

    def __len__(self) -> int:
        return len(self.vectors)


def columns(candidates: Points, wanted: Points) -> tuple[np.ndarray, np.ndarray]:
    parts = ((p.vectors, p.words, p.grade, p.information) for p in (candidates, wanted))
    return scaled(*parts)


def choose(
    candidates: Points, wanted: Points, strata: Sequence[Hashable], n: int, seed: int = 0
) -> list[int]:
    return selection.choose(*columns(candidates, wanted), strata, n, seed=seed)


def texts(n: int, mixture: np.ndarray, *, seed: int, longer: float = 0.0) -> Points:
    """Texts of several kinds, each about its own thing; `longer` shifts the logarithm of their length."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(KINDS, n, p=mixture)
    vectors = CENTRES[kind] + rng.normal(size=(n, DIMENSIONS))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    grade = rng.normal(8 + kind, 3)
    grade[rng.random(n) < 0.1] = np.nan
    words = np.ceil(np.exp(rng.normal(3.5 + longer, 0.6, n)))
    return Points(vectors.astype(np.float32), words, grade, np.zeros((n, 0)))


def take(points: Points, rows: Sequence[int] | np.ndarray) -> Points:
    rows = np.asarray(rows, dtype=int)
    return Points(points.vectors[rows], points.words[rows], points.grade[rows], points.information[rows])


def discrepancy(some: Points, others: Points) -> float:
    """Squared maximum mean discrepancy over meaning and length (Gretton and others 2012, unbiased).

    With an exact kernel, written apart from the code; of two samples of one distribution it is 0 on average.
    """

    def meaning_and_length(points: Points) -> np.ndarray:
        return np.column_stack([points.vectors, np.log(points.words)])

    def kernel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.exp(-((x[:, None] - y[None]) ** 2).sum(axis=2))

    x, y = meaning_and_length(some), meaning_and_length(others)
    within = [(kernel(z, z).sum() - len(z)) / (len(z) * (len(z) - 1)) for z in (x, y)]
    return float(sum(within) - 2 * kernel(x, y).mean())


def steps_apart(some: np.ndarray, others: np.ndarray) -> float:
    """The Kolmogorov–Smirnov distance."""
    at = np.union1d(some, others)
    below = [np.searchsorted(np.sort(values), at, "right") / len(values) for values in (some, others)]
    return float(np.abs(below[0] - below[1]).max())


WANTED = texts(150, EVEN, seed=1)
CANDIDATES = texts(240, SKEWED, seed=2, longer=-0.3)
STRATA = [("red", "green", "blue", "none")[i * i % 4 + i % 3] for i in range(240)]


def test_what_is_kept_is_nearer_to_the_wanted_texts_than_any_of_20_random_choices() -> None:
    kept = discrepancy(take(CANDIDATES, choose(CANDIDATES, WANTED, STRATA, 160)), WANTED)
    draws = [np.random.default_rng(draw).permutation(240)[:160] for draw in range(20)]
    drawn = [discrepancy(take(CANDIDATES, rows), WANTED) for rows in draws]
    assert kept < min(drawn)
    assert kept < np.mean(drawn) / 2


def test_it_is_also_nearer_to_texts_of_the_wanted_kind_that_it_never_saw() -> None:
    unseen = texts(150, EVEN, seed=3)
    kept = take(CANDIDATES, choose(CANDIDATES, WANTED, STRATA, 160))
    assert discrepancy(kept, unseen) < discrepancy(CANDIDATES, unseen) / 1.5


def test_swaps_mend_what_small_strata_leave_to_herding(monkeypatch: pytest.MonkeyPatch) -> None:
    strata = [row // 2 for row in range(240)]
    features, target = selection._features(*columns(CANDIDATES, WANTED), 0)

    def off() -> float:
        return float(np.linalg.norm(features[choose(CANDIDATES, WANTED, strata, 120)].mean(axis=0) - target))

    mended = off()
    monkeypatch.setattr(selection, "PASSES", 0)
    assert mended < 0.97 * off()
    assert off() < np.linalg.norm(features.mean(axis=0) - target) / 2  # herding does most of it


def test_lengths_come_closer_to_the_wanted_lengths() -> None:
    kept = choose(CANDIDATES, WANTED, STRATA, 160)
    before = steps_apart(CANDIDATES.words, WANTED.words)
    assert steps_apart(CANDIDATES.words[kept], WANTED.words) < before / 2


def test_texts_come_to_tell_as_much_of_their_labels_as_wanted() -> None:
    rng = np.random.default_rng(9)
    candidates = replace(CANDIDATES, information=rng.normal(-0.5, 1, (240, 1)))
    wanted = replace(WANTED, information=rng.normal(0, 1, (len(WANTED), 1)))
    kept = choose(candidates, wanted, STRATA, 160)
    assert -0.2 < candidates.information[kept].mean() < 0.1
    assert candidates.information.mean() < -0.4


def test_texts_without_a_grade_come_closer_to_their_wanted_share() -> None:
    grade = np.where(np.arange(240) % 2, np.nan, CANDIDATES.grade)
    many_without = replace(CANDIDATES, grade=grade)
    kept = choose(many_without, WANTED, ["all"] * 240, 160)
    assert np.isnan(grade[kept]).mean() < np.isnan(grade).mean() - 0.1


@pytest.mark.parametrize("n", [1, 30, 120, 239])
def test_every_stratum_keeps_exactly_its_quota(n: int) -> None:
    kept = choose(CANDIDATES, WANTED, STRATA, n)
    assert len(set(kept)) == n
    assert kept == sorted(kept)
    assert Counter(STRATA[row] for row in kept) == Counter(quotas(STRATA, n))


def test_sets_beyond_the_shortlist_keep_their_quotas_and_come_nearer() -> None:
    candidates = texts(2400, SKEWED, seed=4, longer=-0.3)
    strata = ["rare" if row < 7 else row % 3 for row in range(2400)]
    kept = choose(candidates, WANTED, strata, 1600)
    assert Counter(strata[row] for row in kept) == Counter(quotas(strata, 1600))
    sample = np.random.default_rng(0).permutation(1600)[:400]  # a discrepancy of all would take much memory
    drawn = take(candidates, np.random.default_rng(0).permutation(2400)[:400])
    assert discrepancy(take(candidates, np.array(kept)[sample]), WANTED) < discrepancy(drawn, WANTED) / 2


@given(st.lists(st.integers(0, 5), min_size=1, max_size=60), st.data())
def test_quotas_are_shares_to_within_one_and_never_more_than_there_is(strata: list[int], data) -> None:
    n = data.draw(st.integers(0, len(strata)))
    kept = quotas(strata, n)
    assert sum(kept.values()) == n
    for stratum, size in Counter(strata).items():
        assert abs(kept[stratum] - Fraction(n * size, len(strata))) < 1
        assert 0 <= kept[stratum] <= size


def test_of_equal_remainders_the_stratum_seen_first_wins() -> None:
    assert quotas(["b", "a", "c", "b", "a", "c"], 4) == {"b": 2, "a": 1, "c": 1}


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=40), st.data())
def test_whatever_the_strata_the_rows_kept_fill_the_quotas(strata: list[int], data) -> None:
    n = data.draw(st.integers(0, len(strata)))
    kept = choose(take(CANDIDATES, range(len(strata))), WANTED, strata, n, seed=data.draw(st.integers(0, 9)))
    assert Counter(strata[row] for row in kept) == +Counter(quotas(strata, n))


def test_the_same_seed_chooses_the_same_rows() -> None:
    assert choose(CANDIDATES, WANTED, STRATA, 160, seed=5) == choose(CANDIDATES, WANTED, STRATA, 160, seed=5)


def test_the_order_of_the_candidates_hardly_matters() -> None:
    order = np.random.default_rng(6).permutation(240)
    kept = choose(CANDIDATES, WANTED, ["all"] * 240, 160)
    shuffled = choose(take(CANDIDATES, order), WANTED, ["all"] * 240, 160)
    assert len(set(kept) & set(order[shuffled].tolist())) >= 155  # rounding may decide between near equals


def test_all_are_kept_when_all_are_wanted() -> None:
    assert choose(CANDIDATES, WANTED, STRATA, 240) == list(range(240))
    assert choose(take(CANDIDATES, [0]), WANTED, ["all"], 1) == [0]
    assert choose(CANDIDATES, WANTED, STRATA, 0) == []


def test_a_text_without_a_length_is_refused() -> None:
    words = np.where(np.arange(240) == 3, np.nan, CANDIDATES.words)
    with pytest.raises(ValueError, match="words must be finite"):
        choose(replace(CANDIDATES, words=words), WANTED, STRATA, 160)


@pytest.mark.parametrize("wanted", [WANTED, take(WANTED, [0])], ids=["many", "one"])
@pytest.mark.parametrize(
    "points",
    [
        Points(np.zeros((9, DIMENSIONS), np.float32), np.arange(9.0), np.arange(9.0), np.zeros((9, 0))),
        Points(CANDIDATES.vectors[:9], CANDIDATES.words[:9], np.full(9, np.nan), np.zeros((9, 0))),
        Points(np.zeros((9, DIMENSIONS), np.float32), np.zeros(9), np.full(9, np.nan), np.zeros((9, 0))),
    ],
    ids=["no meaning", "no grade", "nothing"],
)
def test_points_that_say_little_are_chosen_from_all_the_same(points: Points, wanted: Points) -> None:
    for strata in (["all"] * 9, list(range(9)), list("aabbbcccc")):
        assert Counter(strata[i] for i in choose(points, wanted, strata, 6)) == +Counter(quotas(strata, 6))
        assert len(choose(wanted=points, candidates=points, strata=strata, n=6)) == 6
