"""Read a run under test: its rows as they are, and where each of them came from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from syngen.errors import InputError
from syngen.evaluation.read_tables import read_lazy
from syngen.evaluation.synthetic import Synthetic
from syngen.store.run import Run
from syngen.types import Reference


def read_run(run: Run, reference: Reference, asked: int | None, max_rows: int) -> Synthetic:
    """Read the accepted rows of a run.

    Raises:
        InputError: It has no rows, is damaged, or shares no column with the reference.
    """
    if not run.ledger.accepted:
        raise InputError(
            f"The run {run.path} has no rows yet.", f"Resume it with: syngen runs resume {run.path}"
        )
    rows = read_lazy(f"run {run.path}", run.rows.lazy(), reference, max_rows)
    if not rows.raw:
        raise InputError(
            f"The run {run.path} was made from another reference: it has none of the columns.",
            "Evaluate it against the table it was made from.",
        )
    chosen = np.array(rows.numbers) - 1
    if run.rows.schema == reference.frame.schema:  # typed already
        rows = replace(rows, frame=run.rows[chosen], notes=())
    else:
        rows = rows.typed(reference)
    return replace(
        rows,
        kind="run",
        asked=run.config.n if asked is None else asked,
        origins=_origins(run, reference)[chosen],
        ledger=run.ledger,
        made_by={
            "model": str(run.manifest.model.get("id", run.config.model)),
            "mode": run.config.mode,
            "strategy": ", ".join(run.config.strategy),
            "seed": str(run.config.seed),
        },
    )


def _origins(run: Run, reference: Reference) -> pl.DataFrame:
    """Where the rows came from; which real rows were shown is known where the reference is the run's own."""
    main = reference.profile.main_text.name if reference.profile.written else ""
    origins = run.origins(main)
    shown = origins["shown"].to_list()
    real = run.reference[main].to_list() if main in run.reference.columns else []
    texts = [[str(real[i]) for i in rows if i < len(real) and real[i] is not None] for rows in shown]
    own = run.manifest.reference == reference.digest
    return origins.with_columns(
        pl.Series("shown", shown if own else [[]] * len(shown), pl.List(pl.Int64)),
        pl.Series("shown_texts", texts, pl.List(pl.String)),
    )
