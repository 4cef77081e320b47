"""The schema of a reply, and the sampling settings of a request."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from syngen import controls
from syngen.prompts.context import PromptContext
from syngen.text.conditions import STEP as MARKED
from syngen.text.words import count_words
from syngen.types import Reference, Sampling, Slot, TextTarget, derive, per_reference

TOKENS_PER_WORD = 1.5  # of English in the vocabularies of small models, with room
TOKENS_PER_MARK = 4  # of a fitted model's countdown: a tab, and its digits one by one
MIN_P = 0.005  # of a fitted model: no more than a guard against the noise of its lowest odds
FLOORS = 100  # how many times as high its floor is with the least diversity as with the most
WAYS = 5  # candidates of verbalized sampling
SAMPLE = 500  # texts looked at for their spaces
TOKENS_PER_CELL = 12  # of an identifier or a date, with its comma


def ways(strategies: Sequence[str]) -> int:
    """Return how many candidates for one row a reply holds, of which one is drawn."""
    return WAYS if "verbalized" in strategies else 1


def reply_schema(
    slots: Sequence[Slot], context: PromptContext | None = None, strategies: Sequence[str] = ()
) -> dict[str, Any]:
    """Build the JSON schema of the reply: an object of texts for one slot, `{"rows": [...]}` for several.

    It bounds no characters: grammars count them by one state each, which slowed decoding by a factor of seventy
    on the embedded model. With the strategies for it, a `pattern` bounds the words of the main text or sets
    its opening.

    Args:
        context: Of the run, when the model supports patterns.
        strategies: Of the run; "verbalized" asks for several candidates.
    """
    main = context.main if context else None
    rows = [
        _object({name: _string(t, context if name == main else None) for name, t in slot.texts.items()})
        for slot in slots
    ]
    if (count := ways(strategies)) > 1:
        candidate = _object({**rows[0]["properties"], "probability": {"type": "number"}})
        return _object({"candidates": _array({"items": candidate}, count)})
    if len(rows) == 1:
        return rows[0]
    if all(row == rows[0] for row in rows):
        return _object({"rows": _array({"items": rows[0]}, len(rows))})
    return _object({"rows": _array({"prefixItems": rows, "items": False}, len(rows))})


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _array(items: dict[str, Any], count: int) -> dict[str, Any]:
    return {"type": "array", **items, "minItems": count, "maxItems": count}


def _string(target: TextTarget, context: PromptContext | None) -> dict[str, Any]:
    """The schema of one text: words between single spaces, their number bounded or the first ones given.

    Not both: a grammar for each length with each opening would be compiled for hardly more than one text.
    `syngen.models.local.grammar` recognises this form.
    """
    if context is None or not _spaced(context.reference):
        return {"type": "string"}
    if "length" in context.strategies:
        low, high = controls.decoding_range(target.words)
        return {"type": "string", "pattern": rf"^\S+(?: \S+){{{low - 1},{high - 1}}}$"}
    opening = target.opening.split() if "diversity" in context.strategies else []
    if not opening:
        return {"type": "string"}
    if "lower case" not in target.style:
        opening[0] = opening[0].capitalize()
    begin = "".join(re.escape(word).replace("\\ ", " ") + " " for word in opening)
    return {"type": "string", "pattern": rf"^{begin}\S+(?: \S+){{0,}}$"}


@per_reference
def _spaced(reference: Reference) -> bool:
    """Whether its words stand between spaces, as those of Chinese or Thai don't."""
    column = reference.profile.main
    texts = reference.frame[column].gather(reference.train[:SAMPLE]).drop_nulls().to_list()
    return sum(len(text.split()) for text in texts) >= 0.8 * sum(map(count_words, texts))


def planned_sampling(
    slots: Sequence[Slot],
    attempt: int,
    diversity: float | None = None,
    heat: float = 0.0,
    strategies: Sequence[str] = (),
) -> Sampling:
    """Sampling of a planned call. A text may run to twice its target before it is cut off and rejected.

    Args:
        diversity: The higher, the higher the temperature, and the lower the floor under the odds of a token.
        heat: What the controller adds to the temperature.
    """
    level = controls.MIDDLE if diversity is None else diversity
    targets = [(name, target.words) for slot in slots for name, target in slot.texts.items()]
    words = sum(2 * target + len(name) / 3 + 8 for name, target in targets)  # names may be whole questions
    return Sampling(
        temperature=round(0.9 + 0.4 * (level - controls.MIDDLE) + heat, 2),
        min_p=round(0.15 - 0.1 * level, 3),
        max_tokens=(int(words * TOKENS_PER_WORD) + 24) * ways(strategies),
        seed=derive(slots[0].seed, "attempt", attempt),
    )


def record_sampling(
    slots: Sequence[Slot], attempt: int, diversity: float | None = None, heat: float = 0.0
) -> Sampling:
    """Sampling of a call to a fitted model: plain, without penalty.

    What keeps other models from loops would distort the distribution it has learned. More or less diversity means
    a higher or lower temperature, with a lower or higher floor under the odds.
    """
    sampling = planned_sampling(slots, attempt)
    level = controls.MIDDLE if diversity is None else diversity
    marks = sampling.max_tokens * TOKENS_PER_MARK / (TOKENS_PER_WORD * MARKED)
    return replace(
        sampling,
        temperature=round(1.0 + 0.4 * (level - controls.MIDDLE) + heat, 2),
        min_p=round(MIN_P * FLOORS ** (controls.MIDDLE - level), 5),
        repetition_penalty=1.0,
        max_tokens=sampling.max_tokens + round(marks),
    )


def native_sampling(context: PromptContext, rows: int, attempt: int, choice: int = 0) -> Sampling:
    """Sampling of one reply to a native call: cooler than a planned one, with room for rows of the real length."""
    columns = context.reference.profile.columns
    words = sum(column.text.words[3] for column in columns if column.text)  # three rows of four are shorter
    others = TOKENS_PER_CELL * sum(column.text is None for column in columns)
    return Sampling(
        temperature=0.7,
        repetition_penalty=1.0,  # a table repeats its commas and digits
        max_tokens=int(rows * (words * TOKENS_PER_WORD + others)) + 64,
        seed=derive(context.seed, "native", attempt, *([choice] if choice else [])),
    )
