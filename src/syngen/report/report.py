"""The report: everything an evaluation found, as a dict, JSON, Markdown or HTML.

The keys that DESIGN.md promises for `evaluate --json` are there whatever was measured; what has no value
is None. Texts of synthetic rows appear in JSON only where a finding or a neighbour quotes them, those of real rows
only where they were asked for.
"""

from __future__ import annotations

import dataclasses
import html
import json
import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import Enum
from pathlib import Path
from typing import Any

import polars as pl

from syngen.errors import OutputError
from syngen.files import atomic
from syngen.report.html import as_html
from syngen.report.markdown import as_markdown
from syngen.report.wording import verdict
from syngen.types import DRIFT, Evaluation, Score, drift_score

_COLUMNS = {
    **dict.fromkeys(("name", "family", "column"), pl.String),
    **dict.fromkeys(("value", "low", "high", "real_low", "real_high"), pl.Float64),
    **dict.fromkeys(("n", "n_real"), pl.Int64),
    **dict.fromkeys(("verdict", "why_not"), pl.String),
}


class Report(Evaluation):
    """What an evaluation found, see `syngen.types.Evaluation`, as a dict, JSON, Markdown or HTML."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Report({self.synthetic!r} against {self.real!r}: {self.overall.headline})"

    def _repr_html_(self) -> str:
        """Show the report itself in a notebook, in a frame of its own."""
        page = html.escape(as_html(self), quote=True)
        return f'<iframe srcdoc="{page}" width="100%" height="700" style="border:0"></iframe>'

    def to_frame(self) -> pl.DataFrame:
        """Return the scores as a data frame, one row each.

        Returns:
            Columns `name`, `family`, `column`, `value`, `low` and `high` (the ends of the 95 % interval), `real_low`
            and `real_high` (where 95 % of scores between real rows lie), `n`, `n_real`, `verdict`, `why_not`.
        """
        none = (None, None)
        rows = [
            (
                s.name,
                s.family,
                s.column,
                s.value,
                *(s.ci or none),
                *(s.floor_band or none),
                s.n,
                s.n_real,
                verdict(s),
                s.why_not,
            )
            for s in self.scores
        ]
        return pl.DataFrame(rows, _COLUMNS, orient="row")

    def to_dict(self) -> dict[str, Any]:
        """Return what `evaluate --json` prints, in JSON's own types: all but the texts of the map's points."""
        content = {
            "version": self.version,
            "created": self.created,
            "real": {"name": self.real, "rows": self.real_rows},
            "synthetic": {"name": self.synthetic, "rows": self.synthetic_rows, "made_by": self.made_by},
            "compared": {"real": self.compared[0], "synthetic": self.compared[1]},
            "overall": self.overall,
            "answers": self.answers,
            "count": self.count,
            "drift": _drift(self.scores),
            "findings": self.findings,
            "scores": [_score(score) for score in self.scores],
            "splits": self.splits,
            "encoder": self.encoder,
            "notes": self.notes,
            "controls": self.controls,
            "pictures": self.pictures,
        }
        plain: dict[str, Any] = _plain(content)
        for point in plain["pictures"]["points"]:
            del point["text"]
        return plain

    def to_json(self, path: str | Path) -> Path:
        """Write the report as JSON.

        Raises:
            OutputError: The file can't be written.
        """
        text = json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False, indent=2)
        return _write(f"{text}\n", Path(path))

    def to_markdown(self, path: str | Path | None = None) -> str:
        """Return the report as Markdown; also write it to a file when a path is given.

        Raises:
            OutputError: The file can't be written.
        """
        text = as_markdown(self)
        if path is not None:
            _write(text, Path(path))
        return text

    def to_html(self, path: str | Path) -> Path:
        """Write the report as one self-contained HTML file.

        Raises:
            OutputError: The file can't be written.
        """
        return _write(as_html(self), Path(path))


def _write(text: str, path: Path) -> Path:
    """Write UTF-8 text, whole or not at all; half a surrogate pair, which a model may write, becomes "?"."""
    if path.is_dir():
        raise OutputError(f"The report {path} is a folder.", "Name a file in it.")
    folder = path.absolute().parent
    if not folder.is_dir():
        raise OutputError(f"The folder {folder} of the report does not exist.", f"Make it: mkdir -p {folder}")
    try:
        with atomic(path) as part:
            part.write_bytes(text.encode("utf-8", "replace"))
    except OSError as error:
        raise OutputError(
            f"The report {path} can't be written: {error.strerror or error}.", "Choose another place for it."
        ) from error
    return path


def _drift(scores: Sequence[Score]) -> dict[str, Any]:
    """The headline score of drift; where it has no value, why."""
    keys = ("score", "column", "rate", "floor", "ci", "why_not")
    if score := drift_score(scores):
        values = (score.name, score.column, score.value, score.floor_end, score.ci, "")
        return dict(zip(keys, values, strict=True))
    reasons = (s.why_not for name in DRIFT for s in scores if s.name == name and s.why_not)
    why = next(reasons, "no score of drift was computed")
    return dict.fromkeys(keys) | {"column": "", "why_not": why}


def _score(score: Score) -> dict[str, Any]:
    floor = score.floor
    plain: dict[str, Any] = _plain(score)
    for shown_elsewhere in ("title", "explanation", "percent"):
        del plain[shown_elsewhere]
    return plain | {
        "floor": score.floor_end,
        "floor_band": score.floor_band,
        "floor_mean": None if floor is None else floor.mean,
        "floor_limit": None if floor is None else floor.limit,
        "floor_draws": None if floor is None else floor.draws,
        "verdict": verdict(score),
    }


def _plain(value: Any) -> Any:
    """Convert to JSON's own types all the way down; a number that JSON can't hold becomes None."""
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
