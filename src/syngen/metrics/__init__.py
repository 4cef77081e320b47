"""What is measured of synthetic rows: a pool of real and synthetic rows in, judged scores out.

Each score is one function in `METRICS`; `judged` computes them all, each with its interval, its
real-vs-real floor and a verdict. Importing the modules below fills the registry.
"""

from syngen.metrics import (
    columns,
    detect,
    diversity,
    drift,
    form,
    knobs,
    mauve,
    meaning,
    pairs,
    privacy,
    utility,
)
from syngen.metrics.judge import judged
from syngen.metrics.pool import Origins, Pool, Sides
from syngen.metrics.registry import METRICS, Metric, Why
from syngen.metrics.sides import Parts, parts

__all__ = [
    "METRICS",
    "Metric",
    "Origins",
    "Parts",
    "Pool",
    "Sides",
    "Why",
    "columns",
    "detect",
    "diversity",
    "drift",
    "form",
    "judged",
    "knobs",
    "mauve",
    "meaning",
    "pairs",
    "parts",
    "privacy",
    "utility",
]
