"""A reply schema becomes a grammar of one fixed spacing; what it can't say is left to the schema."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syngen.data import sample
from syngen.models.local.grammar import grammar_of
from syngen.prompts import PromptContext
from syngen.prompts.schema import reply_schema
from syngen.reference import load
from syngen.types import Reference, Slot, TextTarget


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


@cache
def real() -> Reference:
    return load(sample())


def bounded(*names: str, **target: Any) -> tuple[str, str]:
    """The pattern of a text with this target, and the grammar's rule for it."""
    wanted = Slot(0, {}, {"text": TextTarget(**{"words": 20, **target})}, 1, 0, 0, 0)
    schema = reply_schema([wanted], PromptContext(real(), "", "chat", 1, strategies=names))
    grammar = grammar_of(schema)
    assert grammar is not None
    assert "\nword ::= letter" in grammar
    assert grammar.endswith(
        'letter ::= [^"\\\\ \\x00-\\x1F] | "\\\\" ["\\\\/]\n'
    )  # no escaped line break in a word
    return schema["properties"]["text"]["pattern"], grammar.splitlines()[0]


@given(words=st.integers(1, 2_000))
def test_the_bounds_of_every_pattern_of_a_length_are_those_of_the_grammar(words: int) -> None:
    pattern, rule = bounded("length", words=words)
    low, high = re.search(r"\{(\d+),(\d*)\}\$$", pattern).groups()
    assert f'"\\"" word (" " word){{{low},{high}}} "\\""' in rule


OPENINGS = st.lists(
    st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1, max_size=9), min_size=1, max_size=3
)


@given(OPENINGS)
def test_the_words_of_every_opening_are_those_of_the_grammar(words: list[str]) -> None:
    pattern, rule = bounded("diversity", opening=" ".join(words), style=("lower case",))
    begin = re.search(r'"text\\": " "(.*)" word \(" " word\)\{0,\} ', rule)
    assert begin is not None
    literal = json.loads(f'"{begin[1]}"')  # as the grammar reads it: a string in JSON, opened and not closed
    assert json.loads(literal + '"') == " ".join(words) + " "
    assert re.fullmatch(pattern, f"{' '.join(words)} kettle")


@pytest.mark.parametrize(
    "pattern",
    ["^a+$", r"^\S+(?: \S+){1,2}", r"^\S+(?:  \S+){1,2}$", r"\S+(?: \S+){1,2}$", r"^\S+(?: \S+){1}$"],
)
def test_a_pattern_of_another_form_has_no_grammar(pattern: str) -> None:
    assert grammar_of({"type": "string", "pattern": pattern}) is None
