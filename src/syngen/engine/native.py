"""Native mode: one free-text question for each few rows that are still missing, as a person would ask.

Nothing is planned row by row. Prompts state the target distributions in a few numbers, corrected by what the
model has made of them so far.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from typing import Any

import numpy as np
import numpy.typing as npt

from syngen import controls
from syngen.config import RunConfig
from syngen.controls import ControlSettings
from syngen.engine.controller import MOST_GRADES, MOST_RATIO, OPENING, RATE
from syngen.plan import control_targets
from syngen.prompts import PromptContext, native_requests, prompt_context
from syngen.store import Journal
from syngen.tables import replies
from syngen.text.attributes import attributes
from syngen.text.words import count_words, grade, opening
from syngen.types import Candidate, Completion, Model, Reference, Rejected, Request, Row, generator
from syngen.validate import Validator

ASPECTS = 6  # named in one question
FIRST_REPLIES, FIRST_ROWS = 3, 30  # after which it shows that a model can't do it
RANGE = (0.1, 0.5, 0.9)  # quantiles of the target distribution that a question names


class NativeMode:
    """Request whole rows in free text, continuing where the journal ends.

    Raises:
        ConfigError: A strategy needs a model that chats.
    """

    def __init__(self, reference: Reference, config: RunConfig, model: Model, journal: Journal) -> None:
        self._config = config
        self._model = model
        self._context = prompt_context(reference, config, model)
        self._controller = NativeController(self._context, config.control_settings, steer=config.steer)
        self._validator = Validator(reference, native=True, only_with_text=config.only_with_text)
        self._filled = 0
        for _, _, values in journal.placed():
            self._validator.remember(values)
            self._filled += 1
        self._calls = journal.next_attempt()
        self._in_flight = 0  # rows requested by calls that are not back yet
        self._requested = 0  # rows requested by calls that are
        self._accepted = 0  # of these
        self._replies, self._readable = 0, 0  # replies, and those that hold a whole row
        self._rejected: dict[str, list[str]] = {}  # by reason what is wrong with the rows, a sentence each
        self._choices: deque[Request] = deque()  # of the last question, not yet handed out

    @property
    def missing(self) -> int:
        """Rows not yet accepted."""
        return self._config.n - self._filled

    @property
    def hopeless(self) -> str:
        """Why nothing good can be expected of the model after its first replies; empty while there is hope."""
        unreadable = self._replies >= FIRST_REPLIES and not self._readable
        unusable = self._replies >= FIRST_REPLIES and self._requested >= FIRST_ROWS
        if self._accepted or not (unreadable or unusable):
            return ""
        often = max(self._rejected.values(), key=len)[0]
        return (
            f"Acceptance rate too low: of the {self._requested:,} rows requested in the first {self._replies} calls "
            f"none was accepted. Most often: {often} Remove --mode native, so that the model writes only the texts, "
            "or use a larger --model; --min-yield 0 goes on all the same."
        )

    def next_request(self) -> Request | None:
        """Ask for what is missing beyond what the calls in flight should bring at the yield so far.

        Until a row was accepted, no more rows are in flight than were requested before, or than shows a hopeless model.
        """
        first = FIRST_REPLIES * self._config.rows_each * self._config.choices
        if not (self._choices or self._accepted) and self._in_flight >= max(first, self._requested):
            return None
        if not self._choices:
            share = (self._accepted + 1) / (self._requested + 1)
            lacking = math.ceil(self.missing - self._in_flight * share)
            rows = min(self._config.rows_each, lacking)
            if rows <= 0:
                return None
            choices = min(self._config.choices, math.ceil(lacking / rows))
            calls, targets = self._calls, self._controller.ask(self._calls)
            self._choices.extend(native_requests(self._context, rows, calls, self._model, targets, choices))
            self._calls += 1
            self._in_flight += rows * choices
        return self._choices.popleft()

    def settle(self, completion: Completion) -> tuple[list[Row], list[Rejected], int]:
        """Read and validate a reply; rows beyond N are surplus.

        Returns:
            The rows accepted; the rejects; how many rows the reply held complete, before any repair.
        """
        request = completion.request
        self._in_flight -= request.rows
        self._requested += request.rows
        if completion.finish == "error":
            return [], [Rejected("call", "failed", completion.text, completion.error)], 0
        reply = replies.native(completion.text, self._context.reference.profile)
        self._replies += 1
        self._readable += reply.complete_rows > 0
        rows: list[Row] = []
        rejected = list(reply.rejected)
        for candidate in reply.candidates:
            self._controller.receive(candidate)
            values = self._validator.judge(candidate, None, request.prompt)
            if isinstance(values, Rejected):
                rejected.append(values)
            elif self.missing:
                rows.append(Row(self._filled, values, request.fingerprint, (*reply.notes, *candidate.notes)))
                self._filled += 1
                self._accepted += 1
            else:
                detail = "More rows than were asked for."
                rejected.append(Rejected("surplus", "beyond_n", candidate.raw, detail))
        if not rows and not rejected:
            rejected = [Rejected("call", "no_rows", completion.text, "The reply holds no row.")]
        for reject in rejected:
            self._rejected.setdefault(reject.reason, []).append(reject.detail)
        return rows, rejected, reply.complete_rows


class NativeController:
    """The target distributions in words and numbers, for one question after the other.

    Args:
        context: Its strategies say which controls a question states.
        settings: The controls.
        steer: Correct what is asked for by what the model has made of it so far.
    """

    def __init__(self, context: PromptContext, settings: ControlSettings, *, steer: bool) -> None:
        self._context, self._steer = context, steer and bool(context.strategies)
        self._main = context.reference.profile.main
        targets = control_targets(context.reference, self._main, context.reference.train, settings)
        self._words, self._grades = map(_quantiles, targets)
        self._ratio = self._offset = 0.0  # of achieved words (a logarithm) and grades to what was asked for
        self._openings: Counter[str] = Counter()

    def ask(self, attempt: int) -> dict[str, Any] | None:
        """Return the values of the `native` blocks for the question after `attempt` others; None without strategies."""
        if not self._context.strategies:
            return None
        ratio = math.exp(-self._ratio)
        low, words, high = (max(1, round(w * ratio)) for w in self._words or (1, 1, 1))
        grades = [min(max(g - self._offset, controls.LOWEST), controls.HARDEST) for g in self._grades]
        aspects = []
        if self._context.diversity is not None:
            mined = list(attributes(self._context.reference, self._main).mined)
            rng = generator(self._context.seed, "native aspects", attempt)
            aspects = [mined[i] for i in rng.permutation(len(mined))[:ASPECTS]]
        return {
            "low": low,
            "words": words,
            "high": high,
            "grade": grades[1] if grades else None,
            "grades": (grades[0], grades[2]) if grades else (),
            "aspects": aspects,
            "avoid": [words for words, n in self._openings.most_common(3) if n > 1],
        }

    def receive(self, candidate: Candidate) -> None:
        """Learn from a row, accepted or not, how the model follows what it is asked for."""
        text = candidate.values.get(self._main)
        if not self._steer or not isinstance(text, str):
            return
        words, level = count_words(text), grade(text)
        if words and self._words:
            asked = self._words[1] * math.exp(-self._ratio)
            ratio = self._ratio + RATE / 3 * (math.log(words / asked) - self._ratio)
            self._ratio = min(max(ratio, -math.log(MOST_RATIO)), math.log(MOST_RATIO))
        if level is not None and self._grades:
            asked = self._grades[1] - self._offset
            offset = self._offset + RATE / 3 * (level - asked - self._offset)
            self._offset = min(max(offset, -MOST_GRADES), MOST_GRADES)
        self._openings[opening(text, OPENING)] += 1


def _quantiles(values: npt.NDArray[np.float64]) -> list[float]:
    known = values[~np.isnan(values)]
    return [float(q) for q in np.quantile(known, RANGE)] if len(known) else []
