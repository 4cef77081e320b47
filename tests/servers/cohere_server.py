"""A server that answers as Cohere's API does; what a model says is up to a function.

Shapes after https://docs.cohere.com/v2/reference/chat, https://docs.cohere.com/reference/list-models and
https://docs.cohere.com/reference/errors; the wording of refusals and the headers of trial keys as users have
published them. Looked up in November 2026.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from servers.loopback import (
    Message,
    Receive,
    Reply,
    Send,
    Trouble,
    Troubles,
    answer,
    answer_in_lines,
    body_of,
    headers_of,
    say,
    within,
)

_ID = "876f85c1-37ea-4bb5-9dbc-f644fabf74d1"
_MORE = (
    " You can continue to use the Trial key for free or upgrade to a Production key with higher rate limits at "
    "'https://dashboard.cohere.com/api-keys'. Contact us on 'https://discord.gg/XW44jPfYJu' or email us at "
    "support@cohere.com with any questions"
)


def refusal(status: int, message: str) -> Trouble:
    """An error body."""
    return Trouble(status, {"id": _ID, "message": message})


# These two come without the headers that all other answers to a trial key have.
MINUTE = refusal(429, f"You are using a Trial key, which is limited to 20 API calls / minute.{_MORE}")
MONTH = refusal(429, f"You are using a Trial key, which is limited to 1000 API calls / month.{_MORE}")
BUSY = refusal(503, "service unavailable, please try again later")
BROKEN = refusal(500, "internal server error")

_SAID = {401: "invalid api token", 429: "too many requests"}
_UNSUPPORTED = ("anyOf", "allOf", "oneOf", "not", "minimum", "maximum", "minItems", "maxItems", "prefixItems")
_UNSUPPORTED += ("minLength", "maxLength", "uniqueItems", "additionalProperties")


@dataclass
class CohereServer:
    """The app.

    Attributes:
        models: Names of the chat models.
        retired: Those that were, with the day they went.
        key: The key that calls need.
        trial: Calls a minute that the key allows; None for a production key.
        left: Calls left of these; the window never moves.
        reply: What models say.
        thoughts: What they think before, unless asked not to.
        troubles: What goes wrong with `/v2/chat`.
        formats: What `response_format` may be: "schema", "json_object" or "none".
        billed: Part of the prompt's tokens that are billed: Cohere's own preamble is not.
        context: Tokens, here words, that a prompt may have.
        calls: The bodies of all calls to a model, in order; `headers`: their headers.
    """

    models: tuple[str, ...] = ("command-a-plus-05-2026", "command-a-03-2025", "command-r7b-12-2024")
    retired: Mapping[str, str] = field(default_factory=lambda: {"command-nightly": "September 15, 2025"})
    key: str = "co-test-key-0123456789"
    trial: int | None = None
    left: int = 0
    reply: Reply = say
    thoughts: str = ""
    troubles: Troubles = field(default_factory=Troubles)
    formats: str = "schema"
    knows_thinking: bool = True
    billed: float = 1.0
    context: int = 128_000
    calls: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.left = self.trial or 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        body, headers = await body_of(receive), headers_of(scope)
        trouble: Trouble | None = None
        match scope["method"], scope["path"]:
            case _, ("/v2/chat" | "/v1/models") if headers.get("authorization") != f"Bearer {self.key}":
                trouble = refusal(401, "invalid api token")
            case "GET", "/v1/models":
                await answer(send, {"models": [self._model(name) for name in self.models]})
            case "POST", "/v2/chat":
                self.calls.append(body)
                self.headers.append(headers)
                trouble = await self._chat(body, send)
            case _:
                trouble = Trouble(404, "404 page not found")
        if trouble is not None:
            told = {} if trouble.status in (401, 429) else self._limits()
            await answer(send, trouble.body, trouble.status, {**told, **trouble.headers})

    def fail(self, status: int, times: int) -> None:
        """Answer the next calls with this status."""
        said = {500: BROKEN, 503: BUSY}.get(status) or refusal(status, _SAID.get(status, "error"))
        self.troubles.queue.extend([said] * times)

    def wait(self, seconds: float) -> None:
        """Take so long over every call."""
        self.troubles.delay = seconds

    def _limits(self) -> dict[str, str]:
        if self.trial is None:
            return {}
        return {
            "x-endpoint-monthly-call-limit": "1000",
            "x-trial-endpoint-call-limit": str(self.trial),
            "x-trial-endpoint-call-remaining": str(self.left),
        }

    def _model(self, name: str) -> dict[str, Any]:
        """One of `/v1/models`."""
        return {
            "name": name,
            "is_deprecated": False,
            "endpoints": ["chat"],
            "finetuned": False,
            "context_length": 256_000,
            "tokenizer_url": "",
            "default_endpoints": [],
            "features": ["json_mode", "json_schema", "safety_modes", "strict_tools", "tools"],
        }

    async def _chat(self, body: Mapping[str, Any], send: Send) -> Trouble | None:
        """`/v2/chat`: answer, or say why not."""
        if (trouble := self._refusal(body)) is not None:
            return trouble
        if (trouble := await self.troubles.next()) is not None:
            return trouble
        if self.trial is not None:
            if self.left == 0:
                return refusal(429, MINUTE.body["message"].replace("20", str(self.trial), 1))
            self.left -= 1
        prompt = "\n".join(message["content"] for message in body["messages"])
        form, most = body.get("response_format") or {}, body.get("max_tokens")
        schema = form.get("schema", {"type": "object"}) if form.get("type") == "json_object" else None
        text = await asyncio.to_thread(self.reply, prompt, schema, body.get("seed", 0), most or -1)
        off = (body.get("thinking") or {}).get("type") == "disabled"
        thoughts = "" if off else self.thoughts
        spent = len(thoughts.split())
        said = within(text, None if most is None else max(0, most - spent), body.get("stop_sequences") or [])
        finish = "MAX_TOKENS" if said.cut else "STOP_SEQUENCE" if said.stopped else "COMPLETE"
        read = len(prompt.split())
        usage = {
            "billed_units": {"input_tokens": int(read * self.billed), "output_tokens": said.tokens + spent},
            "tokens": {"input_tokens": read, "output_tokens": said.tokens + spent},
            "cached_tokens": 0,
        }
        content = [{"type": "thinking", "thinking": thoughts}] if thoughts else []
        content.append({"type": "text", "text": said.text})
        if body.get("stream"):
            await answer_in_lines(send, self._events(content, finish, usage), "text/event-stream")
            return None
        reply = {
            "id": _ID,
            "message": {"role": "assistant", "content": content},
            "finish_reason": finish,
            "usage": usage,
        }
        await answer(send, reply, headers=self._limits())
        return None

    def _refusal(self, body: Mapping[str, Any]) -> Trouble | None:
        """Why this request is not taken; None when it is."""
        name = body.get("model", "")
        if day := self.retired.get(name):
            see = "See https://docs.cohere.com/docs/models#command for a list of models you can use instead."
            return refusal(404, f"model '{name}' was removed on {day}. {see}")
        if name not in self.models:
            there = "make sure the correct model ID was used and that you have access to the model."
            return refusal(404, f"model '{name}' not found, {there}")
        form = body.get("response_format") or {}
        if form and self.formats == "none":
            return refusal(400, f"invalid request: response_format is not supported with model '{name}'")
        if "schema" in form:
            text = json.dumps(form["schema"])
            if self.formats != "schema":
                return refusal(
                    400, "invalid request: response_format.schema is not supported with this model"
                )
            for word in _UNSUPPORTED:
                if f'"{word}":' in text:
                    return refusal(400, f"invalid request: invalid JSON schema: '{word}' is not supported")
        words = sum(len(message["content"].split()) for message in body["messages"])
        if words > self.context:
            over = f"size limit exceeded by {words - self.context} tokens. Try using shorter or fewer inputs."
            limit = f"The limit for this model is {self.context} tokens."
            return refusal(400, f"too many tokens: {over} {limit}")
        if "thinking" in body and not self.knows_thinking:
            return refusal(400, f"invalid request: thinking is not supported with model '{name}'")
        if not 0.01 <= body.get("p", 0.75) <= 0.99:
            return refusal(400, "invalid request: p must be between 0.01 and 0.99 inclusive.")
        if len(body.get("stop_sequences") or []) > 5:
            return refusal(400, "invalid request: too many stop sequences, at most 5 are allowed")
        return None

    def _events(self, content: list[dict[str, Any]], finish: str, usage: dict[str, Any]) -> Iterator[str]:
        """The server-sent events of a streamed reply."""
        events: list[dict[str, Any]] = [
            {"type": "message-start", "id": _ID, "delta": {"message": {"role": "assistant", "content": []}}}
        ]
        for i, block in enumerate(content):
            kind = block["type"]
            start = {"type": kind, kind: ""}
            events.append({"type": "content-start", "index": i, "delta": {"message": {"content": start}}})
            for j, word in enumerate(block[kind].split(" ")):
                delta = {"message": {"content": {kind: " " * (j > 0) + word}}}
                events.append({"type": "content-delta", "index": i, "delta": delta})
            events.append({"type": "content-end", "index": i})
        events.append({"type": "message-end", "delta": {"finish_reason": finish, "usage": usage}})
        for event in events:
            yield f"event: {event['type']}\ndata: {json.dumps(event)}\n\n"
