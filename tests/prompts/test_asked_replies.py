"""What a reply must look like, how long it may be, and what makes one request another."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from syngen.prompts import Brief, native_sampling, planned_sampling, reply_schema
from syngen.types import Prompt, Request, Sampling, Slot, TextTarget


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


def test_the_budget_of_native_mode_grows_with_the_rows(chat: Brief) -> None:
    few, many = (native_sampling(chat, rows, 0).max_tokens for rows in (1, 10))
    assert 10 * few > many > 5 * few


def test_every_slot_attempt_and_run_draws_with_a_seed_of_its_own(chat: Brief) -> None:
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
