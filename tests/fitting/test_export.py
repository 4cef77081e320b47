"""Weights as GGUF: what transformers reads from the file is what was trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import tiny
import torch

from syngen.errors import ModelFailed
from syngen.fitting.export import WRITABLE, write_folder, write_gguf
from syngen.models.local.loading import load, quiet


def base_file(folder: Path, model: Any, architecture: str = "llama") -> Path:
    """A GGUF of zeros in the shape of a tiny Llama, with the metadata that a reader wants."""
    target = folder / "base.gguf"
    config = model.config
    writer = gguf.GGUFWriter(target, architecture)
    writer.add_name("base")
    writer.add_license("apache-2.0")
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    if getattr(config, "head_dim", None):
        writer.add_key_length(config.head_dim)
        writer.add_value_length(config.head_dim)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(config.vocab_size)
    words = tiny.tokenizer()
    tokens = words.convert_ids_to_tokens(range(len(words)))
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(tokens)
    writer.add_token_types([3 if t.startswith("<|") else 1 for t in tokens])
    writer.add_token_merges([" ".join(m) for m in _merges(words)])
    writer.add_eos_token_id(words.eos_token_id)
    kind = gguf.MODEL_ARCH[architecture.upper()] if architecture != "falcon" else gguf.MODEL_ARCH.LLAMA
    names = gguf.get_tensor_name_map(kind, config.num_hidden_layers)
    for name, weight in model.state_dict().items():
        found = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if found is not None:
            writer.add_tensor(found, np.zeros(weight.shape, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return target


def _merges(words: Any) -> list[tuple[str, str]]:
    import json

    return [tuple(m) for m in json.loads(words.backend_tokenizer.to_str())["model"]["merges"]]


@pytest.fixture
def model(tmp_path: Path) -> Any:
    return load(str(tiny.llama(tmp_path / "tiny")), "cpu", "float32").model


@pytest.mark.parametrize("architecture", WRITABLE)
def test_what_is_read_from_the_file_is_what_was_trained(tmp_path: Path, architecture: str) -> None:
    """Up to the eight bits that a number is kept with."""
    model = load(str(getattr(tiny, architecture)(tmp_path / "tiny")), "cpu", "float32").model
    write_gguf(model, base_file(tmp_path, model, architecture), tmp_path / "new.gguf", "new")
    read = load(str(tmp_path / "new.gguf"), "cpu", "float32").model
    for name, weight in model.state_dict().items():
        if name == "lm_head.weight" and name not in read.state_dict():
            continue
        step = weight.abs().max() / 127
        assert (read.state_dict()[name] - weight).abs().max() <= step, name
    ids = torch.arange(3, 40).unsqueeze(0)
    with torch.no_grad():
        assert (
            torch.nn.functional.cosine_similarity(
                model(ids).logits.flatten(), read(ids).logits.flatten(), dim=0
            )
            > 0.99
        )


def test_the_metadata_is_that_of_the_base_but_for_the_name(tmp_path: Path, model: Any) -> None:
    base = base_file(tmp_path, model)
    write_gguf(model, base, tmp_path / "new.gguf", "new")
    ours, theirs = (gguf.GGUFReader(path).fields for path in (tmp_path / "new.gguf", base))
    assert ours["general.name"].contents() == "new"
    for name in ("tokenizer.ggml.tokens", "tokenizer.ggml.merges", "llama.block_count", "general.license"):
        assert ours[name].contents() == theirs[name].contents()


def test_an_architecture_that_is_not_known_is_refused(tmp_path: Path, model: Any) -> None:
    with pytest.raises(ModelFailed, match="architecture falcon can't be written"):
        write_gguf(model, base_file(tmp_path, model, "falcon"), tmp_path / "new.gguf", "new")
    assert not (tmp_path / "new.gguf").exists()


def test_a_folder_is_read_by_transformers(tmp_path: Path, model: Any) -> None:
    write_folder(model, tiny.tokenizer(), tmp_path / "folder")
    with quiet():
        read = load(str(tmp_path / "folder"), "cpu", "float32")
    assert read.model.num_parameters() == model.num_parameters()
