"""How a model is fitted: one validated record, from the command line or from Python; and what of it training needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from syngen.errors import ConfigError
from syngen.models import DEFAULT

MINUTES = 10.0
EPOCHS = 3.0


class Settings(BaseModel):
    """The settings of one fit. Unknown keys are refused.

    Attributes:
        base: What is fitted: a model of the embedded engine, a GGUF file, or hf/NAME.
        minutes: Train for at most so many; None: no limit.
        epochs: Train at most so many times over all rows.
        method: "full": all weights but those of the vocabulary; "lora": small matrices beside them, merged at
            the end; "auto": full up to 400 million parameters, lora with `private`.
        rate: The highest learning rate; None: what suits the method.
        batch: Rows a step; None: 4, or 64 with `private`, but half of the rows at most.
        private: Learn with differential privacy, to this epsilon at most; None: without.
        rank: Of LoRA's matrices.
        device: "auto", "cpu", "cuda" or "mps".
        seed: Of all that is drawn.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    base: Annotated[str, Field(min_length=1)] = DEFAULT
    minutes: Annotated[float, Field(gt=0)] | None = MINUTES
    epochs: Annotated[float, Field(gt=0, le=100)] = EPOCHS
    method: Literal["auto", "full", "lora"] = "auto"
    rate: Annotated[float, Field(gt=0, lt=1)] | None = None
    batch: Annotated[int, Field(ge=1, le=4096)] | None = None
    private: Annotated[float, Field(gt=0, le=1000)] | None = None
    rank: Annotated[int, Field(ge=1, le=256)] = 32
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0

    @classmethod
    def of(cls, **given: Any) -> Settings:
        """Validate; what is None is left to the default. Epochs without minutes mean no limit of time.

        Raises:
            ConfigError: A setting is unknown or out of its range.
        """
        values = {name: value for name, value in given.items() if value is not None}
        if "epochs" in values and "minutes" not in values:
            values["minutes"] = None
        try:
            chosen = cls(**values)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(map(str, first["loc"]))
            if first["type"] == "extra_forbidden":
                raise ConfigError(
                    f"Fitting has no setting '{name}'.", f"Settings: {', '.join(cls.model_fields)}."
                ) from None
            said = first["msg"][:1].lower() + first["msg"][1:]
            raise ConfigError(
                f"The setting '{name}' can't be {first['input']!r}: {said}.", "Give another value."
            ) from None
        if chosen.private and chosen.method == "full":
            raise ConfigError(
                "With differential privacy LoRA's matrices alone are trained: the noise grows with the weights.",
                "Give --method lora with --private, or leave --method out.",
            )
        return chosen


@dataclass(frozen=True, slots=True)
class Budget:
    """How long to train, and how.

    Attributes:
        minutes: At most so many; None: no limit.
        epochs: At most so many times over all rows.
        rate: The highest learning rate.
        batch: Rows a step.
        seed: Of the order of the rows and of what is left out of their lines.
        fingerprint: What else must be the same for a checkpoint to be gone on with.
    """

    minutes: float | None
    epochs: float
    rate: float
    batch: int
    seed: int
    fingerprint: str = ""

    def steps(self, rows: int) -> int:
        """Steps that the epochs make, where time does not end them before."""
        return max(1, round(self.epochs * -(-rows // self.batch)))
