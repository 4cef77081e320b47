"""`--select`: of all rows that were accepted, keep the N that bring the set nearest to what is wanted.

The candidates are the texts as they came, the wanted ones the plan's targets: their lengths and grades, and real
texts of their topics, which go with their labels as well as real texts do. Meaning is measured with the reference's
own latent semantic space, and so with another encoder than the one an evaluation uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from syngen.config import RunConfig
from syngen.engine.information import label_information
from syngen.engine.subset import Points, choose
from syngen.plan import Plan
from syngen.store import Journal
from syngen.text.attributes import attributes
from syngen.text.embeddings.threads import one_thread
from syngen.text.words import count_words, grade
from syngen.types import Reference, Role, Value, derive, generator

ALIKE = 10  # rows to a combination of labels, at least, for its share to be kept exactly


def select_rows(journal: Journal, reference: Reference, plan: Plan, config: RunConfig) -> None:
    """Keep config.n of the rows in a journal; the others become rejected, "surplus.not_selected"."""
    main = reference.profile.main_text.name
    rows = list(journal.placed())
    texts = [values.get(main) or "" for _, _, values in rows]
    found = attributes(reference, main)
    vectors = found.encoder.encode(texts)
    grades = [grade(text) for text in texts]
    labels = _labels(reference, plan)
    with one_thread():  # the products are small and many: threads would wait for each other
        of_real, of_made = _information(
            reference, labels, found.vectors, vectors, [values for _, _, values in rows]
        )
    came = Points(
        vectors,
        np.array([count_words(text) for text in texts], float),
        np.array([np.nan if g is None else g for g in grades], float),
        of_made,
    )
    targets = plan.frame["texts"].struct.field(main)
    words, levels = (
        targets.struct.field(f).cast(float).fill_null(np.nan).to_numpy() for f in ("words", "grade")
    )
    written = ~np.isnan(words)
    models = _models(reference, plan, config)[written]
    wanted = Points(found.vectors[models], words[written], levels[written], of_real[models])
    strata = _strata(plan, labels, [index for index, _, _ in rows])
    with one_thread():
        chosen = choose(came, wanted, strata, config.n, seed=derive(config.seed, "select"))
    journal.keep([rows[i][0] for i in chosen])


def _information(
    reference: Reference,
    labels: Sequence[str],
    real: npt.NDArray[np.float32],
    made: npt.NDArray[np.float32],
    values: Sequence[Mapping[str, Value]],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """What the real rows' texts and the made ones tell of each of their labels; 0 for real rows that are held out."""
    train = reference.train
    of_real, of_made = np.zeros((len(real), len(labels))), np.zeros((len(made), len(labels)))
    for i, label in enumerate(labels):
        known, given = reference.frame[label][train].to_list(), [row[label] for row in values]
        of_real[train, i], of_made[:, i] = label_information(real[train], known, made, given)
    return of_real, of_made


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
        if len(slots) < ALIKE * len(set(zip(*more, strict=True))):
            break
        columns = more
    return list(zip(*columns, strict=True)) if columns else [()] * len(slots)


def _models(reference: Reference, plan: Plan, config: RunConfig) -> npt.NDArray[np.int64]:
    """For each slot a real row that means what its text is to mean: its donor, or another of the topic planned."""
    main = reference.profile.main_text.name
    donors = plan.frame["donor"].to_numpy().copy()
    targets = plan.frame["texts"].struct.field(main)
    if "topic" not in targets.struct.fields:
        return donors
    found = attributes(reference, main)
    topics = targets.struct.field("topic").fill_null(-1).to_numpy()
    rng = generator(config.seed, "models")
    for topic in np.unique(topics[topics >= 0]):
        other = (topics == topic) & (found.topic[donors] != topic)
        rows = reference.train[found.topic[reference.train] == topic]
        if len(rows):
            donors[other] = rng.choice(rows, int(other.sum()))
    return donors
