"""Strings that nobody writes as prose: keys, addresses, figures."""

from __future__ import annotations

import json
from typing import NamedTuple

import numpy as np
import polars as pl

_NEARLY_ALL = 0.95
_FIGURE = (
    r"^(?:[$€£¥₹~<>≈]|[A-Z]{2,3}\$?\s)?\s?[-+(]?\d[\d.,:'/x×–-]*\)?"  # a currency, then digits
    r"\s?(?:[%‰°$€£¥₹+*\"′″]|[\p{L}/²³°.]{1,6})?$"  # and a unit
)
_PARTED_DIGITS = r"^\d+(?:[-/]\d+)+$"

# What many strings contain, as a pattern and the share of strings that must match it.
SINGLE_WORDS = (r"^\S+$", 0.98)
BARE_WORDS = (r"^[\p{L}-]+$", 1.0)  # words of letters alone, such as "returning" or "mobile-app"
NUMBERED = (r"\d", 0.8)
NICKNAMES = (r"[\d_.]", 0.3)
CONTACTS = (r"@|(?:\d\D*){6,}", 0.5)  # an at sign or the digits of a phone number


class Kind(NamedTuple):
    """A well-known kind of key.

    Attributes:
        name: For people.
        pattern: What all of them match.
        private: It can identify a person, so it is made new even when it repeats.
    """

    name: str
    pattern: str
    private: bool


KINDS = (
    Kind("a web address", r"^(?:https?://|www\.)\S+$", private=False),
    Kind("an e-mail address", r"^[^\s@]+@[^\s@]+\.[^\s@]+$", private=True),
    Kind("a UUID", r"^(?i)\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?$", private=True),
    Kind("an IP address", r"^(?:\d{1,3}\.){3}\d{1,3}$", private=True),
    Kind("a phone number", r"^(?:\+\d|\(\d|0\d|\d{3}[ .-])(?:[ ().\-/]{0,2}\d){6,14}$", private=True),
    Kind("a user handle", r"^@\w+$", private=True),
    Kind("a file path", r"^(?:/|[A-Za-z]:\\|\.{1,2}/)?(?:[\w.-]+[/\\])+[\w.-]+$", private=False),
)


def kind_of(sample: pl.Series) -> Kind | None:
    """The well-known kind of nearly all strings."""
    return next((kind for kind in KINDS if _share(sample, kind.pattern) >= _NEARLY_ALL), None)


def mostly(sample: pl.Series, trait: tuple[str, float]) -> bool:
    """Whether enough strings match, such as `SINGLE_WORDS`."""
    pattern, least = trait
    return _share(sample, pattern) >= least


def nested(sample: pl.Series) -> bool:
    """Whether they are JSON arrays or objects."""
    return _share(sample, r"^\s*[\[{]") >= _NEARLY_ALL and all(map(_is_json, sample.head(20)))


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def figures(sample: pl.Series) -> bool:
    """Whether they are numbers with signs or units: "$12.99", "16 oz", "3,5", "14:03".

    Bare digits are not, nor are groups of them that are always of the same length: 112-0034-77.
    """
    if _share(sample, _PARTED_DIGITS) >= _NEARLY_ALL and sample.str.len_chars().n_unique() == 1:
        return False
    return _share(sample, _FIGURE) >= _NEARLY_ALL and _share(sample, r"^\d+$") < 0.5


def scrambled(sample: pl.Series) -> bool:
    """Whether letters and digits alternate as only in codes: B0X4T7, not user_00123."""
    turns = sample.str.count_matches(r"\p{L}\d") + sample.str.count_matches(r"\d\p{L}")
    return bool(np.median(turns) >= 3 and np.median(sample.str.len_chars()) >= 6)


def _share(sample: pl.Series, pattern: str) -> float:
    return int(sample.str.contains(pattern).sum()) / len(sample)
