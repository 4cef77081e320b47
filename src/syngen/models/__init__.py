"""Open language models by id: `provider/name` becomes an object that completes requests.

Built-in providers and third-party ones come in by the same door: a function
`open_model(name, options) -> Model`, named in `PROVIDERS` or by an entry point of the group
`syngen.models`. Servers that speak the OpenAI chat API need no code, only a name and an address: those of
`HOSTS`, and those in one's own `syngen.toml`.
"""

from __future__ import annotations

import difflib
import importlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path

from syngen.config import DEFAULT_MODEL as DEFAULT
from syngen.errors import ConfigError, ModelNotFound
from syngen.models.endpoints import connections
from syngen.models.providers.hosts import HOSTS
from syngen.types import Model

__all__ = ["DEFAULT", "HOSTS", "PROVIDERS", "ModelOptions", "open_model", "provider_of", "providers"]

PROVIDERS: Mapping[str, str] = {
    "ollama": "syngen.models.providers.ollama:open_model",
    "hf": "syngen.models.local.huggingface:open_model",
    "cohere": "syngen.models.providers.cohere:open_model",
    "openai": "syngen.models.providers.openai:open_model",
    "fitted": "syngen.models.local.fitted:open_model",
    "embedded": "syngen.models.local.embedded:open_model",
    "function": "syngen.models.providers.function:open_model",
}


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """Options of opening a model, of whatever provider.

    Attributes:
        deterministic: Repeat exactly on one machine, whatever it costs in speed.
        concurrency: Requests in flight; None leaves it to the model.
        base_url: The address of the model's server, where it has one; None: the provider's own.
        timeout: Seconds one call may take; None leaves it to the model.
        patience: Seconds to go on trying while the provider is down.
        connections: A file with endpoints and prices, see `syngen.models.endpoints`.
    """

    deterministic: bool = False
    concurrency: int | None = None
    base_url: str | None = None
    timeout: float | None = None
    patience: float = 300.0
    connections: str = ""


Opener = Callable[[str, ModelOptions], Model]


def providers(more: str = "") -> dict[str, Callable[[], Opener]]:
    """Return all providers by name, each with a loader of its opener: built in, installed, and configured endpoints.

    Args:
        more: A file with endpoints, see `syngen.models.endpoints`.
    """

    def at(module: str, name: str) -> Callable[[], Opener]:
        return lambda: getattr(importlib.import_module(module), name)

    def by_address(name: str) -> Callable[[], Opener]:
        return lambda: partial(at("syngen.models.providers.openai", "open_server")(), name)

    own = connections(more).endpoints
    for name in own:
        if name in PROVIDERS or name in HOSTS:
            raise ConfigError(
                f"The endpoint '{name}' has the name of a provider.",
                "Call it something else in [endpoints.…].",
            )
    installed = {point.name: point.load for point in entry_points(group="syngen.models")}
    built_in = {name: at(*target.split(":")) for name, target in PROVIDERS.items()}
    everything = {name: by_address(name) for name in own} | installed
    everything |= {name: by_address(name) for name in HOSTS} | built_in
    return {name: everything[name] for name in [*PROVIDERS, *everything]}


def open_model(model: str, options: ModelOptions | None = None) -> Model:
    """Open a model by its id.

    Args:
        model: `provider/name`, or the path of a GGUF file or an OpenVINO model folder; with a `base_url` also
            the bare name that the server there knows.
        options: What to ask of it.

    Raises:
        ModelNotFound: No such provider or model, or its weights are not here.
        ModelFailed: It is here and can't be loaded.
        ConfigError: A key is not set, or an option means nothing to this model.
    """
    options = options or ModelOptions()
    provider, name = provider_of(model, options.base_url, options.connections)
    return providers(options.connections)[provider]()(name, options)


def provider_of(model: str, base_url: str | None = None, more: str = "") -> tuple[str, str]:
    """Split a model id into provider and name, without loading anything.

    Raises:
        ModelNotFound: There is no such provider.
        ConfigError: It has no address that `base_url` could change.
    """
    provider, _, name = model.partition("/")
    known = providers(more)
    if base_url is not None and (provider not in known or not name):
        return "openai", model  # names on a server may have slashes of their own
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
            f"Providers here: {', '.join(known)}; or give the path of a .gguf file.",
        )
    if base_url is not None and provider not in ("ollama", "cohere", *HOSTS):
        raise ConfigError(
            f"{provider} has no address that --base-url could change.", "Give --model openai/NAME with it."
        )
    return provider, name
