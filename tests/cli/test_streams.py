"""Tables go through pipes and come from sheets: `-` for standard input and output, `--sheet` for a sheet."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import polars as pl
import pytest

from syngen.cli.main import run
from syngen.tables.files import read_file
from syngen.tables.write import write_table

TABLE = "stars;note\n" + "".join(
    f"{1 + i % 5};The kettle number {i} boils quickly and is quiet\n" for i in range(20)
)


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TABLE.encode())))


def test_a_table_goes_in_by_stdin_and_out_by_stdout_and_nothing_else_does(
    stdin: None, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    arguments = ["generate", "-", "-n", "4", "-o", "-", "--run", "r", "--model", "function/writing:write"]
    assert run(arguments) == 0
    out = capfdbinary.readouterr().out.decode()
    assert out.startswith("stars;note\n")
    assert out.count("\n") == 5
    assert run(["runs", "export", "r", "-o", "-"]) == 0
    assert capfdbinary.readouterr().out.decode() == out


def test_stdout_holds_one_thing_at_a_time(stdin: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["generate", "-", "-n", "4", "-o", "-", "--json", "--model", "function/writing:write"]) == 2
    assert "--json" in capsys.readouterr().err


def test_a_sheet_is_chosen_for_the_reference_and_for_the_rows_under_test(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "t.csv").write_text(TABLE, "utf-8")
    frame, _ = read_file(tmp_path / "t.csv", 1000, [])
    write_table(frame, tmp_path / "t.xlsx")
    assert run(["profile", str(tmp_path / "t.xlsx"), "--sheet", "Sheet1"]) == 0
    assert "stars" in capsys.readouterr().out
    assert run(["profile", str(tmp_path / "t.xlsx"), "--sheet", "Sheet2"]) == 2
    assert "Its sheets are Sheet1" in capsys.readouterr().err
    assert run(["evaluate", str(tmp_path / "t.csv"), f"{tmp_path / 't.xlsx'}::Sheet1", "--asked", "20"]) == 0
    assert "20 synthetic rows compared with 20 real rows" in capsys.readouterr().out


def test_the_form_of_the_output_follows_its_ending(stdin: None, tmp_path: Path) -> None:
    base = ["generate", "-", "-n", "4", "--no-report", "--model", "function/writing:write", "--run", "r"]
    assert run([*base, "-o", "o.xlsx"]) == 0
    for name in ("o.jsonl", "o.tsv", "o.csv.gz", "o.jsonl.gz", "o.json", "o.parquet"):
        assert run(["runs", "export", "r", "-o", name]) == 0
    tables = [
        read_file(name, 100, [])[0]
        for name in ("o.xlsx", "o.jsonl", "o.tsv", "o.csv.gz", "o.jsonl.gz", "o.json")
    ]
    assert all(table.equals(pl.read_parquet("o.parquet")) for table in tables)
