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

# the half under test, the other half (the reference), further real rows, chance → the half with its fault
Fault = Callable[[pl.DataFrame, pl.DataFrame, pl.DataFrame, np.random.Generator], pl.DataFrame]


def clothing() -> pl.DataFrame:
    """The clothing reviews; identifiers stay texts."""
    return pl.read_csv(CLOTHING, schema_overrides={"product_id": pl.String})


def food() -> pl.DataFrame:
    """The food reviews, all of one category."""
    return pl.read_csv(FOOD)


def thirds(frame: pl.DataFrame, rows: int, seed: int) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Two disjoint random parts of so many rows each, and the rest."""
    order = np.random.default_rng(seed).permutation(len(frame))
    return frame[order[:rows]], frame[order[rows : 2 * rows]], frame[order[2 * rows :]]


def planted(fault: Fault, rows: int, seed: int = 0) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Clothing reviews as reference, and as many others with a fault."""
    real, half, spare = thirds(clothing(), rows, seed)
    return real, fault(half, real, spare, np.random.default_rng(seed + 1))


def _some(frame: pl.DataFrame, share: float, rng: np.random.Generator) -> np.ndarray:
    return rng.permutation(len(frame))[: round(share * len(frame))]


def _with_texts(frame: pl.DataFrame, texts: dict[int, str]) -> pl.DataFrame:
    changed = frame["text"].to_list()
    for row, text in texts.items():
        changed[row] = text
    return frame.with_columns(pl.Series("text", changed))


def nothing(half: pl.DataFrame, *_: object) -> pl.DataFrame:
    """No fault: real rows."""
    return half


def other_category(
    half: pl.DataFrame, real: pl.DataFrame, spare: pl.DataFrame, rng: np.random.Generator
) -> pl.DataFrame:
    """A tenth of the rows has the text of a row of another category, none of them twice."""
    texts = {}
    donors = iter(rng.permutation(len(spare)).tolist())
    for row in _some(half, 0.1, rng).tolist():
        donor = next(d for d in donors if spare["category"][d] != half["category"][row])
        texts[row] = spare["text"][donor]
    return _with_texts(half, texts)


def longer(
    half: pl.DataFrame, real: pl.DataFrame, spare: pl.DataFrame, rng: np.random.Generator
) -> pl.DataFrame:
    """Every text is half as long again: half of another text of its category and rating is put after it."""
    texts = {}
    groups = spare.group_by("category", "rating").agg("text")
    donors = {(c, r): iter(found) for c, r, found in groups.iter_rows()}
    for row, (category, rating, text) in enumerate(half.select("category", "rating", "text").iter_rows()):
        more = next(donors.get((category, rating), iter(())), text)
        wanted = max(1, round(len(text.split()) / 2))
        texts[row] = f"{text} {' '.join((more.split() * wanted)[:wanted])}"
    return _with_texts(half, texts)


def copied(
    half: pl.DataFrame, real: pl.DataFrame, spare: pl.DataFrame, rng: np.random.Generator
) -> pl.DataFrame:
    """A tenth of the rows are rows of the reference."""
    rows = set(_some(half, 0.1, rng).tolist())
    kept = half[[i for i in range(len(half)) if i not in rows]]
    return pl.concat([kept, real[rng.permutation(len(real))[: len(rows)]]])


def one_id(
    half: pl.DataFrame, real: pl.DataFrame, spare: pl.DataFrame, rng: np.random.Generator
) -> pl.DataFrame:
    """`product_id` has one value in all rows."""
    return half.with_columns(pl.lit(half["product_id"][0]).alias("product_id"))


def positive(
    half: pl.DataFrame, real: pl.DataFrame, spare: pl.DataFrame, rng: np.random.Generator
) -> pl.DataFrame:
    """A fifth of the rows, of those below five stars, has the text of a five-star review of its category."""
    best = spare.filter(pl.col("rating") == 5).group_by("category").agg("text")
    donors = {category: iter(found) for category, found in best.iter_rows()}
    below = [row for row in rng.permutation(len(half)).tolist() if half["rating"][row] < 5]
    texts = {row: next(donors[half["category"][row]]) for row in below[: round(0.2 * len(half))]}
    return _with_texts(half, texts)


def templated(
    half: pl.DataFrame, real: pl.DataFrame, spare: pl.DataFrame, rng: np.random.Generator
) -> pl.DataFrame:
    """An eighth of the texts opens with the same five words."""
    return _with_texts(
        half, {i: f"I recently bought this and {half['text'][i]}" for i in _some(half, 0.125, rng).tolist()}
    )


def shuffled(
    half: pl.DataFrame, real: pl.DataFrame, spare: pl.DataFrame, rng: np.random.Generator
) -> pl.DataFrame:
    """The ratings are shuffled among the rows."""
    return half.with_columns(half["rating"].shuffle(seed=int(rng.integers(1 << 30))))


FAULTS: dict[str, Fault] = {
    "none": nothing,
    "10 % of texts from another category": other_category,
    "texts 1.5 times as long": longer,
    "10 % of rows copied": copied,
    "one product_id": one_id,
    "20 % of texts made positive": positive,
    "12.5 % of openings alike": templated,
    "ratings shuffled": shuffled,
}
