"""A report as plain JSON: an `Evaluation` in; out a dict that `json.dumps` takes as it is, or a file.

The keys that DESIGN.md promises for `evaluate --json` are there whatever was measured; what has no value
is None. Texts of rows appear only where a finding or a neighbour quotes them.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import Enum
from pathlib import Path
from typing import Any

from syngen.report.files import write_text
from syngen.report.wording import floor_limit, verdict
from syngen.types import DRIFT, Count, Evaluation, Finding, Pictures, Score, drift_score


def as_dict(report: Evaluation) -> dict[str, Any]:
    """Everything in the report but the texts of the map's points; no NaN, no infinity, no tuples."""
    content = {
        "version": report.version,
        "created": report.created,
        "real": {"name": report.real, "rows": report.real_rows},
        "synthetic": {
            "name": report.synthetic,
            "rows": report.synthetic_rows,
            "made_by": report.made_by,
        },
        "compared": {"real": report.compared[0], "synthetic": report.compared[1]},
        "overall": report.overall,
        "answers": report.answers,
        "count": _count(report.count),
        "drift": _drift(report.scores),
        "findings": [_finding(finding) for finding in report.findings],
        "scores": [_score(score) for score in report.scores],
        "splits": report.splits,
        "encoder": report.encoder,
        "notes": report.notes,
        "knobs": report.knobs,
        "pictures": _pictures(report.pictures),
    }
    plain: dict[str, Any] = _plain(content)
    return plain


def write_json(report: Evaluation, path: Path) -> Path:
    """Write `as_dict` as indented JSON.

    Raises:
        OutputError: The file can't be written there.
    """
    text = json.dumps(as_dict(report), ensure_ascii=False, allow_nan=False, indent=2)
    return write_text(f"{text}\n", path)


def _count(count: Count) -> dict[str, Any]:
    return {
        "asked": count.asked,
        "returned": count.returned,
        "complete": count.complete,
        "valid": count.valid,
        "accuracy": count.accuracy,
        "native_accuracy": count.native_accuracy,
        "ledger": count.ledger,
    }


def _drift(scores: Sequence[Score]) -> dict[str, Any]:
    """The headline score of drift; where it has no value, why."""
    score = drift_score(scores)
    if score is None:
        reasons = [s.why_not for name in DRIFT for s in scores if s.name == name and s.why_not]
        why = next(iter(reasons), "no score of drift was computed")
        return {"score": None, "column": "", "rate": None, "floor": None, "ci": None, "why_not": why}
    return {
        "score": score.name,
        "column": score.column,
        "rate": score.value,
        "floor": floor_limit(score),
        "ci": score.ci,
        "why_not": "",
    }


def _score(score: Score) -> dict[str, Any]:
    floor = score.floor
    return {
        "name": score.name,
        "family": score.family,
        "column": score.column,
        "value": score.value,
        "floor": floor_limit(score),
        "floor_band": None if floor is None else (floor.low, floor.high),
        "floor_mean": None if floor is None else floor.mean,
        "floor_limit": None if floor is None else floor.limit,
        "floor_draws": None if floor is None else floor.draws,
        "ci": score.ci,
        "n": score.n,
        "n_real": score.n_real,
        "direction": score.direction,
        "bounds": score.bounds,
        "source": score.source,
        "judgement": score.judgement,
        "verdict": verdict(score),
        "why_not": score.why_not,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "column": finding.column,
        "rows": finding.rows,
        "detail": finding.detail,
        "severity": finding.severity,
    }


def _pictures(pictures: Pictures) -> dict[str, Any]:
    return {
        "distributions": pictures.distributions,
        "points": [
            {"x": round(p.x, 4), "y": round(p.y, 4), "side": p.side, "row": p.row, "label": p.label}
            for p in pictures.points
        ],
        "map_note": pictures.map_note,
        "confusions": pictures.confusions,
        "curves": pictures.curves,
        "neighbours": pictures.neighbours,
        "funnel": pictures.funnel,
    }


def _plain(value: Any) -> Any:
    """JSON's own types all the way down; a number that JSON has no word for becomes None."""
    if isinstance(value, Enum):
        return _plain(value.value)
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, float)):
        return value if isinstance(value, int) or math.isfinite(value) else None
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (Sequence, AbstractSet)):
        return [_plain(item) for item in value]
    numpy_to_python = getattr(value, "tolist", None)
    return _plain(numpy_to_python()) if callable(numpy_to_python) else str(value)
