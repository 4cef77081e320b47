"""The loop itself: keep the model busy, record every completion, stop at N or at a limit."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Event

import numpy as np

from syngen.config import RunConfig
from syngen.engine.native import NativeController, NativeMode
from syngen.engine.planned import PlannedMode
from syngen.errors import ModelFailed
from syngen.prompts import native_requests, planned_request, prompt_context, strategy_of
from syngen.store import Journal
from syngen.text.format import dollars, duration
from syngen.types import Model, Plan, Prices, Reference, Request, Tokens

WINDOW = 100  # rows requested over which the yield is watched
PATIENT = 0.01  # a limit of the yield below which a run isn't stopped by its first replies
FAILURES = 20  # failed calls in a row, after which the run gives up


@dataclass(slots=True)
class Progress:
    """Progress of a run. One object, updated and passed to the observer after every completion.

    Attributes:
        accepted: Rows accepted, earlier invocations included.
        requested: Rows requested in this invocation; `fresh` of them were accepted.
        tokens: Tokens over all invocations.
        tokens_now: Tokens of this invocation.
        prices: US dollars per million tokens; None where unknown.
        started: `time.monotonic()` at the start.
        first: Seconds and `fresh` when the first completion came, before which a model may have been loading.
        remark: What its first texts show of the model; empty where nothing is remarkable.
    """

    asked: int
    accepted: int = 0
    fresh: int = 0
    requested: int = 0
    tokens: Tokens = field(default_factory=Tokens)
    tokens_now: Tokens = field(default_factory=Tokens)
    prices: Prices | None = None
    started: float = field(default_factory=time.monotonic)
    first: tuple[float, int] | None = None
    remark: str = ""
    recent: deque[bool] = field(
        default_factory=lambda: deque(maxlen=WINDOW)
    )  # of the last rows: accepted or not

    def __str__(self) -> str:
        """Describe the accepted share, the speed, the time left and the cost."""
        parts = [f"{self.tokens_per_second:,.0f} tokens/s"] if self.tokens_now.total else []
        if self.accepted_share is not None:
            parts.insert(0, f"{self.accepted_share:.0%} accepted")
        if self.seconds_left is not None:
            parts.append(f"{duration(self.seconds_left)} left")
        if self.prices is None:
            parts.append(f"{self.tokens.total:,} tokens, price unknown")
        elif self.cost:
            projected = self.projected_cost
            parts.append(dollars(self.cost) + (f" of about {dollars(projected)}" if projected else ""))
        return ", ".join([*parts, *filter(None, [self.remark])])

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started

    @property
    def accepted_share(self) -> float | None:
        """Accepted rows per row requested in this invocation."""
        return self.fresh / self.requested if self.requested else None

    @property
    def tokens_per_second(self) -> float:
        """Completion tokens a second in this invocation."""
        return self.tokens_now.written / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Seconds to N at the speed since the first completion; None until a tenth of the rows tells it."""
        began, rows = self.first or (0.0, 0)
        if self.first is None or self.fresh - rows < max(1, self.asked // 10):
            return None
        return (self.asked - self.accepted) * (self.seconds - began) / (self.fresh - rows)

    @property
    def cost(self) -> float | None:
        """US dollars for tokens, over all invocations; None when a price is unknown."""
        return self.tokens.cost(self.prices)

    @property
    def projected_cost(self) -> float | None:
        """US dollars for all N rows at the rate so far; None when unknown, or before the first row."""
        now = self.tokens_now.cost(self.prices)
        if self.cost is None or now is None or not self.fresh:
            return None
        return self.cost + now / self.fresh * (self.asked - self.accepted)

    def count(self, requested: int, accepted: int, tokens: Tokens) -> None:
        """Add one completion."""
        self.requested += requested
        self.accepted += accepted
        self.fresh += accepted
        self.tokens += tokens
        self.tokens_now += tokens
        self.first = self.first or (self.seconds, self.fresh)
        self.recent.extend([True] * accepted + [False] * (requested - accepted))

    def exceeds(self, limits: RunConfig) -> str:
        """Describe the limit of a run that is reached; empty when none is."""
        tokens = self.tokens.total
        if limits.max_tokens is not None and tokens >= limits.max_tokens:
            return f"The token limit is reached ({tokens:,}); raise it with --max-tokens."
        if limits.max_cost is not None and self.cost is not None and self.cost >= limits.max_cost:
            return f"The cost limit is reached (${self.cost:.2f}); raise it with --max-cost."
        if limits.max_time is not None and self.seconds >= limits.max_time:
            return f"The time limit of {limits.max_time:g} s is reached."
        accepted = sum(self.recent)
        if len(self.recent) == WINDOW and accepted < limits.min_yield * WINDOW:
            return (
                f"Acceptance rate too low: {accepted} of the last {WINDOW} rows requested "
                f"were accepted; try another --model, or lower --min-yield ({limits.min_yield:g})."
            )
        return ""


def first_request(plan: Plan | None, reference: Reference, config: RunConfig, model: Model) -> Request:
    """Build the first call a run would make, without making it.

    Args:
        plan: None in native mode; otherwise one with a text to write.
    """
    context = prompt_context(reference, config, model)
    if plan is None:
        targets = NativeController(context, config.control_settings, steer=False).ask(0)
        return native_requests(context, min(config.rows_each, config.n), 0, model, targets)[0]
    slots = plan.slots(np.flatnonzero(plan.to_write)[: config.rows_each].tolist())
    return planned_request(strategy_of(config.strategies), context, slots, slots, 0, model)


def work(
    mode: PlannedMode | NativeMode,
    model: Model,
    journal: Journal,
    limits: RunConfig,
    progress: Progress,
    observe: Callable[[Progress], None] = lambda _: None,
    stop: Event | None = None,
) -> str:
    """Make requests until no row is missing or a limit is reached.

    Calls in flight when a limit is reached are finished and recorded; when the time is up or `stop` is set they
    are dropped. An interruption or an error propagates; what was completed before is in the journal.

    Returns:
        Why it stopped short; empty when no row is missing.

    Raises:
        ModelError: The model broke, can't be reached, or did nothing but fail.
        JournalError: The journal can't be written any more.
    """
    reason = ""

    def ended() -> str:
        if stop is not None and stop.is_set():
            return "Stopped on request."
        if reached := progress.exceeds(limits):
            return reached
        return mode.hopeless if isinstance(mode, NativeMode) and limits.min_yield >= PATIENT else ""

    def requests() -> Iterator[Request | None]:
        nonlocal reason
        while mode.missing:
            reason = ended()
            if reason:
                return
            if (request := mode.next_request()) is not None:
                journal.commit()  # replies that arrived together are committed together, before the next request
            yield request

    failures = 0
    for completion in model.complete(requests()):
        if completion is not None:
            failures = failures + 1 if completion.finish == "error" else 0
            rows, rejected, complete = mode.settle(completion)
            journal.record(completion, rows, rejected, complete)
            progress.count(completion.request.rows, len(rows), completion.tokens)
            progress.remark = mode.remark if isinstance(mode, PlannedMode) else ""
        else:
            journal.commit()
        observe(progress)
        if completion is not None and failures == FAILURES:
            raise ModelFailed(f"{model.name} failed {failures} times in a row: {completion.error}.")
        late = limits.max_time is not None and progress.seconds >= limits.max_time
        if late or (stop is not None and stop.is_set()):
            reason = ended()
            break
    return reason if mode.missing else ""
