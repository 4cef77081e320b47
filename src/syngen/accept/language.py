"""Is a text in the language of the real ones? Real texts in, a check out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from syngen.languages import language_of, other_language

if TYPE_CHECKING:
    from syngen.accept.texts import Check, Text

FEWEST_WORDS = 20  # shorter texts are told apart too badly
CLEAR = 5.0  # log odds for another language; sentences in one score 18 and more, real texts 0
USUAL = 0.02  # of the real texts hold a word that is usual: what a few in another language say is not
KNOWN = 0.5  # of a text's words: texts in another language share a tenth with the real ones


def wrong_language(real: Sequence[Text]) -> Check:
    """The check that a text is in the language most of the real ones are in.

    A text of which half the words are usual in the real ones passes at once. Any other is judged by its
    language, and fails only when another is clearly more likely.
    """
    texts_with = Counter(word for text in real for word in set(text.plain.split()))
    usual = {word for word, count in texts_with.items() if count >= max(2, USUAL * len(real))}
    expected = cache(lambda: language_of([text.value for text in real]))

    def check(text: Text) -> str | None:
        words = text.plain.split()
        if len(words) < FEWEST_WORDS or sum(word in usual for word in words) >= KNOWN * len(words):
            return None
        if (language := expected()) is None or (other := other_language(text.value, language, CLEAR)) is None:
            return None
        return f"It is in another language ({other}) than the real texts ({language})."

    return check
