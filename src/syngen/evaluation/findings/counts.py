"""Findings on how many rows came."""

from __future__ import annotations

from collections.abc import Iterator

from syngen.evaluation.findings.case import Case
from syngen.evaluation.findings.registry import rule
from syngen.text.format import counted
from syngen.types import Finding


@rule("count.short")
def short(case: Case) -> Iterator[Finding]:
    """Fewer rows than were asked for."""
    asked, rows = case.synthetic.asked, case.synthetic.rows
    if asked is not None and rows < asked:
        lost = case.synthetic.unreadable
        more = f", and {counted(lost, 'row')} that can't be read" if lost else ""
        detail = f"{counted(rows, 'row')} instead of {asked:,}{more}."
        yield Finding("count.short", "", (), detail, "error")


@rule("count.over")
def over(case: Case) -> Iterator[Finding]:
    """More rows than were asked for."""
    asked, rows = case.synthetic.asked, case.synthetic.rows
    if asked is not None and rows > asked:
        beyond = tuple(number for number in case.synthetic.numbers if number > asked)
        yield Finding("count.over", "", beyond, f"{counted(rows, 'row')} instead of {asked:,}.", "warning")


@rule("rows.sampled")
def sampled(case: Case) -> Iterator[Finding]:
    """Only a part of the rows was looked at."""
    rows, exact = case.synthetic.rows, case.synthetic.exact_counts
    if case.size < rows:
        detail = f"The findings are on a random {case.size:,} of {rows:,} rows."
        if exact is not None:
            detail += (
                f" In all of them, {exact.repeated:,} texts repeat an earlier one and {exact.copied:,} are"
                " those of real rows."
            )
        yield Finding("rows.sampled", "", (), detail, "note")
