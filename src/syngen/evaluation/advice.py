"""The one next step that helps most after a run, from what was measured of its rows."""

from __future__ import annotations

from syngen.config import DEFAULT_MODEL, RunConfig
from syngen.evaluation.answers import easily_detected
from syngen.text.format import percent
from syngen.types import ControlOutcome, Evaluation

HALF = 0.5  # of the lengths that keep to their targets; below it control them
FEW = 200  # rows below which most scores can't tell


def next_step(report: Evaluation, config: RunConfig) -> str:
    """Say in one sentence what to do next, with the option or command that does it."""
    lengths = [o for o in report.controls if isinstance(o, ControlOutcome) and o.control == "length"]
    if lengths and not lengths[0].asked and (within := lengths[0].within) is not None and within < HALF:
        return f"Only {percent(within)} of the lengths keep to the plan: add --length match."
    if config.model == DEFAULT_MODEL and easily_detected(report.scores):
        return (
            "The embedded model is small and its texts are easy to distinguish from yours: fit it to them with "
            "--fit, or use a larger one, such as --model ollama/llama3.2."
        )
    if report.synthetic_rows < FEW:
        return f"So few rows say little of the model: -n {FEW} lets most scores tell."
    return "See what was measured: syngen open"
