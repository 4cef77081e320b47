"""Is it any good? A reference and synthetic rows in, a `Report` with scores, findings and answers out."""

from syngen.evaluation.evaluate import evaluate

__all__ = ["evaluate"]
