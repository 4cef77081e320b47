"""The base strategy: a few real rows alike, then what is known of the wanted ones and what the others wish of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from syngen.prompts import targets as stated
from syngen.prompts.context import PromptContext
from syngen.prompts.render import block, chat, full_name, text_of
from syngen.prompts.schema import ways
from syngen.prompts.shown import choose_rows, known_part, written_part
from syngen.types import Prompt, Slot

_CHAT, _COMPLETION = "base.chat", "base.completion"


def build(context: PromptContext, slots: Sequence[Slot], attempt: int) -> Prompt:
    """Prompt for one slot or several; `attempt` earlier calls were made for the first of them.

    A chat prompt names the wanted lengths. A completion prompt shows rows of that length instead: small
    models take a number in the pattern for a subject and write about it.
    """
    rows = choose_rows(context, slots, attempt)
    wanted = [known_part(context.reference, slot.values) for slot in slots]
    lengths = [{name: target.words for name, target in slot.texts.items()} for slot in slots]
    if context.kind == "chat":
        system, examples = _opening(context, rows)
        user = examples + block(
            _CHAT,
            "user",
            wanted=wanted,
            told=any(wanted),
            lengths=lengths,
            count_words="length" not in context.strategies,
            ways=ways(context.strategies),
            wishes=[stated.wishes(context, slot, alike=bool(rows) and len(slots) == 1) for slot in slots],
        )
        return chat(_names(_CHAT, context), rows, system=system, user=user)
    rows = rows[len(rows) % len(slots) :] or rows
    for slot, known in zip(slots, wanted, strict=True):
        if tag := stated.tags(context, slot.texts):
            known[_tag_key(context)] = tag
    text = text_of(
        _COMPLETION,
        domain=context.domain,
        examples=_examples(context, rows, len(slots)),  # the pattern shows what it asks for
        wanted=wanted,
    )
    return Prompt("completion", text, shown=rows, template=_names(_COMPLETION, context))


def _tag_key(context: PromptContext) -> str:
    """The key of a tag beside what is known of a record: one that no column has."""
    key = "note"
    while key in context.reference.frame.columns:
        key += "_"
    return key


@lru_cache(maxsize=64)
def _opening(context: PromptContext, rows: tuple[int, ...]) -> tuple[str, str]:
    """What a chat prompt says before its slots; kept, because the slots of a group share it."""
    examples = _examples(context, rows, 1)
    system = block(_CHAT, "system", domain=context.domain, guidance=stated.guidance(context))
    return system, block(_CHAT, "examples", examples=examples)


def _examples(context: PromptContext, rows: Sequence[int], each: int) -> list[dict[str, Any]]:
    """The rows to show, so many to an example."""
    return [
        {
            "given": [_given(context, r) for r in some],
            "written": [written_part(context.reference, r) for r in some],
        }
        for some in (rows[i : i + each] for i in range(0, len(rows), each))
    ]


def _given(context: PromptContext, row: int) -> dict[str, Any]:
    known = known_part(context.reference, context.reference.frame.row(row, named=True))
    tag = stated.tags_of_row(context, row) if context.kind == "completion" else ""
    return {**known, _tag_key(context): tag} if tag else known


def _names(base: str, context: PromptContext) -> str:
    """The full names of all templates of a prompt."""
    return "+".join(full_name(name) for name in (base, *context.strategies))
