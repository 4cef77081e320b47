"""Load weights and tokenizer of a transformers model, with a digest or revision that identifies them.

A name is a model of the hub (`ORG/NAME`, `ORG/NAME@REVISION`), a GGUF file in one (`ORG/NAME/FILE.gguf`), a
folder, or a GGUF file. A folder with an adapter of PEFT is merged into the model it was made for. No code
that comes with weights is ever run.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from syngen.errors import ModelError, ModelFailed, ModelNotFound
from syngen.models.local import hub, weights

NEEDED = ("torch", "transformers", "accelerate", "llguidance", "peft", "gguf")
_WEIGHTS = ("*.safetensors", "*.bin", "*.gguf")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A loaded model, its tokenizer, and the digests or revisions of the weights."""

    model: Any
    tokenizer: Any
    weights: str


@dataclass(frozen=True, slots=True)
class _Source:
    """The place of a model's weights, and their digest or revision."""

    folder: Path
    file: str  # a GGUF file in the folder; empty for a folder that is a model
    weights: str

    def read(self, kind: Any, **options: Any) -> Any:
        """Load by one of transformers' Auto classes."""
        if self.file:
            options["gguf_file"] = self.file
        with quiet():
            return kind.from_pretrained(str(self.folder), local_files_only=True, **options)


def load(name: str, device: str = "", dtype: str = "") -> Loaded:
    """Load a causal language model.

    Args:
        name: See above.
        device: Where to; empty: the best there is.
        dtype: Type of its numbers, such as "float32"; empty: what suits the device.

    Raises:
        ModelNotFound: It is not here, or the libraries are not.
        ModelRefused: The hub does not let us have it.
        ModelFailed: It can't be loaded.
    """
    check_libraries()
    import transformers

    source = _find(name)
    try:
        if (source.folder / "adapter_config.json").is_file() and not source.file:
            loaded = _adapted(source)
        else:
            tokenizer = source.read(transformers.AutoTokenizer)
            loaded = Loaded(_model(source, device, dtype), tokenizer, source.weights)
    except ModelError:
        raise
    except Exception as error:  # the loaders of some hundred architectures raise as they please
        raise ModelFailed(
            f"transformers can't load {name}: {_first_line(error)}",
            "Give a causal language model (text in, text out) in the form that transformers or llama.cpp saves.",
        ) from error
    loaded.model.eval()
    return loaded


def check_libraries(
    needed: Sequence[str] = (), extra: str = "hf", what: str = "Fitting, and models of Hugging Face,"
) -> None:
    """Check that libraries are installed, by default those for Hugging Face models.

    Args:
        needed: Names of the libraries.
        extra: The extra that installs them.
        what: What needs them, as a plural.

    Raises:
        ModelNotFound: Something is missing.
    """
    missing = [library for library in needed or NEEDED if importlib.util.find_spec(library) is None]
    if missing:
        raise ModelNotFound(
            f"{what} need {', '.join(missing)}.",
            f"Install what is missing: pip install 'syngen-text[{extra}]'",
        )


def _find(name: str) -> _Source:
    """Find the weights: on this machine first, then on the hub."""
    path = Path(name).expanduser()
    if path.is_file():
        return _Source(path.parent, path.name, _digest([path]))
    if path.is_dir():
        files = sorted(file for kind in _WEIGHTS for file in path.glob(kind))
        if not files:
            raise ModelNotFound(
                f"The folder {path} holds no weights.",
                f"It needs one of {', '.join(_WEIGHTS)} and their config.json.",
            )
        ggufs = [file for file in files if file.suffix == ".gguf"]
        if ggufs and not (path / "config.json").is_file():
            if len(ggufs) > 1:
                raise ModelNotFound(
                    f"The folder {path} holds {len(ggufs)} GGUF files.", f"Name one: hf/{ggufs[0]}"
                )
            return _Source(path, ggufs[0].name, _digest(ggufs))
        return _Source(path, "", _digest(files))
    folder, file = hub.snapshot(name)
    return _Source(folder, file, f"revision:{folder.name}")


def _model(source: _Source, device: str = "", dtype: str = "") -> Any:
    import torch
    import transformers

    device, dtype = device or best_device(), dtype or _dtype(source)
    placed = (
        {"device_map": "auto"} if device == "cuda" else {}
    )  # straight onto the card, and over several cards
    model = source.read(transformers.AutoModelForCausalLM, dtype=getattr(torch, dtype), **placed)
    return model if placed else model.to(device)


def _adapted(source: _Source) -> Loaded:
    """Load the model that an adapter belongs to, and merge the adapter."""
    import peft
    import transformers

    config = peft.PeftConfig.from_pretrained(str(source.folder))
    revision = f"@{config.revision}" if config.revision else ""
    made_for = str(config.base_model_name_or_path)
    base = _find(made_for if Path(made_for).exists() else made_for + revision)
    model = _model(base)
    with quiet():
        model = peft.PeftModel.from_pretrained(model, str(source.folder)).merge_and_unload()
    own = (source.folder / "tokenizer_config.json").is_file()
    tokenizer = (source if own else base).read(transformers.AutoTokenizer)
    return Loaded(model, tokenizer, f"{base.weights} {source.weights}")


def best_device() -> str:
    """Return the device to use: a graphics card if there is one."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def calculates_narrow(device: str) -> bool:
    """Whether a device has bfloat16 instructions."""
    import torch

    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    native = (getattr(torch.cpu, f"_is_{kind}_supported", bool)() for kind in ("avx512_bf16", "amx_tile"))
    return device == "cpu" and any(native)


def _dtype(source: _Source) -> str:
    """Choose the type of the weights: half width where the device computes with it, on a CPU only for such weights.

    On a processor with bf16 instructions they made reading prompts and writing two to three times as fast;
    on one without they are slower.
    """
    import torch
    import transformers

    device = best_device()
    if device != "cpu":
        return "bfloat16" if calculates_narrow(device) else "float16"
    narrow = bool(source.file)  # GGUF files are read as float32, whatever they hold
    if not narrow:
        config = transformers.AutoConfig.from_pretrained(str(source.folder), local_files_only=True)
        narrow = config.get_text_config(decoder=True).dtype in (torch.bfloat16, torch.float16)
    return "bfloat16" if calculates_narrow(device) and narrow else "float32"


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Silence the progress bars and remarks of transformers and PEFT.

    What the hub fetches was fetched, and shown, before.
    """
    import transformers

    logs: Any = transformers.logging  # which has no types
    verbosity, bars = logs.get_verbosity(), logs.is_progress_bar_enabled()
    logs.set_verbosity(logs.CRITICAL)
    logs.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            yield
    finally:
        logs.set_verbosity(verbosity)
        if bars:
            logs.enable_progress_bar()


def _digest(files: list[Path]) -> str:
    """Return `sha256:…` of a file, or of the names and digests of several."""
    if len(files) == 1:
        return weights.digest(files[0])
    lines = "\n".join(f"{weights.digest(file).removeprefix('sha256:')}  {file.name}" for file in files)
    return f"sha256:{hashlib.sha256(lines.encode()).hexdigest()}"


def _first_line(error: Exception) -> str:
    said = str(error) or type(error).__name__
    return said.strip().splitlines()[0].rstrip(".:") + "."
