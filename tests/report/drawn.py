"""Made-up pictures: every kind of them, of a table of reviews that nobody wrote."""

from __future__ import annotations

import math
import random

from syngen.types import Confusion, Curve, Distribution, Neighbour, Pictures, Point

_THINGS = ("kettle", "lamp", "rucksack", "keyboard", "blanket", "garden hose", "phone case", "frying pan")
_PRAISE = (
    "does what it should",
    "arrived two days early",
    "feels heavier than it looks",
    "broke after a month",
    "is louder than our old one",
    "keeps its colour after washing",
    "was worth the wait",
)


def sentence(rng: random.Random) -> str:
    """A made-up review of one or two sentences."""
    thing = rng.choice(_THINGS)
    first = f"This {thing} {rng.choice(_PRAISE)}, and my {rng.choice(('sister', 'neighbour', 'son'))} agrees."
    more = f" The {rng.choice(_THINGS)} from the same shop {rng.choice(_PRAISE)}."
    return first + (more if rng.random() < 0.6 else "")


def _discrete(title: str, labels: tuple[str, ...], weights: list[float], shift: float) -> Distribution:
    total = sum(weights)
    real = [w / total for w in weights]
    synthetic = [max(r + shift * (-1) ** i, 0.0) for i, r in enumerate(real)]
    whole = sum(synthetic)
    return Distribution(
        title,
        title,
        "discrete",
        labels,
        (),
        tuple(real),
        tuple(s / whole for s in synthetic),
        tuple(max(r - 0.03, 0.0) for r in real),
        tuple(r + 0.03 for r in real),
    )


def _numeric(title: str, start: float, width: float, bins: int, *, time: bool = False) -> Distribution:
    real = [math.exp(-((i - bins * 0.35) ** 2) / (bins * 1.4)) for i in range(bins)]
    synthetic = [math.exp(-((i - bins * 0.5) ** 2) / (bins * 0.9)) for i in range(bins)]
    real = [r / sum(real) for r in real]
    synthetic = [s / sum(synthetic) for s in synthetic]
    return Distribution(
        title,
        title.partition(":")[0],
        "numeric",
        (),
        tuple(start + i * width for i in range(bins + 1)),
        tuple(real),
        tuple(synthetic),
        tuple(max(r - 0.012, 0.0) for r in real),
        tuple(r + 0.012 for r in real),
        time,
    )


def _confusion(column: str, labels: tuple[str, ...], right: float, drifted: int) -> Confusion:
    def matrix(share: float, extra: float) -> tuple[tuple[float, ...], ...]:
        rest = (1 - share) / (len(labels) - 1)
        rows = [[share if i == j else rest for j in range(len(labels))] for i in range(len(labels))]
        rows[drifted][drifted] -= extra
        rows[drifted][0] += extra
        return tuple(map(tuple, rows))

    return Confusion(column, labels, matrix(right, 0.0), matrix(right - 0.04, 0.35))


def pictures(points: int = 600) -> Pictures:
    """All pictures; half of the points are real."""
    rng = random.Random(7)
    categories = ("Kitchen", "Phones", "Garden", "Books and stationery", "Toys")
    placed = []
    for i in range(points):
        category = rng.randrange(len(categories))
        real = i % 2 == 0
        spread, shift = (1.0, 0.0) if real else (0.7, 0.5)
        placed.append(
            Point(
                x=round(4 * math.cos(category * 1.26) + shift + rng.gauss(0, spread), 3),
                y=round(4 * math.sin(category * 1.26) + rng.gauss(0, spread), 3),
                side="real" if real else "synthetic",
                row=i // 2 + 1,
                text=sentence(rng),
                label=categories[category],
            )
        )
    steps = {"asked": 500, "returned": 604, "parsed": 588, "valid": 541, "new": 512, "accepted": 500}
    calls = tuple(float(i * 10 + 5) for i in range(12))
    start, month = 1.55e9, 2_629_800.0
    return Pictures(
        distributions=(
            _discrete("rating", ("1", "2", "3", "4", "5"), [9, 5, 9, 20, 57], 0.03),
            _discrete(
                "category",
                (*categories, "Home improvement and hand tools", "other"),
                [30, 22, 17, 11, 9, 7, 4],
                0.05,
            ),
            _discrete("verified", ("True", "False"), [88, 12], 0.01),
            _numeric("helpful_votes", -0.5, 1.0, 14),
            _numeric("time", start, month, 24, time=True),
            _numeric("text: words", 0.0, 8.5, 24),
            _numeric("title: words", 0.5, 1.0, 12),
            _numeric("text: grade", -2.0, 0.75, 22),
        ),
        points=tuple(placed),
        map_note="t-SNE of potion-base-8M embeddings. Near means alike; the axes mean nothing by themselves.",
        confusions=(
            _confusion("category", categories, 0.84, 1),
            _confusion("rating", ("5", "4", "1", "3", "2"), 0.6, 2),
        ),
        curves=(
            Curve(
                "by position in the call",
                (1.0, 2.0, 3.0, 4.0, 5.0),
                (0.91, 0.9, 0.89, 0.9, 0.885),
                (0.87, 0.86, 0.85, 0.86, 0.84),
                (0.95, 0.94, 0.93, 0.94, 0.93),
                0.9,
            ),
            Curve(
                "by call",
                calls,
                tuple(0.9 - 0.012 * i + 0.01 * math.sin(i) for i in range(12)),
                tuple(0.85 - 0.013 * i for i in range(12)),
                tuple(0.95 - 0.011 * i for i in range(12)),
                0.9,
            ),
        ),
        neighbours=(
            Neighbour(
                12,
                "I bought this kettle for our caravan and it boils faster than the one at home. Very happy with it!",
                203,
                "We bought this kettle for our caravan, and it boils faster than the one at home; the lid sticks.",
                0.94,
                ("it boils faster than the one at home", "bought this kettle for our caravan"),
                "14 words in a row are the same",
            ),
            Neighbour(
                340,
                "The product features a robust aluminium body and is designed for the modern professional.",
                88,
                "Solid body, looks smart on my desk, but the feet slide.",
                0.21,
                (),
                "far from every real row",
            ),
        ),
        funnel=steps | {"parse.cut_off": 16, "valid.too_long": 31, "valid.wrong_type": 16, "new.copied": 29},
    )
