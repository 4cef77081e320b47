"""What a user calls to measure: any synthetic rows against a reference, or a run against its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from syngen.api import open_run
from syngen.errors import RunError
from syngen.evaluation import evaluate as evaluation
from syngen.evaluation.controls import outcome
from syngen.reference import load
from syngen.report import Report
from syngen.store.run import Run
from syngen.text.embeddings import Encoder
from syngen.types import Reference

__all__ = ["evaluate", "evaluate_run"]

Observer = Callable[[str, int, int], None]  # what is being done, steps done, steps in all


def evaluate(
    reference: Any,
    synthetic: Any,
    *,
    asked: int | None = None,
    encoder: str | Encoder | None = None,
    scores: Sequence[str] = (),
    roles: Mapping[str, str] | None = None,
    text_columns: Sequence[str] = (),
    seed: int = 0,
    observe: Observer | None = None,
) -> Report:
    """Measure synthetic rows against real ones: how many came, did they drift, how similar are they.

    Args:
        reference: The real rows: a path, a data frame, or what `load` gave.
        synthetic: A run or a run folder; any table (path or data frame); or a model's raw reply, in a
            text file or as a string of several lines.
        asked: Rows that were asked for; a run knows it.
        encoder: Turns texts into vectors: "potion-base-8M" (the default), "model2vec/NAME",
            "sentence-transformers/NAME", a local folder, or an object with `name` and `encode`.
        scores: Further scores that need an optional package: "mauve".
        roles: Roles of the reference's columns given by hand, see `load`.
        text_columns: Columns of free text, see `load`.
        seed: Of the choice of rows where there are more than are measured.
        observe: Told of every step: what, how many done, how many in all.

    Returns:
        The report: `scores`, `findings`, `answers`, `overall`, and ways to write it down.

    Raises:
        InputError: The reference or the synthetic rows can't be read, or a name is unknown.
    """
    real = load(reference, roles=roles, text_columns=tuple(text_columns))
    return evaluation.evaluate(
        real, synthetic, asked=asked, encoder=encoder, scores=scores, seed=seed, observe=observe
    )


def evaluate_run(
    run: Run | str | Path, *, observe: Observer | None = None, reference: Reference | None = None
) -> Report:
    """Measure a run against the reference it was made from, and write the report into its folder.

    Args:
        run: The run or its folder.
        observe: As for `evaluate`.
        reference: The reference of the run where it is loaded already, so that it is not profiled again.

    Returns:
        The report, with what the knobs wanted and what came; it is also in `report.html` and `report.json` of the run folder.

    Raises:
        RunError: There is no such run, it is damaged, or it has no row yet.
    """
    opened = run if isinstance(run, Run) else open_run(run)
    if not opened.ledger.accepted:
        raise RunError(f"The run {opened.path} has no row to measure.", "See: syngen runs show")
    known = reference is not None and reference.digest == opened.manifest.reference
    real = load(reference if known else opened.reference, roles=opened.manifest.roles, max_rows=None)
    report = evaluate(replace(real, source=opened.manifest.source), opened, observe=observe)
    report = replace(report, knobs=outcome(opened, reference or real))
    report.to_json(opened.path / "report.json")
    report.to_html(opened.path / "report.html")
    return report
