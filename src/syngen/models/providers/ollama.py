"""Models of an Ollama server, through its official client.

A chat prompt is sent to `/api/chat`, text to be continued to `/api/generate` without a template. Each call asks for a
context length that holds prompt and reply: otherwise the server cuts prompts without saying so.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from syngen.errors import ModelNotFound, ModelRefused
from syngen.models import ModelOptions, keys
from syngen.models.endpoints import FREE, charge, connections
from syngen.models.faults import Fault, of_status
from syngen.models.protocol import Reply, Terms
from syngen.models.providers.ollama_server import (
    KEY,
    address_of,
    address_read,
    away,
    connected,
    headers,
)
from syngen.models.providers.thinking import tokens_of, without_thoughts
from syngen.models.remote import RemoteModel
from syngen.types import Capabilities, Request

if TYPE_CHECKING:
    import ollama


CONCURRENCY = 4  # a server answers so few at once, unless OLLAMA_NUM_PARALLEL says otherwise
TIMEOUT = 600.0  # seconds; the first call waits for the model to be loaded
OPENING = 10.0  # seconds a server may take to tell about a model
KEEP_ALIVE = "10m"  # the model stays loaded between calls that far apart
SMALLEST = 4_096  # tokens of context
HEADROOM = 1.25  # another context size means loading the model anew, so leave room for longer prompts
BYTES_PER_TOKEN = 3  # of UTF-8, digits apart: fewer than any text has but the oddest

_DIGIT = re.compile("[0-9]")
_STUB = 1_000_000  # bytes: a model of which less is here runs on somebody else's machine
_BARE = re.compile(r"\s*\{\{-?\s*\.Prompt\s*-?\}\}\s*")
_NO_MEMORY = re.compile(r"requires more system memory|out of memory|cudaMalloc failed", re.IGNORECASE)


class OllamaEndpoint:
    """One model of one server.

    Args:
        model: Full model id.
        name: What the server calls it.
        address: Where the server is.
        shown: What the server says of the model.
        capabilities: What it can do.
    """

    many = False
    refusals = frozenset((400, 500, 501))
    optional: Mapping[str, re.Pattern[str]] = {"think": re.compile("think", re.IGNORECASE)}
    form_words = re.compile(r"format|schema|grammar", re.IGNORECASE)

    def __init__(
        self, model: str, name: str, address: str, shown: ollama.ShowResponse, capabilities: Capabilities
    ) -> None:
        self.name = model
        self.capabilities = capabilities
        self._called = name
        self._address = address
        self._longest = _context_length(shown)
        self._context = 0  # tokens; it only ever grows
        self.terms = Terms()
        self._thinks = "thinking" in (shown.capabilities or ())  # and is told not to
        self._client: ollama.AsyncClient | None = None

    async def open(self) -> None:
        """Create the client."""
        import httpx
        import ollama

        with address_read(self._address):
            limits = httpx.Limits(max_connections=None)
            self._client = ollama.AsyncClient(self._address, headers=headers(), limits=limits)

    async def close(self) -> None:
        """Close the client's connections."""
        if self._client is not None:
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
            gone = away(self._address)
            raise Fault("gone", "connection", gone.message, error=gone) from error
        except httpx.HTTPError as error:
            raise Fault("passing", "connection", str(error) or type(error).__name__) from error
        except ValueError as error:  # no JSON, or other JSON than Ollama's
            odd = ModelRefused(f"What answers for {self.name} is not Ollama.", "Check the address.")
            raise Fault("refused", "bad_body", str(error)[:200], error=odd) from error

    async def _ask(self, request: Request, terms: Terms) -> Reply:
        if self._client is None:
            raise RuntimeError("call before open")
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
            status if status > 0 else 500,  # told inside a stream
            said,
            {},
            model=self.name,
            key=keys.how_to_set(KEY) + ".",
            known=f"Pull it again with: syngen models pull {self.name}",
        )

    def _read(self, text: str, thoughts: str, told: ollama.ChatResponse | ollama.GenerateResponse) -> Reply:
        """Read a reply, without the thoughts before it."""
        text, inside = without_thoughts(text)
        count = len(thoughts) + len(inside)
        thinking = tokens_of(count, len(text), told.eval_count)
        return Reply(
            (text,),
            (told.done_reason == "length",),
            told.prompt_eval_count,  # None where the server found the prompt in its cache
            told.eval_count,
            thinking_tokens=thinking,
            thought=bool(count),
        )


def open_model(name: str, options: ModelOptions) -> RemoteModel:
    """Open `ollama/NAME` on the server at `base_url`, `OLLAMA_HOST` or on this machine.

    Raises:
        ModelUnreachable: No server answers.
        ModelNotFound: It does not have the model, or the model writes no text.
        ModelRefused: It wants a key.
        ConfigError: The address is none.
    """
    import ollama

    model, address = f"ollama/{name}", address_of(options.base_url)
    if not name:
        raise ModelNotFound("'ollama/' names no model.", "See what is there with: syngen models list")
    with connected(address, model, OPENING) as client:
        try:
            shown = client.show(name)
        except ollama.ResponseError as error:
            if error.status_code != 404:
                raise
            names = [one.model or "" for one in client.list().models]
            close = difflib.get_close_matches(name, names, n=3, cutoff=0.4) or names[:5]
            there = f"; there are: {', '.join(close)}" if close else ""
            raise ModelNotFound(
                f"The Ollama server has no model '{name}'{there}.",
                f"Pull it with: syngen models pull ollama/{name}",
            ) from error
        here = next((one for one in client.list().models if one.model in (name, f"{name}:latest")), None)
    if shown.capabilities and "completion" not in shown.capabilities:
        raise ModelNotFound(
            f"{model} writes no text; it is for: {', '.join(shown.capabilities)}.", "Name another model."
        )
    own = charge(model, connections(options.connections))
    elsewhere = (
        name.endswith(("-cloud", ":cloud"))
        or "ollama.com" in address
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
        OllamaEndpoint(model, name, address, shown, capabilities),
        timeout=options.timeout or TIMEOUT,
        patience=options.patience,
    )


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
