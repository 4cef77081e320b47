"""Detect the role of every column.

By the values first, and by the name only where values leave it open (keys, epoch numbers). With ten rows
a role is a guess; any role can be overridden.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import polars as pl

from syngen.columns import names
from syngen.columns.grid import EXACT
from syngen.columns.number import span_of
from syngen.columns.numberformats import decimals_of, learn_number_format, read_numbers
from syngen.columns.recognised import kind_of
from syngen.columns.timeformats import detect_time
from syngen.text.format import counted
from syngen.text.words import DENSE, count_words
from syngen.types import NumberFormat, Role, TimeFormat

SAMPLE = 2_000  # values looked at one by one
_FEW_ROWS = 30
_CROWDED = 40  # rows² per number of the range: random ones are all different once in half a billion tables
_FEW_CODES = 50  # each of which repeats often
_ROWS_OF_A_CODE = 3  # on average, of those that go with labels
_ONE_TO_ONE = 0.98  # share of the pairs of a code and a label that may be without exception
_NAMED_LIKE_A_KEY = "named like a key"
_FEW_KINDS = 5  # labels that people may be sorted by: new, returning
_SCALE = 12  # different numbers that may be a scale or a code
_PAIRS = "yes/no y/n true/false t/f on/off 0/1 ja/nein oui/non si/no sí/no sim/não"
_YES_NO = [set(pair.split("/")) for pair in _PAIRS.split()]

_NEARLY_ALL = 0.95
# What many strings contain, as a pattern and the share of strings that must match it.
_SINGLE_WORDS = (r"^\S+$", 0.98)
_UNSPACED = (rf"(?:[{DENSE}][^{DENSE}]{{0,3}}){{5}}", 0.5)  # sentences of scripts without spaces
_BARE_WORDS = (r"^[\p{L}-]+$", 1.0)  # words of letters alone, such as "returning" or "mobile-app"
_BARE_NUMBERS = (r"^[\d.,]+$", 0.9)
_SHORT_CODES = (r"^[A-Z][A-Z0-9]{1,5}$", 0.95)
_NUMBERED = (r"\d", 0.8)
_NICKNAMES = (r"[\d_.]", 0.3)
_GEOMETRY = (  # well-known text
    r"^\s*(?i)(?:SRID=\d+;)?\s*(?:POINT|(?:MULTI)?(?:LINESTRING|POLYGON)|MULTIPOINT|GEOMETRYCOLLECTION)[ ZM]*\(.*\d",
    0.95,
)
_DATED = (r"(?:\d{1,4}[./-]){2}\d{1,4}\D+(?:\d{1,4}[./-]){2}\d{1,4}", 0.5)  # from a day to another
# What differs between cells of one form: numbers, a list of them, letters of a code without small ones.
_NUMBER = re.compile(r"(?:(?<![^\s(\[])[-+])?[0-9]+(?:[.,][0-9]+)*")
_NUMBERS = re.compile(r"9(?:(?:, ?|; ?| )9)+")
_CODE = re.compile(r"(?:[A-ZÄÖÜ]{1,3}|[0-9]+|[ ./-])+")
_CODE_LETTERS = re.compile(r"[A-ZÄÖÜ]+")
_LETTERS_OF_A_NUMBER = 4  # at most, on average: "10 x 20 inches", not "Episode 10"
_OF_A_FORM = 0.05  # share of the cells that makes a form of numbers and signs
_CONTACTS = (r"@|(?:\d\D*){6,}", 0.5)  # an at sign or the digits of a phone number
# Well-known kinds of keys, with what all of them match, and whether they can identify a person: such a
# key is made new even when it repeats.
_KINDS = (
    ("a web address", r"^(?:https?://|www\.)\S+$", False),
    ("a UUID", r"^(?i)\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?$", True),
    ("an IP address", r"^(?:\d{1,3}\.){3}\d{1,3}$", True),
    ("a phone number", r"^(?:\+\d|\(\d|0\d|\d{3}[ .-])(?:[ ().\-/]{0,2}\d){6,14}$", True),
    ("a user handle", r"^@\w+$", True),
    ("a file path", r"^(?:/|[A-Za-z]:\\|\.{1,2}/)?(?:[\w.-]+[/\\])+[\w.-]+$", False),
)


class Reading(NamedTuple):
    """The detected role of a column."""

    role: Role
    why: str  # in a few words
    time: TimeFormat | None = None  # how a date-time column writes points in time
    number: NumberFormat | None = None  # how a string column writes its numbers
    words: tuple[float, float] = (0.0, 0.0)  # median and 95 % quantile of the words of what a model writes


def read_roles(frame: pl.DataFrame) -> dict[str, Reading]:
    """Detect the role of every column, in the table's order; derived columns are found later."""
    readings = {series.name: read_role(series) for series in frame.iter_columns()}
    longest = max((reading.words[0] for reading in readings.values()), default=0.0)
    for name, reading in readings.items():
        middle, long = reading.words
        if reading.role is Role.TEXT and long <= 35 and 4 * middle <= longest:
            why = f"median {middle:.0f} words, short compared with the text of {longest:.0f}"
            readings[name] = reading._replace(role=Role.TITLE, why=why)
    return readings | _codes_of_labels(frame, readings)


def _codes_of_labels(frame: pl.DataFrame, readings: Mapping[str, Reading]) -> dict[str, Reading]:
    """Keys that go with labels one to one and repeat like these: those of products, never of people.

    The labels are copied, and with another code they would be wrong.
    """
    of = {role: [name for name, r in readings.items() if r.role is role] for role in Role}
    keys = [name for name in of[Role.IDENTIFIER] if readings[name].why.startswith(_NAMED_LIKE_A_KEY)]
    keys = [name for name in keys if not names.mentions_person(name)]
    labels = [name for name in of[Role.CATEGORY] if names.part_of_name(name) is None]
    found = {}
    for key in keys:
        for label in labels:
            both = pl.DataFrame([frame[key], frame[label]]).drop_nulls()
            kinds = both[key].n_unique()
            if 1 < kinds <= len(both) / _ROWS_OF_A_CODE and _ONE_TO_ONE * both.n_unique() <= min(
                kinds, both[label].n_unique()
            ):
                found[key] = Reading(Role.CATEGORY, f"codes that go with '{label}'")
                break
    return found


def read_role(series: pl.Series) -> Reading:
    """Detect the role of one column, without the others."""
    values = series.drop_nulls()
    if not len(values):
        return Reading(Role.EMPTY, "no value in any row")
    if values.n_unique() == 1 and len(values) == len(series):
        personal = _of_people(values) if series.dtype == pl.String else None
        return personal or Reading(Role.CONSTANT, "the same value in all rows")
    if series.dtype == pl.Boolean:
        return Reading(Role.BOOLEAN, "true or false")
    if series.dtype == pl.String:
        return _of_strings(series, values)
    if series.dtype.is_numeric():
        return _of_numbers(series, values)
    return Reading(Role.DATETIME, "has a date type", detect_time(series))


def _of_numbers(series: pl.Series, values: pl.Series) -> Reading:
    if set(values.unique()) == {0, 1}:
        return Reading(Role.BOOLEAN, "0 or 1")
    key = names.means_key(series.name) or _numbers_people(series.name, values)
    time = None if key else detect_time(series)
    if time is not None:
        return Reading(Role.DATETIME, f"epoch time in {time.unit}" if time.unit else "dates as numbers", time)
    distinct, rows = values.n_unique(), len(values)
    low, high = span_of(values) or (0.0, 0.0)
    whole = bool((values == values.round()).all()) and (values.dtype.is_integer() or max(-low, high) < EXACT)
    if whole and low >= 0 and names.means_postal_code(series.name):
        return _key_or_label(series.name, distinct, rows, "named like a postal code")
    if whole:
        reading = _of_whole_keys(values, key=key)
        if reading is not None:
            return reading
    skewed = whole and low >= 0 and _mostly_small(values, low, high)
    if distinct <= _SCALE and (distinct <= max(5, 0.6 * rows)) and not (skewed and low == 0):
        scale = high - low <= 10 and bool(((values * 4) == (values * 4).round()).all())
        if scale or rows >= 20 * distinct:
            return Reading(Role.ORDINAL, f"{distinct} different numbers from {low:g} to {high:g}")
    if skewed and low <= 1:
        return Reading(Role.COUNT, f"whole numbers from {low:g} up, most of them small")
    return Reading(Role.NUMBER, f"numbers from {low:g} to {high:g}")


def _numbers_people(name: str, values: pl.Series) -> bool:
    """Whether numbers stand for people: by name, and too many or too large for a scale."""
    high = float(values.to_numpy().max())
    if names.means_contact(name):
        return high >= 1_000_000
    return names.means_person(name) and (values.n_unique() > _SCALE or high > 999)


def _mostly_small(values: pl.Series, low: float, high: float) -> bool:
    """Whether small numbers are frequent and large ones rare, as in counts."""
    if low == 0 and int((values <= high / 4).sum()) >= 0.5 * len(values):
        return True
    return float(values.cast(float).skew() or 0.0) >= 1


def _of_whole_keys(values: pl.Series, *, key: bool) -> Reading | None:
    """The reading of whole numbers that are keys, also where they are written `1000.0`; None for others."""
    name, distinct, rows = values.name, values.n_unique(), len(values)
    numbers = values.cast(pl.Int64).to_numpy()
    low, high = int(numbers.min()), int(numbers.max())
    if low < 0:
        return None
    if key:
        return _key_or_label(name, distinct, rows, _NAMED_LIKE_A_KEY)
    if distinct < rows or rows < 10:
        if names.means_reference_number(name) and distinct > 0.5 * rows and high > 99:
            return Reading(Role.IDENTIFIER, "named like a reference number, and mostly different")
        return None
    years = low >= 1900 and high <= 2100 and rows <= 200
    in_order = values.is_sorted() or values.is_sorted(descending=True)
    if not years and (high - low == rows - 1 or (in_order and values.dtype.is_integer())):
        return Reading(Role.IDENTIFIER, "numbers the rows")
    if rows >= _FEW_ROWS and rows * rows >= _CROWDED * (high - low + 1) and not years:
        return Reading(Role.IDENTIFIER, "all different, though close together")
    if values.dtype.is_integer() and rows >= _FEW_ROWS and len(str(low)) == len(str(high)) >= 7:
        return Reading(Role.IDENTIFIER, f"all different, all of {len(str(low))} digits")
    return None


def _key_or_label(name: str, distinct: int, rows: int, why: str) -> Reading:
    """A key, unless it has a few values that repeat often and stand for no person."""
    places = names.means_postal_code(name) and rows >= 10 * distinct  # nobody's, with so many rows each
    if places or (distinct <= _FEW_CODES and rows >= 20 * distinct and not names.mentions_person(name)):
        return Reading(Role.CATEGORY, f"{distinct} codes that repeat often")
    return Reading(Role.IDENTIFIER, why)


def _of_strings(series: pl.Series, values: pl.Series) -> Reading:
    labels = set(values.str.to_lowercase().unique().head(3))
    if labels in _YES_NO:
        return Reading(Role.BOOLEAN, " or ".join(sorted(labels)))
    time = detect_time(series)
    if time is not None:
        return Reading(Role.DATETIME, f"dates written as {' or '.join(time.formats)}", time)
    return (
        _of_people(values)
        or _of_figures(values)
        or _of_codes(values)
        or _of_forms(values)
        or _of_words(values)
    )


def _of_people(values: pl.Series) -> Reading | None:
    """The reading of names and addresses of people; None for others, and for a few labels that group people."""
    kind = kind_of(values)
    grouped = values.n_unique() <= _FEW_KINDS and len(values) >= 20 * values.n_unique()
    if kind in ("", "link") or (kind == "name" and grouped and not names.means_name_of_person(values.name)):
        return None
    return Reading(
        Role.IDENTIFIER, {"email": "e-mail addresses", "address": "addresses"}.get(kind, f"{kind}s of people")
    )


def _of_figures(values: pl.Series) -> Reading | None:
    """The reading of strings that are numbers, with signs or units or without; None for others."""
    if names.means_contact(values.name) or names.means_postal_code(values.name):
        return None
    form = learn_number_format(values)
    if form is None:
        return None
    numbers = read_numbers(values, form).drop_nulls()
    if not decimals_of(values, form).any():
        numbers = numbers.cast(pl.Int64, strict=False).fill_null(0)
    reading = _of_numbers(numbers, numbers)
    if reading.role is Role.IDENTIFIER:
        return reading
    if reading.role in (Role.ORDINAL, Role.BOOLEAN) and not _mostly(values, _BARE_NUMBERS):
        return Reading(Role.CATEGORY, counted(values.n_unique(), "figure") + " with signs or units")
    return reading._replace(number=form)


def _of_codes(values: pl.Series) -> Reading | None:
    distinct, rows = values.n_unique(), len(values)
    share = distinct / rows
    sample = evenly(values)
    if _nested(sample):
        return Reading(Role.CATEGORY, "nested values, copied as they are")
    if _mostly(sample, _GEOMETRY):
        return Reading(Role.CATEGORY, "shapes, copied as they are")
    kind = next((kind for kind in _KINDS if _share(sample, kind[1]) >= _NEARLY_ALL), None)
    if kind is not None and (kind[2] or (distinct > _FEW_CODES and share > 0.1) or share > 0.5):
        return Reading(Role.IDENTIFIER, f"each is {kind[0]}")
    if names.means_postal_code(values.name) and _mostly(sample, _NUMBERED):
        return _key_or_label(values.name, distinct, rows, "named like a postal code")
    if names.means_contact(values.name) and _mostly(sample, _CONTACTS):
        return Reading(Role.IDENTIFIER, "contact data of a person")
    if _mostly(sample, _SINGLE_WORDS) and _names_people(values, sample):
        return Reading(Role.IDENTIFIER, "identifies a person")
    if not _mostly(sample, _SINGLE_WORDS) or _mostly(sample, _UNSPACED):
        return None
    if share > 0.5 and rows >= 5 and _mostly(sample, _SHORT_CODES) and sample.str.len_chars().n_unique() <= 2:
        return Reading(Role.IDENTIFIER, "short codes of capitals, mostly different")
    if _scrambled(sample):
        return Reading(Role.IDENTIFIER, "letters and digits mixed as in a code")
    if names.means_key(values.name):
        return _key_or_label(values.name, distinct, rows, f"{_NAMED_LIKE_A_KEY}, one word each")
    if _mostly(sample, _NUMBERED) and (share > 0.5 or (share > 0.3 and distinct > _FEW_CODES)):
        return Reading(Role.IDENTIFIER, "one word with digits each, mostly different")
    if _mostly(sample, _NICKNAMES) and share > 0.5 and rows >= 5:
        return Reading(Role.IDENTIFIER, "one word each, like user names")
    return None


def _of_forms(values: pl.Series) -> Reading | None:
    """The reading of numbers between the same few signs or words, such as `10 x 20 cm` or `3h 26m`."""
    sample = evenly(values)
    if _repeats(values, 2) or not _mostly(sample, _NUMBERED) or _mostly(sample, _DATED):
        return None
    forms = Counter(map(_form, sample))
    least = max(3, _OF_A_FORM * len(sample))
    common = sum(n for form, n in forms.items() if n >= least and _few_letters(form))
    if common < _NEARLY_ALL * len(sample):
        return None
    if 3 * values.n_unique() < 2 * len(
        values
    ):  # new ones would leave the range once the likely ones are taken
        return Reading(Role.CATEGORY, f"{values.n_unique()} measures that repeat")
    return Reading(Role.IDENTIFIER, "numbers between the same signs or words")


def _form(text: str) -> str:
    """What stays between the numbers of a cell."""
    if _CODE.fullmatch(text):
        text = _CODE_LETTERS.sub("A", text)
    return _NUMBERS.sub("9", _NUMBER.sub("9", text))


def _few_letters(form: str) -> bool:
    """Whether a form is one of numbers, not of words with a number."""
    return sum(map(str.isalpha, form)) <= _LETTERS_OF_A_NUMBER * form.count("9")


def _names_people(values: pl.Series, sample: pl.Series) -> bool:
    """Whether strings stand for people: by name, and not as a few labels that group people."""
    distinct, rows = values.n_unique(), len(values)
    if not names.means_person(values.name):
        return False
    labels = distinct <= _FEW_KINDS and rows >= 20 * distinct and _mostly(sample, _BARE_WORDS)
    return names.means_name_of_person(values.name) or not labels


def _of_words(values: pl.Series) -> Reading:
    """Text, title or label, by the length of the strings and how often they repeat."""
    distinct, rows = values.n_unique(), len(values)
    words = pl.Series([count_words(text) for text in evenly(values).str.head(5_000)], dtype=pl.Float64)
    middle, long = float(words.quantile(0.5) or 0), float(words.quantile(0.95) or 0)
    why = f"median {middle:.0f} words, {counted(distinct, 'different value')}"
    if middle >= 7 or long >= 20:
        if (distinct <= 20 and rows >= 10 * distinct) or (distinct <= 200 and rows >= 50 * distinct):
            return Reading(Role.CATEGORY, f"{distinct} long labels")
        return Reading(Role.TEXT, why, words=(middle, long))
    if _repeats(values, middle):
        if _names_people(values, values):
            return Reading(Role.IDENTIFIER, "identifies a person")
        return Reading(Role.CATEGORY, counted(distinct, "label"))
    return Reading(Role.TITLE, why, words=(middle, long))


def _repeats(values: pl.Series, words: float) -> bool:
    """Whether short strings repeat as labels do and titles do not."""
    distinct, rows = values.n_unique(), len(values)
    share = distinct / rows
    if rows < _FEW_ROWS:
        return share <= 0.7 or words <= 1 or names.means_category(values.name)
    once = int(values.is_unique().sum()) / rows
    return distinct <= 2 or share <= 0.2 or once <= 0.25 or share <= (0.5 if words <= 1 else 0.35)


def evenly(values: pl.Series, most: int = SAMPLE) -> pl.Series:
    """Take at most `most` values, evenly spaced."""
    return values.gather_every(max(1, -(-len(values) // most)))


def _mostly(sample: pl.Series, trait: tuple[str, float]) -> bool:
    """Whether enough strings match, such as `_SINGLE_WORDS`."""
    pattern, least = trait
    return _share(sample, pattern) >= least


def _nested(sample: pl.Series) -> bool:
    """Whether strings are JSON arrays or objects."""
    if _share(sample, r"^\s*[\[{]") < _NEARLY_ALL:
        return False
    try:
        for text in sample.head(20):
            json.loads(text)
    except ValueError:
        return False
    return True


def _scrambled(sample: pl.Series) -> bool:
    """Whether letters and digits alternate as only in codes: B0X4T7, not user_00123."""
    turns = sample.str.count_matches(r"\p{L}\d") + sample.str.count_matches(r"\d\p{L}")
    return bool(np.median(turns) >= 3 and np.median(sample.str.len_chars()) >= 6)


def _share(sample: pl.Series, pattern: str) -> float:
    return int(sample.str.contains(pattern).sum()) / len(sample)
