"""Make a `Model` of an `Endpoint`: many calls in flight, retries, and negotiation of what a provider accepts.

Requests are pulled while the pace allows another call, and completions are yielded as they finish. Only this module
repeats calls: a throttled call or a passing failure is tried again later, a setting that the provider refuses is left
out from then on, a refused request becomes a completion with an error, and a failure of every request is raised.

The event loop runs in the caller's thread, only while a completion is awaited, so that parsing and validating a reply
never competes with sending the next request. If that thread already has a running loop (a notebook), the loop runs in
a thread of its own.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Any, Literal, TypeVar

from syngen.errors import ModelError, ModelUnreachable
from syngen.models.faults import Fault
from syngen.models.keys import scrub
from syngen.models.pace import LONGEST_PAUSE, Pace
from syngen.models.protocol import Endpoint, Reply, conceded
from syngen.types import Completion, Request

HEARTBEAT = 0.5  # seconds after which None is yielded, so that the caller can check its limits
TRIES = 8  # passing failures of one request before it becomes an error
REFUSALS = 3  # refused requests before any success after which the refusal is raised
FIRST_WORD = 1.0  # seconds to wait for a server that never answered
THINKING_ROOM = 1_024  # tokens allowed for thinking, besides the reply, once a model was seen to think

now, sleep = time.monotonic, asyncio.sleep  # of the pauses between calls; tests replace them

_log = logging.getLogger("syngen.models")
_T = TypeVar("_T")


@dataclass(slots=True, eq=False)
class _Job:
    """Requests answered by one call: one, or the choices of one prompt."""

    requests: list[Request]
    since: float = 0.0
    tries: int = 0
    faults: list[str] = field(default_factory=list)


@dataclass(eq=False)
class RemoteModel:
    """An endpoint as a `Model`."""

    endpoint: Endpoint  # the provider's API
    _: KW_ONLY
    timeout: float  # seconds a call may take
    retry_timeout: float  # seconds to keep trying while no call succeeds
    per_minute: int | None = None  # calls the provider allows in a minute, where that is known beforehand

    def __post_init__(self) -> None:
        self.name = self.endpoint.name
        self.capabilities = self.endpoint.capabilities

    def complete(self, requests: Iterable[Request | None]) -> Iterator[Completion | None]:
        """Yield completions as they finish; None about twice a second while none does.

        Raises:
            ModelError: The provider can't be reached, stays down for longer than `retry_timeout`, or refuses
                whatever is asked.
        """
        pace = Pace(self.capabilities.concurrency, per_minute=self.per_minute, clock=now)
        calls = _Calls(self.endpoint, iter(requests), pace, self.timeout, self.retry_timeout)
        loop = _Loop()
        loop.run(self.endpoint.open())
        try:
            while (done := loop.run(calls.advance())) is not None:
                yield from done
                if not done:
                    yield None
        finally:
            loop.run(calls.stop())
            loop.run(self.endpoint.close())
            loop.close()


@dataclass(eq=False)
class _Calls:
    """The calls in flight, and those waiting to be repeated."""

    endpoint: Endpoint
    source: Iterator[Request | None]
    pace: Pace
    timeout: float
    retry_timeout: float
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    again: list[tuple[float, int, _Job]] = field(default_factory=list)  # a heap: when, which came first, what
    done: list[Completion] = field(default_factory=list)
    more: bool = True  # the source has not ended
    served: bool = False  # a request was answered
    refused: int = 0
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _error: BaseException | None = None

    def __post_init__(self) -> None:
        self.many = self.endpoint.many and "n" not in self.endpoint.terms.left_out

    async def advance(self) -> list[Completion] | None:
        """Run until a completion is there or a heartbeat has passed; return None at the end."""
        loop = asyncio.get_running_loop()
        ends = now() + HEARTBEAT
        while True:
            self._news.clear()
            if self.done:
                # Settled before anything new is asked: no more is lost at a kill than was in flight.
                done, self.done = self.done, []
                return done
            if self._error is not None:
                raise self._error
            wait = self._fill(loop)
            if not (self.tasks or self.again or self.more):
                return None
            left = ends - now()
            if left <= 0:
                return []
            if not self.tasks:  # only time can bring news
                await sleep(min(left, wait))
                continue
            timer = loop.call_later(min(left, wait), self._news.set)
            await self._news.wait()
            timer.cancel()

    async def stop(self) -> None:
        """Cancel the calls in flight."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def _fill(self, loop: asyncio.AbstractEventLoop) -> float:
        """Start all calls that may start; return the seconds until another may, infinity when a call must end first."""
        while (wait := self.pace.wait()) <= 0:
            if self.again and self.again[0][0] <= now():
                job = heapq.heappop(self.again)[2]
            elif (fresh := self._pull()) is not None:
                job = fresh
            else:
                return max(0.001, self.again[0][0] - now()) if self.again else float("inf")
            task = loop.create_task(self._make(job, self.pace.start()))
            self.tasks.add(task)
            task.add_done_callback(self._ended)
        if not (self.tasks or self.again) and (fresh := self._pull()) is not None:
            # Held back by a rate: pull the next request all the same, or the source's end is noticed late.
            self._later(fresh, 0.0)
        return wait

    def _pull(self) -> _Job | None:
        """Take the next request, with the further choices of its prompt; None when there is none now."""
        if (request := self._next()) is None:
            return None
        job = _Job([request], now())
        while self.many and len(job.requests) < request.choices - request.choice:
            if (following := self._next()) is None:
                break
            job.requests.append(following)
        return job

    def _next(self) -> Request | None:
        if self.more:
            try:
                return next(self.source)
            except StopIteration:
                self.more = False
        return None

    async def _make(self, job: _Job, started: float) -> None:
        try:
            async with asyncio.timeout(self.timeout):
                reply = await self._ask(job.requests[0], len(job.requests))
            if not reply.texts:
                raise Fault("passing", "no_choices", "the reply holds nothing")
        except asyncio.CancelledError:
            self.pace.dropped_out()
            raise
        except TimeoutError:
            late = Fault("overloaded", "timeout", f"no reply within {self.timeout:g} s")
            self._failed(job, late, started)
        except Fault as fault:
            self._failed(job, fault, started)
        else:
            if self.pace.down:
                _log.warning("%s answers again.", self.endpoint.name)
            self.pace.succeeded(reply.allowance)
            self.served = True
            self._answered(job, reply)

    async def _ask(self, request: Request, choices: int) -> Reply:
        """Make one call, and repeat it at once without a setting or format that the provider refuses."""
        endpoint = self.endpoint
        while True:
            terms = endpoint.terms
            try:
                reply = await endpoint.call(request, choices, terms)
            except Fault as fault:
                if fault.status not in endpoint.refusals:
                    raise
                if endpoint.terms is terms:  # otherwise another call has learnt something in the meantime
                    lesser = conceded(endpoint, str(fault), schema=request.schema is not None)
                    if lesser is None:
                        raise
                    endpoint.terms = lesser
                continue
            if reply.thought:
                room = max(THINKING_ROOM, 2 * reply.thinking_tokens // max(1, len(reply.texts)))
                if room > endpoint.terms.thinking_room:
                    endpoint.terms = replace(endpoint.terms, thinking_room=room)
            return reply

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._error = self._error or error
        self._news.set()

    def _answered(self, job: _Job, reply: Reply) -> None:
        """Create a completion for each choice in a reply; missing choices are requested one by one."""
        count = min(len(reply.texts), len(job.requests))
        for i, (text, cut) in enumerate(zip(reply.texts[:count], reply.cut, strict=False)):
            self._complete(
                job,
                i,
                scrub(text),
                "length" if cut else "stop",
                prompt_tokens=reply.prompt_tokens if i == 0 or reply.prompt_tokens is None else 0,
                completion_tokens=_share(reply.completion_tokens, i, count),
                cached_tokens=0 if i else reply.cached_tokens,
                thinking_tokens=_share(reply.thinking_tokens, i, count) or 0,
            )
        for request in job.requests[count:]:
            self.many = False
            self._later(_Job([request], job.since), 0.0)

    def _failed(self, job: _Job, fault: Fault, started: float) -> None:
        """Repeat the call later, return an error for its requests, or raise."""
        pace = self.pace
        if fault.kind == "fatal":
            pace.dropped_out()
            raise fault.error or ModelError(f"{self.endpoint.name}: {fault}")
        if fault.kind == "refused":
            pace.dropped_out()
            self.refused += not self.served
            if self.refused >= REFUSALS and not self.served and fault.error is not None:
                raise fault.error
            self._give_back(job, fault)
            return
        job.faults.append(fault.code)
        if fault.kind == "throttled":
            pace.throttled(started, fault.retry_after, fault.allowance)
            delay = fault.retry_after if fault.retry_after is not None else 0.5 + pace.delay(2)
            if delay > self.retry_timeout:
                raise ModelUnreachable(
                    f"{self.endpoint.name} takes no call for {delay:.0f} s ({fault}).",
                    "Resume the run then, or wait for it with a larger --retry-timeout.",
                )
        else:
            was_down = pace.down
            asked = min(fault.retry_after or 0.0, LONGEST_PAUSE)
            pace.failed(started, asked, overloaded=fault.kind == "overloaded", gone=fault.kind == "gone")
            if pace.down and not was_down and pace.answered:
                _log.warning("%s is down (%s); trying whether it is back.", self.endpoint.name, fault)
            job.tries += not pace.down
            if job.tries >= TRIES:
                self._give_back(job, fault)
                return
            delay = 0.0 if pace.down else max(pace.delay(job.tries), asked)
        retry_timeout = self.retry_timeout if pace.answered else min(FIRST_WORD, self.retry_timeout)
        alone = pace.in_flight == 0 and job.tries > 1  # nothing else is under way that might go well
        if pace.trouble > retry_timeout and (pace.down or alone or fault.kind == "throttled"):
            raise fault.error or ModelUnreachable(
                f"{self.endpoint.name} has answered no call for {pace.trouble:.0f} s ({fault}).",
                "Resume the run when it is back.",
            )
        self._later(job, delay)

    def _later(self, job: _Job, delay: float) -> None:
        heapq.heappush(self.again, (now() + delay, next(self._numbers), job))

    def _give_back(self, job: _Job, fault: Fault) -> None:
        for i in range(len(job.requests)):
            self._complete(job, i, "", "error", error=str(fault))

    def _complete(
        self, job: _Job, i: int, text: str, finish: Literal["stop", "length", "error"], **fields: Any
    ) -> None:
        """Add the completion of a job's i-th request; the faults of the call count once."""
        seconds, faults = now() - job.since, () if i else tuple(job.faults)
        self.done.append(Completion(job.requests[i], text, finish, seconds=seconds, faults=faults, **fields))


def _share(total: int | None, i: int, count: int) -> int | None:
    """Split a total into `count` integer parts that add up to it, and return the i-th."""
    return None if total is None else total // count + (i < total % count)


class _Loop:
    """An event loop that runs on demand, in a thread of its own if this thread has a running loop.

    An interruption cancels the work before it is raised, and never ends a callback of the loop half-way.
    """

    def __init__(self) -> None:
        factory: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
        with suppress(ImportError):  # not made for Windows
            from uvloop import new_event_loop as factory
        self._runner = asyncio.Runner(loop_factory=factory)
        self._thread: ThreadPoolExecutor | None = None
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return  # the usual case: nothing runs in this thread
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="syngen-calls")

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run to the end."""
        if self._thread is not None:
            return self._thread.submit(self._runner.run, work).result()
        return self._runner.run(work)

    def close(self) -> None:
        """Close the loop and its thread."""
        if self._thread is None:
            self._runner.close()
        else:
            self._thread.submit(self._runner.close).result()
            self._thread.shutdown()
