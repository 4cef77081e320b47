"""A run under test: an opened run in, its rows and where each of them came from out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from syngen.columns.parse import fields
from syngen.errors import InputError
from syngen.evaluation.read_exact import Tally
from syngen.evaluation.read_tables import read_lazy
from syngen.evaluation.read_values import typed
from syngen.evaluation.sample import Origins
from syngen.evaluation.synthetic import Synthetic
from syngen.store.run import Run
from syngen.tables.sample import sample_indices
from syngen.types import Reference


def read_run(run: Run, reference: Reference, asked: int | None, max_rows: int) -> Synthetic:
    """The accepted rows of a run.

    Raises:
        InputError: It has no rows, is damaged, or shares no column with the reference.
    """
    name = f"run {run.path}"
    if not run.ledger.accepted:
        raise InputError(f"The run {run.path} has no rows yet.", f"Go on with: syngen runs resume {run.path}")
    if run.rows.schema == reference.frame.schema:
        numbers = (sample_indices(len(run.rows), max_rows) + 1).tolist()
        tally = Tally(reference)
        if tally.column:
            tally.add_column(run.rows.lazy(), tally.column)
        rows = Synthetic(
            source=name,
            kind="run",
            frame=run.rows[[number - 1 for number in numbers]],
            raw={},
            rows=len(run.rows),
            numbers=numbers,
            complete=len(run.rows),
            exact_counts=tally.counts() if tally.column else None,
        )
    else:
        rows = _of_other_types(name, run, reference, max_rows)
    return replace(
        rows,
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


def _of_other_types(name: str, run: Run, reference: Reference, max_rows: int) -> Synthetic:
    """Read the rows of a run of another reference, whose columns differ, cell by cell."""
    found = read_lazy(run.rows.lazy(), f"The {name}", fields(reference.profile), Tally(reference), max_rows)
    if not found.known:
        raise InputError(
            f"The run {run.path} was made from another reference: it has none of the columns.",
            "Evaluate it against the table it was made from.",
        )
    rows = len(found.numbers)
    cells = found.columns()
    read = typed(cells, rows, reference)
    nothing = [None] * rows
    return Synthetic(
        source=name,
        kind="run",
        frame=read.frame,
        raw={column: cells.get(column, nothing) for column in reference.frame.columns},
        readings=read.readings,
        rows=found.rows,
        numbers=found.numbers,
        complete=found.whole if len(found.known) == reference.frame.width else 0,
        absent=tuple(c for c in reference.frame.columns if c not in cells),
        extra=tuple(n for n, f in zip(found.names, found.fields, strict=True) if f is None),
        row_notes=tuple(read.notes),
        notes=found.remarks,
        exact_counts=found.exact,
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
