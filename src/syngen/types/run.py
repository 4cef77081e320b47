"""Requests, completions and rows: plain frozen data with derived properties."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, field
from functools import cached_property
from typing import Any, Literal, Protocol

from syngen.types.reference import Value

Prices = tuple[float, float, float]
"""US dollars per million tokens: read, written, and read from the provider's cache."""


# ------------------------------------------------------------------------ requests and completions
@dataclass(frozen=True, slots=True)
class Prompt:
    """The text that a model reads."""

    # "chat" (system and user messages) or "completion" (text to be continued)
    kind: Literal["chat", "completion"]
    user: str  # the user message, or the text to be continued
    system: str = ""  # the system message; empty for completions
    shown: tuple[int, ...] = ()  # row numbers of the reference rows in it
    template: str = ""  # names and versions of its templates, such as "base.completion@1"

    @property
    def messages(self) -> list[dict[str, str]]:
        """The messages of a chat; unpaired surrogates, which can't be sent, become question marks."""
        parts = {"system": self.system, "user": self.user} if self.system else {"user": self.user}
        return [
            {"role": role, "content": text.encode("utf-8", "replace").decode()}
            for role, text in parts.items()
        ]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a model draws tokens; a model ignores what it does not support. `top_p` 1, `min_p` 0, penalty 1: off.

    The defaults: a high temperature for variety, a floor under the odds of a token (min-p) against
    nonsense, a slight penalty against loops.
    """

    temperature: float = 0.9
    top_p: float = 1.0
    min_p: float = 0.1
    repetition_penalty: float = 1.05
    max_tokens: int = 256
    stop: tuple[str, ...] = ()
    seed: int = 0


@dataclass(frozen=True)
class Request:
    """One call to a model."""

    prompt: Prompt
    sampling: Sampling
    model: str  # full model id, `provider/name`
    slots: tuple[int, ...]  # indices of the slots it asks for; empty in native mode
    attempt: int  # number of earlier calls for the first of these slots (native mode: of the run)
    rows: int  # number of rows requested
    schema: Mapping[str, Any] | None = None  # JSON schema of the reply; None for free text
    # Which of several replies to one prompt this asks for, from 0. Requests for the same prompt follow each
    # other, so that a model can answer them in a single call.
    choice: int = 0
    choices: int = 1  # number of replies to this prompt that are requested

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over all fields, slots and attempt included: no two draws collapse into one."""
        text = json.dumps(self.plain(), sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    def plain(self) -> dict[str, Any]:
        """Return what `asdict` gives, without its deep copy, which took most of a fingerprint's time."""
        return {**_shallow(self), "prompt": _shallow(self.prompt), "sampling": _shallow(self.sampling)}


def _shallow(thing: Request | Prompt | Sampling) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in thing.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Completion:
    """The reply to one request. A failure that concerns this request alone is a value too."""

    request: Request
    text: str
    # "stop", "length" (cut off at the token limit) or "error"
    finish: Literal["stop", "length", "error"] = "stop"
    error: str = ""  # the failure when finish is "error"
    prompt_tokens: int | None = None  # tokens read; None where unknown
    completion_tokens: int | None = None  # tokens written; None where unknown
    cached_tokens: int = 0  # of those read, the ones the provider had in its cache
    thinking_tokens: int = 0  # of those written, the ones of reasoning that are not in the text
    seconds: float = 0.0  # from sending the request to the last token
    faults: tuple[str, ...] = ()  # faults that were retried: "429", "500", "timeout", …

    @property
    def tokens(self) -> Tokens:
        """Tokens read and written; 0 where the model does not count."""
        return Tokens(
            self.prompt_tokens or 0, self.completion_tokens or 0, self.cached_tokens, self.thinking_tokens
        )


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a model supports."""

    # The kind of prompt for planned mode; native mode always chats. "record": it was fitted to rows in the
    # form of `syngen.text.conditions`, reads nothing else and ends by itself.
    prompt_kind: Literal["chat", "completion", "record"] = "chat"
    schema: bool = False  # whether decoding can be constrained to a JSON schema
    patterns: bool = False  # whether the `pattern` of a string in the schema is enforced, too
    seeds: bool = False  # whether it uses `Sampling.seed`
    concurrency: int = 8  # recommended number of requests in flight
    # US dollars per million prompt tokens; None when unknown, 0 for a local model
    price_in: float | None = None
    price_out: float | None = None  # the same per million completion tokens
    # The same per million prompt tokens found in the provider's cache; None: as price_in
    price_cached: float | None = None
    price_source: str = ""  # source and date of the prices
    weights: str = ""  # digest or revision of its weights; empty when unknown

    @property
    def prices(self) -> Prices | None:
        """Its prices; None when unknown."""
        if self.price_in is None or self.price_out is None:
            return None
        cached = self.price_in if self.price_cached is None else self.price_cached
        return self.price_in, self.price_out, cached


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of calls."""

    read: int = 0  # of prompts
    written: int = 0  # of replies, reasoning included
    cached: int = 0  # of those read, found in the provider's cache
    thinking: int = 0  # of those written, of reasoning

    @property
    def total(self) -> int:
        return self.read + self.written

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(
            self.read + other.read,
            self.written + other.written,
            self.cached + other.cached,
            self.thinking + other.thinking,
        )

    def times(self, factor: float) -> Tokens:
        """Return each number times a factor, rounded."""
        return Tokens(*(round(n * factor) for n in astuple(self)))

    def cost(self, prices: Prices | None) -> float | None:
        """Return the cost in US dollars; None when the prices are unknown."""
        if prices is None:
            return None
        read, written, cached = prices
        return ((self.read - self.cached) * read + self.cached * cached + self.written * written) / 1e6


class Model(Protocol):
    """The protocol of a language model: one required method."""

    name: str  # full id, provider/name
    capabilities: Capabilities

    def complete(self, requests: Iterable[Request | None]) -> Iterator[Completion | None]:
        """Answer requests, each exactly once, in any order.

        Pull a request whenever there is room for one, so that the model is kept busy; None means
        "none right now": yield a completion, then pull again. None is never pulled while nothing is in
        flight. When the requests end, finish what is in flight and return. A model that waits long
        yields None about once a second, so that its caller can check limits.

        Raises:
            ModelError: Only for what concerns every request (unreachable, refused, broken). What
                concerns one request is a Completion with finish "error".
        """
        ...


# ------------------------------------------------------------------------------------------- rows
@dataclass(frozen=True, slots=True)
class Candidate:
    """One row read from a reply, not yet accepted."""

    slot: int | None  # the slot it answers; None in native mode
    # In planned mode the written columns; in native mode every column that could be read
    values: Mapping[str, Value]
    raw: str
    # Repairs made while reading it, as codes such as "format.unescaped_delimiter"
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """What was not accepted, with the reason. Recorded and counted, never dropped."""

    # "call" (no reply to read), "parse", "valid" or "new"
    stage: Literal["call", "parse", "valid", "new", "surplus"]
    # A code such as "cut_off", "wrong_type", "copied_shown"; the ledger counts them as `stage.reason`
    reason: str
    raw: str
    detail: str = ""  # one sentence for people
    slot: int | None = None

    @property
    def code(self) -> str:
        return f"{self.stage}.{self.reason}"


@dataclass(frozen=True, slots=True)
class Row:
    """One accepted row with its provenance."""

    index: int  # position in the result, from 0; in planned mode the slot's index
    values: Mapping[str, Value]  # by column, in the reference's order
    # Fingerprint of the request it came from; the journal has its model, prompt, seed and the real rows shown.
    # Empty for a row without a text, which code completed by itself.
    call: str
    # Repairs made while reading it, and "text.shortened" where sentences at its end were left out
    notes: tuple[str, ...] = ()
    # Index of the slot whose length and grade it has; None: its own. A text that misses its own targets may
    # meet those of another slot, which takes its targets in return.
    target: int | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """The counts of a run; `returned == accepted + rejected rows` always holds."""

    asked: int  # rows the user asked for
    calls: int = 0  # completed calls to the model, failed ones included
    requested: int = 0  # rows those calls asked for
    # Rows the calls returned, in whatever state, and rows that code completed without a call
    returned: int = 0
    parsed: int = 0  # of these, rows that could be read
    valid: int = 0  # of these, rows with the right columns, types and ranges and a valid text
    new: int = 0  # of these, rows that copy neither the reference nor an earlier row
    accepted: int = 0  # of these, rows kept; the others were beyond the number asked for
    # Rejects by `stage.reason`; `call.…` counts calls without a row to read, which are not among `returned`
    rejected: Mapping[str, int] = field(default_factory=dict)
    # Faults that were retried, by kind: rate limits ("429"), server errors, time-outs. No call and no row was
    # lost to these.
    faults: Mapping[str, int] = field(default_factory=dict)
    # Native mode only: mean over calls of min(k, r) / max(k, r) for k rows asked and r complete rows given,
    # before any repair
    native_count_accuracy: float | None = None
    # Native mode only: share of calls with exactly the rows asked for
    native_exact_calls: float | None = None
    # Of the rows accepted, those without a text: code completed them, and no call was made for them
    by_code: int = 0

    @property
    def steps(self) -> dict[str, int]:
        """Rows left after each step, from asked to accepted."""
        steps = ("asked", "returned", "parsed", "valid", "new", "accepted")
        return {step: getattr(self, step) for step in steps}

    @property
    def reasons(self) -> dict[str, int]:
        """Rejected rows by reason, the most frequent first."""
        return dict(sorted(self.rejected.items(), key=lambda pair: -pair[1]))
