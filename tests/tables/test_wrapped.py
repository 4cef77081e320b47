"""Rows within one JSON object are found, and what is no array of rows is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from syngen import errors
from syngen.tables.files import read_file
from syngen.tables.write import write_table

ROWS = [{"name": f"lamp {i}", "price": i + 0.5, "size": {"high": i, "wide": 2 * i}} for i in range(5)]


def saved(folder: Path, value: Any, name: str = "t.json", **how: Any) -> Path:
    path = folder / name
    path.write_text(json.dumps(value, **how) + "\n", "utf-8")
    return path


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("name", ["t.json", "t.geojson", "t"])
@pytest.mark.parametrize(
    ("value", "key"),
    [
        ({"type": "FeatureCollection", "features": ROWS}, "features"),
        ({"count": 5, "object": "list", "data": ROWS, "links": []}, "data"),
        ({"lamps": ROWS}, "lamps"),
        ({"results": ROWS, "errors": [{"code": 1}]}, "results"),
        ({"status": "ok", "response": {"total": 5, "items": ROWS}}, "response.items"),
        ({"kind": "Listing", "data": {"after": 7, "children": ROWS}}, "data.children"),
        ({"status": 1, "response": {"data": {"docs": ROWS}}}, "response.data.docs"),
    ],
)
def test_the_array_in_one_object_is_the_table(
    tmp_path: Path, value: Any, key: str, name: str, indent: int | None
) -> None:
    notes: list[str] = []
    frame, layout = read_file(saved(tmp_path, value, name, indent=indent), 1000, notes)
    assert frame["name"].to_list() == [row["name"] for row in ROWS]
    assert frame["price"].to_list() == [row["price"] for row in ROWS]
    assert any(f"array '{key}' of one JSON object" in note for note in notes)
    write_table(frame, tmp_path / "new.json", layout)
    assert json.loads((tmp_path / "new.json").read_text("utf-8")) == ROWS


def test_lines_that_hold_arrays_stay_lines(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text("".join(json.dumps({"id": i, "messages": ROWS}) + "\n" for i in range(3)), "utf-8")
    frame, layout = read_file(path, 1000, [])
    assert frame["id"].to_list() == [0, 1, 2]
    assert layout.form == "json lines"


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (
            {"AD": {"name": "a"}, "AE": {"name": "b"}},
            r"one JSON object whose values are objects \('AD' and 'AE'\)",
        ),
        ({"name": ["a", "b"], "size": [1, 2, 3]}, "one JSON object whose values are arrays"),
        ({"data": [[1, "x"], [2, "y"]], "kind": "z"}, "one JSON object in which no rows are found"),
        ({"left": ROWS, "right": ROWS}, "several arrays of objects: 'left' and 'right'"),
    ],
)
def test_one_object_without_rows_is_refused_in_a_sentence(tmp_path: Path, value: Any, says: str) -> None:
    with pytest.raises(errors.ReferenceError, match=says):
        read_file(saved(tmp_path, value, indent=1), 1000, [])


PLAIN = [{"name": f"lamp {i}", "price": i + 0.5, "new": i % 2 == 0} for i in range(12)]
CELLS = [list(row.values()) for row in PLAIN]
COLUMNS = {name: [row[name] for row in PLAIN] for name in PLAIN[0]}
NAMES = list(COLUMNS)


@pytest.mark.parametrize(
    ("value", "rows"),
    [
        (COLUMNS, PLAIN),
        ({name: {str(i): cell for i, cell in enumerate(cells)} for name, cells in COLUMNS.items()}, PLAIN),
        ({str(i): row for i, row in enumerate(PLAIN)}, PLAIN),
        (
            {"lamps": {f"k{i}": row for i, row in enumerate(PLAIN)}},
            [{"key": f"k{i}", **r} for i, r in enumerate(PLAIN)],
        ),
        ({"columns": NAMES, "index": list(range(12)), "data": CELLS}, PLAIN),
        ({"schema": {"fields": [{"name": "name"}, {"name": "price"}]}, "data": PLAIN}, PLAIN),
        ([NAMES, *CELLS], PLAIN),
        ({"range": "A1:C13", "values": [NAMES, *CELLS]}, PLAIN),
        ({"place": 1.5, "units": {"name": "words"}, "hourly": COLUMNS}, PLAIN),
        (
            {f"c{i}": f"name {i}" for i in range(12)},
            [{"key": f"c{i}", "value": f"name {i}"} for i in range(12)],
        ),
    ],
)
def test_rows_in_another_order_are_read_with_a_remark(tmp_path: Path, value: Any, rows: Any) -> None:
    notes: list[str] = []
    frame, layout = read_file(saved(tmp_path, value), 1000, notes)
    assert frame.rows(named=True) == rows
    assert any("new rows are written as a plain array" in note for note in notes)
    write_table(frame, tmp_path / "new.json", layout)
    assert json.loads((tmp_path / "new.json").read_text("utf-8")) == rows


@pytest.mark.parametrize("between", ["", " ", ",", ",\n"])
@pytest.mark.parametrize("indent", [None, 2])
def test_objects_that_follow_each_other_are_rows(tmp_path: Path, between: str, indent: int | None) -> None:
    path = tmp_path / "t.json"
    path.write_text(between.join(json.dumps(row, indent=indent) for row in PLAIN), "utf-8")
    notes: list[str] = []
    assert read_file(path, 1000, notes)[0].rows(named=True) == PLAIN
    assert any("follow each other" in note for note in notes)


def test_where_objects_break_off_is_said(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text(json.dumps(PLAIN).replace("}, {", ",}, {", 3), "utf-8")
    with pytest.raises(errors.ReferenceError, match=r"after 0 objects it can't be read .*double quotes"):
        read_file(path, 1000, [])
