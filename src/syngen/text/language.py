"""Recognise the language of texts with py3langid, whose model takes a third of a second and 100 MB to load.

Callers ask only when they have to: texts made of the words of the real ones need no model.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from syngen.text.words import count_words

_ENOUGH = 1_000  # characters; more change nothing
_SAMPLE = 200  # texts
_CLEAR_MAJORITY = 0.6


def language_of(texts: Sequence[str]) -> str | None:
    """Return the ISO 639-1 code of most of the longer texts, by an even sample; None when unclear."""
    import py3langid

    longer = [text for text in texts[:: max(1, len(texts) // (10 * _SAMPLE))] if _says_enough(text)]
    sample = longer[:: max(1, len(longer) // _SAMPLE)]
    if not sample:
        return None
    language, count = Counter(py3langid.classify(t[:_ENOUGH])[0] for t in sample).most_common(1)[0]
    return str(language) if count >= _CLEAR_MAJORITY * len(sample) else None


def other_language(text: str, expected: str, clear: float) -> str | None:
    """Return the language of a text where it is clearly another than expected, else None.

    Args:
        clear: Log odds for it, of py3langid's naive Bayes, divided by the root of the text's length in bytes,
            as that package does to calibrate them.
    """
    import py3langid

    value = text[:_ENOUGH]
    ranked = py3langid.rank(value)
    scores = dict(ranked)
    language, best = ranked[0]
    if language == expected or expected not in scores:
        return None
    size = math.sqrt(len(value.encode("utf-8", "replace")))
    return str(language) if (best - scores[expected]) / size >= clear else None


def _says_enough(value: str) -> bool:
    """Whether a text is long enough to recognise its language: scripts without spaces have few "words"."""
    return count_words(value) >= 5 or sum(not c.isascii() for c in value) >= 15
