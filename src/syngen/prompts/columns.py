"""Choose the columns that prompts state with a text: those that go with what the texts say.

A table of a few labels shows them all. Of a wide one, the columns are shown that have mutual information with the
texts of the train rows: with the words in them, with their length, or because texts name the column's own value.
Identifiers, times, constants and texts are never shown; no prompt states more than `MOST` columns, so that a wide
table costs no more than a narrow one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen.columns import codecs
from syngen.errors import ConfigError
from syngen.text.format import joined, listed
from syngen.text.words import words
from syngen.types import ColumnProfile, Reference, Role, generator, per_reference

MOST = 12  # columns of a prompt, the texts among them
FEW = 6  # columns that are shown whatever they say
ENOUGH = 200  # texts: what fewer of them don't show may still be there
SAMPLE = 2_000  # texts looked at
WORDS = 200  # of their most common words
RARE, COMMON = 0.01, 0.8  # shares of texts with a word that says something
LABELS, FEWEST = 20, 5  # labels told apart, and rows of each
LONGEST = 200  # characters of a label that is looked for in its text
PARTS = 4  # of lengths and numbers
CHANCE = 0.01  # that a column without any connection is shown

_KNOWN = (Role.CATEGORY, Role.ORDINAL, Role.BOOLEAN, Role.NUMBER)

Codes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class KnownColumn:
    """A column that prompts state with a text."""

    name: str
    why: str  # why it is shown, in a few words
    bits: float = 0.0  # mutual information with what the texts say, summed over their words


@per_reference
def known_columns(reference: Reference, named: tuple[str, ...] = ()) -> tuple[KnownColumn, ...]:
    """Return the columns that prompts state with a text, labels first.

    Args:
        named: Columns to state instead of those that go with the texts.

    Raises:
        ConfigError: There is no such column, or a model writes it.
    """
    if named:
        return tuple(_named(reference, name) for name in dict.fromkeys(named))
    profile = reference.profile
    eligible = sorted(profile.with_role(*_KNOWN), key=lambda c: _KNOWN.index(c.role))
    if len(eligible) <= FEW or not profile.main:
        return tuple(KnownColumn(c.name, "the table has few columns") for c in eligible)
    texts = _Texts(reference)
    found = [known for column in eligible if (known := texts.connection(column, len(eligible)))]
    found.sort(key=lambda c: (profile[c.name].role is Role.NUMBER, -c.bits))
    found = found[: max(FEW, MOST - len(profile.written))]
    if not found or texts.count < ENOUGH:
        others = [c.name for c in eligible if c.name not in {known.name for known in found}]
        why = "too few texts to tell what goes with them"
        if texts.count >= ENOUGH:
            why = "no column goes with the texts; this is one of the first"
        found += [KnownColumn(name, why) for name in others[: max(0, FEW - len(found))]]
    return tuple(found)


def _named(reference: Reference, name: str) -> KnownColumn:
    names = reference.frame.columns
    if name not in names:
        raise ConfigError(
            f"{reference.source}: column '{name}' not found, so no prompt can show it.",
            f"Columns: {listed(names, most=12)}.",
        )
    if reference.profile[name].role.written:
        raise ConfigError(
            f"Column '{name}' is written by the model, so no prompt can state it beforehand.",
            "Name a column that code fills with --show-column.",
        )
    return KnownColumn(name, "named")


class _Texts:
    """A sample of the train texts: which common words each has, its length, and its words."""

    def __init__(self, reference: Reference) -> None:
        main = reference.profile.main
        cells = reference.frame[main].gather(reference.train)
        present = reference.train[(cells.fill_null("") != "").to_numpy()]
        rows = np.sort(generator(0, "columns that go with texts").permutation(present)[:SAMPLE])
        self._reference, self._rows, self.count = reference, rows, len(rows)
        self._codecs = codecs(reference.profile)
        self._said = [{word.lower() for word in words(text)} for text in reference.frame[main].gather(rows)]
        having = Counter(word for said in self._said for word in said)
        least = max(FEWEST, RARE * len(rows))
        telling = [(-n, word) for word, n in having.items() if least <= n <= COMMON * len(rows)]
        self._words = [word for _, word in sorted(telling)[:WORDS]]
        place = {word: i for i, word in enumerate(self._words)}
        self._holds = np.zeros(
            (len(rows), len(self._words)), np.float32
        )  # exact in counts, and twice as fast
        for row, said in enumerate(self._said):
            self._holds[row, [place[word] for word in said if word in place]] = 1.0
        self._lengths = np.eye(PARTS, dtype=np.float32)[
            _parts(reference.measures[main].words[rows].astype(np.float64))
        ]

    def connection(self, column: ColumnProfile, columns: int) -> KnownColumn | None:
        """Return what a column has to do with the texts; None where chance explains it.

        Mutual information by the G-test of independence, each word, the length and the naming of the own value a
        test; Bonferroni's correction over all tests of all columns, and the bias of Miller and Madow taken off.
        """
        from scipy.special import chdtri

        if not self.count:
            return None
        cells = self._reference.frame[column.name].gather(self._rows)
        numbers = self._codecs[column.name].numbers(cells) if column.role is Role.NUMBER else None
        codes = np.eye(LABELS + 2, dtype=np.float32)[
            _codes_of_numbers(numbers) if numbers is not None else _codes(cells)
        ]
        codes = codes[:, codes.any(axis=0)]
        held = codes.T @ self._holds
        tables = np.stack([held, codes.sum(axis=0)[:, None] - held], axis=2).transpose(1, 0, 2)
        tests = [
            *_g_tests(tables),
            _g_tests((codes.T @ self._lengths)[None])[0],
        ]
        freedom = [codes.shape[1] - 1] * len(self._words) + [(codes.shape[1] - 1) * (PARTS - 1)]
        whys = [f"“{word}”" for word in self._words] + ["their length"]
        if column.role is Role.CATEGORY:
            tests.append(self._names_itself(cells))
            freedom.append(1)
            whys.append("its own value")
        limits = chdtri(np.maximum(freedom, 1), CHANCE / (len(tests) * columns))
        excess = np.where(
            (np.array(tests) > limits) & (np.array(freedom) > 0), np.array(tests) - freedom, 0.0
        )
        if not excess.any():
            return None
        first = [whys[i] for i in np.argsort(-excess)[:3] if excess[i] > 0]
        return KnownColumn(
            column.name, f"goes with {joined(first)}", float(excess.sum() / (2 * np.log(2) * self.count))
        )

    def _names_itself(self, labels: pl.Series) -> float:
        """G of whether texts hold a word of their own label, compared with another row's label."""
        asked = [
            {word.lower() for word in words(str(label)[:LONGEST]) if len(word) > 1}
            for label in labels.fill_null("").to_list()
        ]
        other = generator(0, "labels of others").permutation(len(asked))
        own = sum(bool(a & said) for a, said in zip(asked, self._said, strict=True))
        others = sum(bool(asked[i] & said) for i, said in zip(other, self._said, strict=True))
        table = np.array([[[own, self.count - own], [others, self.count - others]]], float)
        return float(_g_tests(table)[0]) if own > others else 0.0


def _codes_of_numbers(numbers: Floats) -> Codes:
    """The part that each number lies in, from 0; a code of its own for an absent one."""
    return np.where(np.isnan(numbers), LABELS + 1, _parts(numbers))


def _codes(cells: pl.Series) -> Codes:
    """Number labels: the common ones from 0, then all others, then none."""
    ranks = cells.rank("dense").fill_null(0).to_numpy().astype(np.int64)
    counts = np.bincount(ranks)
    counts[0] = 0
    common = [rank for rank in np.argsort(-counts, kind="stable")[:LABELS] if counts[rank] >= FEWEST]
    place = np.full(len(counts), LABELS)
    place[common] = np.arange(len(common))
    place[0] = LABELS + 1
    found: Codes = place[ranks]
    return found


def _parts(numbers: Floats) -> Codes:
    """Number the equally large parts that numbers lie in, 0 to PARTS - 1."""
    known = numbers[~np.isnan(numbers)]
    if not len(known):
        return np.zeros(len(numbers), np.int64)
    edges = np.unique(np.quantile(known, np.arange(1, PARTS) / PARTS))
    return np.searchsorted(edges, np.nan_to_num(numbers), side="left").astype(np.int64)


def _g_tests(tables: npt.NDArray[Any]) -> Floats:
    """G of contingency tables, shape (tables, rows, columns); 0 where a table is independent."""
    tables = tables.astype(np.float64)
    total = tables.sum(axis=(1, 2), keepdims=True)
    expected = tables.sum(axis=2, keepdims=True) * tables.sum(axis=1, keepdims=True) / np.maximum(total, 1.0)
    logs = np.log(np.divide(tables, expected, out=np.ones_like(tables), where=(tables > 0) & (expected > 0)))
    g: Floats = 2 * (tables * logs).sum(axis=(1, 2))
    return g
