"""`--select`: of all rows that were accepted, keep the N that bring the set closest to the plan's targets.

The targets are the lengths and grades of the plan, and real texts of its topics, which go with their labels as well
as real texts do. Meaning is measured with the reference's own latent semantic space, and so with another encoder
than the one an evaluation uses.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from syngen.config import RunConfig
from syngen.engine.information import label_information
from syngen.engine.subset import choose, scaled
from syngen.store import Journal
from syngen.text.attributes import attributes
from syngen.text.embeddings.latent import one_thread
from syngen.text.words import count_words, grade
from syngen.types import Plan, Reference, Role, Value, derive, generator

FEWEST = 10  # rows of a combination of labels for its share to be kept exactly


def select_rows(journal: Journal, reference: Reference, plan: Plan, config: RunConfig) -> None:
    """Keep config.n of the rows in a journal; the others become rejected, "surplus.not_selected"."""
    main = reference.profile.main_text.name
    rows = list(journal.placed())
    texts = [values.get(main) or "" for _, _, values in rows]
    grades = [grade(text) for text in texts]
    found = attributes(reference, main)
    vectors = found.encoder.encode(texts)
    labels = _labels(reference, plan)
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
        kept = choose(candidates, aims, strata, config.n, seed=derive(config.seed, "select"))
    journal.keep([rows[i][0] for i in kept])


def _labels(reference: Reference, plan: Plan) -> list[str]:
    """The label columns that are planned, those with the fewest values first."""
    planned = plan.values().columns
    labels = reference.profile.with_role(Role.BOOLEAN, Role.ORDINAL, Role.CATEGORY)
    return [column.name for column in sorted(labels, key=lambda c: c.distinct) if column.name in planned]


def _strata(plan: Plan, labels: list[str], slots: list[int]) -> list[tuple[Value, ...]]:
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
    found = attributes(reference, reference.profile.main_text.name)
    rng = generator(config.seed, "models")
    for topic in np.unique(topics[topics >= 0]):
        other = (topics == topic) & (found.topic[sources] != topic)
        rows = reference.train[found.topic[reference.train] == topic]
        if len(rows):
            sources[other] = rng.choice(rows, int(other.sum()))
    return sources
