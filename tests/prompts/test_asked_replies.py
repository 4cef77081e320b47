"""What a reply must look like, how long it may be, and what makes one request another."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syngen import controls
from syngen.prompts import PromptContext
from syngen.prompts.schema import native_sampling, planned_sampling, reply_schema
from syngen.types import Prompt, Reference, Request, Sampling, Slot, TextTarget


def slot(index: int = 0, **words: int) -> Slot:
    return Slot(index, {}, {name: TextTarget(count) for name, count in words.items()}, 100 + index, 0, 0, 0)


def fits(value: object, schema: dict) -> bool:
    """A validator of the few keywords that reply schemas use."""
    match schema["type"]:
        case "string":
            return isinstance(value, str)
        case "object":
            properties = schema["properties"]
            return (
                isinstance(value, dict)
                and schema["additionalProperties"] is False
                and set(schema["required"]) <= set(value) <= set(properties)
                and all(fits(v, properties[k]) for k, v in value.items())
            )
        case "array":
            each = schema.get("prefixItems")
            if each is None:
                each = [schema["items"]] * schema["maxItems"]
            return (
                isinstance(value, list)
                and schema["minItems"] <= len(value) <= schema["maxItems"]
                and all(fits(v, s) for v, s in zip(value, each, strict=False))
            )
    raise AssertionError(schema)


ONE = {"headline": "So so", "text": "It pours."}


@pytest.mark.parametrize(
    ("reply", "good"),
    [
        (ONE, True),
        ({"text": "It pours."}, False),
        ({**ONE, "stars": "5"}, False),
        ({"headline": "So so", "text": 4}, False),
        ([ONE], False),
    ],
)
def test_one_slot_is_answered_by_an_object_of_its_texts(reply: object, good: bool) -> None:
    assert fits(reply, reply_schema([slot(headline=2, text=9)])) is good


@pytest.mark.parametrize(("count", "good"), [(0, False), (2, False), (3, True), (4, False)])
def test_equal_slots_are_answered_by_exactly_so_many_rows(count: int, good: bool) -> None:
    schema = reply_schema([slot(i, headline=2, text=9) for i in range(3)])
    assert fits({"rows": [ONE] * count}, schema) is good
    assert not fits([ONE] * 3, schema)


def test_different_slots_are_answered_in_their_order() -> None:
    schema = reply_schema([slot(headline=2, text=9), slot(text=7)])
    assert fits({"rows": [ONE, {"text": "No."}]}, schema)
    assert not fits({"rows": [{"text": "No."}, ONE]}, schema)
    assert schema["properties"]["rows"]["items"] is False


# ------------------------------------------------------------------------------------ bounded texts
def pattern(brief: PromptContext, *names: str, **target: object) -> str | None:
    """The pattern of the main text of a slot with this target."""
    wanted = Slot(0, {}, {"headline": TextTarget(4), "text": TextTarget(**target)}, 1, 0, 0, 0)  # type: ignore[arg-type]
    properties = reply_schema([wanted], replace(brief, strategies=names))["properties"]
    assert properties["headline"] == {"type": "string"}  # only the main text is bounded
    return properties["text"].get("pattern")


@pytest.mark.parametrize("words", [*range(1, 40), 77, 150, 400, 1_999])
def test_a_bounded_text_may_have_the_words_wanted_and_neither_far_fewer_nor_far_more(
    chat: PromptContext, words: int
) -> None:
    bound = pattern(chat, "length", words=words)
    assert bound is not None
    allowed = [n for n in range(1, 4 * words + 40) if re.fullmatch(bound, " ".join(["kettle,"] * n))]
    assert words in allowed
    assert allowed == list(range(allowed[0], allowed[-1] + 1))
    assert allowed[0] >= words - controls.tolerance(words)
    assert words + controls.tolerance(words) / 2 < allowed[-1] <= words + 1.6 * controls.tolerance(words) + 13
    assert not re.fullmatch(bound, "")


@pytest.mark.parametrize("text", ["a  b c d e f", " a b c d e f", "a b c d e f ", "a b\nc d e f g"])
def test_words_stand_between_single_spaces(chat: PromptContext, text: str) -> None:
    bound = pattern(chat, "length", words=6)
    assert bound is not None
    assert not re.fullmatch(bound, text)


@pytest.mark.parametrize(
    ("opening", "style", "begins"),
    [
        ("it's a", (), "It's a "),
        ("so-so (really)", (), "So-so (really) "),
        ("i bought", ("lower case",), "i bought "),
        ('"wow" 5.0', (), '"wow" 5.0 '),
    ],
)
def test_an_opening_is_given_word_for_word(
    chat: PromptContext, opening: str, style: tuple[str, ...], begins: str
) -> None:
    bound = pattern(chat, "diversity", words=9, opening=opening, style=style)
    assert bound is not None
    assert re.fullmatch(bound, f"{begins}kettle")
    assert re.fullmatch(bound, f"{begins}kettle and {'more ' * 90}so")
    assert not re.fullmatch(bound, begins.strip())
    assert not re.fullmatch(bound, f"x{begins}kettle")
    if "." in begins:
        assert not re.fullmatch(bound, f"{begins.replace('.', 'x')}kettle")


def test_only_the_strategies_for_it_bound_a_text(chat: PromptContext) -> None:
    told = {"words": 9, "opening": "it's a"}
    assert pattern(chat, **told) is None
    assert pattern(chat, "complexity", **told) is None
    assert pattern(chat, "diversity", words=9) is None
    both = pattern(chat, "length", "diversity", **told)
    assert both == pattern(
        chat, "length", **told
    )  # a grammar for each opening would be compiled for one text
    slots = [slot(headline=2, text=9)]
    assert reply_schema(slots) == reply_schema(slots, chat)


def test_texts_of_about_a_length_have_the_same_bounds(chat: PromptContext) -> None:
    assert len({pattern(chat, "length", words=words) for words in range(30, 121)}) < 25
    assert len({pattern(chat, "length", words=words) for words in range(1, 11)}) == 10


def test_words_without_spaces_between_them_are_not_counted_by_spaces(
    goods_with: Callable[..., Reference],
) -> None:
    chinese = goods_with(40, text=[f"这个水壶烧水很快，第{i}个，我每天都用它泡茶。" for i in range(40)])
    assert pattern(PromptContext(chinese, "", "chat", 1), "length", words=9) is None


def test_several_slots_are_bounded_each_by_its_own_length(chat: PromptContext) -> None:
    long = replace(chat, strategies=("length",))
    schema = reply_schema([slot(text=8), slot(text=60)], long)
    bounds = [each["properties"]["text"]["pattern"] for each in schema["properties"]["rows"]["prefixItems"]]
    assert bounds == [pattern(chat, "length", words=words) for words in (8, 60)]


# ------------------------------------------------------------------------------------ sampling
def test_more_diversity_is_warmer_with_a_lower_floor_and_heat_comes_on_top() -> None:
    low, real, high = (planned_sampling([slot(text=9)], 0, level) for level in (0.0, 0.5, 1.0))
    assert low.temperature < real.temperature < high.temperature
    assert low.min_p > real.min_p > high.min_p > 0
    plain = planned_sampling([slot(text=9)], 0)
    assert (plain.temperature, plain.min_p) == (real.temperature, real.min_p) == (0.9, 0.1)
    assert planned_sampling([slot(text=9)], 0, 0.5, heat=0.06).temperature == pytest.approx(0.96)


@given(st.floats(0, 1), st.floats(-0.2, 0.2))
def test_no_setting_makes_the_temperature_freeze_or_boil(level: float, heat: float) -> None:
    assert 0.4 < planned_sampling([slot(text=9)], 0, level, heat).temperature < 1.4


def test_the_budget_grows_with_the_texts_wanted() -> None:
    budgets = [planned_sampling([slot(text=words)], 0).max_tokens for words in (1, 10, 60, 300)]
    assert budgets == sorted(set(budgets))
    assert budgets[0] >= 24
    assert budgets[-1] >= 2 * 300
    several = [slot(i, text=60) for i in range(4)]
    assert planned_sampling(several, 0).max_tokens > 3 * budgets[2]


def test_the_budget_has_room_for_long_column_names() -> None:
    question = "What did you like most about the pan, and would you buy it again for a friend?" * 4
    assert planned_sampling([slot(**{question: 5})], 0).max_tokens > 120


def test_the_budget_of_native_mode_grows_with_the_rows(chat: PromptContext) -> None:
    few, many = (native_sampling(chat, rows, 0).max_tokens for rows in (1, 10))
    assert 10 * few > many > 5 * few


def test_every_slot_attempt_and_run_draws_with_a_seed_of_its_own(chat: PromptContext) -> None:
    planned = {planned_sampling([slot(i, text=9)], attempt).seed for i in range(5) for attempt in range(5)}
    native = {
        native_sampling(replace(chat, seed=run), 10, attempt).seed for run in range(5) for attempt in range(5)
    }
    assert len(planned | native) == 50


def request(slots: tuple[int, ...] = (0,), attempt: int = 0, text: str = "Ladle's \ud800 end") -> Request:
    return Request(
        Prompt("chat", text), Sampling(seed=1), "function/x", slots, attempt, 1, {"type": "object"}
    )


def test_slot_attempt_and_prompt_make_a_request_another() -> None:
    requests = [request(), request(slots=(1,)), request(attempt=1), request(text="Other")]
    assert len({r.fingerprint for r in requests}) == 4
    assert request().fingerprint == request().fingerprint


FINGERPRINT = """
from syngen.types import *
r = Request(Prompt("chat", "Ladle's \\ud800 end"), Sampling(seed=1), "function/x", (0,), 0, 1, {"type": "object"})
print(r.fingerprint)
"""


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_a_fingerprint_is_the_same_in_every_process(hash_seed: str) -> None:
    env = {**os.environ, "PYTHONHASHSEED": hash_seed}
    command = [sys.executable, "-c", FINGERPRINT]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == request().fingerprint
