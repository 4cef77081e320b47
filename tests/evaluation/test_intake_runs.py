"""A run under test brings its rows, and where each of them came from."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from replies import as_csv, good_rows

import syngen
from syngen.columns import Codec
from syngen.errors import InputError
from syngen.evaluation import intake
from syngen.models.providers.function import FunctionModel
from syngen.reference import load
from syngen.types import Reference, Request


@pytest.fixture
def planned(reference: Reference, writer: FunctionModel) -> syngen.Run:
    return syngen.generate(reference, 12, model=writer, rows_per_call=4, seed=3)


def test_a_run_is_read_with_what_is_known_of_it(planned: syngen.Run, reference: Reference) -> None:
    for source in (planned, planned.path, str(planned.path)):
        found = intake.read(source, reference)
        assert_frame_equal(found.frame, planned.rows)
        assert (found.kind, found.source) == ("run", f"run {planned.path}")
        assert (found.rows, found.complete, found.asked) == (12, 12, 12)
        assert found.ledger == planned.ledger
        assert found.made_by["model"] == "function/writer"
        assert list(found.numbers) == list(range(1, 13))


def test_the_rows_of_a_run_are_taken_as_they_are(
    planned: syngen.Run, reference: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a cell was read as text")

    monkeypatch.setattr(Codec, "convert", refuse)
    assert_frame_equal(intake.read(planned, reference).frame, planned.rows)


def test_a_reference_that_was_handed_over_is_not_profiled_again(
    planned: syngen.Run, reference: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("syngen.reference.learn", lambda *_: pytest.fail("the reference was profiled again"))
    assert syngen.evaluate_run(planned, reference=reference).real_rows == len(reference.frame)


def test_a_run_is_read_cell_by_cell_against_a_reference_of_other_types(
    planned: syngen.Run, reference: Reference
) -> None:
    other = load(reference.frame.with_columns(pl.col("rating").cast(pl.String) + " stars"))
    found = intake.read(planned, other)
    assert (found.kind, found.rows, found.absent) == ("run", 12, ())
    assert found.frame.schema == other.frame.schema


def test_each_row_knows_its_call_its_place_in_it_and_the_rows_shown(
    planned: syngen.Run, reference: Reference
) -> None:
    origins = intake.read(planned, reference).origins
    assert origins is not None
    assert sorted(origins["position"]) == sorted([0, 1, 2, 3] * 3)
    for row in range(12):
        replayed = planned.replay(row + 1)
        assert [reference.frame.row(i, named=True) for i in origins["shown"][row]] == replayed["shown"]
        assert list(origins["shown_texts"][row]) == [shown["text"] for shown in replayed["shown"]]
        assert replayed["request"]["slots"][origins["position"][row]] == row
    calls = {planned.replay(row + 1)["fingerprint"]: origins["call"][row] for row in range(12)}
    assert len(calls) == len(set(calls.values())) == 3


def test_what_was_wanted_of_each_text_comes_from_the_plan(planned: syngen.Run, reference: Reference) -> None:
    from syngen.types import Plan

    origins = intake.read(planned, reference).origins
    assert origins is not None
    wanted = [slot.texts["text"] for slot in Plan.open(planned.path / "plan.parquet")]
    assert origins["words"].to_list() == [target.words for target in wanted]
    assert origins["grade"].to_list() == [target.grade for target in wanted]


def test_of_a_sample_of_rows_the_origins_are_those_rows(planned: syngen.Run, reference: Reference) -> None:
    every, some = intake.read(planned, reference), intake.read(planned, reference, max_rows=5)
    assert every.origins is not None
    assert some.origins is not None
    assert len(some.frame) == len(some.origins) == 5
    kept = [number - 1 for number in some.numbers]
    assert some.origins.equals(every.origins[kept])


def test_rows_shown_are_not_known_by_number_in_another_reference(planned: syngen.Run) -> None:
    other = load(load(syngen.data.sample()).frame.head(100))
    origins = intake.read(planned, other).origins
    assert origins is not None
    assert not any(map(len, origins["shown"]))
    assert all(map(len, origins["shown_texts"]))


def test_native_rows_have_no_targets(reference: Reference) -> None:
    def reply(_: Request) -> str:
        return as_csv(good_rows())

    run = syngen.generate(reference, 10, model=FunctionModel(reply, "function/native"), mode="native")
    found = intake.read(run, reference)
    assert found.origins is not None
    assert found.origins["position"].to_list() == list(range(10))
    assert found.origins["words"].null_count() == 10


def test_a_run_without_rows_or_without_a_journal_is_an_input_error(
    planned: syngen.Run, reference: Reference
) -> None:
    (planned.path / "plan.parquet").write_bytes(b"no plan")
    with pytest.raises(InputError, match=r"plan\.parquet"):
        intake.read(planned.path, reference)
    (planned.path / "journal.sqlite").write_bytes(b"no journal")
    with pytest.raises(InputError):
        intake.read(planned.path, reference)
    with pytest.raises(InputError, match="no run"):
        intake.read(Path(), reference)


def test_a_run_of_another_table_has_no_column_in_common(planned: syngen.Run) -> None:
    other = load([{"note": f"A short note on day {i} of the walk.", "day": i} for i in range(30)])
    with pytest.raises(InputError, match="another reference"):
        intake.read(planned, other)
