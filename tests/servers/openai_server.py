"""A server that answers as the OpenAI chat API does; what a model says is up to a function.

Shapes after https://platform.openai.com/docs/api-reference/chat, .../guides/error-codes and
.../guides/rate-limits; `reasoning_content` as DeepSeek, vLLM and llama.cpp send it. Written from memory of these
pages in November 2026, and checked against the package `openai` in `test_openai_compatible.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
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
    body_of,
    headers_of,
    say,
    within,
)


def refusal(
    status: int, message: str, code: str | None = None, headers: Mapping[str, str] | None = None
) -> Trouble:
    """An error body."""
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return Trouble(status, {"error": error}, headers or {})


BROKEN = refusal(500, "The server had an error while processing your request. Sorry about that!")
BUSY = refusal(
    503, "The engine is currently overloaded, please try again later", headers={"retry-after": "0"}
)
FULL = refusal(429, "Rate limit reached for requests", "rate_limit_exceeded", {"retry-after": "0"})
SPENT = refusal(429, "You exceeded your current quota, please check your plan", "insufficient_quota")


@dataclass
class OpenAIServer:
    """The app.

    Attributes:
        models: Names of the models.
        key: The key that calls need; empty for none.
        reply: What models say.
        thoughts: What they think before.
        tags: Leave the thoughts in the text between <think> tags rather than in a field of their own.
        troubles: What goes wrong with calls.
        formats: What `response_format` may be: "json_schema", "json_object" or "none".
        refuses: Settings it does not take, as some servers refuse what they don't know.
        context: Tokens, here words, that prompt and reply may have together.
        most: Most calls at once; more are sent back with 429.
        most_choices: Replies it gives at most to one call, whatever `n` says.
        headers_sent: Headers of every reply.
        calls: The bodies of all calls, in order; `headers`: their headers.
    """

    models: tuple[str, ...] = ("gpt-4o-mini",)
    key: str = ""
    reply: Reply = say
    thoughts: str = ""
    tags: bool = False
    troubles: Troubles = field(default_factory=Troubles)
    formats: str = "json_schema"
    refuses: tuple[str, ...] = ()
    context: int = 8_192
    most: int = 10_000
    most_choices: int = 128
    headers_sent: Mapping[str, str] = field(default_factory=dict)
    calls: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    at_once: int = 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        body, headers = await body_of(receive), headers_of(scope)
        if self.key and headers.get("authorization") != f"Bearer {self.key}":
            wrong = refusal(
                401, f"Incorrect API key provided: {headers.get('authorization')}.", "invalid_api_key"
            )
            await answer(send, wrong.body, wrong.status)
            return
        match scope["method"], scope["path"]:
            case "GET", "/v1/models":
                models = [{"id": m, "object": "model", "created": 0, "owned_by": "me"} for m in self.models]
                await answer(send, {"object": "list", "data": models})
            case "POST", "/v1/chat/completions":
                self.calls.append(body)
                self.headers.append(headers)
                self.at_once += 1
                try:
                    trouble = await self._chat(body, send)
                finally:
                    self.at_once -= 1
                if trouble is not None:
                    await answer(send, trouble.body, trouble.status, {**self.headers_sent, **trouble.headers})
            case _:
                await answer(send, {"detail": "Not Found"}, 404)

    async def _chat(self, body: Mapping[str, Any], send: Send) -> Trouble | None:
        """A chat completion, or why there is none."""
        if self.at_once > self.most:
            return FULL
        if (trouble := self._refusal(body)) is not None:
            return trouble
        if (trouble := await self.troubles.next()) is not None:
            return trouble
        prompt = "\n".join(message["content"] for message in body["messages"])
        most = body.get("max_completion_tokens", body.get("max_tokens"))
        form = body.get("response_format") or {"type": "text"}
        schema = {
            "json_schema": form.get("json_schema", {}).get("schema"),
            "json_object": {"type": "object"},
        }.get(form["type"])
        spent = len(self.thoughts.split())
        choices, written = [], 0
        for index in range(min(body.get("n", 1), self.most_choices)):
            seed = body.get("seed", 0) + 1_000_003 * index
            text = await asyncio.to_thread(self.reply, prompt, schema, seed, most or -1)
            said = within(text, None if most is None else max(0, most - spent), body.get("stop") or [])
            written += said.tokens + spent
            message: dict[str, Any] = {"role": "assistant", "content": said.text, "refusal": None}
            if self.thoughts and self.tags:
                message["content"] = f"<think>\n{self.thoughts}\n</think>\n\n{said.text}"
            elif self.thoughts:
                message["reasoning_content"] = self.thoughts
            finish = "length" if said.cut else "stop"
            choices.append({"index": index, "message": message, "logprobs": None, "finish_reason": finish})
        read = len(prompt.split())
        usage: dict[str, Any] = {
            "prompt_tokens": read,
            "completion_tokens": written,
            "total_tokens": read + written,
            "prompt_tokens_details": {"cached_tokens": read // 2, "audio_tokens": 0},
        }
        if self.thoughts and not self.tags:
            usage["completion_tokens_details"] = {"reasoning_tokens": spent * len(choices)}
        reply = {
            "id": f"chatcmpl-{len(self.calls)}",
            "object": "chat.completion",
            "created": 1_764_000_000,
            "model": body["model"],
            "choices": choices,
            "usage": usage,
        }
        await answer(send, reply, headers=self.headers_sent)
        return None

    def _refusal(self, body: Mapping[str, Any]) -> Trouble | None:
        """Why this request is not taken; None when it is."""
        if body["model"] not in self.models:
            return refusal(404, f"The model `{body['model']}` does not exist", "model_not_found")
        for name in self.refuses:
            if name in body:
                return refusal(400, f"Unsupported parameter: '{name}' is not supported with this model.")
        form = body.get("response_format", {}).get("type", "text")
        order = ("json_schema", "json_object", "text")
        allowed = self.formats if self.formats in order else "text"
        if order.index(form) < order.index(allowed):
            return refusal(400, f"Invalid value: '{form}' for 'response_format.type'.")
        words = sum(len(message["content"].split()) for message in body["messages"])
        if words > self.context:
            return refusal(
                400,
                f"This model's maximum context length is {self.context} tokens. However, your messages "
                f"resulted in {words} tokens.",
                "context_length_exceeded",
            )
        return None
