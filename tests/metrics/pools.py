"""Pools made by hand, so that the tests of scores depend on nothing but the contract of a pool."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from syngen.evaluation.metrics.registry import METRICS, Metric
from syngen.evaluation.metrics.statistic import NotComputable
from syngen.evaluation.sample import Comparison, EvalSample
from syngen.text.words import count_words
from syngen.types import ColumnProfile, Profile, Role, TextStats, TimeFormat

DATA = Path(__file__).parents[2].parent / "shared" / "data"
MODULES = ("columns", "pairs", "form", "diversity", "privacy", "controls")
DAYS = TimeFormat("string", format="%Y-%m-%d", step=86400.0)

Columns = Mapping[str, tuple[Role, Sequence[Any]]]
Table = dict[str, list[Any]]


def pool_of(real: Columns, synthetic: Mapping[str, Sequence[Any]], **others: Any) -> EvalSample:
    """A pool of columns: of real rows each column's role and values, of synthetic rows the values."""
    frame = pl.DataFrame({n: pl.Series(n, values, strict=False) for n, (_, values) in real.items()})
    more = pl.DataFrame({n: pl.Series(n, synthetic[n], frame[n].dtype) for n in frame.columns})
    profiles = tuple(_profile(frame[name], role) for name, (role, _) in real.items())
    return EvalSample(pl.concat([frame, more]), Profile(len(frame), profiles, "tools"), len(frame), **others)


def texts(real: Sequence[str | None], synthetic: Sequence[str | None], **others: Any) -> EvalSample:
    """A pool of nothing but texts."""
    return pool_of({"text": (Role.TEXT, real)}, {"text": synthetic}, **others)


def _profile(series: pl.Series, role: Role) -> ColumnProfile:
    values = series.drop_nulls()
    more: dict[str, Any] = {"time": DAYS} if role is Role.DATETIME else {}
    if role.written:
        lengths = [count_words(text) for text in values] or [0]
        words = tuple(float(q) for q in np.quantile(lengths, [0.05, 0.25, 0.5, 0.75, 0.95]))
        more = {"text": TextStats(words, words, ())}
    missing = series.null_count()
    return ColumnProfile(
        series.name, role, str(series.dtype), len(series), missing, values.n_unique(), "by hand", **more
    )


def all_of(pool: EvalSample) -> Comparison:
    """All real rows against all synthetic ones."""
    return Comparison(np.arange(pool.real), np.arange(pool.real, len(pool)), np.arange(0))


def draw_of(pool: EvalSample, real: int, synthetic: int, seed: int = 0) -> Comparison:
    """Real rows against real rows in the place of synthetic ones."""
    rows = np.random.default_rng(seed).permutation(pool.real)
    return Comparison(rows[:real], rows[real : real + synthetic], rows[real + synthetic :])


def score(name: str, pool: EvalSample, sides: Comparison | None = None, column: str | None = None) -> float:
    """A score over all rows; it must be one."""
    found = attempt(name, pool, sides, column)
    assert not isinstance(found, NotComputable), found
    return found


def attempt(
    name: str, pool: EvalSample, sides: Comparison | None = None, column: str | None = None
) -> float | NotComputable:
    """A score over all rows, or why there is none."""
    metric = registered()[name]
    sides = all_of(pool) if sides is None else sides
    statistic = metric.measure(
        pool, sides, next(iter(metric.columns(pool.profile))) if column is None else column
    )
    return statistic if isinstance(statistic, NotComputable) else statistic(np.arange(len(sides.synthetic)))


@cache
def registered() -> dict[str, Metric]:
    """The metrics that need neither encoder nor classifier."""
    names = [f"syngen.evaluation.metrics.{module}" for module in MODULES]
    for name in names:
        import_module(name)
    return {name: metric for name, metric in METRICS.items() if metric.measure.__module__ in names}


def of_module(module: str) -> list[str]:
    """The names of one module's metrics."""
    return [n for n, metric in registered().items() if metric.measure.__module__.endswith(f".{module}")]


# ------------------------------------------------------------------------------------ a table of reviews
ROLES = {
    "kind": Role.CATEGORY, "stars": Role.ORDINAL, "member": Role.BOOLEAN, "votes": Role.COUNT,
    "price": Role.NUMBER, "day": Role.DATETIME, "code": Role.IDENTIFIER, "shop": Role.CONSTANT,
    "title": Role.TITLE, "text": Role.TEXT,
}  # fmt: skip
REAL, SYNTHETIC = 900, 300  # rows of a pool of reviews


def reviews(rows: int, seed: int) -> Table:
    """Rows that look a little like reviews, to be spoilt at will."""
    return {name: list(values) for name, values in _reviews(rows, seed).items()}


@cache
def _reviews(rows: int, seed: int) -> Table:
    """Rows of which the kind sets the price, and the stars set the length."""
    rng = np.random.default_rng(seed)
    stars = rng.choice(5, rows, p=[0.1, 0.1, 0.1, 0.2, 0.5]) + 1
    kinds = rng.choice(4, rows, p=[0.4, 0.3, 0.2, 0.1])
    lengths = 12 + 6 * (5 - stars) + rng.poisson(6, rows)
    days = np.datetime64("2024-01-01") + rng.integers(0, 365, rows)
    return {
        "kind": [("saw", "axe", "hoe", "rake")[k] for k in kinds],
        "stars": stars.tolist(),
        "member": (rng.random(rows) < 0.3).tolist(),
        "votes": rng.geometric(0.4, rows).tolist(),
        "price": (10 + 5 * kinds + rng.normal(0, 2, rows)).tolist(),
        "day": [str(day) for day in days],
        "code": [f"A{i}" for i in rng.integers(0, 400, rows)],
        "shop": ["garden"] * rows,
        "title": [prose(rng, int(n)) if n else None for n in rng.integers(0, 6, rows)],
        "text": [prose(rng, int(n)) for n in lengths],
    }


def prose(rng: np.random.Generator, size: int) -> str:
    """So many words in sentences of about eight."""
    chosen = rng.choice(_WORDS, size, p=_WEIGHTS)
    text = ""
    for i, word in enumerate(chosen):
        opens = i == 0 or text.endswith((". ", "! ", "? "))
        ends = "" if i + 1 == size else rng.choice([" ", ". ", "! ", "? "], p=[0.875, 0.1, 0.015, 0.01])
        text += (word.capitalize() if opens else word) + str(ends)
    return text + "."


_WORDS = ["".join(syllables) for syllables in product(("ba", "ke", "lo", "mi", "tu"), repeat=4)]
_WEIGHTS = 1 / np.arange(2, len(_WORDS) + 2)
_WEIGHTS /= _WEIGHTS.sum()


def review_pool(fault: Callable[[Table, Table], None] | None = None, **others: Any) -> EvalSample:
    """Reviews and more of the same; `fault` is given the synthetic rows, and the real ones, to spoil."""
    real, synthetic = reviews(REAL, 1), reviews(SYNTHETIC, 2)
    if fault is not None:
        fault(synthetic, real)
    return pool_of({n: (ROLES[n], values) for n, values in real.items()}, synthetic, **others)


def moved(pool: EvalSample, modules: Iterable[str] = MODULES) -> set[str]:
    """The scores, by name or "name: column", that lie far outside what real rows give in their place."""
    found = set()
    rows = pool.real + np.random.default_rng(0).permutation(SYNTHETIC)
    sides = Comparison(np.arange(SYNTHETIC), rows, np.arange(0))
    draws = [draw_of(pool, SYNTHETIC, SYNTHETIC, seed) for seed in range(15)]
    for module in modules:
        for name in of_module(module):
            metric = registered()[name]
            for column in metric.columns(pool.profile):
                value = attempt(name, pool, sides, column)
                floor = [attempt(name, pool, draw, column) for draw in draws]
                if isinstance(value, NotComputable) or any(isinstance(f, NotComputable) for f in floor):
                    continue
                off = value - np.mean(floor)
                bad = {"lower": off, "higher": -off, "match": abs(off)}[metric.direction]
                if bad > 6 * np.std(floor) + 3 / SYNTHETIC:
                    found.add(name if column in ("", "text") else f"{name}: {column}")
    return found


def origins(words: Sequence[float], **others: Any) -> pl.DataFrame:
    """Rows of one call each, of which so many words were wanted and nothing was shown."""
    rows = len(words)
    known: dict[str, Any] = {
        "call": np.arange(rows),
        "position": np.zeros(rows, np.int64),
        "shown": ((),) * rows,
        "shown_texts": ((),) * rows,
        "words": np.array(words, float),
        "grade": np.full(rows, np.nan),
    }
    return pl.DataFrame(known | others)
