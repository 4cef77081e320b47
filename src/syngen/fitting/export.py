"""Write trained weights: a GGUF for the embedded engine and Ollama, or a Hugging Face folder; with a model card.

A GGUF keeps the metadata of its base, tokenizer included, so nothing else has to be converted. Matrices become Q8_0
(8.5 bits a number); norms and biases stay float32. For the Llama architecture the rows of queries and keys are
permuted to llama.cpp's order.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from syngen.errors import ModelFailed
from syngen.files import atomic
from syngen.models.local.fitted import Manifest
from syngen.models.local.loading import quiet
from syngen.text.format import number

# For Ollama. The prompt is passed on as it is: the model knows no chat.
MODELFILE = '''FROM ./{file}
TEMPLATE """{{{{ .Prompt }}}}"""
PARAMETER temperature 1
PARAMETER min_p {min_p}
PARAMETER repeat_penalty 1
'''
WRITABLE = ("llama", "qwen2", "qwen3")
_SET_BY_WRITER = ("GGUF.", "general.architecture", "general.file_type", "general.quantization_version")


def read_writable(base: Path) -> tuple[Any, str]:
    """Return the reader of a GGUF and its architecture, when trained weights of it can be written.

    Raises:
        ModelFailed: The architecture is not supported.
    """
    import gguf

    reader = gguf.GGUFReader(base)
    architecture = str(reader.fields["general.architecture"].contents())
    if architecture not in WRITABLE:
        raise ModelFailed(
            f"A model of the architecture {architecture} can't be written as GGUF here ({', '.join(WRITABLE)} can).",
            "Fit the Hugging Face form of it: --base hf/ORG/NAME",
        )
    return reader, architecture


def write_gguf(model: Any, base: Path, target: Path, name: str) -> None:
    """Write a model's weights as a GGUF with the metadata of its base.

    Args:
        model: The trained transformers model, loaded from `base`.
        base: The GGUF file of the base.
        target: The file to write.
        name: The model's name in its metadata.

    Raises:
        ModelFailed: The architecture is not supported.
    """
    import gguf

    reader, architecture = read_writable(base)
    writer = gguf.GGUFWriter(None, architecture)
    for key, field in reader.fields.items():
        if not key.startswith(_SET_BY_WRITER):
            value = name if key == "general.name" else field.contents()
            writer.add_key_value(key, value, field.types[0], field.types[1] if len(field.types) > 1 else None)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    config = model.config
    kinds = {kind: number for number, kind in gguf.MODEL_ARCH_NAMES.items()}
    names = gguf.get_tensor_name_map(kinds[architecture], config.num_hidden_layers)
    weights = {names.get_name(key, (".weight", ".bias")): value for key, value in model.state_dict().items()}
    heads = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}
    for tensor in reader.tensors:
        kind = tensor.name.split(".")[-2]
        theirs = weights.get(tensor.name)
        if theirs is None:  # not trained, such as rope factors
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
    """Save a model in bfloat16 as transformers does."""
    import torch

    with quiet():
        if hasattr(model.config, "quantization_config"):  # left over from the GGUF
            del model.config.quantization_config
        model.to(torch.bfloat16).save_pretrained(str(target))
        tokenizer.save_pretrained(str(target))


def _permuted(values: npt.NDArray[np.float32], heads: int) -> npt.NDArray[np.float32]:
    """Interleave the two halves of each head's rows, as llama.cpp's converter does."""
    halves = values.reshape(heads, 2, values.shape[0] // heads // 2, *values.shape[1:])
    return halves.swapaxes(1, 2).reshape(values.shape)


def card(manifest: Manifest, example: str) -> str:
    """Return the model card, for README.md.

    Args:
        manifest: The model's.
        example: An invented prompt line; none of a real row.
    """
    front = f"---\nlicense: {manifest.licence}\n---\n\n" if manifest.licence else ""
    losses = "".join(f"| held-out loss, {name} | {loss:.3f} |\n" for name, loss in manifest.losses.items())
    scores = "".join(
        f"| {name.replace('_', ' ')} | {number(score['value'])} | {number(score['prompted'])} | {number(score['real'])} |\n"
        for name, score in manifest.scores.items()
    )
    promise = manifest.private
    private = (
        f"| differential privacy of a row | epsilon {promise['epsilon']:.2f}, delta {promise['delta']:.1e} |\n"
        if promise
        else ""
    )
    measured = f"\n| of rows written | fitted | base | real |\n|---|---|---|---|\n{scores}" if scores else ""
    return f"""{front}# {manifest.name}

{manifest.base}, fitted with SynGen {manifest.version} on {manifest.created[:10]} to write texts like those of one table.

| | |
|---|---|
| base | {manifest.base} ({manifest.base_weights}) |
| licence of the base | {manifest.licence or "see there"} |
| data | {manifest.source}, sha256:{manifest.reference} |
| rows learnt from | {manifest.rows:,}, repeated texts left out |
| rows held out | {manifest.held_out:,} |
| training | {manifest.seconds:.0f} s{", " + manifest.stopped if manifest.stopped else ""} |
{private}{losses}{measured}
The weights have learnt from real rows: whatever licence and whatever duties come with the data come with them. A
model of this size can write down what it was taught; SynGen checks every row it makes against the real ones, other
programs do not. Share rows that SynGen made, not the model, unless you may share the data.

It knows no chat. It is asked with a line such as

    {example.strip()}

and answers with a line `name: text` for each text. A tab and a number in it count down the tens of words that
are left; a line break is written as ¶.
In SynGen: `syngen generate REFERENCE -n 500 --model fitted/{manifest.name}`.
"""
