"""A model id leads to a model, or to one sentence that says which was meant."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from syngen.errors import ModelFailed, ModelNotFound
from syngen.models import DEFAULT, ModelOptions, open_model
from syngen.types import Prompt, Request, Sampling

REQUEST = Request(Prompt("chat", "one two"), Sampling(), "x", (0,), 0, 1)


@pytest.mark.parametrize(
    ("model", "meant"),
    [
        ("embeded/smollm2-135m", "embedded/smollm2-135m"),
        ("functoin/shop:write", "function/shop:write"),
        ("embeded", "embedded"),
        ("smollm2-135m", DEFAULT),
        ("gpt-4o-mini", "openai/gpt-4o-mini"),
        ("llama3.2", "ollama/llama3.2"),
        ("command-r7b", "cohere/command-r7b"),
        ("meta-llama/Llama-3.2-1B", "hf/meta-llama/Llama-3.2-1B"),
    ],
)
def test_a_misspelt_or_missing_provider_is_suggested(model: str, meant: str) -> None:
    with pytest.raises(ModelNotFound, match=f"Did you mean '{meant}'"):
        open_model(model)


def test_an_unknown_provider_gets_the_list() -> None:
    with pytest.raises(
        ModelNotFound, match=r"no model provider 'zebra' \(in 'zebra'\)\. Providers here: .*"
    ) as e:
        open_model("zebra")
    assert "embedded, function" in e.value.hint
    assert e.value.exit_status == 2


@pytest.mark.parametrize("model", ["gone.gguf", "models/gone.gguf", "embedded/gone.gguf", "embedded/gone"])
def test_a_model_file_that_is_not_there_is_said_to_be_missing(model: str) -> None:
    with pytest.raises(ModelNotFound, match=r"no embedded model '.*gone.*', and no GGUF file"):
        open_model(model)


def test_a_folder_without_a_model_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    with pytest.raises(ModelNotFound, match="no GGUF file or OpenVINO folder"):
        open_model(str(tmp_path / "notes"))


@pytest.mark.parametrize("id_of", ["{}", "embedded/{}"], ids=["path", "provider and path"])
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, id_of: str) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"GGUF, or so it says")
    with pytest.raises(ModelFailed, match=r"can't load .*broken\.gguf") as error:
        open_model(id_of.format(path))
    assert "\n" not in str(error.value)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user's module in the current folder."""
    (tmp_path / "shop.py").write_text(
        "from syngen.models.providers.function import FunctionModel\n"
        "def write(request):\n    return 'written for ' + request.model\n"
        "ready = FunctionModel(write, 'function/made-before')\n"
        "price = 9\n"
    )
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "shop", raising=False)


@pytest.mark.usefixtures("shop")
def test_a_function_in_the_current_folder_is_a_model() -> None:
    model = open_model("function/shop:write")
    assert model.name == "function/shop:write"
    assert [c.text for c in model.complete([REQUEST])] == ["written for x"]
    assert open_model("function/shop:ready").name == "function/made-before"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nowhere:write", "No module named 'nowhere'"),
        ("shop:read", "no attribute 'read'"),
        ("shop", "no attribute ''"),
        ("", "can't be imported"),
        ("shop:price", "no function but int"),
    ],
)
@pytest.mark.usefixtures("shop")
def test_a_function_that_is_not_there_is_said_to_be_missing(name: str, reason: str) -> None:
    with pytest.raises(ModelNotFound, match=reason):
        open_model(f"function/{name}")


def test_another_package_adds_a_model_by_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "parrot-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: parrot\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[syngen.models]\nparrot = parrot_model:open_model\n")
    (tmp_path / "parrot_model.py").write_text(
        "from syngen.models.providers.function import FunctionModel\n"
        "def open_model(name, options):\n"
        "    return FunctionModel(lambda r: f'{name} {options.deterministic}', 'parrot/' + name)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    model = open_model("parrot/grey", ModelOptions(deterministic=True))
    assert model.name == "parrot/grey"
    assert [c.text for c in model.complete([REQUEST])] == ["grey True"]
    with pytest.raises(ModelNotFound, match="embedded, function, parrot"):
        open_model("zebra/x")
