"""What the strategies are told of the rows wanted in native mode, where nothing is planned row by row.

The knobs' wanted distributions in a few numbers, corrected by what the model has made of them so far.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from syngen import controls
from syngen.engine.controller import MOST_GRADES, MOST_RATIO, OPENING, RATE
from syngen.plan import ControlSettings
from syngen.plan.make import wanted_grades, wanted_words
from syngen.prompts import PromptContext
from syngen.text.attributes import attributes
from syngen.text.words import count_words, grade, opening
from syngen.types import Value, generator

ASPECTS = 6  # named in one question
RANGE = (0.1, 0.5, 0.9)  # quantiles of the wanted distribution that a question names


class NativeSettings:
    """The distributions wanted, in words and numbers for one question after the other.

    Args:
        brief: Its strategies say what is told.
        aims: What the knobs want.
        steer: Correct what is asked for by what came.
    """

    def __init__(self, brief: PromptContext, aims: ControlSettings, *, steer: bool) -> None:
        self._brief, self._steer = brief, steer
        self._main = brief.reference.profile.main_text.name
        if not brief.strategies:
            return
        train = brief.reference.train
        self._words = _quantiles(wanted_words(brief.reference, self._main, train, aims))
        self._grades = _quantiles(wanted_grades(brief.reference, self._main, train, aims))
        self._ratio, self._off = 0.0, 0.0
        self._openings: Counter[str] = Counter()

    def wanted(self, attempt: int) -> dict[str, Any] | None:
        """What the `native` blocks are told for the question after `attempt` others; None without strategies."""
        if not self._brief.strategies:
            return None
        ratio = math.exp(-self._ratio)
        low, words, high = (max(1, round(w * ratio)) for w in self._words or (1, 1, 1))
        grades = [min(max(g - self._off, controls.LOWEST), controls.HARDEST) for g in self._grades]
        told: dict[str, Any] = {
            "low": low,
            "words": words,
            "high": high,
            "grade": grades[1] if grades else None,
            "grades": (grades[0], grades[2]) if grades else (),
            "aspects": [],
            "avoid": [words for words, n in self._openings.most_common(3) if n > 1],
        }
        if self._brief.diversity is not None:
            mined = attributes(self._brief.reference, self._main).mined
            picks = generator(self._brief.seed, "native aspects", attempt).permutation(len(mined))[:ASPECTS]
            told["aspects"] = [mined[i].word for i in picks]
        return told

    def measured(self, values: Mapping[str, Value]) -> None:
        """Learn from a row that came."""
        text = values.get(self._main)
        if not self._steer or not self._brief.strategies or not isinstance(text, str):
            return
        words, level = count_words(text), grade(text)
        if words and self._words:
            asked = self._words[1] * math.exp(-self._ratio)
            ratio = self._ratio + RATE / 3 * (math.log(words / asked) - self._ratio)
            self._ratio = min(max(ratio, -math.log(MOST_RATIO)), math.log(MOST_RATIO))  # no more than is used
        if level is not None and self._grades:
            asked = self._grades[1] - self._off
            off = self._off + RATE / 3 * (level - asked - self._off)
            self._off = min(max(off, -MOST_GRADES), MOST_GRADES)
        self._openings[opening(text, OPENING)] += 1


def _quantiles(values: npt.NDArray[np.float64]) -> list[float]:
    known = values[~np.isnan(values)]
    return [float(q) for q in np.quantile(known, RANGE)] if len(known) else []
