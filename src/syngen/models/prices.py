"""Prices of a provider: the user's own first, then the dated table of the package `genai-prices` (MIT)."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata

from syngen.models.endpoints import Connections

_SAMPLE = 1_000_000  # tokens: of a price by tiers the lowest applies to calls, so ask with few and scale
_FEW = 1_000


@dataclass(frozen=True, slots=True)
class Charge:
    """Prices of one model in US dollars per million tokens, and their source."""

    price_in: float | None = None
    price_out: float | None = None
    price_cached: float | None = None
    price_source: str = ""


FREE = Charge(0.0, 0.0, 0.0, "a model on a machine of one's own")
UNKNOWN = Charge()


def charge(model: str, known: Connections, provider: str = "", name: str = "") -> Charge:
    """Return the prices of a model.

    Args:
        model: Its full id, as in one's own prices.
        known: One's own prices.
        provider: The table's word for the provider; empty to look only among one's own.
        name: What the provider calls the model.

    Returns:
        The prices; all None where they are not known.
    """
    if (own := known.prices.get(model)) is not None:
        return Charge(own.input, own.output, own.cached, "your own prices")
    if not provider:
        return UNKNOWN
    from genai_prices import Usage, calc_price

    def price(usage: Usage) -> float:
        found = calc_price(usage, name, provider_id=provider)
        return float(found.total_price) * _SAMPLE / _FEW

    try:
        read = price(Usage(input_tokens=_FEW))
        written = price(Usage(output_tokens=_FEW))
        cached = price(Usage(input_tokens=_FEW, cache_read_tokens=_FEW))
    except LookupError:
        return UNKNOWN
    return Charge(read, written, cached, f"genai-prices {metadata.version('genai-prices')}")
