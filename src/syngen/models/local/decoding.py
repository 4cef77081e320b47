"""Write replies with a transformers model in a batch that is refilled while it runs.

The rows of a `Batch` share one cache of keys and values and are padded on the left, so that all end in the same
column. Before a step, ended rows are dropped, the prompts of new rows are read (all but their last token) and joined,
and columns that are padding for every row are removed. Then each row advances by one token. This needs a cache that
holds keys and values by position and nothing else: that of full attention, and of sliding windows if no key is
dropped. Other models (state spaces, hybrids, chunked attention, shared caches, positions that can't be given) use
`Rounds`: one static batch after the other, through `generate`, with the same draws.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import transformers.cache_utils

from syngen.models.local.grammar import Guide
from syngen.models.local.sampling import Decode, Row, draw

_LIBRARY: Any = transformers  # its types say little, and not always what is so
_CACHES: Any = transformers.cache_utils

READ_AT_ONCE = 4096  # tokens, padding included: bounds the memory that reading prompts takes
SLACK = 64  # columns a cache grows by


def refillable(model: Any) -> bool:
    """Whether the cache holds only keys and values by position, and the model accepts positions as given."""
    config = model.config.get_text_config(decoder=True)
    kinds = set(getattr(config, "layer_types", None) or ())
    return (
        kinds <= {"full_attention", "sliding_attention"}
        and not getattr(config, "attention_chunk_size", None)
        and not getattr(config, "num_kv_shared_layers", 0)
        and not getattr(model, "_is_stateful", False)
        and not model.config.is_encoder_decoder
        and "position_ids" in inspect.signature(model.forward).parameters
        and all(
            type(layer) in (_CACHES.DynamicLayer, _CACHES.DynamicSlidingWindowLayer)
            for layer in _CACHES.DynamicCache(config=config).layers
        )
    )


class _Columns(_CACHES.DynamicLayer):  # type: ignore[misc]  # transformers has no types
    """Keys and values of one layer, with spare columns on the right, so that a step writes in place.

    The library's own layer copies all of them at every step. Shapes are (rows, heads, columns, width).
    """

    is_initialized: bool
    keys: Any
    values: Any

    def __init__(self) -> None:
        super().__init__()
        self.length = 0

    def update(self, key_states: Any, value_states: Any, *_: Any, **__: Any) -> tuple[Any, Any]:
        end = self.length + key_states.shape[-2]
        if not self.is_initialized:
            self.dtype, self.device, self.is_initialized = key_states.dtype, key_states.device, True
            self.keys, self.values = key_states[:, :, :0], value_states[:, :, :0]
        if end > self.keys.shape[-2]:
            more = (0, 0, 0, end - self.length + SLACK)
            self.keys = torch.nn.functional.pad(self.keys[:, :, : self.length], more)
            self.values = torch.nn.functional.pad(self.values[:, :, : self.length], more)
        self.keys[:, :, self.length : end] = key_states
        self.values[:, :, self.length : end] = value_states
        self.length = end
        return self.keys[:, :, :end], self.values[:, :, :end]

    def get_seq_length(self) -> int:
        return self.length


@dataclass(eq=False)
class Batch:
    """Rows that advance together and are replaced one by one as they end; for models that are `refillable`."""

    model: Any  # a causal language model of transformers
    guide: Guide | None  # holds rows to their schemas
    ends: frozenset[int]  # tokens that end a reply
    decode: Decode

    def __post_init__(self) -> None:
        self._rows: list[Row] = []  # those in the cache, in its order; also those that ended in the last step
        self._cache = _CACHES.Cache(layer_class_to_replicate=_Columns)
        keeps = "logits_to_keep" in inspect.signature(self.model.forward).parameters
        self._last = {"logits_to_keep": 1} if keeps else {}

    @property
    def running(self) -> Sequence[Row]:
        return [row for row in self._rows if not row.finish]

    @torch.inference_mode()
    def step(self, fresh: Sequence[Row]) -> list[Row]:
        """Add new rows, advance every row by a token, and return those that ended."""
        self._arrange(fresh)
        lengths = [len(row.tokens) for row in self._rows]
        logits = self._read([row.tokens[-1:] for row in self._rows], lengths, self._cache)
        for row, token in zip(self._rows, draw(logits, self._rows, self.guide), strict=True):
            row.take(token, self.ends, self.decode)
        return [row for row in self._rows if row.finish]

    def _arrange(self, fresh: Sequence[Row]) -> None:
        """Drop ended rows from the cache, read the prompts of new ones, and join both."""
        kept = [i for i, row in enumerate(self._rows) if not row.finish]
        if len(kept) == len(self._rows) and not fresh:
            return
        parts = [(self._cache, kept)]
        rows = [self._rows[i] for i in kept]
        for chunk in _chunks(sorted(fresh, key=lambda row: len(row.tokens))):
            prompts = [row.tokens[:-1] for row in chunk]
            cache = _CACHES.Cache(layer_class_to_replicate=_Columns)
            if any(prompts):
                self._read(prompts, [len(prompt) for prompt in prompts], cache)
            parts.append((cache, list(range(len(chunk)))))
            rows += chunk
        self._rows = rows
        self._cache = _CACHES.Cache(layer_class_to_replicate=_Columns)
        columns = max((len(row.tokens) - 1 for row in rows), default=0)
        if columns:
            for i in range(max(len(cache.layers) for cache, _ in parts)):
                layers = [(cache.layers[i] if cache.layers else None, rows) for cache, rows in parts]
                self._cache.layers.append(_joined(layers, columns))
                for cache, _ in parts:  # let go of each layer at once: memory holds no cache twice
                    if cache.layers:
                        cache.layers[i] = None

    def _read(self, tokens: Sequence[list[int]], lengths: Sequence[int], cache: Any) -> torch.Tensor:
        """Run the model on the next tokens of each row.

        Args:
            tokens: What to read; shorter ones are padded.
            lengths: How many tokens each row has with these.
            cache: Keys and values of the tokens before, and then of these too.

        Returns:
            The scores after each row's last token, shape (rows, vocabulary).
        """
        width = max(map(len, tokens))
        columns = cache.get_seq_length() + width
        device = self.model.device
        ids = torch.tensor([[0] * (width - len(row)) + row for row in tokens], device=device)
        # Positions count from a row's first token; what is left of it is padding.
        starts = columns - torch.tensor(lengths, device=device).unsqueeze(1)
        places = torch.arange(columns, device=device).unsqueeze(0) - starts
        output = self.model(
            input_ids=ids,
            attention_mask=(places >= 0).long(),
            position_ids=places[:, -width:].clamp(min=0),
            past_key_values=cache,
            use_cache=True,
            **self._last,
        )
        scores: torch.Tensor = output.logits[:, -1]
        return scores


def _chunks(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Split rows, shortest first, into parts whose prompts are read together."""
    chunk: list[Row] = []
    for row in rows:
        if chunk and len(row.tokens) * (len(chunk) + 1) > READ_AT_ONCE:
            yield chunk
            chunk = []
        chunk.append(row)
    if chunk:
        yield chunk


def _joined(parts: Sequence[tuple[Any, list[int]]], columns: int) -> Any:
    """Build one layer from rows of several, all ending in the same column and padded with zeros.

    Args:
        parts: Layers, each with the rows to take; None for rows without keys and values as yet.
        columns: The columns it has then.
    """
    total = sum(len(rows) for _, rows in parts)

    def joined(name: str) -> torch.Tensor:
        like = next(getattr(layer, name) for layer, _ in parts if layer is not None)
        whole: torch.Tensor = like.new_zeros(total, like.shape[1], columns + SLACK, like.shape[3])
        first = 0
        for layer, rows in parts:
            if layer is not None and rows:
                width = min(layer.length, columns)
                part = getattr(layer, name)[:, :, layer.length - width : layer.length]
                whole[first : first + len(rows), :, columns - width : columns] = part[rows]
            first += len(rows)
        return whole

    layer = _Columns()
    layer.keys, layer.values, layer.length = joined("keys"), joined("values"), columns
    layer.dtype, layer.device, layer.is_initialized = layer.keys.dtype, layer.keys.device, True
    return layer


class Rounds(Batch):
    """Rows that start and end together, for models whose cache can't be rearranged."""

    @torch.inference_mode()
    def step(self, fresh: Sequence[Row]) -> list[Row]:
        """Write the replies of all rows."""
        width = max(len(row.tokens) for row in fresh)
        pads = [width - len(row.tokens) for row in fresh]
        prompts = [[0] * pad + row.tokens for pad, row in zip(pads, fresh, strict=True)]
        marks = [[0] * pad + [1] * len(row.tokens) for pad, row in zip(pads, fresh, strict=True)]
        device = self.model.device

        def choose(_: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
            """Draw the tokens, and leave the library no other choice."""
            live = [i for i, row in enumerate(fresh) if not row.finish]
            chosen = [0] * len(fresh)
            for i, token in zip(live, draw(scores[live], [fresh[i] for i in live], self.guide), strict=True):
                chosen[i] = token
                fresh[i].take(token, self.ends, self.decode)
            only = torch.full_like(scores, -torch.inf)
            return only.scatter(1, torch.tensor(chosen, device=scores.device).unsqueeze(1), 0.0)

        def ended(*_: Any, **__: Any) -> torch.Tensor:
            return torch.tensor([bool(row.finish) for row in fresh], device=device)

        longest = max(row.room for row in fresh)
        self.model.generate(
            torch.tensor(prompts, device=device),
            attention_mask=torch.tensor(marks, device=device),
            generation_config=_LIBRARY.GenerationConfig(
                do_sample=False, max_new_tokens=longest, pad_token_id=0
            ),
            logits_processor=[choose],
            stopping_criteria=[ended],
        )
        return list(fresh)
