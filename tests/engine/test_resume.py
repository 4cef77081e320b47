"""Interrupted at any moment, a run goes on where it was: nothing lost, nothing asked twice."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

import syngen
import syngen.store.journal as journal_module
from syngen.models.providers.function import FunctionModel
from syngen.store import Journal
from syngen.types import Reference, Request
from writing import write


class Stops(FunctionModel):
    """Behaves for some calls, then something happens."""

    def __init__(self, after: int, error: type[BaseException]) -> None:
        self.asked: list[str] = []

        def answer(request: Request) -> str:
            if len(self.asked) == after:
                raise error
            self.asked.append(request.fingerprint)
            return write(request)

        super().__init__(answer, "function/writer")


def test_an_interrupted_run_is_finished_without_asking_again(
    reference: Reference, writer: FunctionModel
) -> None:
    stopped = Stops(13, KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        syngen.generate(reference, 40, model=stopped, run="r", seed=3)
    assert syngen.open_run("r").stopped == "Interrupted."
    goes_on = Stops(1_000, KeyboardInterrupt)
    run = syngen.generate(reference, 40, model=goes_on, run="r", seed=3, resume=True)
    assert run.exact
    assert not set(stopped.asked) & set(goes_on.asked)
    assert len(stopped.asked) + len(goes_on.asked) == run.ledger.calls
    assert run.rows.equals(syngen.generate(reference, 40, model=writer, seed=3).rows)


def test_a_bug_in_the_model_propagates_and_loses_nothing(reference: Reference, writer: FunctionModel) -> None:
    with pytest.raises(ZeroDivisionError):
        syngen.generate(reference, 10, model=Stops(4, ZeroDivisionError), run="r")
    assert syngen.open_run("r").ledger.accepted == 4
    assert syngen.resume("r", model=writer).exact


def test_a_run_stopped_by_a_limit_goes_on_with_a_higher_one(
    reference: Reference, writer: FunctionModel
) -> None:
    first = syngen.generate(reference, 30, model=writer, run="r", output="o.csv", max_tokens=1_000)
    assert not first.exact
    second = syngen.generate(reference, 30, model=writer, run="r", resume=True, max_tokens=1_000_000)
    assert second.exact
    assert second.rows.head(first.rows.height).height == first.rows.height
    assert len(Path("o.csv").read_text("utf-8").splitlines()) > 30


def test_a_run_folder_can_be_moved_and_resumed_without_the_original_file(
    reference: Reference, writer: FunctionModel
) -> None:
    with pytest.raises(KeyboardInterrupt):
        syngen.generate(reference, 12, model=Stops(5, KeyboardInterrupt), run="here")
    Path("here").rename("there")
    assert syngen.resume("there", model=writer).exact


def test_resume_without_a_name_takes_the_latest_unfinished_run_of_the_same_settings(
    reference: Reference, writer: FunctionModel
) -> None:
    with pytest.raises(KeyboardInterrupt):
        syngen.generate(reference, 12, model=Stops(5, KeyboardInterrupt), seed=8)
    run = syngen.generate(reference, 12, model=writer, seed=8, resume=True)
    assert run.exact
    assert len(syngen.list_runs()) == 1
    with pytest.raises(syngen.RunError, match="no unfinished run"):
        syngen.generate(reference, 12, model=writer, seed=8, resume=True)


def test_a_finished_run_is_left_as_it_is(reference: Reference, writer: FunctionModel) -> None:
    run = syngen.generate(reference, 6, model=writer, run="r")
    again = syngen.resume("r", model=Stops(0, AssertionError))
    assert again.rows.equals(run.rows)


@pytest.mark.parametrize(
    ("change", "said"),
    [({"seed": 2}, "seed was 1"), ({"mode": "native"}, "mode was 'planned'")],
)
def test_other_settings_than_before_are_refused(
    reference: Reference, writer: FunctionModel, change: dict[str, object], said: str
) -> None:
    syngen.generate(reference, 3, model=writer, run="r", seed=1)
    with pytest.raises(syngen.RunError, match=said):
        syngen.generate(reference, 3, model=writer, run="r", resume=True, **{"seed": 1, **change})


def test_another_reference_is_refused(reference: Reference, writer: FunctionModel) -> None:
    syngen.generate(reference, 3, model=writer, run="r")
    other = syngen.load(reference.frame.head(100))
    with pytest.raises(syngen.RunError, match="another reference"):
        syngen.generate(other, 3, model=writer, run="r", resume=True)


def test_a_run_is_never_overwritten_without_force(reference: Reference, writer: FunctionModel) -> None:
    first = syngen.generate(reference, 3, model=writer, run="r")
    with pytest.raises(syngen.RunError, match="holds a run already"):
        syngen.generate(reference, 3, model=writer, run="r")
    assert syngen.open_run("r").rows.equals(first.rows)
    assert syngen.generate(reference, 4, model=writer, run="r", force=True).ledger.accepted == 4


def test_a_folder_with_other_files_is_never_replaced(reference: Reference, writer: FunctionModel) -> None:
    Path("mine").mkdir()
    Path("mine/thesis.txt").write_text("precious")
    with pytest.raises(syngen.OutputError, match="other files"):
        syngen.generate(reference, 3, model=writer, run="mine", force=True)
    assert Path("mine/thesis.txt").read_text() == "precious"


def test_an_output_is_never_overwritten_without_force(reference: Reference, writer: FunctionModel) -> None:
    Path("o.csv").write_text("precious")
    with pytest.raises(syngen.OutputError, match="exists already"):
        syngen.generate(reference, 3, model=writer, output="o.csv")
    assert Path("o.csv").read_text() == "precious"
    assert not Path("runs").exists()


def test_two_processes_can_not_work_on_one_run(reference: Reference, writer: FunctionModel) -> None:
    syngen.generate(reference, 3, model=writer, run="r", max_time=1e-9)
    with (
        Journal(Path("r/journal.sqlite"), write=True),
        pytest.raises(syngen.RunError, match="Another process"),
    ):
        syngen.resume("r", model=writer)


def test_a_newer_run_folder_is_refused_with_the_mend(reference: Reference, writer: FunctionModel) -> None:
    syngen.generate(reference, 3, model=writer, run="r")
    manifest = Path("r/manifest.json")
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "format": 99}))
    with pytest.raises(syngen.RunError, match=r"newer version.*pip install --upgrade"):
        syngen.open_run("r")


def test_a_full_disk_stops_with_what_was_written_safe(reference: Reference, writer: FunctionModel) -> None:
    """A journal that may not grow stands in for the disk: SQLite reports both as 'database or disk is full'."""
    syngen.generate(reference, 60, model=writer, run="r", max_tokens=1_500)
    before = syngen.open_run("r").ledger.accepted
    real = sqlite3.connect

    def cramped(*args: object, **named: object) -> sqlite3.Connection:
        db = real(*args, **named)
        db.execute(f"PRAGMA max_page_count={db.execute('PRAGMA page_count').fetchone()[0] + 4}")
        return db

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("syngen.store.journal.sqlite3.connect", cramped)
        with pytest.raises(syngen.SynGenError, match="full") as caught:
            syngen.resume("r", model=writer, max_tokens=1_000_000)
    assert caught.value.exit_status == 3
    assert before <= syngen.open_run("r").ledger.accepted < 60


def test_a_record_that_is_interrupted_leaves_nothing_of_itself(
    reference: Reference, writer: FunctionModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C between a call and its rows: the ledger and the rows agree, and the run can go on."""
    dump, count = journal_module._dump, 0

    def interrupted(value: object) -> str:
        nonlocal count
        count += isinstance(value, dict) and "text" in value
        if count == 4:
            count += 1
            raise KeyboardInterrupt
        return dump(value)

    monkeypatch.setattr(journal_module, "_dump", interrupted)
    with pytest.raises(KeyboardInterrupt):
        syngen.generate(reference, 10, model=writer, run=tmp_path / "r")
    run = syngen.open_run(tmp_path / "r")
    assert run.ledger.accepted == run.ledger.calls == run.rows.height == 3
    monkeypatch.undo()
    again = syngen.resume(tmp_path / "r", model=writer)
    assert again.exact
    assert again.ledger.calls == 10
