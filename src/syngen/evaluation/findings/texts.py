"""Find faults of texts: repeated openings, placeholders, an assistant's phrases, loops, another language.

The checks are those of `syngen.validate`, each tried on real texts first.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from syngen.evaluation.findings.copies import fresh
from syngen.evaluation.findings.rules import FACTOR, RARE, Case, Severity, name, p_more_often, rule, unusual
from syngen.text.format import capitalized, part_of, percent, quoted, row_numbers
from syngen.text.words import count_words, words
from syngen.types import ColumnProfile, Finding
from syngen.validate.texts import CHECKS, LEARNT, LONGER, Text, fitting_checks

_SIZES = (4, 3, 2)  # words of an opening, the most telling first
_FEWEST = 4  # texts that open alike
_MOST_OPENINGS = 3
_STRICTER = 5  # times, than for what can happen in one way only
_REAL_TEXTS = 500  # that each check is tried on
_MOST_TEXTS = 2_000  # that the costly check of the language looks at
_LANGUAGE, _END = "wrong_language", "unfinished"  # how a text ends says little of one with another fault
CODES: Mapping[str, str] = {reason: f"text.{reason}" for reason in (*CHECKS, *LEARNT, _LANGUAGE)}
_FAULTS: Mapping[str, str] = {  # what is wrong, for several rows
    "control_characters": "contains control characters",
    "too_long": "is far longer than any real one",
    "too_short": "is far shorter than real ones",
    "no_words": "has no words",
    "format_debris": "contains remains of a format such as JSON",
    "code_run": "contains a code where no real one has any",
    "unfinished": "ends within a sentence",
    "template_leftover": "contains a placeholder that was not filled in",
    "assistant_talk": "speaks as an assistant, not as the writer",
    "leaked_format": "contains pieces of JSON",
    "loop": "repeats itself",
    "prompt_echo": "repeats the instructions",
    "wrong_language": "is in another language than the real ones",
}
_OF_SOME_WRITERS = {"unfinished", "code_run", "template_leftover"}
_BY_DEGREES = {
    "too_long",
    "too_short",
    "no_words",
    "loop",
    "code_run",
    "unfinished",
    _LANGUAGE,
}  # what more real rows might do as well


# ----------------------------------------------------------------------------------- openings
@rule("text.repeated_opening")
def repeated_opening(case: Case) -> Iterator[Finding]:
    """Texts that open with the same words more often than real ones do."""
    for column in case.written:
        texts = {i: text.split() for i, text in fresh(case, column.name).items()}
        real = [text.split() for text in case.plain(column.name, real=True) if text]
        taken: set[int] = set()
        for size in _SIZES:
            for opening, rows in _openings(texts, real, size).items():
                if 2 * len(taken.intersection(rows)) > len(rows):
                    continue
                taken.update(rows)
                yield _opening(case, column, opening, rows, real)


def _openings(
    texts: Mapping[int, Sequence[str]], real: Sequence[Sequence[str]], size: int
) -> dict[str, list[int]]:
    """The openings of `size` words that are too frequent, with the positions of their texts.

    The bound is stricter than elsewhere, as each opening, of several sizes in several columns, is a test.
    """
    found: defaultdict[str, list[int]] = defaultdict(list)
    for i, text in texts.items():
        if len(text) > size:
            found[" ".join(text[:size])].append(i)
    usual = Counter(" ".join(text[:size]) for text in real if len(text) > size)
    unusual = {
        opening: rows
        for opening, rows in found.items()
        if len(rows) >= _FEWEST
        and len(rows) * len(real) > FACTOR * usual[opening] * len(texts)
        and p_more_often(len(rows), len(texts), usual[opening], len(real)) * len(found) < RARE / _STRICTER
    }
    return dict(sorted(unusual.items(), key=lambda pair: -len(pair[1]))[:_MOST_OPENINGS])


def _opening(
    case: Case, column: ColumnProfile, opening: str, positions: Sequence[int], real: Sequence[Sequence[str]]
) -> Finding:
    size = opening.count(" ") + 1
    usual = sum(" ".join(text[:size]) == opening for text in real if len(text) > size)
    rows = case.rows(positions)
    written = " ".join(words(case.texts(column.name)[positions[0]])[:size])
    often = f"{percent(usual / len(real))} of the real ones do" if usual else "no real one does"
    detail = f"{capitalized(part_of(len(rows), case.size))} open {name(column.name)} with {quoted(written)}; {often}."
    severity: Severity = "error" if 2 * len(rows) >= case.size else "warning"
    return Finding("text.repeated_opening", column.name, rows, detail, severity)


# ------------------------------------------------------------------------------------- soundness
@rule("text.")
def unsound(case: Case) -> Iterator[Finding]:
    """Placeholders, an assistant's phrases, loops, another language and other faults."""
    sampled = set(case.sample(case.size, _MOST_TEXTS, "language"))
    some_real = case.sample(case.real_size, _REAL_TEXTS, "checks")
    for column in case.written:
        texts, plain = case.texts(column.name), case.plain(column.name)
        real_texts, real_plain = case.texts(column.name, real=True), case.plain(column.name, real=True)
        known = (column.name == case.profile.main, *_longest(real_texts))
        own = {i: Text(text, plain[i], *known) for i, text in enumerate(texts) if text}
        real = [Text(real_texts[i], real_plain[i], *known) for i in some_real if real_texts[i]]
        faulty: set[int] = set()
        for reason, check in fitting_checks(real).items():
            judged = sampled if reason == _LANGUAGE else own.keys() - faulty if reason == _END else own.keys()
            positions = [i for i, text in own.items() if i in judged and check(text) is not None]
            if not positions:
                continue
            faulty.update(positions)
            usual = sum(check(text) is not None for text in real)
            # A form that the real texts of the reference lack by chance is theirs as well: [brackets], open ends.
            sure = reason not in _OF_SOME_WRITERS or any(
                reason in CHECKS and CHECKS[reason](own[i]) is not None for i in positions
            )
            often = unusual(len(positions), case.size, usual, len(real), hardly_ever=sure)
            if usual and not often:
                continue
            often = often or (sure and reason not in _BY_DEGREES)
            rows = case.rows(positions)
            detail = f"In {row_numbers(rows)}, {name(column.name)} {_FAULTS[reason]}: {quoted(texts[positions[0]])}."
            yield Finding(CODES[reason], column.name, rows, detail, "warning" if often else "note")


def _longest(real: Sequence[str]) -> tuple[int, int]:
    """Most words and characters of a text: several times those of the longest real one."""
    words = max((count_words(text) for text in sorted(real, key=len)[-50:]), default=0)
    return LONGER * max(words, 10), LONGER * max(60, *map(len, real))
