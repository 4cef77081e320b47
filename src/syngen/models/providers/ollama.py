"""Models of an Ollama server, through its official client, which is also asked to list and to fetch them.

A chat prompt is sent to `/api/chat`, text to be continued to `/api/generate` without a template. Each call asks for a
context length that holds prompt and reply: otherwise the server cuts prompts without saying so. Addresses
are written as `OLLAMA_HOST` is.
"""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pydantic

from syngen.errors import (
    ConfigError,
    ModelError,
    ModelFailed,
    ModelNotFound,
    ModelRefused,
    ModelUnreachable,
)
from syngen.models import ModelOptions, keys
from syngen.models.endpoints import FREE, address, prices_of
from syngen.models.faults import Fault, of_status
from syngen.models.protocol import Reply, Terms
from syngen.models.providers.thinking import reply_of
from syngen.models.remote import RemoteModel
from syngen.types import Capabilities, Request

if TYPE_CHECKING:
    import ollama


CONCURRENCY = 4  # calls that a server answers at once, unless OLLAMA_NUM_PARALLEL says otherwise
TIMEOUT = 600.0  # seconds; the first call waits for the model to be loaded
OPENING = 10.0  # seconds a server may take to describe a model
KEY = "OLLAMA_API_KEY"
KEEP_ALIVE = "10m"  # the model stays loaded between calls that far apart
SMALLEST = 4_096  # tokens of context
HEADROOM = 1.25  # another context size means loading the model anew, so leave room for longer prompts
BYTES_PER_TOKEN = 3  # of UTF-8, digits apart: fewer than any text has but the oddest

Observer = Callable[[str, int, int], None]
"""Called with what a pull is doing, the bytes fetched and the bytes in all; 0 where that is not known."""

_ADDRESS = "http://127.0.0.1:11434"
_OPTIONAL: Mapping[str, re.Pattern[str]] = {"think": re.compile("think", re.IGNORECASE)}
_DIGIT = re.compile("[0-9]")
_STUB = 1_000_000  # bytes: a model of which less is here runs on somebody else's machine
_BARE = re.compile(r"\s*\{\{-?\s*\.Prompt\s*-?\}\}\s*")
_NO_MEMORY = re.compile(r"requires more system memory|out of memory|cudaMalloc failed", re.IGNORECASE)


@dataclass(eq=False)
class OllamaEndpoint:
    """One model of one server."""

    name: str  # full model id
    url: str  # the server's address
    shown: ollama.ShowResponse = field(repr=False)  # what the server says of the model
    capabilities: Capabilities
    terms: Terms = field(default_factory=Terms)
    _client: ollama.AsyncClient = field(init=False, repr=False)

    many = False
    refusals = frozenset((400, 500, 501))
    optional = _OPTIONAL
    form_words = re.compile(r"format|schema|grammar", re.IGNORECASE)

    def __post_init__(self) -> None:
        self._called = self.name.partition("/")[2]  # what the server calls it
        self._longest = _context_length(self.shown)
        self._context = 0  # tokens; it only ever grows
        self._thinks = "thinking" in (self.shown.capabilities or ())  # and is asked not to

    async def open(self) -> None:
        """Create the client."""
        import httpx
        import ollama

        limits = httpx.Limits(max_connections=None)
        self._client = ollama.AsyncClient(self.url, headers=_headers(), limits=limits)

    async def close(self) -> None:
        """Close the client's connections."""
        await self._client.close()  # type: ignore[no-untyped-call]  # the client leaves it untyped

    async def call(self, request: Request, _choices: int, terms: Terms, /) -> Reply:
        """Make one call.

        Raises:
            Fault: There is no reply.
        """
        import httpx
        import ollama

        try:
            return await self._ask(request, terms)
        except ollama.ResponseError as error:
            raise self._fault(error.status_code, str(error.error)) from error
        except ConnectionError as error:  # what the client makes of a connection that is refused
            away = _away(self.url)
            raise Fault("gone", "connection", away.message, error=away) from error
        except httpx.HTTPError as error:
            raise Fault("passing", "connection", str(error) or type(error).__name__) from error
        except ValueError as error:  # no JSON, or other JSON than Ollama's
            odd = ModelRefused(f"What answers for {self.name} is not Ollama.", "Check the address.")
            raise Fault("refused", "bad_body", str(error)[:200], error=odd) from error

    async def _ask(self, request: Request, terms: Terms) -> Reply:
        messages = request.prompt.messages
        texts = [message["content"] for message in messages]
        common = self._common(request, terms, "".join(texts))
        if request.prompt.kind == "completion":
            written = await self._client.generate(prompt=texts[-1], raw=True, **common)
            return self._read(written.response or "", written.thinking or "", written)
        if self.capabilities.prompt_kind == "completion":
            # A template of the prompt alone has no place for a system message.
            messages = [{"role": "user", "content": "\n\n".join(texts)}]
        think = False if self._thinks and "think" not in terms.left_out else None
        answer = await self._client.chat(messages=messages, think=think, **common)
        return self._read(answer.message.content or "", answer.message.thinking or "", answer)

    def _common(self, request: Request, terms: Terms, text: str) -> dict[str, Any]:
        sampling = request.sampling
        most = sampling.max_tokens + terms.thinking_room
        options: dict[str, Any] = {
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "min_p": sampling.min_p,
            "repeat_penalty": sampling.repetition_penalty,
            "seed": sampling.seed % 2**31,
            "num_predict": most,
            "num_ctx": self._room_for(text, most),
        }
        if sampling.stop:
            options["stop"] = list(sampling.stop)
        return {
            "model": self._called,
            "format": None if request.schema is None else (dict(request.schema), "json", None)[terms.form],
            "options": options,
            "keep_alive": KEEP_ALIVE,
            "stream": False,
        }

    def _room_for(self, text: str, most: int) -> int:
        """Return the context length to ask for, from a conservative estimate of the prompt's tokens.

        Raises:
            Fault: The model has no room for prompt and reply.
        """
        digits = len(_DIGIT.findall(text))  # a token each, with many models
        need = digits + (len(text.encode()) - digits) // BYTES_PER_TOKEN + 64 + most  # 64: the template's own
        if need > self._longest:
            said = f"about {need:,} tokens are too many for its context window of {self._longest:,}"
            raise of_status(400, said, {}, model=self.name)
        if need > self._context:
            size = SMALLEST
            while size < need * HEADROOM:
                size *= 2
            self._context = min(size, self._longest)
        return self._context

    def _fault(self, status: int, said: str) -> Fault:
        if _NO_MEMORY.search(said):
            error = ModelRefused(
                f"{self.name} does not fit into the memory there: {keys.scrub(said)}.",
                "Take a smaller model or a smaller quantisation of it; see: syngen models list",
            )
            return Fault("fatal", str(status), said, error=error)
        return of_status(
            status if status > 0 else 500,  # it came inside a stream
            said,
            {},
            model=self.name,
            key=keys.how_to_set(KEY) + ".",
            known=f"Pull it again with: syngen models pull {self.name}",
        )

    def _read(self, text: str, thoughts: str, answer: ollama.ChatResponse | ollama.GenerateResponse) -> Reply:
        return reply_of(
            [text],
            [answer.done_reason == "length"],
            answer.prompt_eval_count,  # None where the server found the prompt in its cache
            answer.eval_count,
            thoughts=len(thoughts),
        )


def open_model(name: str, options: ModelOptions) -> RemoteModel:
    """Open `ollama/NAME` on the server at `base_url`, `OLLAMA_HOST` or on this machine.

    Raises:
        ModelUnreachable: No server answers.
        ModelNotFound: It does not have the model, or the model writes no text.
        ModelRefused: It needs a key.
        ConfigError: The address is none.
    """
    import ollama

    model, url = f"ollama/{name}", url_of(options.base_url)
    if not name:
        raise ModelNotFound("'ollama/' names no model.", "See what is there with: syngen models list")
    with _connected(url, model, OPENING) as client:
        try:
            shown = client.show(name)
        except ollama.ResponseError as error:
            if error.status_code != 404:
                raise
            names = [one.model or "" for one in client.list().models]
            close = difflib.get_close_matches(name, names, n=3, cutoff=0.4) or names[:5]
            others = f"; there are: {', '.join(close)}" if close else ""
            raise ModelNotFound(
                f"The Ollama server has no model '{name}'{others}.",
                f"Pull it with: syngen models pull ollama/{name}",
            ) from error
        here = next((one for one in client.list().models if one.model in (name, f"{name}:latest")), None)
    if shown.capabilities and "completion" not in shown.capabilities:
        raise ModelNotFound(
            f"{model} writes no text; it is for: {', '.join(shown.capabilities)}.", "Name another model."
        )
    own = prices_of(model, options.connections)
    elsewhere = (
        name.endswith(("-cloud", ":cloud"))
        or "ollama.com" in url
        or (here is not None and (here.size or 0) < _STUB)
    )
    capabilities = Capabilities(
        prompt_kind="completion" if _is_base(shown) else "chat",
        schema=True,
        seeds=True,
        concurrency=options.concurrency or CONCURRENCY,
        **(own if own or elsewhere else FREE),
        weights=f"sha256:{here.digest}" if here is not None and here.digest else "",
    )
    return RemoteModel(
        OllamaEndpoint(model, url, shown, capabilities),
        timeout=options.timeout or TIMEOUT,
        retry_timeout=options.retry_timeout,
    )


def models_here(timeout: float = 2.0) -> Sequence[ollama.ListResponse.Model]:
    """Return the models of the server at `OLLAMA_HOST` or on this machine.

    Raises:
        ModelUnreachable: No server answers.
        ModelError: It answers with an error.
    """
    with _connected(url_of(None), "ollama", timeout) as client:
        return client.list().models


def pull(name: str, observe: Observer) -> None:
    """Make the server at `OLLAMA_HOST` or on this machine fetch a model.

    Raises:
        ModelUnreachable: No server answers.
        ModelNotFound: There is no such model to fetch.
        ModelError: Fetching it failed.
    """
    import ollama

    model, last = f"ollama/{name}", ""
    with _connected(url_of(None), model, None) as client:
        try:
            for part in client.pull(name, stream=True):
                last = part.status or ""
                observe(last, part.completed or 0, part.total or 0)
        except ollama.ResponseError as error:
            if error.status_code == 404 or "file does not exist" in error.error:
                raise ModelNotFound(
                    f"There is no model '{name}' to pull: {keys.scrub(error.error)}.",
                    "Names are at https://ollama.com/library; a size goes after a colon, as in qwen3:0.6b",
                ) from error
            if error.status_code > 0:
                raise
            last = keys.scrub(error.error)  # it came inside the stream
    if last != "success":
        raise ModelFailed(f"Pulling {model} failed: {last}.", f"Continue with: syngen models pull {model}")


def url_of(base_url: str | None) -> str:
    """Return the server's address as the user wrote it."""
    if base_url is None:
        return os.environ.get("OLLAMA_HOST", "").strip() or _ADDRESS
    return address(base_url)


def _headers() -> dict[str, str]:
    """Return the header with the key, if one is set; the client itself looks only into the environment."""
    key = keys.find_key(KEY)
    return {"Authorization": f"Bearer {key}"} if key else {}


@contextmanager
def _connected(url: str, model: str, timeout: float | None) -> Iterator[ollama.Client]:
    """Open the client of a server for calls outside a run, and translate the errors of these."""
    import httpx
    import ollama

    try:
        client = ollama.Client(url, headers=_headers(), timeout=timeout)
    except (ValueError, httpx.InvalidURL) as error:
        raise ConfigError(
            f"The address '{_shown(url)}' can't be used: {error}.", "Fix OLLAMA_HOST or --base-url."
        ) from error
    another = ModelUnreachable(f"What answers at {_shown(url)} is no Ollama server.", "Check the address.")
    try:
        with client:
            yield client
    except ollama.ResponseError as error:
        if error.status_code == 404:  # the paths themselves are unknown to it
            raise another from error
        fault = of_status(error.status_code, error.error, {}, model=model, key=keys.how_to_set(KEY) + ".")
        raise fault.error or ModelError(f"{model}: {fault}.") from error
    except (ConnectionError, httpx.HTTPError) as error:
        raise _away(url) from error
    except (json.JSONDecodeError, pydantic.ValidationError) as error:
        raise another from error


def _away(url: str) -> ModelUnreachable:
    return ModelUnreachable(f"No Ollama server answers at {_shown(url)}.", "Start it with: ollama serve")


def _shown(url: str) -> str:
    """Return an address without user and password."""
    return keys.scrub(url.rpartition("@")[2])


def _is_base(shown: ollama.ShowResponse) -> bool:
    """Whether the model is a base model: its template is only the prompt, and nothing else renders chats."""
    chats = {"tools", "thinking"} & set(shown.capabilities or ())
    rendered = re.search(r"^RENDERER\s", shown.modelfile or "", re.MULTILINE)
    return bool(_BARE.fullmatch(shown.template or "")) and not chats and not rendered


def _context_length(shown: ollama.ShowResponse) -> int:
    """Return the model's context length in tokens; where it is not stated, a very large number."""
    info: Mapping[str, Any] = shown.modelinfo or {}
    length = info.get(f"{info.get('general.architecture')}.context_length")
    return int(length) if length else 2**20
