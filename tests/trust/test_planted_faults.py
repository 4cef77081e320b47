"""Known answers on real reviews: no alarm where nothing is wrong, and each planted fault caught by its score.

2,000 reviews against 2,000, unless a statement says otherwise. The faults and their strengths are in
`faults.py`.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
import pytest

from syngen import evaluate
from syngen.report import Report
from syngen.types import Judgement
from trust import faults

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not faults.CLOTHING.exists(), reason="the real reviews are not here"),
]

ROWS = 2_000
COLUMNS = {"total_variation", "kolmogorov_smirnov", "missing_share"}
COPIES = {"copied_rows", "span12_share", "dcr_share"}
REPEATS = {"near_duplicate_share", "top_opening_share", "self_bleu", "distinct_2"}
DETECTORS = {"c2st_embedding", "c2st_tfidf"}
DRIFT = {"category_drift", "off_category_share", "off_topic_share"}
LABELS = {"label_fidelity", "tone_ks"}


@cache
def _report(fault: faults.Fault) -> Report:
    return evaluate(*faults.planted(fault, ROWS))


def _worse(report: Report) -> set[str]:
    """The scores that are worse than real, by name and by name:column."""
    found = [s for s in report.scores if s.judgement is Judgement.WORSE]
    return {s.name for s in found} | {f"{s.name}:{s.column}" for s in found if s.column}


def _codes(report: Report) -> set[str]:
    return {f"{f.code}:{f.column}" if f.column else f.code for f in report.findings if f.severity != "note"}


def test_real_rows_raise_no_alarm() -> None:
    report = _report(faults.nothing)
    assert _worse(report) == set()
    assert _codes(report) == set()
    assert report.overall.level == "good"
    assert [answer.level for answer in report.answers[1:]] == ["good", "good"]


def test_a_tenth_of_texts_from_another_category_is_drift_and_nothing_else() -> None:
    report = _report(faults.other_category)
    worse = _worse(report)
    assert "off_category_share:category" in worse
    assert "category.drift:category" in _codes(report)
    assert report.answers[1].level == "bad"
    assert not worse & (COLUMNS | COPIES | REPEATS | DETECTORS)


def test_texts_half_as_long_again_are_longer_and_no_copies() -> None:
    worse = _worse(_report(faults.longer))
    assert {"words_ks:text", "words_median:text"} <= worse
    assert not worse & (COLUMNS | COPIES | {"near_duplicate_share", "top_opening_share"} | DRIFT)


def test_a_tenth_of_copied_rows_is_copying_and_nothing_else() -> None:
    report = _report(faults.copied)
    worse = _worse(report)
    assert {"copied_rows", "span12_share"} <= worse
    assert report.overall.level == "bad"
    copies = [f for f in report.findings if f.code == "rows.copied_from_reference"]
    assert len({row for f in copies for row in f.rows}) == pytest.approx(ROWS / 10, abs=5)
    assert not worse & (COLUMNS | REPEATS | DETECTORS | DRIFT | LABELS)


def test_an_id_of_one_value_is_found_and_nothing_else() -> None:
    report = _report(faults.one_id)
    assert {w for w in _worse(report) if ":" not in w} == {"identifier_distinct_share"}
    assert _codes(report) == {"column.constant:product_id"}
    assert report.overall.level == "bad"


def test_texts_more_positive_than_their_ratings_show_in_tone_and_fidelity() -> None:
    worse = _worse(_report(faults.positive))
    assert "tone_ks:rating" in worse
    assert "label_fidelity" in worse
    assert not worse & (COLUMNS | COPIES | REPEATS | DRIFT)


def test_templated_openings_are_found_and_nothing_else() -> None:
    report = _report(faults.templated)
    worse = _worse(report)
    assert "top_opening_share" in worse
    assert "text.repeated_opening:text" in _codes(report)
    assert not worse & (COLUMNS | COPIES | DRIFT | LABELS)


def test_shuffled_ratings_belie_their_texts_and_leave_the_texts_alone() -> None:
    worse = _worse(_report(faults.shuffled))
    assert "label_fidelity:rating" in worse
    assert not worse & (COLUMNS | COPIES | REPEATS | DETECTORS | DRIFT)


@pytest.mark.skipif(not faults.FOOD.exists(), reason="the real reviews are not here")
def test_with_one_category_a_tenth_of_foreign_texts_is_off_topic() -> None:
    dresses = faults.clothing().filter(category="Dresses").drop("category", "department")
    real, half, _ = faults.thirds(dresses, ROWS, seed=0)
    rng = np.random.default_rng(1)
    foreign = faults.food()["text"].to_list()
    texts = half["text"].to_list()
    for row, text in zip(rng.permutation(ROWS)[: ROWS // 10].tolist(), foreign, strict=False):
        texts[row] = text
    report = evaluate(real, half.with_columns(pl.Series("text", texts)))
    assert "off_topic_share" in _worse(report)
    assert "category.drift" in _codes(report)
    assert report.answers[1].level == "bad"
    assert not _worse(report) & (COLUMNS | COPIES)
