"""Models are fetched from the hub whole and checked, going on where they stopped; else one sentence says why not."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from servers.hub_server import COMMIT, HubServer, hub
from servers.loopback import serve
from servers.ollama_server import OllamaServer
from syngen.errors import ModelError, ModelFailed, ModelNotFound, ModelRefused, ModelUnreachable
from syngen.models import open_model
from syngen.models.local import weights
from syngen.models.manage.pull import pull

NAME = "embedded/qwen2.5-0.5b"
ENTRY = weights.ENTRIES["qwen2.5-0.5b"]
WEIGHTS = random.Random(0).randbytes(300_000)
CHUNK = 32_768


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's data folder without anything, and chunks that small files have several of."""
    from huggingface_hub import constants

    monkeypatch.setattr(weights, "home", lambda: tmp_path / "data")
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", CHUNK)
    return tmp_path / "data"


@pytest.fixture
def app() -> HubServer:
    return HubServer({f"{ENTRY.repo}/{ENTRY.file}": WEIGHTS})


@pytest.fixture(autouse=True)
def address(app: HubServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with hub(app, monkeypatch) as url:
        yield url


def quietly(what: str, done: int, total: int) -> None:
    """Look at no news."""


def test_a_model_comes_whole_with_a_note_on_where_it_is_from(home: Path, app: HubServer) -> None:
    news: list[tuple[str, int, int]] = []
    done = pull(NAME, lambda *told: news.append(told))
    place = home / ENTRY.file
    assert done == (NAME, str(place))
    assert place.read_bytes() == WEIGHTS
    note = json.loads((home / f"{ENTRY.file}.json").read_text())
    assert note["sha256"] == hashlib.sha256(WEIGHTS).hexdigest()
    assert (note["repo"], note["revision"], note["licence"]) == (ENTRY.repo, COMMIT, "Apache-2.0")
    assert sorted(path.name for path in home.iterdir()) == [ENTRY.file, f"{ENTRY.file}.json"]
    fetched = [have for what, have, total in news if what == "fetching" and total == len(WEIGHTS)]
    assert fetched == sorted(fetched)
    assert (fetched[0], fetched[-1]) == (0, len(WEIGHTS))
    assert app.ranges == [""]
    assert any(f"/resolve/{COMMIT}/" in path for method, path, _ in app.calls if method == "GET")


def test_a_model_that_is_here_is_not_fetched_again(app: HubServer) -> None:
    pull(NAME, quietly)
    before = len(app.calls)
    assert pull("qwen2.5-0.5b", quietly)[0] == NAME
    assert len(app.calls) == before


def test_after_an_interruption_it_goes_on_where_it_stopped(home: Path, app: HubServer) -> None:
    def interrupt(what: str, done: int, total: int) -> None:
        if done >= 3 * CHUNK:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull(NAME, interrupt)
    assert not (home / ENTRY.file).exists()
    (part,) = home.glob("*.part")
    have = part.stat().st_size
    assert 0 < have < len(WEIGHTS)
    pull(NAME, quietly)
    assert (home / ENTRY.file).read_bytes() == WEIGHTS
    assert app.ranges == ["", f"bytes={have}-"]
    assert list(home.glob("*.part")) == []


def test_a_connection_that_breaks_is_taken_up_again(home: Path, app: HubServer) -> None:
    app.breaks_after = [4 * CHUNK]
    pull(NAME, quietly)
    assert (home / ENTRY.file).read_bytes() == WEIGHTS
    assert app.ranges[0] == ""
    assert app.ranges[1].startswith("bytes=")


def test_a_part_of_another_version_is_of_no_use(home: Path, app: HubServer) -> None:
    home.mkdir()
    (home / f"{ENTRY.file}.0123456789abcdef.part").write_bytes(b"x" * 1000)
    pull(NAME, quietly)
    assert (home / ENTRY.file).read_bytes() == WEIGHTS
    assert app.ranges == [""]
    assert list(home.glob("*.part")) == []


def test_what_is_not_what_the_hub_states_is_deleted(home: Path, app: HubServer) -> None:
    app.states = "ab" * 32
    with pytest.raises(
        ModelFailed, match=r"SHA-256 .* instead of abababababab…\); it was deleted\. Try again"
    ):
        pull(NAME, quietly)
    assert list(home.iterdir()) == []


def test_a_part_that_was_tampered_with_is_noticed(home: Path, app: HubServer) -> None:
    home.mkdir()
    digest = hashlib.sha256(WEIGHTS).hexdigest()
    (home / f"{ENTRY.file}.{digest[:16]}.part").write_bytes(b"x" * 1000)
    with pytest.raises(ModelFailed, match="deleted"):
        pull(NAME, quietly)
    pull(NAME, quietly)
    assert (home / ENTRY.file).read_bytes() == WEIGHTS


def test_a_mirror_that_states_no_digest_is_not_believed(home: Path, app: HubServer) -> None:
    app.states = "W/strange"
    with pytest.raises(ModelFailed, match=r"states no digest .* HF_ENDPOINT"):
        pull(NAME, quietly)
    assert not home.exists()


def test_without_network_one_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    nobody = "http://127.0.0.1:9/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", nobody)
    with pytest.raises(
        ModelUnreachable, match=r"hub can't be reached \(.*\)\. Check the network; or bring"
    ) as error:
        pull(NAME, quietly)
    assert "\n" not in str(error.value)
    assert error.value.exit_status == 4


def test_a_hub_that_is_forbidden_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelUnreachable, match="HF_HUB_OFFLINE is set"):
        pull(NAME, quietly)


def test_a_repository_that_is_gone_is_said_to_be(app: HubServer) -> None:
    app.files = {"someone/else/x.gguf": b"x"}
    with pytest.raises(ModelNotFound, match=f"The hub shows no model '{ENTRY.repo}'"):
        pull(NAME, quietly)


def test_a_repository_behind_terms_says_where_they_are(app: HubServer) -> None:
    app.gated = (ENTRY.repo,)
    with pytest.raises(ModelRefused, match=f"Accept them at https://huggingface.co/{ENTRY.repo}"):
        pull(NAME, quietly)


def test_a_disk_without_room_is_noticed_before(
    home: Path, app: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil.disk_usage("/")._replace(free=100_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: full)
    with pytest.raises(ModelError, match=r"has room for 0 MB\. Free some there, or set XDG_DATA_HOME"):
        pull(NAME, quietly)
    assert app.ranges == []


def test_a_folder_that_can_not_be_written_is_named(home: Path) -> None:
    home.write_text("a file where the folder should be")
    with pytest.raises(ModelError, match=r"can't be kept in .*data"):
        pull(NAME, quietly)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("embedded/qwen2.5-05b", "Did you mean embedded/qwen2.5-0.5b"),
        ("qwen3-8", "Did you mean embedded/qwen3-8b"),
        ("openai/gpt-4o", "There are embedded/… smollm2-135m, qwen2.5-0.5b"),
        ("Qwen/Qwen3-4B", "If it is a model .* syngen models pull hf/Qwen/Qwen3-4B"),
    ],
)
def test_an_unknown_name_gets_a_near_one_or_the_list(name: str, said: str) -> None:
    with pytest.raises(ModelNotFound, match=rf"nothing to fetch for '{name}'\. {said}"):
        pull(name, quietly)


def test_a_model_of_the_hub_goes_into_its_cache_without_its_other_formats(app: HubServer) -> None:
    kept = {"config.json": b"{}", "model.safetensors": b"weights", "tokenizer.json": b"{}"}
    others = {"pytorch_model.bin": b"the same", "onnx/model.onnx": b"again"}
    app.files |= {f"shop/tiny/{name}": data for name, data in (kept | others).items()}
    done = pull("hf/shop/tiny", quietly)
    folder = Path(done[1])
    assert {path.name for path in folder.iterdir()} == set(kept)
    assert folder.is_relative_to(Path("hub-cache").absolute())


def test_one_gguf_file_of_the_hub_can_be_named(app: HubServer) -> None:
    app.files |= {"shop/tiny/small.gguf": b"small", "shop/tiny/large.gguf": b"large"}
    done = pull("hf/shop/tiny/small.gguf", quietly)
    assert Path(done[1]).read_bytes() == b"small"
    assert not Path(done[1]).with_name("large.gguf").exists()


def test_ollama_fetches_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    news: list[tuple[str, int, int]] = []
    server = OllamaServer()
    with serve(server) as url:
        monkeypatch.setenv("OLLAMA_HOST", url)
        assert pull("ollama/qwen3:0.6b", lambda *told: news.append(told))[0] == "ollama/qwen3:0.6b"
        with pytest.raises(ModelNotFound):
            pull("ollama/qwen4:0.6b", quietly)
    assert max(done for _, done, _ in news) == server.remote["qwen3:0.6b"]


@pytest.mark.slow
def test_a_fetched_model_opens_by_its_name(home: Path) -> None:
    found = next(folder / weights.FILE for folder in weights._folders() if (folder / weights.FILE).is_file())
    home.mkdir()
    (home / ENTRY.file).symlink_to(found)
    assert open_model(NAME).name == NAME


def test_one_not_fetched_yet_names_the_command_that_fetches_it() -> None:
    with pytest.raises(
        ModelNotFound, match=r"\(5\.0 GB\) are not on this machine\. .*: syngen models pull embedded/qwen3-8b"
    ):
        open_model("embedded/qwen3-8b")
    with pytest.raises(ModelNotFound, match="Did you mean embedded/qwen3-4b"):
        open_model("embedded/qwen3-4")


def test_the_catalogue_is_short_free_and_of_the_sizes_promised() -> None:
    entries = list(weights.ENTRIES.values())
    assert 5 <= len(entries) <= 7
    assert {entry.licence for entry in entries} <= {"Apache-2.0", "MIT"}
    assert all(0.5 <= float(entry.parameters.removesuffix("B")) <= 8 for entry in entries)
    assert all(entry.file.endswith(".gguf") and entry.memory > entry.size for entry in entries)
    assert len({entry.file for entry in entries}) == len(entries)
