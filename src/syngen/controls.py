"""The controls: what a user may request of text length, reading grade and diversity, and the targets that follow.

A setting is parsed into a `Control`: a map from the real distribution to the target distribution that keeps its
order, so that the longest texts stay the longest. Plan, preview and evaluation use the same map.

| setting | length in words | reading grade | target |
|---|---|---|---|
| `match` | | | the real distribution, not its mean |
| relative | `+25%`, `-10` | `+2`, `-1.5` | the real distribution, stretched or shifted |
| absolute | `40` | `grade:8` | every text, within 10 % (3 words when short) or one grade |
| range | `20-60` | `grade:6-9` | the real distribution, mapped from its 5 % and 95 % quantiles onto the range |
| level | `short`, `long` | `simple`, `advanced` | half, twice; three grades below, above |
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

_Words = TypeVar("_Words")

MATCH = "match"
WITHIN, WITHIN_WORDS = 0.1, 3.0
GRADE_TOLERANCE = 1.5  # of one text's own target: grades of texts of forty words scatter by more
WITHIN_GRADES = 1.0  # of `grade:8`
SHORTEST, LONGEST = 1.0, 2_000.0  # words
EASIEST, HARDEST = 0.0, 20.0  # grades that can be requested
LOWEST = -3.0  # grade of the shortest sentences of the shortest words
MIDDLE = 0.5  # diversity as in the real texts
FINISH = 12  # words beyond the target in which a sentence may come to its end while decoding
FEW = 10  # words up to which every length has its own grammar
STEP = 1.08  # factor between lengths beyond

_NUMBER = r"(\d+(?:\.\d+)?)"
_RELATIVE = re.compile(rf"([+-]){_NUMBER}(%?)")
_RANGE = re.compile(rf"{_NUMBER}(?:\s*[-–]\s*{_NUMBER})?")
_LENGTHS: Mapping[str, float] = {"short": 0.5, "long": 2.0}  # factors
_GRADES: Mapping[str, float] = {"simple": -3.0, "advanced": 3.0}  # differences
_DIVERSITY: Mapping[str, float] = {"low": 0.0, MATCH: MIDDLE, "high": 1.0}


def tolerance(words: _Words) -> _Words:
    """Return by how many words a text may miss its target length: 10 %, or 3 words when short.

    Args:
        words: A number or an array of numbers.
    """
    import numpy as np  # slow to load, and the settings of a run are parsed without it

    given: Any = words
    return cast(_Words, np.maximum(WITHIN * given, WITHIN_WORDS))


def length_range(words: float) -> tuple[float, float]:
    """Return the range of words requested for a target: within the tolerance, exact up to six words."""
    slack = tolerance(words) if words > 2 * WITHIN_WORDS else 0.0
    return words - slack, words + slack


def decoding_range(words: int) -> tuple[int, int]:
    """Return the range of words that a grammar lets a text of this target have.

    The target is rounded to the nearest step of a ladder, as a grammar is compiled once for all texts of a step:
    compiling one of fifty words took .7 s of processor time.
    """
    step = float(words) if words <= FEW else FEW * STEP ** round(math.log(words / FEW) / math.log(STEP))
    room = tolerance(step)
    return max(1, round(step - room / 2)), round(step + room) + min(FINISH, round(step))


@dataclass(frozen=True, slots=True)
class Control:
    """A map from real values to targets: factor · value + offset, or mapped onto a range; then bounded.

    Attributes:
        setting: As the user wrote it.
        within: The range; None when there is none.
        ratios: A range is mapped by ratios (logarithms), as lengths are, and not by differences.
        low: Smallest target.
        high: Largest target.
    """

    setting: str
    factor: float = 1.0
    offset: float = 0.0
    within: tuple[float, float] | None = None
    ratios: bool = False
    low: float = -float("inf")
    high: float = float("inf")

    @property
    def active(self) -> bool:
        """Whether the target differs from the real distribution."""
        return self.setting != MATCH


AS_REAL = Control(MATCH)


@dataclass(frozen=True, slots=True)
class ControlSettings:
    """The parsed controls of a run.

    Attributes:
        length: Of words.
        complexity: Of reading grades.
        levels: Whether lexical richness and clauses are planned, too.
        diversity: 0 all similar, .5 as real, 1 as varied as possible; None: no attributes are planned.
    """

    length: Control = AS_REAL
    complexity: Control = AS_REAL
    levels: bool = False
    diversity: float | None = None


def length(setting: str) -> Control:
    """Parse `--length`.

    Raises:
        ValueError: It can't be understood, or no text can have it; the message says why.
    """
    if setting in _LENGTHS:
        return Control(setting, factor=_LENGTHS[setting], low=SHORTEST, high=LONGEST)
    if setting == MATCH:
        return AS_REAL
    if relative := _RELATIVE.fullmatch(setting):
        amount = float(relative[1] + relative[2])
        factor, offset = (1 + amount / 100, 0.0) if relative[3] else (1.0, amount)
        if factor <= 0 or offset <= -LONGEST:
            raise ValueError("it leaves no words")
        if max(factor, offset) > LONGEST:
            raise ValueError(f"no text can have that many words; the longest have {LONGEST:g}")
        return Control(setting, factor, offset, low=SHORTEST, high=LONGEST)
    if found := _RANGE.fullmatch(setting):
        low, high = _ends(found, SHORTEST, LONGEST, "{:g} words")
        if found[2] is None:
            low, high = length_range(low)
        return Control(setting, within=(low, min(LONGEST, high)), ratios=True)
    raise ValueError(
        "write match, short, long, a number of words (40), a range (20-60) or a change (+25%, -10)"
    )


def complexity(setting: str) -> Control:
    """Parse `--complexity`.

    Raises:
        ValueError: It can't be understood, or no text can have it; the message says why.
    """
    if setting in _GRADES:
        return Control(setting, offset=_GRADES[setting], low=LOWEST, high=HARDEST)
    if setting == MATCH:
        return AS_REAL
    if (relative := _RELATIVE.fullmatch(setting)) and not relative[3]:
        amount = float(relative[1] + relative[2])
        if abs(amount) > HARDEST:
            raise ValueError(f"no text is {abs(amount):g} grades away; give {HARDEST:g} at most")
        return Control(setting, offset=amount, low=LOWEST, high=HARDEST)
    if setting.startswith("grade:") and (found := _RANGE.fullmatch(setting.removeprefix("grade:"))):
        low, high = _ends(found, EASIEST, HARDEST, "grade {:g}")
        if found[2] is None:
            low, high = max(EASIEST, low - WITHIN_GRADES), min(HARDEST, high + WITHIN_GRADES)
        return Control(setting, within=(low, high))
    raise ValueError("write match, simple, advanced, a grade (grade:8), a range (grade:6-9) or a change (+2)")


def diversity(setting: str) -> float:
    """Parse `--diversity` into a number: 0 all similar, .5 as real, 1 as varied as possible.

    Raises:
        ValueError: It can't be understood, or lies outside.
    """
    if setting in _DIVERSITY:
        return _DIVERSITY[setting]
    try:
        level = float(setting)
    except ValueError:
        raise ValueError("write match, low, high, or a number from 0 to 1 (.5 is as real)") from None
    if not 0.0 <= level <= 1.0:
        raise ValueError("it goes from 0 (all similar) over .5 (as real) to 1")
    return level


def _ends(found: re.Match[str], least: float, most: float, written: str) -> tuple[float, float]:
    low = float(found[1])
    high = low if found[2] is None else float(found[2])
    if low < least or high > most:
        wrong = written.format(low if low < least else high)
        raise ValueError(f"no text can have {wrong}; give {least:g} to {most:g}")
    if low > high:
        raise ValueError(f"the range begins above its end; write {high:g}-{low:g}")
    return low, high
