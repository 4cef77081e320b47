"""Findings on texts unlike all real ones: in meaning, by their embeddings, or in form, by a few traits.

Both are one question: how many texts lie farther out than 95 % of the real ones do?
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from syngen.evaluation.findings.case import Case
from syngen.evaluation.findings.copies import repeats
from syngen.evaluation.findings.registry import Severity, rule
from syngen.evaluation.findings.traits import TRAITS, distances
from syngen.evaluation.findings.wording import joined, name, of_all, quoted, share, start
from syngen.types import ColumnProfile, Finding

Vector = npt.NDArray[np.floating]
Vectors = npt.NDArray[np.float32]


_MOST = 2_000  # texts a side
_FAR = 0.05  # share of real texts that count as far from the others
_RARE = 2e-4  # a share of far texts that chance makes more often is none
_FEWEST_REAL = 40
_BLOCK = 512
_TOLD = 1.0  # standard deviations from which a trait is named
_MOST_TRAITS = 3


@rule("text.unlike_real")
def unlike_real(case: Case) -> Iterator[Finding]:
    """More texts far from all real ones than real texts are."""
    for column in case.written:
        own = [i for i, text in enumerate(case.plain(column.name)) if text and i not in repeats(case)]
        real = [i for i, text in enumerate(case.real_plain(column.name)) if text]
        if len(real) < _FEWEST_REAL or not own:
            continue
        own = [own[i] for i in sorted(case.sample(len(own), _MOST, "unlike").tolist())]
        real = [real[i] for i in sorted(case.sample(len(real), _MOST, "like").tolist())]
        texts = [case.texts(column.name)[i] for i in own]
        real_texts = [case.real_texts(column.name)[i] for i in real]
        by_form = distances(texts, real_texts)
        shape = _far(by_form.texts, by_form.real)
        meaning = _far_in_meaning(case, texts, real_texts)
        far = sorted({*shape, *meaning})
        if far:
            traits = _told(by_form.deviations[shape].mean(axis=0)) if shape else []
            farthest = max(meaning or shape, key=lambda i: by_form.texts[i])
            yield _unlike(case, column, [own[i] for i in far], len(own), own[farthest], traits)


def _far(texts: Vector, real: Vector) -> list[int]:
    """Positions of the texts farther out than 95 % of the real ones, when they are too many.

    By the rule of conformal prediction (Vovk, Gammerman & Shafer 2005) a real text would be out there in
    5 % of cases; how many of n would be follows a beta-binomial distribution, as the bound is itself only
    the distance of one of the real texts.
    """
    from scipy.stats import betabinom

    rank = max(1, int(_FAR * (len(real) + 1)))
    far = np.flatnonzero(texts > np.sort(real)[-rank]).tolist()
    chance = betabinom.sf(len(far) - 1, len(texts), rank, len(real) + 1 - rank)
    return far if chance < _RARE else []


def _far_in_meaning(case: Case, texts: Sequence[str], real: Sequence[str]) -> list[int]:
    """The same by the cosine of each text to the real text nearest to it, not counting itself."""
    if case.encoder is None:
        return []
    theirs = case.encoder.encode(real)
    return _far(-_nearest(case.encoder.encode(texts), theirs), -_nearest(theirs, theirs, itself=True))


def _nearest(texts: Vectors, real: Vectors, *, itself: bool = False) -> Vectors:
    """Cosine of each text to the real text nearest to it, shape (texts,); `itself`: that is not its own."""
    best = np.empty(len(texts), dtype=np.float32)
    for first in range(0, len(texts), _BLOCK):
        likeness = texts[first : first + _BLOCK] @ real.T
        if itself:
            rows = np.arange(len(likeness))
            likeness[rows, first + rows] = -np.inf
        best[first : first + _BLOCK] = likeness.max(axis=1)
    return best


def _told(deviations: Vector) -> list[str]:
    """The traits that tell texts from real ones, the most telling first."""
    order = sorted(zip(deviations.tolist(), TRAITS.values(), strict=True), key=lambda pair: -abs(pair[0]))
    return [pair[by < 0] for by, pair in order[:_MOST_TRAITS] if abs(by) >= _TOLD]


def _unlike(
    case: Case, column: ColumnProfile, positions: list[int], of: int, farthest: int, traits: Sequence[str]
) -> Finding:
    rows = case.rows(positions)
    verb = "is" if len(rows) == 1 else "are"
    example = f"{quoted(case.texts(column.name)[farthest])} (row {case.synthetic.numbers[farthest]:,})"
    told = f"; they have {joined(traits)}" if traits else ""
    detail = (
        f"{start(of_all(len(rows), of, 'text'))} in {name(column.name)} {verb} unlike real ones, such as"
        f" {example}{told}. Of real texts {share(_FAR)} are."
    )
    severity: Severity = "error" if 2 * len(rows) >= of else "warning"
    return Finding("text.unlike_real", column.name, rows, detail, severity)
