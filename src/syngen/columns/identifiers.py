"""How identifiers look and how often they come again: a column comes in, an `IdentifierPattern` goes out."""

from __future__ import annotations

import itertools
import math
import string
from collections import Counter
from collections.abc import Iterator, Sequence

import polars as pl

from syngen.types import IdentifierPattern

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
_HEXADECIMAL = ("0-9a-f", "0-9A-F")
_SHOWN = {characters: shown for shown, characters in _CLASSES.items()}


def learn_pattern(series: pl.Series) -> IdentifierPattern:
    """Learn how the identifiers of a column look.

    Args:
        series: Whole numbers or strings, at least one.

    Returns:
        Whole numbers as the range they lie in; strings as the characters allowed at each position,
        for the most common length. Positions that never change stay as they are, as long as that
        leaves room for enough new identifiers.
    """
    counts = series.drop_nulls().alias("value").value_counts().get_column("count")
    repeats = _repeats(counts)
    if series.dtype.is_integer():
        low, high = int(series.min()), int(series.max())  # type: ignore[arg-type]  # whole numbers, at least one
        return IdentifierPattern("integer", (), low, high, f"integer {low}..{high}", repeats)
    texts = series.drop_nulls().cast(str).unique(maintain_order=True)
    length = texts.str.len_chars().mode().sort()[0]
    alike = texts.filter(texts.str.len_chars() == length).head(_SAMPLE).to_list()
    template = _template(alike, len(texts))
    return IdentifierPattern("template", template, 0, 0, _shown(template), repeats)


def _repeats(counts: pl.Series) -> tuple[float, float, float, float]:
    """Share of distinct identifiers that occur once, twice, three times, four or more."""
    shares = [int((counts == times).sum()) / len(counts) for times in (1, 2, 3)]
    return (shares[0], shares[1], shares[2], int((counts >= 4).sum()) / len(counts))


def _template(alike: Sequence[str], distinct: int) -> tuple[str, ...]:
    """The characters allowed at each position of strings of one length."""
    seen = [_seen(Counter(column)) for column in zip(*alike, strict=True)]
    template: list[str] = []
    for changing, run in itertools.groupby(seen, key=_changes):
        positions = list(run)
        template += _classes(positions, len(alike)) if changing else positions
    if math.prod(map(len, template)) < _ROOM * distinct:
        template = [string.digits if set(allowed) <= set(string.digits) else allowed for allowed in template]
    return tuple(template)


def _seen(counts: Counter[str]) -> str:
    """The characters at one position; just one when hardly an identifier has another."""
    character, count = counts.most_common(1)[0]
    total = counts.total()
    return character if total >= _ENOUGH_TO_TRUST and count >= _LITERAL * total else "".join(sorted(counts))


def _changes(characters: str) -> bool:
    """Whether the characters seen at a position stand for a class of letters or digits."""
    return len(characters) > 1 and characters.isascii() and characters.isalnum()


def _classes(run: Sequence[str], strings: int) -> list[str]:
    """The characters allowed at neighbouring positions that change."""
    together = set("".join(run))
    if strings >= _ENOUGH_TO_TRUST:
        return [c if len(c) <= _FEW_CHARACTERS else _class_of(set(c), together) for c in run]
    if any(not c.isdigit() and not c.isalpha() for c in run):
        return [_class_of(together, together)] * len(run)  # letters and digits mixed: too few to tell apart
    return [_class_of(set(c), together) for c in run]


def _class_of(characters: set[str], together: set[str]) -> str:
    """The smallest class that holds all characters; hexadecimal only when all around it is."""
    for shown, allowed in _CLASSES.items():
        if characters <= set(allowed) and (shown not in _HEXADECIMAL or together <= set(allowed)):
            return allowed
    return "".join(sorted(characters))


def _shown(template: Sequence[str]) -> str:
    """The template as people would write it, such as `B0[0-9A-Z]{8}`."""
    return "".join(itertools.chain.from_iterable(_parts(template)))


def _parts(template: Sequence[str]) -> Iterator[str]:
    for characters, run in itertools.groupby(template):
        length = len(list(run))
        if len(characters) == 1:
            yield characters * length
        else:
            yield f"[{_SHOWN.get(characters, characters)}]" + (f"{{{length}}}" if length > 1 else "")
