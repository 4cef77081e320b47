"""How every run of the command line ends: evaluated and shown."""

from __future__ import annotations

from syngen import api
from syngen.cli import show
from syngen.cli.progress import steps_progress
from syngen.store.run import Run
from syngen.types import Reference


def finish(run: Run, reference: Reference | None = None, *, measure: bool, as_json: bool) -> int:
    """Evaluate a run, show its result and return the exit status: 0 when exact, else 3.

    Args:
        run: The run that ended.
        reference: What it was made from, when it is loaded already.
        measure: Write a report, if there is a row to measure.
        as_json: Print one JSON object.
    """
    report = None
    if measure and run.ledger.accepted:
        with steps_progress(run.path) as observe:
            report = api.evaluate_run(run, observe=observe, reference=reference)
    knobs = api.outcome(run, reference) if report is None else report.knobs
    show.result(run, report, knobs, as_json=as_json)
    return 0 if run.exact else 3
