"""What a run is asked to do: one validated record, from the command line, a YAML file or Python."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from syngen.errors import ConfigError

MOST_ROWS = 1_000_000


def _listed(given: Any, separator: str | None = None) -> Any:
    """One text stands for a list of one, or for the names between its separators."""
    return tuple(given.split(separator) if separator else (given,)) if isinstance(given, str) else given


Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Joined = Annotated[tuple[str, ...], BeforeValidator(lambda given: _listed(given, ","))]


class RunConfig(BaseModel):
    """The settings of one run. Unknown keys are refused.

    Attributes:
        n: Rows wanted.
        model: `provider/name` or the path of a local model.
        strategy: Names of prompt strategies.
        mode: "planned": code plans each row and the model writes its text. "native": the model is asked
            for whole rows, as a person would.
        rows_per_call: Rows asked for in one call; None: 1 planned, 10 native.
        category: What the data is about, said in every prompt; None: as profiled; "": withheld.
        text_columns: Columns to be written, when the profile is wrong about them.
        roles: Roles by column name, when the profile is wrong about them.
        seed: Fixes plan, shown rows, prompts and sampling seeds.
        deterministic: Make local models repeat exactly on one machine.
        concurrency: Requests in flight; None leaves it to the model.
        max_tokens: Stop after so many tokens, read and written, over the whole run.
        max_cost: Stop after so many US dollars, over the whole run.
        max_time: Stop after so many seconds of this invocation.
        min_yield: Stop when the last 100 rows requested gave a smaller share of accepted ones.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    n: Annotated[int, Field(ge=1, le=MOST_ROWS)]
    model: Annotated[str, Field(min_length=1)] = "embedded/smollm2-135m"
    strategy: Joined = ("base",)
    mode: Literal["planned", "native"] = "planned"
    rows_per_call: Annotated[int, Field(ge=1, le=100)] | None = None
    category: str | None = None
    text_columns: Names = ()
    roles: dict[str, str] = {}
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    deterministic: bool = False
    concurrency: Annotated[int, Field(ge=1, le=1024)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_cost: Annotated[float, Field(gt=0)] | None = None
    max_time: Annotated[float, Field(gt=0)] | None = None
    min_yield: Annotated[float, Field(ge=0, le=1)] = 0.02

    @property
    def rows_each(self) -> int:
        """Rows one call asks for."""
        return self.rows_per_call or (10 if self.mode == "native" else 1)

    @classmethod
    def of(cls, **values: Any) -> RunConfig:
        """Validate, and say in one sentence what is wrong.

        Raises:
            ConfigError: A key is unknown or a value out of its range.
        """
        try:
            return cls(**values)
        except ValidationError as error:
            raise ConfigError(*_explain(error, list(cls.model_fields))) from None


def read_config(path: Path) -> dict[str, Any]:
    """The settings in a YAML file, checked for unknown keys, not yet for values.

    Raises:
        ConfigError: The file is missing, is no YAML mapping, or holds an unknown key.
    """
    import yaml

    try:
        values = yaml.safe_load(path.read_text("utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise ConfigError(
            f"The configuration {path} can't be read: {reason}.", "Give a YAML file."
        ) from error
    if not isinstance(values, dict):
        raise ConfigError(f"The configuration {path} holds no settings.", "Write lines such as `n: 500`.")
    fields = list(RunConfig.model_fields)
    for key in values:
        if key not in fields:
            raise ConfigError(
                f"The configuration {path} has an unknown setting '{key}'.", _similar(str(key), fields)
            )
    return values


def _explain(error: ValidationError, fields: list[str]) -> tuple[str, str]:
    first = error.errors()[0]
    name = ".".join(map(str, first["loc"])) or "settings"
    if first["type"] == "extra_forbidden":
        return f"There is no setting '{name}'.", _similar(name, fields)
    if first["type"] == "missing":
        return f"The setting '{name}' is missing.", "Give it a value."
    said = first["msg"][:1].lower() + first["msg"][1:]
    return f"The setting '{name}' can't be {first['input']!r}: {said}.", "Give another value."


def _similar(name: str, fields: list[str]) -> str:
    close = difflib.get_close_matches(name, fields, n=1)
    return f"Did you mean '{close[0]}'?" if close else f"Settings: {', '.join(fields)}."
