"""What a classifier trained on real rows takes each text for, cross-fitted: no row is judged by a model that saw it.

A sample and a discrete column in, the predictions for all its rows out, made once. Real rows are judged by
the model trained on the other folds, synthetic ones by one of the same models, so that both are judged
after training on equally many rows. The words of the sample as TF-IDF features are made here too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from syngen.evaluation.metrics.privacy import words_of
from syngen.evaluation.metrics.ridge import ridge
from syngen.evaluation.metrics.statistic import NotComputable, require
from syngen.evaluation.sample import EvalSample, Floats, Index, kept
from syngen.text.words import words
from syngen.types import generator

FOLDS = 5
FEWEST = 5  # real rows of a class
MOST_CLASSES = 50  # the most common ones
MOST_TRAINED = 8_000  # rows a model is trained on
MOST_WITH_VECTORS = 4_000  # of more rows, words alone predict as well, and much faster
MOST_FEATURES = 50_000
_TELLS = 0.1  # of the way from guessing to always right, from which texts are said to predict a column
_SURE = 3.0  # standard errors above guessing


@dataclass(frozen=True, slots=True, eq=False)
class Predicted:
    """What the texts of a sample were taken for."""

    classes: tuple[str, ...]  # the labels distinguished, the most common first
    stated: Index  # class that each row's cell states, -1 for none of them, shape (rows,)
    guess: Index  # class its text was taken for, -1 where there is no text, shape (rows,)
    # Of each class, shape (rows, classes); zeros where there is no text.
    probability: npt.NDArray[np.float32]
    recognised: Floats  # share of the real rows of each class that is recognised, shape (classes,)
    reliable: bool  # whether its mean is clearly more than guessing gives

    @property
    def balanced(self) -> float:
        """Mean over classes of the share of real rows recognised."""
        return float(self.recognised.mean())

    @property
    def hit(self) -> Floats:
        """1 where the text was taken for what the cell states, else 0; NaN without text or known class."""
        known = (self.stated >= 0) & (self.guess >= 0)
        return np.where(known, (self.stated == self.guess).astype(np.float64), np.nan)

    @property
    def skill(self) -> float:
        """How far from guessing (0) to always right (1), averaged over classes."""
        chance = 1 / len(self.classes)
        return (self.balanced - chance) / (1 - chance)


@kept
def same_text(sample: EvalSample) -> Index:
    """A number for each row that rows share whose texts say the same, shape (rows,)."""
    numbers: dict[str, int] = {}
    said = [numbers.setdefault(text, len(numbers)) for text in words_of(sample).plain]
    return np.array(said, dtype=np.intp)


def reliably_predicted(sample: EvalSample, column: str) -> Predicted:
    """The same where the text of real rows tells the column, and the synthetic rows have it."""
    require(sample, column)
    require(sample, sample.main)
    predicted = predict(sample, column)
    if not predicted.reliable:
        raise NotComputable(
            f"the text of real rows doesn't tell '{column}': {predicted.balanced:.0%} recognised,"
            f" guessing gives {1 / len(predicted.classes):.0%}"
        )
    return predicted


def classes_of(sample: EvalSample, column: str) -> tuple[tuple[str, ...], Index]:
    """The labels of a column that enough real rows with a text have, and each row's place among them, or -1."""
    codes, labels = sample.codes(column)
    written = sample.written[: sample.real]
    counts = np.bincount(codes[: sample.real][written], minlength=len(labels))
    counts[[i for i, label in enumerate(labels) if not label]] = 0
    order = np.argsort(-counts, kind="stable")[:MOST_CLASSES]
    kept = order[counts[order] >= FEWEST]
    place = np.full(len(labels), -1, dtype=np.intp)
    place[kept] = np.arange(len(kept))
    return tuple(labels[i] for i in kept), place[codes]


@kept
def tfidf(sample: EvalSample) -> Any:
    """TF-IDF of words and pairs of words of the main texts: a CSR matrix."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    if not sample.main:
        raise NotComputable("the table has no text column")
    made = TfidfVectorizer(
        tokenizer=words,
        token_pattern=None,
        ngram_range=(1, 2),
        min_df=2,
        sublinear_tf=True,
        max_features=MOST_FEATURES,
        dtype=np.float32,
    )
    try:
        return made.fit_transform(sample.texts()).tocsr()
    except ValueError:  # how scikit-learn says that nothing is left to count
        raise NotComputable("no word occurs in two texts") from None


@kept
def predict(sample: EvalSample, column: str) -> Predicted:
    """Predict a discrete column from the main text, for all rows, made once.

    The classifier is a linear one with a squared loss (ridge) on TF-IDF features, and on the embedding
    where there are few rows; classes weigh alike. It recognises rare classes better than logistic
    regression does, in a fraction of the time.

    Args:
        sample: All rows.
        column: A category, an ordinal or a boolean.
    """
    from scipy import sparse

    features = tfidf(sample)
    classes, stated = classes_of(sample, column)
    if len(classes) < 2:
        raise NotComputable(f"'{column}' has fewer than two labels with {FEWEST} real rows")
    fold = _folds(sample, stated)
    written = np.asarray(features.getnnz(axis=1) > 0)
    rows = np.flatnonzero(written[: sample.real] & (stated[: sample.real] >= 0))
    if sample.encoder is not None and len(rows) <= MOST_WITH_VECTORS:
        features = sparse.hstack([features, sparse.csr_matrix(sample.embedding)], format="csr")
    scores = np.zeros((len(sample), len(classes)))
    for number in range(FOLDS):
        train = rows[fold[rows] != number]
        train = generator(0, "trained", number).permutation(train)[:MOST_TRAINED]
        if len(np.unique(stated[train])) < 2:
            raise NotComputable(f"too few different texts to learn '{column}' from")
        judged = np.flatnonzero(written & (fold == number))
        if len(judged):
            known, decide = ridge(features[train], stated[train])
            decided = decide(features[judged])
            scores[judged] = decided.min() - 1  # a class the model never saw stays far below the others
            scores[np.ix_(judged, known)] = decided
    guess = np.where(written, scores.argmax(axis=1), -1)
    probability = _probabilities(scores, rows, stated)
    probability[~written] = 0
    counts = np.maximum(1, np.bincount(stated[rows], minlength=len(classes)))
    right = np.bincount(stated[rows][stated[rows] == guess[rows]], minlength=len(classes)) / counts
    chance, error = 1 / len(classes), float(np.sqrt((right * (1 - right) / counts).sum())) / len(classes)
    reliable = float(right.mean()) - chance > max(_TELLS * (1 - chance), _SURE * error)
    return Predicted(classes, stated, guess, probability, right, reliable)


def _folds(sample: EvalSample, stated: Index) -> Index:
    """Which model judges each row: rows with equal texts the same one, classes spread evenly."""
    said = same_text(sample)
    fold = np.arange(len(sample)) - sample.real  # synthetic rows take turns
    _, first, group = np.unique(said[: sample.real], return_index=True, return_inverse=True)
    shuffled = generator(0, "folds").permutation(len(first))
    dealt = shuffled[np.argsort(stated[first][shuffled], kind="stable")]
    of_group = np.empty(len(first), dtype=np.intp)
    of_group[dealt] = np.arange(len(first))
    fold[: sample.real] = of_group[group]
    # A synthetic row that repeats a real text goes to the model that did not see that text.
    by_text = dict(zip(said[: sample.real].tolist(), fold[: sample.real].tolist(), strict=True))
    for row, text in enumerate(said[sample.real :].tolist(), start=sample.real):
        fold[row] = by_text.get(text, fold[row])
    return fold % FOLDS


def _probabilities(scores: Floats, rows: Index, stated: Index) -> npt.NDArray[np.float32]:
    """Softmax of the scores, as steep as makes the real rows most likely (temperature; Guo et al. 2017)."""
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax, softmax

    at, share = stated[rows], np.bincount(stated[rows], minlength=scores.shape[1])
    weights = 1 / share[at]  # classes weigh alike, as in training

    def loss(steepness: float) -> float:
        likely = log_softmax(scores[rows] * np.exp(steepness), axis=1)[np.arange(len(rows)), at]
        return float(-(weights * likely).sum())

    steep = np.exp(minimize_scalar(loss, bounds=(-2.0, 4.0), method="bounded", options={"xatol": 0.05}).x)
    probability: npt.NDArray[np.float32] = softmax(scores * steep, axis=1).astype(np.float32)
    return probability
