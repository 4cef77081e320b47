"""Numbers in strings: `$1,234.50`, `1.234,5 kg`, `(12 %)`, `₹1,23,456`.

A cell has three parts: what stands before its digits, the digits with their marks, and what stands after
them. Which mark is the decimal one is learnt for the whole column; sign, unit and decimals belong to the
cell, and a new number takes those of the real cell it is written like.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen.columns.markers import without_words
from syngen.types import NumberFormat

ENOUGH = 0.95  # share of the cells that must be numbers

_FEW_IN_BRACKETS = 0.5  # share of the numbers
_SAMPLE = 2_000  # different cells looked at to learn the marks
_SPACES = "\u0020\u00a0\u202f\u2009"  # the space, and those that keep digits together
_MARKS = f"{_SPACES}'’.,"
_SIGNS = "-+−–"

_CODES = (
    "AED|ARS|AUD|BRL|CAD|CHF|CLP|CNY|COP|CZK|DKK|EUR|GBP|HKD|HUF|IDR|ILS|INR|JPY|KES|KRW|MXN|MYR|NGN|NOK|NZD|"
    r"PEN|PHP|PKR|PLN|RMB|RON|RUB|SAR|SEK|SGD|THB|TRY|TWD|UAH|USD|VND|ZAR|Rs\.?|Rp\.?|RM|Ksh|kr\.?|Fr\.?|S/"
)
_BEFORE = rf"[-+−–(\[~<>≈≤≥\s]*(?:(?:[A-Z]{{1,3}})?\p{{Sc}}|(?:{_CODES})|[A-Z]{{3}}\s)?[-+−–\s]*"
_AFTER = r"\s?(?:[%‰°ºª*+'\"′″]|\p{Sc}|/?[\p{L}°µ][\p{L}²³°./]{0,7})?(?:\s\p{L}{1,8})?\s?[-)\]+*]?"
_DIGITS = rf"\d{{1,3}}(?:[{_MARKS}]\d{{2,3}})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?"
_CELL = rf"^(?P<before>{_BEFORE})(?P<digits>{_DIGITS})(?P<after>{_AFTER})$"
_POINT_FIRST = r"^(?P<before>[-+−–(]?\p{Sc}?)(?P<digits>[.,]\d+)(?P<after>\s?[%‰)]?)$"
_ORDINAL = r"^(?:st|nd|rd|th)$"
_LEADING_ZERO = r"^0\d"
_GROUPS = re.compile(rf"^\d{{1,3}}(?P<mark>[{_MARKS}])\d{{3}}(?:(?P=mark)\d{{3}})*(?:[.,]\d+)?$")
_LAKH = re.compile(r"^\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d+)?$")


def learn_number_format(values: pl.Series, *, enough: float = ENOUGH) -> NumberFormat | None:
    """Learn how the numbers of a string column are written; None when too few of its cells are numbers.

    Args:
        values: Strings without missing ones. Numbers with leading zeros are codes, not numbers.
        enough: Share of the cells that must be numbers, not counting words that several rows share.
    """
    bare = values.str.strip_chars()
    values = without_words(values, bare.str.contains(_CELL) | bare.str.contains(_POINT_FIRST))
    sample = values.unique(maintain_order=True)
    sample = sample.gather_every(max(1, -(-len(sample) // _SAMPLE)))
    parts = _parts(sample).drop_nulls("digits")
    if len(parts) < enough * len(sample) * enough or parts.is_empty():
        return None
    if parts["before"].str.contains("+", literal=True).all() and len(parts) > 1:
        return None  # +44 is a code
    if parts["before"].str.contains("[", literal=True).sum() > _FEW_IN_BRACKETS * len(parts):
        return None  # lists of one number each
    digits = parts["digits"].to_list()
    decimal = _decimal_mark(digits)
    grouped = [found for text in digits if (found := _GROUPS.match(text)) and found["mark"] != decimal]
    marks = [found["mark"] for found in grouped]
    lakh = [text for text in digits if _LAKH.match(text)] if decimal == "." else []
    thousands = max(set(marks), key=marks.count) if marks else "," if lakh else ""
    form = NumberFormat(decimal, thousands, lakh=bool(lakh))
    numbers = read_numbers(values, form)
    if numbers.null_count() > (1 - enough) * len(values):
        return None
    low = values.filter((numbers < 0).fill_null(value=False))
    negative = "(" if low.str.contains("(", literal=True).sum() > len(low) / 2 else "-"
    shown = str(values.filter(numbers.is_not_null()).mode().sort()[0])
    return replace(form, negative=negative, shown=shown)


def read_numbers(cells: pl.Series, form: NumberFormat) -> pl.Series:
    """Read numbers of a format as Float64, null where a cell is none; a percentage is read as it stands."""
    parts = _parts(cells)
    digits = parts["digits"]
    other = "," if form.decimal == "." else "."
    usual = digits.str.contains(f"^\\d*(?:[{re.escape(form.decimal)}]\\d+)?$")
    if form.thousands:
        mark, group = re.escape(form.thousands), "{2,3}" if form.lakh else "{3}"
        grouped = f"^\\d{{1,3}}(?:{mark}\\d{group})+(?:{re.escape(form.decimal)}\\d+)?$"
        usual |= digits.str.contains(grouped)
    bare = digits.str.replace_all(f"[{_SPACES}'’{other}]", "").str.replace(form.decimal, ".", literal=True)
    numbers = bare.cast(pl.Float64, strict=False).set(~usual.fill_null(value=False), None)
    negative = _are_negative(parts)
    return (numbers * negative.cast(pl.Float64) * -2 + numbers).rename(cells.name)


def decimals_of(cells: pl.Series, form: NumberFormat) -> npt.NDArray[np.int64]:
    """How many digits each cell has after its decimal mark, shape (cells,)."""
    after = _parts(cells)["digits"].str.extract(f"[{re.escape(form.decimal)}](\\d+)$")
    return after.str.len_chars().fill_null(0).cast(pl.Int64).to_numpy()


def affixes_of(cells: pl.Series) -> pl.Series:
    """What stands around the digits of each cell, as one text: numbers of one kind have the same."""
    parts = _parts(cells)
    return (parts["before"] + "\0" + parts["after"]).str.replace_all(f"[{_SIGNS}()\\s]", "")


def write_numbers(
    numbers: npt.NDArray[np.float64], decimals: npt.NDArray[np.int64], like: pl.Series, form: NumberFormat
) -> list[str | None]:
    """Write each number like a real cell.

    Args:
        numbers: Shape (n,); NaN gives None.
        decimals: Digits after the decimal mark, shape (n,).
        like: Real cells whose sign and unit are taken, shape (n,); those that are no numbers lend none.
        form: Of the column.
    """
    parts = _parts(like)
    ungrouped = parts["digits"].str.contains(r"^\d{4}").fill_null(value=not form.thousands)
    pointed = parts["digits"].str.contains(r"^[.,]").fill_null(value=False)
    marks = str.maketrans({",": form.thousands, ".": form.decimal})
    marked = form.decimal != "." or form.thousands != ","
    texts: list[str] = []
    for number, places, plain, bare in zip(
        np.nan_to_num(np.abs(numbers)).tolist(), decimals.tolist(), ungrouped, pointed, strict=True
    ):
        text = f"{number:.{places}f}" if plain or not form.thousands else f"{number:,.{places}f}"
        if form.lakh and not plain:
            text = _in_lakh(text)
        if bare and number < 1:  # `.5`
            text = text.removeprefix("0")
        texts.append(text.translate(marks) if marked else text)
    befores, afters = (parts[name].fill_null("").to_list() for name in ("before", "after"))
    had = _are_negative(parts).fill_null(value=False).to_numpy()
    for i in np.flatnonzero(had != (numbers < 0)).tolist():
        befores[i], afters[i] = _signed(befores[i], afters[i], form, negative=bool(numbers[i] < 0))
    absent = np.isnan(numbers).tolist()
    around = zip(befores, texts, afters, absent, strict=True)
    return [None if missing else before + text + after for before, text, after, missing in around]


def _signed(before: str, after: str, form: NumberFormat, *, negative: bool) -> tuple[str, str]:
    """What stands around the digits of a number of the other sign."""
    if not negative:
        return re.sub(r"[-−–(]", "", before), re.sub(r"[-)]$", "", after)
    before = before.replace("+", "")
    return ("(" + before, after + ")") if form.negative == "(" else ("-" + before, after)


def _are_negative(parts: pl.DataFrame) -> pl.Series:
    """Which cells have a minus sign, or stand in parentheses."""
    return parts["before"].str.contains(r"[-−–(]") | parts["after"].str.contains(r"[-)]$")


def _parts(cells: pl.Series) -> pl.DataFrame:
    """The parts of each cell as columns `before`, `digits` and `after`; null where a cell is no number."""
    texts = cells.cast(pl.String).str.strip_chars()
    point = texts.str.extract_groups(_POINT_FIRST).struct.unnest()
    usual = texts.str.extract_groups(_CELL).struct.unnest()
    parts = point.select(
        pl.coalesce(pl.col(name), usual[name]).alias(name) for name in ("before", "digits", "after")
    )
    number = ~(pl.col("digits").str.contains(_LEADING_ZERO) | pl.col("after").str.contains(_ORDINAL))
    return parts.select(pl.when(number).then(pl.all()))


def _decimal_mark(digits: Sequence[str]) -> str:
    """The decimal mark of a column: the mark that stands last before other than three digits."""
    comma = point = 0
    for text in digits:
        last = max(text.rfind(","), text.rfind("."))
        if last < 0:
            continue
        mark, tail = text[last], len(text) - last - 1
        both = "," in text and "." in text
        if text.count(mark) > 1:  # between thousands, so the other is the decimal one
            comma, point = comma + (mark == "."), point + (mark == ",")
        elif both or tail != 3 or last > 3 or text[:last] in ("", "0"):
            comma, point = comma + (mark == ","), point + (mark == ".")
    return "," if comma > point else "."


def _in_lakh(text: str) -> str:
    """Group digits as in India: `1,234,567.5` gives `12,34,567.5`."""
    whole, point, rest = text.replace(",", "").partition(".")
    head, tail = whole[:-3], whole[-3:]
    pairs = re.sub(r"(?<=\d)(?=(?:\d\d)+$)", ",", head)
    return (f"{pairs},{tail}" if head else tail) + point + rest
