"""The evaluation from start to end: read, sample, score, find, draw, answer.

The one place where the reading of rows, the metrics and the report meet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from syngen.errors import ConfigError, ModelNotFound
from syngen.evaluation import findings, intake
from syngen.evaluation.answers import answers, overall
from syngen.evaluation.inference import Observer, judged
from syngen.evaluation.metrics import METRICS, Metric, NotComputable
from syngen.evaluation.metrics.registry import row_values
from syngen.evaluation.pictures import pictures
from syngen.evaluation.sample import EvalSample
from syngen.evaluation.splits import Splits, split
from syngen.evaluation.synthetic import Synthetic
from syngen.reference import load
from syngen.report import Report
from syngen.text.embeddings import Encoder, open_encoder
from syngen.text.embeddings.latent import one_thread
from syngen.types import Count, Finding, Pictures, Score, generator

MOST_ROWS = 20_000  # real ones, that scores are computed on; of more a random part


def evaluate(
    reference: Any,
    synthetic: Any,
    *,
    asked: int | None = None,
    encoder: str | Encoder | None = None,
    scores: Sequence[str] = (),
    roles: Mapping[str, str] | None = None,
    text_columns: Sequence[str] = (),
    roles_file: bool = True,
    seed: int = 0,
    drawings: bool = True,
    with_real_texts: bool = False,
    observe: Observer | None = None,
) -> Report:
    """Compare synthetic rows with real ones: their number, their drift, their similarity.

    Args:
        reference: The real rows: a path, a data frame, or a loaded Reference.
        synthetic: A run or a run folder; any table (path or data frame); or a model's raw reply, in a
            text file or as a string of several lines.
        asked: Number of rows that were requested; a run knows it.
        encoder: Turns texts into vectors: "potion-base-8M" (the default), "model2vec/NAME",
            "sentence-transformers/NAME", a local folder, or an object with `name` and `encode`.
        scores: Further scores that need an optional package: "mauve".
        roles: Roles of the reference's columns, see `load`.
        text_columns: Columns of free text, see `load`.
        roles_file: Take the roles saved beside the reference, see `load`.
        seed: Of the sample of rows, where there are more than are measured.
        drawings: Also prepare the figures that only the HTML and the JSON report hold.
        with_real_texts: Let the HTML and the JSON report show texts of real rows: on the map, and beside
            suspicious rows. Otherwise they hold row numbers, and the words that a synthetic text shares.
        observe: Called at every step with its name, the steps done and the number of steps.

    Returns:
        The report: `scores`, `findings`, `answers`, `overall`, and methods that write it to files.

    Raises:
        InputError: The reference or the synthetic rows can't be read, or a name is unknown.
    """
    real = load(reference, roles=roles, text_columns=tuple(text_columns), roles_file=roles_file)
    report_step = observe or (lambda _what, _done, _all: None)
    if asked is not None and asked < 1:
        raise ConfigError(f"{asked} rows can't have been asked for.", "Give a number of 1 or more.")
    metrics = _metrics(scores)
    report_step("reading", 0, 1)
    rows = intake.read(synthetic, real, asked=asked)
    opened, without = _encoder(encoder)
    kept = np.arange(len(real.frame))
    if len(kept) > MOST_ROWS:
        kept = np.sort(generator(seed, "pool", "real").choice(kept, MOST_ROWS, replace=False))
    sample = EvalSample(
        pl.concat([real.frame[kept], rows.frame]),
        real.profile,
        len(kept),
        encoder=opened,
        origins=rows.origins,
        absent=frozenset(rows.absent),
        row_numbers=[*(kept + 1).tolist(), *rows.numbers],
    )
    notes = [
        f"Scores use a random {chosen:,} of {count:,} {kind} rows."
        for kind, chosen, count in (
            ("real", len(kept), len(real.frame)),
            ("synthetic", len(rows.frame), rows.rows),
        )
        if chosen < count
    ]
    splits = split(sample, np.flatnonzero(np.isin(kept, real.held_out)), seed=seed)
    with one_thread():  # on hundreds of small fits and products several threads mostly wait for each other
        judged_scores = judged(sample, splits, metrics=metrics, observe=observe)
        report_step("findings", 0, 1)
        found = findings.find(real, rows, encoder=opened)
    found = findings.in_order((*found, *findings.of_scores(judged_scores, partial(_counted, sample))))
    count = _count(rows, found)
    report_step("pictures", 0, 1)
    return Report(
        real=_name(real.source),
        real_rows=len(real.frame),
        synthetic=_name(rows.source),
        synthetic_rows=rows.rows,
        made_by=rows.made_by,
        compared=(len(splits.whole.real), len(splits.whole.synthetic)),
        splits=_splits(splits, rows),
        encoder=opened.name if opened else "",
        count=count,
        overall=overall(count, judged_scores, found),
        answers=answers(count, judged_scores, found, without),
        scores=tuple(judged_scores),
        findings=found,
        pictures=pictures(sample, splits, rows.ledger, real_texts=with_real_texts)
        if drawings
        else Pictures(),
        notes=(*real.notes, *rows.notes, *notes, *([without] if without else [])),
        created=datetime.now().astimezone().isoformat(timespec="seconds"),
        version=version("syngen-text"),
    )


def _metrics(further: Sequence[str]) -> Mapping[str, Metric]:
    for name in further:
        if name not in METRICS:
            known = ", ".join(sorted(name for name, m in METRICS.items() if m.extra))
            raise ConfigError(f"There is no score '{name}'.", f"Those that need asking for: {known}.")
    return {name: m for name, m in METRICS.items() if not m.extra or name in further}


def _encoder(wanted: str | Encoder | None) -> tuple[Encoder | None, str]:
    """The encoder; without the default one the scores of meaning are left out, and it is said."""
    if wanted is not None and not isinstance(wanted, str):
        return wanted, ""
    try:
        return open_encoder(wanted), ""
    except ModelNotFound as missing:
        if wanted is not None:
            raise
        return None, f"No meaning was measured: {missing.message} {missing.hint}"


def _counted(sample: EvalSample, score: Score) -> list[int]:
    """Row numbers of the rows that a score counts; none where it doesn't count rows."""
    values = row_values(sample, score.name, score.column)
    if isinstance(values, NotComputable) or not set(np.unique(values[~np.isnan(values)])) <= {0, 1}:
        return []
    return [sample.row_numbers[sample.real + i] for i in np.flatnonzero(values == 1).tolist()]


def _count(rows: Synthetic, found: Sequence[Finding]) -> Count:
    """Asked for N, how many came, and how many of those can be used."""
    broken = {row for f in found if f.code in findings.INVALID and f.severity != "note" for row in f.rows}
    share = (len(rows.frame) - len(broken)) / max(1, len(rows.frame))
    asked, complete = rows.asked, rows.complete
    return Count(
        asked=asked,
        returned=rows.rows + rows.cut_off,
        complete=complete,
        valid=min(complete, round(share * rows.rows)),
        accuracy=min(asked, complete) / max(asked, complete) if asked else None,
        native_accuracy=rows.ledger.native_count_accuracy if rows.ledger else None,
        ledger=rows.ledger,
    )


def _splits(chosen: Splits, rows: Synthetic) -> str:
    """What the real rows compared with were used for before."""
    if not chosen.held_out:
        which = (
            ": the reference is too small to hold enough rows out, so a model may have been shown them, which"
            " flatters it."
        )
    elif rows.kind == "run":
        which = " that were held out from the run: no prompt showed them."
    else:
        which = " that SynGen never shows to a model; whether whatever made these rows saw them is not known."
    return (
        "Scores of single rows (columns, length, form, drift, copies) use all"
        f" {len(chosen.whole.real):,} real rows. Scores that look at rows together (neighbours, detector, use)"
        f" compare with {len(chosen.disjoint.real):,}{which}"
    )


def _name(source: str) -> str:
    """A source for people: of a path its last part, so that a report says nothing of its maker's folders."""
    return source if source.startswith("run ") or not Path(source).name else Path(source).name
