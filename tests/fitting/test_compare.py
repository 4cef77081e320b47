"""Which of two models writes more like the real rows: both write, detectors decide."""

from __future__ import annotations

import pytest

from syngen.fitting import compare
from syngen.types import Reference

MODEL = "function/writing:write"


@pytest.mark.slow
def test_both_write_and_both_are_measured(reference: Reference, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "ROWS", 30)
    scores = compare.written_rows(reference, MODEL, MODEL)
    assert scores["accepted_share"]["value"] == scores["accepted_share"]["prompted"] > 0.5
    assert 0 <= scores["copied_share"]["value"] < 1 - scores["accepted_share"]["value"] + 1e-9
    for name in compare.REPORTED:
        assert scores[name]["value"] == scores[name]["prompted"] is not None
        assert scores[name]["real"] is not None
    assert any("span" in name for name in scores)


@pytest.mark.parametrize(
    ("fitted", "prompted", "wanted"),
    [
        ((0.7, 0.9), (0.8, 0.9), "fitted"),
        ((0.7, 0.9), (0.6, 0.8), "prompted"),
        ((0.7, None), (None, 0.8), None),
    ],
)
def test_the_one_that_is_told_less_well_from_real_rows_is_better(
    fitted: tuple[float | None, ...], prompted: tuple[float | None, ...], wanted: str | None
) -> None:
    scores = {
        name: {"value": f, "prompted": p}
        for name, f, p in zip(compare.DETECTORS, fitted, prompted, strict=True)
    }
    assert compare.better(scores) == wanted
    assert compare.better({}) is None
