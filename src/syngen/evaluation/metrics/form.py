"""Scores of the form of texts: words, sentences, reading grade, lexical diversity, punctuation, case.

A pool and two sides come in, a statistic goes out. Texts are measured with `syngen.text.words`, by which they
were also planned, once for all rows. Distances compare whole distributions; levels say in words that
people know what differs. An absent text has no form; what is missing is scored elsewhere.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

from syngen.evaluation.metrics.registry import NotComputable, Statistic, metric
from syngen.evaluation.metrics.statistic import kolmogorov, lacking, mean_of, median_of
from syngen.evaluation.sample import Comparison, EvalSample
from syngen.text import words as text
from syngen.types import Profile

Floats = npt.NDArray[np.float64]


FEWEST_FOR_MTLD = 10  # words; in fewer hardly a word can come again

_KS = "Kolmogorov-Smirnov distance of "
_DIGIT = re.compile(r"\d")


def written(profile: Profile) -> Iterable[str]:
    """The columns a model writes."""
    return (c.name for c in profile.written)


def main_text(profile: Profile) -> Iterable[str]:
    """The column that carries the text, where there is one."""
    return (profile.main_text.name,) if profile.written else ()


def word_counts(pool: EvalSample, column: str) -> Floats:
    """Words of each text of a column, NaN where it is absent, shape (rows,)."""
    return _each(pool, column, "words", text.count_words)


def grades(pool: EvalSample, column: str) -> Floats:
    """Flesch-Kincaid grade of each text, NaN under five words, shape (rows,)."""
    return _each(pool, column, "grade", text.grade)


# ------------------------------------------------------------------------------------------- distances
@metric(
    "similarity",
    "lower",
    (0.0, 1.0),
    source=_KS + "words a text",
    matters=0.15,
    columns=written,
    rowwise=True,
)
def words_ks(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """How far apart the distributions of text length are, in words."""
    return _distance(pool, sides, column, word_counts(pool, column), "a text")


@metric(
    "similarity",
    "lower",
    (0.0, 1.0),
    source=_KS + "sentences a text",
    matters=0.15,
    columns=main_text,
    rowwise=True,
)
def sentences_ks(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """How far apart the distributions of sentences a text are."""
    return _distance(pool, sides, column, _parsed(pool, column)[0], "a text")


@metric(
    "similarity",
    "lower",
    (0.0, 1.0),
    source=_KS + "Flesch-Kincaid grades (Kincaid et al. 1975)",
    matters=0.15,
    columns=main_text,
    rowwise=True,
)
def grade_ks(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """How far apart the distributions of reading grades are; of texts of five words or more."""
    return _distance(pool, sides, column, grades(pool, column), "a text of five words or more")


@metric(
    "similarity",
    "lower",
    (0.0, 1.0),
    source=_KS + "MTLD (McCarthy & Jarvis 2010)",
    matters=0.15,
    columns=main_text,
    rowwise=True,
)
def mtld_ks(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """How far apart the distributions of lexical diversity within a text are; of ten words or more."""
    return _distance(pool, sides, column, _parsed(pool, column)[1], "a text of ten words or more")


# ---------------------------------------------------------------------------------------------- levels
@metric(
    "similarity",
    "match",
    (0.0, math.inf),
    source="median words a text",
    matters=10.0,
    columns=main_text,
    rowwise=True,
    one_sample=True,
)
def words_median(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """The median length of a text, in words."""
    if why := lacking(pool, column):
        return why
    return median_of(word_counts(pool, column)[sides.synthetic], "a text")


@metric(
    "similarity",
    "match",
    (-3.4, math.inf),
    source="mean Flesch-Kincaid grade (Kincaid et al. 1975)",
    matters=1.0,
    columns=main_text,
    rowwise=True,
    one_sample=True,
)
def grade_mean(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """The mean reading grade; of texts of five words or more."""
    if why := lacking(pool, column):
        return why
    return mean_of(grades(pool, column)[sides.synthetic], "a text of five words or more")


@metric(
    "similarity",
    "match",
    (0.0, 1.0),
    source="share of texts in title case",
    matters=0.15,
    columns=written,
    rowwise=True,
    one_sample=True,
    share=True,
)
def title_case_share(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """Share of the texts written Like This: product names and headlines rather than sentences."""
    return _share(pool, sides, column, "title case", in_title_case)


@metric(
    "similarity",
    "match",
    (0.0, 1.0),
    source="share of texts with an exclamation mark",
    matters=0.15,
    columns=main_text,
    rowwise=True,
    one_sample=True,
    share=True,
)
def exclamation_share(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """Share of the texts with an exclamation mark."""
    return _styled(pool, sides, column, "exclaims")


@metric(
    "similarity",
    "match",
    (0.0, 1.0),
    source="share of texts with a question mark",
    matters=0.15,
    columns=main_text,
    rowwise=True,
    one_sample=True,
    share=True,
)
def question_share(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """Share of the texts with a question mark."""
    return _styled(pool, sides, column, "asks")


@metric(
    "similarity",
    "match",
    (0.0, 1.0),
    source="share of texts with an emoji",
    matters=0.15,
    columns=main_text,
    rowwise=True,
    one_sample=True,
    share=True,
)
def emoji_share(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """Share of the texts with an emoji."""
    return _styled(pool, sides, column, "emoji")


@metric(
    "similarity",
    "match",
    (0.0, 1.0),
    source="share of texts with a digit",
    matters=0.15,
    columns=main_text,
    rowwise=True,
    one_sample=True,
    share=True,
)
def digit_share(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """Share of the texts with a digit."""
    return _share(pool, sides, column, "digit", lambda t: _DIGIT.search(t) is not None)


@metric(
    "similarity",
    "match",
    (0.0, 1.0),
    source="share of texts without a capital, of over 20 characters",
    matters=0.15,
    columns=main_text,
    rowwise=True,
    one_sample=True,
    share=True,
)
def lower_case_share(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """Share of the texts written all in lower case."""
    return _styled(pool, sides, column, "lower case")


# --------------------------------------------------------------------------------------------- features
def in_title_case(value: str) -> bool:
    """Whether a text is written Like This: the first word and every one of four letters or more.

    Two capitalised words at least; a text all in capitals is not in title case.
    """
    words = text.words(value)
    if value.isupper() or sum(word[0].isupper() for word in words) < 2:
        return False
    return all(
        word[0].isupper() or (i and len(word) < 4) or word[0].isdigit() for i, word in enumerate(words)
    )


def _each(pool: EvalSample, column: str, name: str, measure: Callable[[str], float | None]) -> Floats:
    """A measure of every text of a column, made once; NaN where the text is absent or has none."""

    def make() -> Floats:
        measured = (measure(value) if value else None for value in pool.texts(column))
        return np.array([math.nan if m is None else m for m in measured], dtype=np.float64)

    return pool.once(("form", name, column), make)


def _parsed(pool: EvalSample, column: str) -> Floats:
    """Sentences and MTLD of each text, NaN where it has none, shape (2, rows)."""

    def make() -> Floats:
        measured = np.full((2, len(pool)), math.nan)
        for row, value in enumerate(pool.texts(column)):
            if value:
                sentences = text.sentences(value)
                words = [word.lower() for sentence in sentences for word in text.words(sentence)]
                measured[0, row] = len(sentences)
                if len(words) >= FEWEST_FOR_MTLD:
                    measured[1, row] = text.mtld(words)
        return measured

    return pool.once(("sentences and MTLD", column), make)


def _styles(pool: EvalSample, column: str) -> list[tuple[str, ...]]:
    return pool.once(("form", "style", column), lambda: [text.style(value) for value in pool.texts(column)])


def _distance(
    pool: EvalSample, sides: Comparison, column: str, values: Floats, what: str
) -> Statistic | NotComputable:
    return lacking(pool, column) or kolmogorov(values[sides.real], values[sides.synthetic], what)


def _share(
    pool: EvalSample, sides: Comparison, column: str, name: str, holds: Callable[[str], bool]
) -> Statistic | NotComputable:
    return lacking(pool, column) or mean_of(_each(pool, column, name, holds)[sides.synthetic], "a text")


def _styled(pool: EvalSample, sides: Comparison, column: str, attribute: str) -> Statistic | NotComputable:
    """The share of texts with a style attribute of `syngen.text.words.style`."""

    def make() -> Floats:
        rows = zip(pool.texts(column), _styles(pool, column), strict=True)
        return np.array([float(attribute in style) if value else math.nan for value, style in rows])

    values = pool.once(("form", attribute, column), make)
    return lacking(pool, column) or mean_of(values[sides.synthetic], "a text")
