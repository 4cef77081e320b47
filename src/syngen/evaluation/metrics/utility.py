"""Scores of use: can a model be trained on synthetic rows as well as on real ones?

A classifier that tells a column from the text is trained on
synthetic rows and, beside it, on as many other real ones; both are tested on the same real rows, which
neither has seen (train on synthetic, test on real; Esteban et al. 2017). What counts is macro-F1, so
that rare classes count as much as common ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from syngen.evaluation.metrics.meaning import has_text
from syngen.evaluation.metrics.predict import classes_of, same_text, tfidf, told
from syngen.evaluation.metrics.registry import NotComputable, Statistic, metric
from syngen.evaluation.metrics.ridge import ridge
from syngen.evaluation.sample import Comparison, EvalSample, Index
from syngen.types import Profile, Role

MOST = 2_000  # rows trained and tested on
FEW_REAL = 100  # rows that synthetic ones are added to
_SAMPLES = 10  # of so few rows
_TESTED = 20  # test rows of a class that F1 is computed for
_HIGHEST = 2.0  # a ratio beyond this says no more than this

_SOURCE = "macro-F1 of training on synthetic / on real rows, tested on real rows (Esteban et al. 2017); "


def _labels(profile: Profile) -> Iterable[str]:
    return (c.name for c in profile.with_role(Role.CATEGORY, Role.ORDINAL, Role.BOOLEAN))


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    """One thing to learn.

    Attributes:
        features: Of all rows of the sample.
        stated: Class of each row.
        tested: Classes that F1 is computed for.
        test: Real rows tested on.
        real: Other real rows to train on.
        synthetic: Synthetic rows to train on, as many as real ones at most.
        place: Position in `synthetic` by position in the sides' synthetic rows, -1 for none.
    """

    features: Any
    stated: Index
    tested: Index
    test: Index
    real: Index
    synthetic: Index
    place: Index

    def score(self, train: Index) -> float:
        """Macro-F1 on the test rows after training on rows."""
        known = np.unique(self.stated[train])
        if len(known) < 2:  # nothing to tell apart: everything is taken for the one class there is
            guess = np.full(len(self.test), known[0] if len(known) else -1)
        else:
            known, decide = ridge(self.features[train], self.stated[train])
            guess = known[decide(self.features[self.test]).argmax(axis=1)]
        return macro_f1(self.stated[self.test], guess, self.tested)

    def chosen(self, positions: Index) -> Index:
        """The synthetic rows at positions of the sides."""
        place = self.place[positions]
        return self.synthetic[place[place >= 0]]


_learnt = partial(metric, "utility", "higher", columns=_labels, most=MOST, fewest=20, draws=20, resamples=10)


@_learnt(
    (0.0, _HIGHEST),
    title="Train on synthetic, test on real",
    source=_SOURCE + "linear classifier on TF-IDF",
    matters=0.5,
)
def tstr_ratio(sample: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """Macro F1 of a word classifier trained on synthetic rows, over that of one trained on real rows.

    Both are tested on real rows; 1 is as good.
    """
    found = tfidf(sample)
    return found if isinstance(found, NotComputable) else _ratio(sample, sides, column, found)


@_learnt(
    (0.0, _HIGHEST),
    title="Train on synthetic, test on real, by meaning",
    source=_SOURCE + "linear classifier on embeddings",
    matters=0.5,
)
def tstr_ratio_embedding(sample: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """Macro F1 of an embedding classifier trained on synthetic rows, over one trained on real rows.

    Both are tested on real rows; 1 is as good.
    """
    if sample.encoder is None:
        return NotComputable("there is no encoder")
    return _ratio(sample, sides, column, sample.embedding)


@_learnt(
    (-1.0, 1.0),
    title="Gain from adding",
    source="macro-F1 of training on 100 real rows and synthetic ones - on the 100 real rows alone",
    matters=0.3,
)
def augmentation_gain(sample: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """Change in macro F1 when the synthetic rows are added to 100 real ones, tested on real rows."""
    # The classifier sees embeddings; where there is no encoder, words and pairs of words.
    found = tfidf(sample)
    if isinstance(found, NotComputable):
        return found
    task = _task(sample, sides, column, sample.embedding if sample.encoder is not None else found)
    if isinstance(task, NotComputable):
        return task
    few = np.array_split(task.real, max(1, len(task.real) // FEW_REAL))[:_SAMPLES]
    alone = float(np.mean([task.score(sample) for sample in few]))  # one sample of 100 rows says little

    def over(positions: Index) -> float:
        return task.score(np.concatenate([few[0], task.chosen(positions)])) - alone

    return over


def _ratio(sample: EvalSample, sides: Comparison, column: str, features: Any) -> Statistic | NotComputable:
    task = _task(sample, sides, column, features)
    if isinstance(task, NotComputable):
        return task
    real = task.score(task.real)
    if real == 0:
        return NotComputable(f"real rows don't teach '{column}' either")

    def over(positions: Index) -> float:
        chosen = task.chosen(positions)
        return min(_HIGHEST, task.score(chosen if len(chosen) else task.synthetic) / real)

    return over


def _task(sample: EvalSample, sides: Comparison, column: str, features: Any) -> _Task | NotComputable:
    """What is trained on and tested on; equally many synthetic and real rows."""
    if isinstance(why := told(sample, column), NotComputable):
        return why
    _, stated = classes_of(sample, column)
    usable = (stated >= 0) & has_text(sample)
    test = sides.real[usable[sides.real]]
    said = same_text(sample)
    usable &= ~np.isin(said, said[test])  # who copies a test row learns nothing from it
    real, synthetic = (s[usable[s]] for s in (sides.aside, sides.synthetic))
    if not len(real):
        return NotComputable("there are no other real rows to train on")
    if not len(synthetic):
        return NotComputable(f"no synthetic row has a text and a known '{column}'")
    size = min(len(real), len(synthetic))
    tested = np.flatnonzero(np.bincount(stated[test]) >= _TESTED)
    if len(tested) < 2 or len(np.unique(stated[real[:size]])) < 2:
        return NotComputable(f"too few real rows to learn '{column}' from and to test on")
    place = np.where(usable[sides.synthetic], np.cumsum(usable[sides.synthetic]) - 1, -1)
    place[place >= size] = -1
    return _Task(features, stated, tested, test, real[:size], synthetic[:size], place)


def macro_f1(stated: Index, guess: Index, classes: Index) -> float:
    """The mean over classes of the harmonic mean of precision and recall.

    Args:
        stated: True class of each row.
        guess: Class it was taken for.
        classes: Those averaged over.
    """
    size = int(max(stated.max(), guess.max(), classes.max())) + 1
    right = np.bincount(stated[stated == guess], minlength=size)[classes]
    either = np.bincount(stated, minlength=size) + np.bincount(guess[guess >= 0], minlength=size)
    return float((2 * right / np.maximum(1, either[classes])).mean())
