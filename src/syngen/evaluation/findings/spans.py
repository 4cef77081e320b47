"""Findings on runs of words: rows that are nearly another row, and long runs taken from real texts.

Runs that several real texts share are stock phrases, which belong to nobody and count nowhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import cycle

import numpy as np
import numpy.typing as npt

from syngen.evaluation.findings.copies import copied_rows, repeats
from syngen.evaluation.findings.rules import Case, name, rule, unusual
from syngen.text.format import capitalized, quoted, row_numbers
from syngen.text.ngrams import Corpus, Hashes, Mask, runs, word_hashes
from syngen.types import Finding
from syngen.validate.novelty import COMMON, FEWEST_RUNS, RUN, SHARE, SHOWN_SPAN, SPAN

Owners = npt.NDArray[np.intp]


_FEW = 0.01  # chance of so many near copies where real rows have none
_FEWEST_WORDS = 12  # of a text that can be nearly another
_MOST_REAL = 10_000  # real rows compared with each other
_MOST_SHOWN = 2_000  # rows held against the rows that their prompts showed
_MOST_STRANGERS = 500  # other real rows held against these


# -------------------------------------------------------------------------- nearly another row
@rule("rows.near_duplicate")
def near_duplicate(case: Case) -> Iterator[Finding]:
    """Rows of which half the runs of five words stand in one earlier row."""
    if not case.main:
        return
    common = case.once("common", lambda: Corpus(_real_hashes(case), RUN, COMMON))
    own = [i for i, text in enumerate(case.plain(case.main)) if text and i not in repeats(case)]
    texts = [case.plain(case.main)[i] for i in own]
    found = _near(texts, common)
    if not found:
        return
    real = [case.real_plain(case.main)[i] for i in case.sample(case.real_size, _MOST_REAL, "near")]
    among_real = len(_near(real, common))
    part = sorted(case.sample(len(own), len(real), "near").tolist())  # of more rows each has more others
    count = len(found) if len(part) == len(own) else len(_near([texts[i] for i in part], common))
    usual = among_real * len(part) / len(real)
    often = unusual(count, len(part), usual, len(real), never=_FEW)
    if among_real and not often:
        return
    near = {own[i]: own[j] for i, j in found.items()}
    rows = case.rows(near)
    first = next(iter(near))
    beside = f"row {case.synthetic.numbers[near[first]]:,}"
    is_ = "is" if len(rows) == 1 else "are"
    example = (
        beside
        if len(rows) == 1
        else f"earlier rows, as row {case.synthetic.numbers[first]:,} is like {beside}"
    )
    detail = f"{capitalized(row_numbers(rows))} {is_} nearly the same as {example}: {quoted(case.texts(case.main)[first])}."
    yield Finding("rows.near_duplicate", case.main, rows, detail, "warning" if often else "note")


def _near(texts: Sequence[str], common: Corpus) -> dict[int, int]:
    """Positions of texts that are nearly an earlier one, with its position; the very same are left out."""
    hashes, owners = _all_runs([word_hashes(text) for text in texts], RUN)
    own = ~common.look_up(hashes)[1]
    hashes, owners = _once_each(hashes[own], owners[own])
    order = np.argsort(hashes, kind="stable")  # equal ones stay in the order of their rows
    in_order, their = hashes[order], owners[order]
    starts = np.searchsorted(in_order, hashes)
    before = their[starts] < owners if len(hashes) else np.zeros(0, np.bool_)
    total = np.bincount(owners, minlength=len(texts))
    again = np.bincount(owners[before], minlength=len(texts))
    candidates = np.flatnonzero((again >= SHARE * total) & (again >= FEWEST_RUNS))
    found = {}
    for i in candidates.tolist():
        if texts[i].count(" ") + 1 < _FEWEST_WORDS:
            continue
        earlier: Counter[int] = Counter()
        for at in _places(owners, before, i):
            end = np.searchsorted(in_order, hashes[at], side="right")
            earlier.update({j for j in their[starts[at] : end].tolist() if j < i})
        partner, shared = earlier.most_common(1)[0]
        if shared >= SHARE * total[i] and texts[partner] != texts[i]:
            found[i] = partner
    return found


def _once_each(hashes: Hashes, owners: Owners) -> tuple[Hashes, Owners]:
    """Each run once for each text, in the order of the texts: one that goes round in circles has few."""
    order = np.lexsort((hashes, owners))
    hashes, owners = hashes[order], owners[order]
    first = np.ones(len(hashes), np.bool_)
    first[1:] = (hashes[1:] != hashes[:-1]) | (owners[1:] != owners[:-1])
    return hashes[first], owners[first]


def _places(owners: Owners, before: Mask, owner: int) -> list[int]:
    """Where the runs of one text stand that came before; owners ascend."""
    first, last = np.searchsorted(owners, [owner, owner + 1]).tolist()
    return [first + place for place in np.flatnonzero(before[first:last]).tolist()]


def _all_runs(texts: Sequence[Hashes], size: int) -> tuple[Hashes, Owners]:
    """The runs of words of all texts, and whose they are."""
    words = np.concatenate([np.empty(0, np.uint64), *texts])
    owners = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    found = runs(words, size)
    inside = owners[: len(found)] == owners[size - 1 :][: len(found)]
    return found[inside], owners[: len(found)][inside]


def _real_hashes(case: Case) -> list[Hashes]:
    """The hashed words of the different real texts."""
    texts = dict.fromkeys(case.real_plain(case.main))
    return case.once("real hashes", lambda: [word_hashes(text) for text in texts])


# ---------------------------------------------------------------------------- taken from real texts
@rule("text.copied_span")
def copied_span(case: Case) -> Iterator[Finding]:
    """Twelve words in a row from a real text, or eight from one that the row's own prompt showed."""
    if not case.main:
        return
    found, often = _from_real(case)
    if not found:
        found, often = _from_shown(case)
    if found:
        rows = case.rows(found)
        longest = max(found.values(), key=len)
        length = longest.count(" ") + 1
        what = f"{length} words in a row" if len(rows) == 1 else f"up to {length} words in a row"
        detail = (
            f"{name(case.main)} takes {what} from real texts in {row_numbers(rows)}: {quoted(longest, 100)}."
        )
        yield Finding("text.copied_span", case.main, rows, detail, "warning" if often else "note")


def _from_real(case: Case) -> tuple[dict[int, str], bool]:
    """Rows with a long run of words from a real text, the longest such run, and whether that is unusual."""
    real = _real_hashes(case)
    corpus, twice = Corpus(real, SPAN, COMMON), Corpus(real, SPAN, 2)
    real_runs, real_owners = _all_runs(real, SPAN)
    among_real = len(np.unique(real_owners[corpus.look_up(real_runs)[0] & twice.look_up(real_runs)[1]]))
    whole = copied_rows(case), set(case.real_plain(case.main))
    own = [i for i, text in enumerate(case.plain(case.main)) if i not in whole[0] and text not in whole[1]]
    hashes, owners = _all_runs([word_hashes(case.plain(case.main)[i]) for i in own], SPAN)
    seen = corpus.look_up(hashes)[0]
    found = {
        own[i]: _longest(
            case.plain(case.main)[own[i]], seen[slice(*np.searchsorted(owners, [i, i + 1]))], SPAN
        )
        for i in np.unique(owners[seen]).tolist()
    }
    taken_from = np.unique(real_owners[np.isin(real_runs, hashes[seen])])
    count = min(len(found), len(taken_from))  # a text that many know by heart speaks only once
    often = unusual(count, len(own), among_real, len(real))
    return found if often or not among_real else {}, often


def _longest(text: str, seen: Mask, size: int) -> str:
    """The longest stretch of a text that was seen, as plain words."""
    best = (0, 0)
    start_at = 0
    for i, here in enumerate([*seen.tolist(), False]):
        if not here:
            best = max(best, (i - start_at, -start_at))
            start_at = i + 1
    length, first = best[0], -best[1]
    return " ".join(text.split()[first : first + length + size - 1])


def _from_shown(case: Case) -> tuple[dict[int, str], bool]:
    """Rows with a run of words from a real row that their own prompt showed, likewise."""
    origins = case.synthetic.origins
    if origins is None or not any(origins.shown_texts):
        return {}, False
    common = Corpus(_real_hashes(case), SHOWN_SPAN, COMMON)
    copies = copied_rows(case)
    own = [i for i in case.sample(case.size, _MOST_SHOWN, "shown").tolist() if i not in copies]
    hashes = {i: _hashes_of(origins.shown_texts[i]) for i in own}
    found = {i: _span_among(case.plain(case.main)[i], hashes[i], common) for i in own}
    found = {i: span for i, span in found.items() if span}
    strangers = case.sample(case.real_size, _MOST_STRANGERS, "strangers").tolist()
    pairs = [(i, row) for i, row in zip(cycle(own), strangers, strict=False) if row not in origins.shown[i]]
    among_real = sum(
        bool(_span_among(case.real_plain(case.main)[row], hashes[i], common)) for i, row in pairs
    )
    often = unusual(len(found), len(own), among_real, len(pairs))
    return found if often or not among_real else {}, often


def _hashes_of(texts: Sequence[str]) -> set[int]:
    """The runs of words of the texts that a prompt showed."""
    return {h for text in texts for h in runs(word_hashes(text), SHOWN_SPAN).tolist()}


def _span_among(text: str, hashes: set[int], common: Corpus) -> str:
    """The longest stretch of a text whose runs are among some, stock phrases left out."""
    own = runs(word_hashes(text), SHOWN_SPAN)
    stock = common.look_up(own)[1]
    seen = np.fromiter((h in hashes for h in own.tolist()), np.bool_, len(own)) & ~stock
    return _longest(text, seen, SHOWN_SPAN) if seen.any() else ""
