"""The scores and findings of a fixed pair of tables."""

from __future__ import annotations

import json
from pathlib import Path

import golden_tables

import syngen as public
from golden import check, masked, shape, syngen

PROSE = frozenset(("source", "splits", "verdict"))  # `judgement` has the verdict
REPLY = """Of course! Here are 12 new tickets:

| ticket | subject | message | opened | topic | escalated | mood |
|---|---|---|---|---|---|---|
"""


def test_a_pair_of_tables_is_scored_as_before() -> None:
    real, made = golden_tables.pair(Path())
    answer = syngen("evaluate", real, made, "--asked", 125, "--json", "told.json", "--html", "report.html")
    assert answer.out.strip()
    told = json.loads(Path("told.json").read_text("utf-8"))
    assert Path("report.html").stat().st_size
    pictures = told.pop("pictures")
    scores = {" ".join((s["name"], s["column"])).strip(): masked(s, PROSE) for s in told.pop("scores")}
    findings = masked(told.pop("findings"))
    check("evaluate_scores", scores)
    check("evaluate_findings", findings)
    check("evaluate", {**masked(told, PROSE), "pictures": shape(pictures)})


def test_a_raw_reply_is_read_and_measured_as_before() -> None:
    real = golden_tables.tickets(Path())
    line = "| T-{0} | The door {0} | It creaks {0} times a day, please send somebody. | 2024-02-1{0} | doors | no | sad |\n"
    Path("reply.txt").write_text(REPLY + "".join(line.format(number) for number in range(1, 9)), "utf-8")
    report = public.evaluate(public.load(real), "reply.txt", asked=12)
    report.to_markdown("told.md")
    report.to_html("told.html")
    report.to_json("told.json")
    assert Path("told.md").stat().st_size
    assert Path("told.html").stat().st_size
    told = json.loads(Path("told.json").read_text("utf-8"))
    assert [score.name for score in report.scores] == [score["name"] for score in told["scores"]]
    assert [finding.code for finding in report.findings] == [finding["code"] for finding in told["findings"]]
    computed = {" ".join((s["name"], s["column"])).strip(): s["value"] for s in told["scores"]}
    check(
        "evaluate_reply", {"count": told["count"], "findings": masked(told["findings"]), "scores": computed}
    )
