"""The prompt of a fitted model: the line that its rows began with in training, and not one real row."""

from __future__ import annotations

from collections.abc import Sequence

from syngen.prompts.context import PromptContext
from syngen.prompts.shown import known_part
from syngen.text import conditions
from syngen.types import Prompt, Slot


def ask_for_record(context: PromptContext, slots: Sequence[Slot]) -> Prompt:
    """The line of one slot."""
    (slot,) = slots
    line = conditions.line(known_part(context.reference, slot.values), slot.texts)
    return Prompt("completion", line, template=f"record@{conditions.FORMAT}")
