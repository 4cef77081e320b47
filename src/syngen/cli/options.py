"""Options of the commands: those that stand for settings come from `syngen.config`, the others are here."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from inspect import Parameter, Signature
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from syngen.cli.help import COMMON, Command, HelpAll
from syngen.errors import ConfigError

ReferenceFile = Annotated[
    str,
    typer.Argument(
        metavar="REFERENCE",
        help="The real table: CSV, JSONL, Parquet, Excel, FILE.zip::NAME, FILE.db::TABLE; - for stdin; sample for "
        "reviews that come with SynGen.",
    ),
]
Sheet = Annotated[
    str | None, typer.Option(metavar="NAME", help="The sheet of an Excel file. [default: the first]")
]
STDOUT = Path("-")
_METAVARS = {int: "N", float: "NUMBER", str: "TEXT"}
OUTPUT = "Write the rows to a file: .csv, .jsonl, .parquet, .xlsx, .tsv, .json; - for stdout."
RunPath = Annotated[
    Path, typer.Argument(metavar="RUN", help="A run: its folder, its name in ./runs, or latest.")
]
ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="A YAML or TOML file with settings, endpoints and prices. Options win.",
    ),
]
Json = Annotated[bool, typer.Option("--json", rich_help_panel="Output", help="Print one JSON object.")]
Force = Annotated[
    bool, typer.Option("--force", rich_help_panel="Output", help="Overwrite an existing result.")
]
ExcelSafe = Annotated[
    bool,
    typer.Option(
        "--excel-safe",
        rich_help_panel="Output",
        help="In CSV, neutralise texts that a spreadsheet would run as formulas.",
    ),
]
Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose",
        "-v",
        rich_help_panel="Output",
        help="Print counts, controls, findings and scores at the end; they are in the report, too.",
    ),
]
WithRealTexts = Annotated[
    bool,
    typer.Option(
        "--with-real-texts",
        rich_help_panel="Output",
        help="Show texts of real rows in the HTML and JSON report, under a banner.",
    ),
]
NoReport = Annotated[
    bool, typer.Option("--no-report", rich_help_panel="Output", help="Do not evaluate the rows at the end.")
]
HtmlFile = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", rich_help_panel="Output", help="Write the report as HTML."),
]


class SettingsCommand(Command):
    """A command with options for settings. They are made when they are needed, since Pydantic loads slowly."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters of the settings, then the command's own."""
        return [*_parameters(self.name or ""), *super().get_params(ctx)]

    def invoke(self, ctx: Any) -> Any:
        """Run the command; `settings_given` finds the settings in the context's `obj`."""
        ctx.obj = {p.name: ctx.params.pop(p.name) for p in _parameters(self.name or "")}
        return super().invoke(ctx)


def at_sheet(reference: str, sheet: str | None) -> str:
    """Name a sheet of a file as part of its path."""
    return reference if sheet is None else f"{reference}::{sheet}"


def settings_given(context: typer.Context, file: Path | None = None) -> dict[str, Any]:
    """Collect the settings that were given as options, over those of a configuration file.

    Raises:
        ConfigError: The file can't be used, or options exclude each other.
    """
    from syngen.config import read_config

    settings = read_config(file) if file else {}
    for name in _settings(context.command.name or ""):
        value, off = context.obj.get(name), context.obj.get(f"no_{name}")
        if off and value:
            raise ConfigError(f"--{name} and --no-{name} exclude each other.", "Give one of them.")
        if off:
            settings[name] = "" if name in context.obj else False
        elif value is None or value is False or value in ((), []):
            continue
        elif name == "roles":
            settings[name] = {**(settings.get(name) or {}), **_roles(value)}
        else:
            settings[name] = tuple(value) if isinstance(value, list) else value
    return settings


def _settings(command: str) -> dict[str, Any]:
    """Return the settings that are options of a command, by name: their fields."""
    from syngen.config import COLUMNS, MAY_CHANGE, FitConfig, RunConfig, shown

    names = set(RunConfig.model_fields)
    if command == "preview":  # generates a few rows only
        names -= {"max_cost", "max_time", "min_yield"}
    elif command == "resume":
        names = set(MAY_CHANGE)
    elif command == "check":
        names = {"base_url"}
    elif command != "generate":
        names = {name for name, field in RunConfig.model_fields.items() if shown(field).group == COLUMNS}
    fields = {name: field for name, field in RunConfig.model_fields.items() if name in names}
    if command == "fit":
        fields = {**FitConfig.model_fields, **fields}
    return {name: field for name, field in fields.items() if shown(field).option is not None}


@cache
def _parameters(command: str) -> list[Any]:

    def settings() -> None: ...

    settings.__dict__["__signature__"] = Signature(
        [
            Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
            for setting, field in _settings(command).items()
            for name, annotation in _options(setting, field)
        ]
        + [Parameter("help_all", Parameter.KEYWORD_ONLY, default=False, annotation=HelpAll)]
        * (command in COMMON)
    )
    app = typer.Typer(add_completion=False)
    app.command()(settings)
    return list(typer.main.get_command(app).params)


def _options(name: str, field: Any) -> Iterator[tuple[str, Any]]:
    """Yield the parameters that stand for a setting, with their types and options."""
    from syngen.config import shown

    how = shown(field)
    panel = None if how.group == "Options" else how.group
    if field.default is not True:
        kind = _kind(field.annotation) if not how.repeats else list[str]
        default = how.words or (f"{field.default:g}" if isinstance(field.default, float) else field.default)
        text = field.description
        if kind is not bool and not field.is_required():
            text += f" [default: {default}]"
        names = how.option.split(",") if how.option else [f"--{name.replace('_', '-')}"]
        metavar = how.metavar or _METAVARS.get(kind)
        option = typer.Option(*names, help=text, metavar=metavar, rich_help_panel=panel)
        yield name, Annotated[kind | None, option]
    if how.off:
        names_off, text = how.off
        yield f"no_{name}", Annotated[bool, typer.Option(names_off, help=text, rich_help_panel=panel)]


def _kind(annotation: Any) -> Any:
    """Return the type of an option's value: that of the setting, a text where the setting parses it."""
    kinds = [kind for kind in (annotation, *get_args(annotation)) if kind in (bool, int, float)]
    return kinds[0] if kinds else str


def _roles(pairs: list[str]) -> dict[str, str]:
    roles = {}
    for pair in pairs:
        column, equals, role = pair.rpartition("=")
        if not equals:
            raise ConfigError(
                f"The role '{pair}' names no column.", "Write it as COLUMN=ROLE, such as age=number."
            )
        roles[column] = role
    return roles
