"""Constrain replies to a JSON schema with llguidance: a matcher excludes tokens that may not come next.

The work is llguidance's, which knows nothing of tensors: a matcher follows one reply and says, as bits, which
tokens may come next. Spacing is fixed to that of `json.dumps`, which the prompts show, and strings are not
empty, as in `syngen.models.local.grammar`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

SPACING: Any = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
KEPT = 256  # schemas: a run has as many as it has sets of columns to write


class Guide:
    """Creates matchers for one tokenizer.

    Args:
        tokenizer: A fast tokenizer of transformers.
        vocabulary: Tokens the model scores; those beyond the tokenizer's are never allowed.
        ends: The tokens that end a reply.
    """

    def __init__(self, tokenizer: Any, vocabulary: int, ends: Sequence[int]) -> None:
        import llguidance
        import llguidance.hf

        self._llguidance = llguidance
        size = max(vocabulary, len(tokenizer))
        self._tokenizer = llguidance.hf.from_tokenizer(tokenizer, n_vocab=size, eos_token=list(ends))
        self._executor = llguidance.LLExecutor()
        self._compiled: dict[str, Any] = {}

    def matcher(self, schema: Mapping[str, Any]) -> Any:
        """Return a matcher at the start of a reply.

        Raises:
            ValueError: llguidance can't read the schema.
        """
        text = json.dumps(schema)
        if text not in self._compiled:
            grammar = self._llguidance.LLMatcher.grammar_from_json_schema(
                json.dumps(_without_empty_strings(schema)), overrides=SPACING
            )
            compiled = self._llguidance.LLMatcher(self._tokenizer, grammar, log_level=0)
            if compiled.is_error():
                raise ValueError(compiled.get_error().splitlines()[0])
            if len(self._compiled) >= KEPT:
                self._compiled.clear()
            self._compiled[text] = compiled
        return self._compiled[text].deep_copy()

    def allowed(self, matchers: Sequence[Any | None]) -> Any:
        """Return which tokens may come next as int32 bit masks, one row per matcher; all tokens for None."""
        bits = np.full((len(matchers), (self._tokenizer.vocab_size + 31) // 32), -1, dtype=np.int32)
        held = [(matcher, i) for i, matcher in enumerate(matchers) if matcher is not None]
        self._executor.unsafe_compute_mask_ptr(held, bits.ctypes.data, bits.shape[1] * 4, len(matchers))
        return bits


def _without_empty_strings(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_empty_strings(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if schema == {"type": "string"}:
        return {"type": "string", "minLength": 1}
    return {key: _without_empty_strings(part) for key, part in schema.items()}
