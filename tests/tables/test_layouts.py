"""A file is written in the layout of the one that was read: written from its own rows, it is the same, byte by byte."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import syngen
from syngen.errors import OutputError
from syngen.tables.files import read_file
from syngen.tables.write import check_output, lacking_encoding, write_table
from syngen.types import Layout


def read(path: Path) -> tuple[pl.DataFrame, Layout, list[str]]:
    notes: list[str] = []
    frame, layout = read_file(path, 1000, notes)
    return frame, layout, notes


def rewritten(folder: Path, name: str, content: bytes) -> bytes:
    """A file read and written again."""
    path = folder / name
    path.write_bytes(content)
    frame, layout, _ = read(path)
    target = folder / f"again_{name}"
    write_table(frame, target, layout)
    return target.read_bytes()


ROWS = [("lamp; small", "8.5", "36.50", "true", "N/A"), ('so, "so"', "10", "15.00", "false", "4"), ("a\tb|c", "9", "7.25", "true", "5")]  # fmt: skip


@pytest.mark.parametrize("delimiter", list(",;\t|"))
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_dialect_of_delimited_text_is_kept(
    tmp_path: Path, delimiter: str, quoting: Any, quote: str, end: str, encoding: str
) -> None:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, quoting=quoting, quotechar=quote, lineterminator=end)
    writer.writerow(["note", "score", "price", "ok", "stars"])
    for note, score, price, ok, stars in ROWS * 4:
        writer.writerow([f"{note} für ä", *map(Number, (score, price, ok, stars))])
    content = file.getvalue().encode(encoding)
    assert rewritten(tmp_path, "t.csv", content) == content


class Number(float):
    """A number that the csv module writes as it is spelled, and that it does not quote."""

    def __new__(cls, text: str) -> Self:
        made = super().__new__(cls, 0.0)
        made.text = text
        return made

    text: str

    def __repr__(self) -> str:
        return self.text

    __str__ = __repr__


@pytest.mark.parametrize(
    "cells",
    [
        ["117.50", "10", "3.25", "1000"],
        ["8.5", "10", "9.25"],
        ["1000.0", "12.0", ""],
        ["1.00", "2.50", "0.75"],
        [".5", "-.25", "1.5"],
        ["1e-05", "0.25", "2e+20"],
        ["0.00001", "0.000025"],
        ["0.1", "0.123456789012345"],
        ["NA", "1.5", "2.0"],
        ["null", "1", "2"],
        ["-", "3", "-4"],
        ["true", "false", "N/A"],
        ["False", "True", ""],
        ["007", "12"],
        ["1,234.50", "$3"],
    ],
)
@pytest.mark.parametrize("quoted", [False, True])
def test_the_spelling_of_values_is_kept(tmp_path: Path, cells: list[str], *, quoted: bool) -> None:
    mark = '"' if quoted else ""
    content = "".join(
        f"{mark}{key}{mark};{mark}{cell}{mark}\n" for key, cell in [("key", "v"), *enumerate(cells)]
    )
    assert rewritten(tmp_path, "t.csv", content.encode()).decode() == content


@pytest.mark.parametrize(
    "content",
    [
        "sep=;\r\na;b\r\n1;x\r\n2;y\r\n",
        "a;b\n1;x\n2;y",  # without a last line end
        "a, b\n1, x\n2, y\n",
        ",note\n0,x\n1,y\n",  # an index without a name
        "a,b,b\n1,x,u\n2,y,v\n",  # names that come twice
        "5,works\n1,broke\n3,meh\n",  # without a header
        "a,b,\n1,x,\n2,y,\n",
        'id,note\n1,"plain"\n2,"so"\n',  # texts quoted, numbers and names not
        '"id","note"\n1,"plain"\n2,\n3,"so"\n',
        '"id","note"\n"1","plain"\n"2",""\n"3","so"\n',
        'id,note\n1,"say \\"so\\", he said"\n2,no\n',
        'a\tb\n1\t"half\n2\twhole\n3\tnone\n',  # no quotation marks at all
        "a;b\n1;x\n2;\n3;z\n",
    ],
)
def test_other_marks_of_a_file_are_kept(tmp_path: Path, content: str) -> None:
    assert rewritten(tmp_path, "t.csv", content.encode()).decode() == content


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0\r", exclude_categories=["Cs", "Cc", "Zs"]), min_size=1, max_size=12)  # fmt: skip
DIALECTS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from(",;\t|"),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
        "quotechar": st.sampled_from("\"'"),
        "lineterminator": st.sampled_from(["\n", "\r\n"]),
    }
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(
    dialect=DIALECTS,
    rows=st.lists(
        st.tuples(CELL, CELL, st.integers(-999, 999), st.decimals(0, 99, places=2)), min_size=3, max_size=9
    ),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_any_table_in_any_dialect_comes_back_byte_by_byte(
    tmp_path: Path, dialect: dict[str, Any], rows: list[tuple[str, str, int, Decimal]], encoding: str
) -> None:
    file = io.StringIO()
    writer = csv.writer(file, **dialect)
    writer.writerow(["tool", "note", "count", "price"])
    for tool, note, count, price in rows:
        writer.writerow([f"The {tool} here", f"It, is; {note}", count, Number(str(price))])
    content = file.getvalue().encode(encoding)
    assert rewritten(tmp_path, "t.csv", content) == content


OBJECTS = [
    {"n": 4, "share": 0.5, "ok": True, "note": "größer", "tags": ["a", "b"], "who": {"name": "Anna"}},
    {"n": 5, "share": 2, "ok": False, "note": None, "tags": [], "who": None},
]


@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
@pytest.mark.parametrize("shape", ["lines", "array", "array of lines", "indent 2", "indent 4"])
def test_json_is_written_as_it_was(tmp_path: Path, shape: str, separators: Any, *, ascii_only: bool) -> None:
    lines = [json.dumps(row, ensure_ascii=ascii_only, separators=separators) for row in OBJECTS]
    content = {
        "lines": "\n".join(lines) + "\n",
        "array": f"[{separators[0].join(lines)}]",
        "array of lines": "[\n" + ",\n".join(lines) + "\n]\n",
        "indent 2": json.dumps(OBJECTS, ensure_ascii=ascii_only, indent=2),
        "indent 4": json.dumps(OBJECTS, ensure_ascii=ascii_only, indent=4) + "\n",
    }[shape]
    assert rewritten(tmp_path, "t.json", content.encode()).decode() == content


def test_json_keys_that_are_left_out_stay_left_out_and_null_stays_null(tmp_path: Path) -> None:
    content = '{"n":1,"a":"x","b":"y"}\n{"n":2,"b":null}\n{"n":3,"b":""}\n{"n":4,"b":null}\n'
    again = rewritten(tmp_path, "t.jsonl", content.encode()).decode()
    assert again == content.replace('""', "null")  # most of what is missing is null


def test_types_of_a_parquet_file_are_kept(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "u": pl.Series([1, 2], dtype=pl.UInt32),
            "i": pl.Series([1, None], dtype=pl.Int8),
            "f": pl.Series([0.1, 2.5], dtype=pl.Float32),
            "d": pl.Series([Decimal("1.50"), None], dtype=pl.Decimal(10, 2)),
            "t": [dt.time(10, 15), dt.time(23, 59, 59, 500_000)],
            "l": pl.Series([dt.timedelta(seconds=90), None], dtype=pl.Duration("ms")),
            "c": pl.Series(["a", "b"], dtype=pl.Categorical),
            "e": pl.Series(["a", "b"], dtype=pl.Enum(["a", "b"])),
            "day": [dt.date(2024, 1, 2)] * 2,
            "at": pl.Series(
                [dt.datetime(2024, 1, 2, 3, tzinfo=dt.UTC)] * 2, dtype=pl.Datetime("ms", "Europe/Berlin")
            ),
            "tags": [["a"], []],
            "who": [{"name": "Anna", "age": 4}, {"name": "Bert", "age": None}],
        }
    )
    frame.write_parquet(tmp_path / "in.parquet")
    table, layout, _ = read(tmp_path / "in.parquet")
    write_table(table, tmp_path / "out.parquet", layout)
    back = pl.read_parquet(tmp_path / "out.parquet")
    assert back.schema == frame.schema
    assert back.equals(frame)


def test_values_that_a_type_can_t_hold_are_written_all_the_same(tmp_path: Path) -> None:
    pl.DataFrame({"n": pl.Series([1, 2], dtype=pl.Int8), "e": pl.Series(["a", "b"], dtype=pl.Enum(["a", "b"]))}).write_parquet(tmp_path / "in.parquet")  # fmt: skip
    _, layout, _ = read(tmp_path / "in.parquet")
    new = pl.DataFrame({"n": [1, 300], "e": ["a", "c"]})
    write_table(new, tmp_path / "out.parquet", layout)
    assert pl.read_parquet(tmp_path / "out.parquet").to_dict(as_series=False) == new.to_dict(as_series=False)


@pytest.mark.parametrize(
    ("name", "target", "expected"),
    [
        ("t.csv", "o.csv", "id;v;ok\n1;2.50;true\n2;10;NA\n"),
        ("t.csv", "o.tsv", "id\tv\tok\n1\t2.50\ttrue\n2\t10\tNA\n"),
        ("t.csv", "o.jsonl", '{"id":1,"v":2.5,"ok":true}\n{"id":2,"v":10,"ok":null}\n'),
        ("t.csv", "o.json", '[{"id":1,"v":2.5,"ok":true},{"id":2,"v":10,"ok":null}]\n'),
        ("t.txt", "o.csv", "id;v;ok\n1;2.50;true\n2;10;NA\n"),
        ("t.tsv", "o.csv", "id,v,ok\n1,2.50,true\n2,10,NA\n"),
    ],
)
def test_another_ending_converts(tmp_path: Path, name: str, target: str, expected: str) -> None:
    content = "id;v;ok\n1;2.50;true\n2;10;NA\n"
    path = tmp_path / name
    path.write_text(content.replace(";", "\t") if name.endswith(".tsv") else content, "utf-8")
    frame, layout, _ = read(path)
    write_table(frame, tmp_path / target, layout)
    assert (tmp_path / target).read_text("utf-8") == expected


def test_a_compressed_file_is_compressed_again(tmp_path: Path) -> None:
    content = b"id;v\n1;2.50\n2;10.00\n"
    check_output(tmp_path / "again.csv.gz", force=False)
    assert gzip.decompress(rewritten(tmp_path, "t.csv.gz", gzip.compress(content))) == content


def test_characters_that_the_encoding_lacks_make_the_file_utf8(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("a;b\n1;schön\n2;größer\n".encode("cp1252"))
    frame, layout, _ = read(tmp_path / "t.csv")
    new = frame.with_columns(b=pl.Series(["schön", "日本"]))
    write_table(new, tmp_path / "o.csv", layout)
    assert (tmp_path / "o.csv").read_text("utf-8") == "a;b\n1;schön\n2;日本\n"
    assert lacking_encoding(new, tmp_path / "o.csv", layout) == "cp1252"
    assert lacking_encoding(new, tmp_path / "o.parquet", layout) == ""
    assert lacking_encoding(frame, tmp_path / "o.csv", layout) == ""


def test_cells_written_otherwise_than_the_most_are_said(tmp_path: Path) -> None:
    cells = ["12.50"] * 8 + ["3.5"] * 2
    (tmp_path / "t.csv").write_text("k;v\n" + "".join(f"k;{cell}\n" for cell in cells), "utf-8")
    _, layout, notes = read(tmp_path / "t.csv")
    assert layout.spelling("v").decimals == 2
    assert notes == ["'v': 20% of the numbers are written otherwise than the others (3.5); new ones are written like 3.50."]  # fmt: skip


@pytest.mark.parametrize("name", ["stock.dat", "stock.dat.gz", "stock", "Stock.DATA"])
def test_the_ending_of_the_file_that_was_read_may_be_written(tmp_path: Path, name: str) -> None:
    content = b"item;price\n" + b"lamp;3.50\nbulb;4.25\n" * 3
    path = tmp_path / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    frame, layout, _ = read(path)
    target = tmp_path / f"new_{name}"
    check_output(target, layout, force=False)
    write_table(frame, target, layout)
    written = target.read_bytes()
    assert (gzip.decompress(written) if name.endswith(".gz") else written) == content
    with pytest.raises(OutputError, match=r"unknown ending '\.doc'"):
        check_output(tmp_path / "new.doc", layout, force=False)


@pytest.mark.parametrize("quoted", [False, True])
def test_a_marker_among_labels_is_written_as_it_was(tmp_path: Path, *, quoted: bool) -> None:
    mark = '"NA"' if quoted else "NA"
    content = '"colour","size","note"\n' + f'{mark},NA,"a"\n"red",4,"b"\n"blue",5,{mark}\n' * 4
    assert rewritten(tmp_path, "t.csv", content.encode()) == content.encode()


@pytest.mark.parametrize(
    "cells",
    [
        ["1.50E+10", "2.00E-05", "3.14E+00"],
        ["1.5e-05", "2.25e-07", "3e+20"],
        ["6.6446573357e-27", "7294.29954142", "1.6021766340000001e-19"],
        ["1519267447000000.0", "0.5", "3.1e-30"],
    ],
)
def test_numbers_with_an_exponent_are_numbers_and_written_alike(tmp_path: Path, cells: list[str]) -> None:
    content = "\n".join(["x,n", *(f"{cell},{i}" for i, cell in enumerate(cells * 9))])
    path = tmp_path / "powers.csv"
    path.write_text(content)
    assert read(path)[0]["x"].to_list() == [float(cell) for cell in cells] * 9
    assert rewritten(tmp_path, "again.csv", content.encode()) == content.encode()


def test_codes_with_an_e_among_digits_are_no_numbers(tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    path.write_text("\n".join(["x,n", *(f"{i}E{i % 7},{i}" for i in range(60))]))
    assert read(path)[0]["x"].dtype == pl.String


def test_a_name_like_a_regular_expression_is_read_under_another_and_written_again(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("^a$,kind\n" + "".join(f"{i},{'xyz'[i % 3]}\n" for i in range(1, 40)))
    real = syngen.load(source)
    assert real.frame.columns == ["a$", "kind"]
    assert any("'^a$', is called 'a$'" in note for note in real.notes)
    run = syngen.generate(real, 5, run=tmp_path / "r")
    assert run.output.read_text().startswith("^a$,kind\n")
    with pytest.raises(syngen.ReferenceError, match=r"'\^b\$' .* regular expression"):
        syngen.load(pl.DataFrame({"^b$": [1, 2, 3]}))
