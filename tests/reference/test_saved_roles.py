"""Roles kept in a file beside a table are used by every command, until they are ignored or overruled."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import syngen
from syngen.cli.main import run as command
from syngen.reference.saved import read_saved, saved_path, write_saved
from syngen.types import Role
from writing import sentence

WRITER = ("--model", "function/writing:write", "--no-report")
FILE = Path("shop.csv.syngen.yaml")


@pytest.fixture
def shop() -> str:
    """A table in which the article looks like a category; returns its path."""
    chance = random.Random(6)
    pl.DataFrame(
        {
            "article no": [f"art {i % 12}" for i in range(60)],
            "stars": [1 + i % 5 for i in range(60)],
            "empty": [None] * 60,
            "text": [sentence(chance, 14) for _ in range(60)],
        }
    ).write_csv("shop.csv")
    return "shop.csv"


def test_profile_saves_the_roles_and_load_takes_them(shop: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["profile", shop, "--role", "article no=title", "--save"]) == 0
    assert str(FILE) in capsys.readouterr().err
    written = FILE.read_text()
    assert "  article no: title  # set by the user\n" in written
    assert "  stars: ordinal  # " in written
    assert "  # empty: empty  # " in written
    real = syngen.load(shop)
    assert real.profile["article no"].role is Role.TITLE
    assert any("shop.csv.syngen.yaml; --no-roles-file" in note for note in real.notes)


def test_every_command_takes_the_roles_and_can_ignore_them(
    shop: str, capsys: pytest.CaptureFixture[str]
) -> None:
    FILE.write_text("roles:\n  stars: category\n")
    assert command(["profile", shop, "--json"]) == 0
    assert _role(capsys.readouterr().out) == "category"
    assert command(["profile", shop, "--json", "--no-roles-file"]) == 0
    assert _role(capsys.readouterr().out) == "ordinal"
    assert command(["profile", shop, "--json", "--role", "stars=number"]) == 0
    assert _role(capsys.readouterr().out) == "number"
    assert command(["generate", shop, "-n", "3", "--run", "r", *WRITER]) == 0
    assert "The role of 'stars' is from shop.csv.syngen.yaml" in capsys.readouterr().err
    assert syngen.open_run("r").manifest.roles["stars"] == "category"
    assert command(["generate", shop, "-n", "3", "--run", "s", "--no-roles-file", *WRITER]) == 0
    assert syngen.open_run("s").manifest.roles["stars"] == "ordinal"
    assert command(["preview", shop, "-n", "3", "--samples", "0", *WRITER[:2]]) == 0
    assert "shop.csv.syngen.yaml" in capsys.readouterr().err
    assert command(["evaluate", shop, "r"]) == 0
    assert "shop.csv.syngen.yaml" in capsys.readouterr().err


def _role(printed: str) -> str:
    (stars,) = (column for column in json.loads(printed)["columns"] if column["name"] == "stars")
    return str(stars["role"])


def test_a_text_column_wins_over_the_file(shop: str) -> None:
    FILE.write_text("roles:\n  article no: category\n")
    assert syngen.load(shop, text_columns=("article no",)).profile["article no"].role is Role.TEXT


def test_roles_given_in_python_win_over_the_file(shop: str) -> None:
    FILE.write_text("roles:\n  stars: category\n")
    assert syngen.load(shop, roles={"stars": "number"}).profile["stars"].role is Role.NUMBER
    assert syngen.profile(shop, roles_file=False)["stars"].role is Role.ORDINAL


def test_a_frame_has_no_file_beside_it(shop: str) -> None:
    FILE.write_text("roles:\n  stars: category\n")
    assert syngen.load(pl.read_csv(shop)).profile["stars"].role is Role.ORDINAL


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "roles:\n  stars: ordinal\n  starts: ordinal\n",
            r"line 3.*no column 'starts'.*Did you mean 'stars'",
        ),
        ("roles:\n  stars: ordnal\n", r"line 2.*no role 'ordnal' \(column 'stars'\).*ordinal"),
        ("roles:\n  stars: ordinal\n  stars: number\n", r"line 3.*twice"),
        ("role:\n  stars: ordinal\n", r"line 1.*no setting 'role'"),
        ("roles:\n  - stars\n", r"line 2.*written as lines"),
        ("roles:\n  stars: [ordinal]\n", r"line 2.*written as"),
        ("just words\n", r"line 1.*no 'roles:'"),
        ("roles:\n  stars: 'ordinal\n", r"line \d.*--save"),
        ("roles:\n  article no: number\n", r"can't have the role number.*shop.csv.syngen.yaml"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_line(
    shop: str, content: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    FILE.write_text(content)
    assert command(["profile", shop]) == 2
    message = " ".join(capsys.readouterr().err.split())
    assert re.search(said, message), message
    assert command(["profile", shop, "--no-roles-file"]) == 0


@pytest.mark.parametrize("content", ["", "# nothing\n", "roles:\n", "roles: {}\n"])
def test_a_file_without_roles_changes_nothing(shop: str, content: str) -> None:
    FILE.write_text(content)
    assert syngen.load(shop).profile["stars"].role is Role.ORDINAL
    assert not syngen.load(shop).notes


def test_each_sheet_of_a_workbook_has_its_own_file(shop: str) -> None:
    frame = pl.read_csv(shop)
    frame.drop("empty").write_excel("book.xlsx", worksheet="My orders")
    assert command(["profile", "book.xlsx", "--sheet", "My orders", "--role", "stars=number", "--save"]) == 0
    assert Path("book.xlsx.My_orders.syngen.yaml").exists()
    assert syngen.load("book.xlsx::My orders").profile["stars"].role is Role.NUMBER
    assert syngen.load("book.xlsx").profile["stars"].role is Role.ORDINAL


def test_standard_input_cannot_keep_roles(capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["profile", "-", "--save"]) == 2
    assert "Standard input" in capsys.readouterr().err


NAME = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=12)


@example(names=["0", "*"])
@given(names=st.lists(NAME, min_size=2, max_size=5, unique=True))
def test_any_column_name_is_read_as_it_was_written(names: list[str]) -> None:
    names = list(dict.fromkeys(name.strip().rstrip("$") or f"c{i}" for i, name in enumerate(names)))
    frame = pl.DataFrame({name: [i % 4 + 1 for i in range(40)] for name in names})
    frame = frame.with_columns(
        pl.Series("text of it", [f"word number {i} of many words here now" for i in range(40)])
    )
    real = syngen.load(frame, roles=dict.fromkeys(names, "category"))
    path = saved_path(Path("table.csv"))
    write_saved(real, path)
    read = read_saved(path, real.frame.columns)
    assert {name: read[name] for name in names} == dict.fromkeys(names, Role.CATEGORY)
