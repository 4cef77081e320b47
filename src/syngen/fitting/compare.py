"""Compare a fitted model with its base: by the loss on held-out rows, and by rows that both write."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from syngen import api
from syngen.fitting.base import Base
from syngen.fitting.data import FitRow, Tokens, count_tokens
from syngen.prompts import PromptContext, build
from syngen.report import Report
from syngen.types import Reference, Slot

ROWS = 100  # written by each model
DETECTORS = (
    "c2st_embedding",
    "c2st_tfidf",
)  # how well synthetic rows are distinguished from real ones: they decide
REPORTED = (*DETECTORS, "pairwise_similarity")  # kept in the manifest, with the scores of copying


def prompted_rows(reference: Reference, rows: Sequence[FitRow], base: Base, seed: int) -> list[Tokens]:
    """Return held-out rows as answers to the few-shot prompts that would ask the base for such rows.

    Args:
        reference: The real table; rows of its train split are shown.
        rows: Held-out rows.
        base: The model; of a prompt longer than its context only the end is used.
        seed: Of the choice of the rows shown.
    """
    tokenizer = base.tokenizer
    domain = reference.profile.domain.removeprefix("terms: ")
    context = PromptContext(reference, domain, "completion", seed)
    answers = []
    for i, row in enumerate(rows):
        cells = reference.frame.row(row.number, named=True)
        slot = Slot(i, cells, row.targets, seed, row.number, i, row.number)
        prompt = build(context, [slot], 0)
        line = tokenizer.encode(prompt.user, add_special_tokens=base.special)
        answer = tokenizer.encode(json.dumps(row.texts, ensure_ascii=False), add_special_tokens=False)
        ids = [*line, *answer][-base.room :]
        kept = min(len(answer), len(ids) - 1)
        answers.append(Tokens(ids, kept, count_tokens(row.texts.values(), tokenizer, kept / len(answer))))
    return answers


def written_rows(real: Reference, fitted: str, base: str) -> dict[str, dict[str, Any]]:
    """Let both models write rows, and score them.

    Rows held back as copies are not among those scored; their share is `copied_share`.

    Args:
        real: The reference.
        fitted: Id of the fitted model.
        base: Id of the model it was made from.

    Returns:
        By score: "value" of the fitted model, "prompted" of its base, "real" (the floor), "verdict".
    """
    with tempfile.TemporaryDirectory() as folder:
        runs = {
            which: _measured(real, model, Path(folder) / which)
            for which, model in (("value", fitted), ("prompted", base))
        }
    scores: dict[str, dict[str, Any]] = {
        share: {**{which: shares[share] for which, (shares, _) in runs.items()}, "real": None, "verdict": ""}
        for share in ("accepted_share", "copied_share")
    }
    for which, (_, report) in runs.items():
        for score in report.scores if report else ():
            if score.value is None or (score.family != "privacy" and score.name not in REPORTED):
                continue
            name = f"{score.name} {score.column}".strip()
            if which == "value":
                floor = score.floor.mean if score.floor else None
                scores[name] = {which: score.value, "prompted": None, "real": floor, "verdict": score.verdict}
            elif name in scores:  # scores of rows shown in the prompt exist for the base alone
                scores[name][which] = score.value
    return scores


def better(scores: Mapping[str, Mapping[str, Any]]) -> Literal["fitted", "prompted"] | None:
    """Return whose rows the detectors distinguish less well from real ones; None when no detector has both values."""
    values = [(scores[name]["value"], scores[name]["prompted"]) for name in DETECTORS if name in scores]
    pairs = [(fitted, prompted) for fitted, prompted in values if fitted is not None and prompted is not None]
    if not pairs:
        return None
    return "fitted" if sum(f for f, _ in pairs) < sum(p for _, p in pairs) else "prompted"


def _measured(real: Reference, model: str, folder: Path) -> tuple[dict[str, float], Report | None]:
    """Generate rows; return the shares of calls that were accepted and that were copies, and the report."""
    run = api.generate(real, ROWS, model=model, run=folder)
    copied = sum(n for code, n in run.ledger.rejected.items() if code.startswith("new.copied"))
    calls = max(1, run.ledger.calls)
    shares = {"accepted_share": run.ledger.accepted / calls, "copied_share": copied / calls}
    return shares, api.evaluate(real, run) if run.ledger.accepted else None
