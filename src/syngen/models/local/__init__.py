"""Models that run in this process, and their weights."""

from __future__ import annotations

from syngen.models import ModelOptions
from syngen.models.local.loading import load
from syngen.types import Model


def open_model(name: str, options: ModelOptions, model: str = "") -> Model:
    """Open a model of the hub, a folder or a GGUF file with transformers.

    Args:
        name: See `syngen.models.local.loading`.
        options: What to ask of it.
        model: Its full id; by default `hf/NAME`.

    Raises:
        ModelNotFound: It is not here, or the libraries are not.
        ModelRefused: The hub does not let us have it.
        ModelFailed: It can't be loaded.
    """
    loaded = load(name)
    # It imports torch, which `load` has checked for.
    from syngen.models.local.huggingface import HuggingFaceModel

    return HuggingFaceModel(model or f"hf/{name}", loaded, options)
