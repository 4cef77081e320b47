"""Identifiers: new ones follow the learnt pattern, are never real, and repeat as often as their donors."""

from __future__ import annotations

import itertools
import math
import re
import string
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Sequence
from functools import cached_property

import numpy as np
import polars as pl

from syngen.columns.codec import CellReading, Codec, Draw, Fault
from syngen.columns.number import NumberCodec, parse_number
from syngen.types import IdentifierPattern, Value

_SAMPLE = 20_000  # identifiers looked at character by character
_ENOUGH_TO_TRUST = 100  # identifiers, from which a position with few characters keeps just these
_FEW_CHARACTERS = 4
_LITERAL = 0.97  # share of identifiers with the same character that makes it part of the pattern
_ROOM = 1_000  # new identifiers a pattern should allow for each one seen

_CLASSES = {  # by how they are shown, the smaller and likelier first
    "0-9": string.digits,
    "a-z": string.ascii_lowercase,
    "A-Z": string.ascii_uppercase,
    "0-9a-f": string.digits + "abcdef",
    "0-9A-F": string.digits + "ABCDEF",
    "0-9a-z": string.digits + string.ascii_lowercase,
    "0-9A-Z": string.digits + string.ascii_uppercase,
    "A-Za-z": string.ascii_letters,
    "0-9A-Za-z": string.digits + string.ascii_letters,
}
_SHOWN = {characters: shown for shown, characters in _CLASSES.items()}


class IdentifierCodec(Codec):
    """A column of keys that follow a learnt pattern."""

    def parse_text(self, text: str) -> CellReading:
        pattern = self.column.identifier
        if pattern is None:
            return CellReading(text)
        if pattern.kind == "integer":
            return parse_number(text, self.column.dtype)
        return CellReading(text, fits=True if pattern.fits(text) else False if " " in text else None)

    def check(self, value: Value) -> Fault | None:
        """Accept what follows the pattern, or has the shape of a real identifier that does not."""
        pattern = self.column.identifier
        if pattern is None:
            return None
        if pattern.kind == "integer":
            return self._as_numbers.check(value)
        if not isinstance(value, str):
            return self.wrong_type(value, "a string")
        if pattern.fits(value) or _shape(value) in self._other_shapes:
            return None
        return Fault("bad_pattern", f"{self.name!r} is {value!r}, which does not follow {pattern.shown}.")

    def copied(self, value: Value) -> Fault | None:
        """Reject the identifier of a real row, even where it follows the pattern."""
        if value is None or str(value) not in self._taken:
            return None
        return Fault("copied_identifier", f"{self.name!r} is {value!r}, which belongs to a real row.")

    def sample(self, draw: Draw) -> pl.Series:
        donated = self.real.gather(draw.donors)
        if self.column.identifier is None:
            return donated
        keys = [
            None if value is None else (value, turn)
            for value, turn in zip(donated, draw.turns.tolist(), strict=True)
        ]
        minted = mint(keys, self.column.identifier, self._taken, draw.rng)
        return pl.Series(self.name, minted, strict=True).cast(self.dtype)

    @cached_property
    def _as_numbers(self) -> NumberCodec:
        return NumberCodec(self.column, self.real)

    @cached_property
    def _taken(self) -> frozenset[str]:
        return frozenset(map(str, self.real.drop_nulls().unique()))

    @cached_property
    def _other_shapes(self) -> frozenset[str]:
        pattern = self.column.identifier
        return frozenset(_shape(key) for key in self._taken if pattern and not pattern.fits(key))


def _shape(key: str) -> str:
    """The shape of an identifier: `AB-12` gives `AA-99`."""
    return re.sub(r"[^\W\d_]", "A", re.sub(r"\d", "9", key))


def learn_pattern(series: pl.Series) -> IdentifierPattern:
    """Learn how the identifiers of a column look.

    Args:
        series: Whole numbers or strings, at least one.

    Returns:
        Of whole numbers their range; of strings the characters allowed at each position, for the most
        common length. Positions that never change are literal, unless too few new identifiers are possible.
    """
    counts = series.drop_nulls().unique_counts()
    once, twice, thrice = (int((counts == times).sum()) / len(counts) for times in (1, 2, 3))
    repeats = (once, twice, thrice, int((counts >= 4).sum()) / len(counts))
    if series.dtype.is_integer():
        numbers = series.drop_nulls().to_numpy()
        low, high = int(numbers.min()), int(numbers.max())
        return IdentifierPattern("integer", (), low, high, f"integer {low}..{high}", repeats)
    texts = series.drop_nulls().cast(str).unique(maintain_order=True)
    length = texts.str.len_chars().mode().sort()[0]
    alike = texts.filter(texts.str.len_chars() == length).head(_SAMPLE).to_list()
    template = _template(alike, len(texts))
    return IdentifierPattern("template", template, 0, 0, _shown(template), repeats)


def _template(alike: Sequence[str], distinct: int) -> tuple[str, ...]:
    seen = [_seen(Counter(column)) for column in zip(*alike, strict=True)]
    template: list[str] = []
    for changing, run in itertools.groupby(seen, key=lambda c: len(c) > 1 and c.isascii() and c.isalnum()):
        positions = list(run)
        template += _classes(positions, len(alike)) if changing else positions
    if math.prod(map(len, template)) < _ROOM * distinct:
        template = [string.digits if set(allowed) <= set(string.digits) else allowed for allowed in template]
    return tuple(template)


def _seen(counts: Counter[str]) -> str:
    """The characters at one position; one when hardly an identifier has another."""
    character, count = counts.most_common(1)[0]
    total = counts.total()
    return character if total >= _ENOUGH_TO_TRUST and count >= _LITERAL * total else "".join(sorted(counts))


def _classes(run: Sequence[str], strings: int) -> list[str]:
    """The characters allowed at neighbouring positions that change."""
    together = set("".join(run))
    if strings >= _ENOUGH_TO_TRUST:
        return [c if len(c) <= _FEW_CHARACTERS else _class_of(set(c), together) for c in run]
    if any(not c.isdigit() and not c.isalpha() for c in run):
        return [_class_of(together, together)] * len(run)  # letters and digits mixed: too few to separate
    return [_class_of(set(c), together) for c in run]


def _class_of(characters: set[str], together: set[str]) -> str:
    """The smallest class with all characters; hexadecimal only where its neighbours are."""
    for shown, allowed in _CLASSES.items():
        if characters <= set(allowed) and (shown not in ("0-9a-f", "0-9A-F") or together <= set(allowed)):
            return allowed
    return "".join(sorted(characters))


def _shown(template: Sequence[str]) -> str:
    """The template as a regular expression, such as `B0[0-9A-Z]{8}`."""
    shown = ""
    for characters, run in itertools.groupby(template):
        length = len(list(run))
        if len(characters) == 1:
            shown += characters * length
        else:
            shown += f"[{_SHOWN.get(characters, characters)}]" + (f"{{{length}}}" if length > 1 else "")
    return shown


def mint(
    keys: Sequence[Hashable], pattern: IdentifierPattern, taken: Collection[str], rng: np.random.Generator
) -> list[Value]:
    """Make one new identifier for each distinct key, the same for equal keys; None for key None.

    Args:
        keys: A real identifier and which of its repetitions in the plan, so that rows that shared an
            identifier share the new one. Shape (n,).
        pattern: How identifiers look.
        taken: Identifiers, as text, that must not be made.

    Returns:
        The identifiers, shape (n,): integers or texts.
    """
    distinct = list(dict.fromkeys(key for key in keys if key is not None))
    n = len(distinct)
    draw = (_integers if pattern.kind == "integer" else _texts)(pattern, n, 2 * (n + len(taken)), rng)
    new: dict[Value, None] = {}
    while len(new) < n:  # at least half of what can be drawn is free
        new |= dict.fromkeys(value for value in draw(n - len(new) + 8) if str(value) not in taken)
    minted = dict(zip(distinct, new, strict=False))
    return [None if key is None else minted[key] for key in keys]


def _integers(
    pattern: IdentifierPattern, n: int, room: int, rng: np.random.Generator
) -> Callable[[int], list[Value]]:
    """Draw from the real range; when it has too little room, from the numbers that follow or precede it."""
    low, high = pattern.low, pattern.high
    if high - low + 1 < room:
        low, high = (high + 1, high + 2 * n) if high + 2 * n < 2**63 else (low - 2 * n, low - 1)
    return lambda count: rng.integers(low, high, count, endpoint=True).tolist()


def _texts(
    pattern: IdentifierPattern, _n: int, room: int, rng: np.random.Generator
) -> Callable[[int], list[Value]]:
    """Draw each position; a pattern with too little room is lengthened at its last open position."""
    template = list(pattern.template)
    last = max((i for i, allowed in enumerate(template) if len(allowed) > 1), default=len(template) - 1)
    more = template[last] if template and len(template[last]) > 1 else "0123456789"
    while math.prod(map(len, template)) < room:
        template.insert(last + 1, more)
    allowed_at = [np.array(list(allowed)) for allowed in template]

    def draw(count: int) -> list[Value]:
        columns = [allowed[rng.integers(0, len(allowed), count)] for allowed in allowed_at]
        return ["".join(characters) for characters in zip(*columns, strict=True)]

    return draw
