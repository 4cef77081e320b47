"""The public test double keeps the contract of every model."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from syngen.models.providers.function import FunctionModel
from syngen.types import Completion, Prompt, Request, Sampling


def request(number: int) -> Request:
    return Request(Prompt("chat", "three small words", "be brief"), Sampling(), "function/x", (number,), 0, 1)


def test_every_request_is_answered_once_and_a_pause_is_passed_over() -> None:
    asked = [request(0), None, request(1), request(2), None]
    answered = list(FunctionModel(lambda r: f"reply {r.slots[0]}").complete(asked))
    assert [(c.request, c.text) for c in answered] == [(request(i), f"reply {i}") for i in range(3)]


def test_a_request_is_pulled_only_when_there_is_room_for_it() -> None:
    pulled: list[int] = []

    def requests() -> Iterator[Request]:
        for number in range(3):
            pulled.append(number)
            yield request(number)

    answers = FunctionModel(lambda _: "yes").complete(requests())
    next(answers)
    assert pulled == [0]


def test_tokens_are_counted_as_words() -> None:
    (answer,) = FunctionModel(lambda _: "four words as asked").complete([request(0)])
    assert (answer.prompt_tokens, answer.completion_tokens, answer.finish) == (5, 4, "stop")


def test_a_function_may_return_a_whole_completion() -> None:
    model = FunctionModel(lambda r: Completion(r, "", "error", "out of ink", 1, 0))
    (answer,) = model.complete([request(0)])
    assert (answer.finish, answer.error) == ("error", "out of ink")


def test_what_the_function_raises_propagates() -> None:
    def broken(_: Request) -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(FunctionModel(broken).complete([request(0)]))
