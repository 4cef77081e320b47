"""The harness's mock server, for as long as a measurement takes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BENCH = Path(os.environ.get("BENCH", Path(__file__).parents[3] / "shared" / "bench")).resolve()


@contextmanager
def mock_server(*flags: str) -> Iterator[str]:
    """Run it with these flags; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    python = os.environ.get("BENCH_PY", sys.executable)
    server = subprocess.Popen([python, str(BENCH / "mock_openai.py"), "--port", str(port), *flags])
    try:
        for _ in range(200):
            with socket.socket() as knock:
                if not knock.connect_ex(("127.0.0.1", port)):
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        server.wait()
