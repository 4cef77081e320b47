"""Run folders that version 0.1.0 made: they are opened, listed, shown, replayed, exported, resumed and reported."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

import syngen as public
from golden import RUNS, check, digest, masked, shape, syngen

FOLDERS = ("finished", "interrupted", "native")


@pytest.fixture(autouse=True)
def _folders() -> None:
    """A copy of the stored run folders, in the current folder."""
    for name in FOLDERS:
        shutil.copytree(RUNS / name, Path("runs") / name)


def test_old_runs_are_listed() -> None:
    listed = syngen("runs", "list", "--json").json
    assert [run.path.name for run in public.list_runs()] == [Path(one["run"]).name for one in listed]
    check("runs_list", masked(listed))


@pytest.mark.parametrize("name", FOLDERS)
def test_an_old_run_is_shown_and_replayed(name: str) -> None:
    run = f"runs/{name}"
    opened = public.open_run(run)
    shown = syngen("runs", "show", run, "--json").json
    replayed = syngen("runs", "replay", run, opened.ledger.accepted, "--json").json
    values = {"rows": opened.rows.to_dicts(), "rows_digest": digest(opened.rows.to_dicts())}
    check(f"run_{name}", {"show": masked(shown), "replay": masked(replayed), **values})


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_an_old_run_is_exported(ending: str) -> None:
    file = Path(f"made.{ending}")
    syngen("runs", "export", "runs/finished", "-o", file)
    if ending == "parquet":
        read = pl.read_parquet(file)
        check("export_parquet", {"types": list(map(str, read.dtypes)), "rows": read.to_dicts()})
    else:
        check(f"export_{ending}", file.read_text("utf-8").split("\n"))


def test_an_old_run_is_resumed() -> None:
    answer = syngen("runs", "resume", "runs/interrupted", "--no-report", "--json")
    run = public.open_run("runs/interrupted")
    assert run.exact
    rows = run.rows.to_dicts()
    check("resumed", {"resume": masked(answer.json), "rows": rows, "rows_digest": digest(rows)})


def test_an_old_run_that_is_complete_is_left_as_it_is() -> None:
    before = public.open_run("runs/finished").ledger
    assert public.resume("runs/finished").ledger == before


def test_an_old_run_is_reported() -> None:
    told = syngen("report", "runs/finished", "--json").json
    assert Path("runs/finished/report.html").exists()
    scores = sorted((one["family"], one["name"], one["column"]) for one in told["scores"])
    check("report", {"shape": shape({**told, "pictures": None}), "scores": scores, "count": told["count"]})
