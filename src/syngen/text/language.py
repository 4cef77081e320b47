"""Which language texts are in, by py3langid, whose model takes a third of a second and 100 MB to load.

Nothing here is imported or called before it is needed: texts made of the words of the real ones need no model.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from syngen.text.words import count_words

ENOUGH = 1_000  # characters tell as much as more do
_SAMPLE = 200  # texts
_CLEAR_MAJORITY = 0.6


def language_of(texts: Sequence[str]) -> str | None:
    """ISO 639-1 code of the language most of the longer texts are in, by an even sample; None: can't be told."""
    import py3langid

    longer = [text for text in texts[:: max(1, len(texts) // (10 * _SAMPLE))] if _says_enough(text)]
    sample = longer[:: max(1, len(longer) // _SAMPLE)]
    if not sample:
        return None
    language, count = Counter(py3langid.classify(t[:ENOUGH])[0] for t in sample).most_common(1)[0]
    return str(language) if count >= _CLEAR_MAJORITY * len(sample) else None


def other_language(text: str, expected: str, clear: float) -> str | None:
    """The language a text is in when that is clearly another than expected.

    Args:
        clear: Log odds for it, of py3langid's naive Bayes, divided by the root of the text's length in bytes,
            as that package does to calibrate them.
    """
    import py3langid

    value = text[:ENOUGH]
    ranked = py3langid.rank(value)
    scores = dict(ranked)
    language, best = ranked[0]
    if language == expected or expected not in scores:
        return None
    size = math.sqrt(len(value.encode("utf-8", "replace")))
    return str(language) if (best - scores[expected]) / size >= clear else None


def _says_enough(value: str) -> bool:
    """Whether a text is long enough to tell its language: scripts without spaces have few "words"."""
    return count_words(value) >= 5 or sum(not c.isascii() for c in value) >= 15
