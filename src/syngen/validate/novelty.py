"""Check that a row is new, compared with all real rows, the rows shown in the prompt and the rows accepted.

Half the n-grams of earlier rows, twelve words in a row from a real row, or eight from a row shown in the
very call make a copy. N-grams that three real texts share belong to nobody and count as neither. Texts
of fewer than five words repeat in real data too; there the whole row, title and text, has to be new. A row
without any text is a copy when all its columns are those of a row, unless it has nothing but labels. No
text may hold an e-mail address, a number or a code that points to the writer of a real row, see `personal`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache

from syngen.columns import Fault
from syngen.text.ngrams import (
    COMMON,
    COPY,
    FEWEST_NGRAMS,
    NGRAM,
    SHOWN_SPAN,
    SPAN,
    Hashes,
    HashSet,
    Mask,
    NgramCounts,
    among,
    longest_run,
    ngrams,
    row_key,
    row_keys,
    tokenised,
    word_hashes,
)
from syngen.types import Reference, Role, Value
from syngen.validate.personal import pointers

_LABELS = (Role.CATEGORY, Role.ORDINAL, Role.BOOLEAN, Role.CONSTANT)  # many rows share theirs


class Novelty:
    """Compares rows with the reference and with the rows accepted so far."""

    def __init__(self, reference: Reference) -> None:
        profile = reference.profile
        self._columns = [column.name for column in profile.written]
        self._long = [c.name for c in profile.with_role(Role.TEXT)] or [profile.main]
        self._telling = [c.name for c in profile.columns if c.role not in _LABELS and not c.role.written]
        self._reference = reference
        rows = reference.frame.select(self._columns)
        self._keys = row_keys(rows, self._columns)
        self._real = Counter(self._keys)
        distinct = dict(zip(self._keys, rows.iter_rows(named=True), strict=True)).values()
        pointing = Counter(pointer for row in distinct for pointer in pointers(_joined(row, self._columns)))
        self._pointers = frozenset(pointer for pointer, texts in pointing.items() if texts < COMMON)
        self._texts = tokenised([_joined(row, self._long) for row in rows.iter_rows(named=True)])
        texts = self._texts.distinct()
        self._ngrams, self._spans = NgramCounts(texts, NGRAM), NgramCounts(texts, SPAN)
        self._shown = lru_cache(maxsize=64)(lambda rows: self._texts.ngram_set(rows, NGRAM))
        self._accepted: Counter[int] = Counter()
        self._accepted_cells: set[str] = set()  # of rows without a text
        self._count = 0
        self._accepted_ngrams = HashSet()

    def fault(self, row: Mapping[str, Value], shown: Sequence[int]) -> Fault | None:
        """Return why a row is not new, or None.

        Args:
            row: Its values; only the written columns count, where one is there.
            shown: Row numbers of the real rows in the prompt it came from.
        """
        if not any(row[name] for name in self._columns):
            return self._fault_without_text(row, shown)
        if self._pointers and (own := pointers(_joined(row, self._columns)) & self._pointers):
            return Fault("copied_identifier", f"It holds {min(own)!r}, which stands in a real row.")
        key = self._key(row)
        words = word_hashes(_joined(row, self._long))
        short = len(words) < NGRAM
        if short and self._real[key] >= COMMON:
            return self._too_often(key)
        if self._accepted[key]:
            return Fault("duplicate", "The same texts were accepted before.")
        if self._real[key]:
            is_shown = any(self._keys[number] == key for number in shown)
            return _copy("Its texts are those of a real row.", shown=is_shown)
        return None if short else self._long_fault(words, shown)

    def remember(self, row: Mapping[str, Value]) -> None:
        """Take an accepted row into account from now on."""
        self._count += 1
        if not any(row[name] for name in self._columns):
            self._accepted_cells.add(_cells(row.values()))
            return
        self._accepted[self._key(row)] += 1
        self._accepted_ngrams.add(ngrams(word_hashes(_joined(row, self._long)), NGRAM))

    def _fault_without_text(self, row: Mapping[str, Value], shown: Sequence[int]) -> Fault | None:
        """Judge a row without a text by all of its columns."""
        if all(row[name] is None for name in self._telling):
            return None
        cells = _cells(row[name] for name in self._reference.frame.columns)
        numbers = self._rows_without_text.get(cells, [])
        if 0 < len(numbers) < COMMON:
            return _copy("All its columns are those of a real row.", shown=not set(numbers).isdisjoint(shown))
        if cells in self._accepted_cells:
            return Fault("duplicate", "The same row was accepted before.")
        return None

    @cached_property
    def _rows_without_text(self) -> dict[str, list[int]]:
        """The numbers of the real rows without a text, by their cells."""
        found: dict[str, list[int]] = {}
        for number, row in enumerate(self._reference.frame.iter_rows(named=True)):
            if not any(row[name] for name in self._columns):
                found.setdefault(_cells(row.values()), []).append(number)
        return found

    def _long_fault(self, words: Hashes, shown: Sequence[int]) -> Fault | None:
        """Judge a text of five words or more by its n-grams."""
        found = ngrams(words, NGRAM)
        from_shown = among(found, self._shown(tuple(shown)))
        texts = self._ngrams.of(found)
        common = texts >= COMMON
        real = (texts > 0) & ~common
        if _is_copy(real):
            detail = f"{real.mean():.0%} of its runs of {NGRAM} words stand in real rows."
            return _copy(detail, shown=bool(from_shown[real].mean() >= COPY))
        if texts.any():  # as the n-grams within any known span are
            texts = self._spans.of(ngrams(words, SPAN))
            spans = (texts > 0) & (texts < COMMON)
            if spans.any():
                detail = f"{longest_run(spans)[1] + SPAN - 1} words in a row stand in a real row."
                return _copy(detail, shown=longest_run(from_shown)[1] + NGRAM > SPAN)
        length = longest_run(from_shown & ~common)[1] + NGRAM - 1 if from_shown.any() else 0
        if length >= SHOWN_SPAN:
            return _copy(f"{length} words in a row stand in a row it was shown.", shown=True)
        again = self._accepted_ngrams.holds(found) & ~common
        if _is_copy(again):
            detail = f"{again.mean():.0%} of its runs of {NGRAM} words were accepted before."
            return Fault("near_duplicate", detail)
        return None

    def _too_often(self, key: int) -> Fault | None:
        """A short row that many real rows share may come as often as it does there, and no more."""
        share = self._real[key] / len(self._keys)
        if self._accepted[key] < 1 + share * self._count:
            return None
        return Fault(
            "duplicate", f"{self._accepted[key]} accepted rows say so, as large a share as real ones."
        )

    def _key(self, row: Mapping[str, Value]) -> int:
        return row_key(row[name] or "" for name in self._columns)


def _cells(values: Iterable[Value]) -> str:
    return "\0".join(map(str, values))


def _joined(row: Mapping[str, Value], columns: Sequence[str]) -> str:
    return "\n".join(row[name] or "" for name in columns)


def _copy(detail: str, *, shown: bool) -> Fault:
    """The fault of a row copied from a real one, which the model was shown or was not."""
    return Fault("copied_shown" if shown else "copied_reference", detail)


def _is_copy(known: Mask) -> bool:
    return int(known.sum()) >= max(COPY * len(known), min(len(known), FEWEST_NGRAMS)) > 0
