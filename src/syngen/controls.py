"""The knobs: what a user may say of lengths, grades and diversity, and which wanted values follow from real ones.

A setting in words comes in, a `Control` goes out: a map from the real distribution to the wanted one that keeps its
order, so that the longest texts stay the longest. The plan, the preview and the result all use the same map.

| setting | length in words | reading grade | what is wanted |
|---|---|---|---|
| `match` | | | the real distribution, not its mean |
| relative | `+25%`, `-10` | `+2`, `-1.5` | the real distribution, stretched or shifted |
| absolute | `40` | `grade:8` | every text so, within 10 % (3 words when short) or one grade |
| range | `20-60` | `grade:6-9` | the real distribution, mapped from its 5 % and 95 % quantiles onto the range |
| level | `short`, `long` | `simple`, `advanced` | half, twice; three grades below, above |
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


MATCH = "match"
WITHIN, WITHIN_WORDS = 0.1, 3.0  # a length is kept within a tenth, or within three words when short
WITHIN_GRADES = 1.0  # of the one grade asked for
GRADES_OFF = 1.5  # that a text may miss its own grade by: those of forty words scatter by more
SHORTEST, LONGEST = 1.0, 2_000.0  # words
EASIEST, HARDEST = 0.0, 20.0  # grades that can be asked for
LOWEST = -3.0  # grade of the shortest sentences of the shortest words
ENDS = (0.05, 0.95)  # the quantiles that a range is mapped from: beyond them lie the odd ones
MIDDLE = 0.5  # of diversity: as real

_NUMBER = r"(\d+(?:\.\d+)?)"
_RELATIVE = re.compile(rf"([+-]){_NUMBER}(%?)")
_RANGE = re.compile(rf"{_NUMBER}(?:\s*[-–]\s*{_NUMBER})?")
_LENGTHS: Mapping[str, float] = {"short": 0.5, "long": 2.0}  # times the real ones
_GRADES: Mapping[str, float] = {"simple": -3.0, "advanced": 3.0}  # beside the real ones
_DIVERSITY: Mapping[str, float] = {"low": 0.0, MATCH: MIDDLE, "high": 1.0}


@dataclass(frozen=True, slots=True)
class Control:
    """How wanted values follow from real ones: factor · value + offset, or mapped onto a range; then bounded.

    Attributes:
        setting: As the user wrote it.
        within: The range; None when there is none.
        ratios: A range is mapped by ratios (logarithms), as lengths are, and not by differences.
        low: Smallest value that can be wanted.
        high: Largest value that can be wanted.
    """

    setting: str
    factor: float = 1.0
    offset: float = 0.0
    within: tuple[float, float] | None = None
    ratios: bool = False
    low: float = -float("inf")
    high: float = float("inf")

    @property
    def turned(self) -> bool:
        """Whether anything else than the real distribution is wanted."""
        return self.setting != MATCH

    def wanted(self, values: Floats, real: Floats) -> Floats:
        """The wanted value for each of some real values, in the same order; NaN stays NaN.

        Args:
            values: Of the rows that a plan was drawn from.
            real: Of all rows that may be drawn, for the quantiles.
        """
        if not self.turned:
            return values
        if self.within is None:
            return np.clip(self.factor * values + self.offset, self.low, self.high)
        there, back = (np.log, np.exp) if self.ratios else (_same, _same)
        low, high = there(np.array(self.within))
        known = real[~np.isnan(real)]
        begin, end = there(np.quantile(known, ENDS)) if len(known) else (0.0, 0.0)
        share = (
            (there(values) - begin) / (end - begin)
            if end > begin
            else np.where(np.isnan(values), np.nan, 0.5)
        )
        mapped: Floats = back(low + np.clip(share, 0.0, 1.0) * (high - low))
        return np.clip(mapped, *self.within)  # exp and log may miss the ends by a last bit


AS_REAL = Control(MATCH)


def length(setting: str) -> Control:
    """What `--length` says.

    Raises:
        ValueError: It can't be understood, or no text can be so; the message says why.
    """
    if setting in _LENGTHS:
        return Control(setting, factor=_LENGTHS[setting], low=SHORTEST, high=LONGEST)
    if setting == MATCH:
        return Control(setting)
    if relative := _RELATIVE.fullmatch(setting):
        amount = float(relative[1] + relative[2])
        factor, offset = (1 + amount / 100, 0.0) if relative[3] else (1.0, amount)
        if factor <= 0 or offset <= -LONGEST:
            raise ValueError("it leaves no words")
        if max(factor, offset) > LONGEST:
            raise ValueError(f"no text can have so many words; the longest have {LONGEST:g}")
        return Control(setting, factor, offset, low=SHORTEST, high=LONGEST)
    if found := _RANGE.fullmatch(setting):
        low, high = _ends(found, SHORTEST, LONGEST, "{:g} words")
        if found[2] is None:
            slack = max(WITHIN * low, WITHIN_WORDS) if low > 2 * WITHIN_WORDS else 0.0
            low, high = low - slack, min(LONGEST, high + slack)
        return Control(setting, within=(low, high), ratios=True)
    raise ValueError(
        "write match, short, long, a number of words (40), a range (20-60) or a change (+25%, -10)"
    )


def complexity(setting: str) -> Control:
    """What `--complexity` says.

    Raises:
        ValueError: It can't be understood, or no text can be so; the message says why.
    """
    if setting in _GRADES:
        return Control(setting, offset=_GRADES[setting], low=LOWEST, high=HARDEST)
    if setting == MATCH:
        return Control(setting)
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
    """What `--diversity` says, as a number: 0 all alike, .5 as real, 1 as varied as can be.

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
        raise ValueError("it goes from 0 (all alike) over .5 (as real) to 1")
    return level


def sound(check: Callable[[str], object]) -> Callable[[str], str]:
    """A validator that keeps a setting as it was written."""

    def checked(setting: str) -> str:
        check(setting)
        return setting

    return checked


def slack(words: float) -> float:
    """By how many words a text may miss the length wanted."""
    return max(WITHIN * words, WITHIN_WORDS)


def _ends(found: re.Match[str], least: float, most: float, written: str) -> tuple[float, float]:
    low = float(found[1])
    high = low if found[2] is None else float(found[2])
    if low < least or high > most:
        wrong = written.format(low if low < least else high)
        raise ValueError(f"no text can have {wrong}; give {least:g} to {most:g}")
    if low > high:
        raise ValueError(f"the range begins above its end; write {high:g}-{low:g}")
    return low, high


def _same(values: Floats) -> Floats:
    return values
