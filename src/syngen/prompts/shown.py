"""Which real rows a prompt shows, and how a row looks there.

Fresh rows for every group of slots and every attempt, from the train split only, like the slots in
length and in their discrete columns, without always taking the very nearest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from syngen.profiles import ColumnProfile, Reference, Role, Value
from syngen.prompts.brief import Brief
from syngen.seeds import generator
from syngen.types import Slot

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

POOL = 512  # rows looked at for one prompt: bounds its cost on a large reference
MOST_WORDS = 150  # of a shown text; longer ones are cut, they would crowd out the others
CHANCE = 0.6  # spread of the chance added to a row's distance, in units of its terms

_KNOWN = (Role.CATEGORY, Role.ORDINAL, Role.BOOLEAN, Role.NUMBER)
_MATCHED = (Role.CATEGORY, Role.ORDINAL, Role.BOOLEAN)


def choose_rows(brief: Brief, slots: Sequence[Slot], attempt: int) -> tuple[int, ...]:
    """Row numbers to show for these slots, the most alike last; fewer when the reference is small.

    All slots of a group get the same rows: like the row that their group stands for.
    """
    import numpy as np

    reference, anchor = brief.reference, slots[0].anchor
    rng = generator(brief.seed, "shown", slots[0].group, attempt)
    main = reference.profile.main_text.name
    words = np.maximum(reference.measures[main].words, 1)  # an emoji alone is a text, too
    texts = reference.frame[main].gather(reference.train)
    rows = reference.train[(texts.fill_null("") != "").to_numpy()]
    if len(rows) > POOL:
        rows = np.unique(rng.choice(rows, POOL))
    distance = np.abs(np.log(words[rows] / words[anchor]))
    distance += (words[rows] > MOST_WORDS) * (words[anchor] <= MOST_WORDS)
    labels, scales = _matched(reference)
    distance += (labels[:, rows] != labels[:, [anchor]]).sum(axis=0)
    distance += np.nan_to_num(np.abs(scales[:, rows] - scales[:, [anchor]]), nan=1.0).sum(axis=0)
    distance += rng.gumbel(0, CHANCE, len(rows))
    return tuple(rows[np.argsort(distance)[: brief.shown]][::-1].tolist())


def random_rows(brief: Brief, attempt: int) -> tuple[int, ...]:
    """Row numbers to show in native mode: fresh for every call."""
    rng = generator(brief.seed, "native", attempt)
    train = brief.reference.train
    return tuple(rng.choice(train, min(brief.shown, len(train)), replace=False).tolist())


def known_columns(reference: Reference) -> list[ColumnProfile]:
    """The columns that tell a writer something about the text: labels, ratings, numbers."""
    columns = reference.profile.with_role(*_KNOWN)
    return sorted(columns, key=lambda c: _KNOWN.index(c.role))[:6]


def known_part(reference: Reference, values: Mapping[str, Value]) -> dict[str, Any]:
    """What a prompt says of a row before its text."""
    return {c.name: values[c.name] for c in known_columns(reference) if values.get(c.name) is not None}


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


@lru_cache(maxsize=1)
def _matched(reference: Reference) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """The columns in which shown rows should be alike, as numbers.

    Returns:
        Label columns as codes, 0 where missing, shape (columns, rows); ordinal ones scaled to 0..2, so
        that one step of three weighs about as much as another label, NaN where missing.
    """
    import numpy as np

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
    return np.stack(labels), np.stack(scales)
