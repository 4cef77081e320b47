"""The embedded model: SmolLM2-135M-Instruct, one of the catalogue, or any by path, on OpenVINO GenAI.

One continuous-batching pipeline is kept full: whenever a request finishes, the next one is pulled and
takes its place in the next step. Key-value blocks of a shared prompt prefix are computed once. Replies
are held to their schema while decoding.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from syngen.errors import ModelFailed, ModelNotFound
from syngen.models import ModelOptions
from syngen.models.local import weights
from syngen.models.local.grammar import grammar_of
from syngen.types import Capabilities, Completion, Prompt, Request

CONCURRENCY = 32
KV_BLOCKS = 512
TOKENS_A_STEP = 512


_Flight = tuple[Request, Any, int, float]  # a request, its handle, its prompt's tokens, when it started


class EmbeddedModel:
    """A local model on OpenVINO GenAI's continuous-batching pipeline.

    Args:
        name: Full model id.
        path: A GGUF file or a folder with an OpenVINO model.
        options: `deterministic` answers one request at a time without a prefix cache, so that a
            reply depends on nothing but its request; about a fifth of the speed.

    Raises:
        ModelFailed: The engine can't read the model.
    """

    def __init__(self, name: str, path: Path, options: ModelOptions) -> None:
        import openvino_genai as genai

        self.name = name
        self.path = path
        concurrency = 1 if options.deterministic else options.concurrency or CONCURRENCY
        self.capabilities = Capabilities(
            prompt_kind="completion",
            schema=True,
            patterns=True,
            seeds=True,
            concurrency=concurrency,
            price_in=0.0,
            price_out=0.0,
            weights=weights.digest(path),
        )
        scheduler = genai.SchedulerConfig()
        scheduler.num_kv_blocks = KV_BLOCKS
        scheduler.max_num_seqs = concurrency
        scheduler.max_num_batched_tokens = TOKENS_A_STEP
        scheduler.enable_prefix_caching = not options.deterministic
        try:
            self._pipeline = genai.ContinuousBatchingPipeline(str(path), scheduler, "CPU")
        except RuntimeError as error:
            raise ModelFailed(
                f"OpenVINO GenAI can't load {path}: {_first_line(error)}",
                "Give a GGUF file of a supported architecture (Llama, Qwen) or an OpenVINO model folder.",
            ) from error
        self._tokenizer = self._pipeline.get_tokenizer()
        longest = self._tokens("a " * KV_BLOCKS * 32)  # the tokenizer cuts at the model's context, unasked
        self._room = min(KV_BLOCKS * 32 - 64, int(longest.shape[1]))
        self._genai = genai
        self._count = 0

    def complete(self, requests: Iterable[Request | None]) -> Iterator[Completion]:
        """Keep the pipeline full and yield completions as they finish."""
        source = iter(requests)
        flights: list[_Flight] = []
        more = True
        try:
            while more or flights:
                while more and len(flights) < self.capabilities.concurrency:
                    try:
                        request = next(source)
                    except StopIteration:
                        more = False
                        break
                    if request is None:
                        break
                    started = self._start(request)
                    if isinstance(started, Completion):
                        yield started
                    else:
                        flights.append(started)
                if not flights:
                    continue
                try:
                    self._pipeline.step()
                except RuntimeError as error:
                    raise ModelFailed(f"{self.name} broke while answering: {_first_line(error)}") from error
                running = self._genai.GenerationStatus.RUNNING
                done = [flight for flight in flights if flight[1].get_status() != running]
                flights = [flight for flight in flights if flight not in done]
                yield from map(self._finish, done)
        finally:
            for _, handle, _, _ in flights:  # interrupted: leave the pipeline free for the next run
                handle.cancel()
            while flights and self._pipeline.has_non_finished_requests():
                self._pipeline.step()

    def _start(self, request: Request) -> _Flight | Completion:
        """Add a request to the pipeline, or answer it with an error."""
        tokens = self._tokens(self._text(request.prompt))
        length = int(tokens.shape[1])
        left = self._room - length
        if left <= 0:
            message = f"no room for a prompt of {length:,} tokens or more: {self._room:,} with the reply"
            return Completion(request, "", "error", message, length, 0)
        self._count += 1
        try:
            handle = self._pipeline.add_request(self._count, tokens, self._settings(request, left))
        except RuntimeError as error:
            return Completion(request, "", "error", _first_line(error), length, 0)
        return request, handle, length, time.perf_counter()

    def _tokens(self, text: str) -> Any:
        """Return the token ids of a text, shape (1, tokens), cut at the model's context length."""
        return self._tokenizer.encode(text, add_special_tokens=False).input_ids

    def _finish(self, flight: _Flight) -> Completion:
        request, handle, length, started = flight
        outputs = handle.read_all()  # none when a stop string came first
        ids = list(outputs[0].generated_ids) if outputs else []
        cut = bool(outputs) and outputs[0].finish_reason == self._genai.GenerationFinishReason.LENGTH
        return Completion(
            request,
            self._tokenizer.decode(ids),
            "length" if cut else "stop",
            prompt_tokens=length,
            completion_tokens=len(ids),
            seconds=time.perf_counter() - started,
        )

    def _text(self, prompt: Prompt) -> str:
        """Return the text to continue; unpaired surrogates become question marks."""
        if prompt.kind == "completion":
            return prompt.messages[-1]["content"]
        return str(self._tokenizer.apply_chat_template(prompt.messages, add_generation_prompt=True))

    def _settings(self, request: Request, room: int) -> Any:
        """Return the engine's settings of a request, for a reply of at most `room` tokens."""
        sampling, more = request.sampling, {}
        if request.schema is not None:
            grammar = grammar_of(request.schema)
            held = {"json_schema": json.dumps(request.schema)} if grammar is None else {"grammar": grammar}
            more["structured_output_config"] = self._genai.StructuredOutputConfig(**held)
        return self._genai.GenerationConfig(
            apply_chat_template=False,  # a chat prompt went through it already
            do_sample=sampling.temperature > 0,
            temperature=sampling.temperature or 1.0,
            top_p=sampling.top_p,
            min_p=sampling.min_p,
            repetition_penalty=sampling.repetition_penalty,
            max_new_tokens=min(sampling.max_tokens, room),
            rng_seed=sampling.seed % 2**32,
            stop_strings=set(sampling.stop),
            **more,
        )


def _first_line(error: Exception) -> str:
    """Return the last line of an OpenVINO error that is not a source location."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith(("Exception from", "Check "))]
    return (telling or lines or ["unknown error"])[-1].rstrip(".") + "."


def open_model(name: str, options: ModelOptions) -> EmbeddedModel:
    """Open the default model or one of the catalogue by name, or a GGUF file or OpenVINO folder by path.

    Raises:
        ModelNotFound: The file is not there or not fetched yet, or the name is not known.
        ModelFailed: The engine can't read it.
    """
    if (short := name or weights.NAME) in (weights.NAME, *weights.ENTRIES):
        return EmbeddedModel(f"embedded/{short}", weights.find(short), options)
    path = Path(name).expanduser()
    if path.is_file() or (path / "openvino_model.xml").is_file():
        return EmbeddedModel(f"embedded/{path.name}", path, options)
    raise ModelNotFound(
        f"There is no embedded model '{name}', and no GGUF file or OpenVINO folder of that path.",
        f"{weights.guess(name)}Use embedded/{weights.NAME}, the path of a model, or see: syngen models list",
    )
