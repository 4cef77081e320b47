"""Recognise names of people, addresses and links, by the name of their column and by their values."""

from __future__ import annotations

import importlib
import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property, lru_cache

import polars as pl

from syngen.columns import names
from syngen.types import ColumnProfile, Value

KINDS = ("name", "first name", "last name", "email", "address", "link")
_LOCALES = (
    "en_US en_GB en_IN de_DE fr_FR es_ES es_MX it_IT pt_BR nl_NL sv_SE da_DK no_NO fi_FI cs_CZ hu_HU ro_RO tr_TR "
    "el_GR ru_RU uk_UA ar_AA hi_IN ja_JP ko_KR zh_CN zh_TW"
).split()
_STREET_WORDS = {  # what streets are called in a locale
    "de_DE": r"stra(?:ß|ss)e\b|str\.|weg\b|platz\b|allee\b|gasse\b|ufer\b",
    "fr_FR": r"\b(?:rue|boulevard|chemin|quai|allée|impasse)\b",
    "es_ES": r"\b(?:calle|avenida|plaza|paseo)\b|\bc/",
    "it_IT": r"\b(?:via|viale|piazza|corso|strada)\b",
    "pt_BR": r"\b(?:rua|travessa|praça|alameda)\b",
    "nl_NL": r"straat\b|laan\b|plein\b|gracht\b",
    "sv_SE": r"gatan\b|vägen\b|gränd\b",
    "pl_PL": r"\bul\.|\bulica\b|\baleja\b",
    "ru_RU": r"\bул\.|улица|проспект|пр\.",
    "en_GB": r"\b(?:lane|close|mews|crescent|gardens)\b",
}
_FEW_PEOPLE = 10  # names, of fewer a column that does not say so is not one of people
_KNOWN_FIRST, _KNOWN_LAST = 0.5, 0.2  # share of them that Faker knows in their locale
_APART = 0.3  # share of different values, below which they are labels that many rows share
_LOOK = 400  # values looked at
_ENOUGH_STREETS = 0.2  # share of the addresses with a word of the locale
_EMAIL = r"^[^\s@,;]+@[^\s@,;]+\.[^\s@,;]{2,}$"
_LINK = r"^(?i)(?:https?://|www\.)\S+$"
_NAME = r"^(?:[\p{L}\p{M}'’.\-()\"“”]+(?:,\s*|\s+|$)){1,8}$"
_FULL_NAME = (
    r"^\p{Lu}[\p{L}\p{M}'’.\-]*,?(?:\s+(?:\p{Lu}[\p{L}\p{M}'’.\-]*|de|la|di|da|van|von|der|bin|al)){1,4}$"
)
_TWO_WORDS = r"^\S+\s+\S+"
_ADDRESS = r"\p{L}.*\d|\d.*\p{L}"
_NO_ADDRESS = r"@|://|^\d+\.\d+\.\d+\.\d+$"
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SEXES = {  # words for men, for women
    **dict.fromkeys(
        "m male man men boy mr herr mann männlich homme masculin masculino hombre varón maschio uomo".split(),
        False,
    ),
    **dict.fromkeys(
        "f w female woman women girl mrs ms miss frau weiblich femme féminin femenino feminino mujer femmina donna".split(),
        True,
    ),
}
_MOST_SEXES = 4  # labels: others, and unknown


@dataclass(frozen=True)
class Lexicon:
    """The names of a locale."""

    male: tuple[str, ...]
    female: tuple[str, ...]
    last_male: tuple[str, ...]
    last_female: tuple[str, ...]

    def first(self, *, female: bool) -> tuple[str, ...]:
        return self.female if female else self.male

    def last(self, *, female: bool) -> tuple[str, ...]:
        return self.last_female if female else self.last_male

    @cached_property
    def every(self) -> frozenset[str]:
        """All names in lower case."""
        lists = (self.male, self.female, self.last_male, self.last_female)
        return frozenset(name.casefold() for names in lists for name in names)


@lru_cache
def lexicon(locale: str) -> Lexicon:
    """The names of a locale, from Faker."""
    provider = importlib.import_module(f"faker.providers.person.{locale}").Provider

    def listed(*attributes: str) -> tuple[str, ...]:
        return next((tuple(found) for name in attributes if (found := getattr(provider, name, None))), ())

    return Lexicon(
        listed("first_names_male", "first_names"),
        listed("first_names_female", "first_names"),
        listed("last_names_male", "last_names"),
        listed("last_names_female", "last_names"),
    )


def kind_of(values: pl.Series) -> str:
    """Which of `KINDS` a column of strings contains, by its name and its values; empty for anything else.

    Args:
        values: Without missing ones, at least one.
    """
    sample = values.unique(maintain_order=True)
    sample = sample.gather_every(max(1, -(-len(sample) // _LOOK)))
    for kind, pattern in (("email", _EMAIL), ("link", _LINK)):
        if _share(sample, pattern) >= 0.9:
            return kind
    if names.means_address(values.name):
        addresses = _share(sample, _ADDRESS) >= 0.6 and _share(sample, _NO_ADDRESS) < 0.1
        return "address" if addresses else ""
    part = names.part_of_name(values.name)
    if _share(sample, _NAME) < 0.95:
        return ""
    if part is None:
        apart = sample.len() >= _FEW_PEOPLE and values.n_unique() >= _APART * len(values)
        return _kind_by_values(sample) if apart else ""
    if part in ("first name", "last name"):
        return part
    known = lexicon(locale_of(sample)).every
    words = [word.casefold() for text in sample for word in WORD.findall(text) if len(word) > 1]
    fitting = sum(word in known for word in words) / max(1, len(words))
    full = _share(sample, _TWO_WORDS) >= 0.8 or not sample.str.contains(r"[A-Za-z]").any()
    needed = {"name": 0.0, "person": 0.25, "maybe": 0.4}[part]
    return "name" if fitting >= needed and (full or part == "name") else ""


def _kind_by_values(sample: pl.Series) -> str:
    """Which names texts are, without help from the name of their column; empty for anything else."""
    part = {"first": "first name", "last": "last name"}.get((names.tokens(sample.name) or [""])[-1], "name")
    if part == "name" and _share(sample, _FULL_NAME) < 0.9:
        return ""
    found = lexicon(locale_of(sample))
    last = part == "last name"
    known = {
        name.casefold()
        for female in (False, True)
        for name in (found.last(female=female) if last else found.first(female=female))
    }
    firsts = [re.sub(r"^[^,]*,\s*", "", text).split() for text in sample]
    fitting = sum(words[0].casefold() in known for words in firsts if words) / len(sample)
    return part if fitting >= (_KNOWN_LAST if last else _KNOWN_FIRST) else ""


def women_by_label(column: ColumnProfile) -> dict[Value, bool]:
    """Which labels of a column stand for women, and which for men; empty of a column that is not about it."""
    if column.distinct > _MOST_SEXES:
        return {}
    words = {label: _SEXES.get(str(label).strip(" .").casefold()) for label, _ in column.values}
    sexes = {label: female for label, female in words.items() if female is not None}
    return sexes if len({*sexes.values()}) == 2 else {}


def is_email(text: str) -> bool:
    """Whether a text has the form of an e-mail address."""
    return re.match(_EMAIL, text) is not None


def locale_of(values: pl.Series, kind: str = "name") -> str:
    """The locale whose names, or streets, are the most frequent among some texts; that of the USA without any."""
    if kind in ("email", "link"):
        return _LOCALES[0]
    if kind == "address":
        lower = values.head(_LOOK).str.to_lowercase()
        shares = {locale: _share(lower, pattern) for locale, pattern in _STREET_WORDS.items()}
        best = max(shares, key=lambda locale: shares[locale])
        return best if shares[best] >= _ENOUGH_STREETS else _LOCALES[0]
    words = Counter(word.casefold() for text in values.head(_LOOK) for word in WORD.findall(text))
    joined = "".join(text for text in values.head(_LOOK) if not text.isascii())

    def known(locale: str) -> float:
        every = lexicon(locale).every
        letters = frozenset("".join(every))
        found: float = sum(count for word, count in words.items() if word in every)
        found += (
            sum(count for word, count in words.items() if not word.isascii() and letters.issuperset(word)) / 2
        )
        if locale[:2] in ("zh", "ja", "ko"):  # family name and given name without a space between them
            found += sum(joined.count(name[0]) for name in lexicon(locale).last_male if not name.isascii())
        return found

    return max(_LOCALES, key=known)  # the first of equals


def _share(sample: pl.Series, pattern: str) -> float:
    return int(sample.str.contains(pattern).sum()) / max(1, len(sample))
