"""Build prompts: for planned slots, and for whole rows in native mode.

The prompt of planned slots shows a few similar real rows, then what is known of the requested ones and what the
strategies of the run request of their texts. A strategy is a template with four blocks, each of which may be left
out: `guidance` (stated once, before the examples), `wish` (stated of every text requested), `tag` (a few words next
to a record in a pattern to be continued, real or requested) and `native` (stated of all rows, in native mode).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from syngen import controls
from syngen.columns import codecs
from syngen.prompts.context import PromptContext, per_context
from syngen.prompts.render import blocks, fill, full_name
from syngen.prompts.schema import ways
from syngen.prompts.shown import choose_rows, cut, known_part, random_rows, written_part
from syngen.text.attributes import measured_target
from syngen.types import Prompt, Slot, TextTarget

BLOCKS = frozenset({"guidance", "wish", "tag", "native"})
_CHAT, _COMPLETION, _NATIVE = "base.chat", "base.completion", "native.chat"


# ------------------------------------------------------------------------------------- planned slots
def build(context: PromptContext, slots: Sequence[Slot], attempt: int) -> Prompt:
    """Build the prompt for one slot or several; `attempt` earlier calls were made for the first of them.

    A chat prompt names the target lengths. A completion prompt shows rows of that length instead: small
    models take a number in the pattern for a subject and write about it.
    """
    rows = choose_rows(context, slots, attempt)
    known = [known_part(context.known, slot.values) for slot in slots]
    asked = tuple(dict.fromkeys(name for slot in slots for name in slot.texts))
    if context.kind == "chat":
        system, examples = _opening(context, rows, asked)
        user = examples + fill(
            _CHAT,
            "user",
            wanted=known,
            told=any(known),
            lengths=[{name: target.words for name, target in slot.texts.items()} for slot in slots],
            count_words="length" not in context.strategies,
            ways=ways(context.strategies),
            wishes=[_wishes(context, slot, alike=bool(rows) and len(slots) == 1) for slot in slots],
        )
        return Prompt("chat", user.strip(), system.strip(), rows, _template(_CHAT, context))
    rows = rows[len(rows) % len(slots) :] or rows
    for slot, part in zip(slots, known, strict=True):
        if context.main in slot.texts and (tag := _tag(context, slot.texts[context.main])):
            part[_tag_key(context)] = tag
    text = fill(
        _COMPLETION,
        domain=context.domain,
        examples=_examples(context, rows, asked, len(slots)),  # the pattern shows what it asks for
        wanted=known,
    )
    return Prompt("completion", text, shown=rows, template=_template(_COMPLETION, context))


@per_context
def _opening(context: PromptContext, rows: tuple[int, ...], asked: tuple[str, ...]) -> tuple[str, str]:
    """The beginning of a chat prompt: what the system says, and the examples."""
    examples = _examples(context, rows, asked, 1)
    guidance = _filled(context, "guidance", domain=context.domain)
    system = fill(_CHAT, "system", domain=context.domain, guidance=guidance)
    return system, fill(_CHAT, "examples", examples=examples)


def _examples(
    context: PromptContext, rows: Sequence[int], asked: Sequence[str], each: int
) -> list[dict[str, Any]]:
    return [
        {
            "given": [_given(context, row) for row in some],
            "written": [written_part(context.reference, row, asked) for row in some],
        }
        for some in (rows[i : i + each] for i in range(0, len(rows), each))
    ]


def _given(context: PromptContext, row: int) -> dict[str, Any]:
    """What is known of a real row, in a completion prompt with a tag from what was measured of it."""
    known = known_part(context.known, context.reference.frame.row(row, named=True))
    if context.kind == "completion" and any("tag" in blocks(name) for name in context.strategies):
        attributed = context.diversity is not None
        target = measured_target(context.reference, context.main, row, attributed=attributed)
        if tag := _tag(context, target):
            known[_tag_key(context)] = tag
    return known


def _tag(context: PromptContext, target: TextTarget) -> str:
    values = _values(target)
    return "; ".join(_filled(context, "tag", text=context.main, main=True, domain=context.domain, **values))


def _tag_key(context: PromptContext) -> str:
    """The key of a tag in what is known of a record: one that no column has."""
    key = "note"
    while key in context.reference.frame.columns:
        key += "_"
    return key


def _wishes(context: PromptContext, slot: Slot, *, alike: bool) -> list[str]:
    """What is stated of each text of a slot.

    Args:
        alike: The real row shown last is similar to it.
    """
    shared = {"alike": alike, "domain": context.domain}
    return [
        line
        for name, target in slot.texts.items()
        for line in _filled(
            context, "wish", text=name, main=name == context.main, **shared, **_values(target)
        )
    ]


def _values(target: TextTarget) -> dict[str, Any]:
    low, high = controls.length_range(target.words)
    return {
        "target": target,
        "low": round(low),
        "high": round(high),
        "sentence": None if target.grade is None else sentence_words(target.grade),
    }


def sentence_words(grade: float) -> int:
    """Return the words per sentence typical of a Flesch-Kincaid grade.

    The grade is .39 w/s + 11.8 syl/w - 15.59 (Kincaid et al. 1975); of plain English prose, syllables a word rise
    with it from about 1.25 at grade 2 to 1.6 at grade 14.
    """
    syllables = 1.25 + 0.03 * min(max(grade - 2, 0.0), 12.0)
    return round(min(max((grade + 15.59 - 11.8 * syllables) / 0.39, 4.0), 40.0))


def _filled(context: PromptContext, part: str, **values: Any) -> list[str]:
    texts = (fill(name, part, **values).strip() for name in context.strategies if part in blocks(name))
    return [text for text in texts if text]


def _template(base: str, context: PromptContext) -> str:
    return "+".join(full_name(name) for name in (base, *context.strategies))


# --------------------------------------------------------------------------------------- native mode
def ask_natively(
    context: PromptContext, rows: int, attempt: int, targets: Mapping[str, Any] | None = None
) -> Prompt:
    """Ask as a person would: a few real rows as CSV, "generate K more".

    Args:
        rows: How many rows to ask for.
        attempt: Calls made before in this run.
        targets: The values of the `native` blocks of the strategies.
    """
    reference = context.reference
    shown = random_rows(context, attempt)
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(reference.frame.columns)
    columns = list(codecs(reference.profile).values())
    for row in shown:
        cells = zip(columns, reference.frame.row(row), strict=True)
        writer.writerow(cut(value) if codec.written and value else value for codec, value in cells)
    wishes = []
    if targets is not None:
        wishes = _filled(context, "native", text=context.main, domain=context.domain, **targets)
    values = {"domain": context.domain, "count": len(shown), "rows": rows, "wishes": wishes}
    user = fill(_NATIVE, "user", table=table.getvalue(), **values)
    return Prompt("chat", user.strip(), "", shown, _template(_NATIVE, context))
