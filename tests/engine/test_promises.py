"""Promises that broke once: types that come back, files that stay, runs that go on after anything."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from test_generate import as_csv

import syngen
from syngen.cli.main import run as command
from syngen.models.providers.function import FunctionModel
from syngen.store import Journal
from syngen.types import Capabilities, Completion, Reference, Request
from writing import WORDS, write


def dated(**columns: object) -> pl.DataFrame:
    """Thirty rows with a text and whatever else."""
    texts = [f"The {' '.join(WORDS[i : i + 9])} was number {i}." for i in range(30)]
    return pl.DataFrame({"text": texts, **columns})


@pytest.mark.parametrize(
    "dtype",
    [
        pl.Date,
        pl.Datetime("us"),
        pl.Datetime("ms"),
        pl.Datetime("us", "UTC"),
        pl.Datetime("us", "Europe/Berlin"),
    ],
)
def test_dates_come_back_in_their_own_type(writer: FunctionModel, dtype: pl.DataType) -> None:
    start = datetime(2023, 3, 20, 12, tzinfo=UTC)
    moments = [None, *(start + timedelta(hours=37 * i, microseconds=1000 * (i % 2)) for i in range(29))]
    plain = pl.Series("when", moments).dt.replace_time_zone(None)
    when = plain.cast(pl.Date) if dtype == pl.Date else plain.cast(pl.Datetime(dtype.time_unit))
    if getattr(dtype, "time_zone", None):
        when = when.dt.replace_time_zone("UTC").dt.convert_time_zone(dtype.time_zone)
    run = syngen.generate(dated(when=when), 40, model=writer)
    assert run.rows.schema["when"] == syngen.load(dated(when=when)).frame.schema["when"]
    assert run.rows["when"].null_count() > 0
    assert run.to_pandas().shape == run.rows.shape
    assert run.to_dataset().num_rows == 40
    assert run.export("o.parquet").exists()


class LastFirst:
    """Four calls in flight, the latest answered first."""

    name = "function/last-first"
    capabilities = Capabilities(concurrency=4, price_in=0.0, price_out=0.0)

    def __init__(self, stop_after: int = 10**6) -> None:
        self.left = stop_after

    def complete(self, requests: Iterable[Request | None]) -> Iterator[Completion]:
        source = iter(requests)
        flights: list[Request] = []
        more = True
        while more or flights:
            while more and len(flights) < 4:
                request = next(source, StopIteration)
                more = request is not StopIteration
                if not isinstance(request, Request):
                    break
                flights.append(request)
            if flights:
                if self.left == 0:
                    raise KeyboardInterrupt
                self.left -= 1
                request = flights.pop()
                yield Completion(
                    request, as_csv(request, request.rows - 1), completion_tokens=1, prompt_tokens=1
                )


def test_a_native_run_answered_out_of_order_can_be_resumed(reference: Reference) -> None:
    with pytest.raises(KeyboardInterrupt):
        syngen.generate(reference, 60, model=LastFirst(2), mode="native", run="r")
    assert syngen.resume("r", model=LastFirst()).exact


def interrupted(reference: Reference, after: int, **settings: object) -> None:
    """A run in `r` that is interrupted after so many calls."""
    calls = iter(range(10**6))

    def answer(request: Request) -> str:
        if next(calls) == after:
            raise KeyboardInterrupt
        return write(request)

    with pytest.raises(KeyboardInterrupt):
        syngen.generate(reference, 12, model=FunctionModel(answer, "function/writer"), run="r", **settings)


def test_an_old_output_is_not_taken_for_the_result(reference: Reference, writer: FunctionModel) -> None:
    Path("o.csv").write_text("old")
    syngen.generate(reference, 12, model=writer, run="r", output="o.csv", force=True)
    with Journal(
        Path("r/journal.sqlite"), write=True
    ) as journal:  # as if killed before the rows were written
        journal.note("finished", "")
    Path("o.csv").write_text("old")
    syngen.resume("r", model=writer)
    assert pl.read_csv("o.csv").height == 12


def test_a_file_the_run_did_not_write_is_not_replaced_on_resume(
    reference: Reference, writer: FunctionModel
) -> None:
    interrupted(reference, 5, output="o.csv")
    Path("o.csv").write_text("precious")
    with pytest.raises(syngen.OutputError, match="exists already"):
        syngen.resume("r", model=writer)
    assert Path("o.csv").read_text() == "precious"


def test_roles_given_when_loading_hold_when_resumed(reference: Reference, writer: FunctionModel) -> None:
    titles_kept = syngen.load(reference.frame, roles={"title": "category"})
    interrupted(titles_kept, 5)
    run = syngen.resume("r", model=writer)
    assert run.exact
    assert set(run.rows["title"]) <= set(reference.frame["title"])


def test_a_run_that_is_worked_on_is_not_replaced_by_force(
    reference: Reference, writer: FunctionModel
) -> None:
    syngen.generate(reference, 3, model=writer, run="r")
    with (
        Journal(Path("r/journal.sqlite"), write=True),
        pytest.raises(syngen.RunError, match="Another process"),
    ):
        syngen.generate(reference, 3, model=writer, run="r", force=True)
    assert syngen.open_run("r").exact


def test_the_real_rows_of_a_run_are_not_replaced_by_its_output(
    reference: Reference, writer: FunctionModel
) -> None:
    with pytest.raises(syngen.OutputError, match="belongs to the run"):
        syngen.generate(reference, 3, model=writer, run="r", output="r/reference.parquet")
    syngen.generate(reference, 3, model=writer, run="r")
    with pytest.raises(syngen.OutputError, match="belongs to the run"):
        syngen.open_run("r").export("r/reference.parquet", force=True)


def test_formulas_stay_neutralised_when_a_run_is_resumed(reference: Reference) -> None:
    def formula(request: Request) -> str:
        return json.dumps({k: "=1+1 " + v for k, v in json.loads(write(request)).items()})

    interrupted(reference, 5, output="o.csv", excel_safe=True)
    syngen.resume("r", model=FunctionModel(formula, "function/writer"))
    assert pl.read_csv("o.csv")["text"][-1].startswith("'=1+1")


def test_a_reply_with_half_a_character_does_not_stop_a_run(reference: Reference) -> None:
    def odd(request: Request) -> str:
        return write(request) if request.attempt else '{"title": "bad \ud800", "text": "bad \\ud800 too"}'

    run = syngen.generate(reference, 6, model=FunctionModel(odd, "function/odd"))
    assert run.exact
    assert run.ledger.returned == 12


def test_a_model_that_only_fails_is_given_up_with_its_own_words(reference: Reference) -> None:
    refuses = FunctionModel(
        lambda request: Completion(request, "", "error", "401 wrong key"), "function/refuses"
    )
    with pytest.raises(syngen.ModelError, match="401 wrong key"):
        syngen.generate(reference, 500, model=refuses, run="r")
    assert syngen.open_run("r").ledger.calls == 20


def test_one_damaged_run_does_not_hide_the_others(reference: Reference, writer: FunctionModel) -> None:
    for name in ("runs/good", "runs/bad"):
        syngen.generate(reference, 3, model=writer, run=name)
    manifest = Path("runs/bad/manifest.json")
    content = json.loads(manifest.read_text())
    content["config"]["flavour"] = "vanilla"
    manifest.write_text(json.dumps(content))
    assert [run.path.name for run in syngen.list_runs()] == ["good"]
    with pytest.raises(syngen.RunError, match="damaged"):
        syngen.open_run("runs/bad")


def test_whole_numbers_with_gaps_stay_whole_in_pandas(writer: FunctionModel) -> None:
    large = [None if i % 3 == 0 else 2**53 + 1 for i in range(30)]
    frame = syngen.generate(dated(key=large), 12, model=writer, roles={"key": "category"}).to_pandas()
    assert set(frame["key"].dropna()) == {2**53 + 1}


def test_a_bug_is_one_sentence_on_the_command_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("broken.py").write_text("def answer(request):\n    return 1 / 0\n")
    monkeypatch.syspath_prepend(".")
    from syngen.data import sample

    assert command(["generate", str(sample()), "-n", "3", "--model", "function/broken:answer"]) == 1
    said = capsys.readouterr().err
    assert "ZeroDivisionError" in said
    assert "Traceback" not in said


def test_a_date_is_no_time(writer: FunctionModel) -> None:
    days = [date(2024, 1, 1) + timedelta(days=i) for i in range(30)]
    rows = syngen.generate(dated(day=days), 20, model=writer).rows
    assert rows["day"].min() >= days[0]
    assert rows["day"].max() <= days[-1]
