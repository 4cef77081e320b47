"""Is memory flat in N? Runs of growing length against the mock server, printed as a Markdown table.

Each has a process of its own; what it holds at its peak is compared with what it held when the work began.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from server import mock_server

CONCURRENCY = 256


def peak_mb() -> float:
    """The most memory this process has held so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def one(address: str, rows: int) -> None:
    """One run, in this process."""
    from syngen_bench import reference

    import syngen

    real = reference()
    with tempfile.TemporaryDirectory() as folder:
        before, begun = peak_mb(), time.perf_counter()
        run = syngen.generate(
            real,
            rows,
            model="openai/mock-model",
            base_url=address,
            concurrency=CONCURRENCY,
            run=Path(folder) / "run",
        )
        seconds = time.perf_counter() - begun
        megabytes = sum(f.stat().st_size for f in (Path(folder) / "run").iterdir()) / 1e6
    found = {"made": run.ledger.accepted, "before": before, "peak": peak_mb(), "seconds": seconds}
    print(json.dumps({**found, "disk": megabytes}))


def main() -> None:
    """The table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default="2000,10000,100000")
    parser.add_argument("--one", nargs=2, metavar=("ADDRESS", "ROWS"))
    given = parser.parse_args()
    if given.one:
        one(given.one[0], int(given.one[1]))
        return
    print("| rows | MB at the start | MB at the peak | above the start | seconds | rows/s | run folder MB |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    for rows in map(int, given.rows.split(",")):
        with mock_server("--latency-ms", "2.5", "--jitter", "0.3") as address:
            command = [sys.executable, __file__, "--one", address, str(rows)]
            seen = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        assert seen["made"] == rows, seen
        print(
            f"| {rows:,} | {seen['before']:.0f} | {seen['peak']:.0f} | {seen['peak'] - seen['before']:.0f}"
            f" | {seen['seconds']:.1f} | {rows / seen['seconds']:,.0f} | {seen['disk']:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
