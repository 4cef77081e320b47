"""Open models of 0.5 to 8 billion parameters that can be fetched by a short name.

Facts as of November 2026. Each is a GGUF file on the Hugging Face hub, published by the model's authors, free for
any use, and of an architecture and a quantisation that the engine reads: OpenVINO GenAI's reader takes llama, qwen2
and qwen3, best as Q8_0 (https://openvinotoolkit.github.io/openvino.genai/docs/guides/gguf). No digests are written
down here: what is fetched is checked against the SHA-256 that the hub states for the file (`models.pull`).
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from syngen.errors import ModelNotFound
from syngen.models.local import weights

AS_OF = "November 2026"


@dataclass(frozen=True, slots=True)
class Entry:
    """One model of the catalogue.

    Attributes:
        name: After `embedded/`.
        parameters: How many, as in "1.5B".
        repo: Where it is on the hub; `file`: the name of its file there.
        size: Bytes on disk, about: the authors may publish it anew.
        memory: Bytes that a run needs, about: the measured peak of opening a model of the same shape with random
            weights (OpenVINO GenAI 2026.4), or what it held afterwards and keys and values of 16,384 tokens,
            reckoned from fewer, whichever is more. The 8B by proportion.
        licence: SPDX identifier.
    """

    name: str
    parameters: str
    repo: str
    file: str
    size: int
    memory: int
    licence: str = "Apache-2.0"


# Where the facts are from, November 2026 (the hub itself could not be asked). SmolLM2: its page on the hub. Qwen: the
# hub's list of Qwen3-1.7B's quantisations; repositories, file names, licences and bytes as public source code has them
# (several independent projects each; of qwen2.5-0.5b and -1.5b as Q8_0, one each). Not in it: Qwen2.5-3B (licence for
# research only), Qwen2.5-7B (its file is in parts), Phi and Granite (architectures the reader does not take). Qwen3
# thinks aloud unless its replies are held to a schema.
_TABLE = """
qwen2.5-0.5b Qwen/Qwen2.5-0.5B-Instruct-GGUF qwen2.5-0.5b-instruct-q8_0.gguf 675710816 2200000000
qwen2.5-1.5b Qwen/Qwen2.5-1.5B-Instruct-GGUF qwen2.5-1.5b-instruct-q8_0.gguf 1894532128 5900000000
smollm2-1.7b HuggingFaceTB/SmolLM2-1.7B-Instruct-GGUF smollm2-1.7b-instruct-q4_k_m.gguf 1055609536 6400000000
qwen3-1.7b Qwen/Qwen3-1.7B-GGUF Qwen3-1.7B-Q8_0.gguf 1834426016 6100000000
qwen3-4b Qwen/Qwen3-4B-GGUF Qwen3-4B-Q4_K_M.gguf 2497280256 9300000000
qwen3-8b Qwen/Qwen3-8B-GGUF Qwen3-8B-Q4_K_M.gguf 5027783488 18000000000
"""
ENTRIES: Mapping[str, Entry] = {
    name: Entry(name, name.rpartition("-")[2].upper(), repo, file, int(size), int(memory))
    for name, repo, file, size, memory in map(str.split, _TABLE.strip().splitlines())
}


def is_here(name: str) -> bool:
    """Whether the model was fetched; a file gets its name only when it is complete and verified."""
    return place(name).is_file()


def place(name: str) -> Path:
    """Return the path of the model's file."""
    return weights.home() / ENTRIES[name].file


def find(name: str) -> Path:
    """Return the path of a fetched model's file; without a name that of the default model.

    Raises:
        ModelNotFound: It is not on this machine; the hint says how to fetch it.
    """
    if name in ("", weights.NAME):
        return weights.find()
    if is_here(name):
        return place(name)
    raise ModelNotFound(
        f"The weights of embedded/{name} ({gigabytes(ENTRIES[name].size)}) are not on this machine.",
        f"Fetch them once with: syngen models pull embedded/{name}",
    )


def guess(name: str) -> str:
    """Return a sentence that suggests a similar name; empty when there is none."""
    close = difflib.get_close_matches(name.lower(), [weights.NAME, *ENTRIES], n=1, cutoff=0.7)
    return f"Did you mean embedded/{close[0]}? " if close else ""


def gigabytes(count: float) -> str:
    """Format bytes for people: 98 MB, 1.9 GB, 11 GB."""
    if count < 1e9:
        return f"{count / 1e6:.0f} MB"
    return f"{count / 1e9:.1f} GB" if count < 10e9 else f"{count / 1e9:.0f} GB"
