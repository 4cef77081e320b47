"""How well the base does without being fitted: its loss on held-out rows, asked for with real rows in the prompt."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from syngen.fitting.batches import Tokens, count
from syngen.fitting.rows import FitRow
from syngen.prompts import PromptContext, build
from syngen.types import Reference, Slot


def prompted(
    reference: Reference, rows: Sequence[FitRow], tokenizer: Any, seed: int, *, special: bool, room: int
) -> list[Tokens]:
    """Held-out rows as answers to the prompts that would ask for their like.

    Args:
        reference: Where they are from; rows of its train split are shown.
        rows: Held-out rows.
        tokenizer: Of the base.
        seed: Of the choice of the rows shown.
        special: Whether the base is asked with the tokens that its tokenizer puts before a text.
        room: Tokens that the base can look at; of longer prompts it sees the end.
    """
    domain = reference.profile.domain.removeprefix("terms: ")
    brief = PromptContext(reference, domain, "completion", seed)
    found = []
    for i, row in enumerate(rows):
        cells = reference.frame.row(row.number, named=True)
        slot = Slot(i, cells, row.targets, seed, row.number, i, row.number)
        prompt = build(brief, [slot], 0)
        line = tokenizer.encode(prompt.user, add_special_tokens=special)
        answer = tokenizer.encode(json.dumps(row.texts, ensure_ascii=False), add_special_tokens=False)
        ids = [*line, *answer][-room:]
        kept = min(len(answer), len(ids) - 1)
        found.append(Tokens(ids, kept, count(row.texts.values(), tokenizer, kept / len(answer))))
    return found
