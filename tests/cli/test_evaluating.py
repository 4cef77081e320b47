"""`syngen evaluate`, `syngen report`, and what `generate` says of its rows at the end."""

from __future__ import annotations

import io
import json
import random
from contextlib import redirect_stdout
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest

from syngen.cli.main import run
from syngen.data import sample
from writing import sentence

REAL = str(sample())
WRITER = ("--model", "function/writing:write")
FLAGS = {"json": "--json", "html": "--html", "md": "--markdown"}
REPLY = """Sure! Here are 10 new reviews:

| rating | title | text |
|---|---|---|
| 5 | Works | The kettle boils fast and the handle stays cool, so I use it every morning. |
| 4.7 | Fine | Cord is a bit short, but it does what it should and it was cheap. |
"""


class Measured(NamedTuple):
    """What `syngen evaluate` said, and the folder it wrote to."""

    out: str
    folder: Path


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """Every second real row held against all of them, in other words a table full of copies."""
    folder = tmp_path_factory.mktemp("measured")
    pl.read_csv(REAL)[::2].write_csv(folder / "half.csv")
    files = [word for end in ("json", "html", "md") for word in (FLAGS[end], str(folder / f"r.{end}"))]
    said = io.StringIO()
    with redirect_stdout(said):
        assert run(["evaluate", REAL, str(folder / "half.csv"), "--asked", "120", *files]) == 0
    return Measured(said.getvalue(), folder)


def test_evaluate_answers_the_three_questions(measured: Measured) -> None:
    out = measured.out
    assert "Can these rows be used? Not as they are" in out
    assert "Did it give the number asked for? Yes" in out
    assert "Did it stay on the category?" in out
    assert "Too similar: it copies real rows" in out


def test_evaluate_writes_every_form_of_the_report(measured: Measured) -> None:
    report = json.loads((measured.folder / "r.json").read_text("utf-8"))
    assert report["real"]["rows"] == 240
    assert report["synthetic"]["rows"] == 120
    assert set(report["count"]) >= {"asked", "returned", "valid", "accuracy"}
    assert set(report["drift"]) >= {"rate", "floor", "ci"}
    keys = {"name", "family", "value", "floor", "ci", "n", "verdict", "why_not"}
    assert all(set(score) >= keys for score in report["scores"])
    assert all((score["value"] is None) == bool(score["why_not"]) for score in report["scores"])
    copies = [f for f in report["findings"] if f["code"] == "rows.copied_from_reference"]
    assert len({row for f in copies for row in f["rows"]}) >= 110  # the others are stock phrases
    assert (measured.folder / "r.html").read_text("utf-8").startswith("<!doctype html>")
    assert (measured.folder / "r.md").read_text("utf-8").startswith("#")


def test_where_no_file_is_named_it_prints_json_or_says_how_to_get_a_page(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("reply.txt").write_text(REPLY, encoding="utf-8")
    assert run(["evaluate", REAL, "reply.txt", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["synthetic"]["rows"] == 2
    assert run(["evaluate", REAL, "reply.txt"]) == 0
    assert "--html FILE" in capsys.readouterr().out


def test_a_raw_reply_is_measured_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    Path("reply.txt").write_text(REPLY, encoding="utf-8")
    assert run(["evaluate", REAL, "reply.txt", "--asked", "10", "--json", "-"]) == 0
    report = json.loads(capsys.readouterr().out)
    codes = {finding["code"] for finding in report["findings"]}
    assert codes >= {
        "count.short",
        "format.preamble",
        "format.markdown_table",
        "format.missing_columns",
    }
    assert codes & {"column.wrong_type", "column.out_of_range", "column.unknown_value"}
    assert report["count"]["returned"] == 2
    assert report["overall"]["level"] == "bad"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["evaluate", REAL, "nowhere.csv"], "nowhere.csv"),
        (["evaluate", "nowhere.csv", REAL], "nowhere.csv"),
        (["evaluate", REAL, REAL, "--encoder", "no/such/folder"], "no/such/folder"),
        (["evaluate", REAL, REAL, "--score", "wow"], "mauve"),
        (["evaluate", REAL, REAL, "--asked", "0"], "asked"),
        (["evaluate", REAL], "SYNTHETIC"),
        (["evaluate", REAL, REAL, "--html", "no/such/r.html"], "no/such"),
        (["report", "nowhere"], "nowhere"),
    ],
)
def test_bad_input_gets_one_sentence_and_status_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    error = capsys.readouterr().err.strip()
    assert error.startswith("syngen: ")
    assert said in error
    assert "Traceback" not in error


def test_generate_ends_with_the_answers_and_a_report_in_the_run_folder(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["generate", REAL, "-n", "24", "--run", "r", *WRITER]) == 0
    out = capsys.readouterr().out
    assert "Can these rows be used?" in out
    assert str(Path("r/report.html")) in out
    assert json.loads(Path("r/report.json").read_text("utf-8"))["count"]["asked"] == 24
    assert run(["runs", "show", "r"]) == 0  # the report is no foreign file in the folder


def test_generate_tells_programs_the_answers_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["generate", REAL, "-n", "6", "--run", "r", *WRITER, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["exact"] is True
    assert Path(told["report"]).exists()
    assert told["answers"][0]["level"] == "good"


def test_no_report_leaves_it_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["generate", REAL, "-n", "6", "--run", "r", *WRITER, "--no-report"]) == 0
    assert "Can these rows be used?" not in capsys.readouterr().out
    assert not Path("r/report.html").exists()


def test_report_measures_a_run_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["generate", REAL, "-n", "6", "--run", "r", *WRITER, "--no-report"]) == 0
    capsys.readouterr()
    assert run(["report", "r", "--html", "mine.html"]) == 0
    assert "6 of 6" in capsys.readouterr().out
    assert Path("mine.html").exists()
    assert Path("r/report.html").exists()


def test_a_run_without_a_row_has_no_report_and_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("silent.py").write_text("def answer(request):\n    return 'I would rather not.'\n")
    monkeypatch.syspath_prepend(".")
    assert run(["generate", REAL, "-n", "6", "--run", "r", "--model", "function/silent:answer"]) == 3
    assert not Path("r/report.html").exists()
    assert run(["report", "r"]) == 2
    assert "no row" in capsys.readouterr().err


def test_markers_of_the_reference_are_no_fault_of_a_table_written_like_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    chance = random.Random(3)
    rows = [
        f"{chance.choice(['NA', '4', '5'])},{chance.choice(['NA', 'red', 'blue'])},{sentence(chance, 12)}"
        for _ in range(80)
    ]
    for name, some in (("real.csv", rows[:60]), ("new.csv", rows[60:])):
        Path(name).write_text("\n".join(["size,colour,note", *some]) + "\n", "utf-8")
    assert run(["evaluate", "real.csv", "new.csv", "--json", "eval.json"]) == 0
    capsys.readouterr()
    found = json.loads(Path("eval.json").read_text("utf-8"))["findings"]
    assert not [finding for finding in found if "read as missing" in json.dumps(finding)]
