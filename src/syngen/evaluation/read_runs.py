"""Read a run under test: its rows as they are, and where each of them came from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from syngen.errors import InputError
from syngen.evaluation.read_exact import Tally
from syngen.evaluation.read_tables import read_lazy
from syngen.evaluation.sample import Origins
from syngen.evaluation.synthetic import Synthetic
from syngen.store.run import Run
from syngen.tables.sample import sample_indices
from syngen.types import Reference


def read_run(run: Run, reference: Reference, asked: int | None, max_rows: int) -> Synthetic:
    """Read the accepted rows of a run.

    Raises:
        InputError: It has no rows, is damaged, or shares no column with the reference.
    """
    name = f"run {run.path}"
    if not run.ledger.accepted:
        raise InputError(
            f"The run {run.path} has no rows yet.", f"Resume it with: syngen runs resume {run.path}"
        )
    if run.rows.schema == reference.frame.schema:
        rows = _as_it_is(name, run.rows, reference, max_rows)
    else:
        rows = read_lazy(name, run.rows.lazy(), reference, max_rows).typed(reference)
    if not rows.raw:
        raise InputError(
            f"The run {run.path} was made from another reference: it has none of the columns.",
            "Evaluate it against the table it was made from.",
        )
    return replace(
        rows,
        kind="run",
        asked=run.config.n if asked is None else asked,
        origins=_origins(run, reference, rows.numbers),
        ledger=run.ledger,
        made_by={
            "model": str(run.manifest.model.get("id", run.config.model)),
            "mode": run.config.mode,
            "strategy": ", ".join(run.config.strategy),
            "seed": str(run.config.seed),
        },
    )


def _as_it_is(name: str, frame: pl.DataFrame, reference: Reference, max_rows: int) -> Synthetic:
    """Rows that have the reference's columns and types already."""
    kept = sample_indices(len(frame), max_rows, [])
    tally = Tally(reference)
    if tally.column:
        tally.add_column(frame.lazy(), tally.column)
    part = frame[kept]
    return Synthetic(
        name,
        "run",
        tuple((column, column) for column in frame.columns),
        {column: part[column].to_list() for column in frame.columns},
        (kept + 1).tolist(),
        len(frame),
        complete=len(frame),
        exact_counts=tally.counts() if tally.column else None,
        frame=part,
    )


def _origins(run: Run, reference: Reference, numbers: object) -> Origins:
    """Where the rows came from; which real rows were shown is known where the reference is the run's own."""
    main = reference.profile.main_text.name if reference.profile.written else ""
    every = run.origins(main)
    shown = [tuple(rows) for rows in every["shown"].to_list()]
    real = run.reference[main].to_list() if main in run.reference.columns else []
    texts = [tuple(str(real[i]) for i in rows if i < len(real) and real[i] is not None) for rows in shown]
    own = run.manifest.reference == reference.digest
    origins = Origins(
        every["call"].to_numpy(),
        every["position"].to_numpy(),
        tuple(shown) if own else ((),) * len(shown),
        tuple(texts),
        every["words"].fill_null(float("nan")).to_numpy(),
        every["grade"].fill_null(float("nan")).to_numpy(),
    )
    return origins.taken(np.asarray(numbers, dtype=np.intp) - 1)
