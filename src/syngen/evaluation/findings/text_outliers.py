"""Find texts unlike all real ones, in meaning by their embeddings or in form by eight traits.

Both ask the same question: how many texts lie farther out than 95% of the real ones do? The traits are
learnt from the real texts, so they work in any language.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from syngen.evaluation.findings.copies import fresh
from syngen.evaluation.findings.rules import Case, Severity, name, rule
from syngen.evaluation.metrics.meaning import nearest
from syngen.text.format import capitalized, joined, part_of, percent, quoted
from syngen.text.words import style, words
from syngen.types import ColumnProfile, Finding

Vector = npt.NDArray[np.floating]
Matrix = npt.NDArray[np.float64]

_MOST = 2_000  # texts a side
_FAR = 0.05  # share of real texts that count as far from the others
_RARE = 2e-4  # a share of far texts that chance makes more often is none
_FEWEST_REAL = 40
_COMMON = 60  # most frequent words of the real texts
_FOLDS = 5
_RIDGE = 0.2  # added to the correlations, so that few texts can't make two traits one
_LEAST_SPREAD = 0.02  # of a trait that all real texts share
_NAMED_FROM = 1.0  # standard deviations from which a trait is named
_MOST_TRAITS = 3

TRAITS: Mapping[str, tuple[str, str]] = {  # what texts with a higher and a lower value have
    "length": ("more words", "fewer words"),
    "letters": ("longer words", "shorter words"),
    "capitals": ("more capital letters", "fewer capital letters"),
    "numbers": ("more numbers", "fewer numbers"),
    "common": ("more common words", "fewer common words"),
    "known": ("fewer words that no real text has", "more words that no real text has"),
    "person": ("more often the first person", "less often the first person"),
    "signs": ("more punctuation", "less punctuation"),
}


@rule("text.unlike_real")
def unlike_real(case: Case) -> Iterator[Finding]:
    """More texts far from all real ones than real texts are."""
    for column in case.written:
        own = list(fresh(case, column.name))
        real = [i for i, text in enumerate(case.plain(column.name, real=True)) if text]
        if len(real) < _FEWEST_REAL or not own:
            continue
        own = [own[i] for i in sorted(case.sample(len(own), _MOST, "unlike"))]
        real = [real[i] for i in sorted(case.sample(len(real), _MOST, "like"))]
        texts = [case.texts(column.name)[i] for i in own]
        real_texts = [case.texts(column.name, real=True)[i] for i in real]
        of_texts, of_real, deviations = _distances(texts, real_texts)
        form, meaning = _far(of_texts, of_real), []
        if case.encoder is not None:
            vectors, real_vectors = case.encoder.encode(texts), case.encoder.encode(real_texts)
            of_real_vectors = nearest(real_vectors, real_vectors, itself=True)
            meaning = _far(-nearest(vectors, real_vectors), -of_real_vectors)
        far = sorted({*form, *meaning})
        if far:
            off = deviations[form].mean(axis=0).tolist() if form else [0.0] * len(TRAITS)
            order = sorted(zip(off, TRAITS.values(), strict=True), key=lambda pair: -abs(pair[0]))
            traits = [names[by < 0] for by, names in order[:_MOST_TRAITS] if abs(by) >= _NAMED_FROM]
            farthest = max(meaning or form, key=lambda i: of_texts[i])
            yield _unlike(case, column, [own[i] for i in far], len(own), own[farthest], traits)


def _far(texts: Vector, real: Vector) -> list[int]:
    """Positions of the texts farther out than 95% of the real ones, when they are too many.

    By the rule of conformal prediction (Vovk, Gammerman & Shafer 2005) a real text would be out there in
    5 % of cases; how many of n would be follows a beta-binomial distribution, as the bound is itself only
    the distance of one of the real texts.
    """
    from scipy.stats import betabinom

    rank = max(1, int(_FAR * (len(real) + 1)))
    far = np.flatnonzero(texts > np.sort(real)[-rank]).tolist()
    chance = betabinom.sf(len(far) - 1, len(texts), rank, len(real) + 1 - rank)
    return far if chance < _RARE else []


def _unlike(
    case: Case, column: ColumnProfile, positions: list[int], of: int, farthest: int, traits: Sequence[str]
) -> Finding:
    rows = case.rows(positions)
    verb = "is" if len(rows) == 1 else "are"
    example = f"{quoted(case.texts(column.name)[farthest])} (row {case.synthetic.numbers[farthest]:,})"
    they_have = f"; they have {joined(traits)}" if traits else ""
    detail = (
        f"{capitalized(part_of(len(rows), of, 'text'))} in {name(column.name)} {verb} unlike real ones, such as"
        f" {example}{they_have}. Of real texts {percent(_FAR)} are."
    )
    severity: Severity = "error" if 2 * len(rows) >= of else "warning"
    return Finding("text.unlike_real", column.name, rows, detail, severity)


# ------------------------------------------------------------------------------------- traits
def _distances(texts: Sequence[str], real: Sequence[str]) -> tuple[Matrix, Matrix, Matrix]:
    """Squared Mahalanobis distances of texts from the real ones (Mahalanobis 1936), by cross-fitting.

    A real text is measured by the mean and the covariance of the other folds; a text under test by those
    of one fold or another, so that it has no advantage and no handicap.

    Returns:
        Distances of the texts, shape (texts,), and of the real texts, shape (real texts,), and the traits of
        the texts in standard deviations from the real mean, shape (texts, traits).
    """
    found = Counter(word for text in real for word in {w.lower() for w in words(text)})
    common = frozenset(word for word, _ in found.most_common(_COMMON))
    real_traits = np.array([_traits(text, found, common, own=True) for text in real])
    own_traits = np.array([_traits(text, found, common, own=False) for text in texts]).reshape(
        -1, len(TRAITS)
    )
    spread = np.maximum(real_traits.std(axis=0), _LEAST_SPREAD)
    center = real_traits.mean(axis=0)
    real_traits, own_traits = (real_traits - center) / spread, (own_traits - center) / spread
    folds = np.arange(len(real)) % _FOLDS
    of_real, of_texts = np.empty(len(real)), np.empty(len(texts))
    for fold in range(_FOLDS):
        learnt = real_traits[folds != fold]
        mean = learnt.mean(axis=0)
        inverse = np.linalg.inv(np.cov(learnt.T) + _RIDGE * np.eye(len(TRAITS)))
        turn = np.arange(len(texts)) % _FOLDS == fold
        for traits, into, rows in ((real_traits, of_real, folds == fold), (own_traits, of_texts, turn)):
            off = traits[rows] - mean
            into[rows] = np.einsum("ij,jk,ik->i", off, inverse, off)
    return of_texts, of_real, own_traits


def _traits(text: str, found: Counter[str], common: frozenset[str], *, own: bool) -> tuple[float, ...]:
    """The traits of a text; `own` when it is one of those whose words were counted."""
    tokens = words(text)
    count = max(1, len(tokens))
    lower = [token.lower() for token in tokens]
    later = [token for token in tokens[1:] if token[0] != "I" or (len(token) > 1 and token[1].isalpha())]
    return (
        math.log1p(len(tokens)),
        sum(map(len, tokens)) / count,
        sum(token[0].isupper() for token in later) / max(1, len(later)),
        sum(any(char.isdigit() for char in token) for token in tokens) / count,
        sum(token in common for token in lower) / count,
        sum(found[token] > own for token in lower) / count,
        float("first person" in style(text)),
        sum(not char.isalnum() and not char.isspace() for char in text) / count,
    )
