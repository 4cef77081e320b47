"""Text tables are read as people's programs write them: any delimiter and quote, lines above and below the table."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syngen import errors
from syngen.tables.files import read_file

ROWS = [(12 + i, 1 + i % 5, text) for i, text in enumerate(["fits; well", "it's so so, really", "broke"] * 4)]
NAMES = ["key", "stars", "note"]


def read(path: Path) -> tuple[pl.DataFrame, list[str]]:
    notes: list[str] = []
    frame, _ = read_file(path, 1000, notes)
    return frame, notes


def saved(folder: Path, content: str | bytes, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def written(delimiter: str = ";", quote: str = '"', end: str = "\n") -> str:
    """The table as text, every text quoted."""
    lines = [delimiter.join(NAMES)]
    lines += [
        delimiter.join([str(key), str(stars), quote + note.replace(quote, quote * 2) + quote])
        for key, stars, note in ROWS
    ]
    return end.join(lines) + end


@pytest.mark.parametrize("delimiter", list(",;\t|^~"))
@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiter_quotation_marks_and_line_ends_are_found(
    tmp_path: Path, delimiter: str, quote: str, end: str
) -> None:
    frame, notes = read(saved(tmp_path, written(delimiter, quote, end)))
    assert frame.columns == NAMES
    assert frame.rows() == ROWS
    assert notes == []


def test_an_apostrophe_that_begins_a_word_is_no_quotation_mark(tmp_path: Path) -> None:
    frame, _ = read(saved(tmp_path, "n,note\n1,'twas the seller's fault\n2,'tis fine\n3,'s all good\n"))
    assert frame["note"].to_list() == ["'twas the seller's fault", "'tis fine", "'s all good"]


@pytest.mark.parametrize("first", ["sep=;", "SEP=;", '"sep=;"', "\ufeffsep=;"])
def test_the_line_that_says_the_delimiter_is_obeyed(tmp_path: Path, first: str) -> None:
    frame, notes = read(saved(tmp_path, f"{first}\r\n" + written(end="\r\n")))
    assert frame.rows() == ROWS
    assert notes == []


@pytest.mark.parametrize(
    ("above", "lines"),
    [
        ("Reviews of tools\n", 1),
        ("Reviews of tools, as of May; final\n\n", 1),
        ("Export;made on: 09.12.2025\n\nAccount;DE00\nPeriod;17.11.2025 - 09.12.2025\n\n", 3),
        ("".join(f"Line {i};x\n" for i in range(12)), 12),
        ("Report;;\n;;\n", 2),
        ("# exported; by hand; in May\n# second\n", 2),
        ("Account;DE00;EUR\nOwner;Anna;checked\n\n", 2),
        ("Tool;;;\n", 1),
    ],
)
def test_lines_above_the_header_are_left_out_and_shown(tmp_path: Path, above: str, lines: int) -> None:
    frame, notes = read(saved(tmp_path, above + written()))
    assert frame.columns == NAMES
    assert frame.rows() == ROWS
    assert len(notes) == 1
    assert notes[0].startswith(f"{lines} line{'s' if lines > 1 else ''} above the header")
    assert above.partition("\n")[0] in notes[0]
    assert f"(in line {above.count(chr(10)) + 1})" in notes[0]


@pytest.mark.parametrize(
    "content",
    [
        "name,note\n\nAnna,good\nBert,bad\nCleo,so so\n",  # an empty line below the header
        ",note,tag\n" + "".join(f"row{i},fine {i},t{i}\n" for i in range(9)),  # an index without a name
        "note\n" + "".join(f"works {i}, mostly {i}\n" for i in range(20)),  # sentences with a comma each
        "#name,note\nAnna,good\nBert,bad\n",  # a header that begins like a comment
        "name,note,\nAnna,good,\nBert,bad,\nCleo,,\n",
    ],
)
def test_a_first_line_that_is_the_header_stays_it(tmp_path: Path, content: str) -> None:
    frame, notes = read(saved(tmp_path, content))
    assert frame.columns[-1] in content.partition("\n")[0]
    assert not any("above the header" in note for note in notes)


@pytest.mark.parametrize(
    ("below", "lines"),
    [
        ("\nTotal;36;\nExported in May\n", "2 rows below the table (lines 15, 16)"),
        ("Summe:;36;\n", "1 row below the table (line 14)"),
        ("# end of file\n", "1 row below the table (line 14)"),
    ],
)
def test_totals_and_remarks_below_a_table_are_left_out(tmp_path: Path, below: str, lines: str) -> None:
    frame, notes = read(saved(tmp_path, written() + below))
    assert frame.rows() == ROWS
    assert notes == [f"{lines}: left out."]


def test_a_header_that_comes_again_is_no_row(tmp_path: Path) -> None:
    frame, notes = read(saved(tmp_path, written() + written()))
    assert frame.rows() == ROWS * 2
    assert notes == ["1 row with the header once more (line 14): left out."]


QUESTION = (
    "How satisfied are you, on the whole, with the service that you got from our team on your last visit?"
)


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        (f'Id,"{QUESTION}",Anything else?', ["7,Very,All was fine", "8,Not at all,No", "9,Very,It broke"]),
        (f'"{QUESTION}","{QUESTION[:-1]}, again"', [f"{'good ' * 20},{'bad ' * 20}"] * 3 + ["so,so"]),
        ("place,2020,2021", ["here,1,2", "there,3,4", "where,5,6"]),
        (",0,1,2", ["0,1.5,2,x", "1,2.5,3,y", "2,3.5,4,z"]),
        ("word,1,2,3", ["a,4,5,6", "b,5,6,7", "c,6,7,8"]),
        ("day,amount,note", ["2024-01-05,12.5,tea", "2024-01-06,13.5,cake", "2024-01-07,1.5,tea"]),
    ],
)
def test_a_header_of_questions_years_or_numbers_is_a_header(
    tmp_path: Path, header: str, rows: list[str]
) -> None:
    frame, notes = read(saved(tmp_path, "\n".join([header, *rows, ""])))
    assert len(frame) == len(rows)
    assert not any("looks like data" in note for note in notes)


@pytest.mark.parametrize(
    "rows",
    [
        ["5,works,,", "1,broke,x,", "3,meh,,y"],
        ["2024-01-05,12.50,coffee", "2024-01-06,13.50,tea", "2024-01-07,1.50,tea"],
        ["ham\tsee you at the station at four", "spam\tyou won a prize", "ham\tok", "ham\tsee you"],
        ["It works. I would buy it again any time, and so would all my friends, I think."] * 2
        + ["It broke after two days, and nobody would answer me when I called them about it."],
    ],
)
def test_a_first_row_like_those_below_is_data(tmp_path: Path, rows: list[str]) -> None:
    frame, notes = read(saved(tmp_path, "\n".join([*rows, ""])))
    assert len(frame) == len(rows)
    assert "looks like data" in notes[0]


def test_columns_of_one_name_get_names_of_their_own(tmp_path: Path) -> None:
    frame, notes = read(saved(tmp_path, "id,Answer,Answer,Answer_2\n1,a,b,c\n2,d,e,f\n"))
    assert frame.columns == ["id", "Answer", "Answer_3", "Answer_2"]
    assert notes == ["Columns 2 and 3 are both called 'Answer'; the latter is Answer_3 here."]


def test_a_table_with_many_broken_bytes_stays_utf8(tmp_path: Path) -> None:
    lines = b"".join(b"%d,b\x99x and caf\xc3\xa9 na\xc3\xafve gr\xc3\xb6\n" % i for i in range(40))
    frame, notes = read(saved(tmp_path, b"n,note\n" + lines))
    assert frame["note"][0] == "b\ufffdx and café naïve grö"
    assert notes == ["40 bytes are not valid UTF-8; each was read as the replacement character \ufffd."]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    above=st.lists(st.text("abc 12,.:'", min_size=1, max_size=20).filter(str.strip), max_size=8),
    delimiter=st.sampled_from(";\t|"),
)
def test_any_lines_set_apart_above_a_table_are_left_out(
    tmp_path: Path, above: list[str], delimiter: str
) -> None:
    content = "".join(f"{line}\n" for line in above) + "\n" + written(delimiter)
    frame, _ = read(saved(tmp_path, content))
    assert frame.columns == NAMES
    assert frame.rows() == ROWS


@pytest.mark.parametrize("gap", [" ", "   "])
@pytest.mark.parametrize("lead", ["", "  "])
def test_blanks_between_columns_are_found_and_said(tmp_path: Path, gap: str, lead: str) -> None:
    rows = [["year", "north", "south"], *([str(1950 + i), f"{20 + i}.5", f"-{i}.25"] for i in range(8))]
    frame, notes = read(saved(tmp_path, "".join(lead + gap.join(row) + "\n" for row in rows), "t.dat"))
    assert frame.columns == ["year", "north", "south"]
    assert frame["south"].to_list() == [-i - 0.25 if i else -0.25 for i in range(8)]
    assert any("Blanks separate the columns" in note for note in notes)


def test_lines_of_as_many_words_stay_one_column(tmp_path: Path) -> None:
    content = "full name\n" + "".join(
        f"{a} {b}\n" for a in ("Anna", "Berta") for b in ("Sol", "Mond", "Stern")
    )
    frame, notes = read(saved(tmp_path, content))
    assert frame.columns == ["full name"]
    assert not notes


def test_aligned_lines_that_differ_in_cells_are_said(tmp_path: Path) -> None:
    content = "place name   size\n" + "".join(f"Town{i}       {i}\n" for i in range(6))
    frame, notes = read(saved(tmp_path, content))
    assert frame.width == 1
    assert any("If blanks separate columns" in note for note in notes)


# ------------------------------------------------------------------------------- headers of R, rows of units
CARS = [(f"Car {i}", 20 + i / 2, 4 + i % 3, "ab"[i % 2]) for i in range(12)]


def of_r(delimiter: str, mark: str = '"') -> str:
    rows = [delimiter.join(f"{mark}{name}{mark}" for name in ("mpg", "cyl", "kind"))]
    for name, mpg, cyl, kind in CARS:
        bare = name if mark else name.replace(" ", "")
        rows.append(delimiter.join((f"{mark}{bare}{mark}", str(mpg), str(cyl), f"{mark}{kind}{mark}")))
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize(
    ("delimiter", "mark"), [(" ", '"'), (" ", ""), ("\t", '"'), ("\t", ""), (",", '"'), (";", '"')]
)
def test_a_header_of_r_that_is_one_cell_short_leaves_the_names_of_rows_a_column(
    tmp_path: Path, delimiter: str, mark: str
) -> None:
    frame, notes = read(saved(tmp_path, of_r(delimiter, mark)))
    assert frame.columns == ["column_1", "mpg", "cyl", "kind"]
    assert frame.drop("column_1").rows() == [car[1:] for car in CARS]
    assert any("as R writes it" in note for note in notes)


def test_commas_for_points_are_not_taken_for_names_of_rows(tmp_path: Path) -> None:
    text = "id,price\n" + "".join(f"{i},{2 * i},{i}5\n" for i in range(12))
    with pytest.raises(errors.ReferenceError, match="more cells than the header"):
        read(saved(tmp_path, text))


QUESTIONS = (
    'StartDate,Progress,Q1\nStart Date,Progress,"How do you like\nour shop?"\n'
    '"{""ImportId"":""startDate""}","{""ImportId"":""progress""}","{""ImportId"":""QID1""}"\n'
    + "".join(f"2024-01-{i + 1:02},100,{'Well' if i % 2 else 'Not at all'}\n" for i in range(4))
)
DESCRIBED = {
    "questions": (QUESTIONS, 4, "2 rows below the header (lines 2, 4)"),
    "units in brackets": ("t,depth\n(s),[m]\n1,2.5\n2,3.5\n3,4.5\n", 3, "1 row below the header (line 2)"),
    "units": ("t;depth;where\ns;m;\n1;2.5;a\n2;3.5;b\n3;4.5;a\n", 3, "1 row below the header (line 2)"),
    "comment": (
        "#YY  MM WVHT\n#yr  mo    m\n" + "".join(f"2024 {i + 1:02} {i}.5\n" for i in range(5)),
        5,
        "1 row below the header (line 2)",
    ),
    "kinds of answers": (
        "Respondent ID,Age,Why did you come?\n,,Open-Ended Response\n"
        + "".join(f"{100 + i},{20 + i},Because of {i}\n" for i in range(5)),
        5,
        "1 row below the header (line 2)",
    ),
}


@pytest.mark.parametrize("kind", DESCRIBED)
def test_rows_below_the_header_that_describe_the_columns_are_left_out(tmp_path: Path, kind: str) -> None:
    text, rows, said = DESCRIBED[kind]
    frame, notes = read(saved(tmp_path, text))
    assert len(frame) == rows
    assert any(said in note for note in notes)
    assert any(dtype.is_numeric() for dtype in frame.dtypes)


@pytest.mark.parametrize("first", ["NA,NA,x", "unknown,trace,x", "<5,<1,x", ",,x", "-,-,x", "n.a.,missing,x"])
def test_a_first_row_whose_values_are_missing_is_a_row(tmp_path: Path, first: str) -> None:
    text = f"a,b,c\n{first}\n" + "".join(f"{i},{i}.5,y{i % 3}\n" for i in range(9)) + ",,y\n"
    assert len(read(saved(tmp_path, text))[0]) == 11
