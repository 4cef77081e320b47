"""Constrain replies to a JSON schema with one fixed spacing, that of `json.dumps` and of the prompts.

Decoding by a JSON schema leaves white space free, and small models fill it with blank lines. Both engines are held to
the spacing they were shown, without empty strings: OpenVINO GenAI by a grammar, models of transformers by llguidance,
which knows nothing of tensors: a matcher follows one reply and says, as bits, which tokens may come next.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

_PATTERN = re.compile(r"\^((?:[^\\]|\\.)*?)\\S\+\(\?: \\S\+\)\{(\d+),(\d*)\}\$")  # of `syngen.prompts.schema`
_STRING = r"""string ::= "\"" char+ "\""
char ::= [^"\\\x00-\x1F] | "\\" ["\\/bfnrt]
word ::= letter{1,20}
letter ::= [^"\\ \x00-\x1F] | "\\" ["\\/]
"""
SPACING: Any = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
KEPT = 256  # schemas: a run has as many as it has sets of columns to write


def grammar_of(schema: Mapping[str, Any]) -> str | None:
    """Return the grammar of a reply schema, in XGrammar's EBNF.

    Returns:
        The grammar, or None for a schema that is more than objects of strings and arrays of them.
    """
    rule = _rule(schema)
    return None if rule is None else f"root ::= {rule}\n{_STRING}"


def _rule(schema: Mapping[str, Any]) -> str | None:
    match schema:
        case {"type": "string"} if len(schema) == 1:
            return "string"
        case {"type": "string", "pattern": str(pattern)} if found := _PATTERN.fullmatch(pattern):
            begin = json.dumps(re.sub(r"\\(.)", r"\1", found[1]), ensure_ascii=False)[1:-1]
            return f'{_literal(chr(34) + begin)} word (" " word){{{found[2]},{found[3]}}} {_literal(chr(34))}'
        case {"type": "object", "properties": properties, "required": required} if (
            list(properties) == required
        ):
            return _joined(
                "{", [(f"{json.dumps(k, ensure_ascii=False)}: ", v) for k, v in properties.items()], "}"
            )
        case {"type": "array", "prefixItems": items}:
            return _joined("[", [("", item) for item in items], "]")
        case {"type": "array", "items": item, "minItems": least, "maxItems": most} if least == most:
            return _joined("[", [("", item)] * least, "]")
    return None


def _joined(opening: str, parts: list[tuple[str, Mapping[str, Any]]], closing: str) -> str | None:
    """Join labelled parts with a comma and a space."""
    rules: list[str] = []
    for i, (label, part) in enumerate(parts):
        rule = _rule(part)
        if rule is None:
            return None
        rules += [_literal((", " if i else opening) + label), rule]
    return " ".join([*rules, _literal(closing if parts else opening + closing)])


def _literal(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


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
        self._compiled = functools.lru_cache(KEPT)(self._compile)

    def matcher(self, schema: Mapping[str, Any]) -> Any:
        """Return a matcher at the start of a reply.

        Raises:
            ValueError: llguidance can't read the schema.
        """
        return self._compiled(json.dumps(_without_empty_strings(schema))).deep_copy()

    def _compile(self, schema: str) -> Any:
        grammar = self._llguidance.LLMatcher.grammar_from_json_schema(schema, overrides=SPACING)
        compiled = self._llguidance.LLMatcher(self._tokenizer, grammar, log_level=0)
        if compiled.is_error():
            raise ValueError(compiled.get_error().splitlines()[0])
        return compiled

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
