"""Measure one text: words, sentences, syllables, reading grade, opening, style.

The profile, the plan, validation and the metrics all count with these functions, so that what is planned and
what is measured mean the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

DENSE = "\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"  # scripts without spaces
_LETTER = rf"(?:[^\W{DENSE}]|[\u0300-\u036f\u0900-\u0963\u0966-\u0dff])"  # \w lacks the vowel signs of India
_ASCII_WORD = re.compile(r"\w+(?:['-]\w+)*")
_WORD = re.compile(rf"{_LETTER}+(?:['’-]{_LETTER}+)*|[{DENSE}]{{1,2}}")
_SENTENCE_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?:\s+|$)|[。！？।॥۔؟]+[”’」』）]*\s*|\n+")
_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")
_MARKUP = re.compile(r"<[a-zA-Z/][^<>]{0,60}>")
_ITEM = re.compile(r"(?m)^\s*(?:[-*•]|\d+[.)])\s")
_DISTINCT = 0.72  # share of distinct words that ends a stretch of MTLD


def words(text: str) -> list[str]:
    """Split a text into words as written; contractions and hyphenated words count as one.

    In scripts without spaces (Chinese, Japanese, Thai, Lao, Khmer) two letters count as a word.
    """
    return (_ASCII_WORD if text.isascii() else _WORD).findall(text)


def count_words(text: str) -> int:
    """Count words, leaving out markup such as `<br />`."""
    return len(words(_without_markup(text)))


def _without_markup(text: str) -> str:
    return _MARKUP.sub(" ", text) if "<" in text else text


def word_starts(text: str) -> list[int]:
    """Return where the words that `count_words` counts begin."""
    bare = _MARKUP.sub(lambda found: " " * len(found[0]), text)
    return [found.start() for found in (_ASCII_WORD if bare.isascii() else _WORD).finditer(bare)]


def sentences(text: str) -> list[str]:
    """Split a text into sentences at end marks and line breaks; pieces without a word are left out."""
    return _sentences(_without_markup(text))


def _sentences(bare: str) -> list[str]:
    return [s for s in _SENTENCE_END.split(bare) if _WORD.search(s)]


def beginnings(text: str) -> list[str]:
    """Return what a text could be cut to: up to each end of a sentence but the last, the longest first."""
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    cut = (text[:end].rstrip() for end in reversed(ends) if text[end:].strip())
    return [head for head in cut if words(head)]


@lru_cache(maxsize=1)
def _hyphenator() -> Any:
    import pyphen

    return pyphen.Pyphen(lang="en_US")


@lru_cache(maxsize=200_000)
def syllables(word: str) -> int:
    """Count the syllables of a word: its hyphenation points plus one (Pyphen, en_US)."""
    return len(_hyphenator().positions(word.lower())) + 1


def grade(text: str) -> float | None:
    """Flesch-Kincaid grade level (Kincaid et al. 1975): .39 w/s + 11.8 syl/w - 15.59.

    Returns:
        The grade, or None for texts under five words, where it means nothing.
    """
    bare = _without_markup(text)
    return _grade(bare, words(bare))


def _grade(bare: str, tokens: Sequence[str]) -> float | None:
    """The grade of a text without markup that has these words."""
    if len(tokens) < 5:
        return None
    per_sentence = len(tokens) / max(1, len(_sentences(bare)))
    per_word = sum(map(syllables, tokens)) / len(tokens)
    return 0.39 * per_sentence + 11.8 * per_word - 15.59


def measure(text: str) -> tuple[int, float | None, tuple[str, ...]]:
    """Measure a text once: `count_words`, `grade` and `style`."""
    bare = _without_markup(text)
    tokens = words(bare)
    return len(tokens), _grade(bare, tokens), _style(text, tokens if bare is text else words(text))


def mtld(words: Sequence[str]) -> float:
    """Measure textual lexical diversity (McCarthy & Jarvis 2010), the mean of both directions.

    The mean number of words in a row after which the share of distinct words among them has fallen to .72;
    the rest at the end counts as a part of such a stretch. A text in which no word repeats has its number of
    words.

    Args:
        words: The words of a text in lower case, at least one.
    """
    return (_stretch(words) + _stretch(words[::-1])) / 2


def _stretch(words: Sequence[str]) -> float:
    """MTLD in one direction."""
    stretches, count = 0.0, 0
    seen: set[str] = set()
    for word in words:
        count += 1
        seen.add(word)
        if len(seen) <= _DISTINCT * count:
            stretches += 1
            count = 0
            seen.clear()
    if count:
        stretches += (1 - len(seen) / count) / (1 - _DISTINCT)
    return len(words) / stretches if stretches else float(len(words))


def clauses(text: str) -> float | None:
    """Count English subordinators and relative pronouns: their mean number in a sentence, None without words."""
    count = len(sentences(text))
    return sum(word.lower() in _CLAUSES for word in words(text)) / count if count else None


_CLAUSES = frozenset(
    "after although as because before if once since so than that though unless until when whenever where whereas"
    " wherever whether which while who whom whose why".split()
)


def opening(text: str, size: int = 2) -> str:
    """Return the first words in lower case."""
    return " ".join(words(text[:200])[:size]).lower()


def style(text: str) -> tuple[str, ...]:
    """Find the style attributes of a text, from a fixed vocabulary.

    "first person", "exclaims", "asks", "lower case", "shouts" (a word of four capitals or more),
    "lists", "emoji", "numbers", "paragraphs". Sorted; empty when none applies.
    """
    return _style(text, words(text))


def _style(text: str, tokens: Sequence[str]) -> tuple[str, ...]:
    if not tokens:
        return ()
    attributes = {
        "asks": "?" in text,
        "emoji": _EMOJI.search(text) is not None,
        "exclaims": "!" in text,
        "first person": not _FIRST_PERSON.isdisjoint(map(str.lower, tokens)),
        "lists": "\n" in text and len(_ITEM.findall(text)) >= 2,
        "lower case": len(text) > 20 and text == text.lower() and text != text.upper(),
        "numbers": any(map(str.isdigit, tokens)),
        "paragraphs": "\n" in text.strip(),
        "shouts": any(len(t) >= 4 for t in filter(str.isupper, tokens)),
    }
    return tuple(name for name, present in attributes.items() if present)


_FIRST_PERSON = frozenset(
    "i i'm i've i'd i'll i’m i’ve i’d i’ll me my mine myself we we're we've we’re we’ve us our ours".split()
)


def normalised(text: str) -> str:
    """Join the lower-case words by single spaces: texts with equal results have the same words."""
    return " ".join(words(text)).lower()
