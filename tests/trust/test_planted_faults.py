"""Each planted fault is caught by the score made for it, and leaves the others alone."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from syngen import evaluate
from syngen.measured import Judgement
from syngen.report import Report
from trust import faults

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not faults.CLOTHING.exists(), reason="the real reviews are not here"),
]

ROWS = 2_000  # a side, for all statements below


@lru_cache(maxsize=1)
def _sides() -> tuple[object, object]:
    return faults.halves(faults.clothing(), ROWS, seed=0)


def _report(fault: faults.Fault) -> Report:
    real, half = _sides()
    return evaluate(real, fault(half, real, np.random.default_rng(1)))


def _worse(report: Report) -> set[str]:
    return {
        f"{s.name}:{s.column}" if s.column else s.name
        for s in report.scores
        if s.judgement is Judgement.WORSE
    }


def _codes(report: Report) -> set[str]:
    return {f.code for f in report.findings if f.severity != "note"}


def test_real_rows_raise_no_score_and_no_finding() -> None:
    report = _report(faults.nothing)
    assert _worse(report) == set()
    assert _codes(report) == set()
    assert report.overall.level == "good"
    assert [answer.level for answer in report.answers[1:]] == ["good", "good"]
