"""Models of the hub: fetched once, pinned by their commit, used without a network; else a sentence says why not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from servers.hub_server import COMMIT, HubServer, hub
from syngen.errors import ModelError, ModelNotFound, ModelRefused, ModelUnreachable
from syngen.models import open_model

TINY = "someone/tiny"
OTHERS = ("model.bin", "tf_model.h5", "onnx/model.safetensors", "consolidated.safetensors", "picture.png")


@pytest.fixture
def app(folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A hub with a tiny GPT-2 among other forms of it, and one with nothing but GGUF files."""
    files = {f"{TINY}/{file.name}": file.read_bytes() for file in folders["gpt2"].iterdir()}
    others = {f"{TINY}/{name}": b"nothing to fetch" for name in OTHERS}
    served = HubServer({**files, **others, "someone/small/small-q4.gguf": b"no weights"})
    with hub(served, monkeypatch):
        yield served


def test_a_model_is_fetched_and_pinned_then_used_without_a_network(
    app: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = open_model(f"hf/{TINY}")
    assert model.name == f"hf/{TINY}"
    assert model.capabilities.weights == f"revision:{COMMIT}"
    asked = {path.rpartition("/resolve/")[2].partition("/")[2] for _, path, _ in app.calls}
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= asked
    assert not asked & set(OTHERS)

    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    calls = len(app.calls)
    for name in (TINY, f"{TINY}@main", f"{TINY}@{COMMIT}"):
        assert open_model(f"hf/{name}").capabilities.weights == f"revision:{COMMIT}"
    assert len(app.calls) == calls
    message = rf"no {TINY} at other.*hf download {TINY} --revision other"
    with pytest.raises(ModelNotFound, match=message):
        open_model(f"hf/{TINY}@other")


def test_a_model_that_is_not_here_says_how_to_fetch_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelNotFound, match=rf"can't be reached.*hf download {TINY}"):
        open_model(f"hf/{TINY}")


def test_a_model_that_is_here_in_part_is_not_here(app: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import hf_hub_download

    hf_hub_download(TINY, "config.json")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelNotFound, match=f"hf download {TINY}"):
        open_model(f"hf/{TINY}")


def test_a_hub_that_goes_away_while_fetching_is_not_a_missing_model(
    app: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = "http://127.0.0.1:9/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # the client's, before it tries again
    # Its threads share a session that each closes at such an error; another may find none in between.
    monkeypatch.setattr("huggingface_hub.utils._http.close_session", lambda: None)
    monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", nobody)
    with pytest.raises(ModelUnreachable, match=rf"\(Connection refused\)\. .*hf download {TINY}") as caught:
        open_model(f"hf/{TINY}")
    assert caught.value.exit_status == 4
    assert app.calls


def test_a_gguf_file_is_fetched_alone(app: HubServer) -> None:
    with pytest.raises(ModelError, match=r"can't load someone/small/small-q4\.gguf"):
        open_model("hf/someone/small/small-q4.gguf")
    assert any(path.endswith(f"/resolve/{COMMIT}/small-q4.gguf") for _, path, _ in app.calls)


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("someone/gated", ModelRefused, "accepted its terms.*HF_TOKEN"),
        ("someone/nothing", ModelNotFound, "shows no model 'someone/nothing'"),
        ("someone/small", ModelNotFound, "holds no model.*hf/someone/small/FILE.gguf"),
        ("no hub/name", ModelNotFound, "no model of the hub has such a name"),
    ],
)
def test_what_the_hub_does_not_give_is_a_clear_error(
    name: str, kind: type[ModelError], message: str, app: HubServer
) -> None:
    app.gated = ("someone/gated",)
    with pytest.raises(kind, match=message) as caught:
        open_model(f"hf/{name}")
    assert caught.value.hint
