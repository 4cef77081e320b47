"""What a provider's API must offer to become a model, and what is negotiated with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from syngen.models.pace import Allowance
from syngen.types import Capabilities, Request

FREE_TEXT = 2  # the last of the reply formats, see `Terms`


@dataclass(frozen=True, slots=True)
class Terms:
    """What a provider accepts, as far as its refusals and replies have shown."""

    form: int = 0  # the reply format to ask for: 0 the JSON schema, 1 JSON mode, 2 free text
    left_out: frozenset[str] = frozenset()  # names of settings that it refuses
    thinking_room: int = 0  # tokens to allow for thinking, over those of the reply


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply to one call."""

    texts: tuple[str, ...]  # one for each choice
    cut: tuple[bool, ...]  # for each, whether it was cut off at the token limit
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int = 0  # see `Completion`
    thinking_tokens: int = 0
    thought: bool = False  # whether the model was thinking, also where its tokens are not counted
    allowance: Allowance | None = None  # what the provider says about its rate limits


class Endpoint(Protocol):
    """One provider's API, as thin as its client allows."""

    name: str  # full model id
    capabilities: Capabilities
    many: bool  # whether one call can return several replies to one prompt
    terms: Terms  # what the provider accepts; updated by `RemoteModel`
    refusals: frozenset[int]  # HTTP statuses by which it refuses a setting or a reply format
    optional: Mapping[str, re.Pattern[str]]  # by setting that can be left out: a message that refuses it
    form_words: re.Pattern[str]  # a message that refuses the reply format

    async def open(self) -> None:
        """Create what needs a running loop, such as the client's session."""

    async def call(self, request: Request, choices: int, terms: Terms, /) -> Reply:
        """Make one call, without retries.

        Raises:
            Fault: There is no reply.
        """

    async def close(self) -> None:
        """Release what `open` created; not called if it failed."""


def conceded(endpoint: Endpoint, refusal: str, *, schema: bool) -> Terms | None:
    """Return the terms without what a refusal names; None if it names nothing that can be left out."""
    terms = endpoint.terms
    for name, words in endpoint.optional.items():
        if name not in terms.left_out and words.search(refusal):
            return replace(terms, left_out=terms.left_out | {name})
    if schema and terms.form < FREE_TEXT and endpoint.form_words.search(refusal):
        return replace(terms, form=terms.form + 1)
    return None
