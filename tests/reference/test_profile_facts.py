"""The profile says what a careful reader would have found."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syngen.errors import ReferenceError as BadReference
from syngen.reference import load
from syngen.text import words as text
from syngen.types import Role

STORIES = [
    "The kettle whistles loudly every single morning before anybody else wakes up.",
    "My kettle leaks, and the kettle lid never really closed from the first day on.",
    "I keep a lantern by the door because the lantern lights the narrow stairs well.",
    "We carried the lantern through the whole valley and it never went out once.",
    "Nobody expected the drawer to jam, but the drawer jams whenever it gets humid.",
    "A drawer this smooth makes the desk feel twice as expensive as it really was.",
]


def table(**columns: list[Any]) -> pl.DataFrame:
    rows = max(map(len, columns.values()), default=60)
    rng = random.Random(5)
    body = [f"{rng.choice(STORIES)} {rng.choice(STORIES)} Number {i}." for i in range(rows)]
    return pl.DataFrame({**columns, "body": body})


def notes_of(*texts: str) -> str:
    filler = [f"{story} Take {i}." for i, story in enumerate(STORIES * 5)]
    return "\n".join(load(pl.DataFrame({"body": [*texts, *filler]})).profile.notes)


def test_texts_are_measured_with_the_measures_of_the_house() -> None:
    bodies = [*STORIES, None, "Too short.", *(f"{story} Again {i}!" for i, story in enumerate(STORIES))]
    learnt = load(pl.DataFrame({"body": bodies}))
    measured = learnt.measures["body"]
    assert measured.words.tolist() == [text.count_words(body or "") for body in bodies]
    assert measured.style == tuple(text.style(body or "") for body in bodies)
    assert np.isnan(measured.grade[[6, 7]]).all()
    assert measured.grade[0] == pytest.approx(text.grade(STORIES[0]))
    stats = learnt.profile["body"].text
    assert stats is not None
    present = [text.count_words(body) for body in bodies if body]
    assert stats.words == pytest.approx(np.quantile(present, [0.05, 0.25, 0.5, 0.75, 0.95]), abs=0.01)
    assert stats.openings[0] == ("the kettle", round(2 / 13, 4))


def test_titles_without_five_words_have_no_grade() -> None:
    stats = (
        load(pl.DataFrame({"head": ["Kettle leaks", "Lovely lantern", "Drawer jams"]})).profile["head"].text
    )
    assert stats is not None
    assert stats.grade == ()


def test_ranges_values_and_gaps_are_counted() -> None:
    rows = 60
    profile = load(
        table(
            stars=[1 + i % 5 for i in range(rows)],
            price=[None if i % 4 == 0 else i + 0.25 for i in range(rows)],
            kind=["lamp" if i % 3 else "chair" for i in range(rows)],
            day=[f"2021-{1 + i % 12:02d}-15" for i in range(rows)],
        )
    ).profile
    assert (profile["stars"].low, profile["stars"].high) == (1, 5)
    assert profile["stars"].values == tuple((star, 12) for star in range(1, 6))
    assert (profile["price"].low, profile["price"].high, profile["price"].decimals) == (1.25, 59.25, 2)
    assert (profile["price"].missing, profile["price"].missing_share) == (15, 0.25)
    assert profile["kind"].values == (("lamp", 40), ("chair", 20))
    assert (profile["day"].low, profile["day"].high) == ("2021-01-15", "2021-12-15")
    assert profile["body"].rows == rows


def test_decimals_count_the_digits_after_the_point() -> None:
    profile = load(
        table(whole=[float(i * 37 % 101) for i in range(60)], fine=[(i * 37 % 101) / 1e6 for i in range(60)])
    ).profile
    assert (profile["whole"].decimals, profile["fine"].decimals) == (0, 6)


@pytest.mark.parametrize(
    ("scale", "decimals"), [(1e-8, 10), (1e-300, 17), (1e3, 0), (1e20, 0)], ids=lambda value: f"{value:g}"
)
def test_decimals_of_very_small_and_very_large_numbers(scale: float, decimals: int) -> None:
    values = [float(f"{1 + (i * 37 % 101) / 100}") * scale for i in range(60)]
    values = [float(f"{value:.2e}") for value in values]
    assert load(table(value=values)).profile["value"].decimals == decimals


@pytest.mark.parametrize(
    ("extra", "domain"),
    [
        ({"category": ["Garden_Tools"] * 60}, "Garden Tools"),
        (
            {"category": ["Lamps", "Lamps", "Chairs"] * 20, "tone": ["dry", "warm", "odd"] * 20},
            "Lamps, Chairs",
        ),
        (
            {"topic": ["Oslo", "Oslo", "Rome", "Bonn", "Kyiv", "Lyon"] * 10},
            "Oslo, Bonn, Kyiv and others",
        ),
    ],
)
def test_the_domain_is_said_by_the_category(extra: dict[str, list[Any]], domain: str) -> None:
    assert load(table(**extra)).profile.domain == domain


def test_without_a_category_the_domain_is_said_by_words_that_stay_within_their_texts() -> None:
    rng = random.Random(1)
    common = ["and so the whole story went on for a while", "which is what people said about it later"]
    bodies = [
        f"{rng.choice(common)} {thing} {rng.choice(common)} {thing} again {i}"
        for i, thing in enumerate(["lantern", "kettle", "drawer", "velvet", "marble"] * 12)
    ]
    domain = load(pl.DataFrame({"body": bodies})).profile.domain
    assert domain == "terms: drawer, kettle, lantern, marble, velvet"


@pytest.mark.parametrize(
    ("texts", "note"),
    [
        (["<p>Fine<br />enough</p>"], "'body': 1 text with HTML markup."),
        (["one \x07 bell rings in here"], "'body': 1 text with control characters."),
        (["המגירה נתקעת כל הזמן וזה מאוד מעצבן אותי"], "'body': 1 text with right-to-left script."),
        (["mail me at kettle@example.org if it leaks"], "'body': 1 text with e-mail addresses."),
        (["so much noise " * 700], "'body' has 1 text over 2,000 words."),
        (["the very same words here"] * 3, "Rows with the same 'body' as another: 3."),
        (
            [f"{i:02d}" + "x y " * 50 for i in range(4)],
            "'body' is probably cut off: many texts are exactly 202 characters long",
        ),
        (["cafÃ© was fine, as always"], "wrongly decoded"),
    ],
)
def test_what_is_odd_about_the_texts_is_said(texts: list[str], note: str) -> None:
    assert note in notes_of(*texts)


def test_plain_texts_call_for_no_remark() -> None:
    assert notes_of("A perfectly plain text 😀 with nothing odd about it.") == ""


def test_an_ambiguous_date_is_pointed_out() -> None:
    days = [f"{1 + i % 12:02d}/{1 + i % 11:02d}/2021" for i in range(60)]
    assert any("day and month exchanged" in note for note in load(table(day=days)).profile.notes)


def test_few_rows_and_a_missing_text_column_are_pointed_out() -> None:
    notes = load(pl.DataFrame({"a": [1, 2, 3], "b": ["u", "v", "u"]})).profile.notes
    assert any("With 3 rows" in note for note in notes)
    assert any("--text-column" in note for note in notes)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("a,b\n", "only a header"),
        ("a,b\n1,x\n", "only one row"),
        ("a,b\n1,x\n1,x\n1,x\n", "All 3 rows"),
    ],
)
def test_a_table_with_nothing_to_learn_from_is_refused(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "t.csv").write_text(content)
    with pytest.raises(BadReference, match=says):
        load(tmp_path / "t.csv")


CELLS = st.none() | st.text(max_size=12) | st.sampled_from(["yes", "no", "2021-01-02", "A1B2C3", "7", "7.5"])


@settings(deadline=None, max_examples=60)
@given(
    rows=st.lists(
        st.tuples(CELLS, st.none() | st.integers(), st.none() | st.floats(), st.none() | st.booleans()),
        min_size=2,
        max_size=12,
    )
)
def test_any_table_is_learnt_from_or_refused(rows: list[tuple[Any, ...]]) -> None:
    frame = [{"s": s, "i": i, "f": f, "count": b} for s, i, f, b in rows]
    try:
        learnt = load(frame)
    except BadReference:
        return
    assert len(learnt.frame) == len(rows)
    assert [column.name for column in learnt.profile.columns] == ["s", "i", "f", "count"]
    assert sorted([*learnt.train, *learnt.held_out]) == list(range(len(rows)))
    for column in learnt.profile.columns:
        assert column.missing == learnt.frame[column.name].null_count()
        assert (column.role is Role.EMPTY) == (column.missing == len(rows))
