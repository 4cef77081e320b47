"""The model that is fitted: a name and settings come in, weights that are ready to be trained go out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from syngen.errors import ConfigError, ModelFailed
from syngen.fitting.export import check_writable
from syngen.fitting.settings import Settings
from syngen.models import provider_of
from syngen.models.local import weights
from syngen.models.local.loading import best_device, calculates_narrow, load, quiet
from syngen.models.manage import catalogue

SMALL = 400e6  # parameters up to which all of them are trained by default
RATES = {"full": 5e-4, "lora": 1e-3}  # of small models
RATES_LARGE = {"full": 5e-5, "lora": 2e-4}
UNBOUNDED = 2**20  # tokens; of models without positions
BESIDE = 2 * 10**9  # bytes for what a step holds, and for everything else
_WIDE, _LOADED = 22, 4  # bytes a parameter: weights in both widths, gradients, two moments; what is only read


@dataclass(frozen=True, slots=True)
class Base:
    """A model to be trained.

    Attributes:
        name: Full model id.
        model: Of transformers; what is to be trained wants a gradient.
        tokenizer: Of the model.
        weights: What identifies them.
        gguf: The file they are from; None for the Hugging Face form.
        licence: As far as it is known.
        method: "full" or "lora".
        rate: The highest learning rate.
        memory: Bytes that training takes, about.
        room: Tokens that it can look at.
    """

    name: str
    model: Any
    tokenizer: Any
    weights: str
    gguf: Path | None
    licence: str
    method: str
    rate: float
    memory: int
    room: int


def locate(name: str) -> tuple[str, str, Path | None]:
    """The full id of a base, the name that transformers loads it by, and its GGUF file if it is one.

    Raises:
        ModelNotFound: Its weights are not here.
        ConfigError: It is a model whose weights nobody gives away.
    """
    provider, short = provider_of(name)
    if provider == "embedded":
        if short in ("", weights.NAME):
            found, short = weights.find(), weights.NAME
        elif short in catalogue.ENTRIES:
            found = catalogue.find(short)
        else:
            found = Path(short).expanduser()
            if found.is_dir() and (found / "config.json").is_file():
                return f"hf/{found}", str(found), None
        if found.suffix == ".gguf" and found.is_file():
            return f"embedded/{short}", str(found), found
    elif provider == "hf":
        file = Path(short).expanduser()
        return f"hf/{short}", short, file if file.suffix == ".gguf" and file.is_file() else None
    raise ConfigError(
        f"{name} can't be fitted: only open weights on this machine can.",
        "Give --base embedded/smollm2-135m, a .gguf file, or hf/ORG/NAME.",
    )


def open_base(settings: Settings) -> Base:
    """Load the base, and make ready what is to be trained.

    Raises:
        ModelError: It is not here, can't be loaded, or could not be written again.
        ConfigError: The device is not here, or the memory is too small.
    """
    name, loadable, file = locate(settings.base)
    if file is not None:
        check_writable(file)
    device = _device(settings.device)
    loaded = load(loadable, device, "bfloat16" if calculates_narrow(device) else "float32")
    count = loaded.model.num_parameters()
    method = settings.method
    if method == "auto":
        method = "full" if count <= SMALL and not settings.private else "lora"
    memory = int(count * (_WIDE if method == "full" else _LOADED)) + BESIDE
    _check_memory(name, method, memory, device)
    if loaded.tokenizer.eos_token_id is None:
        raise ModelFailed(
            f"{name} has no end token, so that it could not learn to end.", "Give another --base."
        )
    rate = settings.rate or (RATES if count <= SMALL else RATES_LARGE)[method]
    model = _with_lora(loaded.model, settings.rank) if method == "lora" else _without_vocabulary(loaded.model)
    licence = _licence(file)
    room = getattr(loaded.model.config.get_text_config(), "max_position_embeddings", None) or UNBOUNDED
    return Base(name, model, loaded.tokenizer, loaded.weights, file, licence, method, rate, memory, room)


def merged(base: Base) -> Any:
    """The plain model, with what was trained in its weights."""
    return base.model.merge_and_unload() if base.method == "lora" else base.model


def _without_vocabulary(model: Any) -> Any:
    """Leave the vocabulary's weights as they are: rows of some thousand texts say little of 50,000 words.

    They are a fifth of a small model.
    """
    for part in (model.get_input_embeddings(), model.get_output_embeddings()):
        if part is not None:
            part.weight.requires_grad_(requires_grad=False)
    return model


def _with_lora(model: Any, rank: int) -> Any:
    import peft

    config = peft.LoraConfig(
        r=rank, lora_alpha=rank, lora_dropout=0.0, target_modules="all-linear", task_type="CAUSAL_LM"
    )
    with quiet():
        return peft.get_peft_model(model, config)


def _device(wanted: str) -> str:
    import torch

    here = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wanted == "auto":
        return best_device()
    if not here[wanted]:
        raise ConfigError(f"PyTorch sees no {wanted} here.", "Give --device auto.")
    return wanted


def _check_memory(name: str, method: str, memory: int, device: str) -> None:
    import psutil
    import torch

    free = torch.cuda.mem_get_info()[0] if device == "cuda" else psutil.virtual_memory().available
    if memory > free:
        other = " --method lora, or" if method == "full" else ""
        raise ConfigError(
            f"Fitting {name} takes about {catalogue.gigabytes(memory)} of memory, {catalogue.gigabytes(free)} are free.",
            f"Give{other} a smaller --base.",
        )


def _licence(file: Path | None) -> str:
    if file is None:
        return ""
    import gguf

    field = gguf.GGUFReader(file).fields.get("general.license")
    return str(field.contents()) if field else ""
