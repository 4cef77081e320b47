"""Rows that break a relation of the real rows are found, whoever made them."""

from __future__ import annotations

import numpy as np
import polars as pl

from syngen.evaluation import findings, intake
from syngen.plan import make_plan
from syngen.reference import load
from syngen.types import Finding, Reference

WORDS = "amber kettle well-made arrived late in a box of blue paper with two spare lids".split()


def rows(count: int, seed: int) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    net = np.round(random.lognormal(3, 1, count), 2)
    tax = np.round(net * 0.2, 2)
    city = random.choice(["Bonn", "Lyon", "Nice"], count)
    return pl.DataFrame(
        {
            "net": net,
            "tax": tax,
            "total": np.round(net + tax, 2),
            "city": city,
            "country": [{"Bonn": "DE"}.get(name, "FR") for name in city.tolist()],
            "text": [" ".join(random.choice(WORDS, 14)) for _ in range(count)],
        }
    )


def found(reference: Reference, frame: pl.DataFrame) -> list[Finding]:
    every = findings.find(reference, intake.read(frame, reference))
    return [finding for finding in every if finding.code == "relation.broken"]


def test_rows_like_the_real_ones_break_nothing() -> None:
    assert found(load(rows(300, 1)), rows(80, 2)) == []


def test_a_plan_breaks_nothing() -> None:
    reference = load(rows(300, 1))
    planned = make_plan(reference, 120, seed=1).values()
    assert found(reference, planned.with_columns(rows(120, 3)["text"])) == []


def test_a_wrong_total_is_named_with_the_right_one() -> None:
    wrong = rows(60, 2).with_row_index().with_columns(
        total=pl.when(pl.col("index") == 4).then(pl.col("total") + 1).otherwise("total")
    ).drop("index")  # fmt: skip
    (finding,) = found(load(rows(300, 1)), wrong)
    assert (finding.column, finding.rows, finding.severity) == ("total", (5,), "warning")
    assert "`total = net + tax`" in finding.detail
    assert f"total should be {wrong['total'][4] - 1:.10g}" in finding.detail


def test_a_label_with_the_wrong_other_label_is_found_though_it_is_alone() -> None:
    wrong = pl.DataFrame({**rows(1, 2).to_dict(as_series=False), "city": ["Bonn"], "country": ["FR"]})
    (finding,) = found(load(rows(300, 1)), pl.concat([wrong, rows(30, 5).filter(pl.col("city") != "Bonn")]))
    assert (finding.column, finding.rows) == ("country", (1,))


def test_amounts_drawn_apart_are_an_error() -> None:
    apart = rows(80, 2).with_columns(rows(80, 9)["total"])
    assert [(f.column, f.severity) for f in found(load(rows(300, 1)), apart)] == [("total", "error")]
