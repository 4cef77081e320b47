"""Rows and tables without a text: code completes them, no model is asked, and the ledger says so."""

from __future__ import annotations

import json
import random
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

import syngen
from syngen.cli.main import run as command
from syngen.engine import by_code
from syngen.models.providers.function import FunctionModel
from syngen.types import Reference, Request
from writing import sentence


def tickets(rows: int = 240, every: int = 6) -> pl.DataFrame:
    """Tickets of which one of `every` has a text."""
    chance = random.Random(7)
    return pl.DataFrame(
        {
            "channel": [("web", "web", "phone")[i % 3] for i in range(rows)],
            "amount": [round(chance.uniform(5, 900), 2) for _ in range(rows)],
            "day": [date(2024, 1, 1) + timedelta(days=chance.randrange(300)) for _ in range(rows)],
            "comment": [sentence(chance, 14) if i % every == 0 else None for i in range(rows)],
        }
    )


@pytest.fixture(scope="module")
def few() -> Reference:
    """One row of six has a text."""
    return syngen.load(tickets())


@pytest.fixture(scope="module")
def none() -> Reference:
    """No column holds text."""
    return syngen.load(tickets().drop("comment"))


def refusing(_: Request) -> str:
    raise AssertionError("no model was to be asked")


def test_only_rows_with_a_text_are_asked_of_the_model(few: Reference, writer: FunctionModel) -> None:
    run = syngen.generate(few, 60, model=writer)
    assert run.exact
    assert run.rows.schema == few.frame.schema
    written = run.rows["comment"].is_not_null().sum()
    assert written == pytest.approx(10, abs=2)
    assert run.ledger.requested == run.ledger.calls == written
    assert run.ledger.by_code == 60 - written
    assert set(run.ledger.steps.values()) == {60}


def test_only_with_text_asks_for_every_row(few: Reference, writer: FunctionModel) -> None:
    run = syngen.generate(few, 12, model=writer, only_with_text=True)
    assert run.rows["comment"].null_count() == run.ledger.by_code == 0


def test_the_rows_shown_have_a_text(few: Reference, writer: FunctionModel) -> None:
    run = syngen.generate(few, 60, model=writer)
    prompts = [run.replay(row + 1) for row in range(60)]
    shown = [row for found in prompts if found["request"] for row in found["shown"]]
    assert shown
    assert all(row["comment"] for row in shown)


def test_a_row_that_needed_no_model_is_replayed_without_a_request(
    few: Reference, writer: FunctionModel, capsys: pytest.CaptureFixture[str]
) -> None:
    run = syngen.generate(few, 12, model=writer)
    row = run.rows["comment"].is_null().arg_true()[0]
    assert run.replay(row + 1)["request"] is None
    assert command(["runs", "replay", str(run.path), str(row + 1)]) == 0
    assert "No model was needed" in capsys.readouterr().out


def test_a_run_that_was_stopped_has_its_rows_without_text_and_is_resumed(
    few: Reference, writer: FunctionModel
) -> None:
    run = syngen.generate(few, 60, model=writer, max_tokens=1)
    assert not run.exact
    assert run.ledger.by_code > 40
    done = syngen.resume(run.path, model=writer, max_tokens=10**9)
    assert done.exact
    assert done.ledger.by_code == run.ledger.by_code
    assert done.rows.height == 60


def test_a_run_killed_among_its_rows_without_text_is_resumed(
    few: Reference, writer: FunctionModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_code, "BATCH", 7)

    def killed(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        syngen.generate(few, 60, model=writer, run="killed", observe=killed)
    assert syngen.open_run("killed").ledger.accepted == 7
    whole = syngen.generate(few, 60, model=writer).rows
    assert syngen.resume("killed", model=writer).rows.equals(whole)


def test_oversampling_keeps_the_share_of_rows_without_a_text(few: Reference, writer: FunctionModel) -> None:
    run = syngen.generate(few, 60, model=writer, select=1.5)
    assert run.exact
    assert run.rows["comment"].is_not_null().sum() == pytest.approx(10, abs=1)
    assert run.rows["channel"].value_counts(sort=True)["count"].to_list() == pytest.approx([40, 20], abs=3)


def test_oversampling_is_not_done_with_the_rows_without_text_alone(
    few: Reference, writer: FunctionModel
) -> None:
    run = syngen.generate(few, 60, model=writer, select=3, max_tokens=1)
    assert run.ledger.by_code > 60
    assert not run.exact


def test_the_forecast_counts_rows_with_a_text_only(few: Reference, writer: FunctionModel) -> None:
    seen = syngen.preview(few, 600, model=writer)
    everything = syngen.preview(few, 600, model=writer, only_with_text=True)
    assert seen.rows is not None
    assert seen.rows["comment"].null_count() == 0
    assert seen.tokens is not None
    assert everything.tokens is not None
    assert everything.tokens.total / seen.tokens.total == pytest.approx(6, rel=0.2)


def test_a_title_without_a_text_is_asked_for_by_rows_like_it(writer: FunctionModel) -> None:
    chance = random.Random(3)
    frame = pl.DataFrame(
        {
            "stars": [1 + i % 5 for i in range(200)],
            "title": [sentence(chance, 4) if i % 2 == 0 else None for i in range(200)],
            "text": [sentence(chance, 25) if i % 8 == 0 else None for i in range(200)],
        }
    )
    real = syngen.load(frame, roles={"title": "title", "text": "text"})
    run = syngen.generate(real, 40, model=writer)
    assert run.exact
    asked = [found for row in range(40) if (found := run.replay(row + 1))["request"]]
    alone = [found for found in asked if list(found["request"]["schema"]["properties"]) == ["title"]]
    assert len(alone) == pytest.approx(15, abs=3)
    like = [row["text"] is None for found in alone for row in found["shown"]]
    assert sum(like) > 0.6 * len(like)


# ------------------------------------------------------------------------------ tables without text
def test_a_table_without_text_needs_no_model(none: Reference) -> None:
    run = syngen.generate(none, 500, model="ollama/nowhere", base_url="http://127.0.0.1:9", output="new.csv")
    assert run.exact
    assert run.rows.schema == none.frame.schema
    assert run.ledger.calls == 0
    assert run.ledger.by_code == 500
    assert run.summary()["model"] is None
    assert run.cost_usd == 0
    assert pl.read_csv("new.csv").height == 500
    assert not set(run.rows["amount"]) <= set(none.frame["amount"])


def test_a_table_without_text_is_repeated_by_its_seed_and_resumed(none: Reference) -> None:
    first, again, other = (
        syngen.generate(none, 30, seed=seed, model=FunctionModel(refusing)) for seed in (1, 1, 2)
    )
    assert first.rows.equals(again.rows)
    assert not first.rows.equals(other.rows)
    assert syngen.resume(first.path).rows.equals(first.rows)


def test_controls_and_oversampling_do_no_harm_where_there_is_no_text(none: Reference) -> None:
    settings = {"length": "short", "complexity": "simple", "diversity": "high", "select": 2.0}
    assert syngen.generate(none, 40, **settings).exact


def test_a_table_without_text_is_measured_but_for_its_texts(none: Reference) -> None:
    report = syngen.evaluate_run(syngen.generate(none, 200))
    scores = {(score.name, score.column): score for score in report.scores}
    assert scores["c2st_tfidf", ""].why_not == "the table has no text column"
    assert any(score.value is not None and score.column == "amount" for score in report.scores)
    assert report.count.returned == 200
    assert (Path(report.to_html("report.html"))).exists()


def test_any_table_is_compared_with_one_without_text(none: Reference) -> None:
    report = syngen.evaluate(none, none.frame.sample(100, seed=1), asked=100)
    assert report.count.accuracy == 1
    assert any(finding.code == "rows.copied_from_reference" for finding in report.findings)


def test_the_commands_say_that_no_model_is_needed(
    none: Reference, capsys: pytest.CaptureFixture[str]
) -> None:
    none.frame.write_csv("orders.csv")
    unreachable = ["--model", "ollama/nowhere", "--base-url", "http://127.0.0.1:9"]
    assert command(["preview", "orders.csv", "-n", "20", *unreachable]) == 0
    assert "no model is needed" in capsys.readouterr().out
    assert command(["generate", "orders.csv", "-n", "20", "-o", "new.csv", *unreachable]) == 0
    assert "no model was needed" in capsys.readouterr().out
    assert command(["generate", "orders.csv", "-n", "20", "--json", "--no-report"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["ledger"]["by_code"] == found["accepted"] == 20
    assert command(["profile", "orders.csv"]) == 0
    assert "no model is needed" in capsys.readouterr().out


def test_native_mode_needs_a_text(none: Reference, capsys: pytest.CaptureFixture[str]) -> None:
    none.frame.write_csv("orders.csv")
    assert command(["generate", "orders.csv", "-n", "5", "--mode", "native"]) == 2
    assert "no text column" in capsys.readouterr().err


# -------------------------------------------------------------------------------------- native mode
def native(request: Request) -> str:
    """Ten rows, of which the last two have a text."""
    chance = random.Random(request.sampling.seed)
    lines = [
        f"web,{chance.uniform(5, 900):.2f},2024-0{chance.randrange(1, 9)}-{chance.randrange(10, 28)},"
        + (sentence(chance, 14) if i > 7 else "")
        for i in range(10)
    ]
    return "\n".join(["channel,amount,day,comment", *lines])


def test_a_native_row_may_lack_its_text_as_real_rows_do(few: Reference) -> None:
    run = syngen.generate(few, 30, model=FunctionModel(native), mode="native")
    assert run.exact
    assert run.rows["comment"].null_count() == 24
    texts = syngen.generate(few, 6, model=FunctionModel(native), mode="native", only_with_text=True)
    assert texts.exact
    assert texts.rows["comment"].null_count() == 0


def test_native_mode_shows_a_row_with_a_text(few: Reference) -> None:
    run = syngen.generate(few, 30, model=FunctionModel(native), mode="native")
    for row in range(30):
        assert any(shown["comment"] for shown in run.replay(row + 1)["shown"])


def test_a_native_row_without_text_is_no_copy_of_a_real_one(few: Reference) -> None:
    real = few.frame.filter(pl.col("comment").is_null()).row(0, named=True)
    copied = f"{real['channel']},{real['amount']},{real['day']},"

    def copying(request: Request) -> str:
        return native(request).replace("\n", f"\n{copied}\n", 1)

    run = syngen.generate(few, 20, model=FunctionModel(copying), mode="native")
    assert run.exact
    assert sum(run.ledger.rejected.get(f"new.{why}", 0) for why in ("copied_reference", "copied_shown")) > 0


def test_native_rows_of_labels_alone_may_repeat_real_rows() -> None:
    chance = random.Random(5)
    frame = pl.DataFrame(
        {
            "region": [("north", "south")[i % 2] for i in range(80)],
            "grade": [("a", "b", "c", "c")[i % 4] for i in range(80)],
            "comment": [sentence(chance, 12) if i % 4 == 0 else None for i in range(80)],
        }
    )

    def labels(_: Request) -> str:
        return "region,grade,comment\n" + "\n".join(["south,b,", "north,c,"] * 5)

    run = syngen.generate(syngen.load(frame), 10, model=FunctionModel(labels), mode="native")
    assert run.exact
    assert run.ledger.calls == 1
