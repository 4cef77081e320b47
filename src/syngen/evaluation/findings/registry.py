"""The registry of findings: one small function for each kind, which looks at a `Case` and says what it sees."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from syngen.evaluation.findings.case import Case
from syngen.types import Finding

Severity = Literal["error", "warning", "note"]
Rule = Callable[[Case], Iterator[Finding]]

RULES: dict[str, Rule] = {}


def rule(code: str) -> Callable[[Rule], Rule]:
    """Register a rule under the code of what it finds, or their common part such as "format."."""

    def register(function: Rule) -> Rule:
        RULES[code] = function
        return function

    return register
