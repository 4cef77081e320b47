"""The metrics: each is one function in the registry `METRICS`. Importing the modules below fills it."""

from syngen.evaluation.metrics import (
    columns,
    controls,
    detect,
    diversity,
    drift,
    form,
    mauve,
    meaning,
    pairs,
    privacy,
    utility,
)
from syngen.evaluation.metrics.registry import METRICS, Metric, NotComputable

__all__ = [
    "METRICS",
    "Metric",
    "NotComputable",
    "columns",
    "controls",
    "detect",
    "diversity",
    "drift",
    "form",
    "mauve",
    "meaning",
    "pairs",
    "privacy",
    "utility",
]
