"""The registry of rules, the rows that they look at, and the test of what real rows do as often.

A rule is a small function that looks at a `Case` and yields `Finding`s. It compares synthetic rows with
the real rows first: what happens among real rows as often is no finding. The bounds are strict, because
some thirty rules look at each of a dozen columns.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from syngen.columns import Codec, codecs
from syngen.evaluation.sample import kept
from syngen.evaluation.synthetic import Synthetic
from syngen.text.embeddings import Encoder
from syngen.text.format import quoted
from syngen.text.ngrams import Texts, row_keys, tokenised
from syngen.types import ColumnProfile, Finding, Reference, Severity, Value, generator

__all__ = ["RULES", "Case", "Rule", "Severity", "more_often", "name", "rule", "shown", "unusual"]

RARE = 5e-4  # a difference that chance makes more often is none
FACTOR = 1.5  # real rows come in clusters: what happens hardly more often is no difference either
NEVER = 0.05  # where real rows never do it, chance of that count that is still a difference
ENOUGH = 200  # real rows that never do what texts and tables hardly ever do: others won't either

_HALF = 0.5
_LONGEST_NAME = 60  # characters of a column's name
_LONGEST_CELL = 40


@dataclass(eq=False)
class Case:
    """Real and synthetic rows, with what several rules derive from them.

    Positions count the rows of `synthetic.frame` from 0; `rows` turns them into row numbers.
    """

    reference: Reference
    synthetic: Synthetic
    encoder: Encoder | None = None  # turns texts into vectors

    def __post_init__(self) -> None:
        self.profile = self.reference.profile
        self.size = len(self.synthetic.frame)
        self.real_size = len(self.reference.frame)

    def rows(self, positions: Iterable[int]) -> tuple[int, ...]:
        """Row numbers, from 1, of positions."""
        return tuple(sorted(self.synthetic.numbers[i] for i in positions))

    @cached_property
    def columns(self) -> tuple[ColumnProfile, ...]:
        """The reference's columns that the rows under test have."""
        return tuple(c for c in self.profile.columns if c.name not in self.synthetic.absent)

    @cached_property
    def written(self) -> tuple[ColumnProfile, ...]:
        """Of these, the texts."""
        return tuple(c for c in self.columns if c.role.written)

    @cached_property
    def main(self) -> str:
        """The column that carries the text; empty where there is none or the rows lack it."""
        name = self.profile.main
        return "" if name in self.synthetic.absent else name

    @cached_property
    def codecs(self) -> dict[str, Codec]:
        """The codecs of the reference's columns, by name."""
        return codecs(self.profile, self.reference.frame)

    @kept
    def values(self, column: str) -> list[Value]:
        """The cells of a column as they were read, also those that it can't hold; None where blank."""
        readings = self.synthetic.readings.get(column)
        return (
            self.synthetic.frame[column].to_list() if readings is None else [cell.value for cell in readings]
        )

    def present(self, column: str) -> list[int]:
        """Positions of the rows that have a value in a column."""
        return [i for i, value in enumerate(self.values(column)) if value is not None]

    @kept
    def texts(self, column: str, *, real: bool = False) -> list[str]:
        """The texts of a column in the rows under test, or in the real ones; absent ones empty."""
        return self._frame(real=real)[column].fill_null("").to_list()

    @kept
    def tokens(self, column: str, *, real: bool = False) -> Texts:
        """The words of these texts."""
        return tokenised(self.texts(column, real=real))

    def plain(self, column: str, *, real: bool = False) -> Sequence[str]:
        """These texts in lower-case words."""
        return self.tokens(column, real=real).plain

    @kept
    def keys(self, *, real: bool = False) -> list[int]:
        """One key for each row, equal where all columns are, texts compared by their words."""
        frame = self._frame(real=real).select(c.name for c in self.columns)
        return row_keys(frame, [c.name for c in self.profile.written])

    def _frame(self, *, real: bool) -> pl.DataFrame:
        return self.reference.frame if real else self.synthetic.frame

    def sample(self, rows: int, most: int, *path: str) -> list[int]:
        """Draw at most `most` of some rows at random, the same ones each time."""
        chosen: list[int] = generator(0, "findings", *path).permutation(rows)[:most].tolist()
        return chosen


# ------------------------------------------------------------------------------------- registry
Rule = Callable[[Case], Iterator[Finding]]

RULES: dict[str, Rule] = {}


def rule(code: str) -> Callable[[Rule], Rule]:
    """Register a rule under the code of what it finds, or their common part such as "format."."""

    def register(function: Rule) -> Rule:
        RULES[code] = function
        return function

    return register


# ------------------------------------------------------------------- do real rows do it as often?
def more_often(count: int, of: int, real: float, of_real: int) -> bool:
    """Test whether something happens more often in synthetic rows than in real ones.

    Fisher's exact test, one-sided, and half as often again (Fisher 1935; the hypergeometric tail).

    Args:
        count: Synthetic rows in which it happens.
        of: Synthetic rows.
        real: Real rows in which it happens; a fraction is rounded up.
        of_real: Real rows.
    """
    return p_more_often(count, of, real, of_real) < RARE and count * of_real > FACTOR * real * of


def p_more_often(count: int, of: int, real: float, of_real: int) -> float:
    """Probability that chance alone puts at least `count` of all cases into the synthetic rows."""
    from scipy.stats import hypergeom

    happened = min(math.ceil(real), of_real) + count
    return float(hypergeom.sf(count - 1, of + of_real, happened, of)) if count else 1.0


def unusual(
    count: int, of: int, real: float, of_real: int, *, hardly_ever: bool = False, never: float = NEVER
) -> bool:
    """Decide whether something is a finding: real rows do it less often, or never.

    Args:
        count: Synthetic rows in which it happens.
        of: Synthetic rows.
        real: Real rows in which it happens.
        of_real: Real rows.
        hardly_ever: One case is enough where 200 real rows have none.
        never: Where real rows have none, the largest probability under chance that is a finding.
    """
    if not count or more_often(count, of, real, of_real):
        return count > 0
    enough = hardly_ever and of_real >= ENOUGH
    return not real and (enough or p_more_often(count, of, real, of_real) < never)


def grave(count: int, of: int, *, often: bool = True) -> Severity:
    """Rate a fault by its number of rows: an error from half of them, two at least; a note where it isn't `often`."""
    if not often:
        return "note"
    return "error" if count >= max(2, _HALF * of) else "warning"


# -------------------------------------------------------------------------------- in a sentence
def name(column: str) -> str:
    """Write a column's name as code, on one line and not too long: a name from a reply may hold anything."""
    return f"`{' '.join(column[:_LONGEST_NAME].split())}`"


def shown(value: Value) -> str:
    """Write a cell: texts in quotation marks, shortened."""
    return quoted(value, _LONGEST_CELL) if isinstance(value, str) else str(value)
