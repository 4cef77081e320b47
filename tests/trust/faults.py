"""Real reviews, halved, and faults planted into one half at a known strength.

The data lie beside the repository; nothing of them is in it. Every fault takes the half under test (and
the other half, the reference) and gives a new half; everything is seeded.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

DATA = Path(__file__).parents[2].parent / "shared" / "data"
CLOTHING = DATA / "womens_clothing_22k.csv.gz"
FOOD = DATA / "fine_food_1k.csv"

Fault = Callable[[pl.DataFrame, pl.DataFrame, np.random.Generator], pl.DataFrame]


def clothing() -> pl.DataFrame:
    """The clothing reviews; identifiers stay texts."""
    return pl.read_csv(CLOTHING, schema_overrides={"product_id": pl.String})


def food() -> pl.DataFrame:
    """The food reviews, all of one category."""
    return pl.read_csv(FOOD)


def halves(frame: pl.DataFrame, rows: int, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Two disjoint random parts of so many rows each."""
    order = np.random.default_rng(seed).permutation(len(frame))
    return frame[order[:rows]], frame[order[rows : 2 * rows]]


def _some(frame: pl.DataFrame, share: float, rng: np.random.Generator) -> np.ndarray:
    return rng.permutation(len(frame))[: round(share * len(frame))]


def _with_texts(frame: pl.DataFrame, rows: np.ndarray, texts: list[str]) -> pl.DataFrame:
    changed = frame["text"].to_list()
    for row, text in zip(rows, texts, strict=True):
        changed[row] = text
    return frame.with_columns(pl.Series("text", changed))


def nothing(half: pl.DataFrame, real: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """No fault: real rows."""
    return half


def other_category(half: pl.DataFrame, real: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """A tenth of the rows has its text from a row of another category."""
    rows = _some(half, 0.1, rng)
    categories, texts = half["category"].to_list(), half["text"].to_list()
    others = []
    for row in rows:
        donor = int(rng.integers(len(half)))
        while categories[donor] == categories[row]:
            donor = int(rng.integers(len(half)))
        others.append(texts[donor])
    return _with_texts(half, rows, others)


def other_domain(half: pl.DataFrame, real: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """A tenth of the food reviews has its text from a clothing review."""
    rows = _some(half, 0.1, rng)
    foreign = clothing()["text"].to_list()
    return _with_texts(half, rows, [foreign[i] for i in rng.integers(len(foreign), size=len(rows))])


def longer(half: pl.DataFrame, real: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Every text is half as long again: the first half of another text is put after it."""
    texts = half["text"].to_list()
    halves_of = [" ".join(t.split()[: max(1, len(t.split()) // 2)]) for t in texts]
    order = np.argsort([len(t.split()) for t in texts], kind="stable")
    partner = dict(zip(order.tolist(), np.roll(order, 1).tolist(), strict=True))  # of about the same length
    return _with_texts(
        half, np.arange(len(half)), [f"{t} {halves_of[partner[i]]}" for i, t in enumerate(texts)]
    )


def copied(half: pl.DataFrame, real: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """A tenth of the rows are rows of the reference."""
    rows = set(_some(half, 0.1, rng).tolist())
    kept = half[[i for i in range(len(half)) if i not in rows]]
    return pl.concat([kept, real[rng.permutation(len(real))[: len(rows)]]])


def one_id(half: pl.DataFrame, real: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """`product_id` has one value in all rows."""
    return half.with_columns(pl.lit(half["product_id"][0]).alias("product_id"))


def positive(half: pl.DataFrame, real: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Three tenths of the rows have the text of a five-star review; the ratings stay as they are."""
    rows = _some(half, 0.3, rng)
    best = half.filter(pl.col("rating") == 5)["text"].to_list()
    return _with_texts(half, rows, [best[i] for i in rng.permutation(len(best))[: len(rows)]])


def templated(half: pl.DataFrame, real: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """An eighth of the texts opens with the same five words."""
    rows = _some(half, 0.125, rng)
    texts = half["text"].to_list()
    return _with_texts(half, rows, [f"I recently bought this and {texts[i]}" for i in rows])


def shuffled(half: pl.DataFrame, real: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """The ratings are shuffled among the rows."""
    return half.with_columns(half["rating"].shuffle(seed=int(rng.integers(1 << 30))))


FAULTS: dict[str, Fault] = {
    "none": nothing,
    "10 % of texts from another category": other_category,
    "texts 1.5 times as long": longer,
    "10 % of rows copied": copied,
    "one product_id": one_id,
    "30 % of texts made positive": positive,
    "12.5 % of openings alike": templated,
    "ratings shuffled": shuffled,
}
