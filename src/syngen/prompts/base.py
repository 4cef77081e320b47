"""The base strategy: a few real rows alike, then what is known of the wanted ones."""

from __future__ import annotations

from collections.abc import Sequence

from syngen.prompts.brief import Brief
from syngen.prompts.render import render
from syngen.prompts.shown import choose_rows, known_part, written_part
from syngen.types import Prompt, Slot


def build(brief: Brief, slots: Sequence[Slot], attempt: int) -> Prompt:
    """Prompt for one slot or several; `attempt` earlier calls were made for the first of them.

    A chat prompt names the wanted lengths. A completion prompt shows rows of that length instead: small
    models take a number in the pattern for a subject and write about it.
    """
    reference = brief.reference
    rows = choose_rows(brief, slots, attempt)
    per_example = len(slots) if brief.kind == "completion" else 1  # the pattern shows what it asks for
    rows = rows[len(rows) % per_example :] or rows
    examples = [
        {
            "given": [known_part(reference, reference.frame.row(r, named=True)) for r in some],
            "written": [written_part(reference, r) for r in some],
        }
        for some in (rows[i : i + per_example] for i in range(0, len(rows), per_example))
    ]
    return render(
        "base",
        brief.kind,
        rows,
        domain=brief.domain,
        examples=examples,
        wanted=[known_part(reference, slot.values) for slot in slots],
        lengths=[{name: target.words for name, target in slot.texts.items()} for slot in slots],
    )
