"""The embedded model itself: schemas hold, requests come back once, and nothing breaks it."""

from __future__ import annotations

import json
import re

import pytest

from syngen.models import DEFAULT, ModelOptions, open_model
from syngen.models.local.embedded import EmbeddedModel
from syngen.prompts import PromptContext
from syngen.prompts.schema import reply_schema
from syngen.types import Prompt, Reference, Request, Sampling, Slot, TextTarget

pytestmark = pytest.mark.slow

NAMES = ["headline", 'what, in your "own" words,\nwas it like? \\ ünd', ""]
SUBJECTS = ["a kettle", "garden gloves", "a bicycle pump", "an oven mitt", "a rain coat", "a desk lamp"]


@pytest.fixture(scope="module")
def model() -> EmbeddedModel:
    return open_model(DEFAULT)


def ask(number: int, names: list[str] | None = None, max_tokens: int = 90) -> Request:
    """A request for an object of texts, or for free text."""
    prompt = Prompt("completion", f"A buyer wrote about {SUBJECTS[number]}, as JSON:\n")
    schema = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in names or ()},
        "required": names or [],
        "additionalProperties": False,
    }
    sampling = Sampling(max_tokens=max_tokens, seed=40 + number)
    return Request(prompt, sampling, DEFAULT, (number,), 0, 1, schema if names else None)


def test_replies_keep_to_the_schema_and_each_request_is_answered_once(model: EmbeddedModel) -> None:
    requests = [ask(i, NAMES[:1], max_tokens=250) for i in range(6)]
    answers = {c.request.slots[0]: c for c in model.complete(requests)}
    assert sorted(answers) == list(range(6))
    complete = [c for c in answers.values() if c.finish == "stop"]
    assert len(complete) >= 3
    assert all(list(json.loads(c.text)) == NAMES[:1] for c in complete)
    assert all(c.completion_tokens and c.prompt_tokens and c.seconds > 0 for c in answers.values())


def test_a_column_may_have_any_name(model: EmbeddedModel) -> None:
    answers = [
        c for c in model.complete([ask(i, NAMES, max_tokens=250) for i in range(4)]) if c.finish == "stop"
    ]
    assert answers
    assert all(list(json.loads(c.text)) == NAMES for c in answers)


def test_several_different_rows_can_be_asked_for(model: EmbeddedModel) -> None:
    slots = [Slot(i, {}, {name: TextTarget(5)}, i, 0, 0, 0) for i, name in enumerate(("headline", "text"))]
    request = ask(0, max_tokens=250)
    asked = Request(request.prompt, request.sampling, DEFAULT, (0, 1), 0, 2, reply_schema(slots))
    (answer,) = model.complete([asked])
    assert [list(row) for row in json.loads(answer.text)["rows"]] == [["headline"], ["text"]]


def test_a_bounded_text_keeps_its_bounds_and_an_opening_is_kept_to(
    model: EmbeddedModel, reference: Reference
) -> None:
    wanted = [
        ("length", TextTarget(4)),
        ("length", TextTarget(14)),
        ("diversity", TextTarget(20, opening='"so far" i')),
    ]
    requests = []
    for number, (name, target) in enumerate(wanted):
        brief = PromptContext(reference, "", "completion", 1, strategies=(name,))
        schema = reply_schema([Slot(number, {}, {"text": target}, 1, 0, 0, 0)], brief)
        plain = ask(number, max_tokens=250)
        requests.append(Request(plain.prompt, plain.sampling, DEFAULT, (number,), 0, 1, schema))
    answers = {c.request.slots[0]: c for c in model.complete(requests)}
    for number in (0, 1, 2):
        if number < 2 or answers[number].finish == "stop":
            pattern = requests[number].schema["properties"]["text"]["pattern"]
            assert re.fullmatch(pattern, json.loads(answers[number].text)["text"])
    assert answers[2].text.startswith('{"text": "\\"so far\\" i ')


def test_an_interrupted_model_can_be_asked_again(model: EmbeddedModel) -> None:
    answers = model.complete(ask(i, max_tokens=20 if i == 0 else 200) for i in range(6))
    assert next(answers).request.slots == (0,)
    answers.close()
    (again,) = model.complete([ask(5, max_tokens=12)])
    assert (again.finish, again.completion_tokens) == ("length", 12)


def test_none_in_between_does_not_stop_it(model: EmbeddedModel) -> None:
    answers = model.complete([ask(0, max_tokens=8), None, ask(1, max_tokens=8), None, None])
    assert sorted(c.request.slots[0] for c in answers) == [0, 1]


def test_a_deterministic_model_repeats_itself_whatever_else_it_is_asked() -> None:
    steady = open_model(DEFAULT, ModelOptions(deterministic=True))
    first, again = (
        {c.request.slots[0]: c.text for c in steady.complete([ask(i, max_tokens=40) for i in order])}
        for order in ((0, 1, 2), (4, 2, 1, 5, 0))
    )
    assert {i: again[i] for i in first} == first
    assert len(set(first.values())) == 3


def test_another_seed_gives_another_text(model: EmbeddedModel) -> None:
    request = ask(0, max_tokens=30)
    other = Request(request.prompt, Sampling(max_tokens=30, seed=7), DEFAULT, (1,), 0, 1)
    assert len({c.text for c in model.complete([request, other])}) == 2


@pytest.mark.parametrize(
    ("text", "error"),
    [("kettle " * 30_000, "no room for a prompt of"), ("", "Prompt length cannot be 0")],
    ids=["too long", "empty"],
)
def test_a_prompt_that_can_not_be_answered_is_an_error_of_its_own(
    model: EmbeddedModel, text: str, error: str
) -> None:
    bad = Request(Prompt("completion", text), Sampling(max_tokens=8), DEFAULT, (9,), 0, 1)
    answers = {c.request.slots[0]: c for c in model.complete([bad, ask(0, max_tokens=8)])}
    assert answers[9].finish == "error"
    assert error in answers[9].error
    assert answers[0].finish == "length"


def test_a_reply_that_may_be_longer_than_the_room_gets_what_is_left(model: EmbeddedModel) -> None:
    prompt = Prompt("completion", "kettle " * 8_150)
    (answer,) = model.complete([Request(prompt, Sampling(max_tokens=50_000), DEFAULT, (0,), 0, 1)])
    assert answer.finish in ("length", "stop")
    assert 0 < answer.completion_tokens < 100


def test_a_chat_is_answered_in_free_text(model: EmbeddedModel) -> None:
    prompt = Prompt("chat", "Name three colours. \ud800", "You answer in one short sentence.")
    (answer,) = model.complete([Request(prompt, Sampling(max_tokens=40), DEFAULT, (0,), 0, 1)])
    assert answer.finish in ("stop", "length")
    assert answer.text.strip()
    assert "<|im_" not in answer.text
