"""Print results, for people or as one JSON object."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table
from rich.text import Text

from syngen.cli import show_controls
from syngen.cli.output import say, say_json
from syngen.cli.show_profile import relations
from syngen.engine.preview import Preview
from syngen.errors import OutputError
from syngen.report import Report, terminal
from syngen.text.format import counted, dollars, duration
from syngen.types import Outcome, Plan, Reference, Role

_out = Console(highlight=False, soft_wrap=True, markup=False)


def _print(text: str, style: str | None = None) -> None:
    _out.print(text, style=style)


def _heading(text: str) -> None:
    _out.print(f"\n{text}", style="bold")


def _first_line(strong: str, rest: str) -> None:
    _out.print(Text.assemble((strong, "bold"), rest))


def _table(*headings: str) -> Table:
    return Table(*headings, box=None, padding=(0, 2, 0, 0))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


# ------------------------------------------------------------------------------------- generate
def notes(reference: Reference) -> None:
    """Print on stderr what had to be done to read a reference."""
    for note in reference.notes:
        say(f"note: {note}")


def warnings(sentences: Sequence[str]) -> None:
    """Print on stderr what a user should know before a run."""
    for sentence in sentences:
        say(f"warning: {sentence}")


# ----------------------------------------------------------------------------- evaluate, report
def check_places(*paths: Path | None) -> None:
    """Check that files can be written, before the work begins.

    Raises:
        OutputError: There is no such folder, or a folder has that name.
    """
    for path in filter(None, paths):
        if not path.absolute().parent.is_dir():
            raise OutputError(f"There is no folder '{path.parent}'.", f"Make it: mkdir -p {path.parent}")
        if path.is_dir():
            raise OutputError(f"'{path}' is a folder.", "Name a file in it.")


def report(
    found: Report,
    *,
    html: Path | None,
    json_file: str | None,
    markdown: Path | None = None,
    folder: Path | None = None,
) -> None:
    """Write an evaluation to the files requested and print its short form."""
    if html is not None:
        found.to_html(html)
    if markdown is not None:
        found.to_markdown(markdown)
    if json_file == "-":
        say_json(found.to_dict())
        return
    if json_file is not None:
        found.to_json(json_file)
    _asked(found.controls, "Controls: target and achieved")
    _print("\n".join(terminal.lines(found)))
    written = [str(path) for path in (html, json_file, markdown) if path is not None]
    if folder is not None:
        written.append(str(folder / "report.html"))
    if written:
        _print(f"Report: {', '.join(written)}")
    else:
        _print("For the whole report add --html FILE, --json FILE or --markdown FILE", "dim")


def _asked(controls: Sequence[Outcome], heading: str) -> None:
    if lines := show_controls.lines(controls):
        _heading(heading)
        _print("\n".join(lines))


# -------------------------------------------------------------------------------------- preview
def preview(seen: Preview, *, as_json: bool) -> None:
    """Print the plan, the first prompt, the sample rows and the forecast."""
    if as_json:
        say_json(
            {
                "n": seen.config.n,
                "plan": None if seen.plan is None else seen.plan.frame.head(20).to_dicts(),
                "controls": [dataclasses.asdict(control) for control in seen.controls],
                "warnings": seen.warnings,
                "columns_shown": [dataclasses.asdict(column) for column in seen.shown],
                "request": seen.request and dataclasses.asdict(seen.request),
                "rows": None if seen.rows is None else seen.rows.to_dicts(),
                "ledger": None if seen.ledger is None else dataclasses.asdict(seen.ledger),
                "forecast": {
                    "tokens": seen.tokens and {**dataclasses.asdict(seen.tokens), "total": seen.tokens.total},
                    "within": seen.within,
                    "seconds_at_most": seen.seconds,
                    "cost_usd": seen.cost_usd,
                    "cost_usd_within": seen.cost_within,
                    "price_source": seen.price_source,
                },
            }
        )
        return
    warnings(seen.warnings)
    if seen.plan is not None:
        _heading(f"Plan: {seen.config.n:,} rows")
        _plan(seen.plan, seen.reference)
    _asked(seen.controls, "Controls: target")
    if seen.shown:
        _shown(seen)
    if seen.request is None:
        _heading("No planned row has a text: code fills every column, and no model is needed")
    else:
        prompt = seen.request.prompt
        _heading(
            f"First prompt ({prompt.template}, shows the real rows {', '.join(str(i + 1) for i in prompt.shown)})"
        )
        if prompt.system:
            _print(prompt.system, "dim")
        _print(prompt.user)
    if seen.rows is not None and seen.ledger is not None:
        made = f", of {seen.ledger.returned} that the model returned" if seen.request else ""
        _heading(f"{seen.ledger.accepted} rows{made}")
        for row in seen.rows.iter_rows(named=True):
            _print(_json(row))
    if seen.request and seen.tokens and seen.seconds is not None:
        _heading(f"Forecast for {seen.config.n:,} rows")
        tokens = f"{seen.tokens.read:,} tokens read, {seen.tokens.written:,} written"
        if seen.within is not None:
            low, high = (seen.tokens.total * factor for factor in seen.within)
            tokens += f" (together {low:,.0f} to {high:,.0f}, 95 %)"
        _print(f"{tokens}, at most {duration(seen.seconds)}")
        cost = dollars(seen.cost_usd)
        if seen.cost_within is not None and seen.cost_usd:
            cost += f" ({dollars(seen.cost_within[0])} to {dollars(seen.cost_within[1])})"
        _print(f"{cost}, prices: {seen.price_source}" if seen.price_source else cost)


def _shown(seen: Preview) -> None:
    """Print which columns the prompts state, where these are not all that code fills."""
    names = [column.name for column in seen.shown]
    filled = [
        c.name for c in seen.reference.profile.columns if not c.role.written and c.role is not Role.EMPTY
    ]
    others = len(filled) - len(names)
    if others > 0:
        _heading(f"Columns that prompts state with each text: {len(names)}")
        for column in seen.shown:
            _print(f"{column.name}: {column.why}")
        _print(
            f"{counted(others, 'other column')} not shown; name the columns to show with --show-column", "dim"
        )


def _plan(plan: Plan, reference: Reference) -> None:
    """Print planned and real shares of the values, word counts of the texts, and the first slots."""
    values = plan.values()
    for column in reference.profile.columns:
        if column.name in values.columns and column.values and len(column.values) <= 12:
            planned = dict(values[column.name].value_counts().iter_rows())
            pairs = [
                f"{value} {planned.get(value, 0) / len(plan):.0%} (real {count / column.rows:.0%})"
                for value, count in column.values[:6]
            ]
            _print(f"{column.name}: {', '.join(pairs)}")
    for column in reference.profile.written:
        if column == reference.profile.main_text:
            continue  # shown with the controls
        words = plan.frame["texts"].struct.field(column.name).struct.field("words")
        quantiles = [f"{words.quantile(q) or 0:.0f}" for q in (0.05, 0.25, 0.5, 0.75, 0.95)]
        real = [f"{w:.0f}" for w in column.text.words] if column.text else []
        _print(f"{column.name}: words {' · '.join(quantiles)} (real {' · '.join(real)})")
    if reference.profile.written and (without := len(plan) - int(plan.to_write.sum())):
        texts = reference.frame.select(c.name for c in reference.profile.written)
        share = texts.filter(pl.all_horizontal(pl.all().is_null())).height / texts.height
        _print(
            f"no text: {without / len(plan):.0%} of the rows (real {share:.0%}), which need no model; "
            "--only-with-text plans the others only"
        )
    for heading, sentences in relations(reference.profile):
        _print(f"kept in every row ({heading}): {'; '.join(sentences)}")
    for slot in plan.slots(range(min(3, len(plan)))):
        targets = {
            name: {
                key: value for key, value in dataclasses.asdict(target).items() if value not in (None, (), "")
            }
            for name, target in slot.texts.items()
        }
        _print(f"plan row {slot.index + 1}: {_json({**slot.values, **targets})}", "dim")
