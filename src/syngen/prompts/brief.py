"""What every prompt of a run has in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from syngen.profiles import Reference


@dataclass(frozen=True, slots=True, eq=False)
class Brief:
    """What every prompt of a run has in common.

    Attributes:
        domain: What the data is about, in a few words; empty when the model is to find out by itself.
        kind: Which kind of prompt the model wants.
        seed: The run's seed.
        shown: How many real rows a prompt shows.
    """

    reference: Reference
    domain: str
    kind: Literal["chat", "completion"]
    seed: int
    shown: int = 4
