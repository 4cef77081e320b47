"""Fitting as a user calls it: what is refused, what is reused, what a fitted model is asked and answers."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import tiny

import syngen
from syngen.cli.main import run as command
from syngen.data import sample
from syngen.errors import ConfigError, ModelFailed, ModelNotFound, OutputError
from syngen.errors import ReferenceError as BadReference
from syngen.models import ModelOptions, open_model
from syngen.models.local.fitted import FittedModel, listed
from syngen.models.providers.function import FunctionModel
from syngen.text import conditions
from syngen.types import Reference, Request


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"hf/{tiny.llama(tmp_path_factory.mktemp('base') / 'tiny')}"


def quick(reference: Any, base: str, **more: Any) -> Any:
    return syngen.fit(reference, base=base, epochs=0.5, device="cpu", measure=False, **more)


@pytest.fixture(scope="module")
def first(
    reference: Reference, base: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[str]]:
    """A model called `mine`, fitted once for many tests: where it lies, and what was told on the way."""
    home, seen = tmp_path_factory.mktemp("fitted"), []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(home))
        quick(reference, base, name="mine", observe=lambda what, _: seen.append(what))
    return home, seen


@pytest.fixture
def mine(first: tuple[Path, list[str]], reference: Reference, base: str, tmp_path: Path) -> Any:
    """That model in the test's own home, as one who asks for it again gets it."""
    shutil.copytree(first[0], tmp_path / "data")
    made = quick(reference, base, name="mine")
    assert made.reused
    return made


def test_a_model_is_fitted_and_found_by_its_name(
    mine: Any, first: tuple[Path, list[str]], reference: Reference
) -> None:
    made, seen = mine, first[1]
    assert made.fitted == "fitted/mine"
    assert [one.name for one in listed()] == ["mine"]
    assert made.manifest.rows + made.manifest.held_out <= reference.frame.height
    assert {"prompted", "fitted"} <= set(made.manifest.losses)
    assert seen[-1] == "writing the weights"
    assert not (made.folder / "training").exists()
    model = open_model("fitted/mine", ModelOptions())
    assert model.capabilities.prompt_kind == "record"
    assert model.capabilities.weights


@pytest.mark.slow
def test_the_same_fit_is_made_once(reference: Reference, base: str) -> None:
    first = quick(reference, base)
    assert not first.reused
    assert quick(reference, base).reused
    assert quick(reference, base).folder == first.folder
    other = quick(reference, base, seed=1)
    assert not other.reused
    assert other.folder != first.folder


@pytest.mark.slow
def test_lora_is_merged_and_its_adapter_kept(reference: Reference, base: str) -> None:
    made = quick(reference, base, method="lora", rank=4)
    assert made.manifest.settings["method"] == "lora"
    assert (made.folder / "adapter" / "adapter_model.safetensors").is_file()
    assert open_model(made.fitted, ModelOptions()).capabilities.prompt_kind == "record"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["gpt2", "bloom"])
def test_other_architectures_are_fitted_too(reference: Reference, tmp_path: Path, kind: str) -> None:
    """Bloom has no fused attention to switch to and from."""
    made = quick(reference, f"hf/{getattr(tiny, kind)(tmp_path / kind)}", output=tmp_path / "model")
    assert open_model(made.fitted, ModelOptions()).capabilities.prompt_kind == "record"


def test_a_folder_can_be_moved_to_another_place(mine: Any, tmp_path: Path) -> None:
    mine.folder.rename(tmp_path / "there")
    assert open_model(f"fitted/{tmp_path / 'there'}", ModelOptions()).capabilities.prompt_kind == "record"


def test_the_card_says_what_it_learnt_from_and_holds_no_real_text(mine: Any, reference: Reference) -> None:
    made = mine
    card = (made.folder / "README.md").read_text("utf-8")
    assert reference.digest in card
    assert str(made.manifest.rows) in card
    assert "licence" in card
    everything = card + (made.folder / "fit.json").read_text("utf-8")
    assert not any(text in everything for text in reference.frame["text"] if text and len(text) > 30)


def test_another_model_is_not_replaced_unless_told(mine: Any, reference: Reference, base: str) -> None:
    with pytest.raises(OutputError, match="another fitted model"):
        quick(reference, base, name="mine", seed=1)
    assert not quick(reference, base, name="mine", seed=1, force=True).reused


def test_a_damaged_one_is_replaced_when_told(mine: Any, reference: Reference, base: str) -> None:
    (mine.folder / "fit.json").write_text("{")
    with pytest.raises(ModelFailed, match="damaged") as caught:
        quick(reference, base, name="mine")
    assert "--force" in caught.value.hint
    assert not quick(reference, base, name="mine", force=True).reused


def test_a_relative_folder_is_not_taken_for_a_model_of_that_name(
    mine: Any, reference: Reference, base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = quick(reference, base, output="mine", seed=1)
    assert made.fitted == f"fitted/{tmp_path / 'mine'}"


def test_a_folder_with_something_else_is_left_alone(reference: Reference, base: str, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match="holds no fitted model"):
        quick(reference, base, output=tmp_path / "full", force=True)
    assert (tmp_path / "full" / "thesis.txt").read_text() == "years of work"


def test_ten_rows_are_too_few_and_it_says_why(reference: Reference, base: str) -> None:
    with pytest.raises(BadReference, match=r"10 different texts.*at least 50"):
        quick(reference.frame.head(10), base)


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        ({"base": "openai/gpt-4o-mini"}, ConfigError, "only models with open weights"),
        ({"base": "embedded/nosuch.gguf"}, ConfigError, "can't be fitted"),
        ({"minutes": 0}, ConfigError, "'minutes' can't be 0"),
        ({"method": "magic"}, ConfigError, "'method' can't be 'magic'"),
        ({"learning": 1}, ConfigError, "no setting 'learning'"),
        ({"name": "a/b"}, ConfigError, "can't be a model's name"),
        ({"private": 0}, ConfigError, "'private' can't be 0"),
        ({"private": 8.0, "method": "full"}, ConfigError, "only LoRA's matrices"),
    ],
)
def test_what_can_not_be_is_said_in_a_sentence(
    reference: Reference, settings: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        syngen.fit(reference, measure=False, **settings)


def test_a_model_that_is_not_here_is_not_found() -> None:
    with pytest.raises(ModelNotFound, match="no fitted model 'nosuch'"):
        open_model("fitted/nosuch", ModelOptions())


def test_a_model_of_another_form_is_refused(mine: Any) -> None:
    told = json.loads((mine.folder / "fit.json").read_text("utf-8"))
    (mine.folder / "fit.json").write_text(json.dumps({**told, "form": 99}))
    with pytest.raises(ModelFailed, match="form 99"):
        open_model("fitted/mine", ModelOptions())


def answers(asked: list[Request]) -> FunctionModel:
    """Writes what a fitted model would, its countdown too."""

    def write(request: Request) -> str:
        asked.append(request)
        names = re.findall(r"(?:^|, )(title|text):", request.prompt.user)
        number = len(asked)
        text = " ".join(f"thing{number}x{i} was good" for i in range(7))
        return conditions.answer(dict.fromkeys(names, text), counted=frozenset(names))

    return FunctionModel(write, "fitted/writer")


def test_it_is_asked_with_lines_and_its_countdown_is_not_seen(reference: Reference) -> None:
    asked: list[Request] = []
    model = FittedModel("fitted/writer", answers(asked))
    run = syngen.generate(reference, 12, model=model)
    assert run.exact
    assert not any("\t" in text for text in run.rows["text"])
    for request in asked:
        assert request.schema is None
        assert request.prompt.shown == ()
        assert request.prompt.user.count("\n") == 1
        assert "words=" in request.prompt.user
        assert request.sampling.repetition_penalty == 1


def test_it_is_asked_for_one_planned_row_at_a_time(reference: Reference) -> None:
    model = FittedModel("fitted/writer", answers([]))
    for settings in ({"mode": "native"}, {"rows_per_call": 5}):
        with pytest.raises(ConfigError, match="one planned row per call"):
            syngen.generate(reference, 3, model=model, **settings)


def test_the_command_says_what_came_of_it(base: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [
        "fit",
        str(sample()),
        "--base",
        base,
        "--epochs",
        "0.5",
        "--device",
        "cpu",
        "--name",
        "mine",
        "--json",
    ]
    assert command([*arguments, "--no-measure"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["name"] == "mine"
    assert command(["models", "list", "--json"]) == 0
    listed_now = {one["provider"]: one for one in json.loads(capsys.readouterr().out)["providers"]}
    assert listed_now["fitted"]["models"] == ["fitted/mine"]


def test_the_command_declines_ten_rows_with_status_2(base: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("ten.csv").write_text("\n".join(sample().read_text("utf-8").splitlines()[:12]))
    assert command(["fit", "ten.csv", "--base", base]) == 2
    assert "at least 50" in capsys.readouterr().err


def test_generate_fits_first_and_uses_the_better_of_both(
    base: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made: list[dict[str, Any]] = []

    def fitted(_: Any, **given: Any) -> Any:
        made.append(given)
        manifest = type("M", (), {"losses": {"fitted": 2.0, "prompted": 4.0}, "chosen": "fitted"})
        return type("F", (), {"manifest": manifest, "model": "function/writing:write", "fitted": "fitted/x"})

    monkeypatch.setattr("syngen.fitting.fit", fitted)
    assert command(["generate", str(sample()), "--fit", "-n", "3", "--no-report"]) == 0
    assert command(["generate", str(sample()), "-n", "3", "--fit", "2.5", "--no-report", "-o", "b.csv"]) == 0
    assert [given["minutes"] for given in made] == [10.0, 2.5]
    assert "held-out loss 2.00" in capsys.readouterr().err
