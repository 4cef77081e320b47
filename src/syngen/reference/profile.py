"""Learn the profile of a table, with remarks on it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen import errors
from syngen.columns.grid import decimals_of_floats
from syngen.columns.markers import shared_words
from syngen.columns.numberformats import decimals_of, learn_number_format, read_numbers
from syngen.columns.templates import learn_pattern
from syngen.columns.timeformats import detect_time, other_reading
from syngen.columns.times import DATE_DIRECTIVE, to_seconds
from syngen.reference.copied import copied
from syngen.reference.derived import explain, find_derivations
from syngen.reference.domain import domain_of
from syngen.reference.relations import find_relations
from syngen.reference.roles import Reading, read_role, read_roles
from syngen.reference.saved import SET
from syngen.text import words as text
from syngen.text.format import counted, listed
from syngen.types import (
    ColumnProfile,
    Derivation,
    NumberFormat,
    Profile,
    Role,
    TextMeasures,
    TextStats,
    TimeFormat,
    Value,
)

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_MOST_VALUES = 50
_MOST_OPENINGS = 10
_ENOUGH_TO_OBEY = 0.3  # share of the cells that must be numbers where the user says that they are
_COUNTED = (Role.CATEGORY, Role.ORDINAL, Role.COUNT, Role.BOOLEAN, Role.CONSTANT)
_RANGED = (Role.ORDINAL, Role.COUNT, Role.NUMBER)
_FEW_ROWS = 10
_MANY_LABELS = 50
_LONG = 2_000  # words
_SHORTEST_CUT = 140  # characters
_LONGEST_SHOWN = 30  # characters of a cell in a message
_IN_TEXTS = {  # by what is seen
    "HTML markup": r"</?[a-zA-Z][^<>]{0,200}>",
    "control characters": r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]",
    "right-to-left script": r"[\u0590-\u08ff]",
    "replacement characters (\ufffd): the file was damaged before": "\ufffd",
    "letters that look wrongly decoded, such as Ã© or â€™": "Ã[\u0080-\u00bf]|â€[\u0098-\u009d™œ˜\u201c\u201d]",
    "e-mail addresses": r"[\w.+-]+@[\w-]+\.[A-Za-z]{2,}",
}


def learn(frame: pl.DataFrame, chosen: Mapping[str, Role]) -> tuple[Profile, dict[str, TextMeasures]]:
    """Learn the profile of a table, in which columns that a model is to write are strings.

    Args:
        chosen: Roles set by the user; all others are detected.

    Returns:
        The profile, and the measures of every written column.

    Raises:
        ConfigError: A column can't have the role set for it.
    """
    readings = read_roles(frame) | {name: _forced_reading(frame[name], role) for name, role in chosen.items()}
    measures = {name: measure(frame[name]) for name, reading in readings.items() if reading.role.written}
    found = find_derivations(frame, readings, {name: measured.words for name, measured in measures.items()})
    derivations = {name: d for name, d in found.items() if chosen.get(name, Role.DERIVED) is Role.DERIVED}
    for name, role in chosen.items():
        if role is Role.DERIVED and name not in derivations:
            raise errors.ConfigError(
                f"Column '{name}' can't have the role derived: it follows from no other column SynGen can see.",
                "Give another role, or none.",
            )
    measures = {name: measured for name, measured in measures.items() if name not in derivations}
    columns = tuple(
        profile_column(series, readings[series.name], derivations.get(series.name), measures.get(series.name))
        for series in frame.iter_columns()
    )
    own = {name: reading for name, reading in readings.items() if name not in derivations}
    notes = tuple(_remarks(frame, columns, measures))
    profile = Profile(len(frame), columns, domain_of(frame[list(own)], own), notes)
    return replace(profile, relations=find_relations(profile, frame)), measures


def measure(series: pl.Series) -> TextMeasures:
    """Measure every text of a column; an absent text has no words, no grade and no style."""
    measured = [text.measure(value or "") for value in series.to_list()]
    return TextMeasures(
        words=np.array([words for words, _, _ in measured], dtype=np.int32),
        grade=np.array([math.nan if grade is None else grade for _, grade, _ in measured], dtype=np.float32),
        style=tuple(style for _, _, style in measured),
    )


def profile_column(
    series: pl.Series,
    reading: Reading,
    derivation: Derivation | None = None,
    measures: TextMeasures | None = None,
) -> ColumnProfile:
    """Learn the profile of one column; without measures it has no statistics of its texts."""
    role = Role.DERIVED if derivation else reading.role
    values = series.drop_nulls()
    numbers = read_numbers(values, reading.number) if reading.number else values
    decimals = _decimals(values, reading.number) if role in _RANGED else 0
    if reading.number and not decimals:
        numbers = numbers.cast(pl.Int64, strict=False)
    low, high = _range(numbers, role, reading.time)
    return ColumnProfile(
        name=series.name,
        role=role,
        dtype=str(series.dtype.base_type()),
        rows=len(series),
        missing=series.null_count(),
        distinct=values.n_unique(),
        why=explain(derivation) if derivation else reading.why,
        low=low,
        high=high,
        decimals=decimals,
        number=reading.number,
        values=_most_common(values) if role in _COUNTED else (),
        text=_text_stats(series, measures) if role.written and measures else None,
        identifier=learn_pattern(series) if role is Role.IDENTIFIER and len(values) else None,
        time=reading.time if role is Role.DATETIME else None,
        derived=derivation,
    )


def _range(values: pl.Series, role: Role, time: TimeFormat | None) -> tuple[Value, Value]:
    """Smallest and largest value; of times as ISO 8601 text."""
    if role in _RANGED:
        return values.min(), values.max()
    if role is not Role.DATETIME or time is None:
        return None, None
    seconds = to_seconds(values, time)
    if np.isnan(seconds).all():
        return None, None
    ends = (_iso(float(end), time.step) for end in (np.nanmin(seconds), np.nanmax(seconds)))
    low, high = ends
    clock = time.kind == "string" and not DATE_DIRECTIVE.search(time.format)
    return (low.partition("T")[2], high.partition("T")[2]) if clock else (low, high)


def _iso(seconds: float, step: float) -> str:
    point = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    return point.date().isoformat() if step >= 86400 else point.replace(tzinfo=None).isoformat()


def _decimals(values: pl.Series, form: NumberFormat | None) -> int:
    """Most digits after the point of a number."""
    if form:
        return int(decimals_of(values, form).max(initial=0))
    if not values.dtype.is_float():
        return 0
    return int(decimals_of_floats(values.unique().to_numpy()).max(initial=0))


def _most_common(values: pl.Series) -> tuple[tuple[Value, int], ...]:
    counts = values.alias("value").value_counts().sort("count", "value", descending=[True, False])
    return tuple((value, count) for value, count in counts.head(_MOST_VALUES).iter_rows())


def _text_stats(series: pl.Series, measures: TextMeasures) -> TextStats:
    present = series.drop_nulls()
    openings = Counter(map(text.opening, present))
    return TextStats(
        words=_quantiles(measures.words[series.is_not_null().to_numpy()]) or (0.0,) * len(QUANTILES),
        grade=_quantiles(measures.grade[~np.isnan(measures.grade)]),
        openings=tuple(
            (opening, round(count / len(present), 4))
            for opening, count in openings.most_common(_MOST_OPENINGS)
            if opening and count > 1
        ),
    )


def _quantiles(numbers: npt.NDArray[Any]) -> tuple[float, ...]:
    return tuple(round(float(q), 2) for q in np.quantile(numbers, QUANTILES)) if len(numbers) else ()


def _forced_reading(series: pl.Series, role: Role) -> Reading:
    """Give a column the role set by the user; a ConfigError that names the cells when they can't have it."""
    if role is Role.DERIVED:
        return read_role(series)  # its source is found later
    values, dtype = series.drop_nulls(), series.dtype
    reading = Reading(role, SET)
    if not len(values):
        return reading
    against, problem = values.clear(), ""
    if role is Role.DATETIME:
        time = detect_time(series) or detect_time(series, sure=True)
        reading = reading._replace(time=time)
        problem = "its values are no points in time in a form SynGen knows"
        against = values if time is None else against
    elif role in _RANGED:
        form = None
        if dtype == pl.String:
            form = learn_number_format(values) or learn_number_format(values, enough=_ENOUGH_TO_OBEY)
        reading = reading._replace(number=form)
        numbers = read_numbers(values, form) if form else values
        if not numbers.dtype.is_numeric():
            problem = "its values are not all numbers"
            against = values.filter(~values.cast(pl.String).str.contains(r"^[-+]?[.\d]+$"))
        elif role is Role.COUNT:
            problem = "its values are not all whole numbers from 0 up"
            against = values.filter(~((numbers >= 0) & (numbers == numbers.round())).fill_null(value=True))
    elif role in (Role.BOOLEAN, Role.CONSTANT):
        spellings = values.str.to_lowercase() if dtype == pl.String else values  # "Yes" and "yes" are one
        problem = f"it has {spellings.n_unique():,} different values"
        against = values if spellings.n_unique() > (2 if role is Role.BOOLEAN else 1) else against
    elif role is Role.IDENTIFIER and not (dtype.is_numeric() or dtype == pl.String):
        problem, against = "its values are neither numbers nor strings", values
    if len(against):
        shown = [f"'{_shortened(value)}'" for value in against.cast(pl.String).unique(maintain_order=True)]
        raise errors.ConfigError(
            f"Column '{series.name}' can't have the role {role}: {problem}"
            f" ({counted(len(against), 'cell')}: {listed(shown, most=3)}).",
            "Change these cells, give another role, or none.",
        )
    return reading


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"


def _remarks(
    frame: pl.DataFrame, columns: tuple[ColumnProfile, ...], measures: Mapping[str, TextMeasures]
) -> Iterator[str]:
    if len(frame) < _FEW_ROWS:
        yield f"With {counted(len(frame), 'row')}, every role and distribution is a guess."
    if not any(column.role.written for column in columns):
        yield (
            "No column holds text, so code fills all of them and no model is needed. If one holds text, name it "
            "(--text-column NAME, or text_columns=[…])."
        )
    repeated = len(frame) - frame.n_unique()
    if repeated:
        yield f"Rows that repeat another in every column: {repeated:,}."
    for column in columns:
        series = frame[column.name]
        if column.role is not Role.EMPTY and column.missing_share > 0.5:
            yield f"'{column.name}' is missing in {column.missing_share:.0%} of the rows."
        if column.role is Role.CATEGORY and column.distinct > _MANY_LABELS and not copied(column):
            yield f"'{column.name}' has {column.distinct:,} different labels; they are copied as they are."
        if column.role.written:
            yield from _on_texts(series, column, measures[column.name])
        if column.number is not None:
            words = shared_words(series, read_numbers(series, column.number).is_not_null()).sort()
            if len(words):
                shown = listed([f"'{word}'" for word in words], most=3)
                yield f"'{column.name}': {shown} in place of a number, as often in new rows."
        if column.time is not None and column.time.kind == "string":
            yield from _on_times(series, column)


def _on_texts(series: pl.Series, column: ColumnProfile, measures: TextMeasures) -> Iterator[str]:
    name, texts = column.name, series.drop_nulls()
    if column.role is Role.TEXT:
        again = int(texts.is_duplicated().sum())
        if again:
            yield f"Rows with the same '{name}' as another: {again:,}."
        long = int((measures.words > _LONG).sum())
        if long:
            yield f"'{name}' has {counted(long, 'text')} over {_LONG:,} words."
        longest = _cut_off_at(texts)
        if longest:
            yield f"'{name}' is probably cut off: many texts are exactly {longest:,} characters long, none is longer."
    if int(texts.str.contains(f"[{text.DENSE}]{{5}}").sum()) > len(texts) / 2:
        yield f"'{name}' is written without spaces: two letters are counted as a word."
    for what, pattern in _IN_TEXTS.items():
        found = int(texts.str.contains(pattern).sum())
        if found:
            yield f"'{name}': {counted(found, 'text')} with {what}."


def _cut_off_at(texts: pl.Series) -> int:
    """The length of the longest texts when more have this length than one shortly below it; else 0."""
    lengths = texts.unique().str.len_chars().cast(int)
    longest = max(lengths, default=0)
    cut = int((lengths == longest).sum())
    below = int(lengths.is_between(longest - 10, longest - 1).sum())
    return longest if longest >= _SHORTEST_CUT and cut >= 3 and cut > below else 0


def _on_times(series: pl.Series, column: ColumnProfile) -> Iterator[str]:
    assert column.time is not None
    if other_reading(series, column.time):
        yield f"'{column.name}' can be read with day and month exchanged; {column.time.format} was taken."
    unread = int(np.isnan(to_seconds(series, column.time)).sum()) - column.missing
    if unread:
        yield f"'{column.name}': {counted(unread, 'cell')} not written as {' or '.join(column.time.formats)}."
