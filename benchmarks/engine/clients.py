"""What does a call cost with the package `openai`, with SynGen's adapter, with aiohttp alone?

The same request to the mock server, without latency, each client in a process of its own; printed as a
Markdown table. `openai` has an environment of its own: `--openai PYTHON`, or without it its row is left out.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from server import mock_server

Call = Callable[[], Awaitable[Any]]
CALLS = 4_000
WARM = 200
CONCURRENCY = 32
NAMES = {
    "aiohttp": "aiohttp alone, `json=` and `.json()`",
    "adapter": "SynGen's adapter: one call",
    "model": "SynGen's model: adapter, pace, retries (on uvloop)",
    "openai": "`openai`: `AsyncOpenAI.chat.completions.create`",
}


# ------------------------------------------------------------------ measured in a process of its own
def request() -> Any:
    """A request such as the benchmark's, for one row."""
    from syngen_bench import reference

    from syngen.engine import first_request
    from syngen.engine.run import plan_of, prepare
    from syngen.models.providers.function import FunctionModel

    config, real = prepare(reference(), 1, None, {})
    return first_request(plan_of(real, config), real, config, FunctionModel(str))


async def with_aiohttp(address: str, body: dict[str, Any]) -> dict[str, float]:
    import aiohttp

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def call() -> Any:
            async with session.post(f"{address}/chat/completions", json=body) as answer:
                return (await answer.json())["choices"][0]["message"]["content"]

        return await measured(call)


async def with_openai(address: str, body: dict[str, Any]) -> dict[str, float]:
    from openai import AsyncOpenAI

    more = {name: body.pop(name) for name in ("min_p", "repetition_penalty")}  # what its signature lacks
    async with AsyncOpenAI(base_url=address, api_key="not-needed", max_retries=0) as client:

        async def call() -> Any:
            return (await client.chat.completions.create(**body, extra_body=more)).choices[0].message.content

        return await measured(call)


async def with_adapter(address: str, _body: dict[str, Any]) -> dict[str, float]:
    endpoint, asked = endpoint_at(address), request()
    await endpoint.open()

    async def call() -> Any:
        return (await endpoint.call(asked, 1)).texts[0]

    found = await measured(call)
    await endpoint.close()
    return found


def with_model(address: str) -> dict[str, float]:
    from syngen.models.remote import RemoteModel

    model, asked = RemoteModel(endpoint_at(address), timeout=60, retry_timeout=60), request()

    def calls(count: int) -> None:
        requests: Iterator[Any] = (asked for _ in range(count))
        assert sum(c is not None and c.finish == "stop" for c in model.complete(requests)) == count

    calls(WARM)
    processor, begun = time.process_time(), time.perf_counter()
    calls(CALLS)
    return costs(processor, begun)


def endpoint_at(address: str) -> Any:
    from syngen.models.endpoints import Host
    from syngen.models.providers.openai import OpenAIEndpoint
    from syngen.types import Capabilities

    capabilities = Capabilities(schema=True, seeds=True, concurrency=CONCURRENCY)
    return OpenAIEndpoint("openai/mock-model", Host(base_url=address), None, capabilities)


async def measured(call: Call) -> dict[str, float]:
    """Processor and wall milliseconds of a call, so many at once, after some that do not count."""

    async def worker(left: Iterator[int]) -> None:
        for _ in left:
            assert await call()

    async def calls(count: int) -> None:
        left = iter(range(count))
        await asyncio.gather(*(worker(left) for _ in range(CONCURRENCY)))

    await calls(WARM)
    processor, begun = time.process_time(), time.perf_counter()
    await calls(CALLS)
    return costs(processor, begun)


def costs(processor: float, begun: float) -> dict[str, float]:
    return {
        "processor": 1e3 * (time.process_time() - processor) / CALLS,
        "wall": 1e3 * (time.perf_counter() - begun) / CALLS,
    }


def resident() -> float:
    """Megabytes held now; a peak would begin with that of the process that started this one."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * resource.getpagesize() / 1e6


def one(name: str, address: str, body: Path) -> None:
    """Import, then call; printed as JSON."""
    held = resident()
    begun = time.perf_counter()
    __import__({"openai": "openai", "aiohttp": "aiohttp"}.get(name, "syngen.models.providers.openai"))
    if name not in ("openai", "aiohttp"):
        import aiohttp  # noqa: F401 - which the adapter imports with its first session
    imported = 1e3 * (time.perf_counter() - begun)
    grown = resident() - held
    ways = {"aiohttp": with_aiohttp, "adapter": with_adapter, "openai": with_openai}
    given = json.loads(body.read_text("utf-8"))
    found = with_model(address) if name == "model" else asyncio.run(ways[name](address, given))
    print(json.dumps({"import": imported, "memory": grown, **found}))


# --------------------------------------------------------------------------------------- the report
def main() -> None:
    """The table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--openai", default="", help="a Python that has the package openai")
    parser.add_argument("--one", nargs=3, metavar=("NAME", "ADDRESS", "BODY"))
    given = parser.parse_args()
    if given.one:
        one(given.one[0], given.one[1], Path(given.one[2]))
        return
    print("| client | processor ms a call | wall ms a call | import ms | import MB |")
    print("|---|---:|---:|---:|---:|")
    with mock_server() as address, tempfile.NamedTemporaryFile("w", suffix=".json") as body:
        json.dump(endpoint_at(address)._body_of(request(), 1, 0), body)
        body.flush()
        for name, title in NAMES.items():
            python = given.openai if name == "openai" else sys.executable
            if not python:
                continue
            command = [python, __file__, "--one", name, address, body.name]
            seen = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
            print(
                f"| {title} | {seen['processor']:.2f} | {seen['wall']:.2f} | {seen['import']:.0f}"
                f" | {seen['memory']:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
