"""Is a text in the language of the real ones? A language code in, a check out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from syngen.accept.texts import Check, Text

FEWEST_WORDS = 20  # shorter texts are told apart too badly
ENOUGH = 1_000  # characters tell as much as more do
CLEAR = 5.0  # log odds for another language; sentences in one score 18 and more, real texts 0


def wrong_language(expected: str) -> Check:
    """The check that a text is in this language (ISO 639-1).

    It fails only texts for which another language is clearly more likely: by the log odds of py3langid's
    naive Bayes, which are divided by the root of the text's length, as that package does to calibrate them.
    """

    def check(text: Text) -> str | None:
        if text.plain.count(" ") + 1 < FEWEST_WORDS:
            return None
        import py3langid

        value = text.value[:ENOUGH]
        ranked = py3langid.rank(value)
        scores = dict(ranked)
        language, best = ranked[0]
        if language == expected or expected not in scores:
            return None
        size = math.sqrt(len(value.encode("utf-8", "replace")))
        if (best - scores[expected]) / size < CLEAR:
            return None
        return f"It is in another language ({language}) than the real texts ({expected})."

    return check
