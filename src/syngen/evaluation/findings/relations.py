"""Find rows that break what nearly all real rows keep: sums, orders, values that go together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from syngen.columns.relations import FORMULAS, Cells, agreement, compute
from syngen.evaluation.findings.rules import Case, grave, rule, shown, unusual
from syngen.text.format import part_of, percent, row_numbers
from syngen.types import Finding, Relation, Role, Severity

_CLEARLY = 0.1  # share of the rows by which what holds in a part of them must fall
_LABELS = (Role.CATEGORY, Role.ORDINAL, Role.BOOLEAN)


@rule("relation.broken")
def broken(case: Case) -> Iterator[Finding]:
    """Rows in which a relation between columns does not hold; cells that can't be read break none."""
    names = {column.name for column in case.columns}
    cells, real = Cells(case.synthetic.frame, case.codecs), Cells(case.reference.frame, case.codecs)
    for relation in case.profile.relations:
        if not names >= set(relation.columns):
            continue
        labels = case.profile[relation.columns[0]].role in _LABELS
        known, agree = agreement(relation, cells, real if labels else None)
        of_real, real_agree = agreement(relation, real)
        wrong = np.flatnonzero(known & ~agree)
        real_wrong, real_size = int((of_real & ~real_agree).sum()), int(of_real.sum())
        often = unusual(len(wrong), int(known.sum()), real_wrong, real_size, hardly_ever=True)
        if not len(wrong) or (real_wrong and not often):
            continue
        if relation.partly and len(wrong) / known.sum() - real_wrong / real_size < _CLEARLY:
            continue
        rows = case.rows(wrong.tolist())
        first = int(wrong[0])
        values = ", ".join(f"{name} is {shown(cells.frame[name][first])}" for name in relation.columns)
        usual = percent(real_wrong / real_size) if real_wrong else "none"
        detail = (
            f"`{' '.join(relation.sentence.split())}` does not hold in {part_of(len(rows), int(known.sum()))}"
            f" ({row_numbers(rows)}): in row {case.synthetic.numbers[first]:,} {values}{_due(relation, cells, first)}."
            f" Of the real rows {usual} break it."
        )
        # Values that go together by chance in the real rows need not do so in others; sums don't hold by chance.
        formula = relation.kind in FORMULAS and not relation.partly
        severity: Severity = grave(len(rows), int(known.sum()), often=often) if formula else "note"
        yield Finding("relation.broken", relation.columns[0], rows, detail, severity)


def _due(relation: Relation, cells: Cells, row: int) -> str:
    """What a computed column should be."""
    if relation.kind not in FORMULAS:
        return ""
    due = round(float(compute(relation, cells)[row]), 6 if relation.decimals is None else relation.decimals)
    return f", and {relation.columns[0]} should be {due:.10g}"
