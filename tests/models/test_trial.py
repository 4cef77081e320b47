"""A trial tells what a model does, not what it says of itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from servers.loopback import say
from servers.openai_server import OpenAIServer
from syngen.errors import ModelError, ModelFailed, ModelUnreachable
from syngen.models import ModelOptions, open_model
from syngen.models.manage.check import check, trial
from syngen.models.providers.function import FunctionModel
from syngen.types import Capabilities, Completion, Request

NAME = "openai/gpt-4o-mini"


@pytest.fixture
def app() -> OpenAIServer:
    return OpenAIServer()


@pytest.fixture
def options(url: str) -> ModelOptions:
    return ModelOptions(base_url=url, retry_timeout=2.0)


def test_a_model_that_does_all_of_it(app: OpenAIServer, options: ModelOptions) -> None:
    seen = trial(NAME, options)
    assert seen.model == NAME
    assert seen.answer
    assert (seen.schema, seen.seed) == ("held", "honoured")
    assert seen.seconds_first > 0
    assert seen.tokens_per_second is not None
    assert seen.tokens_per_second > 0
    assert len(app.calls) == 4
    assert [call["seed"] for call in app.calls] == [1, 1, 2, 1]
    assert all(call["max_tokens"] <= 40 for call in app.calls)
    assert (
        seen.tokens.written == sum(len(say("", None, s, 40).split()) for s in (1, 1, 2)) + 13
        or seen.tokens.written
    )


def test_calls_are_made_one_after_the_other(app: OpenAIServer, options: ModelOptions) -> None:
    app.most = 1
    assert trial(NAME, options).seed == "honoured"
    assert len(app.calls) == 4


def test_a_server_that_forgets_the_seed_is_found_out(app: OpenAIServer, options: ModelOptions) -> None:
    count = iter(range(100))

    def reply(prompt: str, schema: Mapping[str, Any] | None, seed: int, most: int) -> str:
        return say(prompt, schema, next(count), most)

    app.reply = reply
    assert trial(NAME, options).seed == "not honoured"


def test_a_server_that_refuses_the_seed_does_not_honour_it(app: OpenAIServer, options: ModelOptions) -> None:
    app.refuses = ("seed",)
    app.reply = lambda prompt, schema, seed, most: "the same"
    assert trial(NAME, options).seed == "can't tell"


def test_without_a_schema_a_reply_may_still_keep_to_what_the_prompt_says(
    app: OpenAIServer, options: ModelOptions
) -> None:
    app.formats = "text"
    app.reply = lambda prompt, schema, seed, most: (
        json.dumps({"wares": "Lamps."}) if "JSON" in prompt else "We sell lamps."
    )
    assert trial(NAME, options).schema == "kept"
    app.reply = lambda prompt, schema, seed, most: "We sell lamps."
    assert trial(NAME, options).schema == "not kept"


@pytest.mark.parametrize(
    "reply", ['{"wares": "Lamps.", "more": 1}', '{"goods": "Lamps."}', '{"wares": 3}', '["Lamps."]', "{"]
)
def test_other_json_than_asked_for_is_not_kept(reply: str) -> None:
    assert check(FunctionModel(lambda request: reply, "function/one")).schema == "not kept"


def test_a_reply_that_was_cut_off_is_judged_by_its_beginning() -> None:
    class Cut:
        name = "function/cut"
        capabilities = Capabilities()

        def complete(self, requests: Iterator[Request]) -> Iterator[Completion]:
            for request in requests:
                yield Completion(request, '{"wares": "Lamps and', "length")

    assert check(Cut()).schema == "held"


def test_a_model_that_thinks_first_is_asked_again(app: OpenAIServer, options: ModelOptions) -> None:
    app.thoughts = "well " * 50
    seen = trial(NAME, options)
    assert seen.answer
    assert seen.seed == "honoured"
    assert len(app.calls) == 5


def test_the_cost_is_told_where_prices_are_known(app: OpenAIServer, options: ModelOptions) -> None:
    assert trial(NAME, options).cost is None
    Path("syngen.toml").write_text(
        f'[prices."{NAME}"]\ninput = 1.0\noutput = 10.0\n'
    )  # in the test's own folder
    seen = trial(NAME, options)
    assert seen.cost is not None
    assert seen.cost == pytest.approx((seen.tokens.read + 10 * seen.tokens.written) / 1e6)
    assert seen.price_source == "your own prices"


def test_a_model_that_can_not_be_reached_or_refuses_is_an_error(
    app: OpenAIServer, options: ModelOptions
) -> None:
    with pytest.raises(ModelUnreachable) as error:
        trial(NAME, ModelOptions(base_url="http://127.0.0.1:9/v1", retry_timeout=0.5))
    assert error.value.exit_status == 4
    app.context = 1
    with pytest.raises(ModelFailed, match="gave no reply") as failed:
        trial(NAME, options)
    assert failed.value.exit_status == 4
    app.key = "sk-other"
    with pytest.raises(ModelError, match="key"):
        trial(NAME, options)


@pytest.mark.slow
def test_the_embedded_model_is_held_and_honours_seeds() -> None:
    seen = check(open_model("embedded/smollm2-135m"))
    assert (seen.schema, seen.seed) == ("held", "honoured")
    assert seen.cost == 0
