"""Faults of larger tables, each planted among real rows and found by its own rule alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from replies import as_csv, good_rows

from syngen.evaluation import findings, intake
from syngen.evaluation.synthetic import Synthetic
from syngen.reference import load
from syngen.types import Finding, Floor, Judgement, Reference, Score


@pytest.fixture(scope="module")
def halves(reference: Reference) -> tuple[Reference, pl.DataFrame]:
    """One half of the sample data as the reference, the other to be spoilt."""
    order = np.random.default_rng(5).permutation(len(reference.frame))
    return load(reference.frame[order[:140]]), reference.frame[order[140:]]


def worries(reference: Reference, rows: Any) -> list[Finding]:
    found = findings.find(reference, intake.read(rows, reference))
    return [finding for finding in found if finding.severity != "note"]


def only(reference: Reference, rows: Any) -> Finding:
    (finding,) = worries(reference, rows)
    return finding


def with_cells(frame: pl.DataFrame, name: str, cells: list[Any]) -> pl.DataFrame:
    """The frame with the first cells of a column changed."""
    return frame.with_columns(pl.Series(name, cells + frame[name].to_list()[len(cells) :]))


def test_the_unspoilt_half_is_sound(halves: tuple[Reference, pl.DataFrame]) -> None:
    assert worries(*halves) == []


def test_templated_openings_are_named_with_their_rows(halves: tuple[Reference, pl.DataFrame]) -> None:
    reference, frame = halves
    texts = [f"This product is great: {text}" for text in frame["text"].head(20)]
    finding = only(reference, with_cells(frame, "text", texts))
    assert (finding.code, finding.rows) == ("text.repeated_opening", tuple(range(1, 21)))
    assert "“This product is great”" in finding.detail


def test_nearly_the_same_rows_are_named(halves: tuple[Reference, pl.DataFrame]) -> None:
    reference, frame = halves
    long = [text for text in frame["text"] if len(text) > 150][:6]
    again = [" ".join(["Honestly,", *text.split()[:-3], "all in all."]) for text in long]
    rows = pl.concat([frame, frame.filter(pl.col("text").is_in(long)).head(6)])
    rows = rows.with_columns(
        text=pl.Series(frame["text"].to_list() + again),
        timestamp=pl.Series(
            frame["timestamp"].to_list() + [1_600_000_000_000 + 987_654_321 * i for i in range(6)]
        ),
    ).drop("date", "time")
    found = [f for f in worries(reference, rows) if not f.code.startswith("format.missing")]
    assert [(f.code, f.rows) for f in found] == [("rows.near_duplicate", tuple(range(101, 107)))]


def test_a_few_labels_where_there_should_be_many_are_few_values(
    halves: tuple[Reference, pl.DataFrame],
) -> None:
    reference, frame = halves
    keys = frame["asin"].unique().sort().to_list()[:4]
    cells = [keys[i] for i in np.random.default_rng(0).integers(4, size=len(frame))]
    rows = with_cells(with_cells(frame, "asin", cells), "parent_asin", cells)
    finding = only(reference, rows)
    assert (finding.code, finding.column, finding.severity) == ("column.few_values", "asin", "error")
    assert "4 distinct values" in finding.detail


def test_a_vote_of_a_million_is_out_of_range_and_a_high_one_only_noted(
    halves: tuple[Reference, pl.DataFrame],
) -> None:
    reference, frame = halves
    assert only(reference, with_cells(frame, "helpful_vote", [1_000_000])).rows == (1,)
    highest = int(reference.frame["helpful_vote"].max())  # type: ignore[arg-type]
    assert worries(reference, with_cells(frame, "helpful_vote", [2 * highest + 11])) == []
    assert only(reference, with_cells(frame, "helpful_vote", [-1])).rows == (1,)


def test_running_numbers_may_begin_anew_or_go_on(halves: tuple[Reference, pl.DataFrame]) -> None:
    reference, frame = halves
    numbered = load(reference.frame.with_row_index("id", 1))
    for first in (1, len(numbered.frame) + 1):
        assert worries(numbered, frame.with_row_index("id", first)) == []


def test_of_a_handful_of_real_rows_no_range_can_be_told() -> None:
    real = [
        {"stars": 4 + i % 2, "miles": 3.5 * i + 1, "note": f"On day {i} we met nobody but goats."}
        for i in range(6)
    ]
    rows = [{"stars": 3, "miles": 400.0, "note": "Rain, so we stayed in and mended the tent."}]
    found = findings.find(load(real), intake.read(rows, load(real)))
    assert {f.severity for f in found if f.code == "column.out_of_range"} <= {"note"}


def test_labels_that_no_real_row_has_are_unknown() -> None:
    notes = [f"It rained on day {i}, so the tent stayed where it was and we read." for i in range(300)]
    real = [{"place": "hut meadow lake".split()[i % 3], "note": note} for i, note in enumerate(notes)]
    reference = load(real)
    rows = [
        dict(
            real[i],
            place="moon" if i < 12 else "lake",
            note=f"On day {i} the sun came out at last, and we swam.",
        )
        for i in range(60)
    ]
    found = {f.code: f for f in worries(reference, rows)}
    assert found["column.unknown_value"].rows == tuple(range(1, 13))
    one = [
        dict(row, place="moon" if i == 0 else "hut meadow lake".split()[i % 3]) for i, row in enumerate(rows)
    ]
    notes_of = findings.find(reference, intake.read(one, reference))
    assert [f.severity for f in notes_of if f.code == "column.unknown_value"] == ["note"]


def test_titles_missing_far_more_often_than_in_real_rows_are_found() -> None:
    days = range(400)
    real = [
        {"title": None if i % 10 == 0 else f"Day {i}", "note": f"Walked {i} miles and slept in a barn."}
        for i in days
    ]
    reference = load(real, roles={"title": "title", "note": "text"})
    rows = [
        {"title": None if i % 3 else f"Night {i}", "note": f"Slept {i} hours after a walk by the river."}
        for i in days
    ]
    finding = next(f for f in worries(reference, rows) if f.code == "column.missing_value")
    assert (finding.column, len(finding.rows)) == ("title", 266)
    assert "10%" in finding.detail


def shown(found: Synthetic, reference: Reference, rows: tuple[int, ...]) -> Synthetic:
    """The rows as of a run whose calls all showed the same real rows."""
    size = len(found.frame)
    texts = tuple(reference.frame["text"][row] for row in rows)
    origins = {"call": range(size), "position": 0, "shown": [rows] * size, "shown_texts": [texts] * size}
    nothing = pl.lit(None, pl.Float64)
    return replace(found, origins=pl.DataFrame(origins).with_columns(words=nothing, grade=nothing))


def test_eight_words_of_a_row_that_was_shown_are_a_copied_span(reference: Reference) -> None:
    words = reference.frame["text"][1].split()[4:13]
    rows = good_rows()
    rows[6]["text"] = "Weeded with it on Sunday. " + " ".join(words) + " Odd, isn't it?"
    found = shown(intake.read(as_csv(rows), reference), reference, (1, 2, 3))
    (finding,) = [f for f in findings.find(reference, found) if f.severity != "note"]
    assert (finding.code, finding.rows) == ("text.copied_span", (7,))
    assert findings.find(reference, intake.read(as_csv(rows), reference)) == ()


def test_copies_of_shown_rows_are_said_to_be_so(reference: Reference) -> None:
    rows = [*reference.frame.head(2).rows(named=True), *good_rows()[2:]]
    found = shown(intake.read(as_csv(rows), reference), reference, (1, 7))
    (finding,) = [f for f in findings.find(reference, found) if f.code == "rows.copied_from_reference"]
    assert finding.detail == (
        "Rows 1 and 2 are real rows, copied (rows 1 and 2 of the reference), 1 of them shown in the prompt."
    )


def test_of_a_sample_the_findings_say_what_they_are_on(reference: Reference) -> None:
    rows = pl.concat([reference.frame] * 3)
    found = findings.find(reference, intake.read(rows, reference, max_rows=100))
    (sampled,) = [f for f in found if f.code == "rows.sampled"]
    assert sampled.severity == "note"
    assert sampled.detail == (
        "The findings are on a random 100 of 720 rows. In all of them, 480 texts repeat an earlier one and 720 are"
        " those of real rows."
    )


def test_no_finding_needs_a_text_or_all_columns(reference: Reference) -> None:
    for names in (["rating"], ["title"], ["asin", "user_id"], ["timestamp", "date"], ["text"]):
        rows = pl.DataFrame(good_rows()).select(names)
        codes = {
            f.code for f in findings.find(reference, intake.read(rows, reference)) if f.severity != "note"
        }
        assert codes <= {"format.missing_columns", "rows.duplicate"}


def test_the_codes_of_the_contract_can_all_be_found() -> None:
    contract = """
        count.short count.over format.preamble format.markdown_table format.unescaped_delimiter
        format.extra_columns format.missing_columns format.renamed_column rows.copied_from_reference
        rows.duplicate column.out_of_range column.wrong_type column.constant column.few_values
        column.copied_values column.derived_mismatch column.bad_pattern text.repeated text.repeated_opening
        category.drift
    """
    assert set(contract.split()) <= set(findings.CODES)
    assert set(findings.CODES) >= findings.INVALID


def drifted(value: float, high: float, **others: Any) -> Score:
    """A score of drift that is worse than real."""
    floor = Floor(0.02, 0.0, high, high + 0.01, 30)
    known: dict[str, Any] = {"name": "category_drift", "column": "category", "judgement": Judgement.WORSE}
    score = Score(
        "", "drift", "", value, 10, 100, None, floor, Judgement.WORSE, "", "lower", (0, 1), "some source"
    )
    return replace(score, **known | others)


def test_drift_is_a_finding_with_its_rate_and_floor() -> None:
    (finding,) = findings.of_scores([drifted(0.4, 0.05)], lambda _: (9, 1, 2, 3))
    assert (finding.code, finding.column, finding.rows) == ("category.drift", "category", (1, 2, 3, 9))
    assert "40% of the texts (such as in rows 1–3 and 9)" in finding.detail
    assert "5%" in finding.detail
    assert finding.severity == "error"
    (finding,) = findings.of_scores([drifted(0.12, 0.06, column="")])
    assert finding.severity == "warning"


def test_only_a_score_of_drift_that_is_worse_than_real_is_a_finding() -> None:
    fine = drifted(0.3, 0.05, judgement=Judgement.INDISTINGUISHABLE)
    other = drifted(0.3, 0.05, name="total_variation")
    assert [f.column for f in findings.of_scores([drifted(0.3, 0.05), fine, other])] == ["category"]


def test_drift_names_the_rows_that_a_score_counts() -> None:
    share = drifted(0.3, 0.08, name="off_topic_share", column="")
    (finding,) = findings.of_scores([share], lambda score: [7, 2, 9] if score is share else [])
    assert finding.rows == (2, 7, 9)
    assert "30% of the texts (such as in rows 2, 7 and 9)" in finding.detail
