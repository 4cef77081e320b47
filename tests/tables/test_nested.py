"""Lists and objects in cells are read, planned and written as what they are, and none is a real one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syngen import evaluate, generate, load, open_run
from syngen.models.providers.function import FunctionModel
from syngen.tables.nested import gather, spread
from syngen.types import Layout, Request, Role

WORDS = "lamp kettle drawer ladder velvet marble pocket window lantern copper gentle hollow".split()
ROWS = 60


def sentence(i: int, words: int = 9) -> str:
    return (
        " ".join(WORDS[(i * 7 + k * k + 3 * k) % len(WORDS)] for k in range(words)).capitalize() + f" no {i}."
    )


def record(i: int) -> dict[str, Any]:
    turns = [
        {"role": "user", "content": f"Order {90_000 + 17 * i}: {sentence(i)}"},
        {"role": "assistant", "content": sentence(i + 100)},
    ]
    return {
        "messages": turns if i % 3 else turns[:1],
        "tags": WORDS[i % 4 : i % 4 + i % 3],
        "place": {"lat": round(40 + i * 0.01371, 5), "lon": round(-70 - i * 0.0217, 5)},
        "review": sentence(i + 200, 14),
    }


def writer(request: Request) -> str:
    properties = (request.schema or {})["properties"]
    number = request.sampling.seed % 9_000
    return json.dumps({name: sentence(number + 300 + 7 * k, 12) for k, name in enumerate(properties)})


@pytest.fixture(scope="module")
def conversations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("nested") / "chats.jsonl"
    path.write_text("".join(json.dumps(record(i)) + "\n" for i in range(ROWS)), "utf-8")
    return path


def test_each_value_inside_is_a_column_with_a_role_of_its_own(conversations: Path) -> None:
    roles = {column.name: column.role for column in load(conversations).profile.columns}
    assert roles["messages[0].role"] is Role.CONSTANT
    assert roles["messages[0].content"].written
    assert roles["messages[1].content"].written
    assert roles["tags[0]"] is Role.CATEGORY
    assert roles["place.lat"] is Role.NUMBER


def test_a_text_inside_can_be_named_as_a_text_column(conversations: Path) -> None:
    reference = load(conversations, text_columns=["messages[].content"], roles={"place": "empty"})
    assert reference.profile["messages[0].content"].role is Role.TEXT
    assert reference.profile["messages[1].content"].role is Role.TEXT
    assert reference.profile["place"].role is Role.EMPTY


@pytest.mark.parametrize("ending", [".jsonl", ".json", ".parquet", ".csv"])
def test_new_rows_have_the_shape_of_the_real_ones_and_none_of_their_values(
    conversations: Path, tmp_path: Path, ending: str
) -> None:
    out = tmp_path / f"new{ending}"
    run = generate(conversations, 40, model=FunctionModel(writer), output=out, run=tmp_path / "run", seed=3)
    assert run.exact
    if ending == ".parquet":
        rows = pl.read_parquet(out).to_dicts()
    elif ending == ".csv":
        rows = [
            row | {k: json.loads(row[k]) for k in ("messages", "place")}
            for row in pl.read_csv(out).to_dicts()
        ]
    elif ending == ".json":
        rows = json.loads(out.read_text("utf-8"))
    else:
        rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    real = [record(i) for i in range(ROWS)]
    lengths = {len(row["messages"]) for row in rows}
    assert lengths == {1, 2}
    assert all(set(turn) == {"role", "content"} for row in rows for turn in row["messages"])
    said = {turn["content"] for row in real for turn in row["messages"]}
    assert not said & {turn["content"] for row in rows for turn in row["messages"]}
    places = {tuple(row["place"].values()) for row in real}
    assert not places & {tuple(row["place"].values()) for row in rows}
    again = open_run(tmp_path / "run").rows
    assert again.columns == ["messages", "tags", "place", "review"]
    assert again["messages"].dtype.is_nested()


def test_what_was_written_is_evaluated_without_a_missing_column(conversations: Path, tmp_path: Path) -> None:
    for ending in (".jsonl", ".parquet", ".csv"):
        out = tmp_path / f"new{ending}"
        generate(
            conversations, 20, model=FunctionModel(writer), output=out, run=tmp_path / ending[1:], seed=3
        )
        codes = {finding.code for finding in evaluate(conversations, out).findings}
        assert not codes & {"format.missing_columns", "format.extra_columns", "format.renamed_column"}


def test_a_frame_with_lists_and_structs_comes_back_with_them(tmp_path: Path) -> None:
    frame = pl.DataFrame([record(i) for i in range(ROWS)])
    run = generate(frame, 20, model=FunctionModel(writer), run=tmp_path / "run", seed=1)
    assert run.rows.columns == frame.columns
    assert run.rows["messages"].dtype == frame["messages"].dtype
    assert run.rows["place"].dtype == frame["place"].dtype


def test_a_column_that_is_given_a_role_as_a_whole_stays_one(conversations: Path) -> None:
    reference = load(conversations, roles={"messages": "category"})
    assert reference.profile["messages"].role is Role.CATEGORY
    assert "messages[0].role" not in reference.frame.columns


def test_an_embedding_is_left_out_and_said() -> None:
    rows = [{"vector": [i / 7 + k for k in range(64)], "review": sentence(i, 12)} for i in range(ROWS)]
    reference = load(rows)
    assert reference.frame.columns == ["review"]
    assert any(
        "'vector' holds lists of up to 64 numbers; it was left out" in note for note in reference.notes
    )


def test_nested_values_of_many_forms_stay_one_column() -> None:
    rows = [
        {"extra": {f"key{k}": k for k in range(i % 2, 140, 2)}, "review": sentence(i, 12)}
        for i in range(ROWS)
    ]
    reference = load(rows)
    assert "extra" in reference.frame.columns
    assert any("nested values of many forms" in note for note in reference.notes)


def with_keys_of_data(i: int) -> dict[str, Any]:
    own = {f"k{(i * 7 + j) % 23}": {"long": sentence(i + j, 3)} for j in range(1 + i % 2)}
    return {
        "id": 40_000 + i,
        "name": {"common": sentence(i, 4), "native": own},
        "money": {f"C{i % 19}": {"sign": WORDS[i % 5]}},
        "stock": [{"size": i % 4, "shops": {f"s{i % 17}": i % 3}}],
        "review": sentence(i + 200, 14),
    }


def test_objects_whose_keys_are_data_stay_one_column_and_are_objects_again(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps(with_keys_of_data(i)) + "\n" for i in range(ROWS)), "utf-8")
    reference = load(path)
    assert reference.frame.columns == [
        *("id", "name.common", "name.native", "money", "stock[0].size", "stock[0].shops", "review")
    ]
    for name in ("name.native", "money", "stock[0].shops"):
        assert any(f"'{name}': objects whose keys are data" in note for note in reference.notes)
    back = [json.loads(cell) for cell in gather(reference.frame, reference.layout)["name"]]
    assert back == [with_keys_of_data(i)["name"] for i in range(ROWS)]
    run = generate(
        reference, 5, model=FunctionModel(writer), seed=1, run=tmp_path / "run", output=tmp_path / "o.jsonl"
    )
    new = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text("utf-8").splitlines()]
    assert run.ledger.accepted == 5
    assert all(isinstance(row["name"]["native"], dict) and isinstance(row["money"], dict) for row in new)
    assert all(isinstance(row["stock"][0]["shops"], dict) for row in new)


def test_optional_keys_are_columns() -> None:
    rows = [
        {"extra": {f"key{k}": k + i for k in range(12) if (i + k) % 3 == 0}, "review": sentence(i, 12)}
        for i in range(ROWS)
    ]
    assert "extra.key3" in load(rows).frame.columns


@pytest.mark.parametrize(
    "cells",
    [
        [f"({34 + i * 0.0137:.4f}, {-118 - i * 0.0214:.4f})" for i in range(40)],
        [f"{34 + i * 0.0137:.4f};{-118 - i * 0.0214:.4f}" for i in range(40)],
        [f"POINT ({-118 - i * 0.0214:.4f} {34 + i * 0.0137:.4f})" for i in range(40)],
        [f'["{WORDS[i % 5]}", "{WORDS[i % 7]}"]' for i in range(40)],
        [f'["{WORDS[i % 5]}","{WORDS[i % 7]}"]' for i in range(40)],
        [f"['{WORDS[i % 5]}', '{WORDS[i % 7]}']" for i in range(40)],
        [f"({i}, '{WORDS[i % 7]}')" for i in range(40)],
        [f"{{'name': '{WORDS[i % 7]}', 'size': {i}}}" for i in range(40)],
        [None if i % 5 == 0 else f'{{"size": {i}}}' for i in range(40)],
        ["[]" if i % 5 == 0 else f'["{WORDS[i % 7]}"]' for i in range(40)],
    ],
)
def test_cells_are_put_together_as_they_were_written(cells: list[str | None]) -> None:
    frame = pl.DataFrame({"x": cells})
    plain, nested = spread(frame, [])
    assert "x" not in plain.columns
    again = gather(plain, Layout(nested=nested))["x"].to_list()
    alike = [made == cell for made, cell in zip(again, cells, strict=True)]
    assert sum(alike) >= 0.97 * len(cells), next((a, b) for a, b in zip(again, cells, strict=True) if a != b)


@pytest.mark.parametrize(
    "cells",
    [
        ["[sic]", "[note] it rained", "(really)"],
        ["3.5, 4.5, 5.5", "1.25, 2"],
        ["2021-03-04", "10.5-12.5 kg"],
        ["12.50", "13.75"],
    ],
)
def test_what_only_has_brackets_is_not_nested(cells: list[str]) -> None:
    frame = pl.DataFrame({"x": cells * 10})
    assert spread(frame, [])[0].equals(frame)


values = st.recursive(
    st.integers(-99, 99) | st.text("abä\"',[]{}", min_size=1, max_size=4) | st.booleans(),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(st.text("xyz", min_size=1, max_size=2), inner, min_size=1, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from("pqr"), values, min_size=1), st.integers(2, 9))
def test_values_of_one_shape_come_back_whole(value: dict[str, Any], rows: int) -> None:
    frame = pl.DataFrame({"x": [json.dumps(value)] * rows})
    plain, nested = spread(frame, [])
    again = gather(plain, Layout(nested=nested))["x"].to_list()
    assert [json.loads(cell) for cell in again] == [value] * rows
