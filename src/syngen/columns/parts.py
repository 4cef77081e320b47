"""The parts of identifiers: words of few values are kept, numbers stay in the range of their place.

Comes in: the real identifiers, such as `image/png`, `RE-2024-0017`, `10.28.67.106`, `120/80` or `3h 26m`.
Goes out: a new one in the form of a real one, or whether a text is written like the real ones.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from random import Random
from typing import NamedTuple

import numpy as np

from syngen.types import Value

_TOKEN = re.compile(r"[0-9]+|[^\W\d_]+|.", re.DOTALL)
_TURN = re.compile(r"[^\W\d_](?=[0-9])|[0-9](?=[^\W\d_])")
_SAMPLE = 20_000  # identifiers looked at
_SCRAMBLED = 3  # changes between letters and digits, without a sign between, of keys that have no parts
_FEW_OUTLINES = 3  # or, if that is more, this share of the keys; scrambled ones have more
_OUTLINES = 0.02
_ENOUGH_HEXADECIMAL = 4  # different letters
_ENOUGH = 20  # identifiers with a place, to learn its range
_FEW_WORDS = 8  # different words at a place that keeps them
_THRICE = 3  # identifiers that share a word: it is nobody's
_COMMON = 0.01  # the same as a share of all identifiers
_LONG_WORD = 2  # letters from which a word is one wherever it stands
_MANY = 0.5  # different numbers of all at a place, from which they are drawn between the real ones
_ORDERED = 0.99  # share of the identifiers in which a number is never larger, or never smaller, than the next
_NEAR = 0.5  # spread of the distance of such numbers, in that of the numbers: those of a range
_WITHIN = 24  # attempts to make a new identifier whose numbers are in the range of the real ones
_ATTEMPTS = 32  # with numbers beyond them, too
_MORE_DIGITS = 1  # that a number beyond the real ones may have
_NEARLY_FULL = 0.9  # of the largest number of its digits, that decimals reach


class _Numbers(NamedTuple):
    """The numbers at one place."""

    values: list[int]  # sorted
    lengths: tuple[int, int]  # of the shortest and the longest
    width: int  # digits of all of them, if some begin with a zero; else 0
    dense: bool  # whether real ones are taken as they are: they repeat
    follows: str  # the place of the number before, from which it keeps its distance; empty: none


class Parts:
    """What changes and what stays within the identifiers of a column.

    Args:
        keys: Real identifiers, each once.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        sample = keys[:: max(1, -(-len(keys) // _SAMPLE))]
        self._decimals: frozenset[str] = frozenset()
        self._decimals = _decimal_places(map(self._split, sample))
        words: Counter[str] = Counter()
        letters: dict[str, Counter[str]] = defaultdict(Counter)
        numbers: dict[str, list[str]] = defaultdict(list)
        steps: dict[tuple[str, str], list[int]] = defaultdict(list)
        for key in sample:
            before = None
            tokens = self._split(key)
            words.update({token for _, token in tokens})
            for place, token in tokens:
                if token.isalpha():
                    letters[place][token] += 1
                elif _is_number(token):
                    numbers[place].append(token)
                    if before:
                        steps[before[0], place].append(_whole(token) - _whole(before[1]))
                    before = (place, token)
        least = max(_THRICE, _COMMON * len(sample))
        self._words = {w for w, n in words.items() if w.isalpha() and len(w) >= _LONG_WORD and n >= least}
        self._kept_at = {
            place: frozenset(seen)
            for place, seen in letters.items()
            if len(seen) <= _FEW_WORDS
            and seen.total() >= (_THRICE if len(seen) == 1 else max(_ENOUGH, _THRICE * len(seen)))
        }
        follows = {
            after: before
            for (before, after), step in steps.items()
            if len(step) >= _ENOUGH
            and max(sum(s >= 0 for s in step), sum(s <= 0 for s in step)) >= _ORDERED * len(step)
            and np.std(step) < _NEAR * np.std(list(map(_whole, numbers[after])))
        }
        self._numbers = {p: _numbers(texts, follows.get(p, "")) for p, texts in numbers.items()}
        self._widest = max(self._numbers, key=lambda place: len(set(self._numbers[place].values)), default="")
        self._outlines = frozenset(_outline(self._split(key)) for key in sample)

    def mint(
        self,
        keys: Sequence[Hashable],
        draw: Callable[[int], Sequence[Value]],
        taken: Collection[str],
        used: Collection[Value],
        rng: np.random.Generator,
    ) -> dict[Hashable, Value]:
        """Make new identifiers in the form of real ones; keys for which none is found are left out.

        Args:
            keys: A real identifier, or one and which of its repetitions in the plan.
            draw: Make identifiers by a template, from which letters are taken.
            taken: Identifiers of real rows.
            used: Identifiers made before.
            rng: Random numbers.
        """
        minted: dict[Hashable, Value] = {}
        seen = set(used)
        random = Random(int(rng.integers(2**63)))  # one number at a time: faster than NumPy's
        for attempt in range(_ATTEMPTS):
            beyond = 2 * (len(keys) + len(taken)) if attempt >= _WITHIN else 0
            rest = [key for key in keys if key not in minted]
            for key, drawn in zip(rest, draw(len(rest)) if rest else (), strict=True):
                real = str(key[0]) if isinstance(key, tuple) else str(key)
                made = self.renew(real, str(drawn), random, beyond)
                if made not in seen and made not in taken:
                    seen.add(made)
                    minted[key] = made
        return minted

    def renew(self, real: str, drawn: str, rng: Random, beyond: int = 0) -> str:
        """Make a new identifier in the form of a real one.

        Args:
            real: The donor's.
            drawn: Its letters, where they are nobody's words; of the same length as the real one.
            rng: Random numbers.
            beyond: How far the numbers of the place with most of them may go beyond the real ones: 0 when
                there are enough between them.
        """
        made: list[str] = []
        new: dict[str, int] = {}
        old: dict[str, int] = {}
        start = 0
        for place, token in self._split(real):
            if _is_number(token):
                old[place] = _whole(token)
                text = self._number(place, token, new, old, rng, beyond)
                new[place] = _whole(text)
                made.append(text)
            elif not token.isalpha() or token in self._words or place in self._kept_at:
                made.append(token)
            else:
                letters = drawn[start : start + len(token)] if len(drawn) == len(real) else ""
                made.append(letters if letters.isalpha() else "".join(_letter(c, rng) for c in token))
            start += len(token)
        return "".join(made)

    def fits(self, text: str) -> bool:
        """Whether a text is written like the real ones: in one of their forms, with numbers of their length."""
        tokens = self._split(text)
        return _outline(tokens) in self._outlines and all(self._fits(*token) for token in tokens)

    def _fits(self, place: str, token: str) -> bool:
        if not _is_number(token):
            return token in self._kept_at.get(place, (token,))
        shortest, longest = self._numbers[place].lengths
        return shortest <= len(token) <= longest + _MORE_DIGITS

    def _number(
        self,
        place: str,
        token: str,
        new: dict[str, int],
        old: dict[str, int],
        rng: Random,
        beyond: int,
    ) -> str:
        """A new number for a place of the real identifier."""
        numbers = self._numbers.get(place)
        if numbers is None or len(numbers.values) < _ENOUGH:
            first = "0" if token[0] == "0" else rng.choice("123456789")
            return first + "".join(c if not c.isdigit() else rng.choice("0123456789") for c in token[1:])
        high = numbers.values[-1]
        if numbers.follows in new:
            value = max(0, new[numbers.follows] + old[place] - old[numbers.follows])
        elif beyond and place == self._widest:
            value = rng.randint(high + 1, high + beyond)
        elif numbers.dense:
            value = rng.choice(numbers.values)
        else:
            i = rng.randrange(len(numbers.values) - 1)
            value = rng.randint(numbers.values[i], numbers.values[i + 1])
        point = re.search(r"\D", token)
        if point:
            decimals = len(token) - point.end()
            text = str(value).zfill(max(numbers.width, decimals + 1))
            return text[:-decimals] + point.group() + text[-decimals:]
        return str(value).zfill(numbers.width)

    def _split(self, key: str) -> list[tuple[str, str]]:
        """The tokens of an identifier, each with its place: the outline of all up to it."""
        tokens = _tokens(key)
        split: list[tuple[str, str]] = []
        outline = ""
        i = 0
        while i < len(tokens):
            token = tokens[i]
            if token.isdigit() and i + 2 < len(tokens) and f"{outline}9{tokens[i + 1]}9" in self._decimals:
                outline += f"9{tokens[i + 1]}"
                token = "".join(tokens[i : i + 3])
                i += 2
            outline += "9" if _is_number(token) else "a" if token.isalpha() else token
            split.append((outline, token))
            i += 1
        return split


def parts_of(keys: Sequence[str]) -> Parts | None:
    """Learn the parts of identifiers; None where letters and digits are mixed as in a random code."""
    sample = keys[:: max(1, -(-len(keys) // _SAMPLE))]
    if not keys:
        return None
    turns = [len(_TURN.findall(key)) for key in sample]
    letters = {c for key in sample for c in key if c.isalpha()}
    outlines = {re.sub(r"[^\W\d_]+", "a", re.sub(r"[0-9]+", "9", key)) for key in sample}
    hexadecimal = len(letters) >= _ENOUGH_HEXADECIMAL and letters <= set("abcdefABCDEF") and any(turns)
    scrambled = float(np.median(turns)) >= _SCRAMBLED and len(outlines) > max(
        _FEW_OUTLINES, _OUTLINES * len(sample)
    )
    return None if hexadecimal or scrambled else Parts(keys)


def _tokens(key: str) -> list[str]:
    return _TOKEN.findall(key)


def _is_number(token: str) -> bool:
    return "0" <= token[0] <= "9"


def _whole(token: str) -> int:
    """The number without its decimal mark: 139 of 1.39, for decimals of one length."""
    return int(re.sub(r"\D", "", token))


def _outline(tokens: Sequence[tuple[str, str]]) -> str:
    return tokens[-1][0] if tokens else ""


def _numbers(texts: Sequence[str], follows: str) -> _Numbers:
    values = sorted(map(_whole, texts))
    widths = {sum(map(str.isdigit, text)) for text in texts}
    padded = len(widths) == 1 and any(re.match("0[0-9]", text) for text in texts)
    lengths = min(map(len, texts)), max(map(len, texts))
    dense = len(set(values)) < _MANY * len(values)
    return _Numbers(values, lengths, widths.pop() if padded else 0, dense, follows)


def _decimal_places(split: Iterable[list[tuple[str, str]]]) -> frozenset[str]:
    """The places of decimals: digits after a single point or comma, all of one length and of any value."""
    seen: dict[str, list[str]] = defaultdict(list)
    for tokens in split:
        texts = ["", *(token for _, token in tokens), ""]
        for i, (place, token) in enumerate(tokens, 1):
            if i < 3 or not token.isdigit() or texts[i - 1] not in (".", ",") or not texts[i - 2].isdigit():
                continue
            chained = texts[i + 1] == texts[i - 1] or (i > 3 and texts[i - 3] == texts[i - 1])
            seen[place].append("" if chained else token)
    return frozenset(
        place
        for place, texts in seen.items()
        if len(texts) >= _ENOUGH
        and len({len(text) for text in texts}) == 1
        and texts[0]
        and int(max(texts)) >= _NEARLY_FULL * 10 ** len(texts[0])
    )


def _letter(character: str, rng: Random) -> str:
    """Another letter of the same case; a letter without a case stays."""
    if character.isascii():
        return rng.choice(
            "abcdefghijklmnopqrstuvwxyz" if character.islower() else "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        )
    return character
