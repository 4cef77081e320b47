"""The short form fits a terminal and says what matters first."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from reports import attacked, bare, rich

from syngen.report.terminal import MOST_LINES, WIDTH, lines

WHERE = Path("runs/kettles/report.html")


@pytest.mark.parametrize("report", [rich(10), bare()], ids=["rich", "bare"])
def test_it_fits_the_screen(report):
    told = lines(report, WHERE)
    assert len(told) <= MOST_LINES
    assert max(map(len, told)) <= WIDTH


def test_it_tells_the_answers_the_worst_findings_and_scores_and_where_the_rest_is():
    told = "\n".join(lines(rich(10), WHERE))
    assert "Can these rows be used? Not as they are" in told
    assert "Problem    Did it stay on the category? No: 12% drifted" in told
    assert "Error      'asin' has one value in all rows" in told
    assert "and 4 more" in told
    assert "57 scores: 24 worse than real" in told
    assert "Worse      Distinct identifiers: user_id 21.4%" in told
    assert told.endswith(f"The full report: {WHERE}")


def test_long_words_are_cut_but_row_numbers_are_not():
    report = rich(10)
    long = dataclasses.replace(report.findings[0], detail="copied " * 60)
    told = lines(dataclasses.replace(report, findings=(long,)))
    (line,) = [line for line in told if line.startswith("Error")]
    assert line.endswith("… (rows 1–3)")
    assert len(line) <= WIDTH


def test_a_text_without_spaces_is_cut_too():
    report = rich(10)
    wide = dataclasses.replace(report.findings[0], detail="長" * 200)
    assert max(map(len, lines(dataclasses.replace(report, findings=(wide,))))) <= WIDTH


def test_no_text_moves_the_cursor():
    told = "".join(lines(attacked(rich(10), "\x1b[2J\x9b31m\r\x07\u202e\n"), WHERE))
    assert told.isprintable()


def test_nothing_found_is_said():
    assert "No findings: no check found anything that real rows do not show as well." in lines(bare())
