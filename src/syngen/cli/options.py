"""The options of the commands: names, help texts, defaults in words."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from syngen.errors import ConfigError

ReferenceFile = Annotated[
    str, typer.Argument(metavar="REFERENCE", help="The real table: CSV, JSONL, Parquet.")
]
RunPath = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")]
Rows = Annotated[int | None, typer.Option("-n", "--rows", help="Rows wanted.")]
ModelName = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="provider/name, such as ollama/llama3.2, hf/ORG/NAME, cohere/NAME, openai/NAME, or a .gguf file; "
        "see: syngen models list. [default: embedded/smollm2-135m]",
    ),
]
Strategy = Annotated[
    str | None,
    typer.Option(
        help="How to prompt: base, diversity, complexity, length, several with commas, or one of your own: "
        "FILE.jinja, FILE.py:NAME. [default: base, and that of each knob that is turned]"
    ),
]
Length = Annotated[
    str | None,
    typer.Option(help="Words to a text: match, short, long, 40, 20-60, +25%, -10. [default: match]"),
]
Complexity = Annotated[
    str | None,
    typer.Option(help="Reading grade: match, simple, advanced, grade:8, grade:6-9, +2. [default: match]"),
]
Diversity = Annotated[
    str | None,
    typer.Option(help="match, low, high, or 0 (all alike) to 1; .5 is as real. [default: match]"),
]
NoSteer = Annotated[bool, typer.Option("--no-steer", help="Don't correct what is asked for by what came.")]
Select = Annotated[
    float | None,
    typer.Option(
        metavar="FACTOR",
        help="Generate so many times N rows and keep the N nearest to what is wanted. [default: 1]",
    ),
]
Mode = Annotated[
    str | None,
    typer.Option(
        help="planned: code plans rows, the model writes texts. native: the model writes whole rows. [default: planned]"
    ),
]
RowsPerCall = Annotated[
    int | None, typer.Option(help="Rows one call asks for. [default: 1 planned, 10 native]")
]
Category = Annotated[str | None, typer.Option(help="What the data is about. [default: from the profile]")]
NoCategory = Annotated[
    bool, typer.Option("--no-category", help="Don't tell the model what the data is about.")
]
TextColumn = Annotated[list[str] | None, typer.Option(help="A column the model writes; may be given again.")]
RoleOf = Annotated[
    list[str] | None, typer.Option("--role", metavar="COLUMN=ROLE", help="Correct a column's role.")
]
Seed = Annotated[int | None, typer.Option(help="Fixes plan, shown rows, prompts, sampling. [default: 0]")]
Deterministic = Annotated[
    bool,
    typer.Option("--deterministic", help="The same rows again on this machine, at a fifth of the speed."),
]
Choices = Annotated[
    int | None,
    typer.Option(help="Native mode: replies to one question, its prompt paid for once. [default: 1]"),
]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        "--base-url",
        metavar="URL",
        help="The model's server, such as http://127.0.0.1:8000/v1. Keys: never here.",
    ),
]
Timeout = Annotated[
    float | None, typer.Option(metavar="SECONDS", help="For one call. [default: the model's]")
]
Patience = Annotated[
    float | None,
    typer.Option(metavar="SECONDS", help="How long to wait for a provider that is down. [default: 300]"),
]
Concurrency = Annotated[
    int | None,
    typer.Option(help="Calls in flight at most; the best level is found below it. [default: the model's]"),
]
MaxCost = Annotated[float | None, typer.Option(metavar="USD", help="Stop after so many US dollars.")]
MaxTokens = Annotated[int | None, typer.Option(help="Stop after so many tokens.")]
MaxTime = Annotated[float | None, typer.Option(metavar="SECONDS", help="Stop after so many seconds.")]
MinYield = Annotated[
    float | None,
    typer.Option(help="Stop when fewer of the last 100 rows asked for are accepted. [default: 0.02]"),
]
Config = Annotated[
    Path | None,
    typer.Option(help="A YAML file with any of these settings, endpoints and prices; options here win."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
NoReport = Annotated[bool, typer.Option("--no-report", help="Don't measure the rows at the end.")]
HtmlFile = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write the report as HTML.")]


def roles_of(given: list[str] | None) -> dict[str, str]:
    """Roles by column, from COLUMN=ROLE."""
    roles = {}
    for pair in given or []:
        column, equals, role = pair.rpartition("=")
        if not equals:
            raise ConfigError(
                f"The role '{pair}' names no column.", "Write it as COLUMN=ROLE, such as age=number."
            )
        roles[column] = role
    return roles
