"""The finding that rows left the category, made from what the scores of drift say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from syngen.evaluation.findings.registry import Severity
from syngen.evaluation.findings.wording import in_rows, name, share
from syngen.types import Finding, Judgement, Score

_SCORES = ("category_drift", "off_category_share", "off_topic_share")


def drift_finding(column: str, rows: Sequence[int], rate: float, floor: float) -> Finding:
    """That rows drifted off their category.

    Args:
        column: The column of the categories; empty when there is only one category.
        rows: Row numbers from 1 of those that drifted, as far as they are known.
        rate: Share of rows that drifted.
        floor: The share among real rows at most.
    """
    what = f"their {name(column)}" if column else "the category of the real ones"
    where = f" ({in_rows(rows)})" if rows else ""
    detail = f"{share(rate)} of the rows{where} read as if they were not of {what}; of real rows up to {share(max(0.0, floor))}."
    severity: Severity = "error" if rate - floor >= 0.25 else "warning"
    return Finding("category.drift", column, tuple(sorted(rows)), detail, severity)


def of_scores(scores: Sequence[Score]) -> Iterator[Finding]:
    """A finding for each column that a score of drift finds worse than real."""
    said: set[str] = set()
    for score in sorted((s for s in scores if s.name in _SCORES), key=lambda s: _SCORES.index(s.name)):
        if score.judgement is Judgement.WORSE and score.value is not None and score.column not in said:
            said.add(score.column)
            floor = score.floor.high if score.floor is not None else 0.0
            yield drift_finding(score.column, (), score.value, floor)
