"""The two ways of asking: what the next call is, and what becomes of its reply.

Planned: open slots in, one request for each few of them; a slot whose row is rejected is asked for again at
once, so that a run does not end on a line of stragglers with an idle model. Native: so many rows as are still missing in, one free-text question for each few of them.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from syngen import parse
from syngen.accept import Acceptance
from syngen.config import RunConfig
from syngen.errors import ConfigError
from syngen.plan import Plan
from syngen.profiles import Reference
from syngen.prompts import (
    STRATEGIES,
    Brief,
    Strategy,
    ask_natively,
    native_sampling,
    planned_sampling,
    reply_schema,
)
from syngen.store import Journal
from syngen.types import Completion, Model, Rejected, Request, Row, Slot


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
    done = set(journal.indices())
    return _Planned(
        plan,
        strategy_named(config.strategy),
        brief_of(reference, config, model),
        config,
        model,
        _acceptance(reference, journal, native=False),
        deque(i for i in range(len(plan)) if i not in done),
        journal.attempts(),
    )


def native_asking(reference: Reference, config: RunConfig, model: Model, journal: Journal) -> Asking:
    """Ask for whole rows in free text, going on where the journal ends."""
    filled = len(journal.indices())
    brief = brief_of(reference, config, model)
    acceptance = _acceptance(reference, journal, native=True)
    return _Native(brief, config, model, acceptance, filled, journal.next_attempt())


def brief_of(reference: Reference, config: RunConfig, model: Model) -> Brief:
    """What the prompts of a run have in common."""
    domain = reference.profile.domain.removeprefix("terms: ") if config.category is None else config.category
    return Brief(reference, domain, model.capabilities.prompt_kind, config.seed)


def strategy_named(names: Sequence[str]) -> Strategy:
    """The strategy of that name.

    Raises:
        ConfigError: There is none.
    """
    for name in names:
        if name not in STRATEGIES:
            raise ConfigError(f"There is no strategy '{name}'.", f"Strategies here: {', '.join(STRATEGIES)}.")
    if len(names) != 1:
        raise ConfigError(f"{len(names)} strategies can't be combined yet.", "Give one --strategy.")
    return STRATEGIES[names[0]]


def _acceptance(reference: Reference, journal: Journal, *, native: bool) -> Acceptance:
    acceptance = Acceptance(reference, native=native)
    for record in journal.records():
        acceptance.remember(record)
    return acceptance


def first_request(plan: Plan | None, reference: Reference, config: RunConfig, model: Model) -> Request:
    """The first call a run would make; nothing is spent."""
    brief = brief_of(reference, config, model)
    if plan is None:
        return native_request(brief, min(config.rows_each, config.n), 0, model)
    slots = plan.slots(range(min(config.rows_each, len(plan))))
    return planned_request(strategy_named(config.strategy), brief, slots, 0, model)


def native_request(brief: Brief, rows: int, attempt: int, model: Model) -> Request:
    """The question for so many rows; the same attempt gives the same request."""
    prompt = ask_natively(brief, rows, attempt)
    sampling = native_sampling(brief, rows, attempt)
    return Request(prompt, sampling, model.name, (), attempt, rows)


def planned_request(
    strategy: Strategy, brief: Brief, slots: Sequence[Slot], attempt: int, model: Model
) -> Request:
    """The call for these slots; the same slots and attempt give the same request."""
    sampling = planned_sampling(slots, attempt)
    return Request(
        strategy(brief, slots, attempt),
        sampling,
        model.name,
        tuple(s.index for s in slots),
        attempt,
        len(slots),
        reply_schema(slots),
    )


@dataclass(slots=True, eq=False)
class _Planned:
    plan: Plan
    strategy: Strategy
    brief: Brief
    config: RunConfig
    model: Model
    acceptance: Acceptance
    open: deque[int]
    attempts: dict[int, int]
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
        return planned_request(self.strategy, self.brief, slots, attempt, self.model)

    def settle(self, completion: Completion) -> Outcome:
        """One item for each slot asked for: its row, or why there is none."""
        request = completion.request
        slots = self.plan.slots(request.slots)
        rows: list[Row] = []
        rejected: list[Rejected] = []
        complete = 0
        for slot, item in zip(slots, parse.planned(completion, slots), strict=True):
            if isinstance(item, Rejected):
                rejected.append(item)
                continue
            complete += 1
            verdict = self.acceptance.judge(item, slot, request.prompt.shown, request.prompt)
            if isinstance(verdict, Rejected):
                rejected.append(verdict)
            else:
                rows.append(Row(slot.index, verdict, request.fingerprint, item.notes))
        filled = {row.index for row in rows}
        self.open.extendleft(i for i in reversed(request.slots) if i not in filled)
        self.in_flight -= len(request.slots)
        return Outcome(tuple(rows), tuple(rejected), complete)


@dataclass(slots=True, eq=False)
class _Native:
    brief: Brief
    config: RunConfig
    model: Model
    acceptance: Acceptance
    filled: int
    calls: int
    in_flight: int = 0  # rows asked for by calls that are not back yet
    asked: int = 0  # rows asked for by calls that are
    taken: int = 0  # of these, rows accepted

    @property
    def missing(self) -> int:
        """Rows not yet accepted."""
        return self.config.n - self.filled

    def next_request(self) -> Request | None:
        """Ask for what is missing beyond what the calls in flight should bring at the yield so far."""
        odds = (self.taken + 1) / (self.asked + 1)
        rows = min(self.config.rows_each, math.ceil(self.missing - self.in_flight * odds))
        if rows <= 0:
            return None
        request = native_request(self.brief, rows, self.calls, self.model)
        self.calls += 1
        self.in_flight += rows
        return request

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
