"""What every prompt of a run has in common."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from syngen.types import Reference


@dataclass(frozen=True, eq=False)
class PromptContext:
    """What every prompt of a run has in common.

    Attributes:
        domain: What the data is about, in a few words; empty when the model must infer it.
        kind: The kind of prompt the model wants.
        seed: The run's seed.
        shown: How many real rows a prompt shows.
        strategies: What the base prompt is combined with: names of templates with the blocks of a strategy,
            packaged (`length`, `complexity`, `diversity`) or files.
        diversity: 0 all similar, .5 as real, 1 as varied as possible; None: not controlled.
    """

    reference: Reference
    domain: str
    kind: Literal["chat", "completion", "record"]
    seed: int
    shown: int = 4
    strategies: tuple[str, ...] = ()
    diversity: float | None = None

    @cached_property
    def main(self) -> str:
        """Name of the column with the main text."""
        return self.reference.profile.main_text.name
