"""Servers with the OpenAI chat API: those known by name, and endpoints and prices of the user's own.

`syngen.toml` or `syngen.yaml` states the user's own. Those of the current folder win over those of the user's
configuration folder, and those of the file given with `--config` over both. That file may hold settings of a run as well. A key is never in such a file: it names the
variable that holds it.

    [endpoints.mybox]                      # then: --model mybox/qwen
    base_url = "http://mybox:8000/v1"
    key = "MYBOX_KEY"                      # the variable's name
    headers = { X-Team = "${TEAM_TOKEN}" }
    body = { top_k = 40 }                  # sent with every call

    [prices."mybox/qwen"]                  # US dollars per million tokens
    input = 0.10
    output = 0.40
    cached = 0.05
"""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import Annotated, Any

import platformdirs
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from syngen.config import SECTIONS, check_url
from syngen.errors import ConfigError
from syngen.files import read_settings
from syngen.models import keys

NAMES = ("syngen.toml", "syngen.yaml", "syngen.yml")
_SAMPLE = 1_000_000  # tokens: of a price by tiers the lowest applies to calls, so ask with few and scale
_FEW = 1_000
_IN_TABLE = {"gemini": "google", "xai": "x-ai"}  # what the table of prices calls a provider, where it differs
_SECRET = ("authorization", "key", "token", "secret", "password", "credential")


def address(url: str) -> str:
    """Apply `check_url` to an address given on its own; the error does not repeat it, since it may hold a password.

    Raises:
        ConfigError: It can't be used.
    """
    try:
        return check_url(url)
    except ValueError as error:
        said = f"The address of the model's server can't be used: {error}."
        raise ConfigError(said, "Give it as http://HOST:PORT/v1.") from None


def _no_secret(headers: dict[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if any(word in name.lower() for word in _SECRET) and not keys.names_in(value):
            raise ValueError(
                f"the header {name} holds a key; write ${{NAME}} and put it into the environment"
            )
    return headers


class Host(BaseModel):
    """A server that speaks the OpenAI chat API."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: Annotated[str, AfterValidator(check_url)]  # up to and with `/v1`
    key: str | None = None  # the name of the variable that holds the key; None when it needs none
    # Sent with every call; `${NAME}` stands for a key
    headers: Annotated[dict[str, str], AfterValidator(_no_secret)] = {}
    body: dict[str, Any] = {}  # fields added to every call; they win over those SynGen sets
    concurrency: Annotated[int, Field(ge=1, le=10_000)] | None = None  # maximum calls in flight
    per_minute: Annotated[int, Field(ge=1)] | None = None  # calls it allows in a minute
    timeout: Annotated[float, Field(gt=0)] | None = None  # seconds to wait for a reply


HOSTS: dict[str, Host] = {  # addresses as their documentation gives them, November 2026
    "openai": Host(base_url="https://api.openai.com/v1", key="OPENAI_API_KEY"),
    "openrouter": Host(base_url="https://openrouter.ai/api/v1", key="OPENROUTER_API_KEY"),
    "groq": Host(base_url="https://api.groq.com/openai/v1", key="GROQ_API_KEY"),
    "gemini": Host(base_url="https://generativelanguage.googleapis.com/v1beta/openai", key="GEMINI_API_KEY"),
    "mistral": Host(base_url="https://api.mistral.ai/v1", key="MISTRAL_API_KEY"),
    "deepseek": Host(base_url="https://api.deepseek.com/v1", key="DEEPSEEK_API_KEY"),
    "together": Host(base_url="https://api.together.xyz/v1", key="TOGETHER_API_KEY"),
    "fireworks": Host(base_url="https://api.fireworks.ai/inference/v1", key="FIREWORKS_API_KEY"),
    "xai": Host(base_url="https://api.x.ai/v1", key="XAI_API_KEY"),
    "vllm": Host(base_url="http://127.0.0.1:8000/v1"),  # vllm serve NAME
    "sglang": Host(base_url="http://127.0.0.1:30000/v1"),
    "llamacpp": Host(base_url="http://127.0.0.1:8080/v1"),  # llama-server -m FILE.gguf
    "lmstudio": Host(base_url="http://127.0.0.1:1234/v1"),
}


class Price(BaseModel):
    """US dollars per million prompt tokens, completion tokens, and cached prompt tokens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    input: Annotated[float, Field(ge=0)]
    output: Annotated[float, Field(ge=0)]
    cached: Annotated[float, Field(ge=0)] | None = None


class Connections(BaseModel):
    """Endpoints by name, and prices by model id."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    endpoints: dict[str, Host] = {}
    prices: dict[str, Price] = {}


def connections(more: str | Path = "") -> Connections:
    """Read the endpoints and prices configured on this machine.

    Args:
        more: A file whose sections win over those of the others; other settings in it are not looked at.

    Raises:
        ConfigError: A file can't be read or says something that can't be.
    """
    merged = Connections()
    folders = (platformdirs.user_config_path("syngen"), Path())
    files = [folder / name for folder in folders for name in NAMES if (folder / name).is_file()]
    for path in [*files, *([Path(more)] if more else [])]:
        one = _read(path)
        merged = Connections(
            endpoints={**merged.endpoints, **one.endpoints}, prices={**merged.prices, **one.prices}
        )
    return merged


def _read(path: Path) -> Connections:
    values = read_settings(path)
    if path.suffix != ".toml" or "n" in values or "model" in values:  # with settings of a run
        values = {name: values[name] for name in SECTIONS if name in values}
    try:
        return Connections(**values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        said = first["msg"].removeprefix("Value error, ")
        raise ConfigError(
            f"In {path}, '{where}' can't be so: {said[:1].lower()}{said[1:]}.", "See: docs/models.md"
        ) from None


def _priced(read: float, written: float, cached: float | None, source: str) -> dict[str, Any]:
    return {"price_in": read, "price_out": written, "price_cached": cached, "price_source": source}


FREE = _priced(0.0, 0.0, 0.0, "a model on a machine of one's own")


def prices_of(model: str, more: str = "", *, in_table: bool = False) -> dict[str, Any]:
    """Return the prices of a model, as fields of `Capabilities`: the user's own, or those of `genai-prices` (MIT).

    Args:
        model: Its full id.
        more: See `connections`.
        in_table: Whether its provider charges the prices of the table.

    Returns:
        US dollars per million tokens, and their source; empty where they are not known.
    """
    if (own := connections(more).prices.get(model)) is not None:
        return _priced(own.input, own.output, own.cached, "your own prices")
    if not in_table:
        return {}
    from genai_prices import Usage, calc_price

    provider, _, name = model.partition("/")

    def price(usage: Usage) -> float:
        charged = calc_price(usage, name, provider_id=_IN_TABLE.get(provider, provider))
        return float(charged.total_price) * _SAMPLE / _FEW

    try:
        read = price(Usage(input_tokens=_FEW))
        written = price(Usage(output_tokens=_FEW))
        cached = price(Usage(input_tokens=_FEW, cache_read_tokens=_FEW))
    except LookupError:
        return {}
    return _priced(read, written, cached, f"genai-prices {metadata.version('genai-prices')}")
