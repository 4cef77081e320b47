"""Write the report as Markdown that reads well as it is and when rendered.

Texts that come from rows or files are escaped, so that none of them makes a heading, a link, a picture or
a column of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from syngen.report import wording
from syngen.text.format import counted, moment, row_numbers
from syngen.types import Evaluation, Finding

_MOST_FINDINGS = 100
_MOST_ROWS = 8  # runs of row numbers that a finding names
_FLOOR = (
    "- Real against real: the same score between disjoint parts of the real rows, of the same sizes; 95% of "
    "such scores lie in this range."
)
_WORSE = (
    "- A score is worse than real when it lies beyond what real rows would reach in at most 1 % of reports, "
    "counted over all scores."
)


def as_markdown(report: Evaluation) -> str:
    """Return the answers, the findings, the ledger, the scores by family, and how they were measured."""
    parts = [*_top(report), *_findings(report.findings), *_ledger(report), *_scores(report), *_method(report)]
    return "\n\n".join(part for part in parts if part) + "\n"


def escaped(text: str) -> str:
    """Escape a text: one line in which nothing is markup."""
    flat = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", text).split())
    flat = flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    flat = re.sub(r"([\\`*_\[\]{}|#~$!])", r"\\\1", flat)
    return re.sub(r"^(\d+)?([-+.)])(?=\s|$)", r"\1\\\2", flat)  # would begin a list


def _top(report: Evaluation) -> Iterator[str]:
    whole = report.overall
    yield f"# {escaped(report.synthetic)} against {escaped(report.real)}"
    made = "; ".join(f"{escaped(key)}: {escaped(str(value))}" for key, value in report.made_by.items())
    when = moment(report.created)
    yield ". ".join(part for part in (escaped(wording.compared(report)), made, escaped(when)) if part)
    yield f"**{escaped(whole.question)} {escaped(whole.headline)}** {escaped(whole.detail)}".rstrip()
    if report.answers:
        yield "## The answers"
        yield _table(
            ("Question", "", "Answer", "Numbers"),
            [
                (a.question, wording.LEVELS[a.level], f"**{escaped(a.headline)}**", a.detail)
                for a in report.answers
            ],
            ready=(2,),
        )


def _findings(findings: Sequence[Finding]) -> Iterator[str]:
    yield "## Findings"
    if not findings:
        yield "No check found anything that real rows do not show as well."
        return
    lines = []
    for finding in findings[:_MOST_FINDINGS]:
        column = f", column {escaped(finding.column)}" if finding.column else ""
        rows = f" ({row_numbers(finding.rows, _MOST_ROWS)})" if finding.rows else ""
        lines.append(
            f"- **{finding.severity.capitalize()}**: {escaped(finding.detail)}{rows} "
            f"({escaped(finding.code)}{column})"
        )
    yield "\n".join(lines)
    if len(findings) > _MOST_FINDINGS:
        yield f"{len(findings) - _MOST_FINDINGS:,} more findings are in the JSON report."


def _ledger(report: Evaluation) -> Iterator[str]:
    count = report.count
    yield "## Number of rows"
    yield _table(("Step", "Rows"), wording.count_facts(count))
    if count.ledger is not None:
        ledger = count.ledger
        chain = " → ".join(f"{step} {rows:,}" for step, rows in ledger.steps.items())
        yield f"The run: {chain}, in {counted(ledger.calls, 'call')}."
        if ledger.by_code:
            yield f"Rows without a text, which needed no model: {ledger.by_code:,}."
        if ledger.rejected:
            reasons = [(code, f"{rows:,}") for code, rows in ledger.reasons.items()]
            yield _table(("Rejected because of", "Rows"), reasons)


def _scores(report: Evaluation) -> Iterator[str]:
    for family, scores in wording.by_family(report.scores).items():
        yield f"## Scores: {wording.FAMILIES[family][0]}"
        yield f"{wording.tally(scores)}."
        header = ("Measure", "Column", "Value", "95% interval", "Real against real", "Verdict")
        yield _table(header, [(s.title, s.column, *wording.numbers(s), wording.verdict(s)) for s in scores])


def _method(report: Evaluation) -> Iterator[str]:
    yield "## How it was measured"
    encoder = report.encoder or "none, so scores of meaning are not computed"
    lines = [
        f"- Real rows used: {escaped(report.splits)}" if report.splits else "",
        f"- Encoder: {escaped(encoder)}",
        _FLOOR,
        _WORSE,
        f"- SynGen {escaped(report.version)}" if report.version else "",
        *(f"- {escaped(note)}" for note in report.notes),
    ]
    yield "\n".join(line for line in lines if line)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], ready: tuple[int, ...] = ()) -> str:
    """A table; cells are escaped, save those of the columns that are Markdown already."""
    lines = [f"| {' | '.join(header)} |", f"|{' --- |' * len(header)}"]
    for row in rows:
        cells = (cell if i in ready else escaped(cell) for i, cell in enumerate(row))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
