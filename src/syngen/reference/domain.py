"""Describe what a table is about in a few words: its labels or the topical words of its texts."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from syngen.columns.names import means_category
from syngen.reference.roles import Reading, evenly
from syngen.text.words import words
from syngen.types import Role

_MOST_LABELS = 60
_SHOWN_LABELS = 3
_SHOWN_TERMS = 5
_TEXTS = 5_000
_NO_WORDS = re.compile(r"https?://\S+|www\.\S+|&#?\w+;")  # links and HTML entities
_COMMON = 0.5  # words in more texts than this belong to the language, not to a topic
_RARE = 0.01

# Words of the larger European languages that are frequent in any text, whatever it is about.
_GENERAL = frozenset(
    """
    the and that this with for was were are but not have has had you your they them their there here what when
    which who will would could can all any been being from into just like get got good great very really much
    more most other some than then too also about after again because before both down each even ever every
    few first going him her his how its it's i'm i've i'd don't didn't doesn't isn't wasn't can't let made make
    makes many may maybe might must need never new nice now off old one ones only our out over own put same say
    says see she should since still such sure take thing things think those these though through two under until
    use used using want way well went where while why without won't yes yet back best better big bit bought buy
    came come day days did does doing done else find found give given gone happy little long look looks lot love
    loved enough nothing whole once twice three four five six seven eight ten month months week weeks hour hours
    minute minutes later goes going getting liked left right read write per put quite right said seem seems so something still time times tried try two us work works year years
    der die das und ist nicht ein eine einen einem einer mit für auf den dem des ich sie wir ihr auch aber sich
    sehr war sind wird wie von vom zum zur noch nur mehr nach bei aus dass man oder wenn hat habe haben kann
    les des une est pas que qui dans pour sur avec plus mais très cette ces son ses nous vous ils elle elles tout
    bien fait être sont était aussi comme mon mes leur leurs par aux
    que los las una con por para del muy pero más como está esta este son sus todo todos ser fue bien sin
    che non per una con sono molto anche come più questo questa della delle dei nel alla gli
    não uma com para muito mas mais como está foi por dos das esse essa ele ela
    het een van dat niet met voor zijn ook maar heel deze door naar aan bij nog
    """.split()
)


def domain_of(frame: pl.DataFrame, readings: Mapping[str, Reading]) -> str:
    """Describe what the data is about in a few words.

    The first of: a constant label, or the labels of a column called a category or similar; the words that
    many texts share and others lack; any labels; the names of the columns.
    """
    labels = {
        series.name: _labels(series)
        for series in frame.iter_columns()
        if readings[series.name].role in (Role.CATEGORY, Role.CONSTANT) and _worded(series)
    }
    named = [own for name, own in labels.items() if means_category(name)]
    if named:
        return _shown(min(named, key=lambda labels: len(labels) > 1))
    texts = [frame[name] for name, reading in readings.items() if reading.role is Role.TEXT]
    titles = [frame[name] for name, reading in readings.items() if reading.role is Role.TITLE]
    if terms := _terms(texts or titles):
        return "terms: " + ", ".join(terms)
    return _shown(next(iter(labels.values()))) if labels else ", ".join(map(_humanised, frame.columns[:5]))


def _worded(series: pl.Series) -> bool:
    """Whether a column contains labels that are words, and not too many."""
    values = series.drop_nulls().unique() if series.dtype == pl.String else series.head(0)
    return 0 < len(values) <= _MOST_LABELS and bool(
        values.str.contains(r"^(?:\p{L}[^\[\]{}\d]{2,60}|[^\x00-\x7f]{2,})$").all()
    )


def _labels(series: pl.Series) -> list[str]:
    counts = Counter(series.drop_nulls())
    return [_humanised(label) for label in sorted(counts, key=lambda label: (-counts[label], label))]


def _humanised(label: str) -> str:
    return re.sub(r"[_\s]+", " ", label).strip()


def _shown(labels: Sequence[str]) -> str:
    between = "; " if "," in "".join(labels) else ", "
    return between.join(labels[:_SHOWN_LABELS]) + (" and others" if len(labels) > _SHOWN_LABELS else "")


def _terms(texts: Iterable[pl.Series]) -> list[str]:
    """The words that repeat within the texts that have them: the highest √df · residual IDF.

    Residual IDF (Church & Gale 1995) is how much rarer a word is, counted in texts, than it would be if
    its occurrences fell anywhere. Topical words stay within their texts, general words do not.
    Where texts are too short for that, the highest df · log(N / df).
    """
    texts_with: Counter[str] = Counter()  # df
    counts: Counter[str] = Counter()
    rows = 0  # N
    for series in texts:
        sample = evenly(series.drop_nulls(), _TEXTS)
        rows = max(rows, len(sample))
        for value in sample:
            tokens = words(_NO_WORDS.sub(" ", value[:5_000].lower()))
            texts_with.update(set(tokens))
            counts.update(tokens)
    inverse = {
        word: math.log(rows / df)
        for word, df in texts_with.items()
        if max(1, _RARE * rows) < df <= _COMMON * rows
        and len(word) > 2
        and word.isalpha()
        and word not in _GENERAL
    }
    residual = {word: idf + math.log(-math.expm1(-counts[word] / rows)) for word, idf in inverse.items()}
    topical = {word: math.sqrt(texts_with[word]) * rest for word, rest in residual.items() if rest > 0.01}
    if len(topical) < _SHOWN_TERMS:
        topical = {word: texts_with[word] * idf for word, idf in inverse.items()}
    return sorted(topical, key=lambda word: (-topical[word], word))[:_SHOWN_TERMS]
