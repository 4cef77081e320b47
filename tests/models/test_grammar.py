"""A reply schema becomes a grammar of one fixed spacing; what it can't say is left to the schema."""

from __future__ import annotations

from typing import Any

import pytest

from syngen.models.grammar import grammar_of
from syngen.prompts import reply_schema
from syngen.types import Slot, TextTarget


def root(*slots: tuple[str, ...]) -> str:
    """The first rule of the grammar for slots with these texts."""
    made = [Slot(i, {}, {name: TextTarget(5) for name in names}, i, 0, 0, 0) for i, names in enumerate(slots)]
    grammar = grammar_of(reply_schema(made))
    assert grammar is not None
    return grammar.splitlines()[0]


def test_one_slot_is_an_object_of_strings() -> None:
    assert root(("title", "text")) == r'root ::= "{\"title\": " string ", \"text\": " string "}"'


def test_several_slots_are_rows_in_their_order() -> None:
    different = root(("title",), ("text",))
    assert (
        different
        == r'root ::= "{\"rows\": " "[" "{\"title\": " string "}" ", " "{\"text\": " string "}" "]" "}"'
    )
    assert root(("text",), ("text",)).count(r'"{\"text\": "') == 2


def test_a_name_is_escaped_for_json_and_for_the_grammar() -> None:
    assert root(('a "b"\n\\',)) == r'root ::= "{\"a \\\"b\\\"\\n\\\\\": " string "}"'


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer"},
        {"type": "string", "maxLength": 9},
        {"type": "object", "properties": {"a": {"type": "string"}}, "required": []},
        {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 4},
        {"type": "object", "properties": {"a": {"type": "number"}}, "required": ["a"]},
    ],
)
def test_any_other_schema_has_no_grammar(schema: dict[str, Any]) -> None:
    assert grammar_of(schema) is None
