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
    title="Length in words, distance",
    source=_KS + "words a text",
    matters=0.15,
    columns=written,
    rowwise=True,
)
def words_ks(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """Largest gap between the two cumulative distributions of words per text.

    0 is the same spread, 1 is no overlap.
    """
    return _distance(pool, sides, column, word_counts(pool, column), "a text")


@metric(
    "similarity",
    "lower",
    (0.0, 1.0),
    title="Length in sentences, distance",
    source=_KS + "sentences a text",
    matters=0.15,
    columns=main_text,
    rowwise=True,
)
def sentences_ks(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """Largest gap between the two cumulative distributions of sentences per text.

    0 is the same spread, 1 is no overlap.
    """
    return _distance(pool, sides, column, _parsed(pool, column)[0], "a text")


@metric(
    "similarity",
    "lower",
    (0.0, 1.0),
    title="Reading grade, distance",
    source=_KS + "Flesch-Kincaid grades (Kincaid et al. 1975)",
    matters=0.15,
    columns=main_text,
    rowwise=True,
)
def grade_ks(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """Largest gap between the two cumulative distributions of the Flesch–Kincaid grade.

    Of texts of five words or more; 0 is the same spread, 1 is no overlap.
    """
    return _distance(pool, sides, column, grades(pool, column), "a text of five words or more")


@metric(
    "similarity",
    "lower",
    (0.0, 1.0),
    title="Vocabulary (MTLD), distance",
    source=_KS + "MTLD (McCarthy & Jarvis 2010)",
    matters=0.15,
    columns=main_text,
    rowwise=True,
)
def mtld_ks(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """Largest gap between the two cumulative distributions of MTLD, the range of words used in a text.

    Of texts of ten words or more; 0 is the same spread, 1 is no overlap.
    """
    return _distance(pool, sides, column, _parsed(pool, column)[1], "a text of ten words or more")


# ---------------------------------------------------------------------------------------------- levels
@metric(
    "similarity",
    "match",
    (0.0, math.inf),
    title="Words, median",
    source="median words a text",
    matters=10.0,
    columns=main_text,
    rowwise=True,
    one_sample=True,
)
def words_median(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """Half of the texts have fewer words than this, half have more."""
    if why := lacking(pool, column):
        return why
    return median_of(word_counts(pool, column)[sides.synthetic], "a text")


@metric(
    "similarity",
    "match",
    (-3.4, math.inf),
    title="Reading grade, mean",
    source="mean Flesch-Kincaid grade (Kincaid et al. 1975)",
    matters=1.0,
    columns=main_text,
    rowwise=True,
    one_sample=True,
)
def grade_mean(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """Mean Flesch–Kincaid grade: the school years a reader needs.

    Unsteady in texts under 20 words; texts under five words are left out.
    """
    if why := lacking(pool, column):
        return why
    return mean_of(grades(pool, column)[sides.synthetic], "a text of five words or more")


@metric(
    "similarity",
    "match",
    (0.0, 1.0),
    title="Title case",
    source="share of texts in title case",
    matters=0.15,
    columns=written,
    rowwise=True,
    one_sample=True,
    share=True,
)
def title_case_share(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """Share of texts Written Like This, as product names and headlines are."""
    return _share(pool, sides, column, "title case", in_title_case)


@metric(
    "similarity",
    "match",
    (0.0, 1.0),
    title="Exclamation marks",
    source="share of texts with an exclamation mark",
    matters=0.15,
    columns=main_text,
    rowwise=True,
    one_sample=True,
    share=True,
)
def exclamation_share(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """Share of texts with an exclamation mark."""
    return _styled(pool, sides, column, "exclaims")


@metric(
    "similarity",
    "match",
    (0.0, 1.0),
    title="Question marks",
    source="share of texts with a question mark",
    matters=0.15,
    columns=main_text,
    rowwise=True,
    one_sample=True,
    share=True,
)
def question_share(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """Share of texts with a question mark."""
    return _styled(pool, sides, column, "asks")


@metric(
    "similarity",
    "match",
    (0.0, 1.0),
    title="Emoji",
    source="share of texts with an emoji",
    matters=0.15,
    columns=main_text,
    rowwise=True,
    one_sample=True,
    share=True,
)
def emoji_share(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """Share of texts with an emoji."""
    return _styled(pool, sides, column, "emoji")


@metric(
    "similarity",
    "match",
    (0.0, 1.0),
    title="Digits",
    source="share of texts with a digit",
    matters=0.15,
    columns=main_text,
    rowwise=True,
    one_sample=True,
    share=True,
)
def digit_share(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """Share of texts with a digit."""
    return _share(pool, sides, column, "digit", lambda t: _DIGIT.search(t) is not None)


@metric(
    "similarity",
    "match",
    (0.0, 1.0),
    title="Lower case only",
    source="share of texts without a capital, of over 20 characters",
    matters=0.15,
    columns=main_text,
    rowwise=True,
    one_sample=True,
    share=True,
)
def lower_case_share(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """Share of texts of some length without a capital letter."""
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
