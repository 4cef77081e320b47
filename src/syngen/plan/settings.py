"""What the knobs want of a run's texts, ready for the plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from syngen import controls
from syngen.config import RunConfig
from syngen.controls import Control


@dataclass(frozen=True, slots=True)
class ControlSettings:
    """What the knobs want of a run's texts.

    Attributes:
        length: The knob of words.
        complexity: The knob of grades.
        levels: Whether richness and clauses of the language are planned, too.
        diversity: 0 all alike, .5 as real, 1 as varied as can be; None: no attributes are planned.
    """

    length: Control = controls.AS_REAL
    complexity: Control = controls.AS_REAL
    levels: bool = False
    diversity: float | None = None

    @classmethod
    def of(cls, config: RunConfig) -> Self:
        """What the settings of a run say."""
        level = controls.diversity(config.diversity) if "diversity" in config.strategies else None
        levels = "complexity" in config.strategies
        return cls(controls.length(config.length), controls.complexity(config.complexity), levels, level)
