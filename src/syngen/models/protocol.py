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
    """What a provider accepts, as far as its refusals and replies have shown.

    Attributes:
        form: The reply format to ask for: 0 the JSON schema, 1 JSON mode, 2 free text.
        left_out: Names of settings that it refuses.
        thinking_room: Tokens to allow for thinking, over those of the reply.
    """

    form: int = 0
    left_out: frozenset[str] = frozenset()
    thinking_room: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply to one call.

    Attributes:
        texts: One for each choice.
        cut: For each, whether it was cut off at the token limit.
        cached_tokens, thinking_tokens: See `Completion`.
        thought: Whether the model was thinking, also where its tokens are not counted.
        allowance: What the provider says about its rate limits.
    """

    texts: tuple[str, ...]
    cut: tuple[bool, ...]
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int = 0
    thinking_tokens: int = 0
    thought: bool = False
    allowance: Allowance | None = None


class Endpoint(Protocol):
    """One provider's API, as thin as its client allows.

    Attributes:
        name: Full model id.
        many: Whether one call can return several replies to one prompt.
        terms: What the provider accepts; updated by `RemoteModel`.
        refusals: HTTP statuses by which it refuses a setting or a reply format.
        optional: Settings that can be left out, each with the pattern of a message that refuses it.
        form_words: Pattern of a message that refuses the reply format.
    """

    name: str
    capabilities: Capabilities
    many: bool
    terms: Terms
    refusals: frozenset[int]
    optional: Mapping[str, re.Pattern[str]]
    form_words: re.Pattern[str]

    async def open(self) -> None:
        """Create what needs a running loop, such as the client's session."""
        ...

    async def call(self, request: Request, choices: int, terms: Terms, /) -> Reply:
        """Make one call, without retries.

        Raises:
            Fault: There is no reply.
        """
        ...

    async def close(self) -> None:
        """Release what `open` created."""
        ...


def conceded(endpoint: Endpoint, refusal: str, *, schema: bool) -> Terms | None:
    """Return the terms without what a refusal names; None if it names nothing that can be left out."""
    terms = endpoint.terms
    for name, words in endpoint.optional.items():
        if name not in terms.left_out and words.search(refusal):
            return replace(terms, left_out=terms.left_out | {name})
    if schema and terms.form < FREE_TEXT and endpoint.form_words.search(refusal):
        return replace(terms, form=terms.form + 1)
    return None
