"""Models of an Ollama server, through its official client over real HTTP."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import polars as pl
import pytest

import syngen
from servers.loopback import Trouble, say, serve
from servers.ollama_server import BARE, BUSY, CRASHED, NO_MEMORY, OllamaServer, Pulled, embedded
from syngen.cli.main import run
from syngen.data import sample
from syngen.errors import ConfigError, ModelFailed, ModelNotFound, ModelRefused, ModelUnreachable
from syngen.models import ModelOptions, open_model
from syngen.models.providers.ollama import models_here, pull
from syngen.models.testing import RemoteContract, answers, ask
from syngen.types import Model, Prompt, Reference, Request, Sampling

NAME = "ollama/llama3.2"


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OLLAMA_HOST", "OLLAMA_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def app() -> OllamaServer:
    return OllamaServer()


@pytest.fixture
def model(url: str) -> Model:
    return open_model(NAME, ModelOptions(base_url=url, retry_timeout=2.0))


class TestContract(RemoteContract):
    """What holds for every model behind a network."""

    @pytest.fixture
    def server(self, app: OllamaServer) -> OllamaServer:
        return app

    @pytest.fixture
    def model(self, url: str) -> Model:
        return open_model(NAME, ModelOptions(base_url=url, timeout=0.5, retry_timeout=1.5))


def test_a_call_says_what_is_wanted_and_no_more(app: OllamaServer, model: Model) -> None:
    prompt = Prompt("chat", "Write a review.", "You write reviews.")
    schema = ask(0, model, rows=1).schema
    sampling = Sampling(0.7, 0.95, 0.05, 1.1, 80, ("###",), 7)
    answers(model, [Request(prompt, sampling, model.name, (0,), 0, 1, schema)])
    (body,) = app.calls
    assert body == {
        "model": "llama3.2",
        "messages": [
            {"role": "system", "content": "You write reviews."},
            {"role": "user", "content": "Write a review."},
        ],
        "options": {
            "temperature": 0.7,
            "top_p": 0.95,
            "min_p": 0.05,
            "repeat_penalty": 1.1,
            "seed": 7,
            "num_predict": 80,
            "num_ctx": 4096,
            "stop": ["###"],
        },
        "format": schema,
        "keep_alive": "10m",
        "stream": False,
        "tools": [],
    }
    assert "authorization" not in app.headers[0]


def test_a_local_model_is_free_and_its_weights_are_known(model: Model) -> None:
    able = model.capabilities
    assert (able.price_in, able.price_out) == (0.0, 0.0)
    assert able.weights == f"sha256:{Pulled().digest}"
    assert able.prompt_kind == "chat"
    assert able.concurrency == 4


@pytest.mark.parametrize(
    "pulled",
    [Pulled("gpt-oss:120b-cloud", size=384), Pulled("glm-5:cloud"), Pulled("stub:latest", size=400)],
)
def test_a_model_in_the_cloud_has_no_known_price(app: OllamaServer, url: str, pulled: Pulled) -> None:
    app.models = [pulled]
    able = open_model(f"ollama/{pulled.name}", ModelOptions(base_url=url)).capabilities
    assert able.prices is None


def test_tokens_are_counted_and_a_prompt_out_of_the_servers_cache_is_not_known(
    app: OllamaServer, model: Model
) -> None:
    (got,) = answers(model, [ask(0, model, text="one two three", max_tokens=4)])
    assert (got.prompt_tokens, got.completion_tokens, got.finish) == (3, 4, "length")
    app.counts_prompts = False
    (got,) = answers(model, [ask(0, model)])
    assert got.prompt_tokens is None
    assert got.completion_tokens


def test_the_context_grows_with_the_prompts_and_never_shrinks(app: OllamaServer, model: Model) -> None:
    for words in (10, 2_600, 10):
        answers(model, [ask(0, model, text="kettle " * words, max_tokens=200)])
    assert [body["options"]["num_ctx"] for body in app.calls] == [4096, 8192, 8192]


def test_digits_take_more_of_the_context_than_letters(app: OllamaServer, model: Model) -> None:
    answers(model, [ask(0, model, text="1234567 " * 600, max_tokens=200)])
    assert app.calls[0]["options"]["num_ctx"] == 8192


def test_the_context_is_never_more_than_the_models_own(app: OllamaServer, url: str) -> None:
    app.models = [Pulled(context_length=6_000)]
    model = open_model(NAME, ModelOptions(base_url=url))
    fits, long = ask(0, model, text="kettle " * 2_300), ask(1, model, text="kettle " * 2_600)
    got = {c.request.slots[0]: c for c in answers(model, [fits, long])}
    assert (got[0].finish, got[1].finish) == ("stop", "error")
    assert "context window of 6,000" in got[1].error
    assert [body["options"]["num_ctx"] for body in app.calls] == [6000]


def test_a_model_with_no_room_for_any_prompt_ends_it(app: OllamaServer, url: str) -> None:
    app.models = [Pulled(context_length=100)]
    model = open_model(NAME, ModelOptions(base_url=url))
    with pytest.raises(ModelRefused, match=r"too long.*--rows-per-call 1"):
        answers(model, [ask(i, model) for i in range(50)])
    assert not app.calls


def test_a_base_model_continues_a_text(app: OllamaServer, url: str) -> None:
    app.models = [Pulled("smollm:135m-base", BARE, capabilities=("completion",))]
    model = open_model("ollama/smollm:135m-base", ModelOptions(base_url=url))
    assert model.capabilities.prompt_kind == "completion"
    (got,) = answers(model, [ask(0, model, rows=1, max_tokens=300)])
    assert got.finish == "stop"
    (body,) = app.calls
    assert body["raw"] is True
    assert body["prompt"] == got.request.prompt.user
    assert body["format"] == got.request.schema


def test_a_base_model_reads_what_the_system_message_says_too(app: OllamaServer, url: str) -> None:
    app.models = [Pulled("smollm:base", BARE, capabilities=("completion",))]
    model = open_model("ollama/smollm:base", ModelOptions(base_url=url))
    answers(model, [Request(Prompt("chat", "Go on.", "Be brief."), Sampling(), model.name, (0,), 0, 1)])
    assert app.calls[0]["messages"] == [{"role": "user", "content": "Be brief.\n\nGo on."}]


@pytest.mark.parametrize(
    "pulled",
    [Pulled("x:1", BARE, capabilities=("completion", "tools")), Pulled("x:1", BARE, "RENDERER qwen3\n", ())],
)
def test_a_model_that_something_else_renders_chats_for_is_no_base_model(
    app: OllamaServer, url: str, pulled: Pulled
) -> None:
    app.models = [pulled]
    assert open_model("ollama/x:1", ModelOptions(base_url=url)).capabilities.prompt_kind == "chat"


def test_text_to_continue_goes_past_the_template_of_a_chat_model(app: OllamaServer, model: Model) -> None:
    request = replace(ask(0, model), prompt=Prompt("completion", "Once upon a time"))
    (got,) = answers(model, [request])
    assert got.text
    assert (app.calls[0]["prompt"], app.calls[0]["raw"]) == ("Once upon a time", True)


THINKER = Pulled("qwen3:0.6b", capabilities=("completion", "thinking"), thoughts="let me see " * 20)


def test_a_model_that_thinks_is_asked_not_to(app: OllamaServer, url: str) -> None:
    app.models = [THINKER]
    model = open_model("ollama/qwen3:0.6b", ModelOptions(base_url=url))
    (got,) = answers(model, [ask(0, model)])
    assert app.calls[0]["think"] is False
    assert got.thinking_tokens == 0
    assert got.text


def test_a_server_that_knows_nothing_of_thinking_is_not_asked_about_it_again(
    app: OllamaServer, url: str
) -> None:
    app.models, app.knows_think = [THINKER], False
    model = open_model("ollama/qwen3:0.6b", ModelOptions(base_url=url))
    got = answers(model, [ask(i, model, max_tokens=300) for i in range(3)])
    assert all(c.finish == "stop" for c in got)
    asked = len(app.calls)
    answers(model, [ask(9, model)])
    assert ["think" in body for body in app.calls[asked:]] == [False]


@pytest.mark.parametrize("inside", [False, True])
def test_thoughts_are_counted_and_never_in_the_text_and_get_room(
    app: OllamaServer, url: str, inside: bool
) -> None:
    if inside:
        app.reply = lambda *asked: f"<think>{THINKER.thoughts}</think>\n{say(*asked)}"
    else:
        app.models = [replace(THINKER, stubborn=True)]
    name = app.models[0].name
    model = open_model(f"ollama/{name}", ModelOptions(base_url=url))
    (first,) = answers(model, [ask(0, model, max_tokens=100)])
    assert "let me see" not in first.text
    assert first.thinking_tokens > 30
    assert first.thinking_tokens < (first.completion_tokens or 0)
    answers(model, [ask(1, model, max_tokens=100)])
    assert [body["options"]["num_predict"] for body in app.calls] == [100, 1124]


@pytest.mark.parametrize(("formats", "form"), [("json", "json"), ("none", None)])
def test_a_server_that_takes_no_schema_is_asked_without_it_from_then_on(
    app: OllamaServer, model: Model, formats: str, form: str | None
) -> None:
    app.formats = formats
    first = answers(model, [ask(i, model, rows=1) for i in range(3)])
    asked = len(app.calls)
    again = answers(model, [ask(i, model, rows=1) for i in range(3, 6)])
    assert all(c.finish != "error" for c in first + again)
    later = app.calls[asked:]
    assert len(later) == 3, "what was learnt is kept"
    assert {body.get("format") for body in later} == {form}


def test_a_server_that_fails_every_fifth_time_loses_nothing(app: OllamaServer, model: Model) -> None:
    app.troubles.rate, app.troubles.often = 0.2, (BUSY, CRASHED)
    got = answers(model, [ask(i, model) for i in range(100)])
    assert [c.request.slots[0] for c in got if c.finish == "error"] == []
    assert len(got) == 100
    assert sum(len(c.faults) for c in got) == len(app.calls) - 100


def test_a_model_that_does_not_fit_into_memory_ends_it(app: OllamaServer, model: Model) -> None:
    app.troubles.queue.extend([NO_MEMORY] * 4)
    with pytest.raises(ModelRefused, match=r"does not fit.*44\.0 GiB.*smaller"):
        answers(model, [ask(i, model) for i in range(50)])


def test_a_model_deleted_on_the_way_ends_it_with_the_command_that_brings_it_back(
    app: OllamaServer, model: Model
) -> None:
    app.models = []
    with pytest.raises(ModelNotFound, match=r"not found.*syngen models pull ollama/llama3\.2"):
        answers(model, [ask(0, model)])


def test_an_unknown_model_is_told_with_those_there_are_and_how_to_pull_it(
    app: OllamaServer, url: str
) -> None:
    app.models = [Pulled("llama3.2:3b"), Pulled("qwen3:0.6b")]
    with pytest.raises(ModelNotFound, match=r"no model 'llama3\.3:3b'; there are: llama3\.2:3b") as error:
        open_model("ollama/llama3.3:3b", ModelOptions(base_url=url))
    assert error.value.hint == "Pull it with: syngen models pull ollama/llama3.3:3b"
    assert error.value.exit_status == 2


def test_a_model_for_embeddings_is_refused_before_it_is_asked(app: OllamaServer, url: str) -> None:
    app.models = [Pulled("nomic-embed-text:latest", BARE, capabilities=("embedding",))]
    with pytest.raises(ModelNotFound, match="writes no text; it is for: embedding"):
        open_model("ollama/nomic-embed-text", ModelOptions(base_url=url))


def test_no_server_is_told_at_once_with_how_to_start_it(monkeypatch: pytest.MonkeyPatch) -> None:
    began = time.monotonic()
    with pytest.raises(
        ModelUnreachable, match=r"No Ollama server answers at http://127\.0\.0\.1:9\. .*ollama serve"
    ):
        open_model(NAME, ModelOptions(base_url="http://127.0.0.1:9"))
    monkeypatch.setenv("OLLAMA_HOST", "http://127.0.0.1:9")
    with pytest.raises(ModelUnreachable, match="ollama serve"):
        models_here()
    assert time.monotonic() - began < 5


def test_a_server_that_goes_away_is_told_too() -> None:
    with serve(OllamaServer()) as url:
        model = open_model(NAME, ModelOptions(base_url=url, retry_timeout=0.1))
    with pytest.raises(ModelUnreachable, match="ollama serve"):
        answers(model, [ask(0, model)])


async def _another(scope: object, receive: object, send: object) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"<html>Welcome</html>"})


def test_another_server_is_not_mistaken_for_ollama(
    app: OllamaServer, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(_another) as elsewhere, pytest.raises(ModelUnreachable, match="is no Ollama server"):
        open_model(NAME, ModelOptions(base_url=elsewhere))
    monkeypatch.setenv("OLLAMA_HOST", f"{url}/v1")
    with pytest.raises(ModelUnreachable, match="is no Ollama server"):
        models_here()


def test_the_address_is_read_from_the_environment(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", url.removeprefix("http://"))
    assert open_model(NAME).name == NAME
    monkeypatch.setenv("OLLAMA_HOST", "http://localhost:notaport")
    with pytest.raises(ConfigError, match="OLLAMA_HOST"):
        open_model(NAME)
    with pytest.raises(ConfigError, match="begins with http"):
        open_model(NAME, ModelOptions(base_url="localhost"))


def test_a_key_is_sent_and_never_comes_back(
    app: OllamaServer, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.key = "ollama-key-0123456789"
    with pytest.raises(ModelRefused, match=r"refused the key.*OLLAMA_API_KEY"):
        open_model(NAME, ModelOptions(base_url=url))
    monkeypatch.setenv("OLLAMA_API_KEY", app.key)
    model = open_model(NAME, ModelOptions(base_url=url))
    app.reply = lambda *_: f"The key is {app.key}."
    app.troubles.queue.append(Trouble(400, {"error": f"bad request with {app.key}"}))
    got = answers(model, [ask(0, model), ask(1, model)])
    assert sorted(c.finish for c in got) == ["error", "stop"]
    assert "[key]" in got[0].error + got[1].error
    assert app.key not in repr(got)


@pytest.fixture
def usual(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server is the one that is asked without an address."""
    monkeypatch.setenv("OLLAMA_HOST", url)


@pytest.mark.usefixtures("usual")
def test_the_models_there_are_listed(app: OllamaServer) -> None:
    app.models.append(Pulled("qwen3:0.6b", parameters="751.63M", size=522_640_032))
    here = models_here()
    details = [one.details for one in here if one.details]
    found = zip(here, details, strict=True)
    assert [(one.model, one.size, its.parameter_size, its.quantization_level) for one, its in found] == [
        ("llama3.2:latest", 2_019_393_189, "3.2B", "Q4_K_M"),
        ("qwen3:0.6b", 522_640_032, "751.63M", "Q4_K_M"),
    ]


@pytest.mark.usefixtures("usual")
def test_a_model_is_pulled_and_its_progress_told(app: OllamaServer, url: str) -> None:
    seen: list[tuple[str, int, int]] = []
    pull("qwen3:0.6b", lambda *told: seen.append(told))
    size = app.remote["qwen3:0.6b"]
    assert seen[0] == ("pulling manifest", 0, 0)
    assert [done for _, done, total in seen if total == size] == [size * part // 4 for part in range(5)]
    assert seen[-1] == ("success", 0, 0)
    assert open_model("ollama/qwen3:0.6b", ModelOptions(base_url=url)).name == "ollama/qwen3:0.6b"


@pytest.mark.usefixtures("usual")
def test_a_model_that_nobody_has_can_not_be_pulled() -> None:
    with pytest.raises(ModelNotFound, match=r"no model 'lama3' to pull: .*ollama\.com/library"):
        pull("lama3", lambda *_: None)


@pytest.mark.usefixtures("usual")
def test_a_pull_that_breaks_off_is_told_with_how_to_go_on(app: OllamaServer) -> None:
    app.pull_breaks = "max retries exceeded: unexpected EOF"
    with pytest.raises(ModelFailed, match=r"max retries exceeded.*syngen models pull ollama/qwen3:0\.6b"):
        pull("qwen3:0.6b", lambda *_: None)


def test_half_a_character_does_not_stop_it(app: OllamaServer, model: Model) -> None:
    (got,) = answers(model, [ask(0, model, text="kettle \ud83d and 🫖")])
    assert got.finish == "stop"
    assert app.calls[0]["messages"][-1]["content"] == "kettle ? and 🫖"


def test_a_run_gives_exactly_what_was_asked_for(app: OllamaServer, url: str, reference: Reference) -> None:
    app.troubles.rate, app.troubles.often = 0.1, (BUSY, CRASHED)
    made = syngen.generate(reference, 12, model=open_model(NAME, ModelOptions(base_url=url)))
    assert made.exact
    assert made.rows.height == 12
    assert made.rows.schema == reference.frame.schema


@pytest.mark.slow
def test_a_run_with_what_a_real_model_writes(
    app: OllamaServer, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    app.reply, app.models = embedded(), [Pulled("smollm2:135m", BARE, capabilities=("completion",))]
    asked = ["generate", str(sample()), "-n", "4", "-o", "o.csv", "--no-report", "--json"]
    assert run([*asked, "--model", "ollama/smollm2:135m", "--base-url", url]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["exact"] is True
    assert told["ledger"]["calls"] <= len(app.calls)
    assert pl.read_csv("o.csv").height == 4
