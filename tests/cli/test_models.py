"""`syngen models`: what there is in a line each, a pull that goes on, a trial of one model; JSON of all but pull."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from servers.hub_server import HubServer, hub
from servers.loopback import serve
from servers.ollama_server import OllamaServer
from servers.openai_server import OpenAIServer
from syngen.cli.main import run
from syngen.models.endpoints import HOSTS
from syngen.models.local import weights
from waiting import until

NAME = "embedded/qwen2.5-0.5b"
ENTRY = weights.ENTRIES["qwen2.5-0.5b"]
WEIGHTS = random.Random(1).randbytes(200_000)
KEY = "sk-not-to-be-shown-1234567890"


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for host in HOSTS.values():
        if host.key:
            monkeypatch.delenv(host.key, raising=False)
    monkeypatch.setenv("OLLAMA_HOST", "http://127.0.0.1:9")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that models are fetched to, also of processes started here."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return weights.home()


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    server = HubServer({f"{ENTRY.repo}/{ENTRY.file}": WEIGHTS})
    with hub(server, monkeypatch):
        yield server


@pytest.mark.parametrize("columns", [80, 120])
def test_the_list_has_a_line_for_each_provider_and_each_model_to_pull(columns: int, home: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "syngen", "models", "list"],
        env={**os.environ, "COLUMNS": str(columns)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    lines = told.splitlines()
    assert max(len(line) for line in lines) <= columns
    first = [line.split()[0] for line in lines if line.strip()]
    assert [word for word in first if word in ("ollama", "hf", "cohere", "embedded", *HOSTS)]
    for name in ("ollama", "hf", "cohere", "embedded", "function", *HOSTS):
        assert first.count(name) == 1
    for entry in weights.ENTRIES.values():
        (line,) = [line for line in lines if line.startswith(f"embedded/{entry.name} ")]
        assert "Apache-2.0" in line
        assert "about" in line
    assert len([line for line in lines if line.strip()]) == 3 + 1 + 6 + len(HOSTS) + len(weights.ENTRIES)


def test_the_list_says_what_is_missing_for_the_rest(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GROQ_API_KEY", KEY)
    assert run(["models", "list"]) == 0
    said = capsys.readouterr().out
    usable, _, lacking = said.partition("Needs setup")
    assert "groq" in usable
    assert "key set" in usable
    assert "no server at 127.0.0.1:9; start it with: ollama serve" in lacking
    assert "no key; set MISTRAL_API_KEY" in lacking
    assert KEY not in said


def test_the_list_as_json_holds_the_same(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serve(OllamaServer()) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OLLAMA_HOST", url)
        assert run(["models", "list", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["default"] == "embedded/smollm2-135m"
    providers = {one["provider"]: one for one in told["providers"]}
    assert providers["ollama"]["models"] == ["ollama/llama3.2:latest"]
    assert providers["groq"]["usable"] is False
    models = {one["name"]: one for one in told["catalogue"]["models"]}
    assert models["qwen3-8b"]["here"] is False
    assert models["qwen3-8b"]["repo"] == "Qwen/Qwen3-8B-GGUF"


def test_the_list_knows_endpoints_of_a_file(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serve(OpenAIServer(models=("big",))) as url:
        Path("mine.toml").write_text(f'[endpoints.mybox]\nbase_url = "{url}/v1"\n')
        assert run(["models", "list", "--config", "mine.toml"]) == 0
    assert "mybox" in capsys.readouterr().out
    assert run(["models", "list", "--config", "gone.toml"]) == 2
    assert "gone.toml can't be read" in capsys.readouterr().err


def test_a_pull_says_how_far_it_is_and_where_it_went(
    home: Path, app: HubServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["models", "pull", NAME]) == 0
    said = capsys.readouterr()
    assert said.out == f"{NAME} is in {home / ENTRY.file}\n"
    assert f"{NAME}: fetching" in said.err
    assert f"{NAME}: checking" in said.err
    assert run(["models", "list"]) == 0
    assert "qwen2.5-0.5b" in capsys.readouterr().out.partition("Needs setup")[0]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_a_terminal_gets_a_bar(home: Path, app: HubServer) -> None:
    import pty

    app.files[f"{ENTRY.repo}/{ENTRY.file}"] = random.Random(2).randbytes(30_000_000)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "syngen", "models", "pull", NAME],
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    drawn = b""
    try:
        while more := os.read(ours, 65_536):
            drawn += more
    except OSError:  # the other side has ended
        pass
    finally:
        os.close(ours)
    assert process.wait(30) == 0
    assert b"30.0/30.0 MB" in drawn
    assert f"{NAME}: checking".encode() in drawn


def test_a_pull_of_something_unknown_is_status_2(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "pull", "embedded/qwen2.5-05b"]) == 2
    assert "Did you mean embedded/qwen2.5-0.5b?" in capsys.readouterr().err


def test_a_pull_without_network_is_status_4_and_one_line(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    done = subprocess.run(
        [sys.executable, "-m", "syngen", "models", "pull", NAME], capture_output=True, text=True, check=False
    )
    assert done.returncode == 4
    assert done.stderr.count("\n") == 1
    assert "The Hugging Face hub can't be reached" in done.stderr


def test_an_interrupted_pull_says_how_to_go_on_and_does(home: Path, app: HubServer) -> None:
    large = random.Random(2).randbytes(40_000_000)  # the client asks for 10 MB at a time
    app.files[f"{ENTRY.repo}/{ENTRY.file}"] = large
    app.stops_after = 25_000_000
    pull = [sys.executable, "-m", "syngen", "models", "pull", NAME]
    process = subprocess.Popen(pull, stderr=subprocess.PIPE, text=True)
    until(lambda: sum(part.stat().st_size for part in home.glob("*.part")) >= 10_000_000)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f"What was downloaded is kept. Continue with: syngen models pull {NAME}" in said
    app.stops_after = 0
    subprocess.run(pull, check=True, capture_output=True)
    assert (home / ENTRY.file).read_bytes() == large
    assert app.ranges[-1].startswith("bytes=")


def test_a_check_tells_speed_schema_seed_and_cost(capsys: pytest.CaptureFixture[str]) -> None:
    with serve(OpenAIServer()) as url:
        base = ["--base-url", f"{url}/v1"]
        assert run(["models", "check", "gpt-4o-mini", *base]) == 0
        said = capsys.readouterr().out
        assert run(["models", "check", "openai/gpt-4o-mini", *base, "--json"]) == 0
    for part in (
        "tokens/s",
        "enforced while the model writes",
        "the same seed gave the same text",
        "price unknown",
    ):
        assert part in said
    told = json.loads(capsys.readouterr().out)
    assert (told["model"], told["schema"], told["seed"]) == ("openai/gpt-4o-mini", "held", "honoured")
    assert told["cost"] is None
    assert told["tokens"]["written"] > 0


def test_a_check_of_what_can_not_be_reached_is_status_4(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "check", "openai/x", "--base-url", "http://127.0.0.1:9/v1"]) == 4
    assert "No server answers at http://127.0.0.1:9/v1" in capsys.readouterr().err
    assert run(["models", "check", "embedded/qwen3-8b"]) == 2
    assert "syngen models pull embedded/qwen3-8b" in capsys.readouterr().err
