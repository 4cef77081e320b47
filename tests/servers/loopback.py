"""A server on 127.0.0.1 that plays a provider: an ASGI app goes in, its address comes out.

What the servers here have in common is here too: reading and sending JSON, troubles to order, and something
to say that fits a JSON schema.
"""

from __future__ import annotations

import asyncio
import json
import random
import socket
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import uvicorn

from writing import sentence

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

Reply = Callable[[str, Mapping[str, Any] | None, int, int], str]
"""Prompt, JSON schema, seed and most tokens go in; what the model says comes out."""


@contextmanager
def serve(app: App) -> Iterator[str]:
    """Serve an app; its address, without a slash at the end."""
    # Bound and listening before the server's thread is: a call that comes early waits in the queue.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            app,
            log_level="critical",
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=1,
            access_log=False,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)


class Trouble(NamedTuple):
    """An answer that is none."""

    status: int
    body: Any
    headers: Mapping[str, str] = {}


@dataclass
class Troubles:
    """What goes wrong with calls to a model.

    Attributes:
        queue: What the next calls get.
        rate: How many of the others get one of `often`.
        delay: Seconds before any answer.
    """

    queue: deque[Trouble] = field(default_factory=deque)
    rate: float = 0.0
    often: tuple[Trouble, ...] = ()
    delay: float = 0.0
    chance: random.Random = field(default_factory=lambda: random.Random(0))

    async def next(self) -> Trouble | None:
        """What goes wrong with this call; None when nothing does."""
        if self.delay:
            await asyncio.sleep(self.delay)
        if self.queue:
            return self.queue.popleft()
        if self.often and self.chance.random() < self.rate:
            return self.chance.choice(self.often)
        return None


async def body_of(receive: Receive) -> Any:
    """The JSON of a request; an empty object when there is none."""
    data = b""
    while True:
        message = await receive()
        data += message.get("body", b"")
        if not message.get("more_body"):
            return json.loads(data or b"{}")


def headers_of(scope: Message) -> dict[str, str]:
    """The headers of a request, names in lower case."""
    return {name.decode().lower(): value.decode() for name, value in scope["headers"]}


async def answer(send: Send, body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
    """Send one answer: a text as it is, anything else as JSON."""
    kind = "text/plain; charset=utf-8" if isinstance(body, str) else "application/json"
    data = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    await _start(send, status, {"content-type": kind, **(headers or {})})
    await send({"type": "http.response.body", "body": data.encode()})


async def answer_in_lines(send: Send, lines: Iterator[str], kind: str) -> None:
    """Send an answer bit by bit."""
    await _start(send, 200, {"content-type": kind})
    for line in lines:
        await send({"type": "http.response.body", "body": line.encode(), "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _start(send: Send, status: int, headers: Mapping[str, str]) -> None:
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})


def say(prompt: str, schema: Mapping[str, Any] | None, seed: int, most: int) -> str:
    """Words without meaning that fit the schema, others for each seed."""
    chance = random.Random(seed)
    return sentence(chance, 12) if schema is None else json.dumps(_fill(schema, chance))


def _fill(schema: Mapping[str, Any], chance: random.Random) -> Any:
    """A value that fits a schema."""
    if "enum" in schema:
        return chance.choice(schema["enum"])
    kind = schema.get("type", "string")
    match kind if isinstance(kind, str) else kind[0]:
        case "object":
            return {name: _fill(inner, chance) for name, inner in schema.get("properties", {}).items()}
        case "array":
            inner = schema.get("prefixItems") or [schema["items"]] * schema.get("minItems", 1)
            return [_fill(item, chance) for item in inner]
        case "integer":
            return chance.randint(0, 99)
        case "number":
            return round(chance.uniform(0, 99), 2)
        case "boolean":
            return chance.random() < 0.5
        case "null":
            return None
    return sentence(chance, 12)


class Said(NamedTuple):
    """What a model said, within its limits."""

    text: str
    tokens: int
    cut: bool
    stopped: bool


def within(text: str, most: int | None, stop: list[str]) -> Said:
    """A text up to a stop sequence and at most so many tokens, which here are words."""
    found = [at for sequence in stop if (at := text.find(sequence)) >= 0]
    if found:
        text = text[: min(found)]
    words = text.split(" ")
    cut = most is not None and 0 <= most < len(words)
    if cut:
        words = words[:most]
    return Said(" ".join(words), len(words), cut, bool(found) and not cut)
