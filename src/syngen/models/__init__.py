"""Open language models by id: `provider/name` becomes an object that completes requests.

Built-in providers and third-party ones come in by the same door: a function
`open_model(name, options) -> Model`, named in `PROVIDERS` or by an entry point of the group
`syngen.models`. Servers that speak the OpenAI chat API need no code, only a name and an address: those of
`HOSTS`, and those in one's own `syngen.toml`.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from syngen.config import DEFAULT_MODEL as DEFAULT
from syngen.errors import ConfigError, ModelNotFound
from syngen.models.endpoints import HOSTS, connections
from syngen.types import Model

__all__ = ["DEFAULT", "HOSTS", "PROVIDERS", "ModelOptions", "known_providers", "open_model", "provider_of"]

PROVIDERS: Mapping[str, str] = {
    "ollama": "syngen.models.providers.ollama:open_model",
    "hf": "syngen.models.local:open_model",
    "cohere": "syngen.models.providers.cohere:open_model",
    "openai": "syngen.models.providers.openai:open_model",
    "fitted": "syngen.models.local.fitted:open_model",
    "embedded": "syngen.models.local.embedded:open_model",
    "function": "syngen.models.providers.function:open_model",
}
SERVED_BY: Mapping[str, str] = {  # how the names of well-known models begin, and who serves them
    "gpt": "openai",
    "o1": "openai",
    "o3": "openai",
    "o4": "openai",
    "command": "cohere",
    "gemini": "gemini",
    "grok": "xai",
    "deepseek-": "deepseek",
    **dict.fromkeys(("llama", "qwen", "gemma", "mistral", "phi", "deepseek", "aya"), "ollama"),
}


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """Options of opening a model, of whatever provider."""

    deterministic: bool = False  # repeat exactly on one machine, whatever it costs in speed
    concurrency: int | None = None  # requests in flight; None leaves it to the model
    base_url: str | None = (
        None  # the address of the model's server, where it has one; None: the provider's own
    )
    timeout: float | None = None  # seconds one call may take; None leaves it to the model
    retry_timeout: float = 300.0  # seconds to keep trying while the provider is down
    connections: str = ""  # a file with endpoints and prices, see `syngen.models.endpoints`


_GROUP = "syngen.models"
_SERVER = EntryPoint("", "syngen.models.providers.openai:open_server", _GROUP)


def known_providers(more: str = "") -> dict[str, EntryPoint]:
    """Return where the opener of each provider is, by name: built in, configured, and installed ones.

    Args:
        more: A file with endpoints, see `syngen.models.endpoints`.

    Raises:
        ConfigError: An endpoint has the name of a provider.
    """
    built_in = {name: EntryPoint(name, target, _GROUP) for name, target in PROVIDERS.items()}
    servers = {name: _SERVER for name in HOSTS if name not in PROVIDERS}
    own = connections(more).endpoints
    if taken := [name for name in own if name in built_in or name in servers]:
        raise ConfigError(
            f"The endpoint '{taken[0]}' has the name of a provider.",
            "Call it something else in [endpoints.…].",
        )
    installed = {point.name: point for point in entry_points(group=_GROUP)}
    return built_in | dict.fromkeys(own, _SERVER) | installed | servers | built_in


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
    point = known_providers(options.connections)[provider]
    opener: Callable[..., Model] = point.load()
    return opener(provider, name, options) if point is _SERVER else opener(name, options)


def provider_of(model: str, base_url: str | None = None, more: str = "") -> tuple[str, str]:
    """Split a model id into provider and name, without loading anything.

    Raises:
        ModelNotFound: There is no such provider.
        ConfigError: It has no address that `base_url` could change.
    """
    provider, _, name = model.partition("/")
    known = known_providers(more)
    if base_url is not None and (provider not in known or not name):
        return "openai", model  # names on a server may have slashes of their own
    path = Path(os.path.expanduser(model))  # noqa: PTH111 - Path.expanduser raises for an unknown user
    if path.is_dir() or (model.endswith(".gguf") and (path.is_file() or provider not in known)):
        provider, name = "embedded", model
    if provider not in known:
        meant = _meant(model, known)
        guess = f" Did you mean '{meant}'?" if meant else ""
        raise ModelNotFound(
            f"There is no model provider '{provider}' (in '{model}').{guess}",
            f"Providers here: {', '.join(known)}; or give the path of a .gguf file.",
        )
    if base_url is not None and provider not in ("ollama", "cohere", *HOSTS):
        raise ConfigError(
            f"{provider} has no address that --base-url could change.", "Give --model openai/NAME with it."
        )
    return provider, name


def _meant(model: str, known: Iterable[str]) -> str:
    """The id that a model's name most likely stands for, without its provider or with a misspelt one; else empty."""
    provider, _, name = model.partition("/")
    if not name and (by := [by for family, by in SERVED_BY.items() if model.lower().startswith(family)]):
        return f"{by[0]}/{model}"
    ids = {one: f"{one}/{name}".rstrip("/") for one in known} | {DEFAULT.partition("/")[2]: DEFAULT}
    if close := difflib.get_close_matches(provider, ids, n=1, cutoff=0.7):
        return ids[close[0]]
    return f"hf/{model}" if name else ""
