"""The answers in words: scores, findings and counts in; the verdict and the three answers out.

Every sentence carries the numbers it rests on, so that a reader can disagree with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from syngen.measured import DRIFT, Answer, Count, Finding, Judgement, Score, drift_score
from syngen.metrics.judge import worst

Level = Literal["good", "warning", "bad", "unknown"]

_COPYING = ("copied_rows", "span12_share", "copied_shown", "dcr_share")
_TOLD_APART = 0.7  # AUC from which a detector tells most synthetic rows


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
    errors = [f for f in findings if f.severity == "error"]
    bad = worst(scores)
    reasons = [_first(f.detail) for f in errors[:3]]
    reasons += [_worse(s) for s in _one_of_each(bad)[: 3 - len(reasons)]]
    judged = [s for s in scores if s.judgement is not Judgement.NOT_COMPUTED and s.floor is not None]
    same = sum(s.judgement is Judgement.INDISTINGUISHABLE for s in judged)
    unsure = sum(s.judgement is Judgement.CANT_TELL for s in judged)
    tally = f"{same} of {len(judged)} scores are indistinguishable from real rows"
    tally += f", {len(bad)} are worse" if bad else ""
    tally += f", for {unsure} there are too few rows to tell." if unsure else "."
    question = "Can these rows be used?"
    if not count.returned or count.valid == 0:
        return Answer(question, "bad", "No: there is no usable row", " ".join(reasons) or "No row was read.")
    if errors:
        return Answer(question, "bad", "Not as they are", " ".join([*reasons, tally]))
    if len(bad) > max(1, len(judged) // 10) or any(s.name in _COPYING for s in bad):
        return Answer(
            question, "warning", "With care: they differ from real rows", " ".join([*reasons, tally])
        )
    if unsure > same:
        return Answer(question, "unknown", "Too few rows to tell", " ".join([*reasons, tally]))
    return Answer(question, "good", "Yes", " ".join([*reasons, tally]))


def _number(count: Count) -> Answer:
    question = "Did it give the number asked for?"
    came = f"{count.returned:,} {'row' if count.returned == 1 else 'rows'}"
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
            detail += f" The model by itself: {count.native_accuracy:.0%} of the number asked in a call."
    if count.complete == count.asked and count.valid == count.asked:
        return Answer(question, "good", f"Yes: {count.asked:,} of {count.asked:,}", detail)
    if count.complete == count.asked:
        return Answer(
            question, "warning", f"Yes, but only {count.valid:,} of {count.asked:,} are valid", detail
        )
    few = "fewer" if count.complete < count.asked else "more"
    by = abs(count.complete - count.asked)
    return Answer(question, "bad", f"No: {count.complete:,} of {count.asked:,}, {by:,} {few}", detail)


def _category(scores: Sequence[Score], without: str) -> Answer:
    question = "Did it stay on the category?"
    score = drift_score(scores)
    if score is None or score.value is None or score.floor is None:
        reasons = [s.why_not for s in scores if s.name in DRIFT and s.why_not]
        return Answer(question, "unknown", "Can't tell", without or " ".join(dict.fromkeys(reasons)))
    what = (
        f"share of rows that a classifier trained on real rows puts in the wrong '{score.column}'"
        f" beyond its errors on real rows"
        if score.column
        else "share of rows farther from real rows than 95 % of real rows are"
    )
    high = score.floor.high
    detail = f"{_share(score.value)} is the {what}; real rows give up to {_share(high)} (n = {score.n:,})."
    detail += _fidelity(scores)
    if score.judgement is Judgement.WORSE:
        return Answer(question, "bad", f"No: {_share(score.value)} drifted", detail)
    if score.judgement is Judgement.CANT_TELL:
        return Answer(question, "unknown", "Too few rows to tell", detail)
    weak = [s for s in scores if s.family == "drift" and s.judgement is Judgement.WORSE]
    if weak:
        return Answer(question, "warning", "Yes, but " + _worse(weak[0], start=False), detail)
    return Answer(question, "good", "Yes", detail)


def _fidelity(scores: Sequence[Score]) -> str:
    """How well texts match their labels, where that is worse than real."""
    found = [s for s in scores if s.name == "label_fidelity" and s.judgement is Judgement.WORSE]
    said = [
        f" The text matches its '{s.column}' in {_share(s.value)} of rows; in real rows {_share(s.floor.mean)}."
        for s in found
        if s.value is not None and s.floor is not None
    ]
    return "".join(said)


def _similarity(scores: Sequence[Score], findings: Sequence[Finding]) -> Answer:
    question = "How similar is it to the original?"
    family = [s for s in scores if s.family == "similarity" and s.floor is not None]
    if not family:
        return Answer(question, "unknown", "Can't tell", "No score of similarity could be computed.")
    same = sum(s.judgement is Judgement.INDISTINGUISHABLE for s in family)
    bad = worst(family)
    detector = max(
        (s for s in scores if s.name.startswith("c2st") and s.value is not None),
        key=lambda s: s.value or 0.0,
        default=None,
    )
    detail = f"{same} of {len(family)} scores of similarity are indistinguishable from real rows."
    if detector is not None and detector.value is not None:
        detail += (
            f" Shown a real and a synthetic text, a detector picks the synthetic one {_share(detector.value)}"
            " of the time (50 % is chance)."
        )
    detail += _copied(scores, findings)
    copied = any(f.code == "rows.copied_from_reference" for f in findings) or any(
        s.name in _COPYING and s.judgement is Judgement.WORSE for s in scores
    )
    if copied:
        return Answer(question, "bad", "Too similar: it copies real rows", detail)
    if not bad and same * 2 >= len(family):
        return Answer(question, "good", "Indistinguishable from real rows", detail)
    if not bad:
        return Answer(question, "unknown", "Too few rows to tell", detail)
    told = detector is not None and detector.value is not None and detector.value >= _TOLD_APART
    level: Level = "bad" if told else "warning"
    different = ", ".join(dict.fromkeys(_label(s) for s in bad[:3]))
    return Answer(question, level, f"{'Easy' if told else 'Possible'} to tell apart: {different}", detail)


def _copied(scores: Sequence[Score], findings: Sequence[Finding]) -> str:
    """What similarity is never told without: how much of it is copying."""
    rows = {row for f in findings if f.code == "rows.copied_from_reference" for row in f.rows}
    if rows:
        return f" {len(rows):,} rows are copies of real ones."
    span = next((s for s in scores if s.name == "span12_share" and s.value is not None), None)
    if span is None or span.value is None or span.floor is None:
        return ""
    return (
        f" {_share(span.value)} of rows share 12 words in a row with a real one (real rows with each other:"
        f" {_share(span.floor.mean)})."
    )


def _one_of_each(scores: Sequence[Score]) -> list[Score]:
    """The first score of each name."""
    return list({s.name: s for s in reversed(scores)}.values())[::-1]


def _worse(score: Score, *, start: bool = True) -> str:
    """A score that is worse than real, as a sentence, or as the end of one."""
    label = _label(score)
    label = label[0].upper() + label[1:] if start else label
    real = "" if score.floor is None else f" (real rows: {_plain(score.floor.mean)})"
    return f"{label} is {_plain(score.value or 0.0)}{real}{'.' if start else ''}"


def _label(score: Score) -> str:
    name = score.name.replace("_", " ").replace("c2st", "C2ST").replace("tfidf", "TF-IDF")
    return f"{name} of '{score.column}'" if score.column else name


def _plain(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _share(value: float | None) -> str:
    value = value or 0.0
    return f"{value:.1%}" if 0 < abs(value) < 0.1 else f"{value:.0%}"


def _first(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else text + "."
