"""What can be used here and now is told by what answers, what is set and what is installed, within a moment."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from servers.loopback import serve
from servers.ollama_server import OllamaServer, Pulled
from servers.openai_server import OpenAIServer
from syngen.errors import ConfigError
from syngen.models import keys, known_providers
from syngen.models.endpoints import HOSTS, Host
from syngen.models.local import loading, weights
from syngen.models.manage import inventory
from syngen.models.manage.inventory import Usable

NOBODY = "http://127.0.0.1:9/v1"
KEY = "sk-not-to-be-shown-1234567890"


@pytest.fixture(autouse=True)
def _bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without keys, servers or models."""
    from huggingface_hub import constants

    names = [host.key for host in HOSTS.values() if host.key]
    for name in (*names, "CO_API_KEY", "COHERE_API_KEY", "OLLAMA_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(keys, "_in_keyring", lambda name: None)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("OLLAMA_HOST", "http://127.0.0.1:9")
    monkeypatch.setattr(weights, "_folders", lambda: [tmp_path / "data"])
    monkeypatch.setattr(weights, "home", lambda: tmp_path / "data")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    local = {name: Host(base_url=NOBODY) for name, host in HOSTS.items() if not host.key}
    monkeypatch.setattr(inventory, "HOSTS", {**HOSTS, **local})


def seen(file: str = "") -> dict[str, Usable]:
    return {one.provider: one for one in inventory.inventory(file)}


def test_every_provider_is_in_it_once_the_first_class_ones_first() -> None:
    names = [one.provider for one in inventory.inventory()]
    assert names[:4] == ["ollama", "hf", "cohere", "embedded"]
    assert sorted(names) == sorted(set(names)) == sorted(known_providers())


def test_on_a_bare_machine_each_says_what_would_mend_it() -> None:
    found = seen()
    assert found["ollama"] == Usable(
        "ollama", False, "no server at 127.0.0.1:9", "start it with: ollama serve"
    )
    assert found["embedded"] == Usable("embedded", False, "no weights here yet", "syngen models pull")
    assert found["cohere"] == Usable("cohere", False, "no key", "set COHERE_API_KEY")
    assert found["groq"] == Usable("groq", False, "no key", "set GROQ_API_KEY")
    assert found["llamacpp"].hint == "start: llama-server -m FILE.gguf"
    assert all(one.what for one in found.values())
    assert all(one.hint for one in found.values() if not one.usable)


def test_what_ollama_has_is_listed_with_its_size() -> None:
    models = [Pulled(), Pulled(name="a:1b", parameters="1B"), Pulled(name="b:1b"), Pulled(name="c:1b")]
    with serve(OllamaServer(models=models)) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OLLAMA_HOST", url)
        ollama = seen()["ollama"]
    assert ollama.usable
    assert ollama.models == ("ollama/llama3.2:latest", "ollama/a:1b", "ollama/b:1b", "ollama/c:1b")
    assert ollama.what == "llama3.2:latest (3.2B, Q4_K_M), a:1b (1B, Q4_K_M), b:1b (3.2B, Q4_K_M) and 1 more"


def test_an_ollama_without_models_is_not_usable_yet() -> None:
    with serve(OllamaServer(models=[])) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OLLAMA_HOST", url)
        ollama = seen()["ollama"]
    assert not ollama.usable
    assert ollama.hint == "syngen models pull ollama/qwen3:0.6b"


def test_a_key_is_found_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CO_API_KEY", KEY)
    Path(".env").write_text(f"GROQ_API_KEY={KEY}\n")
    found = seen()
    assert found["cohere"] == Usable("cohere", True, "key set")
    assert found["groq"] == Usable("groq", True, "key set")
    assert KEY not in repr(found)


def test_clouds_are_never_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    connect = socket.socket.connect

    def listen(self: socket.socket, address: tuple[str, int]) -> None:
        asked.append(str(address[0]))
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", listen)
    for host in HOSTS.values():
        if host.key:
            monkeypatch.setenv(host.key, KEY)
    assert seen()["openai"].usable
    assert set(asked) == {"127.0.0.1"}


def test_local_servers_tell_their_models(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(OpenAIServer(models=("qwen", "phi"))) as url:
        monkeypatch.setitem(inventory.HOSTS, "vllm", Host(base_url=f"{url}/v1"))
        found = seen()
    assert found["vllm"] == Usable("vllm", True, "qwen and phi", models=("vllm/qwen", "vllm/phi"))
    assert not found["sglang"].usable


@pytest.fixture
def own() -> Iterator[str]:
    """Endpoints of one's own: one that answers, one with a key, one whose key is not set, one that is away."""
    with serve(OpenAIServer(models=("big",))) as url, serve(OpenAIServer(models=("shut",), key=KEY)) as shut:
        yield (
            f'[endpoints.mybox]\nbase_url = "{url}/v1"\n'
            f'[endpoints.locked]\nbase_url = "{shut}/v1"\nkey = "LOCKED_KEY"\n'
            f'[endpoints.wrong]\nbase_url = "{shut}/v1"\nkey = "WRONG_KEY"\n'
            f'[endpoints.keyless]\nbase_url = "{url}/v1"\nkey = "KEYLESS_KEY"\n'
            f'[endpoints.team]\nbase_url = "{url}/v1"\nheaders = {{ X-Team = "${{TEAM_TOKEN}}" }}\n'
            f'[endpoints.away]\nbase_url = "{NOBODY}"\n'
        )


def test_endpoints_of_ones_own_are_asked(own: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCKED_KEY", KEY)
    monkeypatch.setenv("WRONG_KEY", "sk-another-key-1234")
    Path("syngen.toml").write_text(own)
    found = seen()
    assert found["mybox"].models == ("mybox/big",)
    assert found["locked"].models == ("locked/shut",)
    assert found["wrong"].usable
    assert "lists no models" in found["wrong"].what
    assert found["keyless"] == Usable("keyless", False, "no key", "set KEYLESS_KEY")
    assert found["team"] == Usable("team", False, "no key", "set TEAM_TOKEN")
    assert found["away"] == Usable("away", False, "no server at 127.0.0.1:9", "start it, or fix its base_url")
    assert KEY not in repr(found)


def test_an_endpoint_with_a_name_that_is_taken_is_not_listed_twice() -> None:
    Path("syngen.toml").write_text(f'[endpoints.vllm]\nbase_url = "{NOBODY}"\n')
    names = [one.provider for one in inventory.inventory()]
    assert names.count("vllm") == 1


def test_endpoints_can_come_from_another_file(own: str) -> None:
    Path("mine.toml").write_text(own)
    assert "mybox" in seen("mine.toml")
    with pytest.raises(ConfigError, match=r"gone\.toml can't be read"):
        inventory.inventory("gone.toml")


def test_a_server_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setenv("OLLAMA_HOST", address)
        for name in ("vllm", "sglang", "llamacpp", "lmstudio"):
            monkeypatch.setitem(inventory.HOSTS, name, Host(base_url=f"{address}/v1"))
        started = time.monotonic()
        found = seen()
        assert time.monotonic() - started < 4  # 2.2 s and what a busy machine takes
    assert not any(found[name].usable for name in ("ollama", "vllm", "sglang", "llamacpp", "lmstudio"))


def test_fetched_models_are_listed(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for file in (weights.FILE, weights.ENTRIES["qwen3-4b"].file):
        (tmp_path / "data" / file).write_bytes(b"weights")
    (tmp_path / "data" / f"{weights.ENTRIES['qwen3-8b'].file}.0123456789abcdef.part").write_bytes(b"some")
    embedded = seen()["embedded"]
    assert embedded.models == ("embedded/smollm2-135m", "embedded/qwen3-4b")


def test_of_the_hubs_cache_only_what_writes_text_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "NEEDED", ())

    def cached(repo: str, files: dict[str, str]) -> None:
        folder = tmp_path / "hub" / f"models--{repo.replace('/', '--')}"
        (folder / "refs").mkdir(parents=True)
        (folder / "refs" / "main").write_text("c0ffee")
        snapshot = folder / "snapshots" / "c0ffee"
        snapshot.mkdir(parents=True)
        for name, text in files.items():
            (snapshot / name).write_text(text)

    def config(kind: str) -> str:
        return json.dumps({"architectures": [kind]})

    cached("shop/writer", {"config.json": config("LlamaForCausalLM"), "model.safetensors": "w"})
    cached("shop/encoder", {"config.json": config("BertModel"), "model.safetensors": "w"})
    cached("shop/empty", {"config.json": config("LlamaForCausalLM")})
    cached("shop/files", {"small.gguf": "w"})
    assert seen()["hf"].models == ("hf/shop/files/small.gguf", "hf/shop/writer")


def test_missing_libraries_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "NEEDED", ("torch_that_is_not_here",))
    hf = seen()["hf"]
    assert hf == Usable("hf", False, "needs torch_that_is_not_here", "pip install 'syngen-text[hf]'")


def test_installed_providers_are_listed_with_their_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "parrot-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: parrot\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[syngen.models]\nparrot = parrot_model:open_model\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert inventory.inventory()[-1] == Usable("parrot", True, "installed: parrot 1.0")
