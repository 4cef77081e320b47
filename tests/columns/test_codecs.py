"""A column written back looks like the column that was read, and what is sampled passes its own validation."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syngen.columns import Codec, Draw, codecs, holds
from syngen.reference.profile import learn
from syngen.types import Role

labels = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=8)
# Without a time zone, as most columns have them.
moments = st.datetimes(datetime.fromisoformat("1995-01-01"), datetime.fromisoformat("2035-01-01"))
days = st.dates(date(1995, 1, 1), date(2035, 1, 1))


def written(form: str) -> st.SearchStrategy[str]:
    return moments.map(lambda moment: moment.strftime(form))


def dollars(amount: float) -> str:
    return f"-${-amount:,.2f}" if amount < 0 else f"${amount:,.2f}"


def german(amount: float) -> str:
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


def unit(weight: tuple[int, str]) -> str:
    return " ".join(map(str, weight))


def zoned(moment: tuple[datetime, str]) -> str:
    return f"{moment[0]:%Y-%m-%dT%H:%M:%S}{moment[1]}"


PEOPLE = [
    f"{first} {last}" for first in ("Anna", "John", "Mary") for last in ("Smith", "Brown", "Adams", "Lee")
]

VALUES: dict[str, tuple[Role, st.SearchStrategy[Any]]] = {
    "number": (Role.NUMBER, st.floats(allow_nan=False, allow_infinity=False)),
    "price": (Role.NUMBER, st.integers(0, 99_999).map(lambda cents: cents / 100)),
    "whole number": (Role.NUMBER, st.integers(-(2**63), 2**63 - 1)),
    "count": (Role.COUNT, st.integers(0, 10_000)),
    "ordinal": (Role.ORDINAL, st.integers(1, 5) | st.just(1000)),
    "half stars": (Role.ORDINAL, st.sampled_from([0.5, 1.0, 1.5, 2.0])),
    "category": (Role.CATEGORY, labels),
    "spaced label": (Role.CATEGORY, st.sampled_from([" new", "old ", "null", "N/A", "Yes"])),
    "code": (Role.CATEGORY, st.integers(0, 10**6)),
    "boolean": (Role.BOOLEAN, st.booleans()),
    "yes or no": (Role.BOOLEAN, st.sampled_from(["yes", "no"])),
    "0 or 1": (Role.BOOLEAN, st.integers(0, 1)),
    "constant": (Role.CONSTANT, st.just("Garden tools")),
    "key": (Role.IDENTIFIER, st.integers(0, 2**63 - 1)),
    "uuid": (Role.IDENTIFIER, st.uuids().map(str)),
    "order number": (Role.IDENTIFIER, st.from_regex(r"ORD-[0-9]{8}", fullmatch=True)),
    "date": (Role.DATETIME, days),
    "date and time": (Role.DATETIME, moments),
    "time with a zone": (Role.DATETIME, moments.map(lambda moment: moment.replace(tzinfo=UTC))),
    "created_at": (Role.DATETIME, moments.map(lambda moment: int(moment.replace(tzinfo=UTC).timestamp()))),
    "stamp": (Role.DATETIME, moments.map(lambda m: int(m.replace(tzinfo=UTC).timestamp()) * 1000)),
    "posted": (Role.DATETIME, days.map(lambda day: int(day.strftime("%Y%m%d")))),
    "day of posting, date": (Role.DATETIME, written("%d.%m.%Y")),
    "month/day date": (Role.DATETIME, written("%m/%d/%Y %H:%M")),
    "spoken date": (Role.DATETIME, written("%B %d, %Y")),
    "half-day date": (Role.DATETIME, written("%d %b %Y, %I:%M %p")),
    "iso date": (Role.DATETIME, written("%Y-%m-%dT%H:%M:%SZ")),
    "dollars": (Role.NUMBER, st.integers(-99_999, 9_999_999).map(lambda cents: dollars(cents / 100))),
    "Betrag": (Role.NUMBER, st.integers(1, 9_999_999).map(lambda cents: german(cents / 100))),
    "share": (Role.NUMBER, st.integers(1, 999).map(lambda tenths: f"{tenths / 10} %")),
    "weight": (Role.NUMBER, st.tuples(st.integers(1, 5000), st.sampled_from(["g", "kg"])).map(unit)),
    "spoken date of birth": (Role.DATETIME, written("%d de enero de %Y")),
    "dates in two formats": (Role.DATETIME, written("%Y-%m-%d") | written("%d/%m/%Y %H:%M")),
    "zoned time": (Role.DATETIME, st.tuples(moments, st.sampled_from(["Z", "+05:30", "-08:00"])).map(zoned)),
    "day first": (Role.DATETIME, days.map(lambda day: f"{day:%Y-%d-%m}")),
    "week": (Role.DATETIME, days.map(lambda day: f"{day:%G-W%V}")),
    "customer name": (Role.IDENTIFIER, st.sampled_from(PEOPLE)),
    "email": (Role.IDENTIFIER, st.integers(0, 10**6).map(lambda n: f"ann.lee{n}@shop.test")),
    "text": (Role.TEXT, labels),
    "title": (Role.TITLE, labels),
}

ROOM = {"key": [0, 2**62]}  # keys without gaps are continued beyond their range


def codec_of(name: str, values: list[Any]) -> Codec:
    """The codec learnt from some values."""
    frame = pl.DataFrame({name: values}, strict=False)
    profile, _ = learn(frame, {name: VALUES[name][0]})
    return codecs(profile, frame)[name]


def sampled(codec: Codec, n: int, rows: int) -> list[Any]:
    donors = np.arange(n) % rows
    draw = Draw({codec.name: codec}, np.arange(rows), donors, np.arange(n) // rows, np.random.default_rng(3))
    return codec.sample(draw).to_list()


columns = pytest.mark.parametrize("name", VALUES)


@columns
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_a_value_is_read_back_as_it_was_written(name: str, data: st.DataObject) -> None:
    values = data.draw(st.lists(VALUES[name][1], min_size=12, max_size=30))
    codec = codec_of(name, values)
    for value in [*values, *sampled(codec, 40, len(values))]:
        reading = codec.parse(str(value))
        assert reading.value == value
        assert type(reading.value) is type(value)
        assert reading.fits is not False
        assert not reading.note


@columns
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_whatever_is_sampled_is_valid_and_of_the_columns_type(name: str, data: st.DataObject) -> None:
    values = data.draw(st.lists(VALUES[name][1] | st.none(), min_size=12, max_size=30))
    values += ROOM.get(name) or [data.draw(VALUES[name][1])]
    codec = codec_of(name, values)
    made = sampled(codec, 40, len(values))
    assert [codec.validate(value) for value in made] == [None] * len(made)
    assert codec.validate_all(made) == [None] * len(made)
    assert all(holds(codec.dtype, value) for value in made)
    assert [value is None for value in made] == [values[i % len(values)] is None for i in range(40)]


@pytest.mark.parametrize("name", [name for name, (role, _) in VALUES.items() if role is Role.IDENTIFIER])
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_no_identifier_of_a_real_row_comes_out(name: str, data: st.DataObject) -> None:
    values = data.draw(st.lists(VALUES[name][1], min_size=12, max_size=30)) + ROOM.get(name, [])
    made = sampled(codec_of(name, values), 60, len(values))
    assert not {str(value).casefold() for value in made} & {str(value).casefold() for value in values}


@columns
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_real_values_are_valid_and_converted_to_themselves(name: str, data: st.DataObject) -> None:
    values = data.draw(st.lists(VALUES[name][1], min_size=12, max_size=30))
    codec = codec_of(name, values)
    for value in values:
        assert codec.validate(value) is None
        assert codec.convert(value) == (value, None, "")
        assert not codec.absurd(value)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(sorted(VALUES)), st.text(), st.data())
def test_no_text_makes_a_codec_fail(name: str, cell: str, data: st.DataObject) -> None:
    codec = codec_of(name, data.draw(st.lists(VALUES[name][1], min_size=12, max_size=12)))
    value = codec.parse(cell).value
    codec.validate(value)
    holds(codec.dtype, value)
    codec.convert(cell)


def test_an_empty_column_stays_empty_whatever_the_real_rows_have() -> None:
    frame = pl.DataFrame({"code": [1, 2, 3]})
    profile, _ = learn(frame, {"code": Role.EMPTY})
    codec = codecs(profile, frame)["code"]
    assert sampled(codec, 5, 3) == [None] * 5
    assert codec.validate(None) is None
    assert codec.validate(3).reason == "unknown_value"


def test_a_derived_column_reads_like_what_it_contains() -> None:
    seconds = [1_600_000_000 + 86_413 * i for i in range(60)]
    frame = pl.DataFrame(
        {
            "created": seconds,
            "date": [datetime.fromtimestamp(s, UTC).strftime("%d.%m.%Y") for s in seconds],
            "note": [f"Row {i} of the log" for i in range(60)],
        }
    )
    profile, _ = learn(frame, {})
    assert profile["date"].role is Role.DERIVED
    codec = codecs(profile, frame)["date"]
    assert codec.parse("13.09.2020") == ("13.09.2020", True, "")
    assert codec.parse("2020-09-13").fits is False
    assert codec.validate("13.09.2020") is None
    assert codec.validate("13.09.1920").reason == "out_of_range"
