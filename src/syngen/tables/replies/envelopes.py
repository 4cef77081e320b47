"""Take a model's answer out of what its server wraps around it, and out of JSON that was encoded twice.

Known are the responses of OpenAI (chat, completions, responses), Ollama, Cohere, Anthropic, Gemini, Hugging Face
and what is compatible with them, whole or as a stream of pieces, and lists of chat messages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from syngen.columns import Codec
from syngen.tables.header import plain
from syngen.tables.replies.literals import literals, unescaped

_LAYERS = 3
_MARKS = frozenset(
    "choices message messages generations candidates output outputs response generated_text delta completion"
    " stop_reason finish_reason generation_id".split()
)
_ANSWERS = ("content", "text", "response", "generated_text", "output_text", "arguments", "completion")
_WITHIN = (
    "choices", "message", "messages", "delta", "generations", "candidates", "output", "outputs", "content", "parts",
    "tool_calls", "function", "function_call", "input", "args", "body",
)  # fmt: skip
_ASKED = ("user", "system", "developer", "tool")  # roles of what is no answer
_ESCAPED = re.compile(r'[\[{]\s*(?:\\n\s*)*\\"')
_PLAIN = re.compile(r'[\[{]\s*"')
_DEEPEST = 12
_DATA = re.compile(r"^data:[ \t]*|^(?:event|id|retry):.*$", re.MULTILINE)


def unwrapped(text: str, fields: Sequence[Codec]) -> tuple[str, tuple[str, ...]]:
    """The answer in a text, and notes on what was around it; any other text as it is."""
    notes: dict[str, None] = {}
    for _ in range(_LAYERS):
        inner, note = _inner(text, fields)
        if inner is None:
            break
        text, notes = inner, notes | {note: None}
    return text, tuple(notes)


def _inner(text: str, fields: Sequence[Codec]) -> tuple[str | None, str]:
    bare = text.strip()
    encoded = "format.double_encoded"
    if bare.startswith('"') and bare.endswith('"') and isinstance(value := _json(bare), str):
        return value, encoded
    if _ESCAPED.search(bare[:200]) and not _PLAIN.search(bare[:200]):
        return unescaped(bare.strip('"')), encoded
    if "\n" not in bare and bare.count("\\n") > 1 and not bare.startswith(("{", "[", "<")):
        return bare.replace("\\n", "\n").replace('\\"', '"'), encoded
    values = list(_values(bare))
    if not values or not any(_is_envelope(value, fields) for value in values):
        return None, ""
    pieces = [piece for value in values for piece in _answers(value)]
    stream = len(values) > 1 or "delta" in bare[:2_000]
    return ("" if stream else "\n\n").join(pieces), "format.completion"


def _values(text: str) -> Iterator[Any]:
    """The JSON value that a text is, or those of its lines; none where it is anything else."""
    if text.startswith(("data:", "event:")):
        text = _DATA.sub("", text).strip()
    if not text.startswith(("{", "[")):
        return
    if (value := _json(text)) is not None:
        yield value
        return
    first, *others = [line for line in text.split("\n") if line.strip()]
    if not isinstance(value := _json(first), dict) or not _MARKS & value.keys():
        return
    yield value
    for line in others:
        if (value := _json(line)) is not None:
            yield value


def _json(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        pass
    if text.startswith(("{'", "[{'")):  # as Python prints it
        return next((found.value for found in literals(text) if not found.cut), None)
    return None


def _is_envelope(value: Any, fields: Sequence[Codec]) -> bool:
    """Whether a value is a server's response, and no row of the reference."""
    if isinstance(value, list):
        return (
            bool(value)
            and all(
                isinstance(v, Mapping) and ("generated_text" in v or {"role", "content"} <= v.keys())
                for v in value
            )
            and _is_envelope({"messages": value}, fields)
        )
    if not isinstance(value, Mapping) or not (_MARKS & value.keys() or {"role", "content"} <= value.keys()):
        return False
    own = {plain(f.name) for f in fields}
    return sum(plain(str(name)) in own for name in value) < min(2, len(fields)) and bool(
        list(_answers(value))
    )


def _answers(value: Any, depth: int = 0) -> Iterator[str]:
    """The texts of a response, in order."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for inner in value:
            yield from [inner] if isinstance(inner, str) else _answers(inner, depth + 1)
    elif isinstance(value, Mapping) and value.get("role") not in _ASKED:
        for name, inner in value.items():
            if isinstance(inner, str):
                if name in _ANSWERS:
                    yield inner
            elif name in ("input", "args") and isinstance(inner, Mapping):  # of a tool called
                yield json.dumps(inner, ensure_ascii=False)
            elif name in _WITHIN or name == "generated_text":
                yield from _answers(inner, depth + 1)
