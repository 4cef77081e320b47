"""Planned mode: one request for each few open slots; a slot whose row is rejected is requested again at once.

So a run does not end with a few slots left and an idle model.
"""

from __future__ import annotations

from collections import deque
from statistics import median

from syngen.config import RunConfig
from syngen.engine.controller import Controller
from syngen.prompts import planned_request, prompt_context, strategy_of
from syngen.store import Journal
from syngen.tables import replies
from syngen.text.words import count_words
from syngen.types import Candidate, Completion, Model, Plan, Reference, Rejected, Request, Row, Slot
from syngen.validate import Validator

FIRST_TEXTS = 8  # that show whether a model can write as long as wanted
LONG, SHORT = 30, 0.5  # words from which a text is long; share of them below which it is far too short


class PlannedMode:
    """Request the rows of a plan, continuing where the journal ends.

    Raises:
        ConfigError: The strategy is unknown, or needs a model that chats.
    """

    def __init__(
        self, plan: Plan, reference: Reference, config: RunConfig, model: Model, journal: Journal
    ) -> None:
        accepted = list(journal.placed())
        filled = {index for index, _, _ in accepted}
        self._plan = plan
        self._model = model
        self._main = reference.profile.main
        self._rows_per_call = config.rows_each
        self._strategy = strategy_of(config.strategies)
        self._context = prompt_context(reference, config, model)
        self._controller = Controller(self._context, plan, steer=config.steer, accepted=accepted)
        self._validator = Validator(reference)
        for _, _, values in accepted:
            self._validator.remember(values)
        self._open = deque(index for index in range(len(plan)) if index not in filled)
        self._attempts = journal.attempts()
        self._in_flight: dict[int, Slot] = {}
        self._first: list[tuple[int, int]] = []  # of the first texts, words and words planned

    @property
    def missing(self) -> int:
        """Slots without a row: open or in flight."""
        return len(self._open) + len(self._in_flight)

    def next_request(self) -> Request | None:
        """Return the next call to make; None when every slot is in flight or filled."""
        count = min(self._rows_per_call, len(self._open))
        if not count:
            return None
        slots = self._plan.slots([self._open.popleft() for _ in range(count)])
        self._in_flight.update((slot.index, slot) for slot in slots)
        attempt = self._attempts.get(slots[0].index, 0)
        self._attempts[slots[0].index] = attempt + 1
        asked, targets = self._controller.ask(slots)
        heat = self._controller.heat
        return planned_request(self._strategy, self._context, asked, targets, attempt, self._model, heat)

    def settle(self, completion: Completion) -> tuple[list[Row], list[Rejected], int]:
        """Read and validate a reply.

        Returns:
            The rows accepted; one reject for each slot without a row; how many rows the reply held complete,
            before any repair.
        """
        request = completion.request
        slots = [self._in_flight.pop(index) for index in request.slots]
        rows: list[Row] = []
        rejected: list[Rejected] = []
        complete = 0
        for slot, item in zip(slots, replies.planned(completion, slots), strict=True):
            result: Row | Rejected
            if isinstance(item, Rejected):
                result = item
            else:
                complete += 1
                result = self._validated(item, slot, request)
            self._controller.settle(slot.index, result)
            if isinstance(result, Rejected):
                rejected.append(result)
            else:
                rows.append(result)
        filled = {row.index for row in rows}
        self._open.extendleft(index for index in reversed(request.slots) if index not in filled)
        return rows, rejected, complete

    @property
    def remark(self) -> str:
        """What the first texts show of the model: that it writes far less than wanted; else empty."""
        if len(self._first) < FIRST_TEXTS:
            return ""
        words, wanted = (median(numbers) for numbers in zip(*self._first, strict=True))
        if wanted < LONG or words > SHORT * wanted:
            return ""
        return f"texts of {words:.0f} words, where {wanted:.0f} are wanted"

    def _validated(self, candidate: Candidate, slot: Slot, request: Request) -> Row | Rejected:
        text, aim = candidate.values.get(self._main), slot.texts.get(self._main)
        if len(self._first) < FIRST_TEXTS and aim is not None and isinstance(text, str):
            self._first.append((count_words(text), aim.words))
        received = self._controller.receive(slot, candidate, request.attempt)
        if isinstance(received, Rejected):
            return received
        target, candidate = received
        moved = target != slot.index
        if moved:  # a text is too long when it is too long for the target it has now
            (other,) = self._plan.slots([target])
            slot = slot.with_target(self._main, other.texts[self._main])
        values = self._validator.judge(candidate, slot, request.prompt)
        if isinstance(values, Rejected):
            return values
        return Row(slot.index, values, request.fingerprint, candidate.notes, target if moved else None)
