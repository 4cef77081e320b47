"""Models of Cohere, through its official client over real HTTP."""

from __future__ import annotations

import asyncio
import importlib.util
from dataclasses import replace

import pytest

import syngen
from servers.cohere_server import BROKEN, BUSY, MINUTE, MONTH, CohereServer, refusal
from servers.loopback import say
from syngen.errors import ConfigError, ModelNotFound, ModelRefused, ModelUnreachable
from syngen.models import ModelOptions, open_model
from syngen.models.faults import Fault
from syngen.models.pace import Allowance, Pace
from syngen.models.protocol import Reply
from syngen.models.providers.cohere import RETIRED, narrowed
from syngen.models.remote import RemoteModel
from syngen.models.testing import RemoteContract, answers, ask
from syngen.prompts.schema import reply_schema
from syngen.types import Model, Prompt, Reference, Request, Sampling, Slot, TextTarget

NAME = "cohere/command-a-03-2025"
KEY = CohereServer.key


@pytest.fixture(autouse=True)
def _only_this_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CO_API_KEY", "CO_API_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COHERE_API_KEY", KEY)


@pytest.fixture
def app() -> CohereServer:
    return CohereServer()


@pytest.fixture
def model(url: str) -> Model:
    return open_model(NAME, ModelOptions(base_url=url, retry_timeout=2.0))


class TestContract(RemoteContract):
    """What holds for every model behind a network."""

    @pytest.fixture
    def server(self, app: CohereServer) -> CohereServer:
        def three_rows(prompt: str, schema: object, seed: int, most: int) -> str:
            # Cohere's schemas bound no array: how many rows there are, a model reads in its prompt.
            if isinstance(schema, dict) and "rows" in schema.get("properties", {}):
                rows = {**schema["properties"]["rows"], "minItems": 3}
                schema = {**schema, "properties": {"rows": rows}}
            return say(prompt, schema, seed, most)

        app.reply = three_rows
        return app

    @pytest.fixture
    def model(self, url: str, server: CohereServer) -> Model:
        return open_model(NAME, ModelOptions(base_url=url, timeout=0.5, retry_timeout=1.5))


def call(model: Model, request: Request) -> Reply:
    """One call, by the endpoint alone."""
    assert isinstance(model, RemoteModel)
    endpoint = model.endpoint

    async def once() -> Reply:
        await endpoint.open()
        try:
            return await endpoint.call(request, 1, endpoint.terms)
        finally:
            await endpoint.close()

    return asyncio.run(once())


def test_a_call_says_what_is_wanted_and_no_more(app: CohereServer, model: Model) -> None:
    prompt = Prompt("chat", "Write a review as JSON.", "You write reviews.")
    sampling = Sampling(0.7, 0.95, 0.05, 1.1, 80, tuple("ABCDEFG"), 7)
    answers(model, [Request(prompt, sampling, model.name, (0,), 0, 1, ask(0, model, rows=1).schema)])
    (body,) = app.calls
    assert body == {
        "model": "command-a-03-2025",
        "messages": [
            {"role": "system", "content": "You write reviews."},
            {"role": "user", "content": "Write a review as JSON."},
        ],
        "max_tokens": 80,
        "temperature": 0.7,
        "p": 0.95,
        "seed": 7,
        "stop_sequences": ["A", "B", "C", "D", "E"],
        "response_format": {
            "type": "json_object",
            "schema": {
                "type": "object",
                "properties": {"title": {"type": "string"}, "text": {"type": "string"}},
                "required": ["title", "text"],
            },
        },
        "stream": False,
    }
    assert app.headers[0]["x-client-name"] == "syngen"


def test_every_schema_of_ours_is_one_that_cohere_takes(app: CohereServer, model: Model) -> None:
    def slot(*columns: str) -> Slot:
        return Slot(0, {}, dict.fromkeys(columns, TextTarget(9)), 0, 0, 0, 0)

    alike, unlike = [slot("title", "text")] * 3, [slot("title", "text"), slot("text")]
    for slots in (alike[:1], alike, unlike, [slot("title"), slot("text")]):
        answers(model, [replace(ask(0, model), schema=reply_schema(slots))])
    one, many, mixed, nothing = [body["response_format"].get("schema") for body in app.calls]
    assert one["required"] == ["title", "text"]
    assert many["properties"]["rows"]["items"] == one
    assert mixed["properties"]["rows"]["items"]["required"] == ["text"]
    assert set(mixed["properties"]["rows"]["items"]["properties"]) == {"title", "text"}
    assert nothing is None, "rows with no field in common can't be asked for"


def test_a_column_named_like_a_rule_is_kept() -> None:
    schema = {"type": "object", "properties": {"minimum": {"type": "string"}}, "required": ["minimum"]}
    assert narrowed(schema) == schema


def test_tokens_are_counted_as_they_are_billed(app: CohereServer, model: Model) -> None:
    app.billed = 0.5
    (got,) = answers(model, [ask(0, model, text="one two three four", max_tokens=4)])
    assert (got.prompt_tokens, got.completion_tokens, got.finish) == (2, 4, "length")


def test_what_it_costs_is_known(model: Model) -> None:
    prices = model.capabilities.prices
    assert prices is not None
    read, written, _ = prices
    assert 0 < read < written
    assert model.capabilities.price_source.startswith("genai-prices")


@pytest.mark.parametrize(("formats", "form"), [("json_object", {"type": "json_object"}), ("none", None)])
def test_a_model_that_takes_no_schema_is_asked_without_it_from_then_on(
    app: CohereServer, model: Model, formats: str, form: dict[str, str] | None
) -> None:
    app.formats = formats
    first = answers(model, [ask(i, model, rows=1) for i in range(3)])
    asked = len(app.calls)
    again = answers(model, [ask(i, model, rows=1) for i in range(3, 6)])
    assert all(c.finish != "error" for c in first + again)
    later = app.calls[asked:]
    assert len(later) == 3, "what was learnt is kept"
    assert all(body.get("response_format") == form for body in later)


def test_thoughts_are_counted_and_never_in_the_text_and_not_asked_for_again(
    app: CohereServer, model: Model
) -> None:
    app.thoughts = "let me see " * 20
    (first,) = answers(model, [ask(0, model, max_tokens=100)])
    (second,) = answers(model, [ask(1, model, max_tokens=100)])
    assert "let me see" not in first.text
    assert 30 < first.thinking_tokens < (first.completion_tokens or 0)
    assert second.thinking_tokens == 0
    assert [body.get("thinking") for body in app.calls] == [None, {"type": "disabled"}]


def test_a_model_known_to_think_is_asked_not_to_and_one_that_can_not_be_asked_gets_room(
    app: CohereServer, url: str
) -> None:
    app.thoughts = "let me see " * 20
    model = open_model("cohere/command-a-plus-05-2026", ModelOptions(base_url=url))
    (got,) = answers(model, [ask(0, model)])
    assert got.thinking_tokens == 0
    app.knows_thinking = False
    answers(model, [ask(1, model, max_tokens=100)])
    (got,) = answers(model, [ask(2, model, max_tokens=100)])
    assert got.finish == "stop"
    assert "thinking" not in app.calls[-1]
    assert app.calls[-1]["max_tokens"] == 1124


def test_an_api_that_fails_every_fifth_time_loses_nothing(app: CohereServer, model: Model) -> None:
    app.troubles.rate, app.troubles.often = 0.2, (BUSY, BROKEN, refusal(504, "gateway timeout"))
    got = answers(model, [ask(i, model) for i in range(100)])
    assert [c for c in got if c.finish == "error"] == []
    assert len(got) == 100
    assert sum(len(c.faults) for c in got) == len(app.calls) - 100


def test_a_reply_that_broke_off_is_asked_for_again(app: CohereServer, model: Model) -> None:
    broken = {"id": "x", "finish_reason": "ERROR", "message": {"role": "assistant", "content": []}}
    app.troubles.queue.append(refusal(200, "")._replace(body=broken))
    (got,) = answers(model, [ask(0, model)])
    assert (got.finish, got.faults) == ("stop", ("error",))


def test_what_headers_say_of_a_trial_key_is_kept(app: CohereServer, model: Model) -> None:
    app.trial = app.left = 20
    assert call(model, ask(0, model)).allowance == Allowance(19, per_minute=20)


def test_what_a_refusal_says_of_a_trial_key_is_kept(app: CohereServer, model: Model) -> None:
    app.trial, app.left = 20, 0
    with pytest.raises(Fault) as caught:
        call(model, ask(0, model))
    fault = caught.value
    assert (fault.kind, fault.code, fault.allowance) == ("throttled", "429", Allowance(0, per_minute=20))
    now = 100.0
    pace = Pace(8, clock=lambda: now)
    pace.throttled(pace.start(), fault.retry_after, fault.allowance)
    assert (pace.per_minute, pace.wait()) == (20, 60.0)
    now += 60
    assert pace.wait() <= 0


def test_within_its_limits_a_trial_key_meets_no_refusal_and_its_last_call_no_wait(
    app: CohereServer, model: Model
) -> None:
    app.trial = app.left = 20
    told = list(model.complete([ask(i, model) for i in range(20)]))
    got = [c for c in told if c is not None]
    assert [c.finish for c in got] == ["stop"] * 20
    assert [fault for c in got for fault in c.faults] == []
    assert len(told) < 60, (
        "heartbeats: it did not wait for the next minute to find that there is no more to do"
    )


def test_a_refusal_that_says_nothing_of_limits_is_waited_out(app: CohereServer, model: Model) -> None:
    app.troubles.queue.extend([refusal(429, "too many requests")] * 5)
    got = answers(model, [ask(i, model) for i in range(8)])
    assert [c.finish for c in got if c.finish == "error"] == []
    assert [fault for c in got for fault in c.faults] == ["429"] * 5


def test_a_trial_key_that_is_used_up_for_the_month_ends_it(app: CohereServer, model: Model) -> None:
    app.troubles.queue.extend([MONTH] * 8)
    with pytest.raises(ModelRefused, match=r"1000 calls a month .* used up.*dashboard\.cohere\.com"):
        answers(model, [ask(i, model) for i in range(50)])
    assert len(app.calls) <= 8


def test_a_minutes_limit_is_never_taken_for_a_spent_account(app: CohereServer, model: Model) -> None:
    text = MINUTE.body["message"].replace("api-keys", "billing")  # as the dashboard's page is called at times
    app.troubles.queue.append(refusal(429, text))
    with pytest.raises(Fault) as caught:
        call(model, ask(0, model))
    assert caught.value.kind == "throttled"


def test_a_wrong_key_is_told_at_once_with_the_variable_that_holds_it(app: CohereServer, model: Model) -> None:
    app.key = "another-key-0123456789"
    with pytest.raises(ModelRefused, match=r"refused the key \(401: invalid api token\).*COHERE_API_KEY"):
        answers(model, [ask(i, model) for i in range(50)])
    assert not app.calls


def test_cohere_s_own_status_for_a_token_that_is_none_is_a_wrong_key(app: CohereServer, model: Model) -> None:
    app.troubles.queue.extend([refusal(498, "invalid token")] * 8)
    with pytest.raises(ModelRefused, match="refused the key"):
        answers(model, [ask(0, model)])


def test_no_key_is_told_before_anything_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COHERE_API_KEY")
    with pytest.raises(ConfigError, match="COHERE_API_KEY is not set") as error:
        open_model(NAME)
    assert error.value.hint.startswith("Set COHERE_API_KEY")


def test_the_clients_own_variable_is_read_too(
    app: CohereServer, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CO_API_KEY", "another-key-0123456789")
    monkeypatch.setenv("CO_API_URL", url)
    app.key = "another-key-0123456789"
    model = open_model(NAME)
    assert answers(model, [ask(0, model)])[0].finish == "stop"


def test_a_key_never_comes_back(app: CohereServer, model: Model) -> None:
    app.reply = lambda *_: f"The key is {KEY}."
    app.troubles.queue.append(refusal(422, f"bad request with {KEY}"))
    got = answers(model, [ask(0, model), ask(1, model)])
    assert sorted(c.finish for c in got) == ["error", "stop"]
    assert "[key]" in got[0].error + got[1].error
    assert KEY not in repr(got)
    assert KEY not in "".join(map(str, app.calls))


@pytest.mark.parametrize("name", sorted(RETIRED))
def test_a_retired_model_is_told_with_what_took_its_place(name: str) -> None:
    with pytest.raises(ModelNotFound, match=rf"Cohere has retired {name}\.") as error:
        open_model(f"cohere/{name}")
    instead = error.value.hint.removeprefix("Take instead: ").split(" or ")
    assert instead
    assert all(open_model(other).capabilities.prices for other in instead), "they are there, and priced"


def test_a_model_that_is_not_there_is_told_with_those_that_are(app: CohereServer, url: str) -> None:
    for name, said in (("command-nightly", "was removed on"), ("command-z", "not found")):
        model = open_model(f"cohere/{name}", ModelOptions(base_url=url))
        with pytest.raises(ModelNotFound, match=f"{said}.*Cohere has: command-a-03-2025, command-a-plus"):
            answers(model, [ask(0, model)])


def test_without_the_package_it_is_told_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "cohere" else found(name))
    with pytest.raises(ModelNotFound, match=r"pip install 'syngen-text\[cohere\]'"):
        open_model(NAME)


def test_no_network_is_told_before_long() -> None:
    model = open_model(NAME, ModelOptions(base_url="http://127.0.0.1:9", retry_timeout=0.1))
    with pytest.raises(ModelUnreachable, match="can't be reached"):
        answers(model, [ask(0, model)])


@pytest.mark.parametrize("body", ["<html>Welcome</html>", [], {"choices": []}])
def test_another_server_is_not_mistaken_for_cohere(app: CohereServer, model: Model, body: object) -> None:
    app.troubles.queue.extend([refusal(200, "")._replace(body=body)] * 20)
    with pytest.raises(ModelRefused, match="not Cohere's API"):
        answers(model, [ask(i, model) for i in range(20)])


def test_half_a_character_does_not_stop_it(app: CohereServer, model: Model) -> None:
    (got,) = answers(model, [ask(0, model, text="kettle \ud83d and 🫖")])
    assert got.finish == "stop"
    assert app.calls[0]["messages"][-1]["content"] == "kettle ? and 🫖"


def test_a_run_gives_exactly_what_was_asked_for(app: CohereServer, url: str, reference: Reference) -> None:
    app.troubles.rate, app.troubles.often = 0.1, (BUSY, BROKEN)
    run = syngen.generate(reference, 12, model=open_model(NAME, ModelOptions(base_url=url)))
    assert run.exact
    assert run.rows.height == 12
    assert run.rows.schema == reference.frame.schema
