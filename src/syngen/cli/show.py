"""Print results, for people or as one JSON object."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table
from rich.text import Text

from syngen import api
from syngen.cli import show_controls
from syngen.cli.output import say, say_json
from syngen.cli.progress import steps_progress
from syngen.cli.show_profile import relations
from syngen.engine.preview import Preview
from syngen.errors import OutputError
from syngen.fitting import Fitted
from syngen.report import Report, terminal
from syngen.store.run import Run
from syngen.tables.write import formulas, lacking_encoding
from syngen.text.format import counted, dollars, duration, number
from syngen.types import Ledger, Outcome, Plan, Reference, Role

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


def finish(
    run: Run,
    reference: Reference | None = None,
    *,
    measure: bool,
    as_json: bool,
    warnings: Sequence[str] = (),
) -> int:
    """Evaluate a run, print how it ended and what its rows are like; return the exit status: 0 when exact, else 3.

    Args:
        run: The run that ended.
        reference: What it was made from, when it is loaded already.
        measure: Write a report, if there is a row to measure.
        as_json: Print one JSON object.
        warnings: What was said before the run; only printed as JSON.
    """
    report = None
    if measure and run.ledger.accepted:
        with steps_progress(run.path) as observe:
            report = api.evaluate_run(run, observe=observe, reference=reference)
    knobs = api.outcome(run, reference) if report is None else report.knobs
    if as_json:
        shown = {**run.summary(), "warnings": warnings, "knobs": list(map(dataclasses.asdict, knobs))}
        if report is not None:
            shown["report"] = str(run.path / "report.html")
            shown["overall"] = dataclasses.asdict(report.overall)
            shown["answers"] = [dataclasses.asdict(answer) for answer in report.answers]
        say_json(shown)
    else:
        spent = run.tokens
        thinking = f" ({spent.thinking:,} of them thinking)" if spent.thinking else ""
        _first_line(f"{run.ledger.accepted} of {run.ledger.asked} rows", f" in {run.output}")
        _ledger(run.ledger)
        if run.ledger.calls or run.ledger.by_code < run.ledger.accepted:
            _print(
                f"{spent.read:,} tokens read, {spent.written:,} written{thinking}, {duration(run.seconds)}, "
                f"{dollars(run.cost_usd)}"
            )
        else:
            _print(f"no model was needed, {duration(run.seconds)}")
        _knobs(knobs, "Controls: target and achieved")
        if report is not None:
            _print("")
            _print("\n".join(terminal.lines(report)))
            _print(f"Report: {run.path / 'report.html'}")
        _print(f"Prompt and reply of a row: syngen runs replay {run.path} 0", "dim")
    return _ending(run)


def rows(run: Run, *, excel_safe: bool) -> int:
    """Write the rows to stdout, and nothing else; return the exit status as `finish` does."""
    sys.stdout.buffer.write(run.content(excel_safe=excel_safe))
    sys.stdout.buffer.flush()
    return _ending(run)


def _ending(run: Run) -> int:
    if encoding := lacking_encoding(run.rows, run.output, run.manifest.layout):
        say(f"The rows have characters that {encoding} lacks, so the output is UTF-8.")
    if not run.manifest.excel_safe and (cells := formulas(run.cells)):
        say(f"{cells} texts begin like a spreadsheet formula; --excel-safe neutralises them in CSV.")
    if not run.exact:
        options = [option for option in ("--max-tokens", "--max-cost") if option in run.stopped]
        more = f" {options[0]} MORE" if options else ""  # a time limit starts anew anyway
        say(
            f"Stopped at {run.ledger.accepted} of {run.ledger.asked} rows. {run.stopped} The rows are in "
            f"{run.output}. Resume with: syngen runs resume {run.path}{more}"
        )
    return 0 if run.exact else 3


def _ledger(ledger: Ledger) -> None:
    chain = " → ".join(f"{step} {rows}" for step, rows in ledger.steps.items())
    by_code = f"; {ledger.by_code} rows without a text needed no model" if ledger.by_code else ""
    _print(f"{chain} ({ledger.calls} calls{by_code})")
    if ledger.rejected:
        _print("rejected: " + ", ".join(f"{code} {count}" for code, count in ledger.reasons.items()))
    if ledger.faults:
        faults = ", ".join(f"{code} {count}" for code, count in sorted(ledger.faults.items()))
        _print(f"retried, nothing lost: {faults}")
    if ledger.native_count_accuracy is not None:
        _print(
            f"the model's own count accuracy: {ledger.native_count_accuracy:.0%}, "
            f"exact in {ledger.native_exact_calls or 0:.0%} of calls"
        )


def _knobs(knobs: Sequence[Outcome], heading: str) -> None:
    if knobs:
        _heading(heading)
        _print("\n".join(show_controls.lines(knobs)))


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
    _knobs(found.knobs, "Controls: target and achieved")
    _print("\n".join(terminal.lines(found)))
    written = [str(path) for path in (html, json_file, markdown) if path is not None]
    if folder is not None:
        written.append(str(folder / "report.html"))
    if written:
        _print(f"Report: {', '.join(written)}")
    else:
        _print("For the whole report add --html FILE, --json FILE or --markdown FILE", "dim")


# -------------------------------------------------------------------------------------- preview
def preview(seen: Preview, *, as_json: bool) -> None:
    """Print the plan, the first prompt, the sample rows and the forecast."""
    if as_json:
        say_json(
            {
                "n": seen.config.n,
                "plan": None if seen.plan is None else seen.plan.frame.head(20).to_dicts(),
                "knobs": [dataclasses.asdict(knob) for knob in seen.knobs],
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
    _knobs(seen.knobs, "Controls: target")
    if seen.shown:
        _shown(seen)
    if seen.request is None:
        _heading("No planned row has a text: code fills every column, and no model is needed")
    else:
        prompt = seen.request.prompt
        _heading(f"First prompt ({prompt.template}, shows real rows {list(prompt.shown)})")
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
        _print(f"slot {slot.index}: {_json({**slot.values, **targets})}", "dim")


# ----------------------------------------------------------------------------------------- runs
def runs(found: Sequence[Run], folder: Path | None, *, as_json: bool) -> None:
    """Print the runs in a folder, a line each."""
    if as_json:
        say_json([run.summary() for run in found])
        return
    if not found:
        _print(f"No runs in {folder or api.runs_folder()}.")
        return
    table = _table("run", "rows", "model", "mode", "reference", "created")
    for run in found:
        state = f"{run.ledger.accepted} of {run.ledger.asked}"
        created = run.manifest.created[:16].replace("T", " ")
        model = run.manifest.model.get("id", run.config.model) or "none needed"
        cells = (str(run.path), state, model, run.config.mode, run.manifest.source, created)
        table.add_row(*map(Text, cells))
    _out.print(table)


def run(opened: Run, *, as_json: bool) -> None:
    """Print a run's settings, its counts of rows and calls, and how it ended."""
    manifest = opened.manifest
    if as_json:
        say_json({**opened.summary(), "manifest": manifest.model_dump(mode="json")})
        return
    _first_line(str(opened.path), f": {opened.ledger.accepted} of {opened.ledger.asked} rows")
    model = manifest.model.get("id", "") or "no model: there was no text to write"
    _print(f"created {manifest.created} from {manifest.source} with {model}")
    settings = {k: v for k, v in manifest.config.items() if v not in (None, [], {}, False)}
    _print(", ".join(f"{k} {v}" for k, v in settings.items()))
    _ledger(opened.ledger)
    if not opened.exact:
        why = opened.stopped or "It was killed."
        _print(f"{why} Resume with: syngen runs resume {opened.path}")


def replay(found: dict[str, Any], *, as_json: bool) -> None:
    """Print a row's prompt, the real rows in it, the settings and the reply."""
    if as_json:
        say_json(found)
        return
    request, reply = found["request"], found["reply"]
    _heading("Row")
    _print(json.dumps(found["row"]["values"], ensure_ascii=False, indent=2))
    if request is None:
        _print("No model was needed: the row has no text, and code filled every column.")
        return
    prompt = request["prompt"]
    _heading(f"Prompt ({prompt['template']}, attempt {request['attempt']})")
    if prompt["system"]:
        _print(prompt["system"], "dim")
    _print(prompt["user"])
    _heading(f"Real rows shown: {prompt['shown']}")
    for row in found["shown"]:
        _print(_json(row), "dim")
    _heading(f"Settings ({request['model']})")
    _print(json.dumps(request["sampling"]))
    _heading(f"Reply ({reply['completion_tokens']} tokens, finished by {reply['finish']}, {reply['at']})")
    _print(reply["reply"])


# ------------------------------------------------------------------------------------------ fit
def fitted_in_short(made: Fitted) -> None:
    """Print on stderr which model will write the rows."""
    losses = made.manifest.losses
    line = (
        f"{made.fitted}: held-out loss {losses['fitted']:.2f}; its base with real rows in the prompt: "
        f"{losses['prompted']:.2f}"
    )
    if made.manifest.chosen == "prompted":
        line += f". That is no better, so {made.model} is used"
    say(f"{line}.")


def fitted(made: Fitted, *, as_json: bool) -> None:
    """Print a fitted model: its losses, its scores, how to use it."""
    manifest = made.manifest
    if as_json:
        where = {"model": made.model, "folder": str(made.folder), "reused": made.reused}
        say_json({**where, **manifest.model_dump()})
        return
    _first_line(made.fitted, f" in {made.folder}" + (" (reused)" if made.reused else ""))
    losses = ", ".join(f"{name} {loss:.2f}" for name, loss in manifest.losses.items())
    stopped = f", stopped: {manifest.stopped}" if manifest.stopped else ""
    _print(f"{manifest.rows:,} rows in {duration(manifest.seconds)}{stopped}. Held-out loss: {losses}.")
    if manifest.private:
        epsilon, delta = manifest.private["epsilon"], manifest.private["delta"]
        _print(f"Differential privacy of each training row: epsilon {epsilon:.2f}, delta {delta:.1e}.")
    if manifest.chosen == "prompted":
        _print(
            f"It is no better than {manifest.base} with real rows in its prompt: use --model {manifest.base}."
        )
    if manifest.scores:
        table = _table("score of written rows", "fitted", "its base", "real", "")
        for name, score in manifest.scores.items():
            numbers = (number(score[key]) for key in ("value", "prompted", "real"))
            table.add_row(name.replace("_", " "), *numbers, Text(score["verdict"]))
        _out.print(table)
    _print(f"Use it: syngen generate REFERENCE -n 500 --model {made.model}")
    if manifest.files == "gguf":
        _print(f"\nFor Ollama, {made.folder / 'Modelfile'}:")
        _print((made.folder / "Modelfile").read_text("utf-8"))
