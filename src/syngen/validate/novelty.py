"""Is a row new? Its texts are compared with the rows accepted so far, the rows shown and all real rows.

Written columns in, a `Fault` or None out. What counts are runs of words: half the runs of five words
from earlier rows, twelve words in a row from a real one, or eight from one that was shown in the very
call, make a copy. Phrases that three real texts share belong to nobody and count as neither. Texts of
fewer than five words repeat in real data too; there the whole row, title and text, has to be new. Besides,
no text may hold an e-mail address, a number or a code that points to whoever wrote a real one, see `personal`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from syngen.columns import Fault
from syngen.text.ngrams import Corpus, Hashes, Seen, among, longest_run, plain, runs, word_hashes
from syngen.types import Reference, Role, Value
from syngen.validate.personal import pointers

RUN = 5  # words of a run
SHARE = 0.5  # of a text's runs seen before: a copy
FEWEST_RUNS = 3  # two stock phrases make no copy of a text that has more runs
SPAN = 12  # words in a row from any real text
SHOWN_SPAN = 8  # words in a row from a row shown: by chance so rare that it need not be so long
COMMON = 3  # real texts that share a phrase, which then belongs to nobody


class Novelty:
    """What was written before: in the reference, and in the rows accepted since."""

    def __init__(self, reference: Reference) -> None:
        profile = reference.profile
        self._columns = [column.name for column in profile.written]
        self._long = [c.name for c in profile.with_role(Role.TEXT)] or [profile.main_text.name]
        self._reference = reference
        self._texts = reference.frame.select(self._columns)
        self._real: Counter[int] = Counter()
        distinct: dict[int, Hashes] = {}
        pointing: Counter[str] = Counter()
        for row in self._texts.iter_rows(named=True):
            key = self._key(row)
            if not self._real[key]:
                pointing.update(pointers(self._whole(row)))
            self._real[key] += 1
            words = word_hashes(self._text(row))
            distinct[hash(words.tobytes())] = words
        self._pointers = frozenset(string for string, texts in pointing.items() if texts < COMMON)
        hashed = list(distinct.values())
        self._runs = Corpus(hashed, RUN, COMMON)
        self._spans = Corpus(hashed, SPAN, COMMON)
        self._accepted: Counter[int] = Counter()
        self._count = 0
        self._accepted_runs = Seen()
        self._runs_of_row = lru_cache(maxsize=1_024)(self._runs_of)
        self._shown_runs = lru_cache(maxsize=64)(self._runs_of_rows)

    def fault(self, row: Mapping[str, Value], shown: Sequence[int]) -> Fault | None:
        """Why a row is not new, or None.

        Args:
            row: Its values; only the written columns count.
            shown: Row numbers of the real rows in the prompt it came from.
        """
        if self._pointers and (own := pointers(self._whole(row)) & self._pointers):
            return Fault("copied_identifier", f"It holds {min(own)!r}, which stands in a real row.")
        key = self._key(row)
        words = word_hashes(self._text(row))
        short = len(words) < RUN
        if short and self._real[key] >= COMMON:
            return self._too_often(key)
        if self._accepted[key]:
            return Fault("duplicate", "The same texts were accepted before.")
        if self._real[key]:
            return _copy("Its texts are those of a real row.", shown=self._is_shown(key, shown))
        return None if short else self._long_fault(words, shown)

    def remember(self, row: Mapping[str, Value]) -> None:
        """Take a row into account from now on."""
        self._accepted[self._key(row)] += 1
        self._count += 1
        self._accepted_runs.add(runs(word_hashes(self._text(row)), RUN))

    def _long_fault(self, words: Hashes, shown: Sequence[int]) -> Fault | None:
        """What runs of words say, for texts of five words or more."""
        found = runs(words, RUN)
        from_shown = among(found, self._shown_runs(tuple(shown)))
        real, common = self._runs.look_up(found)
        if _is_copy(real):
            detail = f"{real.mean():.0%} of its runs of {RUN} words stand in real rows."
            return _copy(detail, shown=bool(from_shown[real].mean() >= SHARE))
        spans = real
        if (real | common).any():  # as the runs within any known span are
            spans, _ = self._spans.look_up(runs(words, SPAN))
        if spans.any():
            detail = f"{longest_run(spans) + SPAN - 1} words in a row stand in a real row."
            return _copy(detail, shown=longest_run(from_shown) + RUN > SPAN)
        length = longest_run(from_shown & ~common) + RUN - 1 if from_shown.any() else 0
        if length >= SHOWN_SPAN:
            return _copy(f"{length} words in a row stand in a row it was shown.", shown=True)
        again = self._accepted_runs.holds(found) & ~common
        if _is_copy(again):
            detail = f"{again.mean():.0%} of its runs of {RUN} words were accepted before."
            return Fault("near_duplicate", detail)
        return None

    def _too_often(self, key: int) -> Fault | None:
        """A short row that many real rows share may come as often as it does there, and no more."""
        share = self._real[key] / self._reference.frame.height
        if self._accepted[key] < 1 + share * self._count:
            return None
        return Fault(
            "duplicate", f"{self._accepted[key]} accepted rows say so, as large a share as real ones."
        )

    def _is_shown(self, key: int, shown: Sequence[int]) -> bool:
        return any(self._key(self._real_row(number)) == key for number in shown)

    def _runs_of_rows(self, rows: tuple[int, ...]) -> frozenset[int]:
        return frozenset().union(*map(self._runs_of_row, rows))

    def _runs_of(self, row: int) -> tuple[int, ...]:
        return tuple(runs(word_hashes(self._text(self._real_row(row))), RUN).tolist())

    def _real_row(self, number: int) -> dict[str, Value]:
        return self._texts.row(number, named=True)

    def _key(self, row: Mapping[str, Value]) -> int:
        """One hash for what a row says in its written columns; what has no words counts as it is."""
        texts = (row[name] or "" for name in self._columns)
        return hash(tuple(plain(text) or text.strip() for text in texts))

    def _whole(self, row: Mapping[str, Value]) -> str:
        return "\n".join(row[name] or "" for name in self._columns)

    def _text(self, row: Mapping[str, Value]) -> str:
        return "\n".join(row[name] or "" for name in self._long)


def _copy(detail: str, *, shown: bool) -> Fault:
    """The fault of a row copied from a real one, which the model was shown or was not."""
    return Fault("copied_shown" if shown else "copied_reference", detail)


def _is_copy(seen: npt.NDArray[np.bool_]) -> bool:
    return int(seen.sum()) >= max(SHARE * len(seen), min(len(seen), FEWEST_RUNS)) > 0
