"""What a reply must look like, and how many tokens it may take."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from syngen import controls
from syngen.prompts.context import PromptContext
from syngen.text.conditions import STEP as MARKED
from syngen.text.words import count_words
from syngen.types import Reference, Sampling, Slot, TextTarget, derive

TOKENS_PER_WORD = 1.5  # of English in the vocabularies of small models, with room
TOKENS_PER_MARK = 4  # of a fitted model's countdown: a tab, and its digits one by one
MIN_P = 0.005  # of a fitted model: no more than a guard against the noise of its lowest odds
FLOORS = 100  # how many times as high its floor is with the least diversity as with the most
FINISH = 12  # words beyond the length wanted in which a sentence may come to its end
WAYS = 5  # candidates of verbalized sampling
SAMPLE = 500  # texts looked at for their spaces
FEW, STEP = 10, 1.08  # words up to which every length has its own bounds, and the steps beyond
TOKENS_PER_CELL = 12  # of an identifier or a date, with its comma


def ways(strategies: Sequence[str]) -> int:
    """How many candidates for one row a reply holds, one of which is drawn."""
    return WAYS if "verbalized" in strategies else 1


def reply_schema(
    slots: Sequence[Slot], brief: PromptContext | None = None, strategies: Sequence[str] = ()
) -> dict[str, Any]:
    """JSON schema of the reply: an object of texts for one slot, `{"rows": [...]}` for several.

    It bounds no characters: grammars count them by one state each, which slowed decoding by a factor of seventy
    on the embedded model. With the strategies for it, a `pattern` bounds the words of the main text and gives
    its opening.

    Args:
        brief: Of the run, when the model can be held to patterns.
        strategies: Of the run; "verbalized" asks for several candidates.
    """
    main = brief.reference.profile.main_text.name if brief else None
    objects: list[dict[str, Any]] = [
        {
            "type": "object",
            "properties": {
                name: _string(target, brief if name == main else None) for name, target in slot.texts.items()
            },
            "required": list(slot.texts),
            "additionalProperties": False,
        }
        for slot in slots
    ]
    if (count := ways(strategies)) > 1:
        each = objects[0]
        kinds = {**each["properties"], "probability": {"type": "number"}}
        candidate = {**each, "properties": kinds, "required": [*each["required"], "probability"]}
        listed = {"type": "array", "items": candidate, "minItems": count, "maxItems": count}
        return {
            "type": "object",
            "properties": {"candidates": listed},
            "required": ["candidates"],
            "additionalProperties": False,
        }
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


def _string(target: TextTarget, brief: PromptContext | None) -> dict[str, Any]:
    """The schema of one text: words between single spaces, so many of them, the first ones given.

    Models that hold a reply to it know it by this form: see `syngen.models.local.grammar`.
    """
    if brief is None or not _spaced(brief.reference):
        return {"type": "string"}
    bounded = "length" in brief.strategies
    # Not both: a grammar for each length with each opening would be compiled for hardly more than one text.
    opening = target.opening if "diversity" in brief.strategies and not bounded else ""
    if not bounded and not opening:
        return {"type": "string"}
    given = opening.split()
    low, high = len(given) + 1, None
    if bounded:
        words = _near(target.words)
        room = controls.slack(words)
        low = max(1, round(words - room / 2))
        high = round(words + room) + min(FINISH, round(words))
    if given and "lower case" not in target.style:
        given[0] = given[0].capitalize()
    begin = "".join(re.escape(word).replace("\\ ", " ") + " " for word in given)
    least = low - len(given) - 1
    most = "" if high is None else str(high - len(given) - 1)
    return {"type": "string", "pattern": rf"^{begin}\S+(?: \S+){{{least},{most}}}$"}


@lru_cache(maxsize=4)
def _spaced(reference: Reference) -> bool:
    """Whether its words stand between spaces, as those of Chinese or Thai don't."""
    column = reference.profile.main_text.name
    texts = reference.frame[column].gather(reference.train[:SAMPLE]).drop_nulls().to_list()
    return sum(len(text.split()) for text in texts) >= 0.8 * sum(map(count_words, texts))


def _near(words: int) -> float:
    """The step of a ladder nearest to so many words: a grammar is compiled once for all texts of a step.

    Compiling one of fifty words took .7 s of processor time, decoding by one that is there next to nothing more.
    """
    if words <= FEW:
        return float(words)
    return float(FEW * STEP ** round(math.log(words / FEW) / math.log(STEP)))


def planned_sampling(
    slots: Sequence[Slot],
    attempt: int,
    diversity: float | None = None,
    heat: float = 0.0,
    strategies: Sequence[str] = (),
) -> Sampling:
    """Sampling of a planned call. A text may run to twice its target before it is cut off and rejected.

    Args:
        diversity: The level wanted: the more, the warmer, and the lower the floor under the odds of a token.
        heat: What the run has learnt to add to the temperature.
    """
    level = controls.MIDDLE if diversity is None else diversity
    targets = [(name, target.words) for slot in slots for name, target in slot.texts.items()]
    words = sum(2 * wanted + len(name) / 3 + 8 for name, wanted in targets)  # names may be whole questions
    return Sampling(
        temperature=round(0.9 + 0.4 * (level - controls.MIDDLE) + heat, 2),
        min_p=round(0.15 - 0.1 * level, 3),
        max_tokens=(int(words * TOKENS_PER_WORD) + 24) * ways(strategies),
        seed=derive(slots[0].seed, "attempt", attempt),
    )


def record_sampling(
    slots: Sequence[Slot], attempt: int, diversity: float | None = None, heat: float = 0.0
) -> Sampling:
    """Sampling of a call to a fitted model: it is drawn from as it is.

    What makes other models livelier or keeps them from loops would make it another one than the rows it learnt. Asked
    for more or less diversity, it is drawn from warmer or cooler, with a lower or a higher floor under the odds.
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


def native_sampling(brief: PromptContext, rows: int, attempt: int, choice: int = 0) -> Sampling:
    """Sampling of a native call, or of one of several replies to it: cooler than a planned one, and with room for rows of the real length."""
    columns = brief.reference.profile.columns
    words = sum(column.text.words[3] for column in columns if column.text)  # three rows of four are shorter
    others = TOKENS_PER_CELL * sum(column.text is None for column in columns)
    return Sampling(
        temperature=0.7,
        repetition_penalty=1.0,  # a table repeats its commas and digits
        max_tokens=int(rows * (words * TOKENS_PER_WORD + others)) + 64,
        seed=derive(brief.seed, "native", attempt, *([choice] if choice else [])),
    )
