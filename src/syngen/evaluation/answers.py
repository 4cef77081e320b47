"""Answer the three questions of the project, and say whether the rows can be used.

Every sentence carries the numbers it rests on, so that a reader can disagree with it.
"""

from __future__ import annotations

from collections.abc import Sequence

from syngen.report.wording import tally
from syngen.text.format import capitalized, counted, number, percent
from syngen.types import DRIFT, Answer, Count, Finding, Judgement, Score, drift_score

_COPYING = ("copied_rows", "span12_share", "copied_shown")
_LEFT = (*DRIFT, "off_category_share")  # rows left the category; other scores of drift say otherwise
_EASY = 0.8  # AUC of a detector from which synthetic rows are easy to distinguish
_MOST_REASONS = 3

_DETECTED = "A detector that sees a real and a synthetic text picks the synthetic one {value} of the time."
# What a reader wants to know first, and how it is said; the other scores follow, the farthest from real first.
_SENTENCES = {
    "copied_rows": "{value} of the texts are copies of real ones (of real rows among themselves {real}).",
    "copied_shown": "{value} of the rows copy eight words or more from a row they were shown.",
    "span12_share": "{value} of the rows share twelve words in a row with a real one (real rows: {real}).",
    "dcr_share": "{value} of the rows lie closer to rows a model may have seen than to held-out ones.",
    "category_drift": "A classifier recognises the '{column}' of {value} fewer texts than of real ones.",
    "off_category_share": "{value} of the texts hardly fit their '{column}' (of real texts {real}).",
    "off_topic_share": "{value} of the texts lie far from real ones (of real texts {real}).",
    "c2st_tfidf": _DETECTED,
    "c2st_embedding": _DETECTED,
    "near_duplicate_share": "{value} of the rows nearly repeat another (of real rows {real}).",
    "top_opening_share": "{value} of the texts open with the same four words (of real texts {real}).",
    "label_fidelity": "A classifier finds that the text fits its '{column}' {value} of the time, each label"
    " weighing the same (of real rows {real}).",
    "identifier_distinct_share": "",  # no sentence of its own
    "total_variation": "{value} of the mix of '{column}' is off (of real rows {real}).",
    "kolmogorov_smirnov": "",
    "words_median": "The median '{column}' has {value} words (real {real}).",
    "words_ks": "",
    "tone_ks": "",
    "grade_mean": "",
    "coverage": "",
}
_TOGETHER = (  # scores of which one says enough
    ("c2st_tfidf", "c2st_embedding"),
    ("words_median", "words_ks"),
    ("copied_rows", "span12_share", "span8_share", "longest_shared_span"),
    ("category_drift", "off_category_share", "category_accuracy", "off_topic_share"),
)


# ------------------------------------------------------------------------------------- verdict
def overall(count: Count, scores: Sequence[Score], findings: Sequence[Finding]) -> Answer:
    """Say whether the rows can be used as they are, and the main reasons why not."""
    question = "Can these rows be used?"
    errors = [f.detail for f in findings if f.severity == "error"]
    warnings = [f.detail for f in findings if f.severity == "warning"]
    bad = _sentences(scores, max(0, _MOST_REASONS - len(errors)))
    reasons = [*errors[:_MOST_REASONS], *bad]
    reasons += warnings[: max(0, _MOST_REASONS - len(reasons))]
    detail = " ".join([*reasons, f"Of {tally(scores)}."])
    judgements = [s.judgement for s in scores]
    unsure = judgements.count(Judgement.CANT_TELL)
    same = judgements.count(Judgement.INDISTINGUISHABLE)
    if not count.returned:
        return Answer(question, "bad", "No: there is no row", detail)
    if errors:
        return Answer(question, "bad", "Not as they are", detail)
    if easily_detected(scores):
        return Answer(question, "bad", "Not in place of real rows: they are easy to distinguish", detail)
    if count.valid < count.returned:
        few = f"With care: {count.valid:,} of {count.returned:,} rows are valid"
        return Answer(question, "warning", few, detail)
    if bad:
        return Answer(question, "warning", "With care: they differ from real rows", detail)
    if warnings:
        return Answer(question, "warning", "With care: see the findings", detail)
    if unsure * 3 > same or not same:
        return Answer(question, "unknown", "No fault found, but there are too few rows to tell", detail)
    return Answer(question, "good", "Yes", detail)


def answers(
    count: Count, scores: Sequence[Score], findings: Sequence[Finding], without: str
) -> tuple[Answer, Answer, Answer]:
    """Answer the three questions of the project.

    Args:
        count: How many rows came.
        scores: Judged.
        findings: All of them.
        without: Why there was no encoder; empty when there was one.
    """
    return _number(count), _category(scores, without), _similarity(scores, findings)


def _number(count: Count) -> Answer:
    question = "Did it give the number asked for?"
    returned = counted(count.returned, "row")
    usable = f"{count.complete:,} complete, {count.valid:,} valid"
    if count.asked is None:
        detail = f"{returned}: {usable}. The number asked for is not known; give it with --asked."
        return Answer(question, "unknown", f"{returned}, number asked unknown", detail)
    ledger = count.ledger
    detail = f"Asked for {count.asked:,}: {returned}, of which {usable}."
    if ledger is not None:
        written = ledger.accepted - ledger.by_code
        detail = (
            f"{ledger.accepted:,} of {count.asked:,} rows accepted, from {ledger.requested:,} requested in"
            f" {counted(ledger.calls, 'call')}: {ledger.requested / max(1, written):.2f} for each row."
            if ledger.calls
            else f"{ledger.accepted:,} of {count.asked:,} rows accepted."
        )
        if ledger.by_code:
            detail += f" {capitalized(counted(ledger.by_code, 'row'))} without a text needed no model."
        if count.native_accuracy is not None:
            detail += (
                f" The model by itself: {percent(count.native_accuracy)} of the number asked in a call, exact in"
                f" {percent(ledger.native_exact_calls or 0.0)} of the calls."
            )
    if count.returned != count.asked:
        few = "fewer" if count.returned < count.asked else "more"
        by = abs(count.returned - count.asked)
        return Answer(question, "bad", f"No: {count.returned:,} of {count.asked:,}, {by:,} {few}", detail)
    if count.valid == count.asked:
        return Answer(question, "good", f"Yes: {count.asked:,} of {count.asked:,}", detail)
    headline = f"Yes, but only {count.valid:,} of {count.asked:,} are complete and valid"
    return Answer(question, "warning", headline, detail)


def _category(scores: Sequence[Score], without: str) -> Answer:
    question = "Did it stay on the category?"
    score = drift_score(scores)
    if score is None or score.value is None or score.floor is None:
        reasons = [s.why_not for s in scores if s.name in DRIFT and s.why_not]
        return Answer(question, "unknown", "Can't tell", without or ". ".join(dict.fromkeys(reasons)))
    rate, real = percent(max(0.0, score.value)), percent(max(0.0, score.floor.high))
    if score.column:
        detail = (
            f"A classifier trained on real rows recognises the '{score.column}' of {rate} fewer texts than of"
            f" real ones; chance alone gives up to {real} (n = {score.n:,})."
        )
    else:
        detail = (
            f"{rate} of the texts lie farther from real texts than 95% of real ones do; real texts: at most"
            f" {real} (n = {score.n:,})."
        )
    worse = [s for s in scores if s.family == "drift" and s.judgement is Judgement.WORSE]
    others = _sentences([s for s in worse if s is not score], 2)
    detail = " ".join([detail, *others])
    if left := [s for s in worse if s.name in _LEFT]:
        # What chance gives among real rows is no drift.
        most = max((s.value or 0.0) - (s.floor.mean if s.floor else 0.0) for s in left)
        return Answer(question, "bad", f"No: about {percent(most)} drifted", detail)
    if any(s.name in ("label_fidelity", "tone_ks") for s in worse):
        return Answer(question, "warning", "Mostly, but its texts don't match its labels", detail)
    if others:
        return Answer(question, "warning", "Mostly, but not as real rows do", detail)
    if score.judgement is Judgement.CANT_TELL:
        return Answer(question, "unknown", "Too few rows to tell", detail)
    shows = percent(abs(score.floor.limit - score.floor.mean))
    return Answer(question, "good", "Yes: no drift found", f"{detail} A drift under {shows} would not show.")


def _similarity(scores: Sequence[Score], findings: Sequence[Finding]) -> Answer:
    question = "How similar is it to the original?"
    family = [s for s in scores if s.family == "similarity" and s.floor is not None]
    if not family:
        return Answer(question, "unknown", "Can't tell", "No score of similarity could be computed.")
    worse = sum(s.judgement is Judgement.WORSE for s in family)
    parts = [_copying(scores, findings)]
    detectors = [s for s in scores if s.name.startswith("c2st") and s.value is not None]
    best = max(detectors, key=lambda s: s.value or 0.0, default=None)
    if best is not None and best.floor is not None:
        real = percent(best.floor.high)
        parts.append(f"{_sentence(best)[:-1]} (by chance 50%, and up to {real} with this number of rows).")
    detail = " ".join([*filter(None, parts), f"Of {tally(family)}."])
    if any(f.code == "rows.copied_from_reference" for f in findings) or any(
        s.name in _COPYING and s.judgement is Judgement.WORSE for s in scores
    ):
        return Answer(question, "bad", "Too similar: it copies real rows", detail)
    if easily_detected(scores) and worse:
        return Answer(question, "bad", "Easy to distinguish from real rows", detail)
    if worse:
        return Answer(question, "warning", f"Different in {worse} of {len(family)} ways measured", detail)
    if sum(s.judgement is Judgement.CANT_TELL for s in family) * 4 > len(family):
        return Answer(question, "unknown", "No difference found, but too few rows to tell", detail)
    return Answer(question, "good", "Indistinguishable from real rows", detail)


def easily_detected(scores: Sequence[Score]) -> bool:
    """Whether a detector distinguishes synthetic from real texts easily, and better than chance."""
    found = [s for s in scores if s.name.startswith("c2st") and s.judgement is Judgement.WORSE]
    return any((s.value or 0.0) >= _EASY for s in found)


def _copying(scores: Sequence[Score], findings: Sequence[Finding]) -> str:
    """How much of the similarity is copying: it is never reported without."""
    rows = {row for f in findings if f.code == "rows.copied_from_reference" for row in f.rows}
    if rows:
        return f"{counted(len(rows), 'row')} {'copies' if len(rows) == 1 else 'copy'} a real one."
    span = next((s for s in scores if s.name == "span12_share" and s.value is not None), None)
    if span is None or span.floor is None:
        return ""
    if span.judgement is Judgement.WORSE:
        return _sentence(span)
    if span.judgement is Judgement.CANT_TELL:
        return "There are too few rows to tell whether it copies."
    return "It copies no more than real rows do from each other."


# ------------------------------------------------------------------------------ scores in words
def _sentences(scores: Sequence[Score], most: int) -> list[str]:
    """The scores that are worse than real as sentences, what matters most first."""
    order = {name: i for i, name in enumerate(_SENTENCES)}
    worse = [s for s in scores if s.judgement is Judgement.WORSE]
    worse.sort(key=lambda s: (order.get(s.name, len(order)), -s.excess))
    found: dict[str, str] = {}
    for score in worse:
        group = next((names[0] for names in _TOGETHER if score.name in names), score.name)
        found.setdefault(group, _sentence(score))
    return list(found.values())[:most]


def _sentence(score: Score) -> str:
    """One score in words, compared with real rows."""
    sentence = _SENTENCES.get(score.name, "")
    shares = score.percent or (sentence and score.bounds[1] <= 1)

    def write(value: float | None) -> str:
        return "unknown" if value is None else percent(value) if shares else number(value)

    value = write(score.value)
    real = write(None if score.floor is None else score.floor.mean)
    if sentence:
        return sentence.format(value=value, real=real, column=score.column)
    title = f"{score.title} of '{score.column}'" if score.column else score.title
    return f"{title} is {value} (real rows: {real})." if score.floor is not None else f"{title} is {value}."
