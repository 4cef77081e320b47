"""Models of Hugging Face on transformers and PyTorch: `hf/ORG/NAME`, `hf/ORG/NAME@REVISION`, `hf/PATH`.

Instruction-tuned models get their chat template; models without one, such as GPT-2, continue text. One batch
is kept full: whenever a reply ends, the next request is read and takes its place (see `decoding` for the
models that can't be refilled). Replies are held to their schema while decoding, and each draws from its own
seed.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any

import torch
from jinja2 import TemplateError

from syngen.errors import ModelFailed
from syngen.models import ModelOptions
from syngen.models.local.decoding import Batch, Rounds, refillable
from syngen.models.local.grammar import Guide
from syngen.models.local.loading import Loaded
from syngen.models.local.sampling import Row
from syngen.types import Capabilities, Completion, Prompt, Request

CONCURRENCY = {"cpu": 8, "mps": 8, "cuda": 32}
# Bytes of keys and values; a graphics card gives most of what it has left.
CACHE = {"cpu": 2**31, "mps": 2**32}


class HuggingFaceModel:
    """A causal language model of transformers.

    Args:
        name: Full model id.
        loaded: The model, its tokenizer and what identifies the weights.
        options: `deterministic` answers one request at a time with deterministic algorithms, so that a reply
            depends on nothing but its request.
    """

    def __init__(self, name: str, loaded: Loaded, options: ModelOptions) -> None:
        self.name = name
        self._model = loaded.model
        self._tokenizer = loaded.tokenizer
        self._steady = options.deterministic
        config = self._model.config.get_text_config(decoder=True)
        self._context = getattr(config, "max_position_embeddings", None) or 2**31
        self._ends = _ends(self._model, self._tokenizer)
        self._guide = None
        if getattr(self._tokenizer, "is_fast", False) and self._ends:
            self._guide = Guide(self._tokenizer, config.vocab_size, sorted(self._ends))
        device = self._model.device.type
        self._columns = _cache_bytes(device) // _bytes_of_a_token(config, self._model.dtype.itemsize)
        self.capabilities = Capabilities(
            prompt_kind="chat" if self._tokenizer.chat_template else "completion",
            schema=self._guide is not None,
            patterns=self._guide is not None,
            seeds=True,
            concurrency=1 if options.deterministic else options.concurrency or CONCURRENCY.get(device, 8),
            price_in=0.0,
            price_out=0.0,
            weights=loaded.weights,
        )

    def complete(self, requests: Iterable[Request | None]) -> Iterator[Completion | None]:
        """Keep the batch full; yield completions as they end, and None when that takes more than a second."""
        kind = Batch if refillable(self._model) else Rounds
        batch = kind(self._model, self._guide, self._ends, self._decoded)
        source = iter(requests)
        waiting: Row | None = None  # it came in and would have been too much for the memory
        more = True
        yielded = time.perf_counter()
        while more or waiting or batch.running:
            fresh: list[Row] = []
            while len(batch.running) + len(fresh) < self.capabilities.concurrency:
                if waiting is None:
                    request = next(source, _END) if more else _END
                    more = request is not _END
                    if not isinstance(request, Request):
                        break
                    started = self._start(request)
                    if isinstance(started, Completion):
                        yield started
                        continue
                    waiting = started
                rows = [*batch.running, *fresh, waiting]
                longest = max(row.prompt + row.room for row in rows)
                if len(rows) > 1 and len(rows) * longest > self._columns:
                    break  # their keys and values would not fit into the memory
                fresh.append(waiting)
                waiting = None
            if not fresh and not batch.running:
                continue
            ended = self._step(batch, fresh)
            if ended or time.perf_counter() - yielded > 1:
                yield from map(self._finish, ended) if ended else (None,)
                yielded = time.perf_counter()

    def _start(self, request: Request) -> Row | Completion:
        """Return the row that a request begins as, or its error."""
        tokens = self._tokens(request.prompt)
        length = len(tokens)
        left = self._context - length
        if not tokens:
            return Completion(request, "", "error", "the prompt is empty", 0, 0)
        if left <= 0:
            message = f"no room for a prompt of {length:,} tokens: {self._context:,} with the reply"
            return Completion(request, "", "error", message, length, 0)
        row = Row(request, tokens, length, min(request.sampling.max_tokens, left), time.perf_counter())
        if request.schema is not None and self._guide is not None:
            try:
                row.matcher = self._guide.matcher(request.schema)
            except ValueError as error:
                return Completion(request, "", "error", f"the schema can't be kept to: {error}", length, 0)
        return row

    def _step(self, batch: Any, fresh: list[Row]) -> list[Row]:
        steady = torch.are_deterministic_algorithms_enabled()
        try:
            if self._steady:
                torch.use_deterministic_algorithms(mode=True)
            ended: list[Row] = batch.step(fresh)
        except torch.OutOfMemoryError as error:
            raise ModelFailed(
                f"{self.name} ran out of memory.", "Answer fewer requests at a time: --concurrency 4"
            ) from error
        except RuntimeError as error:
            raise ModelFailed(f"{self.name} broke while answering: {error}") from error
        finally:
            torch.use_deterministic_algorithms(steady)
        return ended

    def _finish(self, row: Row) -> Completion:
        written = row.written
        shown = written[:-1] if written[-1] in self._ends else written
        text = self._decoded(shown)
        for stop in row.request.sampling.stop:
            text = text.partition(stop)[0]
        return Completion(
            row.request,
            text,
            row.finish or "error",
            row.error,
            prompt_tokens=row.prompt,
            completion_tokens=len(written),
            seconds=time.perf_counter() - row.started,
        )

    def _decoded(self, tokens: list[int]) -> str:
        return str(
            self._tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        )

    def _tokens(self, prompt: Prompt) -> list[int]:
        """Return the token ids of a prompt; unpaired surrogates become question marks."""
        messages = prompt.messages
        together = "\n\n".join(message["content"] for message in messages if message["content"])
        if prompt.kind == "completion" or not self._tokenizer.chat_template:
            if prompt.kind == "chat":
                together += "\n\n"
            return list(self._tokenizer.encode(together)) if together else []
        asked = {"tokenize": False, "add_generation_prompt": True, "enable_thinking": False}
        try:
            text = self._tokenizer.apply_chat_template(messages, **asked)
        except TemplateError:  # there is no system message: its text leads the user's
            if len(messages) == 1:
                raise
            text = self._tokenizer.apply_chat_template([{"role": "user", "content": together}], **asked)
        return list(self._tokenizer.encode(text, add_special_tokens=False))


_END = object()


def _ends(model: Any, tokenizer: Any) -> frozenset[int]:
    """Return all tokens that end a reply."""
    ends = model.generation_config.eos_token_id if model.generation_config else None
    ends = model.config.eos_token_id if ends is None else ends
    every = ends if isinstance(ends, list) else [ends]
    return frozenset(end for end in [*every, tokenizer.eos_token_id] if end is not None)


def _bytes_of_a_token(config: Any, width: int) -> int:
    """Return about how many bytes the keys and values of one token take."""
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    return int(2 * config.num_hidden_layers * heads * size * width)


def _cache_bytes(device: str) -> int:
    if device != "cuda":
        return CACHE.get(device, CACHE["cpu"])
    return int(0.7 * torch.cuda.mem_get_info()[0])
