"""`--select`: of all rows that were accepted, keep the N that bring the set closest to the plan's targets.

The targets are the lengths and grades of the plan, and real texts of its topics, which go with their labels as well
as real texts do. Meaning is measured with the reference's own latent semantic space, and so with another encoder
than the one an evaluation uses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from syngen.config import RunConfig
from syngen.engine.subset import choose, quotas, scaled
from syngen.store import Journal
from syngen.text.attributes import attributes
from syngen.text.embeddings.latent import one_thread
from syngen.text.words import count_words, grade
from syngen.types import Plan, Reference, Role, Value, derive, generator

# Rows of a combination of labels for its share to be kept exactly, and real texts of a label to learn it.
FEWEST = 10
FOLDS = 5
MOST_LABELS = 50  # of one column; columns with more are left out
Placed = tuple[int, int, Mapping[str, Value]]  # an accepted row, as a journal gives it
LEAST = -3.0  # nats: a text that can't be of its label counts no less than one that is hardly so


def select_rows(journal: Journal, reference: Reference, plan: Plan, config: RunConfig) -> None:
    """Keep config.n of the rows in a journal; the others become rejected, "surplus.not_selected".

    As large a share of them as in the plan has the main text. Of rows without it each combination of labels keeps
    its share; those with it are chosen by their texts.
    """
    main, labels = reference.profile.main, _labels(reference, plan)
    placed = list(journal.placed())
    rows = [row for row in placed if row[2].get(main)]
    others = [row for row in placed if not row[2].get(main)]
    most = min(len(rows), _share(plan, main, config.n))
    n = max(most, config.n - len(others))
    kept = _spread(others, _strata(plan, labels, [index for index, _, _ in others]), config.n - n)
    if n:
        kept += _chosen_texts(rows, labels, reference, plan, config, n)
    journal.keep(kept)


def has_enough(journal: Journal, plan: Plan, n: int) -> bool:
    """Whether enough rows that a model wrote are there for n rows with the shares of the plan."""
    written = np.flatnonzero(plan.to_write)
    return len(journal.filled().intersection(written.tolist())) >= round(n * len(written) / len(plan))


def _share(plan: Plan, main: str, n: int) -> int:
    """How many of n rows have the main text, by the plan."""
    planned = int(plan.targets(main)["words"].is_not_nan().sum()) if main else 0
    return round(n * planned / len(plan))


def _spread(rows: Sequence[Placed], strata: Sequence[tuple[Value, ...]], n: int) -> list[int]:
    """Take the first rows of each stratum, n in all, and return their positions in the run."""
    left = quotas(strata, n) if n else {}
    kept = []
    for (index, _, _), stratum in zip(rows, strata, strict=True):
        if left.get(stratum, 0):
            left[stratum] -= 1
            kept.append(index)
    return kept


def _chosen_texts(
    rows: Sequence[Placed],
    labels: Sequence[str],
    reference: Reference,
    plan: Plan,
    config: RunConfig,
    n: int,
) -> list[int]:
    """Choose n of some rows by their texts, and return their positions in the run."""
    main = reference.profile.main
    texts = [values[main] for _, _, values in rows]
    grades = [grade(text) for text in texts]
    found = attributes(reference, main)
    vectors = found.encoder.encode(texts)
    of_real, of_rows = np.zeros((len(found.vectors), len(labels))), np.zeros((len(rows), len(labels)))
    train = reference.train  # texts of other rows are no targets
    targets = plan.targets(main)
    written = ~np.isnan(targets["words"].to_numpy())
    sources = _sources(reference, plan, targets["topic"].to_numpy(), config)[written]
    with one_thread():  # the products are small and many: threads would wait for each other
        for i, label in enumerate(labels):
            known, given = reference.frame[label][train].to_list(), [values[label] for _, _, values in rows]
            of_real[train, i], of_rows[:, i] = label_information(found.vectors[train], known, vectors, given)
        candidates, aims = scaled(
            (
                vectors,
                np.array([count_words(text) for text in texts], float),
                np.array([np.nan if level is None else level for level in grades], float),
                of_rows,
            ),
            (
                found.vectors[sources],
                targets["words"].to_numpy()[written],
                targets["grade"].to_numpy()[written],
                of_real[sources],
            ),
        )
        strata = _strata(plan, labels, [index for index, _, _ in rows])
        kept = choose(candidates, aims, strata, n, seed=derive(config.seed, "select"))
    return [rows[i][0] for i in kept]


def _labels(reference: Reference, plan: Plan) -> list[str]:
    """The label columns that are planned, those with the fewest values first."""
    planned = plan.values().columns
    labels = reference.profile.with_role(Role.BOOLEAN, Role.ORDINAL, Role.CATEGORY)
    return [column.name for column in sorted(labels, key=lambda c: c.distinct) if column.name in planned]


def _strata(plan: Plan, labels: Sequence[str], slots: list[int]) -> list[tuple[Value, ...]]:
    """The labels whose shares are kept: the first of them, while about ten rows have the same."""
    values = plan.values()
    columns: list[list[Value]] = []
    for name in labels:
        more = [*columns, values[name].gather(slots).to_list()]
        if len(slots) < FEWEST * len(set(zip(*more, strict=True))):
            break
        columns = more
    return list(zip(*columns, strict=True)) if columns else [()] * len(slots)


def _sources(
    reference: Reference, plan: Plan, topics: npt.NDArray[np.int64], config: RunConfig
) -> npt.NDArray[np.int64]:
    """For each slot a real row whose text has the topic planned: its donor, or another."""
    sources = plan.frame["donor"].to_numpy().copy()
    found = attributes(reference, reference.profile.main)
    rng = generator(config.seed, "models")
    for topic in np.unique(topics[topics >= 0]):
        other = (topics == topic) & (found.topic[sources] != topic)
        rows = reference.train[found.topic[reference.train] == topic]
        if len(rows):
            sources[other] = rng.choice(rows, int(other.sum()))
    return sources


def label_information(
    real: npt.NDArray[np.float32],
    real_labels: Sequence[Value],
    synthetic: npt.NDArray[np.float32],
    synthetic_labels: Sequence[Value],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Measure how much texts say about the labels of their rows: pointwise V-information, (n,) and (m,) in nats.

    A linear discriminant analysis (Fisher 1936, with the shrinkage of Ledoit and Wolf 2004) learns from real texts
    which labels they have. The information of a text on a label is log p(label | text) − log p(label) (Ethayarajh,
    Choi and Swayamdipta 2022): below 0 for a text that speaks against its label. Real texts are judged by
    classifiers that did not learn from them, so that synthetic texts are expected to have as much, not more.
    0 where a label is absent or rare, and everywhere when fewer than two labels or more than `MOST_LABELS` are left.

    Args:
        real: Vectors of real texts (n, d).
        real_labels: Theirs, n of them.
        synthetic: Vectors of synthetic texts (m, d).
        synthetic_labels: The labels of their rows, m of them.
    """
    of_real, of_synthetic = np.zeros(len(real)), np.zeros(len(synthetic))
    common = [label for label, n in Counter(real_labels).items() if label is not None and n >= FEWEST]
    if not 2 <= len(common) <= MOST_LABELS:
        return of_real, of_synthetic
    number = {label: i for i, label in enumerate(sorted(common, key=str))}
    known = np.array([number.get(label, -1) for label in real_labels])
    rows = np.argsort(known, kind="stable")[(known < 0).sum() :]  # by label, so that each is in every fold
    for fold in range(FOLDS):
        out, others = rows[fold::FOLDS], np.delete(rows, np.s_[fold::FOLDS])
        of_real[out] = _information(real[others], known[others], real[out], known[out])
    asked = np.array([number.get(label, -1) for label in synthetic_labels], int)
    labelled = np.flatnonzero(asked >= 0)
    of_synthetic[labelled] = _information(real[rows], known[rows], synthetic[labelled], asked[labelled])
    return of_real, of_synthetic


def _information(
    vectors: npt.NDArray[np.float32],
    labels: npt.NDArray[np.int64],
    asked: npt.NDArray[np.float32],
    asked_labels: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    """Information of some texts on their labels, to a classifier that learns from others."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    if not len(asked):
        return np.zeros(0)
    classifier = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    classifier.fit(vectors.astype(np.float64), labels)
    scores = classifier.predict_log_proba(asked.astype(np.float64)) - np.log(classifier.priors_)
    own = np.searchsorted(classifier.classes_, asked_labels)
    information: npt.NDArray[np.float64] = np.maximum(scores[np.arange(len(own)), own], LEAST)
    return information
