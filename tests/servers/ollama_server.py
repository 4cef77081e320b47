"""A server that answers as Ollama does; what a model says is up to a function.

Shapes and messages after https://github.com/ollama/ollama/blob/main/docs/api.md and
https://docs.ollama.com/openapi.yaml, errors after its server's source (server/routes.go, server/sched.go),
looked up in November 2026.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from servers.loopback import (
    Message,
    Receive,
    Reply,
    Said,
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
from syngen.models import DEFAULT, open_model
from syngen.models.testing import answers
from syngen.types import Prompt, Request, Sampling

NOW = "2026-11-25T12:00:00.000000Z"
LINES = "application/x-ndjson"
BUSY = Trouble(503, {"error": "server busy, please try again.  maximum pending requests exceeded"})
CRASHED = Trouble(500, {"error": "llama runner process has terminated: exit status 2"})
NO_MEMORY = Trouble(
    500, {"error": "model requires more system memory (44.0 GiB) than is available (7.6 GiB)"}
)
_SAID = {401: "unauthorized", 429: "you've reached your hourly usage limit, please upgrade to continue"}
BARE = "{{ .Prompt }}"
LLAMA = (
    "<|start_header_id|>system<|end_header_id|>\n{{ .System }}{{ range .Messages }}{{ .Content }}{{ end }}"
)


@dataclass(frozen=True)
class Pulled:
    """A model that is there.

    Attributes:
        thoughts: What it thinks before each reply, if it is one that thinks.
        stubborn: It thinks although it was asked not to, as gpt-oss does.
    """

    name: str = "llama3.2:latest"
    template: str = LLAMA
    modelfile: str = ""
    capabilities: tuple[str, ...] = ("completion", "tools")
    context_length: int = 131_072
    family: str = "llama"
    parameters: str = "3.2B"
    quantisation: str = "Q4_K_M"
    size: int = 2_019_393_189
    digest: str = "a80c4f17acd55265feec403c7aef86be0c25983ab279d83f3bcd3abbcb5b8b72"
    thoughts: str = ""
    stubborn: bool = False

    @property
    def details(self) -> dict[str, Any]:
        return {
            "parent_model": "",
            "format": "gguf",
            "family": self.family,
            "families": [self.family],
            "parameter_size": self.parameters,
            "quantization_level": self.quantisation,
        }


@dataclass
class OllamaServer:
    """The app.

    Attributes:
        models: Those pulled.
        remote: Those that can be pulled, with the bytes of their layer.
        reply: What they say.
        troubles: What goes wrong with `/api/chat` and `/api/generate`.
        formats: What `format` may be: "schema", "json" as before version 0.5, or "none".
        knows_think: It knows the field `think`, as since version 0.9.
        counts_prompts: It counts prompts that it has in its cache, too.
        key: If set, calls need it.
        pull_breaks: If set, what ends a pull on its way.
        calls: The bodies of all calls to a model, in order; `headers`: their headers.
    """

    models: list[Pulled] = field(default_factory=lambda: [Pulled()])
    remote: dict[str, int] = field(default_factory=lambda: {"qwen3:0.6b": 522_640_032})
    reply: Reply = say
    troubles: Troubles = field(default_factory=Troubles)
    formats: str = "schema"
    knows_think: bool = True
    counts_prompts: bool = True
    key: str = ""
    pull_breaks: str = ""
    calls: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        body, headers = await body_of(receive), headers_of(scope)
        if self.key and headers.get("authorization") != f"Bearer {self.key}":
            await answer(send, {"error": "unauthorized"}, 401)
            return
        match scope["method"], scope["path"]:
            case (("GET" | "HEAD"), "/"):
                await answer(send, "Ollama is running")
            case "GET", "/api/version":
                await answer(send, {"version": "0.40.12"})
            case "GET", "/api/tags":
                await answer(send, {"models": [self._tag(model) for model in self.models]})
            case "GET", "/api/ps":
                running = [{**self._tag(m), "expires_at": NOW, "size_vram": m.size} for m in self.models]
                await answer(send, {"models": running})
            case "POST", "/api/show":
                await self._show(body, send)
            case "POST", ("/api/chat" | "/api/generate") as path:
                self.calls.append(body)
                self.headers.append(headers)
                await self._write(path.endswith("chat"), body, send)
            case "POST", "/api/pull":
                await answer_in_lines(send, self._pull(body["model"]), LINES)
            case _:
                await answer(send, "404 page not found", 404)

    def fail(self, status: int, times: int) -> None:
        """Answer the next calls with this status."""
        said = {503: BUSY, 500: CRASHED}.get(status, Trouble(status, {"error": _SAID.get(status, "error")}))
        self.troubles.queue.extend([said] * times)

    def wait(self, seconds: float) -> None:
        """Take so long over every call."""
        self.troubles.delay = seconds

    def _find(self, name: str) -> Pulled | None:
        full = name if ":" in name else f"{name}:latest"
        return next((model for model in self.models if model.name == full), None)

    def _tag(self, model: Pulled) -> dict[str, Any]:
        """One of `/api/tags`."""
        return {
            "name": model.name,
            "model": model.name,
            "modified_at": NOW,
            "size": model.size,
            "digest": model.digest,
            "details": model.details,
        }

    async def _show(self, body: Mapping[str, Any], send: Send) -> None:
        if (model := self._find(body["model"])) is None:
            await answer(send, {"error": f"model '{body['model']}' not found"}, 404)
            return
        info = {
            "general.architecture": model.family,
            "general.file_type": 15,
            f"{model.family}.block_count": 28,
            f"{model.family}.context_length": model.context_length,
            f"{model.family}.embedding_length": 3072,
        }
        shown = {
            "license": "LLAMA 3.2 COMMUNITY LICENSE AGREEMENT",
            "modelfile": f'FROM {model.name}\nTEMPLATE """{model.template}"""\n{model.modelfile}',
            "parameters": 'stop    "<|eot_id|>"',
            "template": model.template,
            "details": model.details,
            "model_info": info,
            "capabilities": list(model.capabilities),
            "modified_at": NOW,
        }
        await answer(send, shown)

    async def _write(self, chat: bool, body: Mapping[str, Any], send: Send) -> None:
        """`/api/chat` and `/api/generate`."""
        name = body["model"]
        if (model := self._find(name)) is None:
            await answer(send, {"error": f'model "{name}" not found, try pulling it first'}, 404)
            return
        if (trouble := await self.troubles.next()) is not None:
            await answer(send, trouble.body, trouble.status, trouble.headers)
            return
        if (refusal := self._refusal(chat, model, body)) is not None:
            await answer(send, {"error": refusal}, 400)
            return
        options = body.get("options") or {}
        prompt = "\n".join(m["content"] for m in body["messages"]) if chat else body["prompt"]
        form = body.get("format") or None
        schema = {"type": "object"} if form == "json" else form
        text = await asyncio.to_thread(
            self.reply, prompt, schema, options.get("seed", 0), options.get("num_predict", -1)
        )
        thoughts = model.thoughts if model.stubborn or body.get("think") is not False else ""
        room = options.get("num_predict", -1)
        spent = len(thoughts.split())
        said = within(text, max(0, room - spent) if room >= 0 else None, options.get("stop") or [])
        end = self._end(prompt, said, spent)
        if body.get("stream", True):
            await answer_in_lines(send, self._lines(name, chat, said, thoughts, end), LINES)
        else:
            await answer(send, self._piece(name, chat, said.text, thoughts) | end)

    def _refusal(self, chat: bool, model: Pulled, body: Mapping[str, Any]) -> str | None:
        """Why this request is not taken; None when it is."""
        form, where = body.get("format"), "ChatRequest" if chat else "GenerateRequest"
        if isinstance(form, dict) and self.formats != "schema":
            return f"json: cannot unmarshal object into Go struct field {where}.format of type string"
        if form and self.formats == "none":
            return 'invalid format: "json"; expected ""'
        if "think" in body and not self.knows_think:
            return f"json: unknown field think in {where}"
        if body.get("think") and "thinking" not in model.capabilities:
            return f'"{model.name}" does not support thinking'
        return None

    def _end(self, prompt: str, said: Said, spent: int) -> dict[str, Any]:
        """What the last piece of a reply says."""
        end = {
            "done": True,
            "done_reason": "length" if said.cut else "stop",
            "total_duration": 4_883_583_458,
            "load_duration": 1_334_875,
            "prompt_eval_count": len(prompt.split()),
            "prompt_eval_duration": 342_546_000,
            "eval_count": said.tokens + spent,
            "eval_duration": 4_535_599_000,
        }
        if not self.counts_prompts:
            del end["prompt_eval_count"]
        return end

    def _piece(self, name: str, chat: bool, text: str, thoughts: str) -> dict[str, Any]:
        start = {"model": name, "created_at": NOW}
        thinking = {"thinking": thoughts} if thoughts else {}
        if not chat:
            return {**start, "response": text, **thinking}
        return {**start, "message": {"role": "assistant", "content": text, **thinking}}

    def _lines(self, name: str, chat: bool, said: Said, thoughts: str, end: dict[str, Any]) -> Iterator[str]:
        if thoughts:
            yield json.dumps(self._piece(name, chat, "", thoughts) | {"done": False}) + "\n"
        for i, word in enumerate(said.text.split(" ")):
            yield json.dumps(self._piece(name, chat, " " * (i > 0) + word, "") | {"done": False}) + "\n"
        yield json.dumps(self._piece(name, chat, "", "") | end) + "\n"

    def _pull(self, name: str) -> Iterator[str]:
        """The lines of `/api/pull`; an unknown model is told inside the stream, with status 200."""
        yield json.dumps({"status": "pulling manifest"}) + "\n"
        if (size := self.remote.get(name)) is None:
            yield json.dumps({"error": "pull model manifest: file does not exist"}) + "\n"
            return
        layer = {"digest": f"sha256:{'7' * 64}", "total": size}
        for part in range(5):
            progress = {"completed": size * part // 4} if part else {}  # none in the first one
            yield json.dumps({"status": f"pulling {'7' * 12}", **layer, **progress}) + "\n"
            if self.pull_breaks:
                yield json.dumps({"error": self.pull_breaks}) + "\n"
                return
        for status in ("verifying sha256 digest", "writing manifest", "success"):
            yield json.dumps({"status": status}) + "\n"
        self.models.append(Pulled(name, size=size))


def embedded() -> Reply:
    """Let the embedded model say it, one reply at a time."""
    writer, one_at_a_time = open_model(DEFAULT), threading.Lock()

    def write(prompt: str, schema: Mapping[str, Any] | None, seed: int, most: int) -> str:
        sampling = Sampling(max_tokens=most, seed=seed)
        request = Request(Prompt("completion", prompt), sampling, writer.name, (0,), 0, 1, schema)
        with one_at_a_time:
            return answers(writer, [request])[0].text

    return write
