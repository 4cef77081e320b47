"""Native mode: the question a person would type, a few real rows as CSV and "generate K more"."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from syngen.columns import codecs
from syngen.prompts.context import PromptContext
from syngen.prompts.render import block, chat, full_name
from syngen.prompts.shown import cut, random_rows
from syngen.prompts.targets import native_wishes
from syngen.types import Prompt


def ask_natively(
    context: PromptContext, rows: int, attempt: int, wanted: Mapping[str, Any] | None = None
) -> Prompt:
    """Ask for `rows` more rows; `attempt` calls were made before in this run.

    Args:
        wanted: What the `native` blocks of the strategies are told of the rows wanted.
    """
    reference = context.reference
    shown = random_rows(context, attempt)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(reference.frame.columns)
    columns = list(codecs(reference.profile).values())
    for row in shown:
        cells = zip(columns, reference.frame.row(row), strict=True)
        writer.writerow(cut(codec.format(v)) if codec.written else codec.format(v) for codec, v in cells)
    user = block(
        "native.chat",
        "user",
        domain=context.domain,
        count=len(shown),
        table=text.getvalue(),
        rows=rows,
        wishes=native_wishes(context, wanted) if wanted is not None else [],
    )
    names = "+".join(map(full_name, ("native.chat", *context.strategies)))
    return chat(names, shown, system="", user=user)
