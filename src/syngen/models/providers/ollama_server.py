"""Ask an Ollama server for its models, or to fetch one, through its official client.

Addresses are written as `OLLAMA_HOST` is. Errors of the client are translated to SynGen's.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pydantic

from syngen.errors import ConfigError, ModelError, ModelFailed, ModelNotFound, ModelUnreachable
from syngen.models import keys
from syngen.models.endpoints import address
from syngen.models.faults import of_status

if TYPE_CHECKING:
    import ollama

KEY = "OLLAMA_API_KEY"
_ADDRESS = "http://127.0.0.1:11434"

Observer = Callable[[str, int, int], None]
"""Called with what a pull is doing, the bytes it has and the bytes it wants; 0 where that is not known."""


def models_here(base_url: str | None = None, timeout: float = 2.0) -> Sequence[ollama.ListResponse.Model]:
    """Return the models of a server.

    Raises:
        ModelUnreachable: No server answers.
        ModelError: It answers with an error.
    """
    address = address_of(base_url)
    with connected(address, "ollama", timeout) as client:
        return client.list().models


def pull(name: str, observe: Observer, base_url: str | None = None) -> None:
    """Make a server fetch a model.

    Raises:
        ModelUnreachable: No server answers.
        ModelNotFound: There is no such model to fetch.
        ModelError: Fetching it failed.
    """
    import ollama

    address, model = address_of(base_url), f"ollama/{name}"
    last = ""
    with connected(address, model, None) as client:
        try:
            for part in client.pull(name, stream=True):
                last = part.status or ""
                observe(last, part.completed or 0, part.total or 0)
        except ollama.ResponseError as error:
            if error.status_code == 404 or "file does not exist" in error.error:
                raise ModelNotFound(
                    f"There is no model '{name}' to pull: {keys.scrub(error.error)}.",
                    "Names are at https://ollama.com/library; a size goes after a colon, as in qwen3:0.6b",
                ) from error
            if error.status_code > 0:
                raise
            last = keys.scrub(error.error)  # told inside the stream
    if last != "success":
        raise ModelFailed(f"Pulling {model} failed: {last}.", f"Go on with: syngen models pull {model}")


def address_of(base_url: str | None) -> str:
    """Return the server's address as the user wrote it."""
    if base_url is None:
        return os.environ.get("OLLAMA_HOST", "").strip() or _ADDRESS
    return address(base_url)


def headers() -> dict[str, str]:
    """Return the header with the key, if one is set; the client itself looks only into the environment."""
    key = keys.find_key(KEY)
    return {"Authorization": f"Bearer {key}"} if key else {}


@contextmanager
def address_read(address: str) -> Iterator[None]:
    """Translate the client's error for an invalid address."""
    import httpx

    try:
        yield
    except (ValueError, httpx.InvalidURL) as error:
        raise ConfigError(
            f"The address '{_shown(address)}' can't be used: {error}.", "Fix OLLAMA_HOST or --base-url."
        ) from error


@contextmanager
def connected(address: str, model: str, timeout: float | None) -> Iterator[ollama.Client]:
    """Open the client of a server for calls outside a run, and translate the errors of these."""
    import httpx
    import ollama

    try:
        with address_read(address):
            client = ollama.Client(address, headers=headers(), timeout=timeout)
        with client:
            yield client
    except ollama.ResponseError as error:
        if error.status_code == 404:  # the paths themselves are unknown to it
            raise _another(address) from error
        fault = of_status(error.status_code, error.error, {}, model=model, key=keys.how_to_set(KEY) + ".")
        raise fault.error or ModelError(f"{model}: {fault}.") from error
    except (ConnectionError, httpx.HTTPError) as error:
        raise away(address) from error
    except (json.JSONDecodeError, pydantic.ValidationError) as error:
        raise _another(address) from error


def away(address: str) -> ModelUnreachable:
    """Return the error for a server that does not answer."""
    return ModelUnreachable(f"No Ollama server answers at {_shown(address)}.", "Start it with: ollama serve")


def _another(address: str) -> ModelUnreachable:
    return ModelUnreachable(f"What answers at {_shown(address)} is no Ollama server.", "Check the address.")


def _shown(address: str) -> str:
    """Return an address without user and password."""
    return keys.scrub(address.rpartition("@")[2])
