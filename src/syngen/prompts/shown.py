"""Choose the real rows that a prompt shows, and format them.

Fresh rows for every group of slots and every attempt, from the train split only, similar to the slots in length and
in their discrete columns, without always taking the very nearest. With strategies, similar to the slot's own targets:
length, grade, topic; with diversity, each real row is shown about as often as any other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen.prompts.context import PromptContext, per_context
from syngen.text.attributes import attributes
from syngen.types import Reference, Role, Slot, Value, generator, per_reference

POOL = 512  # rows considered for one prompt: bounds its cost on a large reference
MOST_WORDS = 150  # of a shown text; longer ones are cut, they would crowd out the others
GRADES = 2.0  # that weigh as much as another label
TOPIC = 1.0  # what another topic weighs
OTHER_TEXTS = 2.0  # what a text weighs that one row has and the other lacks, such as a title
STRIDE = 8  # windows overlap, and have gone round after an eighth as many slots as rows
CHANCE = 0.6  # scale of the noise added to a row's distance, in units of its terms

_MATCHED = (Role.CATEGORY, Role.ORDINAL, Role.BOOLEAN)


def choose_rows(context: PromptContext, slots: Sequence[Slot], attempt: int) -> tuple[int, ...]:
    """Choose the row numbers to show for some slots, the most similar last; fewer when the reference is small.

    All slots of a group get the same rows, similar to the anchor of their group; with strategies, slots whose
    targets are about the same do, and with "diversity" each slot gets its own.
    """
    slot = slots[0]
    target = slot.texts.get(context.main)
    if target is None or not context.strategies:
        return _similar_rows(context, slot.group, slot.anchor, attempt)
    half_steps = round(2 * math.log2(target.words))  # coarse, so that slots share their rows
    words = float(round(2 ** (half_steps / 2)))
    graded = "complexity" in context.strategies and target.grade is not None
    level = None if not graded or target.grade is None else float(round(target.grade))
    if "diversity" not in context.strategies:
        return _similar_rows(context, slot.group, slot.anchor, attempt, words, level)
    one = context, slot.index, slot.anchor, attempt, words, level
    return _similar_rows(*one, topic=target.topic, without=slot.donor)


@per_context
def _similar_rows(
    context: PromptContext,
    group: int,
    anchor: int,
    attempt: int,
    length: float | None = None,
    level: float | None = None,
    topic: int | None = None,
    without: int | None = None,
) -> tuple[int, ...]:
    """Rows with the labels of the anchor and, where given, this length, grade and topic.

    Args:
        without: The row whose attributes are requested, which would be copied.
    """
    rng = generator(context.seed, "shown", group, attempt)
    rows, texts, labels, scales = _matched(context.reference, context.known)
    measured = context.reference.measures[context.main]
    if len(rows) > POOL:
        rows = np.unique(rng.choice(rows, POOL)) if topic is None else _turn(context, group, attempt)
    words = np.maximum(measured.words[rows], 1)  # an emoji alone is a text, too
    length = max(1, measured.words[anchor]) if length is None else length
    distance = np.abs(np.log(words / length))
    distance += (words > MOST_WORDS) * (length <= MOST_WORDS)
    distance += OTHER_TEXTS * (texts[:, rows] != texts[:, [anchor]]).sum(axis=0)
    if level is not None:
        distance += np.nan_to_num(np.abs(measured.grade[rows] - level) / GRADES, nan=1.0)
    if topic is not None:
        distance += TOPIC * (attributes(context.reference, context.main).topic[rows] != topic)
        distance += len(rows) * (rows == without)
    distance += (labels[:, rows] != labels[:, [anchor]]).sum(axis=0)
    distance += np.nan_to_num(np.abs(scales[:, rows] - scales[:, [anchor]]), nan=1.0).sum(axis=0)
    distance += rng.gumbel(0, CHANCE, len(rows))
    nearest = rows[np.argsort(distance)]
    firsts = np.sort(np.unique(_same_text(context.reference)[nearest], return_index=True)[1])
    return tuple(nearest[firsts[: context.shown]][::-1].tolist())


@per_reference
def _same_text(reference: Reference) -> npt.NDArray[np.int64]:
    """A number for each row, the same for rows whose texts say the same, so that a prompt shows one of them."""
    main = reference.profile.main
    others = [c.name for c in reference.profile.written if c.name != main]
    titles = pl.concat_str(others, separator="\0", ignore_nulls=True) if others else pl.lit("")
    texts = reference.frame.select(pl.coalesce(pl.col(main), titles).str.to_lowercase().str.strip_chars())
    return texts.to_series().rank("dense").fill_null(0).to_numpy().astype(np.int64)


def _turn(context: PromptContext, index: int, attempt: int) -> npt.NDArray[np.int64]:
    """The rows whose turn it is: a window that rotates through all rows in a random order, so that none is left out."""
    order = _order(context.reference, context.seed)
    start = (index + 7919 * attempt) * context.shown * STRIDE
    return order[np.arange(start, start + POOL) % len(order)]


@per_reference
def _order(reference: Reference, seed: int) -> npt.NDArray[np.int64]:
    return generator(seed, "turns").permutation(_matched(reference, ())[0])


def random_rows(context: PromptContext, attempt: int) -> tuple[int, ...]:
    """Choose the row numbers to show in native mode: fresh ones for every call, one of them with a text at least."""
    rng = generator(context.seed, "native", attempt)
    written = _matched(context.reference, ())[0]
    train = written if context.only_with_text else context.reference.train
    rows = rng.choice(train, min(context.shown, len(train)), replace=False)
    if len(written) and not np.isin(rows, written).any():
        rows[-1] = rng.choice(written)
    return tuple(rows.tolist())


def known_part(columns: Sequence[str], values: Mapping[str, Value]) -> dict[str, Any]:
    """Return what a prompt states of a row before its text."""
    return {name: values[name] for name in columns if values.get(name) is not None}


def written_part(reference: Reference, row: int, asked: Sequence[str] = ()) -> dict[str, str]:
    """Return the texts of a real row that it has, long ones cut at a word.

    Args:
        asked: Of these columns, unless it has none of them.
    """
    cells = {c.name: reference.frame[c.name][row] for c in reference.profile.written}
    texts = {name: cut(text) for name, text in cells.items() if text is not None}
    return {name: text for name, text in texts.items() if name in asked} or texts


def cut(text: str) -> str:
    """Return the text, or its first words and an ellipsis."""
    head = text[: MOST_WORDS * 12]  # bounds what has no spaces
    pieces = head.split(" ")
    if len(pieces) <= MOST_WORDS and len(head) == len(text):
        return text
    if len(head) < len(text) and len(pieces) > 1:
        pieces.pop()  # half a word
    return " ".join(pieces[:MOST_WORDS]) + " …"


@per_reference
def _matched(
    reference: Reference, known: tuple[str, ...]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """The rows that may be shown, and the columns in which they should be similar.

    Args:
        known: The columns that the prompt states.

    Returns:
        Numbers of the train rows with a text; which written columns each row has, shape (columns, rows of the
        reference); label columns as codes, 0 where missing, shape (columns, rows of the
        reference); ordinal columns scaled to 0..2, so that one step of three weighs about as much as another
        label, NaN where missing, shape (columns, rows of the reference).
    """
    texts = np.stack(
        [(reference.frame[c.name].fill_null("") != "").to_numpy() for c in reference.profile.written]
    )
    labels = [np.zeros(reference.frame.height, np.int64)]  # at least one row each, to be stacked
    scales = [np.zeros(reference.frame.height)]
    for column in filter(lambda c: c.name in known, reference.profile.with_role(*_MATCHED)):
        cells = reference.frame[column.name]
        if column.role is Role.ORDINAL and cells.dtype.is_numeric():
            numbers = cells.cast(float).fill_null(float("nan")).to_numpy()
            span = float(np.nanmax(numbers) - np.nanmin(numbers)) or 1.0
            scales.append(2 * numbers / span)
        else:
            labels.append(cells.rank("dense").fill_null(0).to_numpy().astype(np.int64))
    rows = reference.train[texts[:, reference.train].any(axis=0)]
    return rows, texts, np.stack(labels), np.stack(scales)
