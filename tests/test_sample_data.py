"""The sample reference keeps what its README promises."""

from __future__ import annotations

import csv
import re
from collections import Counter
from datetime import UTC, datetime

import pytest

from syngen.data import sample
from syngen.text.words import count_words, normalised

COLUMNS = [
    "rating",
    "title",
    "text",
    "asin",
    "parent_asin",
    "user_id",
    "timestamp",
    "helpful_vote",
    "verified_purchase",
    "date",
    "time",
]


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with sample().open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def test_it_has_the_eleven_columns_in_order_and_every_row_fills_them(rows):
    assert all(list(row) == COLUMNS and all(row.values()) for row in rows)


def test_it_has_240_rows(rows):
    assert len(rows) == 240


def test_it_is_utf8_without_a_byte_order_mark_and_with_plain_line_feeds():
    raw = sample().read_bytes()
    assert raw.decode("utf-8").startswith("rating,")
    assert b"\r" not in raw
    assert raw.endswith(b"\n")


def test_date_and_time_are_those_of_the_timestamp_in_utc(rows):
    for row in rows:
        moment = datetime.fromtimestamp(int(row["timestamp"]) // 1000, tz=UTC)
        assert f"{row['date']} {row['time']}" == f"{moment:%Y-%m-%d %H:%M:%S}"
        assert 2016 <= moment.year <= 2024


def test_every_product_is_its_own_parent(rows):
    assert all(row["parent_asin"] == row["asin"] for row in rows)


@pytest.mark.parametrize(
    ("column", "pattern"),
    [
        ("rating", r"[1-5]"),
        ("asin", r"B0[A-Z0-9]{8}"),
        ("user_id", r"A[A-Z0-9]{13}"),
        ("timestamp", r"\d{13}"),
        ("helpful_vote", r"\d+"),
        ("verified_purchase", r"True|False"),
    ],
)
def test_every_cell_has_the_shape_of_its_column(rows, column, pattern):
    assert [row[column] for row in rows if not re.fullmatch(pattern, row[column])] == []


def test_every_rating_from_one_to_five_occurs(rows):
    assert {row["rating"] for row in rows} == set("12345")


def test_no_text_occurs_twice(rows):
    assert len({normalised(row["text"]) for row in rows}) == len(rows)


def test_the_texts_run_from_a_few_words_to_a_few_hundred(rows):
    lengths = [count_words(row["text"]) for row in rows]
    assert min(lengths) <= 4
    assert max(lengths) >= 200


def test_no_two_texts_share_eight_words_in_a_row(rows):
    seen_in: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        tokens = normalised(row["text"]).split()
        seen_in.update({tuple(tokens[i : i + 8]) for i in range(len(tokens) - 7)})
    assert [" ".join(run) for run, texts in seen_in.items() if texts > 1] == []


def test_the_readme_states_the_ratings_as_counted(rows):
    readme = sample().with_name("README.md").read_text(encoding="utf-8")
    stated = dict(re.findall(r"^\| ([1-5]) \| (\d+) \|", readme, flags=re.MULTILINE))
    assert {rating: int(count) for rating, count in stated.items()} == Counter(row["rating"] for row in rows)
