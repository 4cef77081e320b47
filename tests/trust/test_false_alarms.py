"""Real rows against real rows: over 100 seeded splits hardly ever a score that is worse than real."""

from __future__ import annotations

from collections import Counter

import pytest

from syngen.evaluation import evaluate
from syngen.measured import Judgement
from syngen.reference import load
from trust import faults

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not faults.CLOTHING.exists(), reason="the real reviews are not here"),
    pytest.mark.timeout(3_000),
]

SPLITS = 100
ROWS = 500  # a side


def test_real_rows_are_told_from_real_rows_in_at_most_five_of_a_hundred_splits() -> None:
    """Every score, in every split: at most 5 splits have any score that is worse than real."""
    frame = faults.clothing()
    alarms: Counter[str] = Counter()
    splits = 0
    for seed in range(SPLITS):
        real, half, _ = faults.thirds(frame, ROWS, seed)
        scores = evaluate(load(real), half, drawings=False).scores
        worse = [f"{s.name}:{s.column}" for s in scores if s.judgement is Judgement.WORSE]
        alarms.update(worse)
        splits += bool(worse)
    assert splits <= SPLITS * 5 // 100, alarms
