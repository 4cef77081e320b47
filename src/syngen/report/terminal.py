"""Write the report's short form for a terminal: at most 30 lines of plain text.

Texts that come from rows lose their control characters, so that none of them moves the cursor.
"""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from syngen.report import wording
from syngen.text.format import counted, row_numbers
from syngen.types import Evaluation, Judgement

WIDTH = 100
MOST_LINES = 30
_MARGIN = 11  # of the words "With care", "Can't tell", "Warning", and a space
_MOST_FINDINGS = 8
# C0 and C1 controls, and marks that turn the direction of writing.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def lines(report: Evaluation, path: Path | None = None) -> list[str]:
    """Return the verdict, three answers, the worst findings and scores, and where the full report is.

    Args:
        report: What to write.
        path: Of the full report, when it was written.

    Returns:
        Lines of at most `WIDTH` columns, without markup; escape them before printing with Rich.
    """
    whole = report.overall
    written = [
        *_fit(f"{report.synthetic} against {report.real}: {wording.compared(report)}.", most=1),
        *_fit(f"{whole.question} {whole.headline}. {whole.detail}".replace("..", "."), most=4),
    ]
    if report.answers:
        written.append("")
    for answer in report.answers[:3]:
        written += _fit(f"{answer.question} {answer.headline}", wording.LEVELS[answer.level], most=1)
        written += _fit(answer.detail, " ", most=3)
    written += _findings(report)
    # A path is never cut: it is there to be copied.
    where = [] if path is None else ["", f"The full report: {clean(str(path))}"]
    return [*written, *_scores(report, MOST_LINES - len(written) - len(where)), *where]


def _findings(report: Evaluation) -> list[str]:
    found = report.findings
    if not found:
        return ["", "No findings: no check found anything that real rows do not show as well."]
    written = ["", f"{counted(len(found), 'finding')}:"]
    for finding in found[:_MOST_FINDINGS]:
        named = not finding.rows or re.search(r"\brows? \d", finding.detail)
        rows = "" if named else f" ({row_numbers(finding.rows, 3)})"
        written += _fit(finding.detail, finding.severity.capitalize(), most=1, end=rows)
    if len(found) > _MOST_FINDINGS:
        written.append(f"{' ' * _MARGIN}and {len(found) - _MOST_FINDINGS:,} more")
    return written


def _scores(report: Evaluation, most: int) -> list[str]:
    """How many scores are fine, and as many of the worst as there are lines for."""
    if not report.scores:
        return []
    written = ["", *_fit(f"{wording.tally(report.scores)}.", most=1)]
    worst = [s for s in wording.worst_first(report.scores) if s.judgement is Judgement.WORSE]
    for score in worst[: max(0, most - len(written))]:
        value, _, band = wording.numbers(score)
        floor = f", real against real {band}" if score.floor else ""
        written += _fit(f"{wording.title(score)} {value}{floor}", "Worse", most=1)
    return written


def clean(text: str) -> str:
    """Replace what could move a cursor or turn the direction of writing."""
    return _CONTROL.sub(" ", text)


def _fit(text: str, word: str = "", *, most: int, end: str = "") -> list[str]:
    """Wrap a text to at most `most` lines, behind a word in the margin; `end` is never cut off."""
    margin = _MARGIN if word else 0
    # Wide letters take two columns; a text of them is cut at half as many letters.
    wide = any(ord(letter) > 0x2E7F for letter in text)
    width = (WIDTH - margin) // (2 if wide else 1)
    flat = " ".join(clean(text).split())
    if most == 1:
        wrapped = [textwrap.shorten(flat, max(width - len(end), 20), placeholder=" …") + end]
    else:
        wrapped = textwrap.wrap(flat, width, max_lines=most, placeholder=" …")
    return [f"{(word if i == 0 else ''):<{margin}}{line}".rstrip() for i, line in enumerate(wrapped)]
