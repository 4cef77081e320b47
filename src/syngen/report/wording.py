"""Words and orders that every form of a report shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from syngen.text.format import counted, interval, number
from syngen.types import Count, Evaluation, Family, Judgement, Score

Level = Literal["good", "warning", "bad", "unknown"]

FAMILIES: Mapping[Family, tuple[str, str]] = {  # each with its title and its short name
    "count": ("Number of rows", "Count"),
    "drift": ("Staying on the category", "Drift"),
    "similarity": ("Similarity to the real data", "Similarity"),
    "utility": ("Usefulness for training", "Utility"),
    "diversity": ("Diversity", "Diversity"),
    "privacy": ("Copies and privacy", "Privacy"),
    "controls": ("Did the controls work?", "Controls"),
}
LEVELS: Mapping[Level, str] = {
    "good": "Good",
    "warning": "With care",
    "bad": "Problem",
    "unknown": "Can't tell",
}
# The icon and colour of a score and what is said of several, the worst first.
JUDGEMENTS: Mapping[Judgement, tuple[str, str]] = {
    Judgement.WORSE: ("bad", "worse than real"),
    Judgement.CANT_TELL: ("unknown", "can't tell"),
    Judgement.INDISTINGUISHABLE: ("good", "indistinguishable from real"),
    Judgement.NO_FLOOR: ("none", "measured, without a floor"),
    Judgement.NOT_COMPUTED: ("none", "not computed"),
}
SEVERITIES: Mapping[str, str] = {"error": "bad", "warning": "warning", "note": "info"}  # a finding's icon


def title(score: Score) -> str:
    """A score's name for people, with its column."""
    return f"{score.title}: {score.column}" if score.column else score.title


def numbers(score: Score) -> tuple[str, str, str]:
    """A score's value, its interval and the range of real-vs-real scores."""
    return (
        number(score.value, percent=score.percent),
        interval(score.ci, percent=score.percent),
        interval(score.floor_band, percent=score.percent),
    )


def verdict(score: Score) -> str:
    """A score's verdict in words, never empty."""
    if score.judgement is Judgement.NOT_COMPUTED:
        return f"not computed: {score.why_not}" if score.why_not else "not computed"
    return score.verdict or score.judgement.value


def worst_first(scores: Iterable[Score]) -> list[Score]:
    """Sort scores: worse than real first, the furthest on top; then can't tell, fine, no value."""
    order = tuple(JUDGEMENTS)
    return sorted(scores, key=lambda score: (order.index(score.judgement), -score.excess))


def by_family(scores: Sequence[Score]) -> dict[Family, list[Score]]:
    """Group scores by family, in the order of the questions; families without scores are left out."""
    grouped = {family: worst_first(s for s in scores if s.family == family) for family in FAMILIES}
    return {family: found for family, found in grouped.items() if found}


def tally(scores: Sequence[Score]) -> str:
    """Count scores by judgement: "12 scores: 3 worse than real, 9 indistinguishable from real"."""
    counts = Counter(score.judgement for score in scores)
    parts = [
        f"{counts[judgement]} {words}" for judgement, (_, words) in JUDGEMENTS.items() if counts[judgement]
    ]
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


def compared(report: Evaluation) -> str:
    """What was compared with what, in one line."""
    real, synthetic = report.compared
    parts = [f"{counted(report.synthetic_rows, 'synthetic row')} compared with {counted(real, 'real row')}"]
    if real != report.real_rows:
        parts.append(f"of {report.real_rows:,}")
    if synthetic != report.synthetic_rows:
        parts.append(f"(the scores compare {synthetic:,} of the synthetic)")
    return " ".join(parts)
