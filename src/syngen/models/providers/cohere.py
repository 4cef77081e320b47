"""Models of Cohere, through its official client (extra `cohere`).

A request is one call to `/v2/chat`. Tokens are counted as billed, where the reply states it: Cohere's own preamble is
read but not charged for. The limits of free trial keys (twenty calls a minute and a thousand a month at the time of
writing) are read from the API's answers and respected.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from syngen.errors import ModelNotFound, ModelRefused, ModelUnreachable
from syngen.models import ModelOptions, keys
from syngen.models.endpoints import address, prices_of
from syngen.models.faults import Fault, allowance_in, message_in, of_status
from syngen.models.pace import Allowance
from syngen.models.protocol import FREE_TEXT, Reply, Terms
from syngen.models.providers.thinking import reply_of
from syngen.models.remote import RemoteModel
from syngen.types import Capabilities, Request

if TYPE_CHECKING:
    import cohere


CONCURRENCY = 8
TIMEOUT = 300.0  # seconds
KEYS = ("CO_API_KEY", "COHERE_API_KEY")

# Gone, and what Cohere names in their place: https://docs.cohere.com/changelog/2025-09-15-major-command-deprecations
# and https://docs.cohere.com/changelog/2026-04-04-embed-v2-aya-8b-retirement, looked up in November 2026. The API
# itself answers "model 'command-r' was removed on September 15, 2025".
RETIRED: Mapping[str, tuple[str, ...]] = {
    "command": ("command-r7b-12-2024", "command-a-03-2025"),
    "command-light": ("command-r7b-12-2024", "command-a-03-2025"),
    "command-r": ("command-r-08-2024", "command-a-03-2025"),
    "command-r-03-2024": ("command-r-08-2024", "command-a-03-2025"),
    "command-r-plus": ("command-r-plus-08-2024", "command-a-03-2025"),
    "command-r-plus-04-2024": ("command-r-plus-08-2024", "command-a-03-2025"),
    "c4ai-aya-expanse-8b": ("command-r7b-12-2024", "command-a-03-2025"),
    "c4ai-aya-vision-8b": ("command-r7b-12-2024", "command-a-03-2025"),
}

# What a schema may not hold: https://docs.cohere.com/docs/structured-outputs#unsupported-schema-features
_NOT_IN_SCHEMAS = frozenset(
    "anyOf allOf oneOf not minimum maximum minItems maxItems minLength maxLength uniqueItems additionalProperties"
    " prefixItems".split()
)
_THINKERS = re.compile(r"reasoning|command-a-plus")  # they think unless asked not to
_OPTIONAL: Mapping[str, re.Pattern[str]] = {"thinking": re.compile("thinking")}
_TRIAL = re.compile(r"trial key.{0,40}?limited to (\d+) API calls? ?/ ?(minute|month)", re.IGNORECASE)


@dataclass(eq=False)
class CohereEndpoint:
    """One model of Cohere."""

    name: str  # full model id
    base_url: str | None  # the API's address; None: Cohere's own
    key: str = field(repr=False)
    capabilities: Capabilities
    terms: Terms = field(default_factory=Terms)
    _client: cohere.AsyncClientV2 = field(init=False, repr=False)

    many = False
    refusals = frozenset((400, 422))
    optional = _OPTIONAL
    form_words = re.compile(r"response_format|schema|json", re.IGNORECASE)

    def __post_init__(self) -> None:
        self._called = self.name.partition("/")[2]  # what Cohere calls it
        self._thinks = bool(_THINKERS.search(self.name))  # and is asked not to, as long as it accepts that

    async def open(self) -> None:
        """Create the client."""
        import cohere
        import httpx

        # A transport of our own has no limit of time, which the client can't be asked to do without.
        self._transport = httpx.AsyncClient(timeout=None, limits=httpx.Limits(max_connections=None))  # noqa: S113
        self._client = cohere.AsyncClientV2(
            self.key, base_url=self.base_url, client_name="syngen", httpx_client=self._transport
        )

    async def close(self) -> None:
        """Close the client's connections."""
        await self._transport.aclose()

    async def call(self, request: Request, _choices: int, terms: Terms, /) -> Reply:
        """Make one call.

        Raises:
            Fault: There is no reply.
        """
        import httpx
        from cohere.core.api_error import ApiError

        try:
            answer = await self._client.with_raw_response.chat(**self._arguments(request, terms))
        except ApiError as error:
            body = error.body if isinstance(error.body, str) else json.dumps(error.body)
            raise await self._fault(error.status_code or 500, body, error.headers or {}) from error
        except httpx.ConnectError as error:
            away = ModelUnreachable(
                f"Cohere's API can't be reached: {keys.scrub(str(error)) or 'no connection'}.",
                "Check the network and its proxy, or --base-url.",
            )
            raise Fault("gone", "connection", f"no connection: {error}", error=away) from error
        except httpx.HTTPError as error:
            raise Fault("passing", "connection", str(error) or type(error).__name__) from error
        except (ValueError, TypeError) as error:  # the client can't parse the body
            raise self._odd(str(error)) from error
        if getattr(answer.data, "message", None) is None:
            raise self._odd("a reply without a message")
        return self._read(answer.data, answer.headers)

    def _arguments(self, request: Request, terms: Terms) -> dict[str, Any]:
        """Return the arguments of a call. Cohere has no min-p and no repetition penalty."""
        sampling = request.sampling
        arguments: dict[str, Any] = {
            "model": self._called,
            "messages": request.prompt.messages,
            "max_tokens": sampling.max_tokens + terms.thinking_room,
            "temperature": sampling.temperature,
            "p": min(0.99, max(0.01, sampling.top_p)),  # as far as it goes; left out, it would be 0.75
            "seed": sampling.seed % 2**31,
            "request_options": {"max_retries": 0},  # calls are repeated in one place, `syngen.models.remote`
        }
        if sampling.stop:
            arguments["stop_sequences"] = list(sampling.stop[:5])
        if self._thinks and "thinking" not in terms.left_out:
            arguments["thinking"] = {"type": "disabled"}
        if request.schema is not None and terms.form < FREE_TEXT:
            arguments["response_format"] = {"type": "json_object"}
            if terms.form == 0 and (schema := narrowed(request.schema)) is not None:
                arguments["response_format"]["schema"] = schema
        return arguments

    async def _fault(self, status: int, body: str, headers: Mapping[str, str]) -> Fault:
        said = message_in(body)
        if status == 200:  # and no JSON
            return self._odd(said)
        trial = _TRIAL.search(body) if status == 429 else None
        if trial is not None and trial[2].lower() == "month":
            spent = ModelRefused(
                f"The {trial[1]} calls a month of this Cohere trial key are used up.",
                "Resume the run next month, or give a production key: https://dashboard.cohere.com/api-keys",
            )
            return Fault("fatal", "429", said, error=spent)
        if trial is not None:  # this answer has no headers that say so
            return Fault("throttled", "429", said, allowance=Allowance(0, per_minute=int(trial[1])))
        known = await self._known() if status == 404 else ""
        status = 401 if status == 498 else status  # Cohere's own for a token that is none
        how = keys.how_to_set(KEYS[1]) + "."
        return of_status(status, body, headers, model=self.name, key=how, known=known)

    def _odd(self, said: str) -> Fault:
        error = ModelRefused(f"What answers for {self.name} is not Cohere's API.", "Check the address.")
        return Fault("refused", "bad_body", said[:200], error=error)

    async def _known(self) -> str:
        """Return a sentence that lists the models. Asking is free."""
        import httpx
        from cohere.core.api_error import ApiError

        try:
            listed = await self._client.models.list(endpoint="chat", request_options={"max_retries": 0})
        except (ApiError, httpx.HTTPError, ValueError, TypeError):  # it is only for a hint
            names = []
        else:
            names = sorted(filter(None, (model.name for model in listed.models)))
        return (
            f"Cohere has: {', '.join(names)}."
            if names
            else "Names are at https://docs.cohere.com/docs/models"
        )

    def _read(self, answer: cohere.V2ChatResponse, headers: Mapping[str, str]) -> Reply:
        finish = str(answer.finish_reason)
        if finish in ("ERROR", "TIMEOUT"):
            raise Fault("passing", finish.lower(), f"the reply broke off ({finish})")
        text = thoughts = ""
        blocks: list[Any] = list(answer.message.content or [])
        for block in blocks:
            kind = getattr(block, "type", "")  # kinds that the client does not know are plain dictionaries
            if kind == "thinking":
                thoughts += block.thinking
            elif kind == "text":
                text += block.text
        billed = answer.usage and answer.usage.billed_units
        counted = answer.usage and answer.usage.tokens
        read, written = (
            _whole(getattr(billed, name, None), getattr(counted, name, None))
            for name in ("input_tokens", "output_tokens")
        )
        cached = _whole(answer.usage.cached_tokens if answer.usage else None) or 0
        reply = reply_of(
            [text],
            [finish == "MAX_TOKENS"],
            read,
            written,
            thoughts=len(thoughts),
            cached_tokens=min(cached, read or 0),
            allowance=allowance_in(headers),
        )
        self._thinks = self._thinks or reply.thought
        return reply


def narrowed(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """Remove from a schema what Cohere does not accept; None when too little is left.

    Rows of several kinds become rows of the fields that all of them have: how many there are and which has what
    further fields is left to the prompt.
    """
    kept = {name: value for name, value in schema.items() if name not in _NOT_IN_SCHEMAS}
    if "prefixItems" in schema:
        kinds = [narrowed(kind) for kind in schema["prefixItems"]]
        whole = [kind for kind in kinds if kind is not None and "properties" in kind]
        shared = [
            n for n in (whole[0]["properties"] if whole else ()) if all(n in k["properties"] for k in whole)
        ]
        if len(whole) < len(kinds) or not shared:
            return None
        every = {name: value for kind in whole for name, value in kind["properties"].items()}
        kept["items"] = {"type": "object", "properties": every, "required": shared}
    elif isinstance(kept.get("items"), Mapping):
        if (items := narrowed(kept["items"])) is None:
            return None
        kept["items"] = items
    if "properties" in kept:
        inner = {name: narrowed(value) for name, value in kept["properties"].items()}
        if None in inner.values() or not kept.get("required"):  # an object must require something
            return None
        kept["properties"] = inner
    return kept


def open_model(name: str, options: ModelOptions) -> RemoteModel:
    """Open `cohere/NAME`, without calling the API yet.

    Raises:
        ModelNotFound: The package `cohere` is missing, or the model is retired.
        ConfigError: The key is not set, or the address is none.
    """
    model = f"cohere/{name}"
    if not name:
        raise ModelNotFound("'cohere/' names no model.", "Write it as cohere/command-a-03-2025.")
    base_url = options.base_url or os.environ.get("CO_API_URL") or None
    if base_url is None and (instead := RETIRED.get(name)) is not None:
        others = " or ".join(f"cohere/{other}" for other in instead)
        raise ModelNotFound(f"Cohere has retired {name}.", f"Take instead: {others}")
    if importlib.util.find_spec("cohere") is None:
        raise ModelNotFound(
            f"{model} needs the package 'cohere', which is not installed.",
            "Install it with: pip install 'syngen-text[cohere]'",
        )
    base_url = base_url and address(base_url)
    key = keys.require_key("cohere", *KEYS)
    capabilities = Capabilities(
        schema=True,
        seeds=True,
        concurrency=options.concurrency or CONCURRENCY,
        **prices_of(model, options.connections, in_table=True),
    )
    return RemoteModel(
        CohereEndpoint(model, base_url, key, capabilities),
        timeout=options.timeout or TIMEOUT,
        retry_timeout=options.retry_timeout,
    )


def _whole(*counts: float | None) -> int | None:
    """Return the first count that is not None as an integer; Cohere's are floats."""
    return next((int(count) for count in counts if count is not None), None)
