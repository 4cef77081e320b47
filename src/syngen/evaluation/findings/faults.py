"""Findings on single cells: what their column can't hold, judged as the acceptance of native rows judges.

The same judgement is passed on real rows, each half by what was learnt of the other: a fault that real
rows have as well is a note, not a warning.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from syngen.columns import Codec, codecs
from syngen.evaluation.findings.rules import Case, grave, name, rule, shown, unusual
from syngen.evaluation.sample import kept
from syngen.reference.profile import profile_column
from syngen.reference.roles import Reading
from syngen.text.format import joined, part_of, percent, row_numbers
from syngen.types import ColumnProfile, Finding, Role, Value

REASONS = ("wrong_type", "out_of_range", "unknown_value", "bad_pattern")
_LOOKED_AT = 2_000  # real rows judged
_NEW = 2e-3  # chance of that many new labels or kinds of keys, above which they are only noted
_OUTLIER = 0.02  # the same for numbers a little outside
_ENOUGH = 30  # real rows needed to know the range of a column
_GAPS = 20  # numbers for each key in use, up to which keys are running numbers
_EXAMPLES = 3
_LISTED = 8  # labels named

Faults = Mapping[str, Sequence[int]]  # positions by reason


@rule("column.")
def faulty(case: Case) -> Iterator[Finding]:
    """Cells that their column rejects, by reason."""
    for reason in REASONS:
        for column in case.columns:
            derived = column.role is Role.DERIVED and reason != "wrong_type"
            numbering = numbers_rows(column) and reason == "out_of_range"
            if not (column.role.written or derived or numbering):
                positions = faults(case, column.name).get(reason, ())
                if positions:
                    yield _fault(case, column, reason, positions)


def numbers_rows(column: ColumnProfile) -> bool:
    """Whether a key is a running number: then new rows go on with it, or begin anew."""
    key = column.identifier
    return key is not None and key.kind == "integer" and key.high - key.low < _GAPS * column.distinct


@rule("column.missing_value")
def missing_value(case: Case) -> Iterator[Finding]:
    """Blank cells, in columns that are never blank in real rows or less often."""
    for column in case.columns:
        absent = sorted(set(range(case.size)) - set(case.present(column.name)))
        often = unusual(len(absent), case.size, column.missing, column.rows, hardly_ever=True)
        if not absent or (column.missing and not often):
            continue
        rows = case.rows(absent)
        real = "in the real rows it always has a value"
        if column.missing:
            real = f"in the real rows {percent(column.missing_share)} are"
        detail = f"{name(column.name)} is missing in {_where(rows, case.size)}; {real}."
        severity = grave(len(rows), case.size, often=often)
        yield Finding("column.missing_value", column.name, rows, detail, severity)


@kept
def faults(case: Case, column: str) -> Faults:
    """Positions of the cells of a column at fault, by reason; blank cells are none."""
    return _judged(case.values(column), case.codecs[column])


def spoilt(case: Case, column: str) -> set[int]:
    """Positions of the cells of a column with any fault."""
    return {i for positions in faults(case, column).values() for i in positions}


def _judged(values: Sequence[Value], codec: Codec) -> Faults:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for i, fault in enumerate(codec.validate_all(values)):
        if fault is not None:
            found[fault.reason].append(i)
    return found


# -------------------------------------------------------------------------- the same among real rows
@kept
def real_faults(case: Case) -> tuple[Counter[tuple[str, str]], int]:
    """How many of some real rows would be at fault, by reason and column, and of how many."""
    frame = case.reference.frame
    order = case.sample(case.real_size, case.real_size, "halves")
    halves = order[: case.real_size // 2], order[case.real_size // 2 :]
    found: Counter[tuple[str, str]] = Counter()
    looked_at = 0
    for learnt, judged in (halves, halves[::-1]):
        if not len(learnt):
            continue
        part = frame[learnt]
        columns = (
            profile_column(part[c.name], Reading(c.role, c.why, c.time), c.derived)  # the roles of all rows
            for c in case.profile.columns
        )
        profile = replace(case.profile, columns=tuple(columns))
        rows = frame[judged[: _LOOKED_AT // 2]]
        looked_at += len(rows)
        for column, codec in codecs(profile, part).items():
            judgement = {} if codec.written else _judged(rows[column].to_list(), codec)
            found.update({(reason, column): len(at) for reason, at in judgement.items()})
    return found, looked_at


# ------------------------------------------------------------------------------------- in words
def _fault(case: Case, column: ColumnProfile, reason: str, positions: Sequence[int]) -> Finding:
    among_real, of_real = real_faults(case)
    real = among_real[reason, column.name]
    rows = case.rows(positions)
    codec, values = case.codecs[column.name], case.values(column.name)
    absurd = reason == "out_of_range" and case.real_size >= _ENOUGH
    absurd = absurd and any(codec.absurd(values[i]) for i in positions)
    if absurd or (reason == "wrong_type" and not real):
        often = True
    else:
        # New real rows may well have what none so far had: a rare label, a key of another make.
        new = reason == "bad_pattern" or (reason == "unknown_value" and column.role is Role.CATEGORY)
        never = _NEW if new else _OUTLIER
        often = unusual(len(rows), case.size, real, of_real, never=never)
    detail = f"{name(column.name)} {_cells(case, column, positions)}; {_real(column, reason)}."
    return Finding(f"column.{reason}", column.name, rows, detail, grave(len(rows), case.size, often=often))


def _where(rows: Sequence[int], size: int) -> str:
    return part_of(len(rows), size) if len(rows) == size > 1 else row_numbers(rows)


def _cells(case: Case, column: ColumnProfile, positions: Sequence[int]) -> str:
    """What stands where, such as "is 4.7 in row 3 and 10 in rows 7 and 9"."""
    where: defaultdict[str, list[int]] = defaultdict(list)
    for i in positions:
        where[shown(case.values(column.name)[i])].append(i)
    examples = [
        f"{value} in {_where(case.rows(at), case.size)}" for value, at in list(where.items())[:_EXAMPLES]
    ]
    others = sum(len(at) for at in list(where.values())[_EXAMPLES:])
    if others:
        examples.append(f"such values in {others:,} other rows" if others > 1 else "another in one more row")
    return f"is {joined(examples)}"


def _real(column: ColumnProfile, reason: str) -> str:
    """What the real rows have instead."""
    labels = [shown(value) for value, _ in column.values]
    pattern = column.identifier.shown if column.identifier else ""
    if column.role in (Role.CATEGORY, Role.CONSTANT, Role.BOOLEAN, Role.ORDINAL) and labels:
        known = sorted(labels) if column.role is Role.ORDINAL else labels
        more = column.distinct - _LISTED
        others = [f"{more} others"] if more > 0 else []
        return f"in the real rows it is {joined([*known[:_LISTED], *others], 'or')}"
    if pattern:
        return f"real ones look like {name(pattern)}"
    if reason == "wrong_type":
        form = column.time or (column.derived.time if column.derived else None)
        if form is not None and form.format:
            return f"real ones are written as {name(form.format)}"
        return (
            f"real ones are {'whole numbers' if column.dtype == 'Int64' else 'of the type ' + column.dtype}"
        )
    if column.low is not None:
        return f"in the real rows it goes from {column.low} to {column.high}"
    return "no real row has such a value"
