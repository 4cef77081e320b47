"""The scores and findings of a fixed pair of tables."""

from __future__ import annotations

from pathlib import Path

import golden_tables

from golden import check, masked, shape, syngen

PROSE = frozenset(("verdict", "splits"))  # `judgement` has the verdict


def test_a_pair_of_tables_is_scored_as_before() -> None:
    real, made = golden_tables.pair(Path())
    told = syngen("evaluate", real, made, "--asked", 125, "--json", "-", "--html", "report.html").json
    assert Path("report.html").stat().st_size
    pictures = told.pop("pictures")
    scores = {" ".join((s["name"], s["column"])).strip(): masked(s, PROSE) for s in told.pop("scores")}
    findings = masked(told.pop("findings"))
    check("evaluate_scores", scores)
    check("evaluate_findings", findings)
    check("evaluate", {**masked(told, PROSE), "pictures": shape(pictures)})
