"""The profile of any table fits on a screen, and its JSON has everything."""

from __future__ import annotations

import json
import random
from pathlib import Path

import polars as pl
import pytest

from syngen.cli.main import run
from writing import sentence


def survey(columns: int) -> str:
    """A table of many columns; returns its path."""
    chance = random.Random(9)
    frame = {
        f"Q{i}: how much do you agree with statement number {i} of this long survey?": [
            chance.choice(["yes", "no", "maybe"]) for _ in range(60)
        ]
        for i in range(columns // 2)
    }
    frame |= {f"n{i}": [str(round(chance.gauss(0, 1), 3)) for _ in range(60)] for i in range(columns // 2)}
    frame["comment"] = [sentence(chance, 12) for _ in range(60)]
    pl.DataFrame(frame).write_csv("survey.csv")
    return "survey.csv"


def test_a_table_of_a_hundred_columns_fits_on_a_screen(capsys: pytest.CaptureFixture[str]) -> None:
    path = survey(98)
    assert run(["profile", path]) == 0
    shown = capsys.readouterr().out
    assert len(shown.splitlines()) <= 40
    assert "99 columns" in shown
    assert "comment" in shown
    assert "45 more" in shown
    assert run(["profile", path, "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["columns"]) == 99


def test_each_column_takes_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["profile", survey(10)]) == 0
    lines = capsys.readouterr().out.splitlines()
    header = next(i for i, line in enumerate(lines) if line.startswith("column"))
    assert [line.split()[0].rstrip(":") for line in lines[header + 1 : header + 12]] == [
        *(f"Q{i}" for i in range(5)),
        *(f"n{i}" for i in range(5)),
        "comment",
    ]


def test_it_shows_how_numbers_and_dates_are_written(capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(4)
    pl.DataFrame(
        {
            "price": [f"${chance.randint(1, 900)}.{chance.randint(10, 99)}" for _ in range(60)],
            "day": [f"{1 + i % 28}. März 2020" for i in range(60)],
            "text": [sentence(chance, 12) for _ in range(60)],
        }
    ).write_csv("prices.csv")
    assert run(["profile", "prices.csv"]) == 0
    shown = capsys.readouterr().out
    assert "such as $" in shown
    assert "März 2020" in shown


def test_relations_and_warnings_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(5)
    net = [chance.randint(100, 9000) for _ in range(80)]
    tax = [chance.randint(5, 900) for _ in range(80)]
    pl.DataFrame(
        {
            "net": net,
            "tax": tax,
            "total": [a + b for a, b in zip(net, tax, strict=True)],
            "place": [f"({52 + i / 1000}, {13 + i / 1000})" for i in range(80)],
            "text": [sentence(chance, 12) for _ in range(80)],
        }
    ).write_csv("sums.csv")
    assert run(["profile", "sums.csv", "--role", "place=category"]) == 0
    shown = capsys.readouterr().out
    assert "total = net + tax" in shown
    assert "warning: 'place' has positions" in shown
    assert run(["profile", "sums.csv", "--role", "place=category", "--json"]) == 0
    (relation,) = json.loads(capsys.readouterr().out)["relations"]
    assert (relation["kind"], relation["columns"], relation["share"]) == ("sum", ["total", "net", "tax"], 1.0)
    assert (
        run(
            [
                "preview",
                "sums.csv",
                "-n",
                "20",
                "--role",
                "place=identifier",
                "--model",
                "function/writing:write",
            ]
        )
        == 0
    )
    assert "kept in every row (computed): total = net + tax" in capsys.readouterr().out


def test_roles_cannot_be_saved_beside_what_is_no_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["profile", "nowhere.csv", "--save"]) == 2
    assert not Path("nowhere.csv.syngen.yaml").exists()


def test_names_and_roles_are_whole_beside_long_values(capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(6)
    frame = {f"measurement_of_channel_{i:02}": [chance.gauss(0, 1) for _ in range(60)] for i in range(36)}
    labels = [f"a label of many words for the branch number {i}" for i in range(4)]
    pl.DataFrame(frame | {"branch_of_the_company": [labels[i % 4] for i in range(60)]}).write_csv("wide.csv")
    assert run(["profile", "wide.csv"]) == 0
    lines = capsys.readouterr().out.splitlines()
    header = next(line for line in lines if line.startswith("column"))
    assert header.split() == ["column", "role", "missing", "values"]
    assert any(line.split()[:2] == ["branch_of_the_company", "category"] for line in lines)
    assert any(line.split()[:2] == ["measurement_of_channel_00", "number"] for line in lines)
    assert any(line.split()[:4] == ["…", "number", "32", "more:"] for line in lines)
