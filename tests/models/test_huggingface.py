"""Models of transformers: what a batch writes is what each request gets alone, and nothing breaks it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
import tiny

from syngen.errors import ModelError, ModelFailed, ModelNotFound
from syngen.models import ModelOptions, open_model
from syngen.models.local import weights
from syngen.models.local.decoding import refillable
from syngen.models.local.huggingface import HuggingFaceModel
from syngen.prompts import PromptContext
from syngen.prompts.schema import reply_schema
from syngen.types import Completion, Prompt, Reference, Request, Sampling, Slot, TextTarget

PROMPTS = [
    "A kettle",
    "A buyer wrote about garden gloves, and a bicycle pump, and an oven mitt",
    "x",
    '{"text": "an oven mitt"}\n{"text": "',
    "A buyer wrote about a kettle and ünd",
    "pump " * 20,
    "wrote",
    "an oven mitt wrote about a buyer",
    "gloves and a",
    "B" * 40,
]
GREEDY = Sampling(temperature=0.0, repetition_penalty=1.0, min_p=0.0)
NAMES = ["headline", 'what, in your "own" words,\nwas it like? \\ ünd', ""]


def schema(*names: str) -> dict[str, object]:
    return {
        "type": "object",
        "properties": {name: {"type": "string"} for name in names},
        "required": list(names),
        "additionalProperties": False,
    }


def ask(number: int, sampling: Sampling, text: str | None = None, **more: object) -> Request:
    prompt = Prompt("completion", PROMPTS[number % len(PROMPTS)] if text is None else text)
    return replace(Request(prompt, sampling, "hf/tiny", (number,), 0, 1), **more)


def greedy(count: int = 10, **more: object) -> list[Request]:
    """Requests of all lengths, so that rows leave and join at different times."""
    return [ask(i, replace(GREEDY, max_tokens=5 + 11 * (i % 4)), **more) for i in range(count)]


def completions(model: HuggingFaceModel, requests: Iterable[Request | None]) -> list[Completion]:
    """Those among what it yields: None comes when a machine is slow."""
    return [c for c in model.complete(requests) if c is not None]


def answered(model: HuggingFaceModel, requests: Iterable[Request | None]) -> dict[int, Completion]:
    """Completions by number; each request has exactly one."""
    answers = completions(model, requests)
    by_number = {c.request.slots[0]: c for c in answers}
    assert len(by_number) == len(answers)
    return by_number


def texts(answers: dict[int, Completion]) -> dict[int, str]:
    return {number: c.text for number, c in sorted(answers.items())}


def by_transformers(model: HuggingFaceModel, request: Request) -> str:
    """What `generate` writes, the library's own way of decoding."""
    import torch

    tokens = torch.tensor([model._tokenizer.encode(request.prompt.user)])
    sampling = request.sampling
    written = model._model.generate(
        tokens,
        attention_mask=torch.ones_like(tokens),
        do_sample=False,
        max_new_tokens=sampling.max_tokens,
        repetition_penalty=sampling.repetition_penalty,
    )[0, tokens.shape[1] :]
    return str(model._tokenizer.decode(written, skip_special_tokens=True))


# ------------------------------------------------------------------------------------ the batch
@pytest.mark.parametrize("kind", ["base", "gpt2", "mistral", "bloom"])
def test_a_refilled_batch_writes_what_each_request_gets_alone(
    kind: str, tiny_models: dict[str, HuggingFaceModel], folders: dict[str, Path]
) -> None:
    batched = open_model(f"hf/{folders[kind]}", ModelOptions(concurrency=3))
    requests = greedy()
    together = answered(batched, requests)
    alone = {i: completions(tiny_models[kind], [request])[0] for i, request in enumerate(requests)}
    assert texts(together) == texts(alone)
    assert len(set(texts(together).values())) > 5
    assert {i: c.completion_tokens for i, c in together.items()} == {
        i: c.completion_tokens for i, c in alone.items()
    }


@pytest.mark.parametrize("kind", ["base", "gpt2", "mistral", "bloom"])
@pytest.mark.parametrize("penalty", [1.0, 1.3])
def test_greedy_replies_are_those_of_transformers(
    kind: str, penalty: float, tiny_models: dict[str, HuggingFaceModel]
) -> None:
    model = tiny_models[kind]
    requests = [replace(r, sampling=replace(r.sampling, repetition_penalty=penalty)) for r in greedy()]
    answers = answered(model, requests)
    assert texts(answers) == {i: by_transformers(model, request) for i, request in enumerate(requests)}


def test_models_whose_cache_can_be_taken_apart_are_refilled(
    tiny_models: dict[str, HuggingFaceModel],
) -> None:
    kinds = {kind: refillable(model._model) for kind, model in tiny_models.items()}
    assert kinds.pop("bloom") is False
    assert all(kinds.values())


@pytest.mark.parametrize("kind", ["base", "bloom"])
def test_none_in_between_does_not_stop_it(kind: str, tiny_models: dict[str, HuggingFaceModel]) -> None:
    first, second = greedy(2)
    assert sorted(answered(tiny_models[kind], [first, None, second, None, None])) == [0, 1]


def test_a_request_is_pulled_as_soon_as_there_is_room(folders: dict[str, Path]) -> None:
    model = open_model(f"hf/{folders['base']}", ModelOptions(concurrency=2))
    pulled: list[int] = []

    def source() -> Iterable[Request]:
        for number, tokens in enumerate((40, 4, 4, 4)):
            pulled.append(number)
            yield ask(number, replace(GREEDY, max_tokens=tokens), "A kettle")

    order = [(c.request.slots[0], len(pulled)) for c in model.complete(source()) if c]
    assert [number for number, _ in order] == [1, 2, 3, 0]
    assert order[0][1] == 2


def test_what_would_be_too_much_for_the_memory_waits(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("syngen.models.local.huggingface.CACHE", {"cpu": 1})
    model = open_model(f"hf/{folders['base']}", ModelOptions(concurrency=4))
    pulled: list[int] = []

    def source() -> Iterable[Request]:
        for request in greedy(4):
            pulled.append(request.slots[0])
            yield request

    seen = [(c.request.slots[0], len(pulled)) for c in model.complete(source()) if c]
    assert seen == [(0, 2), (1, 3), (2, 4), (3, 4)]


def test_an_interrupted_model_can_be_asked_again(tiny_models: dict[str, HuggingFaceModel]) -> None:
    model = tiny_models["base"]
    expected = texts(answered(model, greedy()))
    answers = model.complete(iter(greedy()))
    next(answers)
    answers.close()
    assert texts(answered(model, greedy())) == expected


# --------------------------------------------------------------------------------------- draws
def test_a_reply_depends_on_its_seed_and_not_on_its_company(folders: dict[str, Path]) -> None:
    model = open_model(f"hf/{folders['base']}", ModelOptions(concurrency=3))
    requests = [ask(i, Sampling(max_tokens=12, seed=i, min_p=0.0)) for i in range(8)]
    once, again = texts(answered(model, requests)), texts(answered(model, reversed(requests)))
    other = [replace(r, sampling=replace(r.sampling, seed=100 + r.sampling.seed)) for r in requests]
    assert once == again
    assert all(once[i] != text for i, text in texts(answered(model, other)).items())


def test_a_deterministic_model_repeats_itself(folders: dict[str, Path]) -> None:
    model = open_model(f"hf/{folders['chat']}", ModelOptions(deterministic=True, concurrency=4))
    requests = [
        ask(i, Sampling(max_tokens=12, seed=2**63 + i, top_p=0.9), schema=schema("a")) for i in (1, 2, 3)
    ]
    assert model.capabilities.concurrency == 1
    assert texts(answered(model, requests)) == texts(answered(model, requests))


@pytest.mark.parametrize("limit", [{"top_p": 1e-6}, {"min_p": 1.0}, {"temperature": 1e-4}])
def test_draws_keep_to_the_likeliest_when_told_so(
    limit: dict[str, float], tiny_models: dict[str, HuggingFaceModel]
) -> None:
    free = Sampling(temperature=1.0, min_p=0.0, repetition_penalty=1.0, max_tokens=10)
    narrow = [ask(i, replace(free, **limit, seed=i)) for i in range(6)]
    cold = [replace(r, sampling=replace(GREEDY, max_tokens=10)) for r in narrow]
    model = tiny_models["base"]
    assert texts(answered(model, narrow)) == texts(answered(model, cold))
    wide = [ask(i, replace(free, seed=i)) for i in range(6)]
    assert texts(answered(model, wide)) != texts(answered(model, cold))


def test_draws_follow_the_odds_of_the_model(tiny_models: dict[str, HuggingFaceModel]) -> None:
    import torch

    model = tiny_models["base"]
    tokens = torch.tensor([model._tokenizer.encode("A kettle")])
    with torch.inference_mode():
        odds = (model._model(tokens).logits[0, -1] / 3).softmax(-1)
    free = Sampling(temperature=3.0, min_p=0.0, repetition_penalty=1.0, max_tokens=1)
    requests = [ask(i, replace(free, seed=i), "A kettle") for i in range(600)]
    drawn = [c.text for c in completions(model, requests)]
    top = int(odds.argmax())
    expected = 600 * float(odds[top])
    assert abs(drawn.count(model._decoded([top])) - expected) < 4 * expected**0.5


# ------------------------------------------------------------------------------------- schemas
@pytest.mark.parametrize("kind", ["base", "gpt2", "bloom"])
def test_replies_keep_to_their_schema(kind: str, tiny_models: dict[str, HuggingFaceModel]) -> None:
    hot = Sampling(temperature=1.0, max_tokens=150, min_p=0.0)
    names = [NAMES[:1], NAMES, ["text"], None]
    requests = [
        ask(i, replace(hot, seed=i), "A kettle", schema=schema(*names[i % 4]) if names[i % 4] else None)
        for i in range(12)
    ]
    answers = answered(tiny_models[kind], requests)
    whole = {i: c for i, c in answers.items() if i % 4 != 3 and c.finish == "stop"}
    assert len(whole) >= 3
    for i, completion in whole.items():
        reply = json.loads(completion.text)
        assert list(reply) == names[i % 4]
        assert all(reply.values())
        assert completion.text.startswith('{"')
    cut_off = [c for i, c in answers.items() if i % 4 != 3 and c.finish != "stop"]
    assert all(c.finish == "length" and c.text.startswith('{"') for c in cut_off)


def test_a_bounded_text_keeps_its_bounds_and_its_opening(
    tiny_models: dict[str, HuggingFaceModel], reference: Reference
) -> None:
    targets = {
        "length": [TextTarget(words) for words in (1, 3, 8)],
        "diversity": [TextTarget(9, opening=opening) for opening in ("it's a", '"wow" (5.0')],
    }
    requests = []
    for name, wanted in targets.items():
        brief = PromptContext(reference, "", "completion", 1, strategies=(name,))
        for target in wanted:
            bounds = reply_schema([Slot(0, {}, {"text": target}, 1, 0, 0, 0)], brief)
            hot = Sampling(temperature=1.0, max_tokens=200, min_p=0.0, seed=len(requests))
            requests.append(ask(len(requests), hot, "A kettle", schema=bounds))
    answers = answered(tiny_models["base"], requests)
    whole = {number: c for number, c in answers.items() if c.finish == "stop"}
    for number, completion in whole.items():
        pattern = requests[number].schema["properties"]["text"]["pattern"]
        assert re.fullmatch(pattern, json.loads(completion.text)["text"])
    assert len(whole) >= 2
    assert answers[3].text.startswith('{"text": "It\'s a ')
    assert answers[4].text.startswith('{"text": "\\"wow\\" (5.0 ')


def test_spacing_is_that_of_the_prompts(tiny_models: dict[str, HuggingFaceModel]) -> None:
    rows = {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2}
    fixed = {"type": "object", "properties": {"a": {"enum": ["x"]}, "b": rows}, "required": ["a", "b"]}
    request = ask(0, Sampling(max_tokens=60), schema={**fixed, "additionalProperties": False})
    (answer,) = completions(tiny_models["base"], [request])
    assert answer.text.startswith('{"a": "x", "b": [')
    if answer.finish == "stop":
        assert answer.text == json.dumps(json.loads(answer.text))


def test_a_schema_that_can_not_be_kept_to_is_an_error_of_its_own(
    tiny_models: dict[str, HuggingFaceModel],
) -> None:
    bad = ask(0, GREEDY, schema={"type": "nonsense"})
    answers = answered(tiny_models["base"], [bad, greedy()[1]])
    assert answers[0].finish == "error"
    assert "schema" in answers[0].error
    assert answers[1].finish in ("stop", "length")


# ----------------------------------------------------------------------------------- where it ends
@pytest.mark.parametrize("kind", ["base", "bloom"])
def test_a_stop_string_ends_the_text_before_it(kind: str, tiny_models: dict[str, HuggingFaceModel]) -> None:
    model = tiny_models[kind]
    plain = answered(model, [ask(1, replace(GREEDY, max_tokens=30))])[1].text
    stop = plain[7:10]
    sampling = replace(GREEDY, max_tokens=30, stop=("never seen", stop))
    stopped = answered(model, [ask(1, sampling)])[1]
    assert stopped.text == plain[: plain.index(stop)]
    assert stopped.finish == "stop"
    assert stopped.completion_tokens < 30


def test_counts_of_tokens_are_those_of_the_tokenizer(tiny_models: dict[str, HuggingFaceModel]) -> None:
    model = tiny_models["base"]
    answer = answered(model, [ask(0, replace(GREEDY, max_tokens=7))])[0]
    assert (answer.finish, answer.completion_tokens) == ("length", 7)
    assert answer.prompt_tokens == len(model._tokenizer.encode(PROMPTS[0]))
    assert answer.seconds > 0


def test_the_end_token_ends_a_reply_and_is_not_in_it(folders: dict[str, Path]) -> None:
    model = open_model(f"hf/{folders['base']}")
    free = Sampling(temperature=2.0, min_p=0.0, max_tokens=200)
    answers = answered(model, [ask(i, replace(free, seed=i)) for i in range(16)])
    ended = [c for c in answers.values() if c.finish == "stop"]
    assert ended
    assert all("<|end|>" not in c.text for c in ended)


@pytest.mark.parametrize("kind", ["gpt2", "base"])
def test_a_prompt_that_can_not_be_answered_is_an_error_of_its_own(
    kind: str, tiny_models: dict[str, HuggingFaceModel]
) -> None:
    long = ask(8, GREEDY, "B" * (tiny.CONTEXT + 44))
    answers = answered(tiny_models[kind], [long, ask(9, GREEDY, ""), greedy()[0]])
    assert (answers[8].finish, answers[9].finish) == ("error", "error")
    assert "no room for a prompt of 300 tokens: 256 with the reply" in answers[8].error
    assert "empty" in answers[9].error
    assert answers[0].text


def test_a_reply_gets_the_room_that_is_left(tiny_models: dict[str, HuggingFaceModel]) -> None:
    sampling = replace(GREEDY, max_tokens=5000, repetition_penalty=1.1)
    answer = answered(tiny_models["gpt2"], [ask(0, sampling, "B" * 250)])[0]
    assert answer.finish in ("length", "stop")
    assert 0 < answer.completion_tokens <= tiny.CONTEXT - 250


# ------------------------------------------------------------------------------------ prompts
def test_a_model_with_a_template_chats_and_another_continues_text(
    tiny_models: dict[str, HuggingFaceModel],
) -> None:
    kinds = {kind: model.capabilities.prompt_kind for kind, model in tiny_models.items()}
    assert kinds["chat"] == "chat"
    assert {kinds[kind] for kind in ("base", "gpt2", "adapter")} == {"completion"}


def test_what_a_model_reads(tiny_models: dict[str, HuggingFaceModel]) -> None:
    chat = Prompt("chat", "Name \ud800 a kettle.", "Be brief.")
    completion = Prompt("completion", "A kettle")

    def read(kind: str, prompt: Prompt) -> str:
        model = tiny_models[kind]
        return str(model._tokenizer.decode(model._tokens(prompt)))

    assert read("chat", chat) == (
        "<|start|>system\nBe brief.<|end|>\n<|start|>user\nName ? a kettle.<|end|>\n<|start|>assistant\n"
    )
    assert read("no-system", chat) == (
        "<|start|>user\nBe brief.\n\nName ? a kettle.<|end|>\n<|start|>assistant\n"
    )
    assert read("base", chat) == "Be brief.\n\nName ? a kettle.\n\n"
    assert read("chat", completion) == read("gpt2", completion) == "A kettle"


# ------------------------------------------------------------------------------------ weights
def test_weights_are_pinned_by_their_digest(
    tiny_models: dict[str, HuggingFaceModel], folders: dict[str, Path]
) -> None:
    claimed = {kind: model.capabilities.weights for kind, model in tiny_models.items()}
    assert claimed["gpt2"] == weights.digest(folders["gpt2"] / "model.safetensors")
    assert claimed["adapter"].startswith(claimed["base"] + " sha256:")


def test_an_adapter_is_merged_into_its_model(tiny_models: dict[str, HuggingFaceModel]) -> None:
    adapted, base = (texts(answered(tiny_models[kind], greedy(3))) for kind in ("adapter", "base"))
    assert adapted != base
    assert not hasattr(tiny_models["adapter"]._model, "peft_config")


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("huggingface", "decoding", "sampling"):
        monkeypatch.delitem(sys.modules, f"syngen.models.local.{module}")
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "torch" else object())
    with pytest.raises(ModelNotFound, match=r"need torch.*pip install 'syngen-text\[hf\]'"):
        open_model("hf/gpt2")


@pytest.mark.parametrize(
    ("files", "kind", "message"),
    [
        (None, ModelNotFound, "no folder and no GGUF file"),
        ({}, ModelNotFound, "holds no weights"),
        ({"model.safetensors": "nonsense"}, ModelFailed, "can't load"),
        ({"model.safetensors": "x", "config.json": '{"model_type": "bert"}'}, ModelFailed, "can't load"),
        ({"model.safetensors": "x", "config.json": '{"model_type": "unheard"}'}, ModelFailed, "can't load"),
        ({"a.gguf": "x", "b.gguf": "y"}, ModelNotFound, "holds 2 GGUF files"),
        ({"a.gguf": "x"}, ModelFailed, "can't load"),
    ],
)
def test_a_folder_without_a_model_is_a_clear_error(
    files: dict[str, str] | None, kind: type[ModelError], message: str, tmp_path: Path
) -> None:
    folder = tmp_path / "broken"
    if files is not None:
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text)
    with pytest.raises(kind, match=message) as caught:
        open_model(f"hf/{folder}")
    assert caught.value.hint
    assert "\n" not in str(caught.value)


# ------------------------------------------------------------------------------ a real model, slowly
@pytest.mark.slow
def test_a_gguf_file_writes_a_review_held_to_its_schema() -> None:
    shown = [("Kettle", "Boils fast and pours well."), ("Gloves", "Too small, and the seam came undone.")]
    lines = [json.dumps({"title": title, "text": text}) for title, text in shown]
    prompt = Prompt("completion", "Reviews of things for the house, one a line:\n" + "\n".join(lines) + "\n")
    request = Request(
        prompt, Sampling(max_tokens=120, seed=3), "hf/smollm2", (0,), 0, 1, schema("title", "text")
    )
    model = open_model(f"hf/{weights.find()}")
    assert model.capabilities.weights == f"sha256:{weights.SHA256}"
    (answer,) = completions(model, [request])
    assert answer.finish == "stop"
    assert list(json.loads(answer.text)) == ["title", "text"]
