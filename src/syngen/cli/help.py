"""Help texts: what a command does, two examples, and its options in groups; the rarer ones with --help-all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

START = """\
SynGen makes new rows like those of your table with a language model.

  syngen demo                                    20 rows from sample reviews
  syngen profile reviews.csv                     what it sees in your table
  syngen preview reviews.csv -n 500              plan, prompt, 3 rows, cost
  syngen generate reviews.csv -n 500 -o new.csv  exactly 500 rows, and a report
  syngen evaluate reviews.csv new.csv            compare any rows with real ones
  syngen open                                    the report of the last run
  syngen models list                             which models can write rows

All commands: syngen --help. Options of one: syngen generate --help"""

EXAMPLES = {
    "syngen": ("syngen demo", "syngen generate reviews.csv -n 500 -o new.csv"),
    "syngen generate": (
        "syngen generate reviews.csv -n 500 -o new.csv",
        "syngen generate reviews.csv -n 500 --model ollama/llama3.2 --length short",
    ),
    "syngen preview": (
        "syngen preview reviews.csv -n 500",
        "syngen preview reviews.csv -n 500 --model cohere/command-r7b --samples 0",
    ),
    "syngen profile": (
        "syngen profile reviews.csv",
        "syngen profile reviews.csv --role zip=identifier --save",
    ),
    "syngen evaluate": (
        "syngen evaluate reviews.csv new.csv --html report.html",
        "syngen evaluate reviews.csv reply.txt --asked 10",
    ),
    "syngen report": ("syngen report latest", "syngen report runs/reviews-1 --html report.html"),
    "syngen open": ("syngen open", "syngen open runs/reviews-1"),
    "syngen demo": ("syngen demo", "syngen demo --model ollama/llama3.2"),
    "syngen fit": (
        "syngen fit reviews.csv --minutes 10 --name mine",
        "syngen generate reviews.csv -n 500 --model fitted/mine",
    ),
    "syngen runs": ("syngen runs list", "syngen runs resume latest"),
    "syngen runs list": ("syngen runs list", "syngen runs list old-runs --json"),
    "syngen runs show": ("syngen runs show latest", "syngen runs show runs/reviews-1 --json"),
    "syngen runs resume": ("syngen runs resume latest", "syngen runs resume latest --max-cost 5"),
    "syngen runs replay": ("syngen runs replay latest 7", "syngen runs replay runs/reviews-1 7 --json"),
    "syngen runs export": (
        "syngen runs export latest -o new.parquet",
        "syngen runs export latest -o - > new.csv",
    ),
    "syngen models": ("syngen models list", "syngen models check ollama/llama3.2"),
    "syngen models list": ("syngen models list", "syngen models list --json"),
    "syngen models pull": ("syngen models pull", "syngen models pull hf/Qwen/Qwen3-0.6B"),
    "syngen models check": (
        "syngen models check ollama/llama3.2",
        "syngen models check openai/mine --base-url http://127.0.0.1:8000/v1",
    ),
}
# The options that `--help` of a command shows; of other commands all
COMMON = {
    "generate": "reference n output model fit length complexity diversity category seed resume verbose",
    "preview": "reference n model length complexity diversity category seed samples",
}
GROUPS = ("Input", "Model", "Controls", "Limits", "Output")
_GROUP_OF = {"Options": "Input", "Columns": "Input", "Connection": "Model", "Prompts": "Controls"}


def _print_all(context: typer.Context, value: bool) -> None:
    if value:
        context.meta["help_all"] = True
        typer.echo(context.get_help())
        raise typer.Exit


HelpAll = Annotated[
    bool,
    typer.Option(
        "--help-all",
        is_eager=True,
        callback=_print_all,
        rich_help_panel="Help",
        help="Show all options and exit.",
    ),
]


class Command(TyperCommand):
    """A command whose help is plain text in groups, as wide as the terminal."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help."""
        _introduction(self, ctx, formatter)
        parameters: list[Any] = [p for p in self.get_params(ctx) if not getattr(p, "hidden", False)]
        common = COMMON.get(self.name or "", "").split()
        if common and not ctx.meta.get("help_all"):
            parameters = [p for p in parameters if p.name in common]
        groups: dict[str, list[Any]] = {name: [] for name in GROUPS}
        for parameter in sorted(parameters, key=_is_option):
            groups.setdefault(_group(parameter), []).append(parameter)
        for name, found in groups.items():
            _section(formatter, name, [(_names(p), p.help or "") for p in found])
        if common and not ctx.meta.get("help_all"):
            formatter.write(f"\nAll options: {ctx.command_path} --help-all\n")


class Group(TyperGroup):
    """A group of commands with the same kind of help."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help."""
        _introduction(self, ctx, formatter)
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        _section(
            formatter,
            "Commands",
            [(name, _first_sentence(c.help)) for name, c in commands if c is not None and not c.hidden],
        )
        shown: list[Any] = [p for p in self.get_params(ctx) if not getattr(p, "hidden", False)]
        _section(formatter, "Options", [(_names(p), p.help or "") for p in shown])


def _introduction(command: Any, ctx: Any, formatter: Any) -> None:
    arguments = [p.metavar or p.name.upper() for p in command.get_params(ctx) if not _is_option(p)]
    if isinstance(command, TyperGroup):
        arguments = ["COMMAND"]
    formatter.write_usage(ctx.command_path, " ".join([*arguments, "[OPTIONS]"]))
    formatter.write_paragraph()
    formatter.write_text(command.help or "")
    _write_lines(formatter, EXAMPLES.get(ctx.command_path, ()))


def _write_lines(formatter: Any, lines: Sequence[str]) -> None:
    """Write lines that are copied, and so never wrapped."""
    formatter.write("\n" + "".join(f"  {line}\n" for line in lines))


def _section(formatter: Any, name: str, rows: Sequence[tuple[str, str]]) -> None:
    if rows:
        with formatter.section(name):
            formatter.write_dl(rows, col_max=24)


def _group(parameter: Any) -> str:
    if not _is_option(parameter):
        return "Input"
    if parameter.name in ("help", "help_all"):
        return "Help"
    panel = parameter.rich_help_panel or "Options"
    return _GROUP_OF.get(panel, panel)


def _is_option(parameter: Any) -> bool:
    return isinstance(parameter, TyperOption)


def _names(parameter: Any) -> str:
    """The names of an option, the short one first, and what its value is called."""
    if not _is_option(parameter):
        return str(parameter.metavar or parameter.name.upper())
    names = ", ".join(sorted(parameter.opts, key=len))
    if parameter.is_flag:
        return names
    return f"{names} {parameter.metavar}"


def _first_sentence(text: str | None) -> str:
    return " ".join((text or "").split("\n\n")[0].split())
