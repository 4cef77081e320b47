"""Which real rows a prompt shows, and how a row looks there.

Fresh rows for every group of slots and every attempt, from the train split only, like the slots in
length and in their discrete columns, without always taking the very nearest. Where the run has a strategy for
it, like the slot's own targets: of that length, that grade, that topic; and for diversity each real row about
as often as any other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from syngen.prompts.context import PromptContext
from syngen.text.attributes import attributes
from syngen.types import Reference, Role, Slot, Value, generator

POOL = 512  # rows looked at for one prompt: bounds its cost on a large reference
MOST_WORDS = 150  # of a shown text; longer ones are cut, they would crowd out the others
GRADES = 2.0  # that weigh as much as another label
TOPIC = 1.0  # what another topic weighs
STRIDE = 8  # windows overlap, and have gone round after an eighth as many slots as rows
CHANCE = 0.6  # spread of the chance added to a row's distance, in units of its terms

_KNOWN = (Role.CATEGORY, Role.ORDINAL, Role.BOOLEAN, Role.NUMBER)
_MATCHED = (Role.CATEGORY, Role.ORDINAL, Role.BOOLEAN)


class _Matched(NamedTuple):
    """What rows are matched by.

    Attributes:
        rows: Numbers of the train rows with a text.
        words: Of each row of the reference, at least 1.
        grades: Of each row; NaN where there is none.
        labels: Label columns as codes, 0 where missing, shape (columns, rows).
        scales: Ordinal columns, scaled to 0..2, so that one step of three weighs about as much as another
            label; NaN where missing.
    """

    rows: npt.NDArray[np.int64]
    words: npt.NDArray[np.int32]
    grades: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int64]
    scales: npt.NDArray[np.float64]


def choose_rows(brief: PromptContext, slots: Sequence[Slot], attempt: int) -> tuple[int, ...]:
    """Row numbers to show for these slots, the most alike last; fewer when the reference is small.

    All slots of a group get the same rows, like the row that their group stands for; where targets are wanted
    that differ, those whose targets are about the same.
    """
    first = slots[0]
    spread = "diversity" in brief.strategies
    aim = _aim(brief, first)
    return _rows_like(brief, first.index if spread else first.group, first.anchor, attempt, aim)


class _Aim(NamedTuple):
    """What the rows shown are to be like beyond labels, coarsely, so that slots nearly alike show the same ones."""

    words: float
    grade: float | None
    topic: int | None
    without: int | None  # the row whose attributes are asked for, which would be copied


def _aim(brief: PromptContext, slot: Slot) -> _Aim | None:
    """None when no strategy cares: like the anchor then."""
    target = slot.texts.get(brief.reference.profile.main_text.name)
    if target is None or not brief.strategies:
        return None
    words = float(round(2 ** (round(2 * math.log2(target.words)) / 2)))
    graded = "complexity" in brief.strategies and target.grade is not None
    grade = None if not graded or target.grade is None else float(round(target.grade))
    if "diversity" not in brief.strategies:
        return _Aim(words, grade, None, None)
    return _Aim(words, grade, target.topic, slot.donor)


@lru_cache(maxsize=64)  # the slots of a group come one after the other
def _rows_like(
    brief: PromptContext, group: int, anchor: int, attempt: int, aim: _Aim | None
) -> tuple[int, ...]:
    rng = generator(brief.seed, "shown", group, attempt)
    rows, words, grades, labels, scales = _matched(brief.reference)
    spread = aim is not None and aim.topic is not None
    if len(rows) > POOL:
        rows = _turn(brief, group, attempt) if spread else np.unique(rng.choice(rows, POOL))
    length = words[anchor] if aim is None else aim.words
    distance = np.abs(np.log(words[rows] / length))
    distance += (words[rows] > MOST_WORDS) * (length <= MOST_WORDS)
    if aim is not None and aim.grade is not None:
        distance += np.nan_to_num(np.abs(grades[rows] - aim.grade) / GRADES, nan=1.0)
    if aim is not None and aim.topic is not None:
        main = brief.reference.profile.main_text.name
        distance += TOPIC * (attributes(brief.reference, main).topic[rows] != aim.topic)
        distance += len(rows) * (rows == aim.without)
    distance += (labels[:, rows] != labels[:, [anchor]]).sum(axis=0)
    distance += np.nan_to_num(np.abs(scales[:, rows] - scales[:, [anchor]]), nan=1.0).sum(axis=0)
    distance += rng.gumbel(0, CHANCE, len(rows))
    return tuple(rows[np.argsort(distance)[: brief.shown]][::-1].tolist())


def _turn(brief: PromptContext, index: int, attempt: int) -> npt.NDArray[np.int64]:
    """The rows whose turn it is: a window that goes round all rows in a random order, so that none is left out."""
    order = _order(brief)
    start = (index + 7919 * attempt) * brief.shown * STRIDE
    return order[np.arange(start, start + POOL) % len(order)]


@lru_cache(maxsize=4)
def _order(brief: PromptContext) -> npt.NDArray[np.int64]:
    return generator(brief.seed, "turns").permutation(_matched(brief.reference).rows)


def random_rows(brief: PromptContext, attempt: int) -> tuple[int, ...]:
    """Row numbers to show in native mode: fresh for every call."""
    rng = generator(brief.seed, "native", attempt)
    train = brief.reference.train
    return tuple(rng.choice(train, min(brief.shown, len(train)), replace=False).tolist())


@lru_cache(maxsize=4)
def known_columns(reference: Reference) -> tuple[str, ...]:
    """The columns that tell a writer something about the text: labels, ratings, numbers."""
    columns = reference.profile.with_role(*_KNOWN)
    return tuple(c.name for c in sorted(columns, key=lambda c: _KNOWN.index(c.role))[:6])


def known_part(reference: Reference, values: Mapping[str, Value]) -> dict[str, Any]:
    """What a prompt says of a row before its text."""
    return {name: values[name] for name in known_columns(reference) if values.get(name) is not None}


def written_part(reference: Reference, row: int) -> dict[str, str]:
    """The texts of a real row, those that it has, long ones cut at a word."""
    cells = {c.name: reference.frame[c.name][row] for c in reference.profile.written}
    return {name: cut(text) for name, text in cells.items() if text is not None}


def cut(text: str, words: int = MOST_WORDS) -> str:
    """The text, or its first words and an ellipsis."""
    head = text[: words * 12]  # bounds what has no spaces
    pieces = head.split(" ")
    if len(pieces) <= words and len(head) == len(text):
        return text
    if len(head) < len(text) and len(pieces) > 1:
        pieces.pop()  # half a word
    return " ".join(pieces[:words]) + " …"


@lru_cache(maxsize=4)
def _matched(reference: Reference) -> _Matched:
    """The rows that may be shown, and the columns in which they should be alike, as numbers."""
    main = reference.profile.main_text.name
    texts = reference.frame[main].gather(reference.train)
    labels = [np.zeros(reference.frame.height, np.int64)]  # at least one row each, to be stacked
    scales = [np.zeros(reference.frame.height)]
    for column in reference.profile.with_role(*_MATCHED):
        cells = reference.frame[column.name]
        if column.role is Role.ORDINAL and cells.dtype.is_numeric():
            numbers = cells.cast(float).fill_null(float("nan")).to_numpy()
            span = float(np.nanmax(numbers) - np.nanmin(numbers)) or 1.0
            scales.append(2 * numbers / span)
        else:
            labels.append(cells.rank("dense").fill_null(0).to_numpy().astype(np.int64))
    return _Matched(
        reference.train[(texts.fill_null("") != "").to_numpy()],
        np.maximum(reference.measures[main].words, 1),  # an emoji alone is a text, too
        reference.measures[main].grade,
        np.stack(labels),
        np.stack(scales),
    )
