"""A contract for models, as tests: for SynGen's own providers and for those of others.

A provider's author subclasses `ModelContract` (or `RemoteContract` for a model behind a network) in a test file,
gives the fixtures, and runs pytest:

    class TestMine(ModelContract):
        @pytest.fixture
        def model(self): return open_model("mine/small")
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Protocol

from syngen.errors import ModelError
from syngen.types import Completion, Model, Prompt, Request, Sampling

__all__ = ["ModelContract", "RemoteContract", "Server", "answers", "ask"]


def _object(**properties: Any) -> dict[str, Any]:
    required = list(properties)
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


_ONE = _object(title={"type": "string"}, text={"type": "string"})


def ask(
    number: int,
    model: Model,
    *,
    text: str = "",
    rows: int = 0,
    max_tokens: int = 60,
    seed: int | None = None,
    stop: tuple[str, ...] = (),
    temperature: float = 0.9,
) -> Request:
    """Return a request with the kind of prompt that suits the model.

    Args:
        number: Of the slot, and the seed when none is given.
        text: The prompt; by default a few records to continue.
        rows: Rows asked for by a schema; 0 for free text.
    """
    chats = model.capabilities.prompt_kind == "chat"
    shown = '{"title": "Good kettle", "text": "It boils water fast and pours well."}\n'
    prompt = Prompt(
        "chat" if chats else "completion",
        text or f"Records about household goods, number {number}:\n{shown * 2}",
    )
    schema: dict[str, Any] | None = _ONE if rows == 1 else None
    if rows > 1:
        schema = _object(rows={"type": "array", "items": _ONE, "minItems": rows, "maxItems": rows})
    sampling = Sampling(
        temperature=temperature, max_tokens=max_tokens, seed=number if seed is None else seed, stop=stop
    )
    return Request(prompt, sampling, model.name, (number,), 0, max(1, rows), schema)


def answers(model: Model, requests: list[Request | None]) -> list[Completion]:
    """Return a model's completions of these requests, without its heartbeats."""
    return [completion for completion in model.complete(requests) if completion is not None]


class ModelContract:
    """Tests that hold for any model. Needs the fixture `model`.

    Attributes:
        longest: Words of a prompt that no model of this kind has room for; 0 where there is no limit.
        holds_count: Its schemas can fix the number of rows.
        reply_tokens: Tokens that a reply of a few rows may take.
    """

    longest = 200_000
    holds_count = True
    reply_tokens = 400

    def test_each_request_is_answered_once_with_text(self, model: Model) -> None:
        requests = [ask(i, model) for i in range(7)]
        got = answers(model, [*requests[:3], None, *requests[3:], None])
        assert sorted(c.request.slots[0] for c in got) == list(range(7))
        assert {c.request for c in got} <= {*requests} if got else False
        assert all(c.finish in ("stop", "length") and c.error == "" for c in got)
        assert sum(bool(c.text.strip()) for c in got) >= 5

    def test_its_name_is_provider_and_name(self, model: Model) -> None:
        provider, _, name = model.name.partition("/")
        assert provider
        assert name

    def test_a_schema_is_kept_to(self, model: Model) -> None:
        got = answers(model, [ask(i, model, rows=1, max_tokens=self.reply_tokens) for i in range(4)])
        whole = [c for c in got if c.finish == "stop"]
        assert len(got) == 4
        if model.capabilities.schema:
            assert all(list(json.loads(c.text)) == ["title", "text"] for c in whole)

    def test_several_rows_come_from_one_call(self, model: Model) -> None:
        (got,) = answers(model, [ask(0, model, rows=3, max_tokens=3 * self.reply_tokens)])
        if model.capabilities.schema and got.finish == "stop":
            rows = json.loads(got.text)["rows"]
            assert [list(row) for row in rows] == [["title", "text"]] * (3 if self.holds_count else len(rows))
            assert rows

    def test_the_seed_decides(self, model: Model) -> None:
        texts = [answers(model, [ask(0, model, seed=seed)])[0].text for seed in (11, 11, 12, 13)]
        if model.capabilities.seeds:
            assert texts[0] == texts[1]
            assert len(set(texts)) >= 2

    def test_a_reply_ends_before_a_stop_string(self, model: Model) -> None:
        (whole,) = answers(model, [ask(0, model, seed=5, temperature=0.0)])
        words = [word for word in whole.text.split() if len(word) > 3]
        if not model.capabilities.seeds or not words:
            return
        stop = words[len(words) // 2]
        (stopped,) = answers(model, [ask(0, model, seed=5, temperature=0.0, stop=(stop,))])
        assert stop not in stopped.text
        assert stopped.finish == "stop"

    def test_a_reply_is_cut_at_the_token_limit(self, model: Model) -> None:
        got = answers(model, [ask(i, model, max_tokens=3) for i in range(3)])
        assert {c.finish for c in got} <= {"length", "stop"}
        assert any(c.finish == "length" for c in got)
        assert all(c.completion_tokens is None or c.completion_tokens <= 3 for c in got)

    def test_tokens_are_counted(self, model: Model) -> None:
        (got,) = answers(model, [ask(0, model)])
        assert got.prompt_tokens is None or got.prompt_tokens > 0
        assert got.completion_tokens is None or got.completion_tokens > 0
        assert 0 <= got.cached_tokens <= got.tokens.read
        assert 0 <= got.thinking_tokens <= got.tokens.written
        assert got.seconds >= 0

    def test_it_can_be_interrupted_and_asked_again(self, model: Model) -> None:
        asked: Iterator[Completion | None] = model.complete(iter([ask(i, model) for i in range(5)]))
        while next(asked) is None:
            pass
        close = getattr(asked, "close", None)
        assert close is not None, "complete is a generator, or has close()"
        close()
        (again,) = answers(model, [ask(9, model)])
        assert again.request.slots == (9,)

    def test_a_prompt_without_room_is_an_error_of_its_own(self, model: Model) -> None:
        if not self.longest:
            return
        long = ask(1, model, text="kettle " * self.longest)
        got = {c.request.slots[0]: c for c in answers(model, [ask(0, model), long, ask(2, model)])}
        assert got[1].finish == "error"
        assert got[1].error
        assert got[0].finish != "error"
        assert got[2].finish != "error"


class Server(Protocol):
    """A stand-in for a provider, on loopback."""

    def fail(self, status: int, times: int) -> None:
        """Answer the next calls with this status, in the provider's own words."""

    def wait(self, seconds: float) -> None:
        """Take this long over every call."""


class RemoteContract(ModelContract):
    """Tests that also hold for a model behind a network.

    Needs the fixtures `model`, opened with `ModelOptions(timeout=0.5, retry_timeout=1.5, …)`, and `server`, a
    `Server` that it talks to.
    """

    def test_what_fails_in_passing_is_tried_again(self, model: Model, server: Server) -> None:
        server.fail(500, 3)
        got = answers(model, [ask(i, model) for i in range(6)])
        assert [c.finish for c in got if c.finish == "error"] == []
        assert [fault for c in got for fault in c.faults] == ["500"] * 3

    def test_too_many_calls_are_waited_out(self, model: Model, server: Server) -> None:
        server.fail(429, 3)
        got = answers(model, [ask(i, model) for i in range(6)])
        assert [c.finish for c in got if c.finish == "error"] == []
        assert [fault for c in got for fault in c.faults] == ["429"] * 3

    def test_a_wrong_key_ends_it_at_once(self, model: Model, server: Server) -> None:
        server.fail(401, 100)
        assert "key" in str(_error(model, 50))

    def test_a_provider_that_stays_down_ends_it(self, model: Model, server: Server) -> None:
        server.fail(503, 10_000)
        assert _error(model, 50).exit_status == 4

    def test_a_call_that_takes_too_long_is_given_up(self, model: Model, server: Server) -> None:
        server.wait(30.0)
        assert _error(model, 20).exit_status == 4


def _error(model: Model, count: int) -> ModelError:
    """Return the error that this number of requests ends in."""
    try:
        answers(model, [ask(i, model) for i in range(count)])
    except ModelError as error:
        return error
    raise AssertionError(f"{model.name} raised no error")
