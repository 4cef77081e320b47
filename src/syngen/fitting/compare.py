"""Which writes more like the real rows, a fitted model or its base that is shown some: both write, both are measured."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from syngen import api, measuring
from syngen.report import Report
from syngen.types import Reference

WRITTEN = 100  # rows by each
DETECTORS = ("c2st_embedding", "c2st_tfidf")  # how well synthetic rows are told from real ones: they decide
TOLD = (*DETECTORS, "pairwise_similarity")  # besides the scores of copying


def judged(real: Reference, fitted: str, base: str) -> dict[str, dict[str, Any]]:
    """Scores of likeness and of copying by name: "value" of the fitted model, "prompted" of its base, "real", "verdict".

    What is copied was taken out of the rows that are scored; its share of all is `copied_share`.

    Args:
        real: The reference.
        fitted: Id of the fitted model; `base` that of the model it was made from.
    """
    with tempfile.TemporaryDirectory() as place:
        written = {
            name: _written(real, model, Path(place) / name)
            for name, model in (("value", fitted), ("prompted", base))
        }
    reports = {name: report for name, (_, report) in written.items()}
    found: dict[str, dict[str, Any]] = {
        share: {**{name: shares[share] for name, (shares, _) in written.items()}, "real": None, "verdict": ""}
        for share in ("accepted_share", "copied_share")
    }
    for which, report in reports.items():
        for score in report.scores if report else ():
            if score.value is None or (score.family != "privacy" and score.name not in TOLD):
                continue
            name = f"{score.name} {score.column}".strip()
            if which == "value":
                real_too = score.floor.mean if score.floor else None
                found[name] = {
                    which: score.value,
                    "prompted": None,
                    "real": real_too,
                    "verdict": score.verdict,
                }
            elif name in found:  # copies of the rows shown concern the base alone
                found[name][which] = score.value
    return found


def better(scores: Mapping[str, Mapping[str, Any]]) -> Literal["fitted", "prompted"] | None:
    """Whose rows the detectors tell less well from real ones; None when they could not be asked about both."""
    seen = [(told.get("value"), told.get("prompted")) for told in map(scores.get, DETECTORS) if told]
    pairs = [(fitted, prompted) for fitted, prompted in seen if fitted is not None and prompted is not None]
    if not pairs:
        return None
    return "fitted" if sum(f for f, _ in pairs) < sum(p for _, p in pairs) else "prompted"


def _written(real: Reference, model: str, folder: Path) -> tuple[dict[str, float], Report | None]:
    """Rows by an ordinary run: which shares of the calls gave one and gave a copy, and what is measured of the rows."""
    run = api.generate(real, WRITTEN, model=model, run=folder)
    copied = sum(n for code, n in run.ledger.rejected.items() if code.startswith("new.copied"))
    calls = max(1, run.ledger.calls)
    shares = {"accepted_share": run.ledger.accepted / calls, "copied_share": copied / calls}
    return shares, measuring.evaluate(real, run) if run.ledger.accepted else None
