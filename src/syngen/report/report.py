"""The report: everything an evaluation found, as plain data with the ways of writing it down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from syngen.measured import Answer, Count, Finding, Pictures, Score
from syngen.outcomes import Outcome


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """What an evaluation found.

    Attributes:
        real: Name of the reference.
        real_rows: Rows of the reference.
        synthetic: Name of the rows under test.
        synthetic_rows: How many there are.
        made_by: Model and settings, when it is a run; by label.
        compared: How many real rows and how many synthetic rows the scores compare.
        splits: What the real rows compared with were used for before: one or two sentences.
        encoder: The encoder's name, or "" when there was none.
        count: Asked for N, how many came?
        overall: Whether the rows can be used, and why not; told first, above the three answers, in every
            form of the report.
        answers: The three questions and their answers.
        scores: Every score, also those that could not be computed.
        findings: The most severe first.
        pictures: The data behind the pictures.
        notes: What else the reader must know, one sentence each.
        knobs: What each knob wanted and what came, when it is a run measured against its own reference.
        created: ISO 8601, local time with offset.
        version: Of SynGen.
    """

    real: str
    real_rows: int
    synthetic: str
    synthetic_rows: int
    made_by: Mapping[str, str]
    compared: tuple[int, int]
    splits: str
    encoder: str
    count: Count
    overall: Answer
    answers: tuple[Answer, ...]
    scores: tuple[Score, ...]
    findings: tuple[Finding, ...]
    pictures: Pictures = field(default_factory=Pictures)
    notes: tuple[str, ...] = ()
    knobs: tuple[Outcome, ...] = ()
    created: str = ""
    version: str = ""

    def __getitem__(self, name: str) -> Score:
        """A score by name, such as "c2st_embedding", or "total_variation:rating" for one of a column.

        Raises:
            KeyError: There is none of that name.
        """
        for score in self.scores:
            if name in (score.name if not score.column else f"{score.name}:{score.column}", score.name):
                return score
        raise KeyError(name)

    def to_dict(self) -> dict[str, Any]:
        """What `evaluate --json` prints: plain dicts, lists, texts and finite numbers."""
        from syngen.report.plain import as_dict

        return as_dict(self)

    def to_json(self, path: str | Path) -> Path:
        """Write it as JSON.

        Raises:
            OutputError: It can't be written there.
        """
        from syngen.report.plain import write_json

        return write_json(self, Path(path))

    def to_markdown(self, path: str | Path | None = None) -> str:
        """It as Markdown; also written to a file when a path is given.

        Raises:
            OutputError: It can't be written there.
        """
        from syngen.report.files import write_text
        from syngen.report.markdown import as_markdown

        text = as_markdown(self)
        if path is not None:
            write_text(text, Path(path))
        return text

    def to_html(self, path: str | Path) -> Path:
        """Write it as one self-contained HTML file.

        Raises:
            OutputError: It can't be written there.
        """
        from syngen.report.html import write_html

        return write_html(self, Path(path))
