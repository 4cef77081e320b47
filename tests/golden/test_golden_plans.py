"""What a seed fixes: what is learnt of three tables, the plan, the prompts and the rows of a model that repeats."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import golden_tables
import pytest

import syngen as public
from golden import check, digest, masked, syngen

HERE = Path()
WRITER = "function/golden_writer:planned"
TABLES = {
    "reviews": (golden_tables.reviews, ()),
    "tickets": (
        golden_tables.tickets,
        ("--strategy", "length,diversity", "--length", "short", "--rows-per-call", "3"),
    ),
    "talks": (
        golden_tables.talks,
        ("--no-category", "--complexity", "simple", "--diversity", "high", "--seed", "7"),
    ),
}


@pytest.mark.parametrize("table", TABLES)
def test_a_table_is_seen_as_before(table: str) -> None:
    source = TABLES[table][0](HERE)
    seen = syngen("profile", source, "--json").json
    check(f"profile_{table}", {**masked(seen), "digest": seen["digest"]})
    assert [column.name for column in public.profile(source).columns] == [c["name"] for c in seen["columns"]]


@pytest.mark.parametrize("table", TABLES)
def test_a_seed_gives_the_same_plan_and_prompts(table: str) -> None:
    make, settings = TABLES[table]
    source = make(HERE)
    asked = (source, "-n", 20, "--model", WRITER, *settings)
    seen = syngen("preview", *asked, "--json").json
    plan, rows = seen.pop("plan"), seen.pop("rows")
    seen["forecast"]["within"] = seen["forecast"]["cost_usd_within"] = None
    syngen("generate", *asked, "--run", "run", "--no-report")
    calls = [syngen("runs", "replay", "run", row + 1, "--json").json for row in range(20)]
    made = public.open_run("run").rows.to_dicts()
    value = {
        "plan_digest": digest(plan),
        "plan": plan,
        "preview": {**masked(seen), "rows": rows},
        "prompt_digests": [digest(call["request"]["prompt"]) for call in calls],
        "prompts_last": calls[-1]["request"]["prompt"],
        "replay_first": masked(calls[0]),
        "fingerprints": [call["fingerprint"][:12] for call in calls],
        "rows_digest": digest(made),
        "rows": made,
    }
    check(f"plan_{table}", value)


def test_native_prompts_repeat_too() -> None:
    source = golden_tables.tickets(HERE)
    asked = (source, "-n", 9, "--mode", "native", "--rows-per-call", 6)
    model = ("--model", "function/golden_writer:native", "--run", "run", "--seed", 3)
    made = syngen("generate", *asked, *model, "--json").json
    assert Path(made["report"]).stat().st_size
    calls = [syngen("runs", "replay", "run", row, "--json").json for row in (1, 9)]
    check("plan_native", {"generate": masked(made), "replay": masked(calls)})


def test_python_gives_what_the_command_line_gives() -> None:
    source = golden_tables.talks(HERE)
    asked = (source, "-n", 4, "--model", WRITER, "--seed", 2, "--length", "short")
    told = syngen("generate", *asked, "--run", "told", "--no-report", "-o", "told.csv", "--json").json
    reference = public.load(source)
    run = public.generate(reference, 4, model=WRITER, seed=2, length="short", run="made", output="made.csv")
    assert Path("made.csv").read_text("utf-8") == Path("told.csv").read_text("utf-8")
    assert json.loads(json.dumps(dataclasses.asdict(run.ledger))) == told["ledger"]
    assert (run.exact, run.stopped, run.cost_usd, run.path) == (True, "", 0.0, Path("made"))
    assert run.to_pandas().equals(public.open_run("told").to_pandas())
    assert (
        json.loads(json.dumps([dataclasses.asdict(one) for one in public.outcome(run)])) == told["controls"]
    )
    seen = public.preview(source, 4, model=WRITER, seed=2, length="short", rows=0)
    shown = syngen("preview", *asked, "--samples", 0, "--json").json
    assert json.loads(json.dumps(dataclasses.asdict(seen.request))) == shown["request"]
    check("generate", masked(told))
