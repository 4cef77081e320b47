"""The command line keeps the contract: statuses, one JSON object, one clear sentence for bad input."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import polars as pl
import pytest

from syngen.cli.main import run
from syngen.config import RunConfig
from syngen.data import sample

WRITER = ("--model", "function/writing:write")
QUICK = (*WRITER, "--no-report")
REAL = str(sample())


def test_generate_writes_exactly_n_rows_and_says_so_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["generate", REAL, "-n", "12", "-o", "o.csv", *QUICK, "--seed", "1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert pl.read_csv("o.csv").height == 12
    assert pl.read_csv("o.csv").columns == pl.read_csv(REAL).columns
    contract = "run asked accepted exact output ledger tokens cost_usd seconds".split()
    assert set(contract) <= set(told)
    ledger = "asked calls returned parsed valid new accepted rejected native_count_accuracy".split()
    assert set(ledger) <= set(told["ledger"])
    assert told["exact"] is True
    assert told["accepted"] == told["ledger"]["accepted"] == 12
    assert Path(told["run"]).is_dir()


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_every_output_format_holds_the_same_rows(ending: str) -> None:
    assert run(["generate", REAL, "-n", "5", "-o", f"o.{ending}", "--run", "r", *QUICK]) == 0
    read = {"csv": pl.read_csv, "jsonl": pl.read_ndjson, "parquet": pl.read_parquet}[ending]
    frame = read(f"o.{ending}")
    assert frame.height == 5
    assert run(["runs", "export", "r", "-o", "again.parquet"]) == 0
    assert frame["text"].to_list() == pl.read_parquet("again.parquet")["text"].to_list()


def test_stopping_short_is_status_3_with_the_partial_result_and_the_way_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert (
        run(["generate", REAL, "-n", "50", "-o", "o.csv", "--run", "r", *QUICK, "--max-tokens", "900"]) == 3
    )
    said = capsys.readouterr().err
    assert "token limit" in said
    assert "o.csv" in said
    assert "syngen runs resume r" in said
    assert 0 < pl.read_csv("o.csv").height < 50


def test_settings_come_from_a_file_and_options_win() -> None:
    Path("c.yaml").write_text("n: 30\nseed: 4\nmodel: function/writing:write\n")
    assert run(["generate", REAL, "--config", "c.yaml", "-n", "3", "-o", "o.csv", "--no-report"]) == 0
    assert pl.read_csv("o.csv").height == 3


def test_options_cover_the_settings_and_values_that_count_as_false_are_given(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each field of RunConfig has an option, except where a file says more; a seed of 0 wins over a file's."""
    Path("c.yaml").write_text("seed: 4\nroles:\n  rating: category\ncategory: shoes\nsteer: true\n")
    chosen = ("--seed", "0", "--role", "helpful_vote=number", "--no-category", "--no-steer")
    assert run(["generate", REAL, "-n", "2", "--run", "r", "--config", "c.yaml", *chosen, *QUICK]) == 0
    capsys.readouterr()
    assert run(["runs", "show", "r", "--json"]) == 0
    config = json.loads(capsys.readouterr().out)["manifest"]["config"]
    assert (config["seed"], config["category"], config["steer"]) == (0, "", False)
    assert config["roles"] == {"rating": "category", "helpful_vote": "number"}
    assert run(["generate", "--help-all"]) == 0
    shown = capsys.readouterr().out
    for name in set(RunConfig.model_fields) - {
        "n",
        "steer",
        "connections",
        "text_columns",
        "roles",
        "roles_file",
        "show_columns",
    }:
        assert f"--{name.replace('_', '-')} " in shown


def test_without_a_command_it_says_in_ten_lines_what_one_does_with_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run([]) == 0
    said = capsys.readouterr().out.splitlines()
    assert len([line for line in said if line]) <= 10
    assert max(map(len, said)) <= 80
    for line in said:
        if line.startswith("  syngen"):
            name = line.split()[1]
            assert run([name, "--help"]) == 0


def test_show_list_and_replay_tell_what_a_run_did(capsys: pytest.CaptureFixture[str]) -> None:
    run(["generate", REAL, "-n", "4", "--run", "runs/one", *QUICK])
    capsys.readouterr()
    assert run(["runs", "list"]) == 0
    assert "4 of 4" in capsys.readouterr().out
    assert run(["runs", "show", "runs/one"]) == 0
    assert "accepted 4" in capsys.readouterr().out
    assert run(["runs", "replay", "runs/one", "2", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["row"]["values"] == pl.read_csv("runs/one/rows.csv").row(1, named=True)
    assert told["shown_rows"] == [row + 1 for row in told["request"]["prompt"]["shown"]]
    assert len(told["shown"]) == len(told["shown_rows"]) == 4
    for shown in told["shown"]:
        assert shown["title"] in told["request"]["prompt"]["user"]
    assert told["row"]["values"]["text"] in told["reply"]["reply"]


def test_profile_tells_roles_and_json_holds_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["profile", REAL]) == 0
    assert "ordinal" in capsys.readouterr().out
    assert run(["profile", REAL, "--json", "--role", "helpful_vote=number"]) == 0
    told = json.loads(capsys.readouterr().out)
    roles = {c["name"]: c["role"] for c in told["columns"]}
    assert roles["rating"] == "ordinal"
    assert roles["helpful_vote"] == "number"
    assert roles["parent_asin"] == roles["date"] == roles["time"] == "derived"


def test_preview_shows_plan_prompt_and_rows_and_leaves_nothing_behind(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["preview", REAL, "-n", "500", *WRITER]) == 0
    said = capsys.readouterr().out
    assert "Plan: 500 rows" in said
    assert "First prompt" in said
    assert "Forecast for 500 rows" in said
    assert list(Path().iterdir()) == []


def test_the_preview_is_what_the_run_does(capsys: pytest.CaptureFixture[str]) -> None:
    run(["preview", REAL, "-n", "9", *WRITER, "--json", "--seed", "2"])
    seen = json.loads(capsys.readouterr().out)
    run(["generate", REAL, "-n", "9", *QUICK, "--seed", "2", "--run", "r"])
    capsys.readouterr()
    run(["runs", "replay", "r", "1", "--json"])
    done = json.loads(capsys.readouterr().out)
    assert done["request"] == seen["request"]
    assert seen["rows"][0]["text"] == done["row"]["values"]["text"]


def test_formulas_are_flagged_and_neutralised_on_request(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("formula.py").write_text(
        "import json, writing\n"
        "def answer(request):\n"
        "    texts = json.loads(writing.write(request))\n"
        "    return json.dumps({k: '=1+1 ' + v for k, v in texts.items()})\n"
    )
    monkeypatch.syspath_prepend(".")
    model = ("--model", "function/formula:answer", "--no-report")
    assert run(["generate", REAL, "-n", "3", "-o", "a.csv", *model]) == 0
    assert "--excel-safe" in capsys.readouterr().err
    assert pl.read_csv("a.csv")["text"][0].startswith("=1+1")
    assert run(["generate", REAL, "-n", "3", "-o", "b.csv", *model, "--excel-safe"]) == 0
    assert pl.read_csv("b.csv")["text"][0].startswith("'=1+1")


BAD = {
    "a missing file": (["generate", "nowhere.csv", "-n", "3"], "nowhere.csv"),
    "no number": (["generate", REAL], "-n"),
    "zero rows": (["generate", REAL, "-n", "0"], "greater than or equal to 1"),
    "a negative number": (["generate", REAL, "-n", "-5"], "greater than or equal to 1"),
    "too many rows": (["generate", REAL, "-n", "1000001"], "less than or equal to 1000000"),
    "an unknown flag": (["generate", REAL, "-n", "3", "--sead", "1"], "--seed"),
    "an unknown command": (["genrate", REAL], "generate"),
    "an unknown provider": (["generate", REAL, "-n", "3", "--model", "embeded/x"], "embedded/x"),
    "an unknown model": (["generate", REAL, "-n", "3", "--model", "embedded/gpt"], "smollm2-135m"),
    "a missing model file": (["generate", REAL, "-n", "3", "--model", "no/such.gguf"], "no/such.gguf"),
    "an unknown strategy": (["generate", REAL, "-n", "3", "--strategy", "wild"], "base"),
    "an unknown mode": (["generate", REAL, "-n", "3", "--mode", "dreamy"], "native"),
    "an unknown ending": (["generate", REAL, "-n", "3", "-o", "o.docx"], ".csv, .jsonl, .parquet"),
    "a missing folder": (["generate", REAL, "-n", "3", "-o", "no/such/o.csv"], "mkdir"),
    "an unknown column": (["generate", REAL, "-n", "3", "--text-column", "txt"], "text"),
    "an unknown role": (["profile", REAL, "--role", "rating=stars"], "stars"),
    "a role without a column": (["profile", REAL, "--role", "ordinal"], "COLUMN=ROLE"),
    "a missing configuration": (["generate", REAL, "-n", "3", "--config", "no.yaml"], "no.yaml"),
    "no such run": (["runs", "show", "runs/none"], "runs/none"),
    "nothing to resume": (["generate", REAL, "-n", "3", "--resume"], "no unfinished run"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gets_status_2_and_one_sentence_with_the_mend(
    case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, said = BAD[case]
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert "Traceback" not in captured.err
    assert len(captured.err.strip().splitlines()) == 1
    assert captured.out == ""
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "empty"),
        ("a,b,text\n", "rows"),
        ("id,text\n1,the only one there is\n", "one row"),
    ],
)
def test_a_reference_without_what_is_needed_is_refused(
    content: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("r.csv").write_text(content)
    assert run(["generate", "r.csv", "-n", "3", *QUICK]) == 2
    assert said in capsys.readouterr().err


def test_the_path_of_a_binary_file_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["generate", sys.executable, "-n", "3", *QUICK]) == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_refused_before_any_work(capsys: pytest.CaptureFixture[str]) -> None:
    Path("locked").mkdir(mode=0o500)
    assert run(["generate", REAL, "-n", "3", "-o", "locked/o.csv", *QUICK]) == 2
    assert "can't be written" in capsys.readouterr().err


def test_a_run_folder_below_a_file_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    Path("file").write_text("")
    assert run(["generate", REAL, "-n", "3", "--run", "file/run", *QUICK]) == 2
    assert "--run" in capsys.readouterr().err


def test_version_and_models_list_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert "syngen 0." in capsys.readouterr().out
    assert run(["models", "list"]) == 0
    assert "embedded/smollm2-135m" in capsys.readouterr().out
