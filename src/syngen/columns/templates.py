"""How the identifiers of a column look: templates of the characters that each position allows, with what never changes."""

from __future__ import annotations

import itertools
import math
import string
from collections import Counter
from collections.abc import Sequence

import numpy as np
import polars as pl

from syngen.columns.names import means_postal_code
from syngen.columns.recognised import kind_of, locale_of
from syngen.types import IdentifierPattern

_SAMPLE = 20_000  # identifiers looked at character by character
_ENOUGH_TO_TRUST = 100  # identifiers, from which a position with few characters keeps just these
_FEW_CHARACTERS = 4
_FEW = 3  # identifiers; of fewer none keeps a character
_LITERAL = 0.97  # share of identifiers with the same character that makes it part of the pattern
_ROOM = 1_000  # new identifiers a pattern should allow for each one seen
_COMMON = 0.02  # share of identifiers that makes a shape, or a length, one to learn from
_NEARLY_ALL = 0.8  # share of identifiers whose shapes must be common
_ODD = 0.01  # share of identifiers whose kind of character at a position is none to learn from
_ENOUGH_FOR_DIGITS = 40  # identifiers, among which each digit that a position may have is seen
_ENOUGH_HEXADECIMAL = 4  # different letters
_LONGEST_SHOWN = 80  # characters of a pattern
_MOST_SHOWN = 3  # templates
_OPEN_OF_POSTAL = 2  # last characters of a postal code that are drawn anew
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
_SHOWN_KINDS = {
    "name": "names of people",
    "first name": "first names",
    "last name": "last names",
    "email": "e-mail addresses",
    "address": "postal addresses",
    "link": "links",
}
_SHOWN = {characters: shown for shown, characters in _CLASSES.items()} | {
    string.digits[1:]: "1-9",
    "abcdef": "a-f",
    "ABCDEF": "A-F",
}


def shape(key: str) -> str:
    """The shape of an identifier: `AB-12x` gives `AA-99a`."""
    return "".join("9" if c.isdigit() else "a" if c.islower() else "A" if c.isalpha() else c for c in key)


def learn_pattern(series: pl.Series) -> IdentifierPattern:
    """Learn how the identifiers of a column look.

    Args:
        series: Whole numbers or strings, at least one.

    Returns:
        Of whole numbers their range. Of strings a template for each common shape, where a few shapes make
        up nearly all of them, else for each common length: the characters allowed at each position.
        Positions that never change are literal, unless too few new identifiers are possible.
    """
    counts = series.drop_nulls().unique_counts()
    once, twice, thrice = (int((counts == times).sum()) / len(counts) for times in (1, 2, 3))
    repeats = (once, twice, thrice, int((counts >= 4).sum()) / len(counts))
    region = 0
    if means_postal_code(series.name):
        series = series.cast(pl.Int64, strict=False) if series.dtype.is_float() else series
        series = series.cast(pl.String)
    if series.dtype.is_numeric():
        numbers = series.drop_nulls().to_numpy()
        low, high = int(numbers.min()), int(numbers.max())
        return IdentifierPattern("integer", (), low, high, f"integer {low}..{high}", repeats)
    texts = series.drop_nulls().cast(pl.String).unique(maintain_order=True)
    kind = kind_of(texts)
    if kind:
        locale = locale_of(texts, kind)
        return IdentifierPattern(kind, (), 0, 0, f"{_SHOWN_KINDS[kind]} ({locale})", repeats, locale=locale)
    if means_postal_code(series.name):
        region = max(1, int(np.median(texts.str.len_chars())) - _OPEN_OF_POSTAL)
    letters = {c for text in texts.head(_SAMPLE) for c in text if c.isalpha()}
    templates = tuple(_hexadecimal(_template(alike, len(texts)), letters) for alike in _alike(texts))
    shown = " or ".join(map(_shown, templates[:_MOST_SHOWN])) + (" …" if len(templates) > _MOST_SHOWN else "")
    shown = shown if len(shown) <= _LONGEST_SHOWN else shown[:_LONGEST_SHOWN] + " …"
    return IdentifierPattern("template", templates, 0, 0, shown, repeats, region)


def _alike(texts: pl.Series) -> list[list[str]]:
    """Groups of identifiers that one template can describe, the largest first."""
    sample = texts.gather_every(max(1, -(-len(texts) // _SAMPLE)))
    frame = pl.DataFrame({"text": sample, "length": sample.str.len_chars()})
    frame = frame.with_columns(shape=pl.col("text").map_elements(shape, return_dtype=pl.String))
    kind, common = "shape", _common(frame, "shape")
    trusted = len(frame) >= _ENOUGH_TO_TRUST or len(common) == 1
    if not trusted or common["len"].sum() < _NEARLY_ALL * len(frame):
        kind, common = "length", _common(frame, "length")
    return [frame.filter(pl.col(kind) == value)["text"].to_list() for value in common[kind]]


def _common(frame: pl.DataFrame, kind: str) -> pl.DataFrame:
    """The shapes, or lengths, that many identifiers have, the most frequent first; one at least."""
    sizes = frame.group_by(kind).len().sort("len", kind, descending=[True, False])
    common = sizes.filter(pl.col("len") >= max(_FEW, _COMMON * len(frame)))
    return common if len(common) else sizes.head(1)


def _template(alike: Sequence[str], distinct: int) -> tuple[str, ...]:
    """What each position of some identifiers of one length allows."""
    columns = [Counter(column) for column in zip(*alike, strict=True)]
    if len(alike) < _FEW:  # their letters are theirs
        return tuple(_class_of(set(c), set(c)) for c in columns)
    seen = [_seen(_usual(counts)) for counts in columns]
    template: list[str] = []
    for changing, run in itertools.groupby(seen, key=lambda c: len(c) > 1 and c.isascii() and c.isalnum()):
        positions = list(run)
        template += _classes(positions, len(alike)) if changing else positions
    if math.prod(map(len, template)) < _ROOM * distinct:
        template = _opened(template, seen)
    return tuple(template)


def _usual(counts: Counter[str]) -> Counter[str]:
    """The characters at one position without those of a kind that hardly an identifier has there."""
    kinds: Counter[str] = Counter()
    for character, count in counts.items():
        kinds[shape(character)] += count
    least = _ODD * counts.total() if counts.total() >= _ENOUGH_TO_TRUST else 0
    return Counter({c: count for c, count in counts.items() if kinds[shape(c)] > least}) or counts


def _opened(template: Sequence[str], seen: Sequence[str]) -> list[str]:
    """The template with any digit where it has one, in the words in which something changes: not `.0`.

    A number begins with a zero only where a real one does.
    """
    opened: list[str] = []
    for _, run in itertools.groupby(range(len(template)), key=lambda i: template[i][0].isalnum()):
        word = list(run)
        if not any(len(template[i]) > 1 for i in word):
            opened += [template[i] for i in word]
            continue
        for i in word:
            inner = i > word[0] and set(template[i - 1]) <= set(string.digits)
            digits = string.digits if inner or "0" in seen[i] else string.digits[1:]
            opened.append(digits if set(template[i]) <= set(string.digits) else template[i])
    return opened


def _seen(counts: Counter[str]) -> str:
    """The characters at one position; one when hardly an identifier has another."""
    character, count = counts.most_common(1)[0]
    total = counts.total()
    return character if total >= _ENOUGH_TO_TRUST and count >= _LITERAL * total else "".join(sorted(counts))


def _classes(run: Sequence[str], strings: int) -> list[str]:
    """The characters allowed at neighbouring positions that change."""
    together = set("".join(run))
    if strings >= _ENOUGH_FOR_DIGITS and together <= set(string.digits):
        return list(run)  # a digit that none of so many has is none
    if strings >= _ENOUGH_TO_TRUST:
        return [c if len(c) <= _FEW_CHARACTERS else _class_of(set(c), together) for c in run]
    if any(not c.isdigit() and not c.isalpha() for c in run):
        return [_class_of(together, together)] * len(run)  # letters and digits mixed: too few to separate
    return [_class_of(set(c), together) for c in run]


def _class_of(characters: set[str], together: set[str]) -> str:
    """The smallest class with all characters; hexadecimal only where its neighbours are."""
    for shown, allowed in _CLASSES.items() if any(map(str.isalnum, characters)) else ():
        if characters <= set(allowed) and (shown not in ("0-9a-f", "0-9A-F") or together <= set(allowed)):
            return allowed
    return "".join(sorted(characters))


def _hexadecimal(template: Sequence[str], letters: set[str]) -> tuple[str, ...]:
    """The template without the letters after F, where the column has none."""
    if len(letters) < _ENOUGH_HEXADECIMAL or not letters <= set("abcdefABCDEF"):
        return tuple(template)
    kept = set(string.digits) | {case(c) for c in "abcdef" for case in (str.lower, str.upper)}
    return tuple(
        "".join(c for c in allowed if c in kept) if len(allowed) > 1 else allowed for allowed in template
    )


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
