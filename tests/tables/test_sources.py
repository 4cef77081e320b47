"""A table is found wherever people keep one: archives, workbooks, databases, pipes."""

from __future__ import annotations

import bz2
import datetime as dt
import io
import lzma
import os
import sqlite3
import sys
import threading
import zipfile
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from syngen.errors import OutputError
from syngen.errors import ReferenceError as BadReference
from syngen.tables.encoding import compress_zstd
from syngen.tables.files import read_file
from syngen.tables.write import write_table

CSV = "stars;note\n4;works\n2;broke\n5;fine\n"
ROWS = [(4, "works"), (2, "broke"), (5, "fine")]


def rows_of(source: str | Path) -> list[tuple[object, ...]]:
    return read_file(source, 1000, [])[0].rows()


def notes_of(source: str | Path) -> list[str]:
    notes: list[str] = []
    read_file(source, 1000, notes)
    return notes


@pytest.mark.parametrize(
    ("ending", "compress"), [(".bz2", bz2.compress), (".xz", lzma.compress), (".zst", compress_zstd)]
)
def test_compressed_text_is_read_whatever_its_name_and_written(
    tmp_path: Path, ending: str, compress: object
) -> None:
    for name in (f"t.csv{ending}", "t.csv"):
        (tmp_path / name).write_bytes(compress(CSV.encode()))
        assert rows_of(tmp_path / name) == ROWS
    frame, layout = read_file(tmp_path / f"t.csv{ending}", 1000, [])
    write_table(frame, tmp_path / f"o.csv{ending}", layout)
    assert (tmp_path / f"o.csv{ending}").read_bytes() == compress(CSV.encode())
    (tmp_path / "cut.csv").write_bytes(compress(CSV.encode() * 900)[:-20])
    with pytest.raises(BadReference, match="can't be decompressed"):
        rows_of(tmp_path / "cut.csv")


def archive(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as opened:
        for name in names:
            opened.writestr(name, CSV)
    return path


def test_an_archive_of_one_file_is_that_file(tmp_path: Path) -> None:
    assert rows_of(archive(tmp_path / "t.zip", "data/t.csv", "__MACOSX/data/._t.csv", "data/.hidden")) == ROWS


def test_of_an_archive_of_several_files_one_is_named(tmp_path: Path) -> None:
    path = archive(tmp_path / "t.zip", "a.csv", "more/b.csv")
    assert rows_of(f"{path}::a.csv") == rows_of(f"{path}::more/b.csv") == rows_of(f"{path}::b.csv") == ROWS
    with pytest.raises(
        BadReference, match=r"holds 2 files: a.csv and more/b.csv\. Name one of them: .*t.zip::a.csv"
    ):
        rows_of(path)
    with pytest.raises(BadReference, match=r"holds no file 'c.csv'"):
        rows_of(f"{path}::c.csv")


def test_a_document_without_a_sheet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadReference, match="Office document without a sheet"):
        rows_of(archive(tmp_path / "t.docx", "[Content_Types].xml", "word/document.xml"))


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.db"
    database = sqlite3.connect(path)
    database.execute('CREATE TABLE "my reviews" (stars INTEGER, note TEXT)')
    database.executemany('INSERT INTO "my reviews" VALUES (?, ?)', ROWS)
    database.commit()
    database.close()
    return path


def test_a_table_of_a_database_is_read_and_named_where_there_are_several(shop: Path) -> None:
    assert rows_of(shop) == rows_of(f"{shop}::my reviews") == ROWS
    with pytest.raises(BadReference, match=r"has no table 'x': my reviews\. Name one: .*shop.db::my reviews"):
        rows_of(f"{shop}::x")
    database = sqlite3.connect(shop)
    database.execute("CREATE TABLE other (a)")
    database.close()
    with pytest.raises(BadReference, match="has 2 tables: my reviews and other"):
        rows_of(shop)


def test_a_table_of_duckdb_is_read_where_its_package_is_there(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect(str(tmp_path / "t.duckdb")) as database:
        database.execute("CREATE TABLE t AS SELECT 1 AS n, 'fine' AS note UNION ALL SELECT 2, 'so'")
    assert sorted(rows_of(tmp_path / "t.duckdb")) == [(1, "fine"), (2, "so")]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A workbook with a merged title, an empty row and a total."""
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet("Sales")
        day = made.add_format({"num_format": "dd.mm.yyyy"})
        sheet.merge_range(0, 0, 0, 4, "Sales of May")
        sheet.write_row(2, 0, ["key", "price", "sold", "on", "note"])
        for i in range(6):
            sheet.write_row(3 + i, 0, [i, i + 0.5, i % 2 == 0])
            sheet.write_datetime(
                3 + i, 3, dt.datetime(2024, 5, 1 + i, tzinfo=dt.UTC).replace(tzinfo=None), day
            )
            sheet.write_string(3 + i, 4, f"note {i}")
        sheet.write_row(9, 0, ["Total", 18])
        made.add_worksheet("More").write_row(0, 0, ["n", "what"])
        made.get_worksheet_by_name("More").write_row(1, 0, [7, "seven"])
    return path


def test_the_first_sheet_of_a_workbook_is_read_below_its_title(book: Path) -> None:
    frame, layout = read_file(book, 1000, [])
    assert frame.row(1) == (1, 1.5, False, "2024-05-02", "note 1")
    assert len(frame) == 6
    assert layout.sheet == "Sales"
    assert notes_of(book) == [
        "Of 2 sheets (Sales and More) the first was read; choose another with --sheet.",
        "1 line above the header (in line 3) left out: 'Sales of May'.",
        "1 row below the table (line 10): left out.",
    ]


def test_another_sheet_is_named(book: Path) -> None:
    assert rows_of(f"{book}::More") == [(7, "seven")]
    with pytest.raises(BadReference, match=r"has no sheet 'Less'\. Its sheets are Sales and More"):
        rows_of(f"{book}::Less")


def test_a_workbook_is_written_with_its_types(book: Path, tmp_path: Path) -> None:
    import fastexcel

    frame, layout = read_file(book, 1000, [])
    write_table(frame, tmp_path / "o.xlsx", layout)
    again, same = read_file(tmp_path / "o.xlsx", 1000, [])
    assert again.equals(frame)
    assert same == layout
    sheet = fastexcel.read_excel(tmp_path / "o.xlsx").load_sheet("Sales").to_polars()
    assert list(sheet.dtypes) == [pl.Float64, pl.Float64, pl.Boolean, pl.Datetime("ms"), pl.String]


def test_no_text_of_a_workbook_becomes_a_formula_and_none_is_cut(tmp_path: Path) -> None:
    frame = pl.DataFrame({"n": [1, 2], "note": ["=1+1", "https://example.org"]})
    write_table(frame, tmp_path / "o.xlsx")
    assert rows_of(tmp_path / "o.xlsx") == frame.rows()
    with pytest.raises(OutputError, match="more than 32,767 characters"):
        write_table(pl.DataFrame({"note": ["x" * 40_000]}), tmp_path / "long.xlsx")
    assert not (tmp_path / "long.xlsx").exists()


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "t.parquet").touch()
    pl.DataFrame({"n": [1, 2]}).write_parquet(tmp_path / "t.parquet")
    for content, rows in ((CSV.encode(), ROWS), ((tmp_path / "t.parquet").read_bytes(), [(1,), (2,)])):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        assert rows_of("-") == rows
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with pytest.raises(BadReference, match=r"stdin' is empty"):
        rows_of("-")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(CSV,))
    writer.start()
    assert rows_of(pipe) == ROWS
    writer.join()


@pytest.mark.parametrize("digits", ["٠١٢٣٤٥٦٧٨٩", "０１２３４５６７８９", "०१२३४५६७८९"])
def test_digits_of_other_scripts_are_not_lost(tmp_path: Path, digits: str) -> None:
    cells = ["".join(digits[int(c)] for c in str(number)) for number in (305, 41, 7)]
    path = tmp_path / "shop.csv"
    path.write_text("count,note\n" + "".join(f"{cell},works\n" for cell in cells), encoding="utf-8")
    assert [row[0] for row in rows_of(path)] == cells
