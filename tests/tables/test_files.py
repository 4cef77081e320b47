"""Files of every form people have become the same table; what can't be one is refused in a sentence."""

from __future__ import annotations

import contextlib
import csv
import errno
import gzip
import io
import json
import pickle
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syngen.errors import ReferenceError as BadReference
from syngen.tables.files import read_file
from syngen.tables.write import write_table

TABLE = {
    "stars": [4, 2, 5],
    "note": ["Größe passt, Farbe auch", 'sagt "naja"\nund geht', "schön"],
}
CSV = 'stars,note\n4,"Größe passt, Farbe auch"\n2,"sagt ""naja""\nund geht"\n5,schön\n'


def read(path: Path, max_rows: int = 1000) -> tuple[pl.DataFrame, list[str]]:
    notes: list[str] = []
    return read_file(path, max_rows, notes)[0], notes


def saved(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plain.csv", CSV),
        ("marked.csv", "\ufeff" + CSV),
        ("windows.csv", CSV.replace("\n4", "\r\n4").replace("\n2", "\r\n2").replace("\n5", "\r\n5")),
        ("semicolons.csv", CSV.replace("stars,", "stars;").replace("4,", "4;").replace("2,", "2;").replace("5,", "5;")),
        ("tabs.tsv", CSV.replace("stars,", "stars\t").replace("4,", "4\t").replace("2,", "2\t").replace("5,", "5\t")),
        ("pipes.txt", CSV.replace("stars,", "stars|").replace("4,", "4|").replace("2,", "2|").replace("5,", "5|")),
        ("spaced.csv", CSV.replace("stars,", "stars, ").replace("4,", "4, ").replace("2,", "2, ").replace("5,", "5, ")),
        ("escaped.csv", CSV.replace('""', '\\"')),
        ("latin.csv", CSV.encode("latin-1")),
        ("wide.csv", CSV.encode("utf-16")),
        ("wide_unmarked.csv", CSV.encode("utf-16-le")),
        ("packed.csv.gz", gzip.compress(CSV.encode(), mtime=0)),
        ("no_extension", CSV),
        ("lines.jsonl", "".join(json.dumps({"stars": s, "note": n}) + "\n" for s, n in zip(*TABLE.values(), strict=True))),
        ("array.json", json.dumps([{"stars": s, "note": n} for s, n in zip(*TABLE.values(), strict=True)])),
    ],
)  # fmt: skip
def test_the_same_table_is_read_from_every_form(tmp_path: Path, name: str, content: str | bytes) -> None:
    frame, _ = read(saved(tmp_path, name, content))
    assert frame.to_dict(as_series=False) == TABLE


@pytest.mark.parametrize("form", ["parquet", "ipc", "ipc_stream"])
def test_binary_tables_are_known_by_their_first_bytes(tmp_path: Path, form: str) -> None:
    path = tmp_path / "table.bin"
    getattr(pl.DataFrame(TABLE), f"write_{form}")(path)
    assert read(path)[0].to_dict(as_series=False) == TABLE


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("żółty kubek jest świetny, ale pękł", "cp1250"),
        ("очень хорошая чашка, всем советую", "cp1251"),
        ("とても良いカップでした。また買います。", "cp932"),
        ("It’s a “fine” café – I’d go again", "cp1252"),
    ],
)
def test_encodings_of_other_scripts_are_told_apart(tmp_path: Path, text: str, encoding: str) -> None:
    path = saved(tmp_path, "t.csv", f'id;note\n1;"{text}"\n2;"{text}"\n'.encode(encoding))
    frame, notes = read(path)
    assert frame["note"].to_list() == [text, text]
    assert notes == [f"The file is not UTF-8; it was read as {encoding}."]


def test_a_single_broken_byte_does_not_spoil_the_rest(tmp_path: Path) -> None:
    content = ("a,b\n" + "1,überall Umlaute: äöü\n" * 5).encode() + b"2,\xff\n"
    frame, notes = read(saved(tmp_path, "t.csv", content))
    assert frame["b"].to_list() == ["überall Umlaute: äöü"] * 5 + ["\ufffd"]
    assert any("not valid UTF-8" in note for note in notes)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1", "-2", ""], [1, -2, None]),
        (["1.50", "2", "-.5"], [1.5, 2.0, -0.5]),
        (["1e-05", "0.25"], [0.00001, 0.25]),
        (["True", "", "False"], [True, None, False]),
        (["true", "true"], [True, True]),
        (["TRUE", "FALSE"], ["TRUE", "FALSE"]),
        (["3", "NA", "4"], [3, None, 4]),
        (["01067", "80331"], ["01067", "80331"]),
        (["+49", "12"], ["+49", "12"]),
        (["1e5", "2e5"], ["1e5", "2e5"]),
        (["0x1F", "0x20"], ["0x1F", "0x20"]),
        (["99999999999999999999", "1"], ["99999999999999999999", "1"]),
        (["NA", "none of these"], ["NA", "none of these"]),
        (["3,5", "4,0"], ["3,5", "4,0"]),
        (["  ", "x"], [None, "x"]),
    ],
)
def test_cells_become_numbers_only_where_nothing_is_lost(
    tmp_path: Path, cells: list[str], expected: list[object]
) -> None:
    lines = "".join(f'k;"{cell}"\n' for cell in cells)
    assert read(saved(tmp_path, "t.csv", f"k;v\n{lines}"))[0]["v"].to_list() == expected


def test_a_table_is_written_back_as_it_was_read(tmp_path: Path) -> None:
    content = (
        "key,price,stars,likes,share,sold,day,at,local,zip,note\n"
        'T-12,12.5,4.5,0,0.00025,True,2024-03-01,2024-03-01T10:15:00Z,01.03.2024 10:15,01067,"So, ""fine"""\n'
        'T-13,1000.0,3.0,12,1.0,False,2024-03-02,2024-03-02T11:00:30Z,02.03.2024 11:00,80331,"two\nlines"\n'
        "T-14,,5.0,7,,,2024-03-03,,03.03.2024 12:30,,\n"
    )
    frame, _ = read(saved(tmp_path, "in.csv", content))
    write_table(frame, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text("utf-8") == content


def test_ragged_rows_are_mended_or_left_out_and_their_lines_named(tmp_path: Path) -> None:
    content = 'a,b,c\n1,x,"two\nlines"\n2,y\n3,z,w,more\n4,z,w,\n\n5,u,v\n'
    frame, notes = read(saved(tmp_path, "t.csv", content))
    assert frame["a"].to_list() == [1, 2, 4, 5]
    assert frame["c"].to_list() == ["two\nlines", None, "w", "v"]
    assert notes == [
        "1 row with fewer cells than the header (line 4): the rest was read as missing.",
        "1 row with more cells than the header (line 5): left out.",
    ]


def test_a_table_with_mostly_overlong_rows_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, "t.csv", "stars,note\n1,well, it broke\n2,fine\n3,fine, mostly\n4,so, so\n")
    with pytest.raises(BadReference, match=r"3 of 4 rows of 't.csv' have more cells.*lines 2, 4, 5"):
        read(path)


def test_a_file_of_one_column_may_hold_commas(tmp_path: Path) -> None:
    frame, _ = read(saved(tmp_path, "t.txt", "note\nwell, it broke\nfine; mostly\n"))
    assert frame["note"].to_list() == ["well, it broke", "fine; mostly"]


def test_tab_separated_text_may_hold_a_stray_quotation_mark(tmp_path: Path) -> None:
    frame, _ = read(saved(tmp_path, "t.tsv", 'a\tb\n1\t"half\n2\twhole\n3\tnone\n'))
    assert frame["b"].to_list() == ['"half', "whole", "none"]


def test_an_unnamed_column_gets_a_name_and_a_trailing_delimiter_makes_none(tmp_path: Path) -> None:
    frame, notes = read(saved(tmp_path, "t.csv", ",note,\n0,x,\n1,y,\n"))
    assert frame.columns == ["column_1", "note"]
    assert notes == ["Column 1 has no name; it is called column_1."]


def test_a_file_without_header_keeps_its_first_row(tmp_path: Path) -> None:
    frame, notes = read(saved(tmp_path, "t.csv", "5,works\n1,broke\n3,meh\n"))
    assert frame.rows() == [(5, "works"), (1, "broke"), (3, "meh")]
    assert "first row looks like data" in notes[0]


def test_year_columns_are_a_header(tmp_path: Path) -> None:
    frame, _ = read(saved(tmp_path, "t.csv", "place,2020,2021\nhere,1,2\nthere,3,4\n"))
    assert frame.columns == ["place", "2020", "2021"]


def test_nul_characters_go_and_huge_cells_stay(tmp_path: Path) -> None:
    huge = "wörd " * 10_000
    frame, notes = read(saved(tmp_path, "t.csv", f'a,b\n1,x\0y\n2,"{huge}"\n'))
    assert frame["b"].to_list() == ["xy", huge]
    assert notes == ["'b': NUL characters were removed from 1 cell."]


def test_json_values_of_every_kind_find_a_type(tmp_path: Path) -> None:
    lines = [
        '{"n": 1, "mixed": "a", "nest": {"k": [1]}, "lone": "x\\ud83d", "late": true}',
        '{"n": 2.5, "mixed": 3, "nest": null, "lone": "\\ud83d\\ude00"}',
        "not json",
        '{"n": NaN, "mixed": null}',
    ]
    frame, notes = read(saved(tmp_path, "t.jsonl", "\n".join(lines)))
    assert frame.to_dict(as_series=False) == {
        "n": [1.0, 2.5, None],
        "mixed": ["a", "3", None],
        "nest": ['{"k": [1]}', None, None],
        "lone": ["x\ufffd", "😀", None],
        "late": [True, None, None],
    }
    assert any("(line 3): left out" in note for note in notes)


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl", "t.json", "t.parquet"])
def test_a_larger_file_gives_the_same_random_rows_in_file_order(tmp_path: Path, name: str) -> None:
    frame = pl.DataFrame({"n": range(1000), "t": [f"row {i}" for i in range(1000)]})
    path = tmp_path / name
    if name == "t.jsonl":
        frame.write_ndjson(path)
    else:
        getattr(frame, f"write_{path.suffix[1:]}")(path)
    kept, notes = read(path, max_rows=100)
    numbers = kept["n"].to_list()
    assert notes == ["Of 1,000 rows, a random sample of 100 is used."]
    assert len(numbers) == 100
    assert numbers == sorted(numbers)
    assert 300 < sum(numbers) / 100 < 700
    assert read(path, max_rows=100)[0].equals(kept)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("t.csv", b"", "empty"),
        ("t.csv", b"\xef\xbb\xbf \n\n", "empty"),
        ("t.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "an image"),
        ("t.csv", b"PK\x03\x04" + bytes(300), "a damaged ZIP archive or Office document"),
        ("t.csv", pickle.dumps(TABLE), "a pickle"),
        ("t.csv", bytes(range(256)) * 40, "binary"),
        ("t.csv", bytes(10_000), "binary"),
        ("t.html", b"<html><body>table</body></html>", "an HTML page"),
        ("t.csv.gz", gzip.compress(CSV.encode() * 500, mtime=0)[:-30], "cut off"),
        ("t.parquet", b"PAR1" + bytes(100), "can't be read"),
        ("t.json", b'[{"a": 1}, {"a": 2', "cut off"),
        ("t.json", b"[1, 2]", "not of objects"),
        ("t.jsonl", b"plain words\nand more\n", "not JSON Lines"),
        ("t.csv", b'a,b,c\n1,2,3\n1,"open' + b"\n2,y,z" * 100, "quotation mark in line 3"),
    ],
)
def test_what_is_no_table_is_refused_in_a_sentence(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    with pytest.raises(BadReference, match=says) as caught:
        read(saved(tmp_path, name, content))
    assert caught.value.hint


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("absent.csv", "no file"),
        (".", "a folder"),
        ("https://example.org/t.csv", "a web address"),
        ("long" * 100 + ".csv", "can't be read: File name too long"),
        ("~nosuchuser/t.csv", "no file '~nosuchuser/t.csv': whose home folder is meant is unknown"),
        ("nul\0.csv", "no file"),
    ],
)
def test_what_is_no_file_is_refused_in_a_sentence(tmp_path: Path, path: str, says: str) -> None:
    with pytest.raises(BadReference, match=says):
        read(Path(path))


def test_a_folder_that_may_not_be_entered_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "is_file", refuse)  # root, as which tests may run, may enter any
    with pytest.raises(BadReference, match=r"t\.csv' can't be read: Permission denied"):
        read(tmp_path / "locked" / "t.csv")


def test_a_mistyped_name_is_met_with_the_right_one(tmp_path: Path) -> None:
    saved(tmp_path, "tickets.csv", CSV)
    with pytest.raises(BadReference, match=r"Did you mean '.*tickets\.csv'"):
        read(tmp_path / "tikets.csv")


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(rows=st.lists(st.tuples(CELL, CELL), min_size=2, max_size=8))
def test_any_text_comes_back_from_a_csv_file_as_it_was(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    frame = pl.DataFrame(
        {
            "mark": ["x"] * len(rows),
            "one": [f"a{one}" for one, _ in rows],
            "two": [f"b{two}" for _, two in rows],
        }
    )
    frame.write_csv(tmp_path / "t.csv", quote_style="always")
    back, notes = read(tmp_path / "t.csv")
    assert back.equals(frame)
    assert notes == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=100)
@given(content=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    with contextlib.suppress(BadReference):
        assert read(saved(tmp_path, "t.csv", content))[0].width


ODD = st.sampled_from(["", " ", "x", "1", 'say "so"'])
ROW = st.lists(ODD | st.just("two\nlines"), min_size=1, max_size=3) | st.lists(ODD, min_size=4, max_size=5)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(rows=st.lists(ROW, min_size=1, max_size=12))
def test_rows_are_those_of_the_csv_module_filled_up_to_the_header(
    tmp_path: Path, rows: list[list[str]]
) -> None:
    rows = [*rows, *[["end", "of", "it"]] * 30]
    file = io.StringIO()
    csv.writer(file).writerows([["a", "b", "c"], *rows])
    frame, _ = read(saved(tmp_path, "t.csv", file.getvalue()))
    expected = [
        [(cell.strip() and cell) or None for cell in row[:3]] + [None] * (3 - len(row))
        for row in rows
        if any(map(str.strip, row)) and not any(map(str.strip, row[3:]))
    ]
    assert [[None if cell is None else str(cell) for cell in row] for row in frame.rows()] == expected


@pytest.mark.parametrize("mark", ["NA", "N/A", "NULL", r"\N"])
def test_a_marker_among_numbers_is_missing_among_texts_and_labels_too(tmp_path: Path, mark: str) -> None:
    rows = [
        f"{mark},{mark},none,nice lamp" if i % 3 == 0 else f"{i},red,{mark},{mark} lamp" for i in range(12)
    ]
    content = "\n".join(["size,colour,extra,note", *rows]) + "\n"
    frame, notes = read(saved(tmp_path, "t.csv", content))
    assert frame["size"].dtype == pl.Int64
    assert frame["colour"].to_list() == [None if i % 3 == 0 else "red" for i in range(12)]
    assert frame["extra"].to_list() == ["none" if i % 3 == 0 else None for i in range(12)]
    assert frame["note"].null_count() == 0
    (said,) = [note for note in notes if "'colour'" in note]
    assert f"'{mark}'" in said
    assert "'colour' (4 cells)" in said
    assert "'extra' (8 cells)" in said


def test_a_word_that_is_missing_nowhere_else_stays_a_label(tmp_path: Path) -> None:
    content = "place,size,code\n" + "NA,1,a\nEU,2,\\N\n" * 4
    frame, notes = read(saved(tmp_path, "t.csv", content))
    assert frame["place"].to_list() == ["NA", "EU"] * 4
    assert frame["code"].to_list() == ["a", None] * 4
    assert any(r"'\N'" in note and "'code' (4 cells)" in note for note in notes)
