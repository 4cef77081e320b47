"""Pools for scores that need vectors or classifiers: points by hand, texts by topic, real reviews spoilt at will."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import polars as pl
import pytest

from metrics.pools import DATA, pool_of
from syngen.evaluation.metrics import METRICS, NotComputable
from syngen.evaluation.sample import Comparison, EvalSample
from syngen.types import Role

Fault = Callable[[pl.DataFrame, np.random.Generator], pl.DataFrame]


class Points:
    """An encoder for tests: the text is the vector, as numbers."""

    name = "points"

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        size = max((len(text.split()) for text in texts), default=0)
        rows = [[float(x) for x in text.split()] or [0.0] * size for text in texts]
        return np.array(rows, dtype=np.float32)


class Words:
    """An encoder for tests: the mean of a random vector for each word, scaled to length 1."""

    name = "words"

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        vectors = np.zeros((len(texts), 32), dtype=np.float32)
        for i, text in enumerate(texts):
            for word in text.lower().split():
                vectors[i] += _vector(word)
        return vectors / np.maximum(1e-9, np.linalg.norm(vectors, axis=1, keepdims=True))


@cache
def _vector(word: str) -> np.ndarray:
    return np.random.default_rng(list(word.encode())).normal(size=32).astype(np.float32)


def points(real: np.ndarray, synthetic: np.ndarray) -> EvalSample:
    """A pool whose texts are points."""
    written = [[" ".join(str(x) for x in row) for row in side] for side in (real, synthetic)]
    return pool_of({"text": (Role.TEXT, written[0])}, {"text": written[1]}, encoder=Points())


def halves(pool: EvalSample, *, aside: bool = False) -> Comparison:
    """The first half of the real rows against the synthetic ones, the second half aside."""
    half = pool.real // 2
    rows = np.arange(pool.real)
    return Comparison(rows[:half], np.arange(pool.real, len(pool)), rows[half:] if aside else rows[:0])


def value(name: str, pool: EvalSample, sides: Comparison, column: str = "") -> float:
    """A score over all rows; it must be one."""
    found = measure(name, pool, sides, column)
    assert not isinstance(found, NotComputable), found
    return found


def measure(name: str, pool: EvalSample, sides: Comparison, column: str = "") -> float | NotComputable:
    """A score over all rows, or why there is none."""
    statistic = METRICS[name].measure(pool, sides, column)
    if isinstance(statistic, NotComputable):
        return statistic
    found = statistic(np.arange(len(sides.synthetic)))
    assert isinstance(found, float)
    assert np.isfinite(found)
    return found


# ------------------------------------------------------------------------------ texts that have a topic
TOPICS = ("saw", "axe", "hoe")
_COMMON = [f"{a}{b}" for a in ("lo", "mi", "tu", "ra") for b in ("ba", "ke", "no", "si", "da")]
_TONES = {1: "awful", 2: "poor", 3: "fair", 4: "good", 5: "superb"}


def topical(rows: int, seed: int) -> pl.DataFrame:
    """Rows whose text has three words of its kind and three of its stars, among many common ones."""
    rng = np.random.default_rng(seed)
    kinds, stars = rng.choice(TOPICS, rows), rng.integers(1, 6, rows)
    return pl.DataFrame(
        {
            "kind": kinds,
            "stars": stars,
            "noise": rng.choice(["x", "y"], rows),
            "text": [text_of(str(k), int(s), rng) for k, s in zip(kinds, stars, strict=True)],
        }
    )


def text_of(kind: str, stars: int, rng: np.random.Generator) -> str:
    """A text about a kind, in the tone of so many stars."""
    own = [f"{kind}{rng.integers(6)}" for _ in range(3)]
    tone = [f"{_TONES[stars]}{rng.integers(3)}" for _ in range(3)]
    said = [*own, *tone, *rng.choice(_COMMON, 8).tolist()]
    rng.shuffle(said)
    return " ".join(said)


ROLES = {"kind": Role.CATEGORY, "stars": Role.ORDINAL, "noise": Role.CATEGORY, "text": Role.TEXT}


def topic_pool(fault: Fault | None = None, rows: int = 600, **others: object) -> EvalSample:
    """Real and synthetic rows that have a topic; `fault` spoils the synthetic ones."""
    real, synthetic = topical(rows, 1), topical(rows, 2)
    if fault is not None:
        synthetic = fault(synthetic, np.random.default_rng(3))
    return pool_of(
        {name: (role, real[name].to_list()) for name, role in ROLES.items()},
        synthetic.to_dict(as_series=False),
        **{"encoder": Words(), **others},
    )


# ----------------------------------------------------------------------------------------- real reviews
REVIEW_ROLES = {
    "category": Role.CATEGORY,
    "rating": Role.ORDINAL,
    "recommended": Role.BOOLEAN,
    "text": Role.TEXT,
}


def clothing(rows: int, fault: Fault | None = None, seed: int = 0) -> EvalSample:
    """Real reviews against as many more of them; `fault` spoils the latter."""
    from syngen.text.embeddings import open_encoder

    frame = _clothing().sample(2 * rows, shuffle=True, seed=seed)
    real, synthetic = frame[:rows], frame[rows:]
    if fault is not None:
        synthetic = fault(synthetic, np.random.default_rng(seed))
    return pool_of(
        {name: (role, real[name].to_list()) for name, role in REVIEW_ROLES.items()},
        synthetic.to_dict(as_series=False),
        encoder=open_encoder(),
    )


@cache
def _clothing() -> pl.DataFrame:
    return pl.read_csv(_path("womens_clothing_22k.csv.gz")).select(*REVIEW_ROLES)


def food_texts() -> list[str]:
    """Real reviews of something else."""
    found: list[str] = pl.read_csv(_path("fine_food_1k.csv"))["text"].to_list()
    return found


def _path(name: str) -> str:
    if not (DATA / name).exists():
        pytest.skip(f"needs the real data in ../shared/data, and there is no {name}")
    return str(DATA / name)


def floor(name: str, pool: EvalSample, rows: int, column: str = "", draws: int = 12) -> tuple[float, float]:
    """Mean and spread of a score over draws in which real rows take every part."""
    found = []
    for draw in range(draws):
        rng = np.random.default_rng(draw)
        order = rng.permutation(pool.real)
        found.append(
            value(
                name,
                pool,
                Comparison(order[:rows], order[rows : 2 * rows], order[2 * rows : 3 * rows]),
                column,
            )
        )
    return float(np.mean(found)), float(np.std(found))
