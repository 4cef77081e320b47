"""Decide how many calls may be in flight to a provider, and when the next one may start.

`Pace` receives the result of every call. It neither waits nor calls, and its clock is an argument, so that every rule can
be tested without waiting.

- *Level*: additive increase, multiplicative decrease (Chiu & Jain 1989), as TCP does it. It begins at half of
  what is allowed and grows by one with each success until the first "too many"; then it drops to three quarters
  and grows by one a round. Calls that were under way at a drop can't cause a second one.
- *Rate*: what headers say is left is not exceeded; neither is a known number of calls a minute. A refusal
  right after a drop holds everything for as long as the provider asks.
- *Circuit*: after several failures in a row nothing is sent for a while, then a single call tries whether the
  provider is back; the pauses double up to half a minute.
"""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, field

FEW = 8  # calls to begin with, whatever is allowed
DECREASE = 0.75
NEAR = 0.9  # of the level that was too much: from there on it grows slowly
TRIP = 8  # failures in a row that open the circuit: one in 400,000 at an error rate of a fifth
LONGEST_PAUSE = 30.0  # seconds
LONGEST_DELAY = 0.5
MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Allowance:
    """Rate limits as stated by a reply's headers; None where not stated."""

    left: int | None = None  # calls still allowed
    limit: int | None = None  # calls allowed in a full window
    resets: float | None = None  # seconds until the window is full again
    per_minute: int | None = None  # calls allowed in a minute, where the provider states it so


@dataclass(eq=False)
class Pace:
    """Decides how many calls may be in flight to one provider, and when the next may start."""

    most: int  # calls in flight at most
    _: KW_ONLY
    per_minute: int | None = None  # calls allowed in a minute; None where that is not known
    clock: Callable[[], float] = time.monotonic  # seconds, never going back
    chance: random.Random = field(default_factory=random.Random)  # of the jitter

    def __post_init__(self) -> None:
        self.level = float(max(min(self.most, FEW), self.most // 2))
        self.in_flight = 0
        self.answered = False  # whether there is a server at all: some call did not fail for want of one
        self._ceiling = float("inf")  # the level at which the provider last said "too many"
        self._dropped = float("-inf")
        self._full = False  # there was no room for a call when it was last asked for
        self._stumbled = False  # "too many" since the last success
        self._held = float("-inf")
        self._failures = 0
        self._pauses = 0
        self._tripped = float("-inf")
        self._good = self.clock()
        self._starts: deque[float] = deque()

    @property
    def down(self) -> bool:
        """Whether the circuit is open: the provider is assumed to be down."""
        return self._pauses > 0

    @property
    def trouble(self) -> float:
        """Seconds since the last success."""
        return self.clock() - self._good

    def wait(self) -> float:
        """Return the seconds until a call may start: 0 now, infinity when a call in flight must end first."""
        now = self.clock()
        self._full = self.in_flight >= (1 if self.down else int(self.level))
        if self._full:
            return float("inf")
        wait = max(0.0, self._held - now)
        if self.per_minute is not None:
            while self._starts and self._starts[0] <= now - MINUTE:
                self._starts.popleft()
            if len(self._starts) >= self.per_minute:
                wait = max(wait, self._starts[-self.per_minute] + MINUTE - now)
        return wait

    def start(self) -> float:
        """Register a call; return its start time, which `throttled` and `failed` need."""
        now = self.clock()
        self.in_flight += 1
        if self.per_minute is not None:
            self._starts.append(now)
        return now

    def dropped_out(self) -> None:
        """Register the end of a call that says nothing about the provider: cancelled or refused."""
        self.in_flight -= 1

    def succeeded(self, allowance: Allowance | None = None) -> None:
        """Register a reply."""
        self.in_flight -= 1
        if self.down:
            self.level = max(1.0, self.level / 2)
        self.answered = True
        self._good = self.clock()
        self._failures = self._pauses = 0
        self._stumbled = False
        if self._full:  # with more calls to make than might be made
            step = 1 if self.level + 1 <= NEAR * self._ceiling else 1 / self.level
            self.level = min(self.most, self.level + step)
        if allowance is not None:
            self._heed(allowance)

    def throttled(
        self, started: float, retry_after: float | None, allowance: Allowance | None = None
    ) -> None:
        """Register a rate limit error."""
        level = self.in_flight
        self.in_flight -= 1
        self.answered = True
        now = self.clock()
        if allowance is not None:
            self._heed(allowance)
        if started < self._dropped:  # of the same wave: those still in flight are at most what was let in
            self.level = max(1.0, min(self.level, self.in_flight))
            return
        if self._stumbled:  # fewer at once did not help: it is the rate, not the level
            self._held = max(self._held, now + (1.0 if retry_after is None else retry_after))
        self._drop(now, level)
        self._stumbled = True

    def failed(
        self, started: float, retry_after: float | None = None, *, overloaded: bool, gone: bool
    ) -> None:
        """Register a failure.

        Args:
            started: As `start` gave it.
            retry_after: Seconds the provider asks us to wait.
            overloaded: It said that it is (503), or the call took too long.
            gone: Nobody answered at all: one such call is enough to open the circuit.
        """
        level = self.in_flight
        self.in_flight -= 1
        self.answered = self.answered or not gone
        now = self.clock()
        if overloaded and started >= self._dropped:
            self._drop(now, level)
        if started < self._tripped:
            return
        self._failures += 1
        if gone or self.down or self._failures >= TRIP:
            pause = min(LONGEST_PAUSE, 0.5 * 2**self._pauses) * self.chance.uniform(0.5, 1)
            self._held = max(self._held, now + max(pause, retry_after or 0.0))
            self._tripped = now
            self._pauses += 1

    def delay(self, tries: int) -> float:
        """Return the seconds before a failed call is repeated: exponential backoff with full jitter (Brooker 2015).

        Half a second at most: some failures among successes are bad luck, many in a row are the circuit's business.
        """
        return self.chance.uniform(0, min(LONGEST_DELAY, 0.125 * 2**tries))

    def _drop(self, now: float, level: int) -> None:
        self._ceiling = min(self.level, level)
        self.level = max(1.0, DECREASE * self._ceiling)
        self._dropped = now

    def _heed(self, allowance: Allowance) -> None:
        now = self.clock()
        if allowance.per_minute and self.per_minute is None:
            self.per_minute = allowance.per_minute
            used = allowance.per_minute - (allowance.left or 0)
            self._starts.extend([now] * used)
        if allowance.left is None or allowance.resets is None or allowance.left > self.in_flight:
            return
        # Where a window fills up bit by bit, one more call is free after its share; where it does not, the next
        # refusal says how long to wait.
        used = max(1, (allowance.limit or 1) - allowance.left)
        self._held = max(self._held, now + min(MINUTE, max(0.05, allowance.resets / used)))
