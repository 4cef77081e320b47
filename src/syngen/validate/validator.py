"""Accept or reject candidates: complete a row in the reference's columns, then check it.

A candidate gets its slot's values and what derives from its texts (planned mode). Then its columns, their
types and its texts are checked, whether it is new, and last whether it ends in a sentence and, because it takes
longest, its language. An accepted row is remembered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Literal

import numpy as np

from syngen.columns import Fault, codecs, derive_from_text, holds
from syngen.text.ngrams import plain
from syngen.types import Candidate, ColumnProfile, Prompt, Reference, Rejected, Slot, Value
from syngen.validate.forms import ENOUGH
from syngen.validate.novelty import Novelty
from syngen.validate.texts import LONGER, SHORTER, Text, fitting_checks, instructions

SHORT = 0.01  # of the real texts may be shorter than what counts as their shortest
_SAMPLE = 500  # real texts a check is tried on
# The check that says least, and the one that takes as long as all others together
_LATE = ("unfinished", "wrong_language")

Stage = Literal["valid", "new"]


class Validator:
    """Checks candidates against a reference and against all rows accepted before.

    Args:
        reference: The real rows. No row may copy any of them, held out or not.
        native: Candidates come from free replies: every column is checked, none is filled in.
        only_with_text: In native mode, the main text must be there though real rows may lack it.
    """

    def __init__(self, reference: Reference, *, native: bool = False, only_with_text: bool = False) -> None:
        self._reference = reference
        self._profile = reference.profile
        self._native = native
        self._only_with_text = only_with_text
        self._written = {column.name: column for column in self._profile.written}
        self._main = self._profile.main
        self._codecs = codecs(self._profile, reference.frame, reference.unsampled).values()
        self._judged = [codec for codec in self._codecs if native and not codec.written]
        self._longest = {name: self._longest_of(name) for name in self._written}
        self._shortest = {name: self._shortest_of(name) for name in self._written}
        self._checks = {name: fitting_checks(self._sample(name)) for name in self._written}
        self._novelty = Novelty(reference)
        self._shown_words = lru_cache(maxsize=64)(self._words_of_rows)

    def judge(self, candidate: Candidate, slot: Slot | None, prompt: Prompt) -> dict[str, Value] | Rejected:
        """Accept a candidate or reject it.

        Args:
            candidate: A row as read.
            slot: The slot it answers; None in native mode.
            prompt: What the model read.

        Returns:
            The row, exactly the reference's columns in their order, or a reject of stage "valid"
            (`missing_column`, `missing_value`, `wrong_type`, `out_of_range`, `unknown_value`,
            `bad_pattern`, `empty_text`, the reasons in `texts.CHECKS`, `wrong_language`) or "new"
            (`duplicate`, `near_duplicate`, `copied_shown`, `copied_reference`, `copied_identifier`).
        """
        row = self._complete(candidate, slot)
        if isinstance(row, Fault):
            return _rejected("valid", row, candidate)
        for stage, fault in self._faults(row, slot, prompt):
            return _rejected(stage, fault, candidate)
        self.remember(row)
        return row

    def remember(self, values: Mapping[str, Value]) -> None:
        """Take an accepted row into account from now on, as after a resume."""
        self._novelty.remember(values)

    def _complete(self, candidate: Candidate, slot: Slot | None) -> dict[str, Value] | Fault:
        """The whole row; texts without the spaces around them, empty ones absent."""
        known = dict(slot.values) if slot is not None else {}
        known |= candidate.values
        for name in self._written:
            text = known.get(name)
            if text is not None:
                known[name] = str(text).strip() or None
        row: dict[str, Value] = {}
        for column in self._profile.columns:
            if column.name in known:
                row[column.name] = known[column.name]
            elif self._native or column.derived is None or column.derived.source not in known:
                return Fault("missing_column", f"The row has no {column.name!r}.")
            else:
                row[column.name] = derive_from_text(column, known[column.derived.source])
        return row

    def _faults(
        self, row: Mapping[str, Value], slot: Slot | None, prompt: Prompt
    ) -> Iterator[tuple[Stage, Fault]]:
        """The faults of a complete row in the order of the checks; later checks run when asked for."""
        for codec in self._judged:
            if fault := codec.validate(row[codec.name]):
                yield "valid", fault
        for codec in self._codecs:
            value = row[codec.name]
            if not holds(codec.dtype, value):
                detail = f"{codec.name!r} is {value!r}, which no {codec.dtype} column can hold."
                yield "valid", Fault("wrong_type", detail)
        texts: dict[str, Text] = {}
        for name, column in self._written.items():
            if row[name] is not None:
                texts[name] = self._text(name, row[name], slot, prompt)
                for reason, check in self._checks[name].items():
                    if reason not in _LATE and (said := check(texts[name])):
                        yield "valid", Fault(reason, f"{name!r}: {said}")
            elif self._is_required(column, slot):
                yield "valid", Fault("empty_text", f"{name!r} is empty.")
        for codec in self._judged:
            if fault := codec.copied(row[codec.name]):
                yield "new", fault
        if fault := self._novelty.fault(row, prompt.shown):
            yield "new", fault
        for name, text in texts.items():
            for reason in _LATE:
                late = self._checks[name].get(reason)
                if late is not None and (said := late(text)):
                    yield "valid", Fault(reason, f"{name!r}: {said}")

    def _is_required(self, column: ColumnProfile, slot: Slot | None) -> bool:
        """Whether a text must be there: planned, or never missing in the real rows, or the main one if asked for."""
        if slot is not None:
            return column.name in slot.texts
        return not column.missing or (self._only_with_text and column.name == self._main)

    def _text(self, name: str, value: str, slot: Slot | None, prompt: Prompt) -> Text:
        words, characters = self._longest[name]
        target = slot.texts.get(name) if slot is not None else None
        fewest = self._shortest[name] if target is None else min(self._shortest[name], target.words)
        return Text(
            value,
            plain(value),
            main=name == self._main,
            most_words=LONGER * max(words, target.words if target else 0),
            most_characters=LONGER * max(characters, 10 * target.words if target else 0),
            fewest_words=fewest // SHORTER,
            instructions=instructions(prompt),
            shown=lambda: self._shown_words(prompt.shown),
        )

    def _longest_of(self, name: str) -> tuple[int, int]:
        """Words and characters of the longest real text of a column, or of a short sentence."""
        characters = self._reference.frame[name].str.len_chars().fill_null(0).to_numpy()
        words = self._reference.measures[name].words
        return max(10, int(words.max())), max(60, int(characters.max()))

    def _shortest_of(self, name: str) -> int:
        """Words that nearly all real texts of a column have; 0 where there are too few to say."""
        words = self._reference.measures[name].words
        return int(np.quantile(words[words > 0], SHORT)) if (words > 0).sum() >= ENOUGH else 0

    def _sample(self, name: str) -> list[Text]:
        """Some real texts, spread over the training rows."""
        train = self._reference.train
        rows = train[:: max(1, len(train) // _SAMPLE)].tolist()
        texts = (self._reference.frame[name][row] for row in rows)
        return [Text(t, plain(t), name == self._main, *self._longest[name]) for t in texts if t is not None]

    def _words_of_rows(self, rows: tuple[int, ...]) -> str:
        """The plain words of the written columns of some real rows."""
        frame = self._reference.frame
        return " ".join(plain(frame[name][row] or "") for row in rows for name in self._written)


def _rejected(stage: Stage, fault: Fault, candidate: Candidate) -> Rejected:
    return Rejected(stage, fault.reason, candidate.raw, fault.detail, candidate.slot)
