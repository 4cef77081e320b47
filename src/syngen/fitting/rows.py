"""Training rows: a reference comes in, the lines of its rows go out in the form of `syngen.text.conditions`.

Repeated texts are left out, so that none is learnt twice as well. What is known of a row and what is measured of
its texts stands on the line before them. Some of the measured things are left out of it by chance, anew for
every epoch, so that the model learns to do with any part of them.

With `alone`, for differential privacy, a row's line says only what that row says by itself: what texts speak of, how
they cluster and which openings are common was mined of all rows, and would carry one row into the lines of others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from syngen.prompts import known_part
from syngen.text import conditions
from syngen.text.attributes import measured_target
from syngen.text.words import normalised
from syngen.types import Reference, TextTarget, Value, generator

LEFT_OUT = 0.2  # chance of each measured thing to be left out of a line
ABOUT = ("aspects", "opening", "persona", "situation", "topic")
ABOUT_LEFT_OUT = 0.5  # chance of all these to be left out together


@dataclass(frozen=True, slots=True)
class FitRow:
    """A real row to learn from.

    Attributes:
        number: In the reference.
        known: What a prompt says of it.
        texts: What is to be written.
        targets: What was measured of each of them.
    """

    number: int
    known: Mapping[str, Value]
    texts: Mapping[str, str]
    targets: Mapping[str, TextTarget]


@dataclass(frozen=True, slots=True)
class Example:
    """One row as a model sees it.

    Attributes:
        line: What it is given.
        answer: What it is to write, without the end.
        texts: The bare texts in it.
    """

    line: str
    answer: str
    texts: tuple[str, ...]


def rows_of(
    reference: Reference, numbers: npt.NDArray[np.int64] | Sequence[int], *, alone: bool = False
) -> list[FitRow]:
    """The rows with these numbers that have a main text, the first of each text only.

    Args:
        alone: Each row by itself: repeated texts too, and nothing that was mined of all texts.
    """
    main = reference.profile.main_text.name
    seen: set[str] = set()
    rows = []
    for number in map(int, numbers):
        cells = reference.frame.row(number, named=True)
        said = normalised(cells[main] or "")
        if not said or (said in seen and not alone):
            continue
        seen.add(said)
        texts = {c.name: cells[c.name] for c in reference.profile.written if cells[c.name]}
        targets = {
            name: measured_target(reference, name, number, attributed=name == main and not alone)
            for name in texts
        }
        rows.append(FitRow(number, known_part(reference, cells), texts, targets))
    return rows


def example(row: FitRow, rng: np.random.Generator | None = None) -> Example:
    """A row as a line and an answer; with `rng` some of what was measured is left out."""
    targets = {name: target if rng is None else _thinned(target, rng) for name, target in row.targets.items()}
    counted = frozenset(name for name, target in targets.items() if target.words)
    line, answer = conditions.line(row.known, targets), conditions.answer(row.texts, counted=counted)
    return Example(line, answer, tuple(row.texts.values()))


def examples(rows: Sequence[FitRow], seed: int, epoch: int) -> list[Example]:
    """The rows of one epoch, each with something else left out than in the others."""
    return [example(row, generator(seed, "left out", epoch, row.number)) for row in rows]


def _thinned(target: TextTarget, rng: np.random.Generator) -> TextTarget:
    """A target with each thing left out by chance, and what it speaks of often as a whole: plans have it on request."""
    empty = TextTarget(0)
    gone = {name: getattr(empty, name) for name in target.__slots__ if rng.random() < LEFT_OUT}
    if rng.random() < ABOUT_LEFT_OUT:
        gone |= {name: getattr(empty, name) for name in ABOUT}
    return replace(target, **gone)
