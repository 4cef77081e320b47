"""New identifiers to a learnt pattern: none of them real, each as often as its model in the donors."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence

import numpy as np

from syngen.types import IdentifierPattern, Value


def mint(
    keys: Sequence[Hashable], pattern: IdentifierPattern, taken: set[str], rng: np.random.Generator
) -> list[Value]:
    """One new identifier for each distinct key, the same for equal keys; None for key None.

    Args:
        keys: What the identifiers stand for: a real identifier and which of its repetitions in the
            plan, so that rows which shared an identifier share the new one. Shape (n,).
        pattern: What identifiers look like.
        taken: Identifiers, as text, that must not come out.

    Returns:
        The identifiers, shape (n,): integers or texts.
    """
    distinct = list(dict.fromkeys(k for k in keys if k is not None))
    make = _integers if pattern.kind == "integer" else _texts
    minted = dict(zip(distinct, make(len(distinct), pattern, taken, rng), strict=True))
    return [None if k is None else minted[k] for k in keys]


def _integers(n: int, pattern: IdentifierPattern, taken: set[str], rng: np.random.Generator) -> list[Value]:
    """From the gaps of the real range; when it is more than half full, from numbers that continue it.

    They continue it downwards where 64 bits hold no more upwards.
    """
    low, high = pattern.low, pattern.high
    if high - low + 1 < 2 * (n + len(taken)):
        low, high = (high + 1, high + 2 * n) if high + 2 * n < 2**63 else (low - 2 * n, low - 1)
    return _unlike(n, taken, lambda k: rng.integers(low, high, k, endpoint=True).tolist())


def _texts(n: int, pattern: IdentifierPattern, taken: set[str], rng: np.random.Generator) -> list[Value]:
    """Position by position; a pattern with too little room is lengthened at its last open position."""
    template = list(pattern.template)
    last = max((i for i, allowed in enumerate(template) if len(allowed) > 1), default=len(template) - 1)
    more = template[last] if template and len(template[last]) > 1 else "0123456789"
    while math.prod(len(allowed) for allowed in template) < 2 * (n + len(taken)):
        template.insert(last + 1, more)
    allowed_at = [np.array(list(allowed)) for allowed in template]

    def draw(k: int) -> list[Value]:
        columns = [allowed[rng.integers(0, len(allowed), k)] for allowed in allowed_at]
        return ["".join(characters) for characters in zip(*columns, strict=True)]

    return _unlike(n, taken, draw)


def _unlike(n: int, taken: set[str], draw: Callable[[int], list[Value]]) -> list[Value]:
    """Draw until n distinct values not in `taken` are there; at least half of the room must be free."""
    made: dict[Value, None] = {}
    while len(made) < n:
        made |= dict.fromkeys(value for value in draw(n - len(made) + 8) if str(value) not in taken)
    return list(made)[:n]
