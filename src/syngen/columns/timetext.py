"""Read and write points in time as text: chrono's strftime, and what real tables add to it.

A tag after a directive says more about it: `%d{th}` writes 5th, `%b{lower}` jan, `%B{de}` März. Formats
without a day, such as `%Y-%m`, `%G-W%V` or an hour without minutes, stand for their beginning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache, partial

import polars as pl

_ENGLISH = {
    "B": "January February March April May June July August September October November December",
    "b": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "A": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "a": "Mon Tue Wed Thu Fri Sat Sun",
}
_NAMES: Mapping[str, Mapping[str, str]] = {  # of months and weekdays, by language and directive
    "de": {
        "B": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "b": "Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez",
        "A": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
        "a": "Mo Di Mi Do Fr Sa So",
    },
    "fr": {
        "B": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "b": "janv févr mars avr mai juin juil août sept oct nov déc",
        "A": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    },
    "es": {
        "B": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "b": "ene feb mar abr may jun jul ago sep oct nov dic",
        "A": "lunes martes miércoles jueves viernes sábado domingo",
    },
    "it": {
        "B": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        "b": "gen feb mar apr mag giu lug ago set ott nov dic",
        "A": "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    },
    "pt": {
        "B": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        "b": "jan fev mar abr mai jun jul ago set out nov dez",
    },
    "nl": {
        "B": "januari februari maart april mei juni juli augustus september oktober november december",
        "b": "jan feb mrt apr mei jun jul aug sep okt nov dec",
        "A": "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    },
    "sv": {"B": "januari februari mars april maj juni juli augusti september oktober november december"},
    "da": {"B": "januar februar marts april maj juni juli august september oktober november december"},
    "pl": {
        "B": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia"
    },
    "tr": {"B": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık"},
    "ru": {"B": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря"},
}
_TAG = re.compile(r"(?<=[A-Za-z])\{(?P<tag>\w+)\}")
_ENDING = "\x01"  # stands for the ending of an ordinal until the number before it is known
_ORDINALS = {  # regular expressions with what they become, in this order
    f"(1[123]){_ENDING}": "${1}th",
    f"1{_ENDING}": "1st",
    f"2{_ENDING}": "2nd",
    f"3{_ENDING}": "3rd",
    _ENDING: "th",
}
_NO_DAY = re.compile(r"%(?:[-_0]?[deju]|[DFsc])")  # what none of stands in a format without a day


def read_times(texts: pl.Series, fmt: str) -> pl.Series:
    """Parse strings of a format, as Datetime in microseconds (in UTC where the format has an offset).

    Returns:
        Null where a string does not follow the format.
    """
    tags = set(_TAG.findall(fmt))
    plain = _TAG.sub("", fmt)
    if "th" in tags:
        texts = texts.str.replace_all(r"(\d)(?:st|nd|rd|th)\b", "$1")
    for language in tags & set(_NAMES):
        local, english = _translation(language, plain)
        texts = texts.str.to_lowercase().str.replace_many(local, english, leftmost=True)
    if re.search("%-?H(?!.*%-?M)", plain):
        texts, plain = texts + ":00", plain + ":%M"
    if "%V" in plain and not re.search("%[AauwT]", plain):
        texts, plain = texts + "|1", plain + "|%u"
    elif re.search("%[Yy]", plain) and not _NO_DAY.search(plain):
        month = re.search("%-?[mbB]", plain) is not None
        texts, plain = (texts + "|01", plain + "|%d") if month else (texts + "|01|01", plain + "|%m|%d")
    return texts.str.strptime(pl.Datetime("us"), plain, strict=False)


def write_times(points: pl.Series, fmt: str) -> pl.Series:
    """Write points in time, of type Datetime, in a format: the inverse of `read_times`."""
    tags = set(_TAG.findall(fmt))
    texts = points.dt.to_string(_TAG.sub("", fmt.replace("{th}", _ENDING)))
    for ending, ordinal in _ORDINALS.items() if "th" in tags else ():
        texts = texts.str.replace_all(ending, ordinal)
    for language in tags & set(_NAMES):
        plain = _TAG.sub("", fmt)
        names = [(own, name) for code, own, name in _pairs(language) if f"%{code}" in plain]
        texts = texts.str.replace_many([own for own, _ in names], [name for _, name in names], leftmost=True)
    if "lower" in tags:
        return texts.str.to_lowercase()
    return texts.str.to_uppercase() if "upper" in tags else texts


def named(text: str) -> Iterator[str]:
    """Replace the names of months and weekdays in a text by directives, once for each language that has them.

    Yields:
        The text itself where it has no such name; else for instance `5. %B{de} 2020`.
    """
    words = {word.casefold() for word in re.findall(r"[^\W\d_]+", text)}
    languages = [tag for tag in ("", *_NAMES) if words & _words(tag)]
    if not languages:
        yield text
    for language in languages:
        yield _pattern(language).sub(partial(_directive, language), text)


def _directive(language: str, match: re.Match[str]) -> str:
    """The directive that a name stands for, with its tag: the language, or the letter case."""
    word = match[0]
    code = next(
        c for c, own, name in _pairs(language) if (name if language else own).casefold() == word.casefold()
    )
    case = "lower" if word.islower() else "upper" if word.isupper() else ""
    tag = language or case
    return f"%{code}{{{tag}}}" if tag else f"%{code}"


@lru_cache
def _pairs(language: str) -> list[tuple[str, str, str]]:
    """Every name of a language with its directive and its English name: directive, English, local."""
    names = _NAMES.get(language, _ENGLISH)
    return [
        (code, own, name)
        for code, local in names.items()
        for own, name in zip(_ENGLISH[code].split(), local.split(), strict=True)
    ]


@lru_cache
def _words(language: str) -> frozenset[str]:
    return frozenset(name.casefold() for _, _, name in _pairs(language))


@lru_cache
def _pattern(language: str) -> re.Pattern[str]:
    """The names of a language as whole words, the longest first."""
    names = sorted({name for _, _, name in _pairs(language)}, key=len, reverse=True)
    return re.compile(rf"(?<![^\W\d_])(?:{'|'.join(map(re.escape, names))})(?![^\W\d_])", re.IGNORECASE)


@lru_cache
def _translation(language: str, plain: str) -> tuple[list[str], list[str]]:
    """The names that a format may have, in lower case and the longest first, and their English names."""
    used = [(name.lower(), own) for code, own, name in _pairs(language) if f"%{code}" in plain]
    used.sort(key=lambda pair: -len(pair[0]))
    return [name for name, _ in used], [own for _, own in used]
