"""Words and numbers that every form of a report shares: a score or a finding in, short text out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal

from syngen.report.glossary import term
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


# ------------------------------------------------------------------------------------- numbers
def number(value: float | None, *, percent: bool = False) -> str:
    """Three significant digits, thousands grouped, never an exponent; "–" for nothing."""
    if value is None or not math.isfinite(value):
        return "–"
    if percent:
        return f"{number(value * 100)}%"
    size = abs(value)
    if size >= 1000:
        text = f"{size:,.0f}"
    elif size < 0.00005:
        text = "0"
    else:
        text = f"{size:.{max(0, 2 - math.floor(math.log10(size)))}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"−{text}" if value < 0 and text != "0" else text


def between(pair: tuple[float, float] | None, *, percent: bool = False) -> str:
    """An interval in words, such as "0.031 to 0.052", with the digits that its width can carry."""
    if pair is None:
        return "–"
    low, high = (end * 100 for end in pair) if percent else pair
    unit = "%" if percent else ""
    width = high - low
    if not 0 < width < math.inf:
        return f"{number(low)}{unit} to {number(high)}{unit}"
    digits = max(0, math.ceil(0.8 - math.log10(width)))
    ends = (number(round(end, digits)) if abs(end) < 1000 else number(end) for end in (low, high))
    return " to ".join(f"{end}{unit}" for end in ends)


def plural(count: int, noun: str) -> str:
    """A count and its noun, such as "1 row" or "1,200 rows"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def row_numbers(rows: Sequence[int], most: int = 8) -> str:
    """Row numbers with runs joined: "rows 1–3, 7 and 12"; of many, the first and how many more."""
    if not rows:
        return ""
    ordered = sorted(set(rows))
    runs: list[list[int]] = []
    for row in ordered:
        if runs and row == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], row]
        else:
            runs.append([row])
    shown = runs[:most]
    parts = ["–".join(f"{end:,}" for end in run) for run in shown]
    told = sum(run[-1] - run[0] + 1 for run in shown)
    if told < len(ordered):
        parts.append(f"{len(ordered) - told:,} more")
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"{'row' if len(ordered) == 1 else 'rows'} {listed}"


def moment(created: str) -> str:
    """A point in time as people write it; what is no ISO 8601 stays as it is."""
    try:
        when = datetime.fromisoformat(created)
    except ValueError:
        return created
    return f"{when.day} {when:%B %Y, %H:%M}"


# ------------------------------------------------------------------------------ scores, findings
def title(score: Score) -> str:
    """A score's name for people, with its column."""
    name = term(score.name).title
    return f"{name}: {score.column}" if score.column else name


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
    counted = Counter(score.judgement for score in scores)
    parts = [f"{counted[judgement]} {words[judgement]}" for judgement in _WORST_FIRST if counted[judgement]]
    return f"{plural(len(scores), 'score')}: {', '.join(parts)}" if parts else "no scores"


def counted(count: Count) -> list[tuple[str, str]]:
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
    parts = [f"{plural(report.synthetic_rows, 'synthetic row')} held against {plural(real, 'real row')}"]
    if real != report.real_rows:
        parts.append(f"of {report.real_rows:,}")
    if synthetic != report.synthetic_rows:
        parts.append(f"(the scores compare {synthetic:,} of the synthetic)")
    return " ".join(parts)
