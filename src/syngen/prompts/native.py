"""Native mode: the question a person would type, a few real rows as CSV and "generate K more"."""

from __future__ import annotations

import csv
import io

from syngen.prompts.brief import Brief
from syngen.prompts.render import render
from syngen.prompts.shown import cut, random_rows
from syngen.types import Prompt


def ask_natively(brief: Brief, rows: int, attempt: int) -> Prompt:
    """Ask for `rows` more rows; `attempt` calls were made before in this run."""
    reference = brief.reference
    shown = random_rows(brief, attempt)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(reference.frame.columns)
    written = {c.name for c in reference.profile.written}
    for row in shown:
        cells = reference.frame.row(row, named=True)
        writer.writerow(cut(v) if n in written and v is not None else v for n, v in cells.items())
    return render(
        "native", "chat", shown, domain=brief.domain, count=len(shown), table=text.getvalue(), rows=rows
    )
