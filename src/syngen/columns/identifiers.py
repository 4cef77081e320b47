"""Identifiers: new ones follow the learnt pattern, are never real, and repeat as often as their donors."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Collection, Hashable, Sequence
from functools import cached_property

import numpy as np
import polars as pl

from syngen.columns.codec import CellReading, Codec, Draw, Fault
from syngen.columns.markers import without_words
from syngen.columns.names import means_person
from syngen.columns.number import as_number, parse_number
from syngen.columns.parts import Parts, parts_of
from syngen.columns.people import Maker, renamed
from syngen.columns.recognised import KINDS, is_email, women_by_label
from syngen.columns.taken import Taken
from syngen.columns.templates import shape
from syngen.types import IdentifierPattern, Value

_DENSE = 1.25  # times as many numbers from the first key to the last as keys: these number the rows
_NEARLY_ALL_NUMBERED = 0.95  # share of keys with a digit, where words are none
_MORE_DIGITS = 2  # than the highest real key, that a new one may have


class IdentifierCodec(Codec):
    """A column of keys that follow learnt patterns."""

    def parse_text(self, text: str) -> CellReading:
        pattern = self.column.identifier
        if pattern is None:
            return CellReading(text)
        if pattern.kind == "integer":
            return parse_number(text, self.column.dtype)
        if pattern.kind != "template":
            return CellReading(text, fits=is_email(text) if pattern.kind == "email" else None)
        return CellReading(text, fits=True if self._follows(text) else False if " " in text else None)

    def check(self, value: Value) -> Fault | None:
        """Accept what follows a pattern, or has the shape of a real identifier that follows none."""
        pattern = self.column.identifier
        if pattern is None or value in self.words:
            return None
        if pattern.kind == "integer":
            return self._check_number(value, pattern)
        if self.column.dtype == "String" and not isinstance(value, str):
            return self.wrong_type(value, "a string")
        if pattern.kind not in ("template", "email"):
            return None
        if pattern.kind == "email":
            return None if is_email(str(value)) else self.wrong_type(value, "an e-mail address")
        if self._follows(str(value)) or shape(str(value)) in self._other_shapes:
            return None
        if self._cramped and _outline(str(value)) in self._outlines:
            return None
        return Fault("bad_pattern", f"{self.name!r} is {value!r}, which does not follow {pattern.shown}.")

    def _follows(self, text: str) -> bool:
        pattern = self.column.identifier
        fits = pattern is not None and pattern.fits(text)
        return fits or (self._parts is not None and self._parts.fits(text))

    def copied(self, value: Value) -> Fault | None:
        """Reject the identifier of a real row, even where it follows the pattern; a region is nobody's."""
        pattern = self.column.identifier
        key = int(value) if isinstance(value, float) and value.is_integer() else value
        if value is None or (pattern and pattern.kept) or str(key) not in self._taken:
            return None
        return Fault("copied_identifier", f"{self.name!r} is {value!r}, which belongs to a real row.")

    def sample(self, draw: Draw) -> pl.Series:
        donated = self.real.gather(draw.donors)
        if self.column.identifier is None:
            return donated
        keys = [
            None if value is None or value in self.words else (value, turn)
            for value, turn in zip(donated, draw.turns.tolist(), strict=True)
        ]
        if self.column.identifier.kind in KINDS:
            maker = Maker(self.column.identifier.kind, self.column.identifier.locale, self.real, self.unread)
            sexes = self._sexes(draw)
            own = [key and (key, female) for key, female in zip(keys, sexes, strict=True)]
            new = renamed(own, donated.to_list(), sexes, maker, draw.rng)
            return pl.Series(self.name, new, dtype=pl.String)
        minted = mint(keys, self.column.identifier, self._taken, draw.rng, self._parts)
        return self.with_words(pl.Series(self.name, minted, strict=False).cast(self.dtype), draw.donors)

    @cached_property
    def words(self) -> frozenset[str]:
        """The words that several rows have in place of a key, where keys have digits and are not those of people."""
        pattern = self.column.identifier
        if self.dtype != pl.String or pattern is None or pattern.kind in KINDS or means_person(self.name):
            return frozenset()
        keys = self.real.drop_nulls()
        others = without_words(keys, keys.str.contains(r"\d"))
        numbered = others.str.contains(r"\d").sum() >= _NEARLY_ALL_NUMBERED * len(others)
        return frozenset(keys.filter(~keys.is_in(others.implode()))) if numbered else frozenset()

    @staticmethod
    def _sexes(draw: Draw) -> list[bool | None]:
        """Whether each donor is a woman, by the first column that says so; None where none does."""
        for codec in draw.codecs.values():
            women = women_by_label(codec.column) if codec.dtype == pl.String else {}
            if women:
                return [women.get(label) for label in codec.real.gather(draw.donors)]
        return [None] * len(draw.donors)

    def _check_number(self, value: Value, pattern: IdentifierPattern) -> Fault | None:
        """Accept any whole number of the sign of the real ones: new keys may follow after the last real one."""
        number = as_number(value)
        if number is None or not number.is_integer():
            return self.wrong_type(value, "a whole number")
        if number < min(pattern.low, 0) or len(str(abs(int(number)))) > len(str(pattern.high)) + _MORE_DIGITS:
            return Fault("out_of_range", f"{self.name!r} is {value}, far from the real values.")
        return None

    @cached_property
    def _taken(self) -> Taken:
        keys = self.real.drop_nulls().unique()
        keys = keys.filter(~keys.is_in(list(self.words))) if self.words else keys
        whole = keys.dtype.is_float() and bool((keys == keys.round()).all())  # 5603.0 is 5603
        return Taken(map(str, keys.cast(pl.Int64) if whole else keys), self.unread)

    @cached_property
    def _parts(self) -> Parts | None:
        """What stays within the identifiers; None where the templates say it all."""
        pattern = self.column.identifier
        templates = pattern is not None and pattern.kind == "template" and not pattern.kept
        return parts_of(sorted(self._taken)) if templates else None

    @cached_property
    def _other_shapes(self) -> frozenset[str]:
        pattern = self.column.identifier
        return frozenset(shape(key) for key in self._taken if pattern and not pattern.fits(key))

    @cached_property
    def _cramped(self) -> bool:
        """Whether a template leaves no room for new keys, so that these are longer than the real ones."""
        pattern = self.column.identifier
        return pattern is not None and any(
            math.prod(map(len, template)) < 2 * len(self._taken) for template in pattern.templates
        )

    @cached_property
    def _outlines(self) -> frozenset[str]:
        return frozenset(map(_outline, self._taken))


def _outline(key: str) -> str:
    """The shape of an identifier without the lengths of its parts: `AB-123` gives `A-9`."""
    return re.sub(r"(.)\1+", r"\1", shape(key))


def mint(
    keys: Sequence[Hashable],
    pattern: IdentifierPattern,
    taken: Collection[str],
    rng: np.random.Generator,
    parts: Parts | None = None,
) -> list[Value]:
    """Make one new identifier for each distinct key, the same for equal keys; None for key None.

    Args:
        keys: A real identifier and which of its repetitions in the plan, so that rows that shared an
            identifier share the new one, which follows the same template. Shape (n,).
        pattern: How identifiers look.
        taken: Identifiers, as text, that must not be made.
        rng: Random numbers.
        parts: What stays of a real identifier, and the ranges of its numbers.

    Returns:
        The identifiers, shape (n,): integers or texts.
    """
    groups: dict[tuple[int, str], list[Hashable]] = {}
    number_of: dict[str, int] = {}
    for key in dict.fromkeys(key for key in keys if key is not None):
        real = str(key[0]) if isinstance(key, tuple) else str(key)
        if real not in number_of:
            number_of[real] = pattern.template_of(real) or 0
        groups.setdefault((number_of[real], real[: pattern.kept]), []).append(key)
    minted: dict[Hashable, Value] = {None: None}
    used: set[Value] = set()
    for (number, start), alike in groups.items():
        n = len(alike)
        if pattern.kept:
            minted |= zip(alike, _texts(pattern.templates[number], start, 0, rng)(n), strict=True)
            continue
        room = 2 * (n + len(taken) + len(used))
        if pattern.kind == "integer":
            draw = _integers(pattern, n, len(taken), room, rng)
        else:
            draw = _texts(pattern.templates[number], "", room, rng)
        if parts:
            minted |= parts.mint(alike, draw, taken, used, rng)
            used.update(minted.values())
            alike = [key for key in alike if key not in minted]
            n = len(alike)
        new: dict[Value, None] = {}
        while len(new) < n:  # at least half of what can be drawn is free
            drawn = draw(n - len(new) + 8)
            new |= dict.fromkeys(value for value in drawn if str(value) not in taken and value not in used)
        used.update(new)
        minted |= zip(alike, new, strict=False)
    return [minted[key] for key in keys]


def _integers(
    pattern: IdentifierPattern, n: int, taken: int, room: int, rng: np.random.Generator
) -> Callable[[int], list[Value]]:
    """Draw from the real range; where it is full, count on from its end, or down from its beginning."""
    low, high = pattern.low, pattern.high
    if high - low + 1 >= room:
        return lambda count: rng.integers(low, high, count, endpoint=True).tolist()
    upwards = high + 2 * n < 2**63
    if high - low + 1 <= _DENSE * taken:
        following = itertools.count(high + 1) if upwards else itertools.count(low - 1, -1)
        return lambda count: list(itertools.islice(following, count))
    first, last = (high + 1, high + 2 * n) if upwards else (low - 2 * n, low - 1)
    return lambda count: rng.integers(first, last, count, endpoint=True).tolist()


def _texts(
    template: Sequence[str], start: str, room: int, rng: np.random.Generator
) -> Callable[[int], list[Value]]:
    """Draw each position; a template with too little room is lengthened at its last open position."""
    positions = [*start, *template[len(start) :]]
    last = max((i for i, allowed in enumerate(positions) if len(allowed) > 1), default=len(positions) - 1)
    more = positions[last] if positions and len(positions[last]) > 1 else "0123456789"
    while math.prod(map(len, positions)) < room:
        positions.insert(last + 1, more)
    allowed_at = [np.array(list(allowed)) for allowed in positions]

    def draw(count: int) -> list[Value]:
        columns = [allowed[rng.integers(0, len(allowed), count)] for allowed in allowed_at]
        return ["".join(characters) for characters in zip(*columns, strict=True)]

    return draw
