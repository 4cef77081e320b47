"""What training needs of the settings of a fit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """How long to train, and how.

    Attributes:
        minutes: At most this many; None: no limit.
        epochs: At most this many passes over the rows.
        rate: The highest learning rate.
        batch: Rows per step.
        seed: Of the order of the rows and of what is left out of their lines.
        fingerprint: What else must be the same for a checkpoint to be resumed.
    """

    minutes: float | None
    epochs: float
    rate: float
    batch: int
    seed: int
    fingerprint: str = ""

    def steps(self, rows: int) -> int:
        """Return the steps of all epochs, unless the time ends before."""
        return max(1, round(self.epochs * -(-rows // self.batch)))
