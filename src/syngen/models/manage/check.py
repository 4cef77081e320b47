"""Check a model with a few tiny requests: speed, schema, seed.

Each fact is observed in replies, not taken from what a provider says of itself.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from syngen.errors import ModelFailed
from syngen.models import ModelOptions, open_model
from syngen.types import Completion, Model, Prompt, Request, Sampling, Tokens

MOST = 40  # tokens of a reply
_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"wares": {"type": "string"}},
    "required": ["wares"],
    "additionalProperties": False,
}
_BEGINS = re.compile(r'\s*\{\s*"wares"\s*:\s*"')
# Much is possible here, so that two draws hardly ever agree by chance. The first says nothing of JSON or of the
# schema: a reply that keeps to it all the same was held to it.
_ASK = "Invent a shop and say in one short sentence what it sells."
_ASK_JSON = f'{_ASK} Answer with one JSON object: {{"wares": "the sentence"}}'
_CONTINUE = "In our street there is a little shop that sells"
_CONTINUE_JSON = 'Shops, one JSON object each:\n{"wares": "Lamps made of glass."}\n{"wares": "Old maps."}\n'

Seed = Literal["honoured", "not honoured", "can't tell"]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a check observed of a model."""

    model: str
    answer: str  # its first reply
    seconds_to_open: float
    seconds_first: (
        float  # until the first reply was complete; of a server, this may include loading the model
    )
    seconds_again: float  # the same for the next reply, of the same length
    tokens_per_second: float | None  # of that next reply; None where tokens are not counted
    # "held": replies keep to a schema that the prompt does not state; "kept": only when it does; "not kept"
    schema: Literal["held", "kept", "not kept"]
    # "honoured": the same seed gave the same text and another seed another one; "not honoured": the same seed
    # gave two texts; "can't tell": all were the same, or a reply is missing
    seed: Seed
    tokens: Tokens  # all that the check took
    cost: float | None  # US dollars; None when the prices are not known
    price_source: str  # where the prices are from, with its date


def trial(name: str, options: ModelOptions | None = None) -> Trial:
    """Open a model by its id and check it.

    Raises:
        ModelError: It can't be opened or reached, or it refuses the first request.
    """
    started = time.perf_counter()
    model = open_model(name, options)
    return check(model, time.perf_counter() - started)


def check(model: Model, seconds_to_open: float = 0.0) -> Trial:
    """Send an open model four or five tiny requests, one after the other, and time them.

    Raises:
        ModelError: It can't be reached, or it refuses the first request.
    """
    chats = model.capabilities.prompt_kind == "chat"
    plain = Prompt("chat", _ASK) if chats else Prompt("completion", _CONTINUE)
    replies: list[Completion] = []

    def ask(prompt: Prompt, seed: int = 1, schema: Mapping[str, Any] | None = None) -> Completion:
        """Send one request; settings other than temperature and seed are the neutral ones."""
        sampling = Sampling(temperature=1.0, min_p=0.0, repetition_penalty=1.0, max_tokens=MOST, seed=seed)
        started = time.perf_counter()
        answer = model.complete([Request(prompt, sampling, model.name, (), 0, 1, schema)])
        (reply,) = [completion for completion in answer if completion is not None]
        replies.append(replace(reply, seconds=reply.seconds or time.perf_counter() - started))
        return replies[-1]

    first = ask(plain)
    if first.finish == "error":
        raise ModelFailed(f"{model.name} gave no reply: {first.error.rstrip('.')}.")
    if not first.text.strip():  # it thought until its tokens were used up, and gets more from now on
        first = ask(plain)
    again, other = ask(plain), ask(plain, seed=2)
    schema: Literal["held", "kept", "not kept"] = "held"
    if not _keeps(ask(plain, schema=_SCHEMA)):
        explained = Prompt("chat", _ASK_JSON) if chats else Prompt("completion", _CONTINUE_JSON)
        schema = "kept" if _keeps(ask(explained, schema=_SCHEMA)) else "not kept"
    tokens = sum((reply.tokens for reply in replies), Tokens())
    written = again.completion_tokens
    return Trial(
        model=model.name,
        answer=first.text.strip(),
        seconds_to_open=seconds_to_open,
        seconds_first=first.seconds,
        seconds_again=again.seconds,
        tokens_per_second=written / again.seconds if written and again.seconds > 0 else None,
        schema=schema,
        seed=_seed(first, again, other),
        tokens=tokens,
        cost=tokens.cost(model.capabilities.prices),
        price_source=model.capabilities.price_source,
    )


def _seed(*replies: Completion) -> Seed:
    """Compare two replies to the same seed and one to another."""
    texts = [reply.text for reply in replies]
    if not all(text.strip() for text in texts):
        return "can't tell"
    if texts[0] != texts[1]:
        return "not honoured"
    return "honoured" if texts[0] != texts[2] else "can't tell"


def _keeps(reply: Completion) -> bool:
    """Whether a reply is an object with that one string, or the cut-off beginning of one."""
    if reply.finish == "length":
        return _BEGINS.match(reply.text) is not None
    try:
        value = json.loads(reply.text)
    except ValueError:
        return False
    return isinstance(value, dict) and list(value) == ["wares"] and isinstance(value["wares"], str)
