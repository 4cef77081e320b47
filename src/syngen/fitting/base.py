"""Open the base model of a fit, ready to be trained."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from syngen.config import FitConfig
from syngen.errors import ConfigError, ModelFailed
from syngen.fitting.export import read_writable
from syngen.models import provider_of
from syngen.models.local import weights
from syngen.models.local.loading import best_device, calculates_narrow, load, quiet

SMALL = 400e6  # parameters up to which all of them are trained by default
RATES = {"full": 5e-4, "lora": 1e-3}  # of small models
RATES_LARGE = {"full": 5e-5, "lora": 2e-4}
UNBOUNDED = 2**20  # context length in tokens of models without positions
OVERHEAD = 2 * 10**9  # bytes for activations and everything else
# Bytes per parameter: with weights in both widths, gradients and two moments; read only.
_TRAINED, _LOADED = 22, 4


@dataclass(frozen=True, slots=True)
class Base:
    """A model to be trained."""

    name: str  # full model id
    model: Any  # the transformers model; its trainable weights require a gradient
    tokenizer: Any
    weights: str  # digest or revision of the weights
    gguf: Path | None  # the file they are from; None for the Hugging Face format
    licence: str  # empty when it is not known
    method: str  # "full" or "lora"
    rate: float  # the highest learning rate
    memory: int  # bytes that training needs, approximately
    room: int  # context length in tokens

    @property
    def special(self) -> bool:
        """Whether it is prompted with the special tokens that its tokenizer puts before a text, as transformers does."""
        return self.gguf is None


def locate(name: str) -> tuple[str, str, Path | None]:
    """Return the full id of a base, the name that transformers loads it by, and its GGUF file or None.

    Raises:
        ModelNotFound: Its weights are not on this machine.
        ConfigError: It is not a model with open weights.
    """
    provider, short = provider_of(name)
    if provider == "embedded" and short in ("", weights.NAME, *weights.ENTRIES):
        short = short or weights.NAME
        file = weights.find(short)
    else:
        file = Path(short).expanduser()
    gguf = file if file.suffix == ".gguf" and file.is_file() else None
    if provider == "hf":
        return f"hf/{short}", short, gguf
    if provider == "embedded" and gguf:
        return f"embedded/{short}", str(gguf), gguf
    if provider == "embedded" and (file / "config.json").is_file():
        return f"hf/{file}", str(file), None
    raise ConfigError(
        f"{name} can't be fitted: only models with open weights on this machine can.",
        "Use --base embedded/smollm2-135m, a .gguf file, or hf/ORG/NAME.",
    )


def open_base(settings: FitConfig) -> Base:
    """Load the base, and choose what is trained.

    Raises:
        ModelError: It is missing, can't be loaded, or has an architecture that can't be written.
        ConfigError: The device is missing, or the memory is too small.
    """
    name, loadable, file = locate(settings.base)
    licence = ""
    if file is not None:
        field = read_writable(file)[0].fields.get("general.license")
        licence = str(field.contents()) if field else ""
    device = _device(settings.device)
    loaded = load(loadable, device, "bfloat16" if calculates_narrow(device) else "float32")
    count = loaded.model.num_parameters()
    method = settings.method
    if method == "auto":
        method = "full" if count <= SMALL and not settings.private else "lora"
    memory = int(count * (_TRAINED if method == "full" else _LOADED)) + OVERHEAD
    _check_memory(name, method, memory, device)
    if loaded.tokenizer.eos_token_id is None:
        raise ModelFailed(f"{name} has no end token, so it can't learn to stop.", "Use another --base.")
    rate = settings.rate or (RATES if count <= SMALL else RATES_LARGE)[method]
    model = loaded.model
    if method == "lora":
        import peft

        config = peft.LoraConfig(
            r=settings.rank,
            lora_alpha=settings.rank,
            lora_dropout=0.0,
            target_modules="all-linear",
            task_type="CAUSAL_LM",
        )
        with quiet():
            model = peft.get_peft_model(model, config)
    else:  # a few thousand texts say little about 50,000 tokens, and their embeddings are a fifth of the model
        for part in (model.get_input_embeddings(), model.get_output_embeddings()):
            if part is not None:
                part.weight.requires_grad_(requires_grad=False)
    room = getattr(loaded.model.config.get_text_config(), "max_position_embeddings", None) or UNBOUNDED
    return Base(name, model, loaded.tokenizer, loaded.weights, file, licence, method, rate, memory, room)


def _device(name: str) -> str:
    import torch

    here = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return best_device()
    if not here[name]:
        raise ConfigError(f"PyTorch finds no {name} device.", "Use --device auto.")
    return name


def _check_memory(name: str, method: str, memory: int, device: str) -> None:
    import psutil
    import torch

    free = torch.cuda.mem_get_info()[0] if device == "cuda" else psutil.virtual_memory().available
    if memory > free:
        other = " --method lora, or" if method == "full" else ""
        raise ConfigError(
            f"Fitting {name} needs about {weights.gigabytes(memory)} of memory; {weights.gigabytes(free)} are free.",
            f"Use{other} a smaller --base.",
        )
