"""What a careful reader would write: a reference and rows under test in, findings with row numbers out.

Each rule is a small function in a registry and calibrated on the real rows themselves: what real rows do
as often is no finding. `CODES` lists what can be found.
"""

from __future__ import annotations

from collections.abc import Iterable

from syngen.evaluation.findings import (  # noqa: F401 - a module registers its rules when it is imported
    columns,
    copies,
    counts,
    sequences,
    spans,
    unlike,
)
from syngen.evaluation.findings.case import Case
from syngen.evaluation.findings.drift import drift_finding, of_scores
from syngen.evaluation.findings.faults import REASONS
from syngen.evaluation.findings.forms import MENDED, READ_OVER, WHOLE
from syngen.evaluation.findings.registry import RULES
from syngen.evaluation.findings.texts import CODES as TEXT_CODES
from syngen.evaluation.synthetic import Synthetic
from syngen.text.embeddings import Encoder
from syngen.types import Finding, Reference

__all__ = ["CODES", "INVALID", "drift_finding", "find", "in_order", "of_scores"]

_SEVERITIES = ("error", "warning", "note")
_FAMILIES = ("count", "format", "rows", "column", "text", "category")

CODES: tuple[str, ...] = tuple(
    sorted(
        {
            *(code for code in RULES if not code.endswith(".")),
            *WHOLE,
            *MENDED,
            *READ_OVER,
            *TEXT_CODES.values(),
            "category.drift",
        },
        key=lambda code: (_FAMILIES.index(code.partition(".")[0]), code),
    )
)
INVALID = frozenset(f"column.{reason}" for reason in (*REASONS, "missing_value"))  # cells no column can hold


def find(
    reference: Reference, synthetic: Synthetic, *, encoder: Encoder | None = None
) -> tuple[Finding, ...]:
    """Look at rows as a careful reader would.

    Args:
        reference: The real rows.
        synthetic: The rows under test.
        encoder: Turns texts into vectors; without one no text is found unlike the real ones.

    Returns:
        The findings, the most severe first, then as `in_order` has them.
    """
    case = Case(reference, synthetic, encoder)
    return in_order(finding for rule in RULES.values() for finding in rule(case))


def in_order(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings, the most severe first, then those on the count, the form, rows, columns and texts."""

    def key(finding: Finding) -> tuple[int, int]:
        return _SEVERITIES.index(finding.severity), _FAMILIES.index(finding.code.partition(".")[0])

    return tuple(sorted(found, key=key))
