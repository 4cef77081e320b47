"""Find the columns whose real values come out as they are, though they hardly repeat in the real rows.

Labels are copied, which keeps them together with everything else; that many rows share a label is what makes it
nobody's. A label of one row or two, a position, a link or a nested value may be somebody's.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from syngen.text.format import counted, joined
from syngen.text.ngrams import COMMON
from syngen.types import ColumnProfile, Profile, Role, Value

FEWEST = 10  # values; fewer say nothing of how often they repeat
SEEN = 10  # of the most common values, looked at
NESTED = ("List", "Struct", "Array", "Object", "Binary")  # types

_SHAPES: dict[
    str, tuple[re.Pattern[str], tuple[str, ...]]
] = {  # what values look like, with the roles that change it
    "nested values": (re.compile(r"\s*(?:\[.*\]|\{.*\})\s*", re.DOTALL), ("text", "empty")),
    "positions": (
        re.compile(r"\W*-?\d{1,3}\.\d+\s*[,;/ ]\s*-?\d{1,3}\.\d+\W*|(?i:point)\s*\(.*\)"),
        ("identifier", "empty"),
    ),
    "shapes": (
        re.compile(r"(?is)\s*(?:srid=\d+;\s*)?(?:multi|geometryc|lines|poly)\w+.*\(.*\)\s*"),
        ("empty",),
    ),
    "links": (re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE), ("identifier", "empty")),
}
_LABELS: tuple[str, tuple[str, ...]] = ("labels that hardly repeat", ("identifier", "text", "empty"))


@dataclass(frozen=True, slots=True)
class CopiedColumn:
    """A column whose real values are copied."""

    column: str
    what: str  # what they are: "nested values", "positions", "links", "labels that hardly repeat"
    values: int  # different values
    rows: int  # rows with a value
    roles: tuple[str, ...]  # roles that change it

    @property
    def sentence(self) -> str:
        """Say what is copied, and the option that changes it."""
        options = joined([f"--role {shlex.quote(f'{self.column}={role}')}" for role in self.roles], "or")
        return (
            f"'{self.column}' has {self.what}, copied from the real rows as they are "
            f"({counted(self.values, 'different value')} in {counted(self.rows, 'row')}). To change it: {options}."
        )


def copied_columns(profile: Profile) -> tuple[CopiedColumn, ...]:
    """Return the columns that are copied though they hardly repeat, in the table's order.

    These are labels that occur less than twice on average, or of which half occur once; positions, links and nested
    values likewise with one more.
    """
    found = (copied(column) for column in profile.with_role(Role.CATEGORY))
    return tuple(column for column in found if column)


def copied(column: ColumnProfile) -> CopiedColumn | None:
    """Return what is copied of a category; None where its labels repeat."""
    present = column.rows - column.missing
    values = [value for value, _ in column.values[:SEEN]]
    what, roles = next(
        ((what, roles) for what, (pattern, roles) in _SHAPES.items() if _all_match(pattern, values)), _LABELS
    )
    if column.dtype in NESTED:
        what, roles = "nested values", ("empty",)
    limit = 2 if what == _LABELS[0] else COMMON
    seldom = present < limit * column.distinct or 2 * _rarer(column, present, limit) >= max(
        column.distinct, 2
    )
    if present < FEWEST or not seldom:
        return None
    return CopiedColumn(column.name, what, column.distinct, present, roles)


def _rarer(column: ColumnProfile, present: int, limit: int) -> int:
    """Count the values that occur less often than the limit; of those that the profile doesn't list, by their mean."""
    counts = [count for _, count in column.values]
    others = column.distinct - len(counts)
    rare = sum(count < limit for count in counts)
    return rare + (others if present - sum(counts) < limit * others else 0)


def _all_match(pattern: re.Pattern[str], values: list[Value]) -> bool:
    return bool(values) and all(isinstance(v, str) and pattern.fullmatch(v.strip()) for v in values)
