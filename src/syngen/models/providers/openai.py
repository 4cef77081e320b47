"""Models of any server with the OpenAI chat API: OpenAI itself, other clouds, servers of the user's own.

A request is one POST to `…/chat/completions`. Servers differ in the settings and reply formats they accept; what one
refuses is left out from then on (`syngen.models.remote`). The adapter uses aiohttp instead of the package `openai`,
whose calls cost several times the processor time of everything else SynGen does for a row (`make bench-engine`).
"""

from __future__ import annotations

import json
import os
import re
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from syngen.errors import ModelNotFound, ModelRefused, ModelUnreachable
from syngen.models import ModelOptions, keys
from syngen.models.endpoints import FREE, HOSTS, Host, address, connections, prices_of
from syngen.models.faults import Fault, allowance_in, message_in, of_status
from syngen.models.protocol import Reply, Terms
from syngen.models.providers.thinking import reply_of
from syngen.models.remote import RemoteModel
from syngen.types import Capabilities, Request

if TYPE_CHECKING:
    import aiohttp


CONCURRENCY = 32
TIMEOUT = 300.0  # seconds; includes the queue of a slow model
_LIMIT = "max_tokens"
_OPTIONAL: Mapping[str, re.Pattern[str]] = {
    _LIMIT: re.compile(
        r"max_completion_tokens|(?:unsupported|unknown|unrecognized)\b.{0,40}\bmax_tokens", re.IGNORECASE
    ),
    **{
        name: re.compile(rf"(?<![\w-]){name}(?![\w-])")
        for name in ("min_p", "repetition_penalty", "seed", "top_p", "temperature", "stop", "n")
    },
}


@dataclass(eq=False)
class OpenAIEndpoint:
    """One model of one server."""

    name: str  # full model id
    host: Host  # the server's address, key variable, headers and further settings
    key: str | None = field(repr=False)  # None when the server needs none
    capabilities: Capabilities
    _session: aiohttp.ClientSession = field(init=False, repr=False)

    many = True
    refusals = frozenset((400, 404, 405, 422, 500, 501))
    optional = _OPTIONAL
    form_words = re.compile(
        r"response_format|json_schema|json_object|json mode|schema|structured|guided|grammar", re.IGNORECASE
    )

    def __post_init__(self) -> None:
        self._called = self.name.partition("/")[2]  # the server's name for it
        self._url = f"{self.host.base_url}/chat/completions"
        self._headers = {
            name: keys.fill_in(value, f"The header {name} of {self.name}")
            for name, value in self.host.headers.items()
        }
        self._headers["Content-Type"] = "application/json"
        if self.key:
            self._headers["Authorization"] = f"Bearer {self.key}"
        own = self.host.base_url == HOSTS["openai"].base_url
        self.terms = Terms(left_out=frozenset((_LIMIT, "min_p", "repetition_penalty") if own else ()))

    async def open(self) -> None:
        """Create the client's session."""
        import aiohttp

        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            headers=self._headers,
            cookie_jar=aiohttp.DummyCookieJar(),  # looking for cookies costs time in every call
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=10),
            proxy=_proxy_for(self._url),  # not `trust_env`, which would also look for a key in ~/.netrc
        )

    async def close(self) -> None:
        """Close the session."""
        await self._session.close()

    async def call(self, request: Request, choices: int, terms: Terms) -> Reply:
        """Make one call.

        Raises:
            Fault: There is no reply.
        """
        import aiohttp

        body = self._body_of(request, choices, terms)
        data = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        try:
            # A redirect would take prompt and headers to where nobody meant them to go.
            async with self._session.post(self._url, data=data, allow_redirects=False) as answer:
                text = (await answer.read()).decode("utf-8", "replace")
        except aiohttp.ClientConnectorCertificateError as error:
            refused = ModelUnreachable(f"{self._url} has a certificate that does not hold: {error}.")
            raise Fault("fatal", "certificate", str(error), error=refused) from error
        except aiohttp.ConnectionTimeoutError as error:
            away = ModelUnreachable(f"No server answers at {self._url}.", "Fix --base-url, or try later.")
            raise Fault("gone", "connection", "no connection within 10 s", error=away) from error
        except aiohttp.ClientConnectorError as error:
            number = error.errno or 0  # none where a name could not be resolved
            reason = os.strerror(number).lower() if number > 0 else error.strerror or error
            away = ModelUnreachable(
                f"No server answers at {self._url} ({reason}).", "Start it, or fix --base-url."
            )
            raise Fault("gone", "connection", f"no connection: {reason}", error=away) from error
        except (aiohttp.ClientError, OSError) as error:
            raise Fault("passing", "connection", str(error) or type(error).__name__) from error
        if answer.status != 200:
            raise of_status(
                answer.status,
                text,
                answer.headers,
                model=self.name,
                key=keys.how_to_set(self.host.key) + "." if self.host.key else "It needs one: set `key`.",
                known=f"List the models with: syngen models list; the address used is {self._url}",
            )
        try:
            return self._read(json.loads(text), answer.headers, request)
        except (ValueError, KeyError, TypeError, AttributeError):
            said = message_in(text)
            odd = ModelRefused(
                f"{self._url} does not answer as the OpenAI chat API does: {said[:100]}",
                "Check the address; it usually ends with /v1.",
            )
            raise Fault(
                "passing" if '"choices"' in text else "refused", "bad_body", said, error=odd
            ) from None

    def _body_of(self, request: Request, choices: int, terms: Terms) -> dict[str, Any]:
        sampling = request.sampling
        settings: dict[str, Any] = {
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "min_p": sampling.min_p,
            "repetition_penalty": sampling.repetition_penalty,
            "seed": sampling.seed % 2**31,
            "stop": list(sampling.stop),
            "n": choices,
        }
        off = {"top_p": 1.0, "min_p": 0.0, "repetition_penalty": 1.0, "stop": [], "n": 1}
        body: dict[str, Any] = {"model": self._called, "messages": request.prompt.messages}
        body |= {
            name: value
            for name, value in settings.items()
            if name not in terms.left_out and value != off.get(name)
        }
        limit = "max_completion_tokens" if _LIMIT in terms.left_out else _LIMIT
        body[limit] = sampling.max_tokens + terms.thinking_room
        if request.schema is not None and terms.form == 0:
            strict = {"name": "reply", "strict": True, "schema": request.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": strict}
        elif request.schema is not None and terms.form == 1:
            body["response_format"] = {"type": "json_object"}
        return {**body, **self.host.body}

    def _read(self, value: Any, headers: Mapping[str, str], request: Request) -> Reply:
        """Read a JSON body; a body in another form raises one of Python's own errors."""
        choices, usage = value["choices"], value.get("usage") or {}
        messages = [choice["message"] or {} for choice in choices]
        texts = [_text_of(message.get("content") or message.get("refusal")) for message in messages]
        thoughts = sum(
            len(_text_of(message.get("reasoning_content") or message.get("reasoning")))
            for message in messages
        )
        # Where nothing is counted, four characters are about a token: limits and costs must not stand still.
        read = usage.get("prompt_tokens")
        if read is None:
            read = 1 + len(request.prompt.system + request.prompt.user) // 4
        written = usage.get("completion_tokens")
        if written is None:
            written = len(choices) + (sum(map(len, texts)) + thoughts) // 4
        whole = max(written, (usage.get("total_tokens") or 0) - read)  # some leave thoughts out of `written`
        counted = (usage.get("completion_tokens_details") or {}).get("reasoning_tokens")
        return reply_of(
            texts,
            [choice.get("finish_reason") == "length" for choice in choices],
            read,
            whole,
            thoughts=thoughts,
            thinking=min(counted or whole - written, whole),
            cached_tokens=(usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0,
            allowance=allowance_in(headers),
        )


def open_model(name: str, options: ModelOptions) -> RemoteModel:
    """Open `openai/NAME`: at OpenAI, or with `base_url` on any server.

    Raises:
        ConfigError: The key or the address is missing or wrong.
    """
    url = options.base_url or os.environ.get("OPENAI_BASE_URL")
    if url is None or not name:
        return open_server("openai", name, options)
    host = Host(base_url=address(url), key="SYNGEN_API_KEY")
    key = keys.find_key("SYNGEN_API_KEY", "OPENAI_API_KEY")
    return _opened(f"openai/{name}", host, key, prices_of(f"openai/{name}", options.connections), options)


def open_server(provider: str, name: str, options: ModelOptions) -> RemoteModel:
    """Open a model of a provider in `HOSTS`, or of an endpoint named in `syngen.toml`.

    Raises:
        ConfigError: Its key or a variable in its headers is not set.
    """
    if not name:
        raise ModelNotFound(f"'{provider}/' names no model.", f"Write it as {provider}/NAME.")
    model, known = f"{provider}/{name}", HOSTS.get(provider)
    host = known or connections(options.connections).endpoints[provider]
    prices = prices_of(model, options.connections, in_table=known is not None and known.key is not None)
    if known and not known.key and options.base_url is None:
        prices = prices or FREE
    if known and options.base_url:
        host = known.model_copy(update={"base_url": address(options.base_url)})
    key = keys.require_key(provider if known else f"The endpoint {provider}", host.key) if host.key else None
    return _opened(model, host, key, prices, options)


def _text_of(content: Any) -> str:
    """Return the text of a message, given as a string or as a list of parts."""
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        return "".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""


def _proxy_for(url: str) -> str | None:
    """Return the proxy that the environment sets for an address."""
    parts = urlsplit(url)
    if urllib.request.proxy_bypass(parts.hostname or ""):
        return None
    return urllib.request.getproxies().get(parts.scheme)


def _opened(
    model: str, host: Host, key: str | None, prices: Mapping[str, Any], options: ModelOptions
) -> RemoteModel:
    concurrency = options.concurrency or host.concurrency or CONCURRENCY
    capabilities = Capabilities(schema=True, seeds=True, concurrency=concurrency, **prices)
    return RemoteModel(
        OpenAIEndpoint(model, host, key, capabilities),
        timeout=options.timeout or host.timeout or TIMEOUT,
        retry_timeout=options.retry_timeout,
        per_minute=host.per_minute,
    )
