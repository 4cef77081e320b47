"""Tables under test come in whatever way people have them, and every cell stays what it was."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from replies import HEADER, NAMES, as_csv, good_rows, spoilt

from syngen.errors import InputError
from syngen.evaluation import intake
from syngen.reference import load
from syngen.types import Reference

ROWS = good_rows()


def frame() -> pl.DataFrame:
    return pl.DataFrame(ROWS)


def written(name: str, text: str | bytes) -> str:
    """The path of a new file."""
    data = text.encode() if isinstance(text, str) else text
    Path(name).write_bytes(data)
    return name


def parquet() -> str:
    frame().write_parquet("rows.parquet")
    return "rows.parquet"


def arrow(stream: bool) -> str:
    (frame().write_ipc_stream if stream else frame().write_ipc)("rows.arrow")
    return "rows.arrow"


def pandas() -> Any:
    return pytest.importorskip("pandas").DataFrame(ROWS)


def dataset() -> Any:
    return pytest.importorskip("datasets").Dataset.from_list(ROWS)


TEXT = as_csv(ROWS)
SOURCES: dict[str, Callable[[], Any]] = {
    "csv": lambda: written("rows.csv", TEXT),
    "a path": lambda: Path(written("rows.csv", TEXT)),
    "windows line ends": lambda: written("rows.csv", TEXT.replace("\n", "\r\n")),
    "byte order mark": lambda: written("rows.csv", "\ufeff" + TEXT),
    "utf-16": lambda: written("rows.csv", TEXT.encode("utf-16")),
    "semicolons": lambda: written("rows.csv", frame().write_csv(separator=";")),
    "tabs": lambda: written("rows.tsv", frame().write_csv(separator="\t")),
    "gzip": lambda: written("rows.csv.gz", gzip.compress(TEXT.encode())),
    "no suffix": lambda: written("rows", TEXT),
    "json lines": lambda: written("rows.jsonl", "\n".join(map(json.dumps, ROWS))),
    "json array": lambda: written("rows.json", json.dumps(ROWS, indent=1)),
    "parquet": parquet,
    "arrow": lambda: arrow(stream=False),
    "arrow stream": lambda: arrow(stream=True),
    "polars": frame,
    "lazy": lambda: frame().lazy(),
    "arrow table": lambda: frame().to_arrow(),
    "pandas": pandas,
    "datasets": dataset,
    "list of dicts": lambda: ROWS,
    "dict of lists": lambda: frame().to_dict(as_series=False),
    "reference": lambda: load(frame()),
    "string": lambda: TEXT,
}


@pytest.mark.parametrize("kind", SOURCES)
def test_the_same_rows_come_out_whatever_they_came_in(kind: str, reference: Reference) -> None:
    found = intake.read(SOURCES[kind](), reference, asked=10)
    assert_frame_equal(found.frame, pl.DataFrame(ROWS))
    assert (found.kind, found.rows, found.complete, found.unreadable, found.asked) == ("table", 10, 10, 0, 10)
    assert list(found.numbers) == list(range(1, 11))
    assert (found.absent, found.extra, dict(found.renamed or {}), found.format_notes) == ((), (), {}, ())


def test_a_real_table_is_read_as_it_stands(reference: Reference) -> None:
    found = intake.read(reference.source, reference)
    assert_frame_equal(found.frame, reference.frame)
    assert found.kind == "table"
    assert not any(found.row_notes)


def test_columns_are_found_by_their_names_in_any_order_and_spelling(reference: Reference) -> None:
    names = {"Rating": "rating", "review_title": "title", "TEXT": "text", "mood": None, "User-ID": "user_id"}
    table = frame().select(
        *(pl.col(own or "title").alias(name) for name, own in names.items()), "timestamp", "asin"
    )
    found = intake.read(table, reference)
    assert dict(found.renamed or {}) == {
        "rating": "Rating",
        "title": "review_title",
        "text": "TEXT",
        "user_id": "User-ID",
    }
    assert found.extra == ("mood",)
    assert set(found.absent) == set(NAMES) - {"rating", "title", "text", "user_id", "timestamp", "asin"}
    assert found.frame["user_id"].to_list() == [row["user_id"] for row in ROWS]
    assert found.frame["date"].null_count() == 10
    assert "date" not in found.raw
    assert found.complete == 0
    assert "format.reordered_columns" in found.format_notes


def test_a_table_without_header_is_read_by_position(reference: Reference) -> None:
    found = intake.read(written("rows.csv", as_csv(ROWS, header=False)), reference)
    assert_frame_equal(found.frame, pl.DataFrame(ROWS))
    assert found.format_notes == ("format.no_header",)


def test_what_a_column_cannot_hold_is_null_in_the_frame_and_kept_raw(reference: Reference) -> None:
    rows = spoilt(
        rating={1: 4.7, 2: "5 stars", 3: "ten", 4: 10, 5: "5.0", 6: ""},
        asin={1: "B0K7PX2SBJ "},
        verified_purchase={1: "yes", 2: "TRUE", 3: "maybe"},
        timestamp={1: "16118s37465", 2: "N/A"},
        date={1: "2021-02-3O"},
    )
    found = intake.read(as_csv(rows), reference)
    assert found.frame["rating"].head(6).to_list() == [None, 5, None, 10, 5, None]
    assert found.raw["rating"][:6] == ["4.7", "5 stars", "ten", "10", "5.0", ""]
    assert found.frame["asin"][0] == "B0K7PX2SBJ"
    assert found.raw["asin"][0] == "B0K7PX2SBJ "
    assert found.frame["verified_purchase"].head(3).to_list() == [True, True, None]
    assert found.frame["timestamp"].head(2).to_list() == [None, None]
    assert found.frame["date"][0] == "2021-02-3O"
    assert set(found.row_notes[0]) == {"format.spaces"}
    assert set(found.row_notes[1]) == {"format.unit", "format.label_case", "format.null_word"}
    assert found.complete == 10  # a cell for every column, whatever is in it


def test_values_of_other_types_are_taken_over_where_nothing_is_lost(reference: Reference) -> None:
    table = pl.DataFrame(ROWS).with_columns(
        pl.col("rating").cast(pl.Float64),
        pl.col("helpful_vote").cast(pl.String),
        pl.from_epoch("timestamp", "ms").alias("timestamp"),
        pl.col("date").str.to_date(),
        pl.col("verified_purchase").cast(pl.Int8),
        pl.col("asin").cast(pl.Categorical),
    )
    assert_frame_equal(intake.read(table, reference).frame, pl.DataFrame(ROWS))


def test_columns_of_time_types_read_iso_text() -> None:
    moments = pl.Series([f"2024-{1 + i % 12:02}-{1 + i % 27:02} {i % 24:02}:00:00" for i in range(40)])
    real = pl.DataFrame(
        {
            "when": moments.str.to_datetime(),
            "day": moments.str.to_datetime().dt.date(),
            "text": [f"A note, number {i}, on the weather" for i in range(40)],
        }
    )
    text = (
        "when,day,text\n2024-03-05T10:00:00,2024-03-05,Fine weather\n2024-13-05 10:00,5 March,Rain all day\n"
    )
    found = intake.read(text, load(real, text_columns=("text",)))
    assert found.frame.schema == real.schema
    assert found.frame.cast(pl.String).rows() == [
        ("2024-03-05 10:00:00.000000", "2024-03-05", "Fine weather"),
        (None, None, "Rain all day"),
    ]


def test_texts_keep_their_spaces_and_line_breaks(reference: Reference) -> None:
    rows = spoilt(text={1: "  Two lines:\n- one, and\n- two  ", 2: '"quoted"'})
    found = intake.read(as_csv(rows), reference)
    assert found.frame["text"].head(2).to_list() == ["  Two lines:\n- one, and\n- two  ", '"quoted"']


def many(count: int) -> pl.DataFrame:
    """Rows with a text of their own each, but for every tenth."""
    return pl.concat([frame()] * (count // 10)).with_columns(
        text=pl.when(pl.int_range(pl.len()) % 10 == 0)
        .then(pl.lit("The same old story, told once more."))
        .otherwise(pl.col("text") + pl.int_range(pl.len()).cast(pl.String))
    )


@pytest.mark.parametrize("suffix", ["csv", "parquet", "jsonl"])
def test_of_a_large_table_a_random_part_is_kept_and_all_is_counted(suffix: str, reference: Reference) -> None:
    table = many(5_000)
    real = reference.frame["text"][0].upper() + "!"
    table[123, "text"] = real
    path = Path(f"rows.{suffix}")
    {"csv": table.write_csv, "parquet": table.write_parquet, "jsonl": table.write_ndjson}[suffix](path)
    found = intake.read(path, reference, max_rows=300)
    assert (found.rows, len(found.frame), found.complete) == (5_000, 300, 5_000)
    assert found.exact_counts is not None
    assert found.exact_counts == (499, 1)
    assert found.frame["text"].to_list() == [table["text"][number - 1] for number in found.numbers]
    assert max(found.numbers) > 4_000
    assert list(found.numbers) == list(intake.read(path, reference, max_rows=300).numbers)
    assert any("300" in note for note in found.notes)


def test_a_json_array_may_be_one_long_line(reference: Reference, monkeypatch: pytest.MonkeyPatch) -> None:
    text = json.dumps(ROWS)
    monkeypatch.setattr("syngen.tables.encoding.LONGEST_LINE", len(text) // 2)
    assert_frame_equal(intake.read(written("rows.json", text), reference).frame, pl.DataFrame(ROWS))


def test_rows_are_numbered_as_people_count_also_past_blank_lines(reference: Reference) -> None:
    lines = TEXT.splitlines()
    text = "\n".join([lines[0], "", *lines[1:3], "", "", *lines[3:]])
    assert list(intake.read(text, reference).numbers) == list(range(1, 11))


def write_png() -> str:
    return written("rows.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (lambda: "nowhere.csv", "no file"),
        (lambda: written("rows.csv", ""), "empty"),
        (lambda: written("rows.csv", " \n\n\t\n"), "empty"),
        (lambda: written("rows.csv", HEADER + "\n"), "no row"),
        (lambda: written("rows.parquet", b"PAR1 and nothing more"), "can't be read"),
        (lambda: written("rows.gz", b"\x1f\x8b\x08\x00broken"), "can't be"),
        (write_png, "binary"),
        (lambda: ".", "no run"),
        (lambda: "town,country\nOslo,Norway\nRiga,Latvia\n", "no column of the reference"),
        (lambda: pl.DataFrame({"town": ["Oslo"], "country": ["Norway"]}), "no column of the reference"),
        (lambda: frame().head(0), "no row"),
        (lambda: [{"town": "Oslo"}], "no column of the reference"),
        (list, "no table"),
        (lambda: 7, "no table"),
        (lambda: None, "no table"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(
    source: Callable[[], Any], said: str, reference: Reference
) -> None:
    with pytest.raises(InputError, match=said) as error:
        intake.read(source(), reference)
    assert error.value.hint
    assert "\n" not in error.value.message


def test_a_file_that_may_not_be_read_is_an_input_error(
    reference: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(written("rows.csv", TEXT))
    path.chmod(0)
    try:
        path.read_bytes()
    except PermissionError:
        with pytest.raises(InputError, match="can't be read"):
            intake.read(path, reference)
    else:
        pytest.skip("this user may read everything")
    finally:
        path.chmod(0o600)
