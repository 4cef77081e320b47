"""What a run is asked to do: one validated record, from the command line, a YAML file or Python."""

from __future__ import annotations

import difflib
import math
import tomllib
from functools import cached_property, partial
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from syngen import controls
from syngen.errors import ConfigError

MOST_ROWS = 1_000_000
SECTIONS = ("endpoints", "prices")  # of a configuration file, besides settings; see `syngen.models.endpoints`
KNOBS = ("length", "complexity", "diversity")  # each with the strategy of its name


def _listed(given: Any, separator: str | None = None) -> Any:
    """One text stands for a list of one, or for the names between its separators."""
    if not isinstance(given, str):
        return given
    return tuple(name.strip() for name in given.split(separator)) if separator else (given,)


def _settled(strategy: str) -> str:
    """A file named by its whole path, so that the run goes on from any folder."""
    return str(Path(strategy).absolute()) if strategy.endswith(".jinja") or ".py:" in strategy else strategy


Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Joined = Annotated[tuple[str, ...], BeforeValidator(lambda given: _listed(given, ","))]
Strategies = Annotated[Joined, AfterValidator(lambda names: tuple(map(_settled, names)))]
Word = BeforeValidator(
    lambda given: str(given) if isinstance(given, int | float) else given
)  # as YAML reads `40`


def check_url(url: str) -> str:
    """The address of a server, found sound and free of keys.

    Raises:
        ValueError: It is no http address, or it holds a user name, a password or a query.
    """
    parts = urlsplit(url)
    _ = parts.port  # says what is wrong with it
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("an address begins with http:// or https:// and names a server")
    if parts.username or parts.password or parts.query:
        raise ValueError("an address holds no user, password or query; put keys into the environment")
    return url.rstrip("/")


class RunConfig(BaseModel):
    """The settings of one run. Unknown keys are refused.

    Attributes:
        n: Rows wanted.
        model: `provider/name` or the path of a local model.
        strategy: Names of prompt strategies, template files, or functions as FILE.py:NAME or module:NAME.
        length: The knob of text length, see `syngen.controls`.
        complexity: The knob of language complexity.
        diversity: The knob of diversity.
        steer: Measure what comes while the run goes on, and adjust what is asked next.
        select: Generate so many times N rows and keep the N that come nearest to what is wanted.
        mode: "planned": code plans each row and the model writes its text. "native": the model is asked
            for whole rows, as a person would.
        rows_per_call: Rows asked for in one call; None: 1 planned, 10 native.
        category: What the data is about, said in every prompt; None: as profiled; "": withheld.
        text_columns: Columns to be written, when the profile is wrong about them.
        roles: Roles by column name, when the profile is wrong about them.
        seed: Fixes plan, shown rows, prompts and sampling seeds.
        deterministic: Make local models repeat exactly on one machine.
        choices: Replies to ask for to one native question; where the provider can give several, the prompt is
            paid for once.
        base_url: The address of the model's server; None: its provider's own.
        connections: A file with endpoints and prices, see `syngen.models.endpoints`.
        concurrency: Requests in flight; None leaves it to the model.
        timeout: Seconds one call may take; None leaves it to the model.
        patience: Seconds to go on trying while the model's provider is down.
        max_tokens: Stop after so many tokens, read and written, over the whole run.
        max_cost: Stop after so many US dollars, over the whole run.
        max_time: Stop after so many seconds of this invocation.
        min_yield: Stop when the last 100 rows requested gave a smaller share of accepted ones.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    n: Annotated[int, Field(ge=1, le=MOST_ROWS)]
    model: Annotated[str, Field(min_length=1)] = "embedded/smollm2-135m"
    strategy: Strategies = ("base",)
    length: Annotated[str, Word, AfterValidator(controls.valid(controls.length))] = controls.MATCH
    complexity: Annotated[str, Word, AfterValidator(controls.valid(controls.complexity))] = controls.MATCH
    diversity: Annotated[str, Word, AfterValidator(controls.valid(controls.diversity))] = controls.MATCH
    steer: bool = True
    select: Annotated[float, Field(ge=1, le=10)] = 1.0
    mode: Literal["planned", "native"] = "planned"
    rows_per_call: Annotated[int, Field(ge=1, le=100)] | None = None
    category: str | None = None
    text_columns: Names = ()
    roles: dict[str, str] = {}
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    deterministic: bool = False
    choices: Annotated[int, Field(ge=1, le=16)] = 1
    base_url: Annotated[str, AfterValidator(check_url)] | None = None
    connections: str = ""
    timeout: Annotated[float, Field(gt=0)] | None = None
    patience: Annotated[float, Field(gt=0)] = 300.0
    concurrency: Annotated[int, Field(ge=1, le=1024)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_cost: Annotated[float, Field(gt=0)] | None = None
    max_time: Annotated[float, Field(gt=0)] | None = None
    min_yield: Annotated[float, Field(ge=0, le=1)] = 0.02

    @property
    def rows_each(self) -> int:
        """Rows one call asks for."""
        return self.rows_per_call or (10 if self.mode == "native" else 1)

    @property
    def strategies(self) -> tuple[str, ...]:
        """The strategies of the prompts: those named, and that of every knob that was turned."""
        turned = [knob for knob in KNOBS if getattr(self, knob) != controls.MATCH]
        return tuple(dict.fromkeys((*self.strategy, *turned)))

    @cached_property
    def control_settings(self) -> controls.ControlSettings:
        """The controls, parsed."""
        varied = "diversity" in self.strategies
        return controls.ControlSettings(
            controls.length(self.length),
            controls.complexity(self.complexity),
            levels="complexity" in self.strategies,
            diversity=controls.diversity(self.diversity) if varied else None,
        )

    @property
    def candidates(self) -> int:
        """Rows to generate, of which n are kept."""
        return min(MOST_ROWS, math.ceil(round(self.n * self.select, 6)))

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


class _Loader(yaml.SafeLoader):
    """YAML's safe loader, except that a number with a plus stays a string: `+10` is a change, not 10."""


def _number(loader: _Loader, node: yaml.ScalarNode, kind: str) -> Any:
    make = loader.construct_yaml_int if kind == "int" else loader.construct_yaml_float
    return node.value if node.value.startswith("+") else make(node)


for _kind in ("int", "float"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_kind}", partial(_number, kind=_kind))


def read_settings(path: Path) -> dict[str, Any]:
    """What a TOML or YAML file holds.

    Raises:
        ConfigError: It is missing, can't be read, or holds no settings.
    """
    try:
        text = path.read_text("utf-8")
        values = tomllib.loads(text) if path.suffix == ".toml" else _Loader(text).get_single_data() or {}
    except yaml.MarkedYAMLError as error:  # its own words quote the line, which may hold a key
        at = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ConfigError(
            f"The configuration {path} can't be read: {error.problem}{at}.", "Mend it, or move it away."
        ) from None
    except (OSError, ValueError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise ConfigError(
            f"The configuration {path} can't be read: {reason}.", "Mend it, or move it away."
        ) from None
    if not isinstance(values, dict):
        raise ConfigError(f"The configuration {path} holds no settings.", "Write lines such as `n: 500`.")
    return values


def read_config(path: Path) -> dict[str, Any]:
    """The settings in a YAML or TOML file, checked for unknown keys, not yet for values.

    Endpoints and prices in it stay there: `connections` names the file.

    Raises:
        ConfigError: The file is missing, is no YAML mapping, or holds an unknown key.
    """
    values = read_settings(path)
    if any(values.pop(section, None) is not None for section in SECTIONS):
        values["connections"] = str(path.absolute())
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
    said = first["msg"].removeprefix("Value error, ")
    said = said[:1].lower() + said[1:]
    if name == "base_url":  # what is wrong with it may be that it holds a key
        return f"The address in base_url can't be used: {said}.", "Give it as http://HOST:PORT/v1."
    return f"The setting '{name}' can't be {first['input']!r}: {said}.", "Give another value."


def _similar(name: str, fields: list[str]) -> str:
    close = difflib.get_close_matches(name, fields, n=1)
    return f"Did you mean '{close[0]}'?" if close else f"Settings: {', '.join(fields)}."
