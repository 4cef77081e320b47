"""Scores of the form of texts: words, sentences, reading grade, lexical diversity, punctuation, case.

Texts are measured with `syngen.text.words`, by which they were also planned, once for all rows. Distances
compare whole distributions; levels say in words that people know what differs. An absent text has no
form; what is missing is scored elsewhere.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from functools import partial

import numpy as np

from syngen.evaluation.metrics.registry import main_text, metric
from syngen.evaluation.metrics.statistic import Statistic, kolmogorov, mean_of
from syngen.evaluation.sample import Comparison, EvalSample, Floats, kept
from syngen.text import words as text
from syngen.types import Profile

FEWEST_FOR_MTLD = 10  # words; in fewer hardly a word can come again

_FLESCH_KINCAID = "Flesch-Kincaid grade (Kincaid et al. 1975)"
_DIGIT = re.compile(r"\d")


def written(profile: Profile) -> Iterable[str]:
    """The columns a model writes."""
    return (c.name for c in profile.written)


# ------------------------------------------------------------------------------------ measures of texts
@kept
def _each(sample: EvalSample, column: str, measure: Callable[[str], float | None]) -> Floats:
    """A measure of every text of a column; NaN where the text is absent or has none."""
    measured = (measure(value) if value else None for value in sample.texts(column))
    return np.array([math.nan if m is None else m for m in measured], dtype=np.float64)


def word_counts(sample: EvalSample, column: str) -> Floats:
    """Words of each text of a column, NaN where it is absent, shape (rows,)."""
    return _each(sample, column, text.count_words)


def grades(sample: EvalSample, column: str) -> Floats:
    """Flesch-Kincaid grade of each text, NaN under five words, shape (rows,)."""
    return _each(sample, column, text.grade)


@kept
def _sentences_and_mtld(sample: EvalSample, column: str) -> Floats:
    """Sentences and MTLD of each text, NaN where it has none, shape (2, rows)."""
    measured = np.full((2, len(sample)), math.nan)
    for row, value in enumerate(sample.texts(column)):
        if value:
            sentences = text.sentences(value)
            words = [word.lower() for sentence in sentences for word in text.words(sentence)]
            measured[0, row] = len(sentences)
            if len(words) >= FEWEST_FOR_MTLD:
                measured[1, row] = text.mtld(words)
    return measured


@kept
def _has(sample: EvalSample, column: str, attribute: str) -> Floats:
    """1 for each text with a style attribute of `text.style`, 0 for others, NaN for absent ones."""
    pairs = zip(sample.texts(column), _styles(sample, column), strict=True)
    return np.array([attribute in style if value else math.nan for value, style in pairs])


@kept
def _styles(sample: EvalSample, column: str) -> list[tuple[str, ...]]:
    return [text.style(value) for value in sample.texts(column)]


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


# --------------------------------------------------------------------------------------------- distances
def _distance(
    name: str,
    title: str,
    what: str,
    measure: Callable[[EvalSample, str], Floats],
    *,
    columns: Callable[[Profile], Iterable[str]] = main_text,
    has: str = "a text",
) -> None:
    """Register the Kolmogorov-Smirnov distance of a measure of texts."""

    @metric(
        "similarity",
        "lower",
        name=name,
        title=title,
        explanation=f"Largest gap between the two cumulative distributions of {what}; 0 is the same spread,"
        " 1 is no overlap.",
        source=f"Kolmogorov-Smirnov distance of {what}",
        matters=0.15,
        columns=columns,
        rowwise=True,
    )
    def distance(sample: EvalSample, sides: Comparison, column: str) -> Statistic:
        values = measure(sample, column)
        return kolmogorov(values[sides.real], values[sides.synthetic], has)


_distance("words_ks", "Length in words, distance", "words per text", word_counts, columns=written)
_distance(
    "sentences_ks",
    "Length in sentences, distance",
    "sentences per text",
    lambda sample, column: _sentences_and_mtld(sample, column)[0],
)
_distance(
    "grade_ks",
    "Reading grade, distance",
    f"the {_FLESCH_KINCAID} of texts of five words or more",
    grades,
    has="a text of five words or more",
)
_distance(
    "mtld_ks",
    "Vocabulary (MTLD), distance",
    "the range of words used in a text, MTLD (McCarthy & Jarvis 2010), of ten words or more",
    lambda sample, column: _sentences_and_mtld(sample, column)[1],
    has="a text of ten words or more",
)


# ------------------------------------------------------------------------------------------------ levels
_level = partial(metric, "similarity", "match", rowwise=True, one_sample=True)


@_level((0.0, math.inf), title="Words, median", source="median words a text", matters=10.0, columns=main_text)
def words_median(sample: EvalSample, sides: Comparison, column: str) -> Statistic:
    """Half of the texts have fewer words than this, half have more."""
    return mean_of(word_counts(sample, column)[sides.synthetic], "a text", np.median)


@_level(
    (-3.4, math.inf),
    title="Reading grade, mean",
    source=f"mean {_FLESCH_KINCAID}",
    matters=1.0,
    columns=main_text,
)
def grade_mean(sample: EvalSample, sides: Comparison, column: str) -> Statistic:
    """Mean Flesch–Kincaid grade: the school years a reader needs.

    Unsteady in texts under 20 words; texts under five words are left out.
    """
    return mean_of(grades(sample, column)[sides.synthetic], "a text of five words or more")


def _share(
    name: str,
    title: str,
    what: str,
    has: Callable[[EvalSample, str], Floats],
    columns: Callable[[Profile], Iterable[str]] = main_text,
) -> None:
    """Register the share of texts that have a feature."""

    @_level(
        name=name,
        title=title,
        explanation=f"Share of texts {what}.",
        source=f"share of texts {what}",
        matters=0.15,
        columns=columns,
        share=True,
    )
    def share(sample: EvalSample, sides: Comparison, column: str) -> Statistic:
        return mean_of(has(sample, column)[sides.synthetic], "a text")


_share(
    "title_case_share",
    "Title case",
    "Written Like This, as product names and headlines are",
    lambda sample, column: _each(sample, column, in_title_case),
    written,
)
_share(
    "exclamation_share",
    "Exclamation marks",
    "with an exclamation mark",
    lambda sample, column: _has(sample, column, "exclaims"),
)
_share(
    "question_share",
    "Question marks",
    "with a question mark",
    lambda sample, column: _has(sample, column, "asks"),
)
_share("emoji_share", "Emoji", "with an emoji", lambda sample, column: _has(sample, column, "emoji"))
_share("digit_share", "Digits", "with a digit", lambda sample, column: _each(sample, column, _has_digit))
_share(
    "lower_case_share",
    "Lower case only",
    "of over 20 characters without a capital",
    lambda sample, column: _has(sample, column, "lower case"),
)


def _has_digit(value: str) -> bool:
    return _DIGIT.search(value) is not None
