"""An interruption ends a remote model's calls at once, wherever it arrives."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
from collections.abc import Mapping

import pytest

from syngen.models.protocol import Reply, Terms
from syngen.models.remote import RemoteModel
from syngen.models.testing import ask
from syngen.types import Capabilities, Request


class Interrupting(asyncio.Protocol):
    """Receives Ctrl-C while it reads."""

    def data_received(self, data: bytes) -> None:
        signal.raise_signal(signal.SIGINT)


class NeverAnswering:
    """An endpoint whose call is interrupted while data arrives, and which gets no reply."""

    name = "test/never"
    capabilities = Capabilities(concurrency=1)
    many = False
    terms = Terms()
    refusals: frozenset[int] = frozenset()
    optional: Mapping[str, re.Pattern[str]] = {}
    form_words = re.compile("(?!)")
    closed = cancelled = False

    async def open(self) -> None:
        self.ours, self.theirs = socket.socketpair()
        self.ours.setblocking(False)

    async def call(self, request: Request, choices: int, terms: Terms, /) -> Reply:
        await asyncio.get_running_loop().create_connection(Interrupting, sock=self.ours)
        self.theirs.send(b"x")
        try:
            await asyncio.sleep(20)
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        raise AssertionError("the interruption was lost")

    async def close(self) -> None:
        self.closed = True
        self.theirs.close()


def test_ctrl_c_while_data_arrives_is_neither_lost_nor_a_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    endpoint = NeverAnswering()
    model = RemoteModel(endpoint, timeout=600.0, retry_timeout=600.0)
    with pytest.raises(KeyboardInterrupt):
        list(model.complete([ask(0, model)]))
    assert endpoint.cancelled
    assert endpoint.closed
    assert not caplog.records
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
