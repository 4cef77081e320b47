"""Find what texts are about: the nouns that are neither rare nor everywhere, and which text names which.

Nouns are recognised without a part-of-speech tagger, by the words around them: they follow "the" or "a" where
no other noun follows them, while adjectives follow "very" and verbs follow "to".
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from syngen.text.lexicon import (
    BEFORE_ADJECTIVE,
    BEFORE_MASS,
    BEFORE_VERB,
    DETERMINERS,
    GENERIC,
    KEEP_S,
    PEOPLE,
    function_words,
)
from syngen.text.words import words

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

FEWEST = 3  # texts that make a word or phrase common
_MOST_MINED = 100
_MOST_NAMED = 3  # aspects of a text

_COMMON = (0.003, 0.4)  # shares of texts that an aspect may be named in
_KEY_COMMON = (0.005, 0.2)  # where no stop words are known
_NOUN = 0.2  # of its occurrences stand where nouns stand
_AFTER_DETERMINER = 0.1
_NO_ADJECTIVE, _NO_VERB = 0.1, 0.3  # most of its occurrences that stand where those do
_TOKEN = re.compile(r"<[a-z/][^<>]{0,60}>|\w+(?:['-]\w+)*|[^\w\s'-]+|\n")


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """All texts as one sequence of words."""

    numbers: Mapping[str, int]  # the different words, numbered in order; 0 is "", the end of a clause or text
    # Numbers of the words in order, 0 between clauses (in English) and between texts, shape (tokens,)
    ids: Integers
    row: Integers  # the text that each is of, shape (tokens,)
    pairs: tuple[Integers, Integers]  # texts and word numbers, each pair once, both of shape (pairs,)

    def flags(self, chosen: Iterable[str]) -> Flags:
        """Mark the numbers of these words, shape (words,)."""
        flags = np.zeros(len(self.numbers), bool)
        flags[[self.numbers[word] for word in chosen if word in self.numbers]] = True
        return flags

    def texts(self, rows: Flags) -> Integers:
        """Count in how many of these texts each word is, shape (words,)."""
        return np.bincount(self.pairs[1][rows[self.pairs[0]]], minlength=len(self.numbers))


def tokens_of(texts: Sequence[str], *, english: bool) -> Tokens:
    """Split texts into words, without the possessive 's."""
    of_token: defaultdict[str, int] = defaultdict(itertools.count(1).__next__, {"": 0})
    ids, lengths = [0], [1]
    for text in texts:
        lowered = text.lower()
        tokens = _TOKEN.findall(lowered.replace("’", "'")) if english else words(lowered)
        ids += map(of_token.__getitem__, tokens)
        ids.append(0)
        lengths.append(len(tokens) + 1)
    numbers = {"": 0}
    of_id = [numbers.setdefault(_word(token), len(numbers)) for token in of_token]
    words_in_order = np.array(of_id, np.int64)[ids]
    row = np.repeat(np.arange(len(lengths)) - 1, lengths)
    row[0] = 0
    pairs = np.divmod(np.unique(row * len(numbers) + words_in_order), len(numbers))
    return Tokens(numbers, words_in_order, row, pairs)


def _word(token: str) -> str:
    """The word of a token; empty for a sign."""
    if not token[:1].isalnum():
        return ""
    return token if token in KEEP_S else token.removesuffix("'s")


def nouns(tokens: Tokens, train: Flags) -> dict[str, str]:
    """Map each form of a noun to its most common form, for nouns that are neither rare nor everywhere."""
    ids, size = tokens.ids, len(tokens.numbers)
    function, determiner = tokens.flags(function_words()), tokens.flags(DETERMINERS)
    function[0] = True
    at = np.flatnonzero(train[tokens.row] & ~function[ids])  # never an end of the sequence
    before, after = ids[at - 1], ids[at + 1]
    closed = function[after]  # else it may be an adjective of what follows
    places = {
        "all": np.ones(len(at), bool),
        "noun": closed & determiner[before],
        "qualified": closed & ~function[before] & determiner[ids[at - 2]],
        "mass": closed & tokens.flags(BEFORE_MASS)[before],
        "adjective": tokens.flags(BEFORE_ADJECTIVE)[before],
        "verb": tokens.flags(BEFORE_VERB)[before],
    }
    counts = {name: np.bincount(ids[at[place]], minlength=size) for name, place in places.items()}
    share = {name: count / np.maximum(counts["all"], 1) for name, count in counts.items()}
    like = (
        (share["noun"] + (share["qualified"] + share["mass"]) / 2 >= _NOUN)
        & (share["noun"] >= _AFTER_DETERMINER)
        & (share["adjective"] < _NO_ADJECTIVE)
        & (share["verb"] < _NO_VERB)
    )
    least, most = max(FEWEST, _COMMON[0] * train.sum()), _COMMON[1] * train.sum()
    texts = tokens.texts(train)
    excluded = GENERIC | PEOPLE
    fit = {
        word: int(texts[i])
        for word, i in tokens.numbers.items()
        if like[i]
        and least <= texts[i] <= most
        and len(word) >= 3
        and word.isalpha()
        and word not in excluded
    }
    # Forms that are no adjective or verb: "shorts" are not "short"
    open_to = (texts > 0) & (share["adjective"] < _NO_ADJECTIVE) & (share["verb"] < _NO_VERB)
    return _joined(fit, {word for word, i in tokens.numbers.items() if open_to[i]})


def _joined(nouns: Mapping[str, int], known: set[str]) -> dict[str, str]:
    """Join singular and plural under the more common form, for the most common nouns."""
    forms: dict[str, str] = {}
    for word in sorted(nouns, key=lambda w: (-nouns[w], w)):
        if word not in forms and len(set(forms.values())) < _MOST_MINED:
            others = [other for other in _other_numbers(word) if other in known]
            forms |= {form: word for form in (word, *others) if form not in forms}
    return forms


def _other_numbers(word: str) -> tuple[str, ...]:
    """The possible plurals or singulars of a noun."""
    if word.endswith("ies"):
        return (word[:-3] + "y", word[:-1])
    if word.endswith("es"):
        return (word[:-1], word[:-2])
    if word.endswith("s") and not word.endswith("ss"):
        return (word[:-1],)
    return (word + "s", word + "es", word.removesuffix("y") + "ies")


def key_words(tokens: Tokens, train: Flags) -> dict[str, str]:
    """Find the words that distinguish texts in any language, by texts * idf^2 (Salton & Buckley 1988)."""
    texts, total = tokens.texts(train), int(train.sum())
    least, most = max(FEWEST, _KEY_COMMON[0] * total), _KEY_COMMON[1] * total
    weights = {
        word: float(texts[i] * np.log(total / texts[i]) ** 2)
        for word, i in tokens.numbers.items()
        if least <= texts[i] <= most and len(word) >= (4 if word.isascii() else 2) and word.isalpha()
    }
    return {word: word for word in sorted(weights, key=lambda w: (-weights[w], w))[:_MOST_MINED]}


def named(
    tokens: Tokens, train: Flags, forms: Mapping[str, str]
) -> tuple[dict[str, int], tuple[tuple[str, ...], ...]]:
    """Count the train texts that name each aspect, and list for each row those it names, the rarest first."""
    heads = sorted(set(forms.values()))
    of_id = np.full(len(tokens.numbers), -1, np.int64)
    for form, head in forms.items():
        of_id[tokens.numbers[form]] = heads.index(head)
    row, aspect = tokens.pairs[0], of_id[tokens.pairs[1]]
    pairs = np.unique(row[aspect >= 0] * max(1, len(heads)) + aspect[aspect >= 0])
    row, aspect = np.divmod(pairs, max(1, len(heads)))
    counts = np.bincount(aspect[train[row]], minlength=len(heads))
    named: list[list[str]] = [[] for _ in train]
    for i in np.lexsort((aspect, counts[aspect])):
        if len(named[row[i]]) < _MOST_NAMED:
            named[row[i]].append(heads[aspect[i]])
    mined = dict(sorted(zip(heads, counts.tolist(), strict=True), key=lambda pair: (-pair[1], pair[0])))
    return mined, tuple(map(tuple, named))
