"""The report: everything an evaluation found, with the ways of writing it down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from syngen.report.files import write_text
from syngen.report.html import write_html
from syngen.report.markdown import as_markdown
from syngen.report.plain import as_dict, write_json
from syngen.types import Evaluation


class Report(Evaluation):
    """What an evaluation found, see `syngen.types.Evaluation`, as a dict, JSON, Markdown or HTML."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """What `evaluate --json` prints: plain dicts, lists, texts and finite numbers."""
        return as_dict(self)

    def to_json(self, path: str | Path) -> Path:
        """Write it as JSON.

        Raises:
            OutputError: It can't be written there.
        """
        return write_json(self, Path(path))

    def to_markdown(self, path: str | Path | None = None) -> str:
        """It as Markdown; also written to a file when a path is given.

        Raises:
            OutputError: It can't be written there.
        """
        text = as_markdown(self)
        if path is not None:
            write_text(text, Path(path))
        return text

    def to_html(self, path: str | Path) -> Path:
        """Write it as one self-contained HTML file.

        Raises:
            OutputError: It can't be written there.
        """
        return write_html(self, Path(path))
