"""Findings on copies: of real rows, of earlier rows, in whole, in their texts or in long runs of words.

Real data has copies of its own: stock phrases, a review of several products. What real rows have among
themselves is counted in the same way, and only what goes beyond is a finding.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from syngen.evaluation.findings.rules import (
    ENOUGH,
    NEVER,
    RARE,
    Case,
    Severity,
    more_often,
    name,
    rule,
    unusual,
)
from syngen.text.format import capitalized, counted, part_of, quoted, row_numbers
from syngen.types import Finding, Role

_FEW = 0.01  # chance of so many copies where too few real rows have none among themselves
LONG = 8  # words from which two texts are never the same by chance


@dataclass(frozen=True, slots=True)
class Copies:
    """Rows that copy real ones.

    Attributes:
        whole: Positions of rows that have all from a real row, with that row's number.
        texts: The same of rows that have only the text from it.
        whole_severity: How bad the former are.
        texts_severity: How bad the latter are.
    """

    whole: Mapping[int, int]
    texts: Mapping[int, int]
    whole_severity: Severity = "error"
    texts_severity: Severity = "error"


# ------------------------------------------------------------------------------ of real rows
@rule("rows.copied_from_reference")
def copied_from_reference(case: Case) -> Iterator[Finding]:
    """Rows of the reference come back."""
    copies = copies_of(case)
    if copies.whole:
        rows = case.rows(copies.whole)
        what = "is a real row" if len(rows) == 1 else "are real rows"
        detail = f"{_which(case, rows)} {what}, copied {_from(case, copies.whole)}."
        yield Finding("rows.copied_from_reference", "", rows, detail, copies.whole_severity)
    if copies.texts:
        rows = case.rows(copies.texts)
        what = "has the text of a real row" if len(rows) == 1 else "have the texts of real rows"
        detail = f"{_which(case, rows)} {what}, word for word {_from(case, copies.texts)}."
        yield Finding("rows.copied_from_reference", case.main, rows, detail, copies.texts_severity)


def copies_of(case: Case) -> Copies:
    """The rows that copy real ones, as far as real rows don't share as much with each other."""
    return case.once("copies", lambda: _copies(case))


def copied_rows(case: Case) -> set[int]:
    """Positions of all of these."""
    return {*copies_of(case).whole, *copies_of(case).texts}


def _copies(case: Case) -> Copies:
    first = {key: row for row, key in reversed(list(enumerate(case.real_keys(), start=1)))}
    whole = {i: first[key] for i, key in enumerate(case.keys()) if key in first}
    keyed = bool(case.main) and any(c.role in (Role.IDENTIFIER, Role.DATETIME) for c in case.columns)
    whole_severity = _severity(len(whole), case.size, _shared(case.real_keys()), case.real_size, sure=keyed)
    if whole_severity is None:
        whole = {}
    texts = _long(case.plain(case.main)) if case.main else {}
    real = _long(case.real_plain(case.main)) if case.main else {}
    owner = {text: row + 1 for row, text in reversed(real.items())}
    same = {i: owner[text] for i, text in texts.items() if text in owner and i not in whole}
    texts_severity = _severity(len(same), len(texts), _shared(real.values()), len(real))
    return Copies(whole, same if texts_severity else {}, whole_severity or "note", texts_severity or "note")


def _severity(count: int, of: int, real: int, of_real: int, *, sure: bool = False) -> Severity | None:
    """How bad so many copies are; None when real rows are as often copies of each other."""
    if not count or (real and not more_often(count, of, real, of_real)):
        return None
    if sure or more_often(count, of, real, of_real):
        return "error"
    return "warning" if unusual(count, of, real, of_real, hardly_ever=True, never=_FEW) else "note"


def _long(texts: Sequence[str]) -> dict[int, str]:
    """The texts of so many words that they are never the same by chance, by position."""
    return {i: text for i, text in enumerate(texts) if _is_long(text)}


def _shared(keys: Iterable[object]) -> int:
    """How many have the same key as another."""
    return sum(count for count in Counter(keys).values() if count > 1)


def _which(case: Case, rows: Sequence[int]) -> str:
    return capitalized(part_of(len(rows), case.size) if len(rows) == case.size > 1 else row_numbers(rows))


def _from(case: Case, copies: Mapping[int, int]) -> str:
    """Which real rows were copied, and whether the model had been shown them."""
    real = f"({row_numbers(sorted(set(copies.values())))} of the reference)"
    origins = case.synthetic.origins
    if origins is None or not any(origins.shown):
        return real
    shown = sum(row - 1 in origins.shown[i] for i, row in copies.items())
    if not shown:
        return real
    if shown < len(copies):
        return f"{real}, {shown:,} of them shown in the prompt"
    return f"{real}, {'all of them ' if shown > 1 else ''}shown in the prompt"


# ---------------------------------------------------------------------------- of earlier rows
@rule("rows.duplicate")
def duplicate(case: Case) -> Iterator[Finding]:
    """Rows that are the same as an earlier row in every column."""
    again = repeats(case)
    if again:
        rows = case.rows(again)
        first = case.rows(set(again.values()))
        verb = "repeats" if len(rows) == 1 else "repeat"
        others = row_numbers(first) if len(first) < len(rows) or len(first) <= 4 else "earlier rows"
        detail = f"{capitalized(row_numbers(rows))} {verb} {others} in every column."
        yield Finding("rows.duplicate", "", rows, detail, "error")


def repeats(case: Case) -> dict[int, int]:
    """Positions of rows that repeat an earlier row, with that row's position, unless real rows do too."""

    def find() -> dict[int, int]:
        own, real = case.keys(), case.real_keys()
        found = _again(own)
        long = bool(case.main) and all(_is_long(case.plain(case.main)[i]) for i in found)
        return found if _too_often(case, own, real, long=long) else {}

    return case.once("repeats", find)


def _too_often(case: Case, own: Sequence[object], real: Sequence[object], *, long: bool) -> bool:
    """Whether rows repeat each other more often than as many real rows do.

    Of twice as many rows each has twice as many others to repeat; so at most as many rows are judged as
    there are real ones, unless they are such that real rows never repeat at all.
    """
    if long and len(real) >= ENOUGH and len(set(real)) == len(real):
        return len(set(own)) < len(own)
    part = [own[i] for i in case.sample(len(own), len(real), "repeats")]
    usual = usual_repeats(Counter(real).values(), len(part))
    count = len(part) - len(set(part))
    return unusual(count, len(part), usual * len(real), len(real), never=NEVER if long else RARE)


def _is_long(text: str) -> bool:
    return text.count(" ") + 1 >= LONG


def usual_repeats(counts: Iterable[int], rows: int) -> float:
    """The share of so many real rows that repeat an earlier one of them.

    Args:
        counts: How often each of the real rows comes.
        rows: How many of them are drawn, each as likely as the other; at most all.
    """
    groups = Counter(counts)
    real = sum(size * many for size, many in groups.items())
    if not real or not rows:
        return 0.0
    part = rows / real
    repeats = sum(many * (size * part - 1 + (1 - part) ** size) for size, many in groups.items())
    return max(0.0, repeats) / rows


def _again(keys: Sequence[object]) -> dict[int, int]:
    """Positions of what came before, with the position where it came first."""
    first: dict[object, int] = {}
    return {i: first[key] for i, key in enumerate(keys) if first.setdefault(key, i) != i}


@rule("text.repeated")
def repeated(case: Case) -> Iterator[Finding]:
    """The same text in several rows, more often than in as many real rows."""
    for column in case.written:
        texts = [
            (i, text) for i, text in enumerate(case.plain(column.name)) if text and i not in repeats(case)
        ]
        real = [text for text in case.real_plain(column.name) if text]
        long = [(i, text) for i, text in texts if _is_long(text) and column.role is Role.TEXT]
        if _too_often(case, [text for _, text in texts], real, long=False):
            yield _repeated_text(case, column.name, texts)
        elif _too_often(
            case, [text for _, text in long], [text for text in real if _is_long(text)], long=True
        ):
            yield _repeated_text(case, column.name, long)


def _repeated_text(case: Case, column: str, texts: Sequence[tuple[int, str]]) -> Finding:
    counts = Counter(text for _, text in texts)
    at = [i for i, text in texts if counts[text] > 1]
    rows = case.rows(at)
    text, times = counts.most_common(1)[0]
    example = next(case.texts(column)[i] for i, own in texts if own == text)
    detail = f"{name(column)} is {quoted(example)} in {part_of(times, case.size)}"
    others = len({own for _, own in texts if counts[own] > 1}) - 1
    if others:
        detail += f", and {counted(others, 'other text')} {'comes' if others == 1 else 'come'} more than once"
    severity: Severity = "error" if 2 * len(rows) >= case.size > 3 else "warning"
    return Finding("text.repeated", column, rows, f"{detail}.", severity)
