"""Scores in words: a judged score in, the sentence that a careful reader would say of it out."""

from __future__ import annotations

from collections.abc import Sequence

from syngen.evaluation.inference import worst
from syngen.text.format import number, percent
from syngen.types import Judgement, Score

# What a reader wants to hear of first; what is not here comes after, the farthest from real first.
_FIRST = (
    "copied_rows",
    "copied_shown",
    "span12_share",
    "dcr_share",
    "category_drift",
    "off_category_share",
    "off_topic_share",
    "c2st_tfidf",
    "c2st_embedding",
    "near_duplicate_share",
    "top_opening_share",
    "label_fidelity",
    "identifier_distinct_share",
    "total_variation",
    "kolmogorov_smirnov",
    "words_median",
    "words_ks",
    "tone_ks",
    "grade_mean",
    "coverage",
)
_TOGETHER = (  # scores of which one says enough
    ("c2st_tfidf", "c2st_embedding"),
    ("words_median", "words_ks"),
    ("copied_rows", "span12_share", "span8_share", "longest_shared_span"),
    ("category_drift", "off_category_share", "category_accuracy", "off_topic_share"),
)
_SAID = {
    "copied_rows": "{value} of the texts are those of real rows (of real rows among themselves {real}).",
    "copied_shown": "{value} of the rows copy eight words or more from a row they were shown.",
    "span12_share": "{value} of the rows share twelve words in a row with a real one (real rows: {real}).",
    "dcr_share": "{value} of the rows lie closer to rows a model may have seen than to held-out ones.",
    "category_drift": "The '{column}' of {value} fewer texts is recognised than of real ones.",
    "off_category_share": "{value} of the texts hardly fit their '{column}' (of real texts {real}).",
    "off_topic_share": "{value} of the texts lie far from real ones (of real texts {real}).",
    "c2st_tfidf": "Of a real and a synthetic text a detector picks the synthetic one {value} of the time.",
    "c2st_embedding": "Of a real and a synthetic text a detector picks the synthetic one {value} of the time.",
    "near_duplicate_share": "{value} of the rows nearly repeat another (of real rows {real}).",
    "top_opening_share": "{value} of the texts open with the same four words (of real texts {real}).",
    "label_fidelity": "A classifier finds the text to fit its '{column}' {value} of the time, labels weighing the same (of real rows {real}).",
    "total_variation": "In '{column}' {value} of the mix is off (of real rows {real}).",
    "words_median": "The median '{column}' has {value} words (real {real}).",
}


def told(scores: Sequence[Score], most: int) -> list[str]:
    """The scores that are worse than real, in sentences, what matters most first."""
    found = worst(scores)
    order = {name: i for i, name in enumerate(_FIRST)}
    found.sort(key=lambda s: order.get(s.name, len(order)))  # stable: the farthest first among equals
    said: dict[str, str] = {}
    for score in found:
        group = next((names[0] for names in _TOGETHER if score.name in names), score.name)
        said.setdefault(group, sentence(score))
    return list(said.values())[:most]


def sentence(score: Score) -> str:
    """What one score says, held against real rows."""
    real = None if score.floor is None else score.floor.mean
    if score.name in _SAID:
        return _SAID[score.name].format(
            value=amount(score, score.value), real=amount(score, real), column=score.column
        )
    beside = f" (real rows: {amount(score, real)})" if real is not None else ""
    return f"{title(score)} is {amount(score, score.value)}{beside}."


def title(score: Score) -> str:
    """A score's name for people, with its column."""
    name = score.title
    return f"{name} of '{score.column}'" if score.column else name


def amount(score: Score, value: float | None) -> str:
    """A value of a score: shares as percentages, others with three significant digits."""
    if value is None:
        return "unknown"
    inside = score.bounds[0] >= 0 and score.bounds[1] <= 1
    if score.percent or (inside and score.name in _SAID) or score.name == "category_drift":
        return percent(value)
    return number(value)


def tally(scores: Sequence[Score]) -> str:
    """How many scores are indistinguishable from real, worse, or open."""
    judgements = [s.judgement for s in scores]
    same = judgements.count(Judgement.INDISTINGUISHABLE)
    bad = judgements.count(Judgement.WORSE)
    unsure = judgements.count(Judgement.CANT_TELL)
    parts = [f"{same} of {same + bad + unsure} scores are indistinguishable from real rows"]
    parts += [f"{bad} worse"] if bad else []
    parts += [f"{unsure} can't be told with so few rows"] if unsure else []
    return ", ".join(parts) + "."
