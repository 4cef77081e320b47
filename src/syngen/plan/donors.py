"""Draw the real rows whose structure the slots take: a stratified draw, in the order of the plan.

Systematic sampling of the sorted rows (Madow 1944): sorted by their discrete columns and the length of
their text, every (rows / N)-th row is taken from a random start. Each real row is drawn floor(N / rows)
or ceil(N / rows) times, and every stratum gets its share to within one row: the distributions of the
plan are closer to the real ones than those of a random sample could be. Rows without a text are strata of their
own, so that their share is kept, too. Similar rows come out together, in groups.

With as much diversity as real, a slot takes the topic and the attributes of its donor too, which keeps them together
with rating, length and grade. Otherwise these are drawn anew within the same labels, so that common topics become
rarer, or more common: a topic with the share p of the real texts gets p to the power of `evenness`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen.controls import MIDDLE
from syngen.errors import ReferenceError as BadReference
from syngen.text.format import listed
from syngen.types import Reference, Role

Rows = npt.NDArray[np.int64]

SIMILAR = 2.0  # largest factor between the lengths of similar texts
GROUP = 4  # slots that show the same real rows: read once by the model, and similar rows profit most
CONCENTRATED = 3.0  # the power of shares at diversity 0


def draw_donors(
    reference: Reference, n: int, rng: np.random.Generator, *, only_with_text: bool = False
) -> tuple[Rows, Rows, Rows]:
    """Draw n row numbers from the train split, in groups of at most `GROUP` similar rows.

    Similar rows have the same labels and about the same length; a row without any text is a group of its own. Groups come in random order, so that the first
    rows of a plan already look like all of it.

    Returns:
        Row numbers of the reference; the number of the group each is in, in the order of the plan; and
        the row number its group stands for. Shape (n,) each.

    Args:
        only_with_text: Draw only from rows that have the main text.

    Raises:
        ReferenceError: Only rows with a text are wanted, and no train row has one.
    """
    rows, kinds = _sorted_rows(reference, train_with_text(reference) if only_with_text else reference.train)
    picks = ((rng.random() + np.arange(n)) * (len(rows) / n)).astype(np.int64)
    picks = np.minimum(picks, len(rows) - 1)
    begins = np.concatenate([[True], (kinds[:, picks[1:]] != kinds[:, picks[:-1]]).any(axis=0)])
    begins |= _places(begins) % GROUP == 0
    begins |= ~to_write(reference)[rows[picks]]
    anchors = rows[picks[begins]]
    groups = np.cumsum(begins) - 1
    places = rng.permutation(len(anchors))[groups]
    order = np.argsort(places, kind="stable")
    return rows[picks[order]], places[order], anchors[groups[order]]


def has_text(reference: Reference, name: str) -> npt.NDArray[np.bool_]:
    """Return which rows have a text in a column, even one without words, shape (rows,)."""
    return (reference.frame[name].fill_null("") != "").to_numpy()


def to_write(reference: Reference) -> npt.NDArray[np.bool_]:
    """Return which rows have any text, shape (rows,)."""
    texts = [has_text(reference, column.name) for column in reference.profile.written]
    return np.any(texts, axis=0) if texts else np.zeros(reference.frame.height, bool)


def train_with_text(reference: Reference) -> Rows:
    """Return the numbers of the train rows that have the main text.

    Raises:
        ReferenceError: There is none, or no column for a model to write.
    """
    main = reference.profile.main
    if not main:
        names = listed([c.name for c in reference.profile.columns], most=20)
        raise BadReference(
            f"{reference.source} has no text column to write (columns: {names}).",
            "Name one with --text-column.",
        )
    rows = reference.train[has_text(reference, main)[reference.train]]
    if not len(rows):
        raise BadReference(
            f"{reference.source}: column '{main}' is empty in every row to plan from.",
            "Name the column that holds the text with --text-column.",
        )
    return rows


def labels(reference: Reference) -> Rows:
    """Number the combinations of labels (booleans, ordinals, categories) of each row, shape (rows,)."""
    codes = _label_codes(reference, np.arange(reference.frame.height))
    if not codes:
        return np.zeros(reference.frame.height, np.int64)
    return np.unique(np.stack(codes), axis=1, return_inverse=True)[1].reshape(-1)


def turns(donors: Rows) -> Rows:
    """Count for each position how often its donor came before: [7, 3, 7] gives [0, 0, 1]."""
    return pl.DataFrame({"donor": donors}).select(pl.int_range(pl.len()).over("donor")).to_series().to_numpy()


def _places(begins: npt.NDArray[np.bool_]) -> Rows:
    """Count each position from the last true one: [1, 0, 0, 1] gives [0, 1, 2, 0]."""
    index = np.arange(len(begins))
    return index - np.maximum.accumulate(np.where(begins, index, 0))


def _sorted_rows(reference: Reference, rows: Rows) -> tuple[Rows, npt.NDArray[Any]]:
    """Sort rows by kind, shape (rows,); return them and their kinds, shape (k, rows)."""
    main = reference.profile.main
    words, texts = np.ones(len(rows), np.int32), np.zeros(len(rows), bool)
    if main:
        words, texts = np.maximum(reference.measures[main].words[rows], 1), has_text(reference, main)[rows]
    others = [has_text(reference, c.name)[rows] for c in reference.profile.written if c.name != main]
    patterns = np.unique(np.stack(others), axis=1, return_inverse=True)[1].reshape(-1) if others else texts
    sizes = np.floor(np.log(words) / np.log(SIMILAR))
    kinds: list[npt.NDArray[Any]] = [sizes, patterns, *_label_codes(reference, rows), texts]
    order = np.lexsort([words, *kinds])  # sorts by its last key first: fewest values last
    return rows[order], np.stack(kinds)[:, order]


def _label_codes(reference: Reference, rows: Rows) -> list[npt.NDArray[np.float64]]:
    """Label columns of some rows as numbers, the one with the most values first; 0 where missing."""
    strata = reference.profile.with_role(Role.BOOLEAN, Role.ORDINAL, Role.CATEGORY)
    ordered = sorted(strata, key=lambda c: -c.distinct)
    cells = (reference.frame[column.name].gather(rows) for column in ordered)
    return [c.rank("dense").fill_null(0).to_numpy().astype(np.float64) for c in cells]


def evenness(level: float) -> float:
    """Return the power that shares are raised to: 1 at a diversity of .5, 0 (all equally common) at 1, 3 at 0."""
    return 2 * (1 - level) if level >= MIDDLE else 1 + (CONCENTRATED - 1) * 2 * (MIDDLE - level)


def attribute_donors(
    reference: Reference, donors: Rows, topics: Rows, level: float, rng: np.random.Generator
) -> Rows:
    """Draw for each donor a train row with the same labels and a text, by how common its topic is.

    Args:
        donors: Row numbers, shape (n,), of rows that have the main text.
        topics: The topic of every row of the reference; -1 where there is none.
        level: Of diversity.

    Returns:
        Row numbers, shape (n,); at a diversity of .5 the donors.
    """
    if level == MIDDLE:
        return donors
    rows = train_with_text(reference)
    weights = reweighted(topics[rows], level)
    of_row = labels(reference)
    sources = donors.copy()
    for label in np.unique(of_row[donors]):
        slots = np.flatnonzero(of_row[donors] == label)
        same = of_row[rows] == label
        picks = systematic(weights[same], len(slots), rng)
        sources[slots] = rng.permutation(rows[same][picks])
    return sources


def redraw(values: Sequence[str], level: float, rng: np.random.Generator) -> list[str]:
    """Draw the same values with other shares: common ones rarer, or more common; unchanged at .5."""
    if level == MIDDLE or not values:
        return list(values)
    codes = np.unique(np.array(values), return_inverse=True)[1]
    picks = systematic(reweighted(codes, level), len(values), rng)
    return [values[i] for i in rng.permutation(picks)]


def reweighted(codes: Rows, level: float) -> npt.NDArray[np.float64]:
    """Probability of each item that gives its code the share p ** evenness instead of p; sums to 1."""
    _, at, counts = np.unique(codes, return_inverse=True, return_counts=True)
    weights = (counts / counts.sum())[at] ** (evenness(level) - 1)
    normalised: npt.NDArray[np.float64] = weights / weights.sum()
    return normalised


def systematic(weights: npt.NDArray[np.float64], n: int, rng: np.random.Generator) -> Rows:
    """Draw n positions, each drawn as often as its probability says, to within one (Madow 1949)."""
    points = (rng.random() + np.arange(n)) / n
    reached = np.cumsum(weights) / weights.sum()
    return np.minimum(np.searchsorted(reached, points), len(weights) - 1)
