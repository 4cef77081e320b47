"""The base strategy: a few real rows alike, then what is known of the wanted ones and what the others wish of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from syngen.prompts import targets as said
from syngen.prompts.context import PromptContext
from syngen.prompts.render import block, chat, full_name, text_of
from syngen.prompts.schema import ways
from syngen.prompts.shown import choose_rows, known_part, written_part
from syngen.types import Prompt, Slot

_CHAT, _COMPLETION = "base.chat", "base.completion"


def build(brief: PromptContext, slots: Sequence[Slot], attempt: int) -> Prompt:
    """Prompt for one slot or several; `attempt` earlier calls were made for the first of them.

    A chat prompt names the wanted lengths. A completion prompt shows rows of that length instead: small
    models take a number in the pattern for a subject and write about it.
    """
    rows = choose_rows(brief, slots, attempt)
    wanted = [known_part(brief.reference, slot.values) for slot in slots]
    lengths = [{name: target.words for name, target in slot.texts.items()} for slot in slots]
    if brief.kind == "chat":
        system, examples = _opening(brief, rows)
        user = examples + block(
            _CHAT,
            "user",
            wanted=wanted,
            told=any(wanted),
            lengths=lengths,
            count_words="length" not in brief.strategies,
            ways=ways(brief.strategies),
            wishes=[said.wishes(brief, slot, alike=bool(rows) and len(slots) == 1) for slot in slots],
        )
        return chat(_names(_CHAT, brief), rows, system=system, user=user)
    rows = rows[len(rows) % len(slots) :] or rows
    for slot, known in zip(slots, wanted, strict=True):
        if tag := said.tags(brief, slot.texts):
            known[_tag_key(brief)] = tag
    text = text_of(
        _COMPLETION,
        domain=brief.domain,
        examples=_examples(brief, rows, len(slots)),  # the pattern shows what it asks for
        wanted=wanted,
    )
    return Prompt("completion", text, shown=rows, template=_names(_COMPLETION, brief))


def _tag_key(brief: PromptContext) -> str:
    """The key of a tag beside what is known of a record: one that no column has."""
    key = "note"
    while key in brief.reference.frame.columns:
        key += "_"
    return key


@lru_cache(maxsize=64)
def _opening(brief: PromptContext, rows: tuple[int, ...]) -> tuple[str, str]:
    """What a chat prompt says before its slots; kept, because the slots of a group share it."""
    examples = _examples(brief, rows, 1)
    system = block(_CHAT, "system", domain=brief.domain, guidance=said.guidance(brief))
    return system, block(_CHAT, "examples", examples=examples)


def _examples(brief: PromptContext, rows: Sequence[int], each: int) -> list[dict[str, Any]]:
    """The rows to show, so many to an example."""
    return [
        {
            "given": [_given(brief, r) for r in some],
            "written": [written_part(brief.reference, r) for r in some],
        }
        for some in (rows[i : i + each] for i in range(0, len(rows), each))
    ]


def _given(brief: PromptContext, row: int) -> dict[str, Any]:
    known = known_part(brief.reference, brief.reference.frame.row(row, named=True))
    tag = said.tags_of_row(brief, row) if brief.kind == "completion" else ""
    return {**known, _tag_key(brief): tag} if tag else known


def _names(base: str, brief: PromptContext) -> str:
    """The full names of all templates of a prompt."""
    return "+".join(full_name(name) for name in (base, *brief.strategies))
