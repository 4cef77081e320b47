"""What is copied from the real rows as it is gets a warning, wherever a run is looked at before it is made."""

from __future__ import annotations

import json
import random
from typing import Any

import polars as pl
import pytest

import syngen
from syngen.cli.main import run as command
from syngen.models.providers.function import FunctionModel
from syngen.reference.copied import copied_columns
from syngen.types import Profile
from writing import sentence, write

ROWS = 120
WRITER = ("--model", "function/writing:write", "--no-report")


def table(**columns: list[Any]) -> pl.DataFrame:
    chance = random.Random(8)
    return pl.DataFrame({**columns, "text": [sentence(chance, 14) for _ in range(ROWS)]})


def profile(roles: dict[str, str] | None = None, **columns: list[Any]) -> Profile:
    return syngen.profile(table(**columns), roles=roles)


def positions(times: int) -> list[str]:
    return [f"({52 + i // times / 1000:.4f}, {13 + i // times / 700:.4f})" for i in range(ROWS)]


def test_labels_that_hardly_repeat_are_told() -> None:
    found = copied_columns(profile({"part": "category"}, part=[f"part {i}" for i in range(ROWS)]))
    assert [column.what for column in found] == ["labels that hardly repeat"]
    assert "120 different values in 120 rows" in found[0].sentence
    assert "--role part=identifier" in found[0].sentence


def test_one_label_that_fills_most_rows_hides_no_others() -> None:
    values = [f"note {i} of a customer" if i % 5 == 0 else "none" for i in range(ROWS)]
    found = copied_columns(profile({"note": "category"}, note=values))
    assert [column.what for column in found] == ["labels that hardly repeat"]


def test_labels_that_repeat_are_not() -> None:
    assert copied_columns(profile(shop=[f"shop {i % 40}" for i in range(ROWS)])) == ()


@pytest.mark.parametrize(
    ("what", "values"),
    [
        ("positions", positions(2)),
        ("positions", [f"{48 + i / 900:.5f}, {2 + i / 900:.5f}" for i in range(ROWS)]),
        ("positions", [f"POINT (-7{i % 60}.2{i} 40.{i})" for i in range(ROWS)]),
        (
            "shapes",
            [f"POLYGON ((-7{i % 60}.2{i} 40.{i}, -7{i % 60}.2 41, -7{i % 50} 41.5))" for i in range(ROWS)],
        ),
        ("shapes", [f"SRID=4326;MULTILINESTRING Z ((1 {i} 3, 2 {i} 4))" for i in range(ROWS)]),
        ("links", [f"https://shop.example/item/{i // 2}" for i in range(ROWS)]),
        ("nested values", [json.dumps([{"role": "user", "n": i}]) for i in range(ROWS)]),
    ],
)
def test_positions_links_and_nested_values_are_told(what: str, values: list[str]) -> None:
    found = copied_columns(profile({"it": "category"}, it=values))
    assert [column.what for column in found] == [what]


def test_a_position_that_many_rows_share_is_nobodys() -> None:
    assert copied_columns(profile({"at": "category"}, at=positions(4))) == ()


@pytest.mark.parametrize("role", ["identifier", "empty"])
def test_the_option_that_is_named_ends_the_warning(role: str) -> None:
    assert copied_columns(profile({"at": role}, at=positions(1))) == ()


def test_a_column_of_another_name_is_quoted_for_the_shell() -> None:
    found = copied_columns(profile({"where is it": "category"}, **{"where is it": positions(1)}))
    assert "--role 'where is it=identifier'" in found[0].sentence


def test_profile_preview_and_generate_say_it(capsys: pytest.CaptureFixture[str]) -> None:
    table(part=[f"part {i % 70}" for i in range(ROWS)]).write_csv("parts.csv")
    forced = ("--role", "part=category")
    expected = "'part' has labels that hardly repeat, copied from the real rows"
    assert command(["profile", "parts.csv", *forced]) == 0
    assert expected in capsys.readouterr().out
    assert command(["preview", "parts.csv", "-n", "5", "--samples", "0", *forced, *WRITER[:2]]) == 0
    assert expected in capsys.readouterr().err
    assert command(["generate", "parts.csv", "-n", "5", *forced, *WRITER]) == 0
    assert expected in capsys.readouterr().err
    for arguments in (
        ["profile", "parts.csv", "--json"],
        ["preview", "parts.csv", "-n", "5", "--samples", "0", "--json", *WRITER[:2]],
        ["generate", "parts.csv", "-n", "5", "--json", *WRITER],
    ):
        assert command([*arguments, *forced]) == 0
        assert any(expected in warning for warning in json.loads(capsys.readouterr().out)["warnings"])


def test_native_mode_warns_of_a_table_too_wide_for_small_models() -> None:
    wide = table(**{f"q{i}": ["a long answer that takes many tokens", "no"] * (ROWS // 2) for i in range(90)})
    model = FunctionModel(write)
    native = syngen.preview(wide, 5, rows=0, model=model, mode="native").warnings
    assert any("all 91 columns" in warning and "--rows-per-call" in warning for warning in native)
    assert syngen.preview(wide, 5, rows=0, model=model).warnings == ()
    assert syngen.preview(table(), 5, rows=0, model=model, mode="native").warnings == ()


def test_many_columns_to_write_are_told_before_a_run() -> None:
    chance = random.Random(2)
    titles = {f"note {i}": [sentence(chance, 3) for _ in range(ROWS)] for i in range(8)}
    roles = dict.fromkeys(titles, "title")
    found = syngen.preview(table(**titles), 5, rows=0, model=FunctionModel(write), roles=roles).warnings
    assert len(found) == 1
    assert "writes 9 columns" in found[0]
    assert "--role 'note 0=category'" in found[0]
