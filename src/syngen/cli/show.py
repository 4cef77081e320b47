"""Results for people and, as one JSON object, for programs."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from syngen.cli.output import say, say_json
from syngen.errors import OutputError
from syngen.tables.write import formulas
from syngen.text.format import dollars, duration
from syngen.text.language import language_of

if TYPE_CHECKING:
    from syngen.engine.preview import Preview
    from syngen.evaluation.controls import Outcome
    from syngen.report import Report
    from syngen.store.run import Run
    from syngen.types import ColumnProfile, Ledger, Reference, TextTarget

_out = Console(highlight=False, soft_wrap=True)


def notes(reference: Reference) -> None:
    """What had to be done to read a reference, on stderr."""
    for note in reference.notes:
        say(f"note: {note}")


# ------------------------------------------------------------------------------------- generate
def result(done: Run, report: Report | None, knobs: Sequence[Outcome], *, as_json: bool) -> int:
    """How a run ended and what its rows are like; the exit status: 0 when exact, else 3."""
    if as_json:
        told = {"knobs": [dataclasses.asdict(knob) for knob in knobs]}
        say_json({**done.summary(), **told, **_report_in_short(done, report)})
    else:
        spent = done.tokens
        thinking = f" ({spent.thinking:,} of them thinking)" if spent.thinking else ""
        _out.print(
            f"[bold]{done.ledger.accepted} of {done.ledger.asked} rows[/] in {escape(str(done.output))}"
        )
        _ledger(done.ledger)
        _out.print(
            f"{spent.read:,} tokens read, {spent.written:,} written{thinking}, {duration(done.seconds)}, "
            f"{dollars(done.cost_usd)}"
        )
        _knob_lines(knobs, "Wanted / got")
        if report is not None:
            _out.print()
            _report_lines(report)
            _out.print(f"Report: {escape(str(done.path / 'report.html'))}")
        _out.print(f"How a row came about: syngen runs replay {escape(str(done.path))} 0", style="dim")
    if not done.manifest.excel_safe and (cells := formulas(done.rows)):
        say(f"{cells} texts begin like a spreadsheet formula; --excel-safe neutralises them in CSV.")
    if done.exact:
        return 0
    say(
        f"Stopped at {done.ledger.accepted} of {done.ledger.asked} rows. {done.stopped} What there is, is in "
        f"{done.output}; go on with: syngen runs resume {done.path}{_more(done.stopped)}"
    )
    return 3


def _more(stopped: str) -> str:
    """The option that lets a run go on beyond the limit that stopped it; a time limit starts anew anyway."""
    return next((f" {option} MORE" for option in ("--max-tokens", "--max-cost") if option in stopped), "")


def _report_in_short(done: Run, report: Report | None) -> dict[str, Any]:
    """What `generate --json` says of the report."""
    if report is None:
        return {}
    return {
        "report": str(done.path / "report.html"),
        "overall": dataclasses.asdict(report.overall),
        "answers": [dataclasses.asdict(answer) for answer in report.answers],
    }


def _report_lines(report: Report) -> None:
    from syngen.report.terminal import lines

    for line in lines(report):
        _out.print(escape(line))


def _knob_lines(knobs: Sequence[Outcome], heading: str) -> None:
    from syngen.cli.show_controls import lines

    if knobs:
        _heading(heading)
        _out.print(escape("\n".join(lines(knobs))))


def check_places(*paths: Path | None) -> None:
    """That files can be written there, before the work begins.

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
    markdown: Path | None,
    folder: Path | None = None,
) -> None:
    """An evaluation: its short form, and the files asked for."""
    if html is not None:
        found.to_html(html)
    if markdown is not None:
        found.to_markdown(markdown)
    if json_file == "-":
        say_json(found.to_dict())
        return
    if json_file is not None:
        found.to_json(json_file)
    _knob_lines(found.knobs, "Wanted / got")
    _report_lines(found)
    written = [str(path) for path in (html, json_file, markdown) if path is not None]
    if folder is not None:
        written.append(str(folder / "report.html"))
    if written:
        _out.print(f"Report: {escape(', '.join(written))}")
    else:
        _out.print("The whole report: add --html FILE, --json FILE or --markdown FILE", style="dim")


def _ledger(ledger: Ledger) -> None:
    steps = ("asked", "returned", "parsed", "valid", "new", "accepted")
    chain = " → ".join(f"{step} {getattr(ledger, step)}" for step in steps)
    _out.print(f"{chain} ({ledger.calls} calls)")
    if ledger.rejected:
        reasons = sorted(ledger.rejected.items(), key=lambda pair: -pair[1])
        _out.print("rejected: " + ", ".join(f"{code} {count}" for code, count in reasons))
    if ledger.faults:
        told = ", ".join(f"{code} {count}" for code, count in sorted(ledger.faults.items()))
        _out.print(f"tried again, nothing lost: {told}")
    if ledger.native_count_accuracy is not None:
        _out.print(
            f"the model's own count accuracy: {ledger.native_count_accuracy:.0%}, "
            f"exact in {ledger.native_exact_calls or 0:.0%} of calls"
        )


# -------------------------------------------------------------------------------------- profile
def profile(reference: Reference, *, as_json: bool) -> None:
    """What was learnt of a reference."""
    learnt = reference.profile
    if as_json:
        split = {"train": len(reference.train), "held_out": len(reference.held_out)}
        notes = [*reference.notes, *learnt.notes]
        content = {**dataclasses.asdict(learnt), "notes": notes, "source": reference.source}
        content["languages"] = {
            column.name: language_of(reference.frame[column.name].drop_nulls().to_list())
            for column in learnt.written
        }
        say_json({**content, "digest": reference.digest, **split})
        return
    about = learnt.domain.removeprefix("terms: ") or "?"
    _out.print(f"[bold]{escape(reference.source)}[/]: {learnt.rows:,} rows, about {escape(about)}")
    table = Table("column", "role", "distinct", "missing", "what", box=None, padding=(0, 2, 0, 0))
    for column in learnt.columns:
        missing = f"{column.missing_share:.0%}" if column.missing else ""
        cells = (column.name, column.role.value, f"{column.distinct:,}", missing, what(column))
        table.add_row(*map(escape, cells))
    _out.print(table)
    for note in (*reference.notes, *learnt.notes):
        _out.print(f"note: {escape(note)}")
    _out.print(
        f"split: {len(reference.train):,} rows to show and plan from, {len(reference.held_out):,} held out"
    )
    wrong = "If a role is wrong: --role COLUMN=ROLE, or --text-column COLUMN"
    _out.print(wrong, style="dim")


def what(column: ColumnProfile) -> str:
    """A column's content in a few words."""
    if column.text is not None:
        low, _, middle, _, high = column.text.words
        said = f"{low:.0f}–{high:.0f} words (median {middle:.0f})"
        said += f", grade {column.text.grade[2]:.1f}" if column.text.grade else ""
        often = [f"“{text}” {share:.0%}" for text, share in column.text.openings[:2] if share >= 0.02]
        return f"{said}, opens {', '.join(often)}" if often else said
    if column.identifier is not None:
        once = column.identifier.repeats[0]
        return f"{column.identifier.shown}, {once:.0%} occur once"
    if column.derived is not None:
        return column.why
    if column.values and len(column.values) <= 12:
        return ", ".join(f"{value} {count / column.rows:.0%}" for value, count in column.values[:6])
    if column.values and column.low is None:
        return ", ".join(f"{value}" for value, _ in column.values[:4]) + ", …"
    if column.low is not None:
        length = 16 if column.time else None  # of a point in time, up to its minutes
        return f"{str(column.low)[:length]} … {str(column.high)[:length]}"
    return ""


# -------------------------------------------------------------------------------------- preview
def preview(seen: Preview, *, as_json: bool) -> None:
    """Plan, first prompt, a few rows, forecast."""
    if as_json:
        say_json(
            {
                "n": seen.config.n,
                "plan": None if seen.plan is None else seen.plan.frame.head(20).to_dicts(),
                "knobs": [dataclasses.asdict(knob) for knob in seen.knobs],
                "request": dataclasses.asdict(seen.request),
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
    if seen.plan is not None:
        _heading(f"Plan: {seen.config.n:,} rows")
        _plan(seen)
    _knob_lines(seen.knobs, "What the knobs want")
    _heading(
        f"First prompt ({seen.request.prompt.template}, shows real rows {list(seen.request.prompt.shown)})"
    )
    if seen.request.prompt.system:
        _out.print(escape(seen.request.prompt.system), style="dim")
    _out.print(escape(seen.request.prompt.user))
    if seen.rows is None or seen.ledger is None:
        return
    _heading(f"{seen.ledger.accepted} rows, of {seen.ledger.returned} the model gave")
    for row in seen.rows.iter_rows(named=True):
        _out.print(escape(json.dumps(row, ensure_ascii=False, default=str)))
    if seen.tokens and seen.seconds is not None:
        _heading(f"Forecast for {seen.config.n:,} rows, from these few")
        tokens = f"{seen.tokens.read:,} tokens read, {seen.tokens.written:,} written"
        if seen.within is not None:
            low, high = (seen.tokens.total * factor for factor in seen.within)
            tokens += f" (together {low:,.0f} to {high:,.0f}, 95 %)"
        _out.print(f"{tokens}, at most {duration(seen.seconds)}")
        cost = dollars(seen.cost_usd)
        if seen.cost_within is not None and seen.cost_usd:
            cost += f" ({dollars(seen.cost_within[0])} to {dollars(seen.cost_within[1])})"
        _out.print(f"{cost}, prices: {escape(seen.price_source)}" if seen.price_source else cost)


def _plan(seen: Preview) -> None:
    """Wanted beside real for what people check first, then the first slots."""
    plan, reference = seen.plan, seen.reference
    if plan is None:
        return
    values = plan.values()
    for column in reference.profile.columns:
        if column.name in values.columns and column.values and len(column.values) <= 12:
            wanted = dict(values[column.name].value_counts().iter_rows())
            pairs = [
                f"{value} {wanted.get(value, 0) / len(plan):.0%} (real {count / column.rows:.0%})"
                for value, count in column.values[:6]
            ]
            _out.print(f"{escape(column.name)}: {escape(', '.join(pairs))}")
    for column in reference.profile.written:
        if column == reference.profile.main_text:
            continue  # the knobs tell of it
        words = plan.frame["texts"].struct.field(column.name).struct.field("words")
        quantiles = [f"{words.quantile(q) or 0:.0f}" for q in (0.05, 0.25, 0.5, 0.75, 0.95)]
        real = [f"{w:.0f}" for w in column.text.words] if column.text else []
        _out.print(f"{escape(column.name)}: words {' · '.join(quantiles)} (real {' · '.join(real)})")
    for slot in plan.slots(range(min(3, len(plan)))):
        targets = {name: _told(target) for name, target in slot.texts.items()}
        line = json.dumps({**slot.values, **targets}, ensure_ascii=False, default=str)
        _out.print(f"slot {slot.index}: {escape(line)}", style="dim")


def _told(target: TextTarget) -> dict[str, Any]:
    """A target without what it leaves open."""
    return {name: value for name, value in dataclasses.asdict(target).items() if value not in (None, (), "")}


def _heading(text: str) -> None:
    _out.print(f"\n[bold]{escape(text)}[/]")


# ----------------------------------------------------------------------------------------- runs
def runs(found: Sequence[Run], folder: Path, *, as_json: bool) -> None:
    """The runs in a folder, a line each."""
    if as_json:
        say_json([run.summary() for run in found])
        return
    if not found:
        _out.print(f"No runs in {escape(str(folder))}.")
        return
    table = Table("run", "rows", "model", "mode", "reference", "made", box=None, padding=(0, 2, 0, 0))
    for run in found:
        state = f"{run.ledger.accepted} of {run.ledger.asked}"
        made = run.manifest.created[:16].replace("T", " ")
        cells = (str(run.path), state, run.config.model, run.config.mode, run.manifest.source, made)
        table.add_row(*map(escape, cells))
    _out.print(table)


def run(opened: Run, *, as_json: bool) -> None:
    """What a run asked for and what it got."""
    if as_json:
        say_json({**opened.summary(), "manifest": opened.manifest.model_dump(mode="json")})
        return
    manifest = opened.manifest
    _out.print(f"[bold]{escape(str(opened.path))}[/]: {opened.ledger.accepted} of {opened.ledger.asked} rows")
    _out.print(
        f"made {manifest.created} from {escape(manifest.source)} with {escape(manifest.model.get('id', ''))}"
    )
    settings = {k: v for k, v in manifest.config.items() if v not in (None, [], {}, False)}
    _out.print(escape(", ".join(f"{k} {v}" for k, v in settings.items())))
    _ledger(opened.ledger)
    if not opened.exact:
        why = opened.stopped or "It was cut off."
        _out.print(f"{escape(why)} Go on with: syngen runs resume {escape(str(opened.path))}")


def replay(content: dict[str, Any], *, as_json: bool) -> None:
    """How a row came about."""
    if as_json:
        say_json(content)
        return
    request = content["request"]
    _heading("Row")
    _out.print(escape(json.dumps(content["row"]["values"], ensure_ascii=False, indent=2)))
    _heading(f"Prompt ({request['prompt']['template']}, attempt {request['attempt']})")
    if request["prompt"]["system"]:
        _out.print(escape(request["prompt"]["system"]), style="dim")
    _out.print(escape(request["prompt"]["user"]))
    _heading(f"Real rows shown: {request['prompt']['shown']}")
    for row in content["shown"]:
        _out.print(escape(json.dumps(row, ensure_ascii=False, default=str)), style="dim")
    _heading(f"Settings ({request['model']})")
    _out.print(escape(json.dumps(request["sampling"])))
    reply = content["reply"]
    _heading(f"Reply ({reply['completion_tokens']} tokens, finished by {reply['finish']}, {reply['at']})")
    _out.print(escape(reply["reply"]))
