"""Find the phrases that enough texts share: openings, persons and purposes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from syngen.text.aspects import FEWEST, Tokens
from syngen.text.lexicon import GENERIC, NO_PURPOSE, OCCASIONS, PEOPLE, function_words
from syngen.text.words import words

Flags = npt.NDArray[np.bool_]

_OPENING_COMMON = 0.005  # share of the distinct texts that makes an opening common
_OPENING_WORDS = (3, 2, 1)
_FOR_THAT = 0.2  # share of the texts with a word that have it as a purpose
_WHOSE = re.compile(
    r"\b(my|our)\s(?:(?:\S{0,9}\d\S*|two|three|year|month|old|older|oldest|little|younger|youngest|best|dear|own|late"
    rf"|elderly|picky|whole|entire|sweet|good|adult|grown|teen|teenage)\s){{0,3}}({'|'.join(sorted(PEOPLE))})\b"
)
_AS_WHO = re.compile(r"(?:^|[.!?,;(\n]\s*|\band\s)(as\san?\s(?:[a-z-]+\s)?([a-z-]+))(?=,|\s(?:i|my|we)\b)")
_WHAT_FOR = re.compile(
    r"\b((?:for|to|at|as|on|in|during)\s(?:an?\s|the\s|my\s|our\s)?([a-z]+))"
    r"(?=[^\w\s'-]|$|\s(?:and|or|but|with|so|i|it|this|that|they|the|when|because|as|in|on|at|for|to|is|was|are)\b)"
)
_GOING = re.compile(
    r"\b(?:wear|wore|worn|wearing|take|took|bring|brought|carry|go|goes|went|drive)\s(?:[a-z]+\s){0,2}$"
)


def openings(texts: Sequence[str], train: Flags) -> tuple[str, ...]:
    """Return the longest common opening of each text that leaves something to be written, or ""."""
    begins = [_begins(text) for text in texts]
    distinct = {texts[row]: begins[row] for row in train.nonzero()[0].tolist()}  # a repeated text counts once
    counts = Counter(opening for openings in distinct.values() for opening in openings)
    least = max(FEWEST, _OPENING_COMMON * len(distinct))
    return tuple(next((o for o in openings if counts[o] >= least), "") for openings in begins)


def _begins(text: str) -> list[str]:
    first = words(text[:200].lower())
    return [" ".join(first[:size]) for size in _OPENING_WORDS if len(first) > size]


def personas(texts: Sequence[str], train: Flags) -> tuple[str, ...]:
    """Return the first person or animal of the writer in each text, or else a common "as a …", or ""."""
    never = NO_PURPOSE | GENERIC
    phrases = [
        {phrase for phrase, word in (_AS_WHO.findall(text) if "as a" in text else ()) if word not in never}
        for text in texts
    ]
    common = _repeated(texts, phrases, train)
    return tuple(
        " ".join(whose.groups()) if (whose := _WHOSE.search(text)) else min(as_who & common, default="")
        for text, as_who in zip(texts, phrases, strict=True)
    )


def situations(texts: Sequence[str], train: Flags, aspects: set[str], tokens: Tokens) -> tuple[str, ...]:
    """Return the first phrase of purpose in each text: a known occasion, or a word hardly used otherwise."""
    phrases = [[(m[1], m[2]) for m in _WHAT_FOR.finditer(text) if _is_occasion(m)] for text in texts]
    common = _repeated(texts, [{phrase for phrase, _ in pairs} for pairs in phrases], train)
    purposes = Counter(w for i in train.nonzero()[0] for w in {w for p, w in phrases[i] if _is_purpose(p)})
    used = tokens.texts(train)
    never = aspects | function_words() | GENERIC | PEOPLE | NO_PURPOSE
    mostly = {
        word
        for word, count in purposes.items()
        if word not in never and count >= _FOR_THAT * used[tokens.numbers.get(word, 0)]
    }

    def fits(phrase: str, word: str) -> bool:
        return phrase in common and (word in OCCASIONS or (word in mostly and _is_purpose(phrase)))

    return tuple(next((phrase for phrase, word in pairs if fits(phrase, word)), "") for pairs in phrases)


def _is_purpose(phrase: str) -> bool:
    return phrase.startswith(("for ", "as "))


def _is_occasion(match: re.Match[str]) -> bool:
    """Whether it is neither an idiom ("as soon") nor an infinitive: wear "to work", but have "to work"."""
    if match[1].startswith("as "):
        return match[1].startswith(("as a ", "as an "))
    if match[1] == f"to {match[2]}":
        return _GOING.search(match.string, max(0, match.start() - 30), match.start()) is not None
    return True


def _repeated(texts: Sequence[str], phrases: Sequence[set[str]], train: Flags) -> set[str]:
    """The phrases of at least three different train texts."""
    once = {text: phrases[row] for row, text in enumerate(texts) if train[row]}
    counts = Counter(phrase for of_text in once.values() for phrase in of_text)
    return {phrase for phrase, count in counts.items() if count >= FEWEST}
