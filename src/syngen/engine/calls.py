"""The two ways of asking: what the next call is, and what becomes of its reply.

Planned: open slots in, one request for each few of them; a slot whose row is rejected is asked for again at
once, so that a run does not end on a line of stragglers with an idle model. Native: so many rows as are still missing in, one free-text question for each few of them.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from syngen.config import RunConfig
from syngen.engine.controller import Controller, Placed
from syngen.engine.native import NativeSettings
from syngen.errors import ConfigError
from syngen.plan import ControlSettings, Plan
from syngen.prompts import (
    PromptContext,
    Strategy,
    ask_for_record,
    ask_natively,
    native_sampling,
    parts_of,
    planned_sampling,
    record_sampling,
    reply_schema,
    strategy_of,
)
from syngen.store import Journal
from syngen.tables import replies as parse
from syngen.types import Candidate, Completion, Model, Reference, Rejected, Request, Row, Slot
from syngen.validate import Validator

SHORTENED = "text.shortened"  # the note of a row whose last sentences were left out


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one completion.

    Attributes:
        complete: Rows the reply held complete, before any repair.
    """

    rows: tuple[Row, ...]
    rejected: tuple[Rejected, ...]
    complete: int


class Asking(Protocol):
    """A way of asking: hands out requests and settles their completions."""

    @property
    def missing(self) -> int:
        """Rows not yet accepted."""
        ...

    def next_request(self) -> Request | None:
        """The next call to make; None when those in flight may be enough."""
        ...

    def settle(self, completion: Completion) -> Outcome:
        """Read and judge a reply; rows in the outcome count as accepted."""
        ...


def planned_asking(
    plan: Plan, reference: Reference, config: RunConfig, model: Model, journal: Journal
) -> Asking:
    """Ask slot by slot, going on where the journal ends.

    Raises:
        ConfigError: The strategy is unknown.
    """
    brief = brief_of(reference, config, model)
    done = list(journal.placed())
    steering = Controller(brief, plan) if config.steer and brief.strategies else None
    if steering is not None:
        steering.resume(done)
    filled = {index for index, _, _ in done}
    return _Planned(
        plan,
        strategy_of(config.strategies),
        brief,
        config,
        model,
        _acceptance(reference, journal, native=False),
        deque(i for i in range(len(plan)) if i not in filled),
        journal.attempts(),
        steering,
    )


def native_asking(reference: Reference, config: RunConfig, model: Model, journal: Journal) -> Asking:
    """Ask for whole rows in free text, going on where the journal ends."""
    filled = len(journal.indices())
    brief = brief_of(reference, config, model)
    acceptance = _acceptance(reference, journal, native=True)
    aims = NativeSettings(brief, ControlSettings.of(config), steer=config.steer)
    return _Native(brief, config, model, acceptance, filled, journal.next_attempt(), aims)


def brief_of(reference: Reference, config: RunConfig, model: Model) -> PromptContext:
    """What the prompts of a run have in common."""
    domain = reference.profile.domain.removeprefix("terms: ") if config.category is None else config.category
    kind = model.capabilities.prompt_kind
    parts = parts_of(config.strategies)
    if "verbalized" in parts and kind != "chat":
        raise ConfigError(
            f"{model.name} continues a pattern and can't say how likely a text is, as 'verbalized' asks.",
            "Leave the strategy out, or take a model that chats.",
        )
    return PromptContext(
        reference, domain, kind, config.seed, strategies=parts, diversity=ControlSettings.of(config).diversity
    )


def _acceptance(reference: Reference, journal: Journal, *, native: bool) -> Validator:
    acceptance = Validator(reference, native=native)
    for record in journal.records():
        acceptance.remember(record)
    return acceptance


def first_request(plan: Plan | None, reference: Reference, config: RunConfig, model: Model) -> Request:
    """The first call a run would make; nothing is spent."""
    brief = brief_of(reference, config, model)
    if plan is None:
        aims = NativeSettings(brief, ControlSettings.of(config), steer=False)
        return native_requests(brief, min(config.rows_each, config.n), 0, model, aims)[0]
    slots = plan.slots(range(min(config.rows_each, len(plan))))
    return planned_request(strategy_of(config.strategies), brief, slots, slots, 0, model)


def native_requests(
    brief: PromptContext, rows: int, attempt: int, model: Model, aims: NativeSettings, choices: int = 1
) -> list[Request]:
    """The question for so many rows, once for each choice; the same attempt gives the same requests."""
    prompt = ask_natively(brief, rows, attempt, aims.wanted(attempt))
    return [
        Request(
            prompt,
            native_sampling(brief, rows, attempt, choice),
            model.name,
            (),
            attempt,
            rows,
            choice=choice,
            choices=choices,
        )
        for choice in range(choices)
    ]


def planned_request(
    strategy: Strategy,
    brief: PromptContext,
    asked: Sequence[Slot],
    wanted: Sequence[Slot],
    attempt: int,
    model: Model,
    heat: float = 0.0,
) -> Request:
    """The call for these slots; the same slots, attempt and heat give the same request.

    Args:
        asked: The slots as the prompt puts them.
        wanted: The slots as their rows are to be, which bounds the reply.
    """
    schema = None
    if (
        brief.kind == "record"
    ):  # whatever the strategy: it knows one form, and what it learnt needs no holding
        prompt = ask_for_record(brief, asked)
        sampling = record_sampling(wanted, attempt, brief.diversity, heat)
    else:
        prompt = strategy(brief, asked, attempt)
        sampling = planned_sampling(wanted, attempt, brief.diversity, heat, brief.strategies)
        schema = reply_schema(wanted, brief if model.capabilities.patterns else None, brief.strategies)
    indices = tuple(s.index for s in asked)
    return Request(prompt, sampling, model.name, indices, attempt, len(asked), schema)


@dataclass(slots=True, eq=False)
class _Planned:
    plan: Plan
    strategy: Strategy
    brief: PromptContext
    config: RunConfig
    model: Model
    acceptance: Validator
    open: deque[int]
    attempts: dict[int, int]
    steering: Controller | None
    in_flight: int = 0

    @property
    def missing(self) -> int:
        """Slots without a row: in the line or in flight."""
        return len(self.open) + self.in_flight

    def next_request(self) -> Request | None:
        """Slots from the head of the line; each attempt at a slot is a request of its own."""
        count = min(self.config.rows_each, len(self.open))
        if not count:
            return None
        slots = self.plan.slots([self.open.popleft() for _ in range(count)])
        attempt = self.attempts.get(slots[0].index, 0)
        self.attempts[slots[0].index] = attempt + 1
        self.in_flight += count
        wanted, asked, heat = slots, slots, 0.0
        if self.steering is not None:
            wanted = [self.steering.wanted(slot) for slot in slots]
            asked = [self.steering.ask(slot) for slot in slots]
            heat = self.steering.heat
        return planned_request(self.strategy, self.brief, asked, wanted, attempt, self.model, heat)

    def settle(self, completion: Completion) -> Outcome:
        """One item for each slot asked for: its row, or why there is none."""
        request = completion.request
        slots = self.plan.slots(request.slots)
        rows: list[Row] = []
        rejected: list[Rejected] = []
        complete = 0
        for slot, item in zip(slots, parse.planned(completion, slots), strict=True):
            complete += not isinstance(item, Rejected)
            made = item if isinstance(item, Rejected) else self._judged(item, slot, request)
            if self.steering is not None:
                self.steering.back(slot.index, made if isinstance(made, Rejected) else None)
            if isinstance(made, Rejected):
                rejected.append(made)
            else:
                rows.append(made)
        filled = {row.index for row in rows}
        self.open.extendleft(i for i in reversed(request.slots) if i not in filled)
        self.in_flight -= len(request.slots)
        return Outcome(tuple(rows), tuple(rejected), complete)

    def _judged(self, item: Candidate, slot: Slot, request: Request) -> Row | Rejected:
        """The row that a candidate becomes, in the place where it fits."""
        main = self.brief.reference.profile.main_text.name
        text = item.values.get(main)
        target: int | None = None
        if self.steering is not None and isinstance(text, str):
            self.steering.measured(slot.index, text)
            placed = self.steering.place(slot, text, request.attempt)
            if not isinstance(placed, Placed):
                reason, detail = placed
                return Rejected("valid", reason, item.raw, detail, slot.index)
            target = placed.target
            if placed.text != text:
                notes = (*item.notes, SHORTENED)
                item = replace(item, values={**item.values, main: placed.text}, notes=notes)
            if target != slot.index:  # what is too long is too long for the target it has now
                (there,) = self.plan.slots([target])
                slot = replace(slot, texts={**slot.texts, main: there.texts[main]})
        verdict = self.acceptance.judge(item, slot, request.prompt.shown, request.prompt)
        if isinstance(verdict, Rejected):
            return verdict
        if self.steering is not None and target is not None:
            self.steering.take(slot.index, target, verdict.get(main))
        moved = target if target != slot.index else None
        return Row(slot.index, verdict, request.fingerprint, item.notes, moved)


@dataclass(slots=True, eq=False)
class _Native:
    brief: PromptContext
    config: RunConfig
    model: Model
    acceptance: Validator
    filled: int
    calls: int
    aims: NativeSettings
    in_flight: int = 0  # rows asked for by calls that are not back yet
    asked: int = 0  # rows asked for by calls that are
    taken: int = 0  # of these, rows accepted
    next_choices: deque[Request] = field(default_factory=deque)  # of the last question, not yet handed out

    @property
    def missing(self) -> int:
        """Rows not yet accepted."""
        return self.config.n - self.filled

    def next_request(self) -> Request | None:
        """Ask for what is missing beyond what the calls in flight should bring at the yield so far."""
        if not self.next_choices:
            odds = (self.taken + 1) / (self.asked + 1)
            wanted = math.ceil(self.missing - self.in_flight * odds)
            rows = min(self.config.rows_each, wanted)
            if rows <= 0:
                return None
            choices = min(self.config.choices, math.ceil(wanted / rows))
            self.next_choices.extend(
                native_requests(self.brief, rows, self.calls, self.model, self.aims, choices)
            )
            self.calls += 1
            self.in_flight += rows * choices
        return self.next_choices.popleft()

    def settle(self, completion: Completion) -> Outcome:
        """Every row the reply holds, judged; those beyond the number wanted are surplus."""
        request = completion.request
        self.in_flight -= request.rows
        self.asked += request.rows
        if completion.finish == "error":
            failed = Rejected("call", "failed", completion.text, completion.error)
            return Outcome((), (failed,), 0)
        reply = parse.native(completion.text, self.brief.reference.profile)
        rejected = list(reply.rejected)
        rows: list[Row] = []
        for candidate in reply.candidates:
            self.aims.measured(candidate.values)
            verdict = self.acceptance.judge(candidate, None, request.prompt.shown, request.prompt)
            if isinstance(verdict, Rejected):
                rejected.append(verdict)
            elif self.missing:
                rows.append(Row(self.filled, verdict, request.fingerprint, (*reply.notes, *candidate.notes)))
                self.filled += 1
                self.taken += 1
            else:
                rejected.append(
                    Rejected("surplus", "beyond_n", candidate.raw, "More rows than were asked for.")
                )
        if not rows and not rejected:
            rejected = [Rejected("call", "no_rows", completion.text, "The reply holds no row.")]
        return Outcome(tuple(rows), tuple(rejected), reply.complete_rows)
