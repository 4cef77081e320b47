"""Words and numbers that every form of a report shares: a score or a finding in, short text out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from syngen.text.format import counted, number
from syngen.types import Count, Evaluation, Family, Finding, Judgement, Score

Level = Literal["good", "warning", "bad", "unknown"]

FAMILIES: Mapping[Family, str] = {
    "count": "Number of rows",
    "drift": "Staying on the category",
    "similarity": "Similarity to the real data",
    "utility": "Usefulness for training",
    "diversity": "Diversity",
    "privacy": "Copies and privacy",
    "knobs": "Did the knobs work?",
}
SHORT_FAMILIES: Mapping[Family, str] = {
    "count": "Count",
    "drift": "Drift",
    "similarity": "Similarity",
    "utility": "Utility",
    "diversity": "Diversity",
    "privacy": "Privacy",
    "knobs": "Knobs",
}
LEVELS: Mapping[Level, str] = {
    "good": "Good",
    "warning": "With care",
    "bad": "Problem",
    "unknown": "Can't tell",
}
# The icon and colour of a score, and of a finding.
JUDGEMENT_LEVELS: Mapping[Judgement, str] = {
    Judgement.WORSE: "bad",
    Judgement.CANT_TELL: "unknown",
    Judgement.INDISTINGUISHABLE: "good",
    Judgement.NO_FLOOR: "none",
    Judgement.NOT_COMPUTED: "none",
}
SEVERITIES: Mapping[str, str] = {"error": "bad", "warning": "warning", "note": "info"}
_WORST_FIRST = tuple(JUDGEMENT_LEVELS)


# ------------------------------------------------------------------------------ scores, findings
def title(score: Score) -> str:
    """A score's name for people, with its column."""
    return f"{score.title}: {score.column}" if score.column else score.title


def verdict(score: Score) -> str:
    """A score's verdict in words, never empty."""
    if score.judgement is Judgement.NOT_COMPUTED:
        return f"not computed: {score.why_not}" if score.why_not else "not computed"
    return score.verdict or score.judgement.value


def floor_limit(score: Score) -> float | None:
    """The end of the real-vs-real range in the bad direction; its mean where real is to be matched."""
    if score.floor is None:
        return None
    ends = {"lower": score.floor.high, "higher": score.floor.low, "match": score.floor.mean}
    return ends[score.direction]


def excess(score: Score) -> float:
    """How far from real a score lies, in distances of its limit: above 1 it is beyond it."""
    if score.value is None or score.floor is None:
        return 0.0
    reach = abs(score.floor.limit - score.floor.mean)
    away = abs(score.value - score.floor.mean)
    return away / reach if reach else math.inf if away else 0.0


def worst_first(scores: Iterable[Score]) -> list[Score]:
    """Worse than real first, the furthest on top; then what can't be told, is fine, has no value."""
    return sorted(scores, key=lambda score: (_WORST_FIRST.index(score.judgement), -excess(score)))


def by_family(scores: Sequence[Score]) -> dict[Family, list[Score]]:
    """Scores by family, in the order of the questions; families without scores are left out."""
    grouped = {family: worst_first(s for s in scores if s.family == family) for family in FAMILIES}
    return {family: found for family, found in grouped.items() if found}


def tally(scores: Sequence[Score]) -> str:
    """Scores counted by judgement: "12 scores: 3 worse than real, 9 indistinguishable from real"."""
    words = {
        Judgement.WORSE: "worse than real",
        Judgement.CANT_TELL: "can't tell",
        Judgement.INDISTINGUISHABLE: "indistinguishable from real",
        Judgement.NO_FLOOR: "measured, without a floor",
        Judgement.NOT_COMPUTED: "not computed",
    }
    counts = Counter(score.judgement for score in scores)
    parts = [f"{counts[judgement]} {words[judgement]}" for judgement in _WORST_FIRST if counts[judgement]]
    return f"{counted(len(scores), 'score')}: {', '.join(parts)}" if parts else "no scores"


def count_facts(count: Count) -> list[tuple[str, str]]:
    """What is known of the number of rows: what it is, and how many."""
    facts = [
        ("asked", "not known" if count.asked is None else f"{count.asked:,}"),
        ("returned", f"{count.returned:,}"),
        ("complete", f"{count.complete:,}"),
        ("valid", f"{count.valid:,}"),
    ]
    if count.accuracy is not None:
        facts.append(("accuracy", number(count.accuracy, percent=True)))
    if count.native_accuracy is not None:
        facts.append(("accuracy of the model by itself", number(count.native_accuracy, percent=True)))
    return facts


def severe_first(findings: Iterable[Finding]) -> list[Finding]:
    """Errors, then warnings, then notes; otherwise as they come."""
    return sorted(findings, key=lambda finding: tuple(SEVERITIES).index(finding.severity))


def compared(report: Evaluation) -> str:
    """What was held against what, in one line."""
    real, synthetic = report.compared
    parts = [f"{counted(report.synthetic_rows, 'synthetic row')} held against {counted(real, 'real row')}"]
    if real != report.real_rows:
        parts.append(f"of {report.real_rows:,}")
    if synthetic != report.synthetic_rows:
        parts.append(f"(the scores compare {synthetic:,} of the synthetic)")
    return " ".join(parts)
