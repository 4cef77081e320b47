"""What the strategies of a run request of a text, in the words of their templates.

A strategy is a template with four blocks, each of which may be left out: `guidance` (stated once, before the
examples), `wish` (stated of every text requested), `tag` (a few words next to a record in a pattern to be continued,
real or requested) and `native` (stated of all rows, when whole rows are requested).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syngen import controls
from syngen.prompts.context import PromptContext
from syngen.prompts.render import block, blocks
from syngen.text.attributes import measured_target
from syngen.types import Slot, TextTarget

BLOCKS = frozenset({"guidance", "wish", "tag", "native"})


def guidance(context: PromptContext) -> list[str]:
    """What is stated once, before the examples."""
    return _filled(context, "guidance", domain=context.domain)


def wishes(context: PromptContext, slot: Slot, *, alike: bool) -> list[str]:
    """What is stated of each text of a slot.

    Args:
        alike: The real row shown last is similar to it.
    """
    return [
        line
        for name, target in slot.texts.items()
        for line in _filled(
            context,
            "wish",
            text=name,
            main=name == context.main,
            alike=alike,
            domain=context.domain,
            **_values(target),
        )
    ]


def tags(context: PromptContext, texts: Mapping[str, TextTarget]) -> str:
    """What is stated next to a record in a completion prompt."""
    main = context.main
    if main not in texts or not context.strategies:
        return ""
    values = _values(texts[main])
    return "; ".join(_filled(context, "tag", text=main, main=True, domain=context.domain, **values))


def tags_of_row(context: PromptContext, row: int) -> str:
    """The tags of a real row, from what was measured of it."""
    if not any("tag" in blocks(name) for name in context.strategies):
        return ""
    attributed = context.diversity is not None
    target = measured_target(context.reference, context.main, row, attributed=attributed)
    return tags(context, {context.main: target})


def native_wishes(context: PromptContext, values: Mapping[str, Any]) -> list[str]:
    """What is stated of all rows."""
    return _filled(context, "native", text=context.main, domain=context.domain, **values)


def sentence_words(grade: float) -> int:
    """Return the words per sentence typical of a Flesch-Kincaid grade.

    The grade is .39 w/s + 11.8 syl/w - 15.59 (Kincaid et al. 1975); of plain English prose, syllables a word rise
    with it from about 1.25 at grade 2 to 1.6 at grade 14.
    """
    syllables = 1.25 + 0.03 * min(max(grade - 2, 0.0), 12.0)
    return round(min(max((grade + 15.59 - 11.8 * syllables) / 0.39, 4.0), 40.0))


def _filled(context: PromptContext, part: str, **values: Any) -> list[str]:
    texts = (block(name, part, **values).strip() for name in context.strategies if part in blocks(name))
    return [text for text in texts if text]


def _values(target: TextTarget) -> dict[str, Any]:
    """The values that templates have of a text: its target, and what follows from it."""
    low, high = controls.length_range(target.words)
    return {
        "target": target,
        "low": round(low),
        "high": round(high),
        "sentence": None if target.grade is None else sentence_words(target.grade),
    }
