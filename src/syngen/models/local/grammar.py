"""Translate a reply schema into a grammar with one fixed spacing, that of `json.dumps` and of the prompts.

Decoding by a JSON schema leaves white space free, and small models fill it with blank lines. The grammar
holds them to the spacing they were shown, and rules out empty strings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_PATTERN = re.compile(r"\^((?:[^\\]|\\.)*?)\\S\+\(\?: \\S\+\)\{(\d+),(\d*)\}\$")  # of `syngen.prompts.schema`
_STRING = r"""string ::= "\"" char+ "\""
char ::= [^"\\\x00-\x1F] | "\\" ["\\/bfnrt]
word ::= letter{1,20}
letter ::= [^"\\ \x00-\x1F] | "\\" ["\\/]
"""


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
