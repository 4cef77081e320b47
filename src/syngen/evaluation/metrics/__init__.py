"""The metrics: each is one function in the registry `METRICS`. Importing the modules below fills it."""

from syngen.evaluation.metrics import columns as columns
from syngen.evaluation.metrics import controls as controls
from syngen.evaluation.metrics import detect as detect
from syngen.evaluation.metrics import diversity as diversity
from syngen.evaluation.metrics import drift as drift
from syngen.evaluation.metrics import form as form
from syngen.evaluation.metrics import mauve as mauve
from syngen.evaluation.metrics import meaning as meaning
from syngen.evaluation.metrics import pairs as pairs
from syngen.evaluation.metrics import privacy as privacy
from syngen.evaluation.metrics import utility as utility
from syngen.evaluation.metrics.registry import METRICS, Metric
from syngen.evaluation.metrics.statistic import NotComputable

__all__ = ["METRICS", "Metric", "NotComputable"]
