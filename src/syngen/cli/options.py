"""The options of the commands: names, help texts, defaults in words."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ReferenceFile = Annotated[
    str, typer.Argument(metavar="REFERENCE", help="The real table: CSV, JSONL, Parquet.")
]
RunPath = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")]
Rows = Annotated[int | None, typer.Option("-n", "--rows", help="Rows wanted.")]
ModelName = Annotated[
    str | None,
    typer.Option("--model", help="provider/name, or a .gguf file. [default: embedded/smollm2-135m]"),
]
Strategy = Annotated[str | None, typer.Option(help="How to prompt. [default: base]")]
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
Concurrency = Annotated[int | None, typer.Option(help="Calls in flight. [default: the model's]")]
MaxCost = Annotated[float | None, typer.Option(metavar="USD", help="Stop after so many US dollars.")]
MaxTokens = Annotated[int | None, typer.Option(help="Stop after so many tokens.")]
MaxTime = Annotated[float | None, typer.Option(metavar="SECONDS", help="Stop after so many seconds.")]
MinYield = Annotated[
    float | None,
    typer.Option(help="Stop when fewer of the last 100 rows asked for are accepted. [default: 0.02]"),
]
Config = Annotated[
    Path | None, typer.Option(help="A YAML file with any of these settings; options here win.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
NoReport = Annotated[bool, typer.Option("--no-report", help="Don't measure the rows at the end.")]
HtmlFile = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write the report as HTML.")]
