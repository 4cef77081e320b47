"""Findings on runs of words: rows that are nearly another row, and long runs taken from real texts.

Runs that several real texts share are stock phrases, which belong to nobody and count nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle

import numpy as np

from syngen.evaluation.findings.copies import copied_rows, fresh
from syngen.evaluation.findings.rules import Case, name, rule, unusual
from syngen.evaluation.sample import kept
from syngen.text.format import capitalized, quoted, row_numbers
from syngen.text.ngrams import (
    COMMON,
    NGRAM,
    SHOWN_SPAN,
    SPAN,
    Hashes,
    Mask,
    NgramCounts,
    Texts,
    among,
    longest_run,
    ngrams,
    tokenised,
)
from syngen.text.overlap import nearest_earlier
from syngen.types import Finding

_FEW = 0.01  # chance of as many near copies where real rows have none
_MOST_REAL = 10_000  # real rows compared with each other
_MOST_SHOWN = 2_000  # rows compared with the rows that their prompts showed
_MOST_STRANGERS = 500  # other real rows compared with these


# -------------------------------------------------------------------------- nearly another row
@rule("rows.near_duplicate")
def near_duplicate(case: Case) -> Iterator[Finding]:
    """Find rows of which half the runs of five words are in one earlier row."""
    if not case.main:
        return
    counts = NgramCounts(_distinct(case), NGRAM)

    def nearest(texts: Sequence[str]) -> dict[int, int]:
        return nearest_earlier(Texts(texts), counts, COMMON)

    own, texts = list(fresh(case, case.main)), list(fresh(case, case.main).values())
    found = nearest(texts)
    if not found:
        return
    real = [case.plain(case.main, real=True)[i] for i in case.sample(case.real_size, _MOST_REAL, "near")]
    among_real = len(nearest(real))
    part = sorted(case.sample(len(own), len(real), "near"))  # of more rows each has more others
    count = len(found) if len(part) == len(own) else len(nearest([texts[i] for i in part]))
    usual = among_real * len(part) / len(real)
    often = unusual(count, len(part), usual, len(real), never=_FEW)
    if among_real and not often:
        return
    near = {own[i]: own[j] for i, j in found.items()}
    rows = case.rows(near)
    first = next(iter(near))
    other = f"row {case.synthetic.numbers[near[first]]:,}"
    is_ = "is" if len(rows) == 1 else "are"
    example = (
        other if len(rows) == 1 else f"earlier rows, as row {case.synthetic.numbers[first]:,} is like {other}"
    )
    detail = f"{capitalized(row_numbers(rows))} {is_} nearly the same as {example}: {quoted(case.texts(case.main)[first])}."
    yield Finding("rows.near_duplicate", case.main, rows, detail, "warning" if often else "note")


@kept
def _distinct(case: Case) -> Texts:
    """The different real texts."""
    return case.tokens(case.main, real=True).distinct()


# ---------------------------------------------------------------------------- taken from real texts
@rule("text.copied_span")
def copied_span(case: Case) -> Iterator[Finding]:
    """Find twelve words in a row from a real text, or eight from one that the row's prompt showed."""
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
    real = _distinct(case)
    counts = NgramCounts(real, SPAN)
    real_spans, real_owners = real.ngrams(SPAN)
    texts = counts.of(real_spans)
    among_real = len(np.unique(real_owners[(texts > 1) & (texts < COMMON)]))
    copies, whole = copied_rows(case), set(real.plain)
    own = [i for i, text in enumerate(case.plain(case.main)) if i not in copies and text not in whole]
    found: dict[int, str] = {}
    taken: list[Hashes] = []
    for i in own:
        spans = ngrams(case.tokens(case.main)[i], SPAN)
        texts = counts.of(spans)
        known = (texts > 0) & (texts < COMMON)
        if known.any():
            found[i] = _longest(case.plain(case.main)[i], known, SPAN)
            taken.append(spans[known])
    is_taken = np.isin(real_spans, np.concatenate(taken)) if taken else np.zeros(len(real_spans), np.bool_)
    count = min(
        len(found), len(np.unique(real_owners[is_taken]))
    )  # a text that many know by heart speaks only once
    often = unusual(count, len(own), among_real, len(real))
    return found if often or not among_real else {}, often


def _longest(text: str, known: Mask, size: int) -> str:
    """The longest run of words whose n-grams are known."""
    first, length = longest_run(known)
    return " ".join(text.split()[first : first + length + size - 1])


def _from_shown(case: Case) -> tuple[dict[int, str], bool]:
    """Rows with a run of words from a real row that their own prompt showed, likewise."""
    origins = case.synthetic.origins
    if origins is None or not origins["shown_texts"].list.len().sum():
        return {}, False
    counts = NgramCounts(_distinct(case), SHOWN_SPAN)

    def shared(texts: Texts, row: int, shown: frozenset[int]) -> str:
        spans = ngrams(texts[row], SHOWN_SPAN)
        known = among(spans, shown) & (counts.of(spans) < COMMON)
        return _longest(texts.plain[row], known, SHOWN_SPAN) if known.any() else ""

    copies = copied_rows(case)
    own = [i for i in case.sample(case.size, _MOST_SHOWN, "shown") if i not in copies]
    shown = {i: tokenised(origins["shown_texts"][i].to_list()) for i in own}
    spans = {i: texts.ngram_set(range(len(texts)), SHOWN_SPAN) for i, texts in shown.items()}
    found = {i: span for i in own if (span := shared(case.tokens(case.main), i, spans[i]))}
    strangers = case.sample(case.real_size, _MOST_STRANGERS, "strangers")
    pairs = [
        (i, row) for i, row in zip(cycle(own), strangers, strict=False) if row not in origins["shown"][i]
    ]
    among_real = sum(bool(shared(case.tokens(case.main, real=True), row, spans[i])) for i, row in pairs)
    often = unusual(len(found), len(own), among_real, len(pairs))
    return found if often or not among_real else {}, often
