"""Settings of runs and fits: validated records, the source of the command line's options and of a file's keys."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from syngen import controls
from syngen.errors import ConfigError
from syngen.files import read_settings

DEFAULT_MODEL = "embedded/smollm2-135m"
MOST_ROWS = 1_000_000
CONTROLLED = ("length", "complexity", "diversity")  # by a setting, and by a strategy each
SECTIONS = ("endpoints", "prices")  # of a configuration file, besides settings; see `syngen.models.endpoints`


class Shown(NamedTuple):
    """How a setting is shown on the command line and in forms; its help text is the field's description.

    Attributes:
        group: Heading of the settings it is listed with.
        words: The default in words, where its value does not explain itself.
        option: Names of the option, with commas; by default the setting's name; None: there is none.
        metavar: What stands for the value in help texts.
        repeats: Whether the option may be repeated, each time with one value.
        off: Name and help text of an option that turns the setting off.
    """

    group: str
    words: str = ""
    option: str | None = ""
    metavar: str | None = None
    repeats: bool = False
    off: tuple[str, str] | None = None


GENERAL, MODEL, CONTROLS, PROMPTS = "Options", "Model", "Controls", "Prompts"  # groups
COLUMNS, CONNECTION, LIMITS = "Columns", "Connection", "Limits"


def _setting(default: Any, how: Shown, description: str, **constraints: Any) -> Any:
    return Field(default, description=description, json_schema_extra=how._asdict(), **constraints)


def shown(field: FieldInfo) -> Shown:
    """Return how a setting is shown."""
    how: Any = field.json_schema_extra
    return Shown(**how)


# ------------------------------------------------------------------------------------- validators
def _listed(given: Any, separator: str | None = None) -> Any:
    """Make a tuple of one text: of itself, or of the names between its separators."""
    if not isinstance(given, str):
        return given
    return tuple(name.strip() for name in given.split(separator)) if separator else (given,)


def _absolute(names: tuple[str, ...]) -> tuple[str, ...]:
    """Make the paths of strategy files absolute, so that a run can be resumed from any folder."""
    return tuple(
        str(Path(name).absolute()) if name.endswith(".jinja") or ".py:" in name else name for name in names
    )


def _valid(parse: Callable[[str], object]) -> AfterValidator:
    """Check the setting of a control, which stays as it was written."""
    return AfterValidator(lambda setting: (parse(setting), setting)[1])


def check_url(url: str) -> str:
    """Check the address of a server.

    Raises:
        ValueError: It is no http address, or it holds a user name, a password or a query.
    """
    parts = urlsplit(url)
    _ = parts.port  # raises ValueError when it is no port
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("an address begins with http:// or https:// and names a server")
    if parts.username or parts.password or parts.query:
        raise ValueError("an address holds no user, password or query; put keys into the environment")
    return url.rstrip("/")


Address = Annotated[str, AfterValidator(check_url)]
Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Strategies = Annotated[
    tuple[str, ...], BeforeValidator(partial(_listed, separator=",")), AfterValidator(_absolute)
]
Word = Annotated[  # YAML reads `40` as a number
    str, BeforeValidator(lambda given: str(given) if isinstance(given, int | float) else given)
]


# --------------------------------------------------------------------------------------- settings
class Settings(BaseModel):
    """A frozen record of settings. Unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def of(cls, **values: Any) -> Self:
        """Validate the settings.

        Raises:
            ConfigError: A key is unknown or a value out of its range.
        """
        try:
            return cls(**values)
        except ValidationError as error:
            raise ConfigError(*_explain(error, list(cls.model_fields))) from None


class RunConfig(Settings):
    """The settings of one run. Each field has its constraint, its help text and the group it is shown in."""

    n: int = _setting(
        ..., Shown(GENERAL, option="-n,--rows"), "Number of rows to generate.", ge=1, le=MOST_ROWS
    )
    model: str = _setting(
        DEFAULT_MODEL,
        Shown(MODEL, metavar="NAME"),
        "The model: ollama/NAME, hf/ORG/NAME, cohere/NAME, openai/NAME, … or a .gguf file; see: syngen models list.",
        min_length=1,
    )
    strategy: Strategies = _setting(
        ("base",),
        Shown(CONTROLS, "base, and that of each control that is set", metavar="NAMES"),
        "Prompt strategies, separated by commas: base, diversity, complexity, length, verbalized, or your own: "
        "FILE.jinja, FILE.py:NAME.",
    )
    length: Annotated[Word, _valid(controls.length)] | None = _setting(
        None,
        Shown(CONTROLS, "not controlled", metavar="WORDS"),
        "Words per text: match, short, long, 40, 20-60, +25%, -10.",
    )
    complexity: Annotated[Word, _valid(controls.complexity)] | None = _setting(
        None,
        Shown(CONTROLS, "not controlled", metavar="GRADE"),
        "Reading grade: match, simple, advanced, grade:8, grade:6-9, +2.",
    )
    diversity: Annotated[Word, _valid(controls.diversity)] | None = _setting(
        None,
        Shown(CONTROLS, "not controlled", metavar="LEVEL"),
        "Diversity: match, low, high, or 0 (all alike) to 1; .5 is like the reference.",
    )
    steer: bool = _setting(
        True,
        Shown(CONTROLS, off=("--no-steer", "Disable closed-loop correction.")),
        "Closed-loop correction: measure the rows during the run and adjust the next requests.",
    )
    only_with_text: bool = _setting(
        False,
        Shown(CONTROLS),
        "Plan rows with a text only; by default as many rows have none as in the reference.",
    )
    select: float = _setting(
        1.0,
        Shown(CONTROLS, metavar="FACTOR"),
        "Oversampling factor: generate FACTOR × N rows and keep the best N.",
        ge=1,
        le=10,
    )
    mode: Literal["planned", "native"] = _setting(
        "planned",
        Shown(PROMPTS, metavar="MODE"),
        "planned: code plans each row, the model writes its texts. native: the model writes whole rows.",
    )
    rows_per_call: int | None = _setting(
        None, Shown(PROMPTS, "1 planned, 10 native"), "Rows to request per call.", ge=1, le=100
    )
    choices: int = _setting(
        1,
        Shown(PROMPTS),
        "Native mode: replies per prompt; some providers charge the prompt once.",
        ge=1,
        le=16,
    )
    show_columns: Names = _setting(
        (),
        Shown(PROMPTS, "those that go with the texts", option="--show-column", metavar="NAME", repeats=True),
        "A column that prompts state with each text; repeatable.",
    )
    category: str | None = _setting(
        None,
        Shown(PROMPTS, "from the profile", off=("--no-category", "Do not state what the data is about.")),
        "What the data is about; stated in every prompt.",
    )
    text_columns: Names = _setting(
        (),
        Shown(COLUMNS, "from the profile", option="--text-column", metavar="NAME", repeats=True),
        "A column that the model writes; repeatable.",
    )
    roles: dict[str, str] = _setting(
        {},
        Shown(COLUMNS, "from the profile", option="--role", metavar="COLUMN=ROLE", repeats=True),
        "A column's role, such as age=number; repeatable. Roles: text, title, category, ordinal, count, number, "
        "datetime, boolean, identifier, constant, derived, empty.",
    )
    roles_file: bool = _setting(
        True,
        Shown(COLUMNS, off=("--no-roles-file", "Ignore the roles saved beside the table.")),
        "Take the roles from REFERENCE.syngen.yaml, which profile --save writes.",
    )
    seed: int = _setting(
        0, Shown(GENERAL), "Seed of the plan, the rows shown, the prompts and the sampling.", ge=0, lt=2**63
    )
    deterministic: bool = _setting(
        False, Shown(MODEL), "Make local models repeat exactly on one machine, at a fifth of the speed."
    )
    base_url: Address | None = _setting(
        None,
        Shown(CONNECTION, "the provider's", metavar="URL"),
        "Address of the model's server, such as http://127.0.0.1:8000/v1; never with a key.",
    )
    connections: str = _setting(
        "", Shown(CONNECTION, option=None), "A file with endpoints and prices, see `syngen.models.endpoints`."
    )
    timeout: float | None = _setting(
        None, Shown(CONNECTION, "the model's", metavar="SECONDS"), "Seconds that one call may take.", gt=0
    )
    retry_timeout: float = _setting(
        300.0, Shown(CONNECTION, metavar="SECONDS"), "Seconds to retry while the provider is down.", gt=0
    )
    concurrency: int | None = _setting(
        None, Shown(CONNECTION, "the model's"), "Maximum concurrent requests (adaptive).", ge=1, le=1024
    )
    max_tokens: int | None = _setting(
        None, Shown(LIMITS, "no limit"), "Stop after this many tokens, over the whole run.", ge=1
    )
    max_cost: float | None = _setting(
        None,
        Shown(LIMITS, "no limit", metavar="USD"),
        "Stop after this many US dollars, over the whole run.",
        gt=0,
    )
    max_time: float | None = _setting(
        None,
        Shown(LIMITS, "no limit", metavar="SECONDS"),
        "Stop after this many seconds, counted anew when a run is resumed.",
        gt=0,
    )
    min_yield: float = _setting(
        0.02,
        Shown(LIMITS, metavar="SHARE"),
        "Stop when a smaller share of the last 100 rows requested was accepted.",
        ge=0,
        le=1,
    )

    @property
    def rows_each(self) -> int:
        """Rows that one call asks for."""
        return self.rows_per_call or (10 if self.mode == "native" else 1)

    @property
    def strategies(self) -> tuple[str, ...]:
        """The strategies of the prompts: those named, and that of every control that is set."""
        set_here = [name for name in CONTROLLED if getattr(self, name) is not None]
        return tuple(dict.fromkeys((*self.strategy, *set_here)))

    @cached_property
    def control_settings(self) -> controls.ControlSettings:
        """The controls, parsed."""
        varied = "diversity" in self.strategies
        return controls.ControlSettings(
            controls.length(self.length or controls.MATCH),
            controls.complexity(self.complexity or controls.MATCH),
            levels="complexity" in self.strategies,
            diversity=controls.diversity(self.diversity or controls.MATCH) if varied else None,
        )

    @property
    def candidates(self) -> int:
        """Rows to generate, of which n are kept."""
        return min(MOST_ROWS, math.ceil(round(self.n * self.select, 6)))


class FitConfig(Settings):
    """The settings of one fit."""

    base: str = _setting(
        DEFAULT_MODEL,
        Shown(GENERAL, metavar="MODEL"),
        "The model to fit: embedded/NAME, hf/ORG/NAME, or a .gguf file.",
        min_length=1,
    )
    minutes: float | None = _setting(
        10.0, Shown(GENERAL, "10; no limit with --epochs"), "Train for at most this many minutes.", gt=0
    )
    epochs: float = _setting(
        3.0, Shown(GENERAL), "Train for at most this many passes over the rows.", gt=0, le=100
    )
    method: Literal["auto", "full", "lora"] = _setting(
        "auto",
        Shown(GENERAL),
        "full: train all weights but those of the vocabulary. lora: train low-rank matrices, merged at the end. "
        "auto: full up to 400M parameters, lora with --private.",
    )
    private: float | None = _setting(
        None,
        Shown(GENERAL, "off", metavar="EPSILON"),
        "Train with differential privacy, up to this epsilon; protects single rows at a loss of quality.",
        gt=0,
        le=1000,
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = _setting(
        "auto", Shown(GENERAL), "The device to train on: auto, cpu, cuda, mps."
    )
    seed: int = _setting(
        0, Shown(GENERAL), "Seed of the order of the rows and of the sampling.", ge=0, lt=2**63
    )
    rate: float | None = _setting(
        None, Shown(GENERAL, option=None), "The highest learning rate; None: that of the method.", gt=0, lt=1
    )
    batch: int | None = _setting(
        None,
        Shown(GENERAL, option=None),
        "Rows per step; None: 4, or 64 with `private`, but at most half of the rows.",
        ge=1,
        le=4096,
    )
    rank: int = _setting(32, Shown(GENERAL, option=None), "Rank of LoRA's matrices.", ge=1, le=256)

    @classmethod
    def of(cls, **values: Any) -> Self:
        """Validate the settings; None stands for the default. Epochs without minutes set no limit of time.

        Raises:
            ConfigError: A setting is unknown or out of its range, or settings exclude each other.
        """
        values = {name: value for name, value in values.items() if value is not None}
        if "epochs" in values and "minutes" not in values:
            values["minutes"] = None
        config = super().of(**values)
        if config.private and config.method == "full":
            raise ConfigError(
                "With differential privacy only LoRA's matrices are trained: the noise grows with the weights.",
                "Use --method lora with --private, or remove --method.",
            )
        return config


MAY_CHANGE = frozenset(  # when a run is resumed
    name for name, field in RunConfig.model_fields.items() if shown(field).group in (CONNECTION, LIMITS)
)


def _explain(error: ValidationError, fields: list[str]) -> tuple[str, str]:
    """Put the first error into a sentence and a hint."""
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


# ------------------------------------------------------------------------------------------ files
def read_config(path: Path) -> dict[str, Any]:
    """Read the settings in a YAML or TOML file; keys are checked, values not yet.

    Endpoints and prices in it are not returned: `connections` names the file.

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
