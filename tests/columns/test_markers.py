"""A few words among numbers, dates or keys stay words in their share, and the other cells stay what they are."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pytest

from syngen import load
from syngen.columns import codecs
from syngen.columns.markers import without_words
from syngen.plan import make_plan
from syngen.types import Reference, Role

ROWS = 120
WORDS = ("*", "(D)", "< LOD", "x", "Ancient", "0000-00-00", "unknown")
MARKS = (".", "..", "...", "?", "--", "–", "—", ":", "#N/A", "n.a.", "na", "missing", "Not available", "NA")
NUMBERS = (Role.NUMBER, Role.COUNT)


def _cells() -> dict[str, list[str]]:
    draw = random.Random(3)
    return {
        "amount": [str(draw.randrange(1, 90_000)) for _ in range(ROWS)],
        "price": [f"${draw.lognormvariate(7, 1):,.2f}" for _ in range(ROWS)],
        "weight": [f"{draw.lognormvariate(7, 1):.3f}".replace(".", ",") for _ in range(ROWS)],
        "day": [
            f"20{draw.randrange(10, 24)}-0{draw.randrange(1, 10)}-1{draw.randrange(10)}" for _ in range(ROWS)
        ],
        "moment": [
            f"{draw.randrange(1, 13)}/9/2019 {draw.randrange(10, 24)}:{draw.randrange(10, 60)}"
            for _ in range(ROWS)
        ],
        "clock": [f"{draw.randrange(24):02}:{draw.randrange(60):02}" for _ in range(ROWS)],
    }


def _reference(tmp_path: Path, word: str, share: float, rows: int = ROWS) -> Reference:
    draw = random.Random(4)
    columns = {"label": [draw.choice("abc") for _ in range(rows)]}
    for name, cells in _cells().items():
        words = set(draw.sample(range(rows), max(1, round(share * rows))))
        columns[name] = [word if i in words else cell for i, cell in enumerate(cells[:rows])]
    pl.DataFrame(columns).write_csv(tmp_path / "table.csv")
    return load(tmp_path / "table.csv")


@pytest.mark.parametrize("share", [0.15, 0.7])
@pytest.mark.parametrize("word", WORDS)
def test_a_word_among_numbers_or_dates_is_kept_in_its_share(tmp_path: Path, word: str, share: float) -> None:
    reference = _reference(tmp_path, word, share)
    new = make_plan(reference, 300, seed=1).values()
    for column in reference.profile.columns[1:]:
        dates = column.name in ("day", "moment", "clock")
        assert column.role in ((Role.DATETIME,) if dates else NUMBERS), column
        assert abs((new[column.name] == word).mean() - share) < 0.1
        faults = codecs(reference.profile, reference.frame)[column.name].validate_all(
            new[column.name].to_list()
        )
        assert not any(faults)


@pytest.mark.parametrize("rows", [8, ROWS])
@pytest.mark.parametrize("mark", MARKS)
def test_a_mark_for_no_value_among_numbers_or_dates_is_missing(tmp_path: Path, mark: str, rows: int) -> None:
    reference = _reference(tmp_path, mark, 0.15, rows)
    for column in reference.profile.columns[1:]:
        assert column.missing == max(1, round(0.15 * rows)), column
        assert column.role in (*NUMBERS, Role.DATETIME, Role.IDENTIFIER if rows == 8 else Role.NUMBER)


def test_the_words_among_numbers_are_said(tmp_path: Path) -> None:
    notes = _reference(tmp_path, "(D)", 0.2).profile.notes
    assert "'price': '(D)' in place of a number, as often in new rows." in notes


def test_a_date_column_alone_has_missing_cells_marked_as_in_r(tmp_path: Path) -> None:
    lines = [
        f"{'NA' if i % 6 == 0 else f'2019-03-{i % 28 + 1:02}'},{'NA' if i % 5 == 0 else 'ab'[i % 2]}"
        for i in range(60)
    ]
    (tmp_path / "r.csv").write_text("\n".join(["when,group", *lines]))
    reference = load(tmp_path / "r.csv")
    assert [(c.role, c.missing) for c in reference.profile.columns] == [
        (Role.DATETIME, 10),
        (Role.CATEGORY, 12),
    ]
    assert any("'when': 10 cells such as 'NA' read as missing" in note for note in reference.notes)


def test_a_word_in_place_of_a_key_is_not_made_new(tmp_path: Path) -> None:
    draw = random.Random(5)
    keys = ["unknown" if i % 5 == 0 else f"A{draw.randrange(10_000, 99_999)}" for i in range(100)]
    pl.DataFrame({"case_no": keys, "n": range(100)}).write_csv(tmp_path / "keys.csv")
    reference = load(tmp_path / "keys.csv")
    new = make_plan(reference, 200, seed=1).values()["case_no"]
    assert 0.1 < (new == "unknown").mean() < 0.3
    assert new.filter(new != "unknown").str.contains(r"^A[1-9]\d{4}$").all()
    codec = codecs(reference.profile, reference.frame)["case_no"]
    assert codec.validate("unknown") is None
    assert codec.copied("unknown") is None
    assert codec.copied(keys[1]) is not None


def test_words_that_are_most_of_what_there_is_are_labels() -> None:
    sizes = pl.Series(["1", "2", "3", "Regular", "Large"] * 10)
    assert len(without_words(sizes, sizes.str.contains(r"\d"))) == 30
    grades = pl.Series(["A", "B", "C", "1"] * 10)
    assert without_words(grades, grades.str.contains(r"\d")).equals(grades)


def test_numbers_in_brackets_stay_in_brackets(tmp_path: Path) -> None:
    draw = random.Random(6)
    masses = [
        f"[{draw.randrange(240, 270)}]" if i % 6 == 0 else f"{draw.uniform(1, 240):.3f}" for i in range(90)
    ]
    pl.DataFrame({"mass": masses}).write_csv(tmp_path / "elements.csv")
    reference = load(tmp_path / "elements.csv")
    new = make_plan(reference, 100, seed=1).values()["mass"]
    assert reference.profile.columns[0].role is Role.NUMBER
    assert new.str.contains(r"^\[2[4-6]\d\]$|^\d+\.\d+$").all()
    assert new.str.starts_with("[").any()


def test_a_word_in_place_of_a_sum_stays_where_a_part_is_a_word(tmp_path: Path) -> None:
    draw = random.Random(7)
    parts = [(draw.randrange(1, 500), draw.randrange(1, 500)) for _ in range(ROWS)]
    rows = [
        ("(D)", str(b), "(D)") if i % 5 == 0 else (str(a), str(b), str(a + b))
        for i, (a, b) in enumerate(parts)
    ]
    pl.DataFrame(rows, schema=["a", "b", "total"], orient="row").write_csv(tmp_path / "sums.csv")
    new = make_plan(load(tmp_path / "sums.csv"), 200, seed=1).values()
    held = new["a"] == "(D)"
    assert 0.1 < held.mean() < 0.3
    assert (new["total"] == "(D)").equals(held)
    known = new.filter(~held).cast(pl.Int64)
    assert (known["a"] + known["b"] == known["total"]).all()
