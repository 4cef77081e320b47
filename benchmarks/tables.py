"""Seconds and peak memory of reading and profiling tables, each in a fresh process.

The tables are made up: reviews with a few typed columns. Processor seconds don't count what other programs take.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

WORDS = (
    "the a kettle lamp shirt arrived late early was broken fine great poor colour seller answered quickly slowly again "
    "never always price fair high low works stopped after two three weeks days family likes because of noise light heat "
    "size weight quality fits runs small large"
).split()
NAMES = ("id", "stars", "price", "bought", "kind", "day", "review")
PROFILE = "import sys; from syngen.cli.main import run; sys.exit(run(['profile', sys.argv[1]]))"


def rows(number: int) -> Iterator[list[object]]:
    """Rows of a made-up table of reviews."""
    chance = random.Random(7)
    pool = [" ".join(chance.choices(WORDS, k=chance.randint(6, 24))) for _ in range(5_000)]
    for i in range(number):
        yield [
            i,
            chance.randint(1, 5),
            f"{chance.randint(500, 20_000) / 100:.2f}",
            chance.choice(("true", "false")),
            chance.choice(("Tops", "Dresses", "Kitchen", "Garden")),
            f"20{chance.randint(15, 24)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
            f"{chance.choice(pool)}, {chance.choice(pool)}.".capitalize(),
        ]


def write(path: Path, number: int) -> Path:
    """Write such a table as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(NAMES)
        writer.writerows(rows(number))
    return path


def profiled(path: Path) -> tuple[float, float, float]:
    """Seconds, processor seconds and peak megabytes of `syngen profile` in a process of its own."""
    before = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", PROFILE, str(path)], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"syngen profile {path} ended with {process.returncode}.")
    return time.perf_counter() - before, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    """Make the tables, profile each, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", type=Path, nargs="*", help="tables of your own to profile, too")
    parser.add_argument("--gigabyte", action="store_true", help="also a CSV of 1 GB")
    options = parser.parse_args()
    print("| table | MB | seconds | of the processor | peak MB |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        made = {"20,000 rows": 20_000, "200,000 rows": 200_000}
        if options.gigabyte:
            made["1 GB"] = 4_600_000
        for name, number in made.items():
            path = write(Path(folder) / "table.csv", number)
            report(name, path)
            path.unlink()
    for path in options.tables:
        report(path.name, path)


def report(name: str, path: Path) -> None:
    """Print one line of the table."""
    seconds, processor, megabytes = profiled(path)
    size = path.stat().st_size / 1e6
    print(f"| {name} | {size:,.0f} | {seconds:.1f} | {processor:.1f} | {megabytes:,.0f} |", flush=True)


if __name__ == "__main__":
    main()
