"""Build the calls to a model: a prompt, how to sample, and the schema of the reply."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from syngen.prompts.compose import ask_natively
from syngen.prompts.context import PromptContext
from syngen.prompts.schema import native_sampling, planned_sampling, record_sampling, reply_schema
from syngen.prompts.shown import known_part
from syngen.prompts.strategies import Strategy
from syngen.text import conditions
from syngen.types import Model, Prompt, Request, Slot


def planned_request(
    strategy: Strategy,
    context: PromptContext,
    asked: Sequence[Slot],
    targets: Sequence[Slot],
    attempt: int,
    model: Model,
    heat: float = 0.0,
) -> Request:
    """Build the call for some slots; the same slots, attempt and heat give the same request.

    Args:
        asked: The slots with the targets that the prompt states.
        targets: The slots with the targets that their rows should meet, which bound the reply.
    """
    schema = None
    if context.kind == "record":  # a fitted model knows the line its rows began with, and needs no schema
        (slot,) = asked
        line = conditions.line(known_part(context.known, slot.values), slot.texts)
        prompt = Prompt("completion", line, template=f"record@{conditions.FORMAT}")
        sampling = record_sampling(targets, attempt, context.diversity, heat)
    else:
        prompt = strategy(context, asked, attempt)
        sampling = planned_sampling(targets, attempt, context.diversity, heat, context.strategies)
        schema = reply_schema(targets, context if model.capabilities.patterns else None, context.strategies)
    indices = tuple(slot.index for slot in asked)
    return Request(prompt, sampling, model.name, indices, attempt, len(asked), schema)


def native_requests(
    context: PromptContext,
    rows: int,
    attempt: int,
    model: Model,
    targets: dict[str, Any] | None,
    choices: int = 1,
) -> list[Request]:
    """Build the question for some rows, once for each reply to it; the same attempt gives the same requests."""
    prompt = ask_natively(context, rows, attempt, targets)
    drawn = [native_sampling(context, rows, attempt, choice) for choice in range(choices)]
    return [
        Request(prompt, sampling, model.name, (), attempt, rows, choice=choice, choices=choices)
        for choice, sampling in enumerate(drawn)
    ]
