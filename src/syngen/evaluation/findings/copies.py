"""Findings on exact copies: of real rows and of earlier rows, whole or of their texts alone.

Real data has copies of its own: stock phrases, a review of several products. Copies among real rows are
counted in the same way, and only what exceeds them is a finding.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

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
from syngen.evaluation.sample import kept
from syngen.text.format import capitalized, counted, part_of, quoted, row_numbers
from syngen.types import Finding, Role

_FEW = 0.01  # chance of as many copies where too few real rows have none among themselves
_LONG = 8  # words from which two texts are never the same by chance
_LONG_TOGETHER = 5  # the same of a title and a text


# ------------------------------------------------------------------------------ of real rows
@rule("rows.copied_from_reference")
def copied_from_reference(case: Case) -> Iterator[Finding]:
    """Find copies of real rows, whole or of their texts alone."""
    for column, copies, severity in _copies(case):
        rows = case.rows(copies)
        one = len(rows) == 1
        if column:
            short = any(not _is_long(case.plain(column)[i]) for i in copies)
            texts = ("title and text", "titles and texts") if short else ("text", "texts")
            what = f"has the {texts[0]} of a real row" if one else f"have the {texts[1]} of real rows"
            what += ", word for word"
        else:
            what = f"{'is a real row' if one else 'are real rows'}, copied"
        which = part_of(len(rows), case.size) if len(rows) == case.size > 1 else row_numbers(rows)
        detail = f"{capitalized(which)} {what} {_from(case, copies)}."
        yield Finding("rows.copied_from_reference", column, rows, detail, severity)


def copied_rows(case: Case) -> set[int]:
    """The positions of rows that copy a real row or its text, unless real rows copy each other as often."""
    return {row for _, copies, _ in _copies(case) for row in copies}


@kept
def _copies(case: Case) -> list[tuple[str, dict[int, int], Severity]]:
    """Positions of copies with the number of the real row: of whole rows, column "", and of their texts alone."""
    found: list[tuple[str, dict[int, int], Severity]] = []
    first = {key: row for row, key in reversed(list(enumerate(case.keys(real=True), start=1)))}
    whole = {i: first[key] for i, key in enumerate(case.keys()) if key in first}
    keyed = bool(case.main) and any(c.role in (Role.IDENTIFIER, Role.DATETIME) for c in case.columns)
    severity = _severity(len(whole), case.size, _shared(case.keys(real=True)), case.real_size, sure=keyed)
    if severity:
        found.append(("", whole, severity))
    if case.main:
        texts, real = _long(case), _long(case, real=True)
        owner = {text: row + 1 for row, text in reversed(real.items())}
        known = {i: owner[text] for i, text in texts.items() if text in owner}
        same = {i: row for i, row in known.items() if not severity or i not in whole}
        if severity := _severity(len(same), len(texts), _shared(real.values()), len(real)):
            found.append((case.main, same, severity))
    return found


def _severity(count: int, of: int, real: int, of_real: int, *, sure: bool = False) -> Severity | None:
    """The severity of a number of copies; None when real rows copy each other as often."""
    if not count or (real and not more_often(count, of, real, of_real)):
        return None
    if sure or more_often(count, of, real, of_real):
        return "error"
    return "warning" if unusual(count, of, real, of_real, hardly_ever=True, never=_FEW) else "note"


def _long(case: Case, *, real: bool = False) -> dict[int, str]:
    """The texts too long to be the same by chance, by position; short ones count with what is written about them."""
    columns = [case.plain(column.name, real=real) for column in case.written]
    found: dict[int, str] = {}
    for i, (text, *written) in enumerate(zip(case.plain(case.main, real=real), *columns, strict=True)):
        if _is_long(text):
            found[i] = text
        elif (
            len(written) > 1
            and all((text, *written))
            and sum(cell.count(" ") + 1 for cell in written) >= _LONG_TOGETHER
        ):
            found[i] = "\n".join(written)
    return found


def _shared(keys: Iterable[object]) -> int:
    """How many have the same key as another."""
    return sum(count for count in Counter(keys).values() if count > 1)


def _from(case: Case, copies: Mapping[int, int]) -> str:
    """Name the real rows that were copied, and say whether the prompt showed them."""
    real = f"({row_numbers(sorted(set(copies.values())))} of the reference)"
    origins = case.synthetic.origins
    if origins is None:
        return real
    shown = sum(row - 1 in origins["shown"][i] for i, row in copies.items())
    if not shown:
        return real
    if shown < len(copies):
        return f"{real}, {shown:,} of them shown in the prompt"
    return f"{real}, {'all of them ' if shown > 1 else ''}shown in the prompt"


# ---------------------------------------------------------------------------- of earlier rows
@rule("rows.duplicate")
def duplicate(case: Case) -> Iterator[Finding]:
    """Find rows that are the same as an earlier row in every column."""
    again = repeats(case)
    if again:
        rows = case.rows(again)
        first = case.rows(set(again.values()))
        verb = "repeats" if len(rows) == 1 else "repeat"
        others = row_numbers(first) if len(first) < len(rows) or len(first) <= 4 else "earlier rows"
        detail = f"{capitalized(row_numbers(rows))} {verb} {others} in every column."
        yield Finding("rows.duplicate", "", rows, detail, "error")


@kept
def repeats(case: Case) -> dict[int, int]:
    """Positions of rows that repeat an earlier row, with that row's position, unless real rows do too."""
    own, real = case.keys(), case.keys(real=True)
    first: dict[int, int] = {}
    found = {i: first[key] for i, key in enumerate(own) if first.setdefault(key, i) != i}
    long = bool(case.main) and all(_is_long(case.plain(case.main)[i]) for i in found)
    return found if _too_often(case, own, real, long=long) else {}


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
    return text.count(" ") + 1 >= _LONG


def usual_repeats(counts: Iterable[int], rows: int) -> float:
    """Return the expected share of rows that repeat an earlier one, among real rows drawn at random.

    Args:
        counts: How often each of the real rows occurs.
        rows: How many are drawn without replacement; at most all.
    """
    groups = Counter(counts)
    real = sum(size * many for size, many in groups.items())
    if not real or not rows:
        return 0.0
    part = rows / real
    repeats = sum(many * (size * part - 1 + (1 - part) ** size) for size, many in groups.items())
    return max(0.0, repeats) / rows


def fresh(case: Case, column: str) -> dict[int, str]:
    """The texts of a column in lower-case words, by position, without absent ones and rows that repeat a row."""
    again = repeats(case)
    return {i: text for i, text in enumerate(case.plain(column)) if text and i not in again}


@rule("text.repeated")
def repeated(case: Case) -> Iterator[Finding]:
    """Find texts that several rows have, more often than as many real rows do."""
    for column in case.written:
        texts = fresh(case, column.name)
        real = [text for text in case.plain(column.name, real=True) if text]
        long = {i: text for i, text in texts.items() if _is_long(text) and column.role is Role.TEXT}
        if _too_often(case, list(texts.values()), real, long=False):
            yield _repeated_text(case, column.name, texts)
        elif _too_often(case, list(long.values()), [text for text in real if _is_long(text)], long=True):
            yield _repeated_text(case, column.name, long)


def _repeated_text(case: Case, column: str, texts: Mapping[int, str]) -> Finding:
    counts = Counter(texts.values())
    rows = case.rows(i for i, text in texts.items() if counts[text] > 1)
    text, times = counts.most_common(1)[0]
    example = next(case.texts(column)[i] for i, own in texts.items() if own == text)
    detail = f"{name(column)} is {quoted(example)} in {part_of(times, case.size)}"
    others = sum(count > 1 for count in counts.values()) - 1
    if others:
        detail += f", and {counted(others, 'other text')} {'comes' if others == 1 else 'come'} more than once"
    severity: Severity = "error" if 2 * len(rows) >= case.size > 3 else "warning"
    return Finding("text.repeated", column, rows, f"{detail}.", severity)
