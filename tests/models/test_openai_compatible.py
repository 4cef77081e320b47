"""Anything that speaks the OpenAI chat API, over real HTTP: what is asked, what is learnt, what is told."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import syngen
from servers.loopback import Trouble, say, serve
from servers.openai_server import BROKEN, BUSY, FULL, SPENT, OpenAIServer
from syngen.data import sample
from syngen.errors import ConfigError, ModelError, ModelNotFound, ModelRefused, ModelUnreachable
from syngen.models import ModelOptions, open_model
from syngen.models.testing import answers, ask
from syngen.types import Model, Prompt, Reference, Request, Sampling
from waiting import until

NAME = "openai/gpt-4o-mini"


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "SYNGEN_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def app() -> OpenAIServer:
    return OpenAIServer()


@pytest.fixture
def model(url: str) -> Model:
    return open_model(NAME, ModelOptions(base_url=url, retry_timeout=2.0))


def test_a_call_says_what_is_wanted_and_no_more(app: OpenAIServer, model: Model) -> None:
    prompt = Prompt("chat", "Write a review.", "You write reviews.")
    sampling = Sampling(0.7, 0.95, 0.05, 1.1, 80, ("###",), 7)
    answers(model, [Request(prompt, sampling, model.name, (0,), 0, 1, ask(0, model, rows=1).schema)])
    (body,) = app.calls
    assert body == {
        "model": "gpt-4o-mini",
        "messages": [
            {"role": "system", "content": "You write reviews."},
            {"role": "user", "content": "Write a review."},
        ],
        "temperature": 0.7,
        "top_p": 0.95,
        "min_p": 0.05,
        "repetition_penalty": 1.1,
        "seed": 7,
        "stop": ["###"],
        "max_tokens": 80,
        "response_format": body["response_format"],
    }
    assert body["response_format"]["json_schema"]["schema"] == ask(0, model, rows=1).schema
    assert "authorization" not in app.headers[0]


@pytest.mark.parametrize(("formats", "forms"), [("json_object", {"json_object"}), ("none", {None})])
def test_a_server_that_takes_no_schema_is_asked_without_it_from_then_on(
    app: OpenAIServer, model: Model, formats: str, forms: set[str | None]
) -> None:
    app.formats = formats
    first = answers(model, [ask(i, model, rows=1) for i in range(3)])
    asked = len(app.calls)
    again = answers(model, [ask(i, model, rows=1) for i in range(3, 6)])
    assert all(c.finish == "stop" for c in first + again)
    later = app.calls[asked:]
    assert len(later) == 3, "what was learnt is kept"
    assert {body.get("response_format", {}).get("type") for body in later} == forms


def test_settings_a_server_does_not_take_are_left_out_from_then_on(app: OpenAIServer, model: Model) -> None:
    app.refuses = ("min_p", "repetition_penalty", "max_tokens", "temperature")
    got = answers(model, [ask(i, model) for i in range(5)])
    assert all(c.finish == "stop" for c in got)
    assert not {"min_p", "repetition_penalty", "temperature"} & set(app.calls[-1])
    asked = len(app.calls)
    answers(model, [ask(9, model)])
    assert len(app.calls) == asked + 1


def test_a_request_that_is_refused_for_no_known_reason_ends_it_before_much_is_spent(
    app: OpenAIServer, model: Model
) -> None:
    app.refuses = ("messages",)
    with pytest.raises(ModelRefused, match=r"refused the request.*messages"):
        answers(model, [ask(i, model) for i in range(200)])
    assert len(app.calls) <= 64


def test_one_prompt_too_long_is_an_error_and_a_model_too_small_for_all_ends_the_run(
    app: OpenAIServer, model: Model
) -> None:
    app.context = 200
    got = {c.request.slots[0]: c for c in answers(model, [ask(0, model), ask(1, model, text="word " * 300)])}
    assert (got[0].finish, got[1].finish) == ("stop", "error")
    assert "maximum context length" in got[1].error
    app.context = 3
    with pytest.raises(ModelRefused, match=r"too long.*longer context"):
        answers(model, [ask(i, model) for i in range(50)])


@pytest.mark.parametrize("tags", [False, True], ids=["field", "tags"])
def test_thoughts_are_left_out_counted_and_given_room(app: OpenAIServer, model: Model, tags: bool) -> None:
    app.thoughts, app.tags = "Hmm, let me think about kettles. " * 20, tags
    first, second = (answers(model, [ask(i, model, rows=1, max_tokens=40)])[0] for i in range(2))
    assert "Hmm" not in first.text + second.text
    assert 0 < second.thinking_tokens < second.completion_tokens
    assert app.calls[1]["max_tokens"] > app.calls[0]["max_tokens"] + 200
    assert second.finish == "stop"
    assert json.loads(second.text)


def test_usage_with_cached_tokens_is_told(model: Model) -> None:
    (got,) = answers(model, [ask(0, model)])
    assert got.prompt_tokens == len(ask(0, model).prompt.user.split())
    assert got.cached_tokens == got.prompt_tokens // 2


def choices(model: Model, count: int) -> list[Request]:
    """Several replies to one prompt."""
    one = ask(0, model)
    return [
        Request(one.prompt, one.sampling, one.model, (), 0, 1, choice=i, choices=count) for i in range(count)
    ]


def test_several_replies_to_one_prompt_take_one_call(app: OpenAIServer, model: Model) -> None:
    got = answers(model, choices(model, 4))
    assert [body.get("n") for body in app.calls] == [4]
    assert [c.request.choice for c in got] == [0, 1, 2, 3]
    assert len({c.text for c in got}) == 4
    assert sum(c.prompt_tokens for c in got) == len(ask(0, model).prompt.user.split())


@pytest.mark.parametrize("refused", [True, False], ids=["refused", "ignored"])
def test_where_a_server_gives_one_reply_a_call_the_others_are_asked_for(
    app: OpenAIServer, model: Model, refused: bool
) -> None:
    app.refuses, app.most_choices = (("n",) if refused else ()), 1
    got = answers(model, choices(model, 4))
    assert sorted(c.request.choice for c in got) == [0, 1, 2, 3]


def test_errors_are_waited_out_and_told_apart_from_rejects(
    app: OpenAIServer, url: str, reference: Reference
) -> None:
    app.troubles.rate, app.troubles.often = 0.3, (BROKEN, FULL)
    app.troubles.queue.extend([BUSY, BROKEN])
    run = syngen.generate(reference, 60, model=NAME, base_url=url)
    assert run.exact
    assert run.ledger.rejected == {}
    assert run.ledger.faults["500"] > 1
    assert run.ledger.faults["429"] > 1
    assert run.ledger.faults["503"] == 1
    assert run.ledger.calls == 60


def test_the_server_is_not_asked_for_more_than_it_takes(app: OpenAIServer, url: str) -> None:
    app.most, app.troubles.delay = 4, 0.02
    model = open_model(NAME, ModelOptions(base_url=url, concurrency=64))
    got = answers(model, [ask(i, model) for i in range(200)])
    assert len(got) == 200
    sent_back = sum(c.faults.count("429") for c in got)
    assert sent_back < 100


@pytest.mark.parametrize(("trouble", "said"), [(SPENT, "quota"), (None, "refused the key")])
def test_what_no_call_could_mend_stops_at_once(
    app: OpenAIServer, model: Model, trouble: object, said: str
) -> None:
    if trouble is None:
        app.key = "another"
    else:
        app.troubles.queue.extend([SPENT] * 99)
    with pytest.raises(ModelRefused, match=said):
        answers(model, [ask(i, model) for i in range(200)])
    assert len(app.calls) <= 32


def test_an_unknown_model_stops_at_once_and_says_how_to_see_the_known_ones(url: str) -> None:
    with pytest.raises(ModelNotFound, match=r"gpt-5-nanoo.*syngen models list"):
        answers(model := open_model("openai/gpt-5-nanoo", ModelOptions(base_url=url)), [ask(0, model)])


def test_no_server_is_told_within_a_second_or_two() -> None:
    model = open_model(NAME, ModelOptions(base_url="http://127.0.0.1:9/v1"))
    with pytest.raises(ModelUnreachable, match=r"No server answers at http://127.0.0.1:9/v1.*--base-url"):
        answers(model, [ask(i, model) for i in range(50)])


def test_what_is_no_chat_api_is_told(app: OpenAIServer, url: str) -> None:
    model = open_model(NAME, ModelOptions(base_url=url.removesuffix("/v1")))
    with pytest.raises(ModelNotFound, match="address used"):
        answers(model, [ask(0, model)])


def test_a_provider_that_goes_down_for_a_while_only_costs_time(
    app: OpenAIServer, url: str, reference: Reference, caplog: pytest.LogCaptureFixture
) -> None:
    def goes_down(progress: object) -> None:
        if len(app.calls) >= 30 and not app.troubles.queue and not caplog.records:
            app.troubles.queue.extend([BROKEN] * 10)

    run = syngen.generate(reference, 80, model=NAME, base_url=url, observe=goes_down, concurrency=8)
    assert run.exact
    assert run.ledger.rejected == {}
    assert "is down" in caplog.text
    assert "answers again" in caplog.text


def test_a_provider_that_stays_down_stops_the_run_with_everything_saved(
    app: OpenAIServer, url: str, reference: Reference, tmp_path: Path
) -> None:
    def goes_down(progress: object) -> None:
        if len(app.calls) >= 30:
            app.troubles.rate, app.troubles.often = 1.0, (BROKEN,)

    with pytest.raises(ModelUnreachable) as caught:
        syngen.generate(
            reference, 80, model=NAME, base_url=url, observe=goes_down, run=tmp_path / "r", retry_timeout=1.0
        )
    assert caught.value.exit_status == 4
    run = syngen.open_run(tmp_path / "r")
    assert 0 < run.ledger.accepted < 80
    assert "answered no call" in run.stopped
    app.troubles.rate = 0.0
    before = run.ledger.calls
    resumed = syngen.resume(tmp_path / "r")
    assert resumed.exact
    assert resumed.ledger.calls == before + 80 - run.ledger.accepted


def test_it_works_inside_a_running_event_loop(url: str, reference: Reference) -> None:
    async def notebook() -> int:
        run = syngen.generate(reference, 20, model=NAME, base_url=url)
        return run.ledger.accepted

    assert asyncio.run(notebook()) == 20


def test_the_time_limit_holds_while_nothing_comes_back(
    app: OpenAIServer, url: str, reference: Reference
) -> None:
    app.troubles.delay = 60.0
    run = syngen.generate(reference, 20, model=NAME, base_url=url, max_time=1.0)
    assert "time limit" in run.stopped
    assert run.seconds < 20


def test_a_cost_limit_is_overshot_by_no_more_than_the_calls_in_flight(
    app: OpenAIServer, url: str, reference: Reference
) -> None:
    Path("syngen.toml").write_text(f'[prices."{NAME}"]\ninput = 1000.0\noutput = 1000.0\ncached = 0.0\n')
    run = syngen.generate(reference, 200, model=NAME, base_url=url, max_cost=1.0, concurrency=4)
    assert "cost limit" in run.stopped
    each = run.cost_usd / run.ledger.calls
    assert 1.0 <= run.cost_usd < 1.0 + 6 * each
    fresh = run.tokens.read - run.tokens.cached
    assert run.cost_usd == pytest.approx((fresh + run.tokens.written) * 1000 / 1e6)


def test_an_unknown_price_is_unknown_and_never_nothing(
    url: str, reference: Reference, capsys: pytest.CaptureFixture[str]
) -> None:
    run = syngen.generate(reference, 3, model=NAME, base_url=url)
    assert run.cost_usd is None
    with pytest.raises(ConfigError, match=r"price of openai/gpt-4o-mini is not known.*syngen\.toml"):
        syngen.generate(reference, 3, model=NAME, base_url=url, max_cost=1.0)


def test_known_providers_have_dated_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-a-real-key")
    can = open_model(NAME).capabilities
    assert can.price_in > 0
    assert can.price_out > can.price_in
    assert can.price_cached < can.price_in
    assert can.price_source.startswith("genai-prices ")
    local = open_model("lmstudio/anything").capabilities
    assert (local.price_in, local.price_out) == (0, 0)


@pytest.mark.parametrize(("provider", "variable"), [("openai", "OPENAI_API_KEY"), ("groq", "GROQ_API_KEY")])
def test_a_missing_key_is_told_before_anything_is_done(
    provider: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(variable, raising=False)
    with pytest.raises(ConfigError, match=rf"{variable} is not set\. Set {variable} in the environment"):
        open_model(f"{provider}/some-model")


def test_an_endpoint_of_ones_own_just_works(
    app: OpenAIServer, url: str, reference: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.models, app.key = ("qwen/with-slash",), "sk-mine-12345678"
    Path("syngen.toml").write_text(
        f'[endpoints.mybox]\nbase_url = "{url}"\nkey = "MYBOX_KEY"\n'
        'headers = { X-Team = "blue-${TEAM_TOKEN}" }\nbody = { top_k = 40 }\n'
    )
    with pytest.raises(ConfigError, match=r"TEAM_TOKEN|MYBOX_KEY"):
        open_model("mybox/qwen/with-slash")
    monkeypatch.setenv("MYBOX_KEY", app.key)
    monkeypatch.setenv("TEAM_TOKEN", "t-12345678")
    run = syngen.generate(reference, 5, model="mybox/qwen/with-slash")
    assert run.exact
    assert app.calls[0]["top_k"] == 40
    assert app.headers[0]["x-team"] == "blue-t-12345678"


def test_with_an_address_the_bare_name_is_enough(app: OpenAIServer, url: str) -> None:
    app.models = ("meta-llama/Llama-3.2-3B",)
    model = open_model("meta-llama/Llama-3.2-3B", ModelOptions(base_url=url))
    assert model.name == "openai/meta-llama/Llama-3.2-3B"
    assert answers(model, [ask(0, model)])[0].finish == "stop"


@pytest.mark.parametrize(
    "address", ["http://me:pw-secret@host/v1", "host:8000", "http://h/v1?api_key=pw-secret"]
)
def test_an_address_with_a_key_in_it_is_refused_without_repeating_it(
    address: str, reference: Reference
) -> None:
    with pytest.raises(ConfigError, match="address") as caught:
        syngen.generate(reference, 3, model=NAME, base_url=address)
    assert "pw-secret" not in str(caught.value)


def test_native_choices_share_a_prompt_and_still_give_exactly_n(
    app: OpenAIServer, url: str, reference: Reference
) -> None:
    def table(prompt: str, schema: object, seed: int, most: int) -> str:
        import random

        from writing import sentence

        chance = random.Random(seed)
        header = prompt.split("\n")[2]
        rows = []
        for _ in range(10):
            asin = "B0" + "".join(chance.choices("ABCDEFGHJKLMNP0123456789", k=8))
            user = "A" + "".join(chance.choices("ABCDEFGHJKLMNP0123456789", k=13))
            when = "1600000123456,0,True,2020-09-13,12:28:43"
            rows.append(f'{chance.randint(1, 5)},Good,"{sentence(chance, 15)}",{asin},{asin},{user},{when}')
        return "\n".join([header, *rows])

    app.reply = table
    run = syngen.generate(reference, 60, model=NAME, base_url=url, mode="native", choices=4)
    assert run.exact
    assert run.ledger.calls >= 6
    assert max(body.get("n", 1) for body in app.calls) == 4
    assert len(app.calls) < run.ledger.calls
    with pytest.raises(ConfigError, match="--mode native"):
        syngen.generate(reference, 5, model=NAME, base_url=url, choices=4)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_while_nothing_comes_back_stops_at_once_and_can_be_resumed(
    app: OpenAIServer, url: str, tmp_path: Path, stop: signal.Signals
) -> None:
    def slower_and_slower(prompt: str, schema: object, seed: int, most: int) -> str:
        if len(app.calls) > 12:
            app.troubles.delay = 600.0
        return say(prompt, schema, seed, most)

    app.reply = slower_and_slower
    command = [sys.executable, "-m", "syngen", "generate", str(sample()), "-n", "60", "--run", "r"]
    command += ["--model", NAME, "--base-url", url, "--concurrency", "4", "--no-report"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    until(lambda: app.troubles.delay and (app.at_once >= 4 or process.poll() is not None))
    process.send_signal(stop)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "syngen runs resume r" in said
    assert "Traceback" not in said
    kept = syngen.open_run("r")
    assert kept.ledger.accepted >= 8
    app.troubles.delay, app.reply = 0.0, say
    asked = len(app.calls)
    assert syngen.resume("r").exact
    assert len(app.calls) - asked == 60 - kept.ledger.accepted


def body(**changes: object) -> Trouble:
    """A reply with status 200, changed."""
    message = {"role": "assistant", "content": "All is well."}
    usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    whole = {"id": "x", "object": "chat.completion", "choices": [choice], "usage": usage}
    return Trouble(200, {**whole, **changes})


def choice(message: object) -> list[dict[str, object]]:
    return [{"index": 0, "message": message, "finish_reason": "stop"}]


def test_a_reply_without_choices_is_tried_again_and_not_for_ever(app: OpenAIServer, model: Model) -> None:
    app.troubles.queue.extend([body(choices=[])] * 2)
    (got,) = answers(model, [ask(0, model)])
    assert (got.finish, got.faults) == ("stop", ("no_choices", "no_choices"))
    app.troubles.rate, app.troubles.often = 1.0, (body(choices=[]),)
    with pytest.raises(ModelUnreachable):
        answers(model, [ask(i, model) for i in range(20)])
    assert len(app.calls) < 500


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"content": [{"type": "text", "text": "In "}, {"type": "text", "text": "parts."}]}, "In parts."),
        ({"content": "Plain.", "reasoning": {"steps": 3}}, "Plain."),
        ({"content": None, "refusal": None}, ""),
        (None, ""),
    ],
)
def test_messages_of_unusual_forms_are_read(
    app: OpenAIServer, model: Model, message: object, text: str
) -> None:
    app.troubles.queue.append(body(choices=choice(message)))
    assert answers(model, [ask(0, model)])[0].text == text


@pytest.mark.parametrize("odd", [[], "text", {"choices": 5}, {"choices": [None]}, {"choices": [{"x": 1}]}])
def test_a_body_of_another_kind_is_told_and_no_bug(app: OpenAIServer, model: Model, odd: object) -> None:
    app.troubles.rate, app.troubles.often = 1.0, (Trouble(200, odd if odd != "text" else json.dumps(odd)),)
    with pytest.raises(ModelError):
        answers(model, [ask(i, model) for i in range(20)])


def test_where_a_server_counts_no_tokens_limits_hold_all_the_same(
    app: OpenAIServer, url: str, reference: Reference
) -> None:
    app.troubles.rate, app.troubles.often = 1.0, (body(usage=None),)
    run = syngen.generate(reference, 40, model=NAME, base_url=url, max_tokens=1_500, min_yield=0.0)
    assert "token limit" in run.stopped
    assert run.ledger.calls < 40


def test_thoughts_left_out_of_the_count_are_counted(app: OpenAIServer, model: Model) -> None:
    app.troubles.queue.append(body(usage={"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 40}))
    (got,) = answers(model, [ask(0, model)])
    assert (got.completion_tokens, got.thinking_tokens) == (30, 25)


def test_a_wait_longer_than_the_retry_timeout_stops_at_once(app: OpenAIServer, model: Model) -> None:
    app.troubles.queue.extend([FULL._replace(headers={"retry-after": "3600"})] * 9)
    with pytest.raises(ModelUnreachable, match=r"takes no call for 3600 s.*--retry-timeout"):
        answers(model, [ask(i, model) for i in range(3)])


def test_what_was_answered_before_the_end_is_handed_over(app: OpenAIServer, model: Model) -> None:
    def spent_later(prompt: str, schema: object, seed: int, most: int) -> str:
        if len(app.calls) >= 8:
            app.troubles.queue.extend([SPENT] * 50)
        return say(prompt, schema, seed, most)

    app.reply = spent_later
    got = []
    with pytest.raises(ModelRefused):
        got.extend(c for c in model.complete([ask(i, model) for i in range(60)]) if c is not None)
    assert len(app.calls) >= 8


def test_a_redirect_is_not_followed_with_prompt_and_key(app: OpenAIServer, model: Model) -> None:
    other = OpenAIServer()
    with serve(other) as elsewhere:
        moved = Trouble(307, {"error": "moved"}, {"location": f"{elsewhere}/v1/chat/completions"})
        app.troubles.rate, app.troubles.often = 1.0, (moved,)
        with pytest.raises(ModelRefused, match="redirects to"):
            answers(model, [ask(0, model)])
        assert other.calls == []


@pytest.mark.parametrize("name", ["openai", "vllm", "ollama"])
def test_an_endpoint_can_not_take_the_name_of_a_provider(name: str) -> None:
    Path("syngen.toml").write_text(f'[endpoints.{name}]\nbase_url = "http://127.0.0.1:7/v1"\n')
    with pytest.raises(ConfigError, match=f"'{name}' has the name of a provider"):
        open_model(f"{name}/x")


def test_a_key_that_can_be_none_is_told_with_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-…")
    with pytest.raises(ConfigError, match="OPENAI_API_KEY is set to what can't be a key"):
        open_model(NAME)
