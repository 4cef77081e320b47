"""Language models behind one protocol: `provider/name` in, something that completes requests out.

Built-in providers and third-party ones come in by the same door: a function
`open_model(name, options) -> Model`, named in `PROVIDERS` or by an entry point of the group
`syngen.models`.
"""

from __future__ import annotations

import difflib
import importlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from syngen.errors import ModelNotFound
from syngen.types import Model

__all__ = ["DEFAULT", "PROVIDERS", "ModelOptions", "open_model", "provider_of", "providers"]

DEFAULT = "embedded/smollm2-135m"

PROVIDERS: Mapping[str, str] = {
    "embedded": "syngen.models.embedded:open_model",
    "function": "syngen.models.function:open_model",
}


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """What a run asks of whatever model it opens.

    Attributes:
        deterministic: Repeat exactly on one machine, whatever it costs in speed.
        concurrency: Requests in flight; None leaves it to the model.
    """

    deterministic: bool = False
    concurrency: int | None = None


Opener = Callable[[str, ModelOptions], Model]


def providers() -> dict[str, Callable[[], Opener]]:
    """All providers by name, built-in and installed, each with what loads its opener."""
    from importlib.metadata import entry_points

    def built_in(target: str) -> Callable[[], Opener]:
        module, _, name = target.partition(":")
        return lambda: getattr(importlib.import_module(module), name)

    installed = {point.name: point.load for point in entry_points(group="syngen.models")}
    return {**installed, **{name: built_in(target) for name, target in PROVIDERS.items()}}


def open_model(model: str, options: ModelOptions | None = None) -> Model:
    """Open a model by its id.

    Args:
        model: `provider/name`, or the path of a GGUF file or an OpenVINO model folder.
        options: What to ask of it.

    Raises:
        ModelNotFound: No such provider or model, or its weights are not here.
        ModelFailed: It is here and can't be loaded.
    """
    provider, name = provider_of(model)
    return providers()[provider]()(name, options or ModelOptions())


def provider_of(model: str) -> tuple[str, str]:
    """The provider of a model id and the name it knows it by; nothing is loaded.

    Raises:
        ModelNotFound: There is no such provider.
    """
    provider, _, name = model.partition("/")
    known = providers()
    path = Path(os.path.expanduser(model))  # noqa: PTH111 - Path.expanduser raises for an unknown user
    if path.is_dir() or (model.endswith(".gguf") and (path.is_file() or provider not in known)):
        provider, name = "embedded", model
    if provider not in known:
        ids = {known_one: f"{known_one}/{name}".rstrip("/") for known_one in known}
        ids[DEFAULT.partition("/")[2]] = DEFAULT
        close = difflib.get_close_matches(provider, ids, n=1)
        guess = f" Did you mean '{ids[close[0]]}'?" if close else ""
        raise ModelNotFound(
            f"There is no model provider '{provider}' (in '{model}').{guess}",
            f"Providers here: {', '.join(sorted(known))}; or give the path of a .gguf file.",
        )
    return provider, name
