"""Names, e-mail and postal addresses, links: recognised, and made anew in the locale and form of the real ones.

The words come from Faker's lists, the form from the real cell: letter case, order of first and last name,
titles, initials, separators, digits. Faker is imported only where a table has such a column.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from functools import lru_cache

import numpy as np
import polars as pl

from syngen.columns.recognised import WORD, Lexicon, lexicon
from syngen.columns.taken import NONE, Hashes, Taken

_TRIES = 50  # to make a value that is not real
_STREETS = 300  # street names to choose from
_SAMPLE_DOMAINS = ("example.com", "example.org", "example.net")  # reserved by RFC 2606
_KEPT = re.compile(  # words of a name that are nobody's
    r"mrs?|ms|miss|mx|master|dr|prof|sir|lady|rev|capt|col|major|herr|frau|dipl|ing|mme|mlle|sra?|dña|don|jr|sr|ii|iii|iv|phd|md|esq|"
    r"von|van|vom|zu|de|der|den|del|della|di|da|do|dos|das|du|la|le|el|al|bin|ibn|y|e|und|and"
)
_INITIAL = re.compile(r"\b[A-Z]\b(?=\.|\s|$)")
_LETTERS = 3  # letters of a word of a link that is rather a part of a code
_GLUED = 7  # letters; a longer word of an e-mail address is a first and a last name
_CORNER = re.compile(r" (?:&|and|und|y|et|/|@) ")  # of two streets
_HOUSE_NUMBER = re.compile(r"^\d+[-/]?\d*[a-zA-Z]?\b(?!\s*$)|\b\d+[-/]?\d*\s?[a-zA-Z]?$")
_PARTED = ("email", "link")
_BETWEEN = re.compile(r"[@/?&=#:]+")  # parts of links and e-mail addresses
_PIECES = re.compile(r"[@/?&=#:]+|[^@/?&=#:]+")
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)*\.[a-zA-Z]{2,}")
_ENDINGS = frozenset(
    "html htm php asp aspx jsp jpg jpeg png gif svg webp pdf xml json txt csv mp3 mp4 zip".split()
)
_ROLE_ADDRESSES = frozenset(
    "info office sales support contact admin hello service team mail noreply no-reply billing kontakt hr jobs".split()
)


class Maker:
    """Make new names or addresses of one column, each like a real one.

    Args:
        kind: One of `KINDS`.
        locale: As Faker names it.
        real: The real cells.
        unread: Hashes of the cells of other real rows.
    """

    def __init__(self, kind: str, locale: str, real: pl.Series, unread: Hashes = NONE) -> None:
        self._lexicon = lexicon(locale)
        self._male, self._female = (
            frozenset(map(str.casefold, self._lexicon.first(female=female))) for female in (False, True)
        )
        self._locale = locale
        self._sex: bool | None = None
        cells = [str(cell) for cell in real.drop_nulls().unique(maintain_order=True)]
        self._taken = Taken(map(str.casefold, cells), NONE if kind in ("first name", "last name") else unread)
        parts = (
            Counter(part for cell in cells for part in {*_BETWEEN.split(cell)})
            if kind in _PARTED
            else Counter()
        )
        self._shared = {part for part, count in parts.items() if count > 1}  # domains, words of paths
        self._streets = _streets(locale) if kind == "address" else ()
        ways: dict[str, Callable[[str, np.random.Generator], str]] = {
            "name": self._name,
            "first name": self._first,
            "last name": self._last,
            "email": self._email,
            "address": self._address,
            "link": self._link,
        }
        self._make = ways[kind]
        self._lengthen = self._doubled if kind in ("name", "first name", "last name") else self._with_digits

    def make(
        self, like: str, used: Collection[str], rng: np.random.Generator, female: bool | None = None
    ) -> str:
        """Make a value in the form of a real one, which is neither real nor among `used`.

        Args:
            female: Whether it is a woman's, where that is known.
        """
        self._sex = female
        made = self._make(like, rng)
        for attempt in range(_TRIES):
            if not (made.casefold() in self._taken or made in self._taken or made in used):
                break
            made = self._make(like, rng) if attempt < _TRIES // 2 else self._lengthen(made, rng)
        return made

    def _name(self, like: str, rng: np.random.Generator) -> str:
        words = [m for m in WORD.finditer(like) if len(m[0]) > 1 and not _KEPT.fullmatch(m[0].casefold())]
        firsts = [m[0].casefold() for m in words]
        female = self._is_female(firsts, rng)
        if (
            len(words) == 1
            and not like.isascii()
            and " " not in like
            and self._locale[:2] in ("zh", "ja", "ko")
        ):
            return _choice(self._lexicon.last(female=female), rng) + _choice(
                self._lexicon.first(female=female), rng
            )
        comma = like.find(",")
        new = like
        for i, match in reversed([*enumerate(words)]):
            is_last = match.start() < comma if comma >= 0 else i == len(words) - 1 and len(words) > 1
            pool = self._lexicon.last(female=female) if is_last else self._lexicon.first(female=female)
            new = new[: match.start()] + _cased(_choice(pool, rng), match[0]) + new[match.end() :]
        return _INITIAL.sub(lambda _: _choice(string.ascii_uppercase, rng), new)

    def _first(self, like: str, rng: np.random.Generator) -> str:
        female = self._is_female([word.casefold() for word in WORD.findall(like)], rng)

        def renamed(match: re.Match[str]) -> str:
            if len(match[0]) == 1:
                return _cased(_choice(string.ascii_uppercase, rng), match[0])
            return _cased(_choice(self._lexicon.first(female=female), rng), match[0])

        return WORD.sub(renamed, like)

    def _last(self, like: str, rng: np.random.Generator) -> str:
        female = like.casefold() in map(str.casefold, self._lexicon.last_female)

        def renamed(match: re.Match[str]) -> str:
            if _KEPT.fullmatch(match[0].casefold()):
                return match[0]
            return _cased(_choice(self._lexicon.last(female=female), rng), match[0])

        return WORD.sub(renamed, like)

    def _email(self, like: str, rng: np.random.Generator) -> str:
        local, _, domain = like.rpartition("@")
        words = iter(_email_words(self._lexicon, rng))

        def word(match: re.Match[str]) -> str:
            if len(match[0]) == 1:
                return _choice(string.ascii_lowercase, rng)
            return next(words) + (next(words) if len(match[0]) > _GLUED else "")

        if local.casefold() not in _ROLE_ADDRESSES:
            local = _digits(re.sub(r"[^\W\d_]+", word, local), rng)
        return f"{local}@{domain if domain in self._shared else _choice(_SAMPLE_DOMAINS, rng)}"

    def _address(self, like: str, rng: np.random.Generator) -> str:
        street, comma, rest = like.partition("\n" if "\n" in like else ",")
        corner = _CORNER.search(street)
        names = [_cased(_choice(self._streets, rng), street) for _ in range(2)]
        number = _HOUSE_NUMBER.search(street)
        if corner:
            new = f"{names[0]}{corner[0]}{names[1]}"
        elif number is None:
            new = names[0]
        else:
            first = number.start() == 0
            new = f"{number[0]} {names[0]}" if first else f"{names[0]} {number[0]}"
        return _digits(new, rng) + comma + rest

    def _link(self, like: str, rng: np.random.Generator) -> str:
        """Keep what several links share: scheme, host, folders, ending; all else is made anew."""
        words = _email_words(self._lexicon, rng)

        def part(text: str) -> str:
            if text in self._shared or not text:
                return text
            if _HOST.fullmatch(text) and text.rpartition(".")[2] not in _ENDINGS:
                return _choice(_SAMPLE_DOMAINS, rng)
            kept, dot, ending = text.rpartition(".")
            stem = kept if dot and ending in _ENDINGS else text
            made = re.sub(r"[^\W\d_]+", lambda m: _spelled(m[0], words, rng), stem)
            return _digits(made, rng) + text[len(stem) :]

        return "".join(piece if _BETWEEN.fullmatch(piece) else part(piece) for piece in _PIECES.findall(like))

    def _is_female(self, firsts: Sequence[str], rng: np.random.Generator) -> bool:
        """Whether a real name is a woman's; by chance where it can't be told."""
        if self._sex is not None:
            return self._sex
        for word in firsts:
            if (word in self._female) != (word in self._male):
                return word in self._female
        return bool(rng.integers(2))

    def _doubled(self, made: str, rng: np.random.Generator) -> str:
        """A name of which too many are taken, made longer."""
        return f"{made}-{_cased(_choice(self._lexicon.last_male, rng), made)}"

    def _with_digits(self, made: str, rng: np.random.Generator) -> str:
        local, at, domain = made.partition("@")
        return f"{local}{rng.integers(10)}{at}{domain}"


def renamed(
    keys: Sequence[Hashable],
    like: Sequence[str | None],
    sexes: Sequence[bool | None],
    maker: Maker,
    rng: np.random.Generator,
) -> list[str | None]:
    """Make one new value for each distinct key, the same for equal keys, like the real ones; None for None."""
    made: dict[Hashable, str | None] = {None: None}
    used: set[str] = set()
    for key, real, female in zip(keys, like, sexes, strict=True):
        if key not in made and real is not None:
            made[key] = maker.make(real, used, rng, female)
            used.add(str(made[key]))
    return [made[key] for key in keys]


def _email_words(lexicon: Lexicon, rng: np.random.Generator) -> Iterator[str]:
    """First and last names in turn, in lower case and without accents."""
    while True:
        female = bool(rng.integers(2))
        for pool in (lexicon.first(female=female), lexicon.last(female=female)):
            yield re.sub(r"[^a-z]", "", _plain(_choice(pool, rng)).lower()) or _choice(
                string.ascii_lowercase, rng
            )


@lru_cache
def _streets(locale: str) -> tuple[str, ...]:
    """Street names of a locale, the same on every call."""
    from faker import Faker

    fake = Faker(locale)
    fake.seed_instance(0)
    return tuple(dict.fromkeys(fake.street_name() for _ in range(_STREETS)))


def _spelled(word: str, words: Iterator[str], rng: np.random.Generator) -> str:
    """Another word: letters for a part of a code, a name for a word; in the same letter case."""
    if len(word) <= _LETTERS or not (word.islower() or word.istitle()):
        letters = "".join(_choice(string.ascii_lowercase, rng) for _ in word)
        return "".join(new.upper() if old.isupper() else new for new, old in zip(letters, word, strict=True))
    return _cased(next(words), word)


def _choice(pool: Sequence[str], rng: np.random.Generator) -> str:
    return pool[int(rng.integers(len(pool)))]


def _digits(text: str, rng: np.random.Generator) -> str:
    """Other digits in the place of the digits; none becomes a leading zero."""
    return re.sub(r"\d", lambda m: str(rng.integers(m[0] != "0", 10)), text)


def _cased(name: str, like: str) -> str:
    """A name in the letter case of another, and without accents where that is ASCII."""
    name = _plain(name) if like.isascii() else name
    return name.upper() if like.isupper() else name.lower() if like.islower() else name


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode() or name
