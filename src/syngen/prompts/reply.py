"""What a reply must look like, and how many tokens it may take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from syngen.prompts.brief import Brief
from syngen.seeds import derive
from syngen.types import Sampling, Slot

TOKENS_PER_WORD = 1.5  # of English in the vocabularies of small models, with room
TOKENS_PER_CELL = 12  # of an identifier or a date, with its comma


def reply_schema(slots: Sequence[Slot]) -> dict[str, Any]:
    """JSON schema of the reply: an object of texts for one slot, `{"rows": [...]}` for several.

    It bounds no lengths: grammars count characters by one state each, which slowed decoding by a
    factor of seventy on the embedded model. Length is asked for, budgeted in tokens and measured.
    """
    objects = [
        {
            "type": "object",
            "properties": {name: {"type": "string"} for name in slot.texts},
            "required": list(slot.texts),
            "additionalProperties": False,
        }
        for slot in slots
    ]
    if len(objects) == 1:
        return objects[0]
    if all(o == objects[0] for o in objects):
        items: dict[str, Any] = {"items": objects[0]}
    else:
        items = {"prefixItems": objects, "items": False}
    rows = {"type": "array", **items, "minItems": len(objects), "maxItems": len(objects)}
    return {
        "type": "object",
        "properties": {"rows": rows},
        "required": ["rows"],
        "additionalProperties": False,
    }


def planned_sampling(slots: Sequence[Slot], attempt: int) -> Sampling:
    """Sampling of a planned call. A text may run to twice its target before it is cut off and rejected."""
    targets = [(name, target.words) for slot in slots for name, target in slot.texts.items()]
    words = sum(2 * wanted + len(name) / 3 + 8 for name, wanted in targets)  # names may be whole questions
    return Sampling(
        max_tokens=int(words * TOKENS_PER_WORD) + 24, seed=derive(slots[0].seed, "attempt", attempt)
    )


def native_sampling(brief: Brief, rows: int, attempt: int) -> Sampling:
    """Sampling of a native call: cooler than a planned one, and with room for rows of the real length."""
    columns = brief.reference.profile.columns
    words = sum(column.text.words[3] for column in columns if column.text)  # three rows of four are shorter
    others = TOKENS_PER_CELL * sum(column.text is None for column in columns)
    return Sampling(
        temperature=0.7,
        repetition_penalty=1.0,  # a table repeats its commas and digits
        max_tokens=int(rows * (words * TOKENS_PER_WORD + others)) + 64,
        seed=derive(brief.seed, "native", attempt),
    )
