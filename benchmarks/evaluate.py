"""Time, memory and what is noticed: `make bench-evaluate`, printed as Markdown tables.

Three tables. How long all default scores take, and how that grows; how long a million rows take; and,
on the same real reviews with the same planted faults, what SynGen and its peers notice. The peers run
in an environment of their own (`peers.txt`); without it their rows are left out. Each measurement has
a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import mean, stdev
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

PEERS = ("sdmetrics", "mostlyai-qa", "mauve-text")
SPLITS = 6  # real-vs-real comparisons that tell how much a peer's scores vary by chance
BEYOND = 4.0  # standard deviations from these that count as noticed, for those without a verdict


# ------------------------------------------------------------------ measured in a process of its own
def evaluated(real: str, synthetic: str) -> None:
    """One evaluation: seconds, peak memory, scores that are worse, findings."""
    import syngen

    start = time.perf_counter()
    report = syngen.evaluate(real, synthetic)
    seconds = time.perf_counter() - start
    with tempfile.TemporaryDirectory() as folder:
        report.to_html(Path(folder) / "report.html")
    whole = time.perf_counter() - start
    worse = [f"{s.name}{':' + s.column if s.column else ''}" for s in report.scores if s.judgement == "worse"]
    print(
        json.dumps(
            {
                "seconds": seconds,
                "with_report": whole,
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
                "scores": sum(s.value is not None for s in report.scores),
                "compared": report.compared,
                "worse": worse,
                "findings": sorted({f.code for f in report.findings if f.severity != "note"}),
                "verdict": report.overall.headline,
            }
        ),
        flush=True,
    )


def large(path: Path, rows: int, seed: int) -> None:
    """A table of so many rows: the sample's structure, its words in new orders."""
    import numpy as np
    import polars as pl

    from syngen.data import sample

    real = pl.read_csv(sample())
    rng = np.random.default_rng(seed)
    vocabulary = np.array([word for text in real["text"] for word in text.split()])
    lengths = np.array([len(text.split()) for text in real["text"]])
    step = 100_000
    with path.open("w", encoding="utf-8") as out:
        for start in range(0, rows, step):
            count = min(step, rows - start)
            chosen = rng.integers(len(real), size=count)
            words = vocabulary[rng.integers(len(vocabulary), size=int(lengths[chosen].sum()))]
            ends = np.cumsum(lengths[chosen])
            texts = [
                " ".join(words[end - size : end]) for end, size in zip(ends, lengths[chosen], strict=True)
            ]
            part = real[chosen].with_columns(pl.Series("text", texts))
            part.write_csv(out, include_header=start == 0)


# --------------------------------------------------------------------------------------- the report
def apart(*arguments: object) -> dict[str, Any]:
    """One measurement in a process of its own."""
    done = subprocess.run([*map(str, arguments)], check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{arguments}: {done.stderr[-2000:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def ours(real: Path, synthetic: Path) -> dict[str, Any]:
    return apart(sys.executable, __file__, "--one", real, synthetic)


def growth(folder: Path, sizes: list[int]) -> None:
    from trust import faults

    print("| rows a side | seconds | with the HTML report | peak MB | scores | compared (real × synthetic) |")
    print("|---|---|---|---|---|---|")
    frame = faults.clothing()
    for size in sizes:
        paths = [folder / f"{name}{size}.csv" for name in ("real", "half")]
        for path, half in zip(paths, faults.thirds(frame, size, seed=0), strict=False):
            half.write_csv(path)
        seen = ours(*paths)
        print(
            f"| {size:,} | {seen['seconds']:.1f} | {seen['with_report']:.1f} | {seen['peak_mb']:,.0f}"
            f" | {seen['scores']} | {seen['compared'][0]:,} × {seen['compared'][1]:,} |",
            flush=True,
        )


def million(folder: Path, rows: int) -> None:
    paths = [folder / name for name in ("real.csv", "synthetic.csv")]
    for seed, path in enumerate(paths):
        large(path, rows, seed)
    seen = ours(*paths)
    print(
        f"\n| rows a side | seconds | peak MB | compared |\n|---|---|---|---|\n| {rows:,} | {seen['seconds']:.0f}",
        end="",
    )
    print(f" | {seen['peak_mb']:,.0f} | {seen['compared'][0]:,} × {seen['compared'][1]:,} |", flush=True)


def side_by_side(folder: Path, rows: int, python: str) -> None:
    """What each notices of each fault. A peer has no floor of its own: it gets one from real halves."""
    from syngen.text.embeddings.encoders import packaged
    from trust import faults

    frame = faults.clothing()
    encoder = packaged("potion-base-8M") or ""
    real = faults.planted(faults.nothing, rows)[0]
    real_path = folder / "real.csv"
    real.write_csv(real_path)
    tables = {}
    for i, (name, fault) in enumerate(faults.FAULTS.items()):
        tables[name] = folder / f"fault{i}.csv"
        faults.planted(fault, rows)[1].write_csv(tables[name])
    noticed: dict[str, dict[str, str]] = {name: {} for name in tables}
    cost: dict[str, dict[str, Any]] = {}
    for name, path in tables.items():
        seen = ours(real_path, path)
        cost["SynGen"] = seen
        said = [*dict.fromkeys(w.split(":")[0] for w in seen["worse"]), *seen["findings"]]
        noticed[name]["SynGen"] = ", ".join(said) or "–"
    for peer in PEERS if python else ():
        peer_py = ROOT / "benchmarks" / "peer.py"
        floors: dict[str, list[float]] = {}
        for seed in range(1, SPLITS + 1):
            paths = [folder / f"split{seed}{side}.csv" for side in "ab"]
            for path, part in zip(paths, faults.thirds(frame, rows, seed=seed), strict=False):
                part.write_csv(path)
            for key, value in apart(python, peer_py, peer, *paths, encoder)["scores"].items():
                floors.setdefault(key, []).append(value)
        for name, path in tables.items():
            seen = apart(python, peer_py, peer, real_path, path, encoder)
            cost[peer] = seen
            said = [key for key, value in seen["scores"].items() if _beyond(value, floors.get(key, []))]
            noticed[name][peer] = ", ".join(said) or "–"
    names = list(cost)
    print(f"\n{rows:,} real reviews against {rows:,}, faults planted as in `tests/trust/faults.py`.\n")
    print(f"| fault | {' | '.join(names)} |\n|{'---|' * (len(names) + 1)}")
    for name, row in noticed.items():
        print(f"| {name} | {' | '.join(row[n] for n in names)} |")
    print(f"| *seconds* | {' | '.join(format(cost[n]['seconds'], '.1f') for n in names)} |")
    print(f"| *peak MB* | {' | '.join(format(cost[n]['peak_mb'], ',.0f') for n in names)} |", flush=True)


def _beyond(value: float, floor: list[float]) -> bool:
    """Whether a score, more being better, lies far below what real halves give."""
    spread = max(stdev(floor), 1e-3) if len(floor) > 1 else 1e-3
    return value < mean(floor) - BEYOND * spread


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--one", nargs=2, metavar=("REAL", "SYNTHETIC"))
    parser.add_argument("--tables", default="growth,million,peers", help="which tables to print")
    parser.add_argument("--sizes", default="1000,2500,5000,10000")
    parser.add_argument("--rows", type=int, default=2_000, help="a side, beside the peers")
    parser.add_argument("--million", type=int, default=1_000_000)
    parser.add_argument("--peers", default=os.environ.get("SYNGEN_PEERS", ""), help="their Python")
    given = parser.parse_args()
    if given.one:
        evaluated(*given.one)
        return
    print(
        f"Python {platform.python_version()}, {platform.machine()}, {platform.system()}, {os.cpu_count()} cores\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        if "growth" in given.tables:
            growth(Path(folder), [int(size) for size in given.sizes.split(",")])
        if "million" in given.tables:
            million(Path(folder), given.million)
        if "peers" in given.tables:
            side_by_side(Path(folder), given.rows, given.peers)


if __name__ == "__main__":
    main()
