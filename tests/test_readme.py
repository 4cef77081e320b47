"""What the README says works as it stands there."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

import syngen
from servers.cohere_server import CohereServer
from servers.loopback import serve
from servers.ollama_server import OllamaServer
from servers.openai_server import OpenAIServer
from syngen.cli.main import run
from syngen.data import sample
from syngen.models import HOSTS, PROVIDERS
from syngen.models.local import weights
from syngen.models.providers.function import FunctionModel

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
COMMANDS = [
    line.split("#")[0].strip()
    for line in README.splitlines()
    if re.match(r"syngen (?:profile|preview|generate|evaluate) ", line)
]
WITH_MODELS = [command for command in COMMANDS if "--model" in command]
COMMANDS = [command for command in COMMANDS if "--model" not in command and "--fit" not in command]


def test_the_commands_are_found() -> None:
    assert len(COMMANDS) == 5


@pytest.mark.parametrize("rows", ["12", pytest.param("500", marks=pytest.mark.slow)])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme_works(command: str, rows: str) -> None:
    shutil.copy(sample(), "reviews.csv")
    shutil.copy(sample(), "new.csv" if " evaluate " in command else "other.csv")
    words = [rows if word == "500" else word for word in shlex.split(command)[1:]]
    quick = ["--model", "function/writing:write"] if words[0] in ("preview", "generate") else []
    if words[0] == "generate" and rows != "500":
        quick.append("--no-report")
    assert run([*words, *quick]) == 0


@pytest.mark.parametrize("command", WITH_MODELS)
def test_a_command_with_a_model_works_where_there_is_that_model(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Against servers on loopback; what would fetch gigabytes is only understood."""
    words = shlex.split(command)[1:]
    provider, name = words[words.index("--model") + 1].split("/", 1)
    if provider in ("hf", "embedded"):
        assert provider in PROVIDERS
        assert provider == "hf" or name in weights.ENTRIES
        return
    shutil.copy(sample(), "reviews.csv")
    monkeypatch.setenv("COHERE_API_KEY", "key-of-the-readme")
    monkeypatch.setenv("OPENAI_API_KEY", "key-of-the-readme")
    app = {"ollama": OllamaServer(), "cohere": CohereServer(key="key-of-the-readme")}.get(
        provider, OpenAIServer(models=("gpt-4o-mini", "Qwen/Qwen2.5-7B-Instruct"))
    )
    with serve(app) as url:
        monkeypatch.setenv("OLLAMA_HOST", url)
        monkeypatch.setenv("CO_API_URL", url)
        monkeypatch.setitem(HOSTS, "openai", HOSTS["openai"].model_copy(update={"base_url": f"{url}/v1"}))
        words = [f"{url}/v1" if word.startswith("http://") else word for word in words]
        assert run([*words, "-n", "4", *(["--no-report"] if words[0] == "generate" else [])]) == 0
    assert app.calls


def test_the_three_classes_come_first() -> None:
    models = re.findall(r"--model (\w+)/", README)
    assert list(dict.fromkeys(models))[:3] == ["ollama", "hf", "cohere"]
    assert list(PROVIDERS)[:3] == ["ollama", "hf", "cohere"]


@pytest.mark.slow
def test_the_python_example_works(writer: FunctionModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it stands, with the default model replaced by one that is quick."""
    shutil.copy(sample(), "reviews.csv")
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    monkeypatch.setattr("syngen.engine.run.open_model", lambda *_: writer)
    names: dict[str, object] = {}
    exec(example, names)
    assert names["run"].rows.height == 500
    assert names["report"].to_frame().height > 20


def test_every_exported_name_is_there() -> None:
    assert all(getattr(syngen, name) is not None for name in syngen.__all__)
