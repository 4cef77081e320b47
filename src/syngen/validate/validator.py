"""The judge: a candidate in, the whole row in the reference's columns out, or a `Rejected`.

A candidate is completed (planned mode: by its slot's values and by what derives from its texts) and
goes through the checks in order: its columns, their types, its texts, whether it is new, and last,
because it takes longest, its language. What passes is remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from syngen.columns import Fault, codecs, derive_from_text
from syngen.text.ngrams import plain
from syngen.types import Candidate, ColumnProfile, Prompt, Reference, Rejected, Slot, Value
from syngen.validate.novelty import Novelty
from syngen.validate.texts import LONGER, Text, fitting_checks, instructions

SAMPLE = 500  # real texts a check is tried on
LATE = "wrong_language"  # the check that takes as long as all others together

Stage = Literal["valid", "new"]


@dataclass(frozen=True, slots=True)
class _Case:
    """A complete row under judgement, with the call it came from."""

    row: dict[str, Value]
    slot: Slot | None
    shown: tuple[int, ...]
    prompt: Prompt


class Validator:
    """Judges candidates against a reference and against all that it took before.

    Args:
        reference: The real rows. All of them, held out or not, are what no row may copy.
        native: Candidates come from free replies: every column is judged, none is filled in.
    """

    def __init__(self, reference: Reference, *, native: bool = False) -> None:
        self._reference = reference
        self._profile = reference.profile
        self._native = native
        self._written = {column.name: column for column in self._profile.written}
        self._main = self._profile.main_text.name
        self._codecs = codecs(self._profile, reference.frame).values()
        self._judged = [codec for codec in self._codecs if native and not codec.written]
        self._longest = {name: self._longest_of(name) for name in self._written}
        self._checks = {name: fitting_checks(self._sample(column)) for name, column in self._written.items()}
        self._novelty = Novelty(reference)
        self._shown_words = lru_cache(maxsize=64)(self._words_of_rows)
        steps: list[tuple[Stage, Callable[[_Case], Fault | None]]] = [
            ("valid", self._columns_fault),
            ("valid", self._types_fault),
            ("valid", self._texts_fault),
            ("new", self._identifiers_fault),
            ("new", lambda case: self._novelty.fault(case.row, case.shown)),
            ("valid", self._language_fault),
        ]
        self._steps = steps

    def judge(
        self, candidate: Candidate, slot: Slot | None, shown: Sequence[int], prompt: Prompt
    ) -> dict[str, Value] | Rejected:
        """Take a candidate or reject it.

        Args:
            candidate: A row as read.
            slot: The slot it answers; None in native mode.
            shown: Row numbers of the real rows in the prompt.
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
        case = _Case(row, slot, tuple(shown), prompt)
        for stage, step in self._steps:
            fault = step(case)
            if fault is not None:
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

    def _columns_fault(self, case: _Case) -> Fault | None:
        faults = (codec.validate(case.row[codec.name]) for codec in self._judged)
        return next((fault for fault in faults if fault is not None), None)

    def _types_fault(self, case: _Case) -> Fault | None:
        for codec in self._codecs:
            value = case.row[codec.name]
            if not codec.holds(value):
                detail = f"{codec.name!r} is {value!r}, which no {codec.dtype} column can hold."
                return Fault("wrong_type", detail)
        return None

    def _identifiers_fault(self, case: _Case) -> Fault | None:
        faults = (codec.copied(case.row[codec.name]) for codec in self._judged)
        return next((fault for fault in faults if fault is not None), None)

    def _texts_fault(self, case: _Case) -> Fault | None:
        for column in self._written.values():
            if case.row[column.name] is None:
                if self._is_due(column, case.slot):
                    return Fault("empty_text", f"{column.name!r} is empty.")
                continue
            text = self._text(column, case)
            for reason, check in self._checks[column.name].items():
                detail = check(text) if reason != LATE else None
                if detail is not None:
                    return Fault(reason, f"{column.name!r}: {detail}")
        return None

    def _language_fault(self, case: _Case) -> Fault | None:
        for name, column in self._written.items():
            check = self._checks[name].get(LATE)
            if check is not None and case.row[name] is not None:
                detail = check(self._text(column, case))
                if detail is not None:
                    return Fault(LATE, f"{name!r}: {detail}")
        return None

    def _is_due(self, column: ColumnProfile, slot: Slot | None) -> bool:
        """Whether a text must be there: planned, or never missing in the real rows, or the main one."""
        if slot is not None:
            return column.name in slot.texts
        return not column.missing or column.name == self._main

    def _text(self, column: ColumnProfile, case: _Case) -> Text:
        value = case.row[column.name]
        words, characters = self._longest[column.name]
        target = case.slot.texts.get(column.name) if case.slot is not None else None
        return Text(
            value,
            plain(value),
            main=column.name == self._main,
            most_words=LONGER * max(words, target.words if target else 0),
            most_characters=LONGER * max(characters, 10 * target.words if target else 0),
            instructions=instructions(case.prompt),
            shown=lambda: self._shown_words(case.shown),
        )

    def _longest_of(self, name: str) -> tuple[int, int]:
        """Words and characters of the longest real text of a column, or of a short sentence."""
        characters = self._reference.frame[name].str.len_chars().to_list()
        words = int(self._reference.measures[name].words.max())
        return max(words, 10), max(60, *(c or 0 for c in characters))

    def _sample(self, column: ColumnProfile) -> list[Text]:
        """Some real texts, spread over the training rows, as the checks see them."""
        train = self._reference.train
        rows = train[:: max(1, len(train) // SAMPLE)].tolist()
        words, characters = self._longest[column.name]
        texts = (self._reference.frame[column.name][row] for row in rows)
        main = column.name == self._main
        return [Text(t, plain(t), main, words, characters) for t in texts if t is not None]

    def _words_of_rows(self, rows: tuple[int, ...]) -> str:
        """The plain words of the written columns of some real rows."""
        frame = self._reference.frame
        return " ".join(plain(frame[name][row] or "") for row in rows for name in self._written)


def _rejected(stage: Stage, fault: Fault, candidate: Candidate) -> Rejected:
    return Rejected(stage, fault.reason, candidate.raw, fault.detail, candidate.slot)
