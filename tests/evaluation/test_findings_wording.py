"""Numbers in findings read as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syngen.evaluation.findings.copies import usual_repeats
from syngen.evaluation.findings.rules import more_often, unusual
from syngen.text.format import joined, listed, part_of, percent, quoted, row_numbers


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ([3], "row 3"),
        ([3, 4], "rows 3 and 4"),
        ([1, 2, 3], "rows 1–3"),
        ([7, 1, 3, 2], "rows 1–3 and 7"),
        ([1, 2, 3, 7, 12, 20, 30], "rows 1–3, 7, 12, 20 and 1 more"),
        ([*range(1, 4), 7, 9, 12, *range(100, 131)], "rows 1–3, 7, 9, 12 and 31 more"),
        ([1_000, 1_001, 1_002], "rows 1,000–1,002"),
    ],
)
def test_row_numbers_are_joined_to_runs_and_long_lists_are_shortened(numbers: list[int], words: str) -> None:
    assert row_numbers(numbers) == words


@given(st.sets(st.integers(1, 400), min_size=1))
def test_no_row_number_is_lost(numbers: set[int]) -> None:
    words = row_numbers(sorted(numbers))
    runs = words.partition(" ")[2].replace(" and ", ", ").partition(" more")[0]
    parts = runs.split(", ")
    hidden = int(parts.pop()) if " more" in words else 0
    named = [list(map(int, part.split("–"))) for part in parts]
    assert sum(run[-1] - run[0] + 1 for run in named) + hidden == len(numbers)
    assert {n for run in named for n in range(run[0], run[-1] + 1)} <= numbers


def test_parts_shares_and_quotes() -> None:
    assert [joined(list("abc")[:n]) for n in (1, 2, 3)] == ["a", "a and b", "a, b and c"]
    assert [listed(list(range(n)), 3) for n in (1, 3, 9)] == ["0", "0, 1 and 2", "0, 1, 2 and 6 more"]
    assert [part_of(n, 10) for n in (1, 8, 10)] == ["1 of 10 rows", "8 of 10 rows", "all 10 rows"]
    assert [percent(s) for s in (0, 0.004, 0.05, 1)] == ["0%", "0.4%", "5%", "100%"]
    assert quoted("One\n two " + "x" * 90).startswith("“One two xxx")
    assert quoted("x" * 90).endswith("x…”")


def test_what_real_rows_do_as_often_is_not_more_often() -> None:
    assert not more_often(30, 100, 300, 1_000)
    assert more_often(30, 100, 30, 1_000)
    assert not more_often(0, 10, 0, 1_000)
    assert not more_often(1_300, 10_000, 1_000, 10_000)  # significant, and hardly more


def test_what_real_rows_never_do_counts_when_they_are_enough_to_tell() -> None:
    assert unusual(1, 10, 0, 240)
    assert not unusual(1, 100, 0, 240)
    assert unusual(1, 100, 0, 240, hardly_ever=True)
    assert not unusual(1, 100, 0, 40, hardly_ever=True)
    assert not unusual(1, 10, 1, 240)


def test_the_usual_share_of_repeats_is_what_drawing_gives() -> None:
    assert usual_repeats([1] * 50, 20) == 0
    assert usual_repeats([2] * 50, 100) == pytest.approx(0.5)
    assert usual_repeats([10] * 10, 10) == pytest.approx(0.35, abs=0.01)
