"""Find what a careful reader would criticise in the rows under test, with row numbers.

Each rule is a small function in a registry, calibrated on the real rows themselves: what real rows do
as often is no finding. `CODES` lists what can be found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from syngen.evaluation.findings import columns, copies, faults, relations, reply, spans, text_outliers, texts
from syngen.evaluation.findings.rules import RULES, Case, name
from syngen.evaluation.synthetic import Synthetic
from syngen.text.embeddings import Encoder
from syngen.text.format import percent, row_numbers
from syngen.types import Finding, Judgement, Reference, Score, Severity

__all__ = [
    "CODES",
    "INVALID",
    "columns",
    "copies",
    "find",
    "in_order",
    "of_scores",
    "relations",
    "spans",
    "text_outliers",
]

_SEVERITIES = ("error", "warning", "note")
_FAMILIES = ("count", "format", "rows", "column", "relation", "text", "category")
_DRIFT = ("category_drift", "off_category_share", "off_topic_share")  # scores, the most telling first
_GROSS_DRIFT = 0.25  # of the rows, beyond that of real ones

# Cells that no column can hold.
INVALID = frozenset(f"column.{reason}" for reason in (*faults.REASONS, "missing_value"))
CODES: tuple[str, ...] = tuple(
    sorted(
        {
            *(code for code in RULES if not code.endswith(".")),
            *INVALID,
            *reply.WHOLE,
            *reply.REPAIRED,
            *reply.IGNORED,
            *texts.CODES.values(),
            "category.drift",
            "format.cut_off",
        },
        key=lambda code: (_FAMILIES.index(code.partition(".")[0]), code),
    )
)


def find(
    reference: Reference, synthetic: Synthetic, *, encoder: Encoder | None = None
) -> tuple[Finding, ...]:
    """Apply every rule to the rows under test.

    Args:
        reference: The real rows.
        synthetic: The rows under test.
        encoder: Turns texts into vectors; without one no text is found unlike the real ones.

    Returns:
        The findings, sorted as by `in_order`.
    """
    case = Case(reference, synthetic, encoder)
    return in_order(finding for rule in RULES.values() for finding in rule(case))


def of_scores(
    scores: Sequence[Score], counted: Callable[[Score], Sequence[int]] = lambda _: ()
) -> Iterator[Finding]:
    """Yield a finding for each column that a score of drift finds worse than real.

    Args:
        scores: Judged.
        counted: Returns the numbers of the rows that a score counts, where it is a share of rows.
    """
    worse = [s for s in scores if s.name in _DRIFT and s.judgement is Judgement.WORSE]
    worse.sort(key=lambda score: _DRIFT.index(score.name))
    for column in dict.fromkeys(score.column for score in worse):
        found = [score for score in worse if score.column == column]
        rows = next((rows for score in found if (rows := counted(score))), ())
        rate, floor = found[0].value or 0.0, found[0].floor.high if found[0].floor else 0.0
        what = f"their {name(column)}" if column else "the category of the real ones"
        where = f" (such as in {row_numbers(rows)})" if rows else ""
        detail = (
            f"{percent(rate)} of the texts{where} do not read as if they were of {what}; of real texts at most"
            f" {percent(max(0.0, floor))}."
        )
        severity: Severity = "error" if rate - floor >= _GROSS_DRIFT else "warning"
        yield Finding("category.drift", column, tuple(sorted(rows)), detail, severity)


def in_order(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort findings: the most severe first, then count, format, rows, columns, texts and category."""

    def key(finding: Finding) -> tuple[int, int]:
        return _SEVERITIES.index(finding.severity), _FAMILIES.index(finding.code.partition(".")[0])

    return tuple(sorted(found, key=key))
