"""Print how a run ended, the runs of a folder, and the origin of a row."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from syngen import api
from syngen.cli import show_controls
from syngen.cli.output import say, say_json
from syngen.cli.progress import steps_progress
from syngen.config import RunConfig
from syngen.evaluation.advice import next_step
from syngen.report import Report, terminal
from syngen.store.run import Run
from syngen.tables.write import formulas, lacking_encoding
from syngen.text.format import counted, dollars, duration, shortened
from syngen.types import Ledger, Outcome, Reference, Role

SAMPLE_ROWS = 3
_SHOWN = (Role.TEXT, Role.TITLE, Role.CATEGORY, Role.ORDINAL, Role.BOOLEAN)  # columns of the sample rows
_MOST_LABELS = 3

_out = Console(highlight=False, soft_wrap=True, markup=False)


def _print(text: str, style: str | None = None) -> None:
    _out.print(text, style=style)


def _heading(text: str) -> None:
    _out.print(f"\n{text}", style="bold")


# ------------------------------------------------------------------------------------ after a run
def finish(
    run: Run,
    reference: Reference | None = None,
    *,
    measure: bool,
    as_json: bool,
    verbose: bool = False,
    warnings: Sequence[str] = (),
) -> int:
    """Evaluate a run, print how it ended and what its rows are like; return the exit status: 0 when exact, else 3.

    Args:
        run: The run that ended.
        reference: What it was made from, when it is loaded already.
        measure: Write a report, if there is a row to measure.
        as_json: Print one JSON object.
        verbose: Print the ledger, the controls and the report's short form, too.
        warnings: What was said before the run; only printed as JSON.
    """
    report = None
    if measure and run.ledger.accepted:
        with steps_progress(run.path) as observe:
            report = api.evaluate_run(run, observe=observe, reference=reference)
    if as_json:
        controls = api.outcome(run, reference) if report is None else report.controls
        shown = {**run.summary(), "warnings": warnings, "controls": list(map(dataclasses.asdict, controls))}
        if report is not None:
            shown["report"] = str(run.path / "report.html")
            shown["overall"] = dataclasses.asdict(report.overall)
            shown["answers"] = [dataclasses.asdict(answer) for answer in report.answers]
        say_json(shown)
    elif verbose:
        _everything(run, report, api.outcome(run, reference) if report is None else report.controls)
    else:
        _in_short(run, report)
    return _ending(run)


def _in_short(run: Run, report: Report | None) -> None:
    """Print at most twelve lines: the rows, a verdict, what was rejected, where it is, what to do next."""
    _rows_in(run)
    for row in run.cells.head(SAMPLE_ROWS).iter_rows(named=True):
        _print(f"  {_row_in_short(row, run.manifest.roles)}", "dim")
    ledger, spent = run.ledger, [duration(run.seconds)]
    if ledger.calls:
        spent += [f"{run.tokens.total:,} tokens", dollars(run.cost_usd)]
    else:
        spent.append("no model was needed")
    if ledger.rejected:
        reasons = ", ".join(f"{reason} {count}" for reason, count in list(ledger.reasons.items())[:3])
        spent.append(f"{counted(sum(ledger.reasons.values()), 'row')} rejected ({reasons})")
    _print(", ".join(spent))
    if report is not None:
        _print(f"{report.overall.question} {report.overall.headline}.", "bold")
        _print(f"Report: {run.path / 'report.html'}")
        if run.exact:
            _print(f"Next: {next_step(report, run.config)}")


def _row_in_short(row: dict[str, Any], roles: dict[str, str]) -> str:
    """A row's labels and texts in one line, as wide as the terminal; whole where there is none."""
    of_role = {role: [name for name in row if roles.get(name) == role.value] for role in _SHOWN}
    texts = [*of_role[Role.TITLE], *of_role[Role.TEXT]]
    labels = [*of_role[Role.ORDINAL], *of_role[Role.CATEGORY], *of_role[Role.BOOLEAN]][:_MOST_LABELS]
    shown = [row[name] for name in (labels + texts if texts else list(row)) if row[name] is not None]
    line = terminal.clean(" · ".join(" ".join(str(cell).split()) for cell in shown))
    return shortened(line, _out.width - 3) if _out.is_terminal else line


def _rows_in(run: Run) -> None:
    rows = f"{run.ledger.accepted:,} of {run.ledger.asked:,} rows"
    _out.print(Text.assemble((rows, "bold"), f" in {run.output}"))


def _everything(run: Run, report: Report | None, controls: Sequence[Outcome]) -> None:
    _rows_in(run)
    _ledger(run.ledger)
    spent = run.tokens
    thinking = f" ({spent.thinking:,} of them thinking)" if spent.thinking else ""
    if run.ledger.calls or run.ledger.by_code < run.ledger.accepted:
        _print(
            f"{spent.read:,} tokens read, {spent.written:,} written{thinking}, {duration(run.seconds)}, "
            f"{dollars(run.cost_usd)}"
        )
    else:
        _print(f"no model was needed, {duration(run.seconds)}")
    if lines := show_controls.lines(controls):
        _heading("Controls: target and achieved")
        _print("\n".join(lines))
    if report is not None:
        _print("")
        _print("\n".join(terminal.lines(report)))
        _print(f"Report: {run.path / 'report.html'}")
    _print(f"Prompt and reply of a row: syngen runs replay {run.path} 1", "dim")


def complete(run: Run, *, as_json: bool) -> int:
    """Say that a run has all its rows already, and where."""
    if as_json:
        say_json(run.summary())
    else:
        _print(
            f"{run.path} is complete: {run.ledger.accepted:,} rows in {run.output}. Its report: syngen open"
        )
    return 0


def unfinished(run: Run | None) -> None:
    """Say on stderr that an earlier run of the same settings could be resumed."""
    if run is not None:
        say(
            f"note: {run.path} with these settings has {run.ledger.accepted:,} of {run.ledger.asked:,} rows; "
            "--resume goes on with it. This is a new run."
        )


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


# ----------------------------------------------------------------------------------------- runs
def runs(found: Sequence[Run], folder: Path | None, *, as_json: bool) -> None:
    """Print the runs in a folder, a line each."""
    if as_json:
        say_json([run.summary() for run in found])
        return
    if not found:
        _print(f"No runs in {folder or api.runs_folder()}.")
        return
    table = Table("run", "rows", "model", "mode", "reference", "created", box=None, padding=(0, 2, 0, 0))
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
    _out.print(
        Text.assemble(
            (str(opened.path), "bold"), f": {opened.ledger.accepted:,} of {opened.ledger.asked:,} rows"
        )
    )
    model = manifest.model.get("id", "") or "no model: there was no text to write"
    _print(f"created {manifest.created} from {manifest.source} with {model}")
    usual = RunConfig(n=opened.config.n).model_dump(mode="json")
    given = {
        name: value for name, value in opened.config.model_dump(mode="json").items() if value != usual[name]
    }
    settings = {"n": opened.config.n, "seed": opened.config.seed, **given}
    _print(", ".join(f"{name.replace('_', '-')} {_in_words(value)}" for name, value in settings.items()))
    _ledger(opened.ledger)
    if not opened.exact:
        why = opened.stopped or "It was killed."
        _print(f"{why} Resume with: syngen runs resume {opened.path}")


def _in_words(value: Any) -> str:
    """A setting as it is written on the command line."""
    if isinstance(value, dict):
        return " ".join(f"{name}={each}" for name, each in value.items())
    if isinstance(value, list):
        return ",".join(map(str, value))
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value) or "none"


def replay(found: dict[str, Any], *, as_json: bool) -> None:
    """Print a row's prompt, the real rows in it, the settings and the reply."""
    if as_json:
        say_json(found)
        return
    request, reply = found["request"], found["reply"]
    _heading(f"Row {found['row']['number']}")
    _print(json.dumps(found["row"]["values"], ensure_ascii=False, indent=2))
    if request is None:
        _print("No model was needed: the row has no text, and code filled every column.")
        return
    prompt = request["prompt"]
    _heading(f"Prompt ({prompt['template']}, attempt {request['attempt']})")
    if prompt["system"]:
        _print(prompt["system"], "dim")
    _print(prompt["user"])
    _heading(f"Real rows shown: {', '.join(map(str, found['shown_rows']))}")
    for row in found["shown"]:
        _print(json.dumps(row, ensure_ascii=False, default=str), "dim")
    _heading(f"Settings ({request['model']})")
    _print(json.dumps(request["sampling"]))
    _heading(f"Reply ({reply['completion_tokens']} tokens, finished by {reply['finish']}, {reply['at']})")
    _print(reply["reply"])
