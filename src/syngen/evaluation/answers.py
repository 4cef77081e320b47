"""The answers in words: scores, findings and counts in; the verdict and the three answers out.

Every sentence carries the numbers it rests on, so that a reader can disagree with it.
"""

from __future__ import annotations

from collections.abc import Sequence

from syngen.evaluation.inference import worst
from syngen.evaluation.sentences import sentence, tally, told
from syngen.text.format import counted, percent
from syngen.types import DRIFT, Answer, Count, Finding, Judgement, Score, drift_score

_COPYING = ("copied_rows", "span12_share", "copied_shown")
_LEFT = (*DRIFT, "off_category_share")  # rows left the category; other scores of drift say otherwise
_EASY = 0.8  # AUC of a detector from which synthetic rows are easy to tell


def answers(
    count: Count, scores: Sequence[Score], findings: Sequence[Finding], without: str
) -> tuple[Answer, Answer, Answer]:
    """The three questions of the project, answered.

    Args:
        count: How many rows came.
        scores: Judged.
        findings: All of them.
        without: Why there was no encoder; empty when there was one.
    """
    return _number(count), _category(scores, without), _similarity(scores, findings)


def overall(count: Count, scores: Sequence[Score], findings: Sequence[Finding]) -> Answer:
    """Whether the rows can be used as they are, and the main reasons why not."""
    question = "Can these rows be used?"
    errors = [f.detail for f in findings if f.severity == "error"]
    warnings = [f.detail for f in findings if f.severity == "warning"]
    bad = told(scores, max(0, 3 - len(errors)))
    reasons = [*errors[:3], *bad]
    reasons += warnings[: max(0, 3 - len(reasons))]
    said = " ".join([*reasons, tally(scores)])
    judgements = [s.judgement for s in scores]
    open_ones = judgements.count(Judgement.CANT_TELL)
    same = judgements.count(Judgement.INDISTINGUISHABLE)
    if not count.returned:
        return Answer(question, "bad", "No: there is no row", said)
    if errors:
        return Answer(question, "bad", "Not as they are", said)
    if (detector := _detector(scores)) is not None and (detector.value or 0.0) >= _EASY:
        return Answer(question, "bad", "Not in place of real rows: they are easy to tell apart", said)
    if count.valid < count.returned:
        few = f"With care: {count.valid:,} of {count.returned:,} rows are valid"
        return Answer(question, "warning", few, said)
    if bad:
        return Answer(question, "warning", "With care: they differ from real rows", said)
    if warnings:
        return Answer(question, "warning", "With care: see the findings", said)
    if open_ones * 3 > same or not same:
        return Answer(question, "unknown", "Nothing wrong was seen, but there are too few rows to tell", said)
    return Answer(question, "good", "Yes", said)


def _detector(scores: Sequence[Score]) -> Score | None:
    """The better of the detectors that tell synthetic from real texts, if it is better than chance."""
    found = [s for s in scores if s.name.startswith("c2st") and s.judgement is Judgement.WORSE]
    return max(found, key=lambda s: s.value or 0.0, default=None)


def _number(count: Count) -> Answer:
    question = "Did it give the number asked for?"
    came = counted(count.returned, "row")
    usable = f"{count.complete:,} complete, {count.valid:,} valid"
    if count.asked is None:
        detail = f"{came}: {usable}. How many were asked for is not known: say it with --asked."
        return Answer(question, "unknown", f"{came}, number asked unknown", detail)
    ledger = count.ledger
    detail = f"Asked for {count.asked:,}: {came}, of which {usable}."
    if ledger is not None:
        accepted = max(1, ledger.accepted)
        detail = (
            f"{ledger.accepted:,} of {count.asked:,} rows accepted, from {ledger.requested:,} requested in"
            f" {ledger.calls:,} calls: {ledger.requested / accepted:.2f} for each row."
        )
        if count.native_accuracy is not None:
            detail += (
                f" The model by itself: {percent(count.native_accuracy)} of the number asked in a call, exact in"
                f" {percent(ledger.native_exact_calls or 0.0)} of the calls."
            )
    if count.returned == count.asked:
        if count.valid == count.asked:
            return Answer(question, "good", f"Yes: {count.asked:,} of {count.asked:,}", detail)
        headline = f"Yes, but only {count.valid:,} of {count.asked:,} are complete and valid"
        return Answer(question, "warning", headline, detail)
    few = "fewer" if count.returned < count.asked else "more"
    by = abs(count.returned - count.asked)
    headline = f"No: {count.returned:,} of {count.asked:,}, {by:,} {few}"
    return Answer(question, "bad", headline, detail)


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
            f"{rate} of the texts lie farther from real texts than 95 % of real ones do; of real texts up"
            f" to {real} (n = {score.n:,})."
        )
    family = [s for s in scores if s.family == "drift" and s.judgement is Judgement.WORSE]
    others = told([s for s in family if s is not score], 2)
    detail = " ".join([detail, *others])
    if gone := [s for s in family if s.name in _LEFT]:
        # What chance gives among real rows is no drift.
        left = max((s.value or 0.0) - (s.floor.mean if s.floor else 0.0) for s in gone)
        return Answer(question, "bad", f"No: about {percent(left)} drifted", detail)
    if any(s.name in ("label_fidelity", "tone_ks") for s in family):
        return Answer(question, "warning", "Mostly, but its texts and labels part", detail)
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
    bad = worst(family)
    detector = max(
        (s for s in scores if s.name.startswith("c2st") and s.value is not None),
        key=lambda s: s.value or 0.0,
        default=None,
    )
    parts = [_copying(scores, findings)]
    if detector is not None and detector.value is not None and detector.floor is not None:
        parts.append(
            f"Of a real and a synthetic text a detector picks the synthetic one {percent(detector.value)} of"
            f" the time (by chance 50%, and up to {percent(detector.floor.high)} with so many rows)."
        )
    detail = " ".join([*filter(None, parts), f"Similarity: {tally(family)}"])
    copied = any(f.code == "rows.copied_from_reference" for f in findings) or any(
        s.name in _COPYING and s.judgement is Judgement.WORSE for s in scores
    )
    if copied:
        return Answer(question, "bad", "Too similar: it copies real rows", detail)
    if not bad:
        unsure = sum(s.judgement is Judgement.CANT_TELL for s in family)
        if unsure * 4 > len(family):
            return Answer(question, "unknown", "No difference seen, but too few rows to tell", detail)
        return Answer(question, "good", "Indistinguishable from real rows", detail)
    easy = (found := _detector(scores)) is not None and (found.value or 0.0) >= _EASY
    headline = "Easy to tell from real rows" if easy else f"Off in {len(bad)} of {len(family)} ways measured"
    return Answer(question, "bad" if easy else "warning", headline, detail)


def _copying(scores: Sequence[Score], findings: Sequence[Finding]) -> str:
    """What similarity is never told without: how much of it is copying."""
    rows = {row for f in findings if f.code == "rows.copied_from_reference" for row in f.rows}
    if rows:
        return f"{len(rows):,} {'row copies' if len(rows) == 1 else 'rows copy'} a real one."
    span = next((s for s in scores if s.name == "span12_share" and s.value is not None), None)
    if span is None or span.floor is None:
        return ""
    if span.judgement is Judgement.WORSE:
        return sentence(span)
    if span.judgement is Judgement.CANT_TELL:
        return "There are too few rows to tell whether it copies."
    return "It copies no more than real rows do from each other."
