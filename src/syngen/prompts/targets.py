"""What the strategies of a run wish of a text, in the words of their templates.

A strategy is a template with four blocks, each of which may be left out: `guidance` (said once, before the
examples), `wish` (said of every text that is asked for), `tag` (a few words beside a record in a pattern to be
continued, for real records and for wanted ones alike) and `native` (said of all rows, when whole rows are asked for).
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


def guidance(brief: PromptContext) -> list[str]:
    """What is said once."""
    return _said(brief, "guidance", domain=brief.domain)


def wishes(brief: PromptContext, slot: Slot, *, alike: bool) -> list[str]:
    """What is said of each text of a slot.

    Args:
        alike: The real row shown last is like it.
    """
    main = brief.reference.profile.main_text.name
    return [
        said
        for name, target in slot.texts.items()
        for said in _said(
            brief,
            "wish",
            text=name,
            main=name == main,
            alike=alike,
            domain=brief.domain,
            **_told(target),
        )
    ]


def tags(brief: PromptContext, texts: Mapping[str, TextTarget]) -> str:
    """What stands beside a record in a pattern."""
    main = brief.reference.profile.main_text.name
    if main not in texts or not brief.strategies:
        return ""
    return "; ".join(_said(brief, "tag", text=main, main=True, domain=brief.domain, **_told(texts[main])))


def tags_of_row(brief: PromptContext, row: int) -> str:
    """The tags of a real row, from what was measured of it."""
    if not any("tag" in blocks(name) for name in brief.strategies):
        return ""
    reference, main = brief.reference, brief.reference.profile.main_text.name
    return tags(brief, {main: measured_target(reference, main, row, attributed=brief.diversity is not None)})


def native_wishes(brief: PromptContext, values: Mapping[str, Any]) -> list[str]:
    """What is said of all rows."""
    return _said(brief, "native", text=brief.reference.profile.main_text.name, domain=brief.domain, **values)


def sentence_words(grade: float) -> int:
    """Words to a sentence that go with a Flesch-Kincaid grade.

    The grade is .39 w/s + 11.8 syl/w - 15.59 (Kincaid et al. 1975); of plain English prose, syllables a word rise
    with it from about 1.25 at grade 2 to 1.6 at grade 14.
    """
    syllables = 1.25 + 0.03 * min(max(grade - 2, 0.0), 12.0)
    return round(min(max((grade + 15.59 - 11.8 * syllables) / 0.39, 4.0), 40.0))


def _said(brief: PromptContext, part: str, **values: Any) -> list[str]:
    filled = (block(name, part, **values).strip() for name in brief.strategies if part in blocks(name))
    return [text for text in filled if text]


def _told(target: TextTarget) -> dict[str, Any]:
    """What templates are told of a text: its target, and what follows from it."""
    slack = controls.slack(target.words) if target.words > 2 * controls.WITHIN_WORDS else 0.0
    return {
        "target": target,
        "low": round(target.words - slack),
        "high": round(target.words + slack),
        "sentence": None if target.grade is None else sentence_words(target.grade),
    }
