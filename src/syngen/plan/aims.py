"""What the knobs want of a run's texts, ready for the plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from syngen import knobs
from syngen.config import RunConfig
from syngen.knobs import Knob


@dataclass(frozen=True, slots=True)
class Aims:
    """What the knobs want of a run's texts.

    Attributes:
        length: The knob of words.
        complexity: The knob of grades.
        levels: Whether richness and clauses of the language are planned, too.
        diversity: 0 all alike, .5 as real, 1 as varied as can be; None: no attributes are planned.
    """

    length: Knob = knobs.AS_REAL
    complexity: Knob = knobs.AS_REAL
    levels: bool = False
    diversity: float | None = None

    @classmethod
    def of(cls, config: RunConfig) -> Self:
        """What the settings of a run say."""
        level = knobs.diversity(config.diversity) if "diversity" in config.strategies else None
        levels = "complexity" in config.strategies
        return cls(knobs.length(config.length), knobs.complexity(config.complexity), levels, level)
