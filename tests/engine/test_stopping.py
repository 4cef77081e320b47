"""A run that another thread stops, or that an error ends, keeps its rows, says why it ended and can be resumed."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl
import pytest

import syngen
from servers.loopback import serve
from servers.openai_server import OpenAIServer
from syngen.models.providers.function import FunctionModel
from syngen.types import Completion, Reference, Request
from waiting import until
from writing import write


def ends(run: str) -> list[tuple[str, str]]:
    """The events that the journal of a run has of its ends."""
    with sqlite3.connect(Path(run) / "journal.sqlite") as journal:
        return journal.execute("SELECT kind, detail FROM events WHERE kind != 'started'").fetchall()


def test_another_thread_stops_a_run_which_keeps_its_rows_and_is_resumed(
    reference: Reference, writer: FunctionModel
) -> None:
    stop, third, done = threading.Event(), threading.Event(), []

    def answer(request: Request) -> str:
        if request.slots[0] == 3:
            third.set()
            assert stop.wait(30)
        return write(request)

    model = FunctionModel(answer, "function/writer")
    thread = threading.Thread(
        target=lambda: done.append(syngen.generate(reference, 10, model=model, run="r", stop=stop))
    )
    thread.start()
    assert third.wait(30)
    stop.set()
    thread.join(30)
    assert not thread.is_alive()
    (run,) = done
    assert (run.exact, run.stopped, run.ledger.accepted) == (False, "Stopped on request.", 4)
    assert pl.read_csv("r/rows.csv").height == 4
    assert ends("r")[0] == ("stopped", "Stopped on request.")
    resumed = syngen.resume("r", model=writer)
    assert resumed.exact
    assert resumed.ledger.calls == 10


def test_calls_in_flight_are_dropped(reference: Reference) -> None:
    """As a server's model does that answers no more: it gives None now and then."""
    stop = threading.Event()

    class Hangs(FunctionModel):
        def complete(self, requests: Iterable[Request | None]) -> Iterator[Completion | None]:
            asked = iter(requests)
            yield from super().complete([next(asked), next(asked)])
            next(asked)
            stop.set()
            while True:
                yield None

    run = syngen.generate(reference, 10, model=Hangs(write, "function/writer"), run="r", stop=stop)
    assert (run.stopped, run.ledger.calls) == ("Stopped on request.", 2)


def test_a_server_that_answers_late_is_not_waited_for(reference: Reference) -> None:
    app = OpenAIServer()
    app.troubles.delay = 60.0
    stop, done = threading.Event(), []
    with serve(app) as url:
        reached = {"base_url": f"{url}/v1", "model": "openai/gpt-4o-mini"}
        thread = threading.Thread(
            target=lambda: done.append(syngen.generate(reference, 5, run="r", stop=stop, **reached))
        )
        thread.start()
        until(lambda: bool(app.calls))
        stop.set()
        thread.join(20)
        assert not thread.is_alive()
    assert (done[0].stopped, done[0].ledger.calls) == ("Stopped on request.", 0)


def test_a_stopped_run_may_be_stopped_again_when_it_is_resumed(
    reference: Reference, writer: FunctionModel
) -> None:
    stop = threading.Event()
    stop.set()
    assert syngen.generate(reference, 3, model=writer, run="r", stop=stop).ledger.calls == 0
    assert syngen.resume("r", model=writer, stop=stop).stopped == "Stopped on request."
    assert syngen.resume("r", model=writer, stop=threading.Event()).exact


def test_a_run_that_is_complete_when_it_is_stopped_is_exact(reference: Reference) -> None:
    stop = threading.Event()

    def answer(request: Request) -> str:
        if request.slots[0] == 2:
            stop.set()
        return write(request)

    run = syngen.generate(reference, 3, model=FunctionModel(answer, "function/writer"), stop=stop)
    assert run.exact
    assert run.stopped == ""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KeyboardInterrupt(), "Interrupted."),
        (syngen.ModelError("The model is gone.", "Look for it."), "The model is gone."),
        (ZeroDivisionError("by zero"), "An error ended it: ZeroDivisionError: by zero."),
    ],
)
def test_whatever_ends_a_run_is_noted_in_its_journal(
    reference: Reference, writer: FunctionModel, error: BaseException, said: str
) -> None:
    def answer(request: Request) -> str:
        if request.slots[0] == 2:
            raise error
        return write(request)

    with pytest.raises(type(error)):
        syngen.generate(reference, 5, model=FunctionModel(answer, "function/writer"), run="r")
    assert syngen.open_run("r").stopped == said
    assert ends("r") == [("stopped", said)]
    assert syngen.resume("r", model=writer).exact


def test_an_error_of_the_observer_is_noted_too(reference: Reference, writer: FunctionModel) -> None:
    def observe(_: object) -> None:
        raise RuntimeError("no screen")

    with pytest.raises(RuntimeError):
        syngen.generate(reference, 5, model=writer, run="r", observe=observe)
    assert "no screen" in syngen.open_run("r").stopped
    assert syngen.resume("r", model=writer).exact
