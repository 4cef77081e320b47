"""From trained weights to files: a GGUF that the embedded engine and Ollama read, or a Hugging Face folder.

A GGUF is written with the metadata of the base's own, tokenizer and all, so that nothing is converted that
could be converted wrongly. Matrices become Q8_0, which is 8.5 bits a number; norms and biases stay float32.
Of the Llama architecture the rows of queries and keys are put in the order that llama.cpp wants them in.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from syngen.errors import ModelFailed
from syngen.files import atomic
from syngen.models.local.loading import quiet

WRITABLE = ("llama", "qwen2", "qwen3")
_SET_BY_WRITER = ("GGUF.", "general.architecture", "general.file_type", "general.quantization_version")
_TENSORS: Mapping[str, str] = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_TOP: Mapping[str, str] = {
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "output": "lm_head",
}


def check_writable(base: Path) -> str:
    """The architecture of a GGUF whose trained weights can be written as one.

    Raises:
        ModelFailed: It is none that is known here.
    """
    import gguf

    architecture = str(gguf.GGUFReader(base).fields["general.architecture"].contents())
    if architecture not in WRITABLE:
        raise ModelFailed(
            f"A model of the architecture {architecture} can't be written as GGUF here ({', '.join(WRITABLE)} can).",
            "Fit the Hugging Face form of it: --base hf/ORG/NAME",
        )
    return architecture


def write_gguf(model: Any, base: Path, target: Path, name: str) -> None:
    """Write a model's weights as a GGUF with the metadata of the GGUF it came from.

    Args:
        model: As transformers made it of `base`, trained.
        base: The GGUF file.
        target: The file to write.
        name: What the model is called in it.

    Raises:
        ModelFailed: The base is of an architecture that is not known here.
    """
    import gguf

    architecture = check_writable(base)
    reader = gguf.GGUFReader(base)
    writer = gguf.GGUFWriter(None, architecture)
    for key, field in reader.fields.items():
        if not key.startswith(_SET_BY_WRITER):
            value = name if key == "general.name" else field.contents()
            writer.add_key_value(key, value, field.types[0], field.types[1] if len(field.types) > 1 else None)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    weights = model.state_dict()
    config = model.config
    heads = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}
    for tensor in reader.tensors:
        kind = tensor.name.split(".")[-2]
        theirs = weights.get(_named(tensor.name))
        if theirs is None:  # such as factors of the positions, which are not trained
            writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)
            continue
        values = theirs.float().cpu().numpy()
        if architecture == "llama" and kind in heads:
            values = _permuted(values, heads[kind])
        if values.ndim == 1 or values.shape[-1] % 32:
            writer.add_tensor(tensor.name, values)
        else:
            packed = gguf.quantize(values, gguf.GGMLQuantizationType.Q8_0)
            writer.add_tensor(tensor.name, packed, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
    with atomic(target) as part:
        writer.write_header_to_file(part)
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()


def write_folder(model: Any, tokenizer: Any, target: Path) -> None:
    """Save a model as transformers does, in bfloat16."""
    import torch

    with quiet():
        if hasattr(model.config, "quantization_config"):  # of the GGUF it came from, which it no longer is
            del model.config.quantization_config
        model.to(torch.bfloat16).save_pretrained(str(target))
        tokenizer.save_pretrained(str(target))


def _named(tensor: str) -> str:
    """What transformers calls a tensor of a GGUF; empty when it is none of the known ones."""
    parts = tensor.split(".")
    if parts[0] != "blk":
        return f"{_TOP[parts[0]]}.{parts[1]}" if parts[0] in _TOP else ""
    return f"model.layers.{parts[1]}.{_TENSORS[parts[2]]}.{parts[3]}" if parts[2] in _TENSORS else ""


def _permuted(values: npt.NDArray[np.float32], heads: int) -> npt.NDArray[np.float32]:
    """Rows of each head: the two halves that are turned together, interleaved (as llama.cpp converts them)."""
    halves = values.reshape(heads, 2, values.shape[0] // heads // 2, *values.shape[1:])
    return halves.swapaxes(1, 2).reshape(values.shape)
