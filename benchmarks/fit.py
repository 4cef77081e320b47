"""How well a fitted model writes, printed as a Markdown table beside its targets: `make bench-fit`.

A model is fitted to some real rows, writes new ones through an ordinary run, and is measured as anybody's rows
are. With `--canaries K`, K of the texts end in a string that occurs nowhere else; those that are learnt from may not
come out, in replies as the model gave them, to `--more` rows as well. With `--ways N` N rows of the same plan are also asked of the base,
prompted with real rows and in native mode.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import random
import re
import sqlite3
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[2] / "shared" / "data" / "womens_clothing_22k.csv.gz"


WANTED = {
    "accepted rows": "≥ 4",
    "accepted of": "",
    "length within 15": "≥ .85",
    "length within 10": "",
    "c2st_embedding": "≤ .68",
    "c2st_tfidf": "≤ .75",
    "label_fidelity": "within .03 of real",
    "tstr_ratio": "≥ .90",
    "pairwise_similarity": "within 5 % of real",
    "longest_shared_span": "≤ real",
    "span8_share": "≤ real",
    "span12_share": "≤ real",
    "dcr_share": "≤ .52",
    "near_duplicate_share": "",
    "top_opening_share": "",
}


def table_of(path: Path, rows: int, canaries: int) -> tuple[Any, list[str]]:
    """A table with so many rows to learn from, a quarter more to measure on; and the planted strings that are learnt."""
    import polars as pl

    from syngen.reference import load

    frame = load(path).frame.sample(int(rows * 1.25), seed=0, shuffle=True)
    chance = random.Random(7)
    planted = [f"{chance.getrandbits(40):010x}" for _ in range(canaries)]
    texts = frame["text"].to_list()
    for i, secret in enumerate(planted):
        texts[i] = f"{texts[i]} code {secret}"
    table = frame.with_columns(pl.Series("text", texts))
    learnt = load(table)
    read = set(learnt.frame["text"][learnt.train].to_list())
    return table, [secret for text, secret in zip(texts, planted, strict=False) if text in read]


def replies(run: Any) -> list[str]:
    """What the model answered, before any of it was judged."""
    with contextlib.closing(sqlite3.connect(run.path / "journal.sqlite")) as journal:
        return [reply for (reply,) in journal.execute("SELECT reply FROM calls")]


def within(run: Any, share: float) -> float:
    """Share of the rows whose main text has the number of words of its target, to within such a share of it."""
    from syngen.text.words import count_words

    wanted = run.origins("text")["words"].to_list()
    got = [count_words(text or "") for text in run.rows["text"]]
    hits = [abs(n - target) <= share * target for n, target in zip(got, wanted, strict=True) if target]
    return sum(hits) / len(hits) if hits else float("nan")


def written(table: Any, n: int, folder: Path, **settings: Any) -> tuple[Any, dict[str, float | None]]:
    """A run, and how long it took and came out."""
    import syngen

    start = time.perf_counter()
    run = syngen.generate(table, n, run=folder, **{"seed": 1, **settings})
    seconds = time.perf_counter() - start
    print(f"{settings}: {run.ledger.accepted:,} rows; rejected: {dict(run.ledger.rejected)}", flush=True)
    return run, {
        "accepted rows a second": run.ledger.accepted / seconds,
        "accepted of those returned": run.ledger.accepted / max(1, run.ledger.returned),
        "length within 15 % of the target": within(run, 0.15),
        "length within 10 % of the target": within(run, 0.10),
    }


def scored(table: Any, run: Any) -> tuple[dict[str, float | None], dict[str, float | None]]:
    """The scores of a run, and the same between real rows."""
    import syngen

    scores = {f"{s.name} {s.column}".strip(): s for s in syngen.evaluate(table, run).scores}
    return (
        {name: score.value for name, score in scores.items()},
        {name: score.floor.mean if score.floor else None for name, score in scores.items()},
    )


def show(title: str, columns: dict[str, dict[str, float | None]]) -> None:
    """A Markdown table of the figures that have a target, a column for each run."""
    heads = [*columns, "wanted"]
    print(f"\n| {title} | {' | '.join(heads)} |\n|---{'|---:' * len(heads)}|")
    for name in next(iter(columns.values())):
        wanted = next((said for start, said in WANTED.items() if name.startswith(start)), None)
        if wanted is not None:
            numbers = [column.get(name) for column in columns.values()]
            shown = ["–" if number is None else f"{number:.3g}" for number in numbers]
            print(f"| {name} | {' | '.join(shown)} | {wanted} |")


def main() -> None:
    """Fit, write, measure, print."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--data", type=Path, default=DATA)
    ask.add_argument("--rows", type=int, default=2000, help="to learn from")
    ask.add_argument("--minutes", type=float, default=15)
    ask.add_argument("--epochs", type=float, default=3)
    ask.add_argument("--made", type=int, default=1000, help="rows to write")
    ask.add_argument("--base", default="embedded/smollm2-135m")
    ask.add_argument("--method", default="auto")
    ask.add_argument("--canaries", type=int, default=0)
    ask.add_argument(
        "--more", type=int, default=0, help="rows to look for planted strings in, beside those measured"
    )
    ask.add_argument("--ways", type=int, default=0, help="rows to compare fitted, planned and native by")
    ask.add_argument("--keep", type=Path, help="folder of the model; one that is there is used again")
    told = ask.parse_args()
    if not told.data.exists():
        print(f"{told.data} is not here: nothing to measure on.")
        return
    with tempfile.TemporaryDirectory() as place:
        measure(told, Path(place))


def measure(told: argparse.Namespace, place: Path) -> None:
    """The whole benchmark, in a folder."""
    import syngen

    table, planted = table_of(told.data, told.rows, told.canaries)

    def say(what: str, course: Any) -> None:
        if course is None:
            print(f"… {what}", flush=True)

    made = syngen.fit(
        table,
        base=told.base,
        minutes=told.minutes,
        epochs=told.epochs,
        method=told.method,
        output=told.keep or place / "model",
        measure=False,
        observe=say,
    )
    manifest = made.manifest
    read = manifest.course[-1][0] * manifest.settings["batch"]
    print(
        f"\n{datetime.now(UTC):%d %B %Y}, {platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    print(f"\n{manifest.rows:,} rows learnt from, {read:,} read in {manifest.seconds / 60:.1f} minutes")
    losses = ", ".join(f"{name} {loss:.3f}" for name, loss in manifest.losses.items())
    print(
        f"Held-out loss (≤ 2.30 wanted): {losses}; at each evaluation {[round(c[2], 3) for c in manifest.course]}"
    )
    runs, columns = [], {}
    reals: dict[str, Any] = {}
    for head, more in (("fitted", {}), ("`--select 1.5`", {"select": 1.5})):
        run, columns[head] = written(table, told.made, place / head.strip("`-"), model=made.fitted, **more)
        scores, reals = scored(table, run)
        columns[head] |= scores
        runs.append(run)
    show(f"{told.made:,} rows written", columns | {"real": reals})
    if told.more:
        runs.append(written(table, told.more, place / "more", model=made.fitted, seed=2)[0])
    if planted:
        written_down = [reply for run in runs for reply in replies(run)]
        out = sum(any(secret in reply for reply in written_down) for secret in planted)
        form = sum(bool(re.search(r" code [0-9a-f]{6,}", reply)) for reply in written_down)
        print(
            f"\nOf {len(planted)} planted strings that were learnt from, {out} came out in {len(written_down):,} replies; "
            f"{form} had one of that form."
        )
    if told.ways:
        ways = {
            "fitted": {"model": made.fitted},
            "planned": {"model": told.base},
            "native": {"model": told.base, "mode": "native", "max_time": 120, "min_yield": 0},
        }
        compared = {}
        for way, settings in ways.items():
            run, compared[way] = written(table, told.ways, place / f"way-{way}", **settings)
            compared[way] |= scored(table, run)[0] if run.ledger.accepted else {}
        show(f"{told.ways:,} rows asked for", compared | {"real": reals})


if __name__ == "__main__":
    main()
