"""Speed and memory, printed as a Markdown table: `make bench`.

The engine alone on the very prompts of a run is the yardstick for `generate`; the two are run in turn, so
that a slow moment of the machine hits both. Each measurement has a process of its own.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent


def best_rate(work: Callable[[], int], rounds: int = 3) -> float:
    """Items a second in the best of a few rounds."""
    rates = []
    for _ in range(rounds):
        start = time.perf_counter()
        rates.append(work() / (time.perf_counter() - start))
    return max(rates)


def peak_megabytes() -> float:
    """The process's peak resident memory."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def sample_reference() -> Any:
    from syngen.data import sample
    from syngen.reference import load

    return load(sample())


def large_table(path: Path, rows: int) -> None:
    """A table of so many rows with texts of the sample's lengths, no two alike."""
    import csv
    import random

    from syngen.data import sample

    chance = random.Random(0)
    with sample().open(encoding="utf-8", newline="") as opened:
        real = list(csv.DictReader(opened))
    vocabulary = [word for row in real for word in row["text"].split()]
    with path.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, real[0])
        writer.writeheader()
        for i in range(rows):
            row = dict(chance.choice(real))
            row["text"] = " ".join(chance.choices(vocabulary, k=max(3, len(row["text"].split()))))
            row["user_id"] = f"A{i:013d}"
            writer.writerow(row)


# ------------------------------------------------------------------ measured in a process of its own
def measure_engine(concurrency: int, rows: int, how: str) -> dict[str, float]:
    """Rows and tokens a second of `generate`, or of the engine called directly with the same prompts."""
    from syngen.config import RunConfig
    from syngen.engine.run import start as start_run
    from syngen.models import ModelOptions, open_model
    from syngen.plan import make_plan
    from syngen.prompts import build, planned_request, prompt_context

    reference = sample_reference()
    config = RunConfig.of(n=rows, seed=1, concurrency=concurrency)
    model: Any = open_model(config.model, ModelOptions(concurrency=concurrency))
    plan = make_plan(reference, rows, seed=1)
    context = prompt_context(reference, config, model)
    requests = [planned_request(build, context, [slot], [slot], 0, model) for slot in plan]
    if how == "generate":
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            run = start_run(Path(folder) / "run", reference, config, plan, model)
            seconds = time.perf_counter() - start
        return {"rows": run.ledger.accepted / seconds, "tokens": run.tokens.written / seconds}
    settings = [model._settings(r, r.sampling.max_tokens) for r in requests]
    if how == "free":
        for setting in settings:
            setting.structured_output_config = None
            setting.stop_strings = {"\n"}
    tokens = [model._tokens(r.prompt.user) for r in requests]
    start = time.perf_counter()
    written = drive(model._pipeline, tokens, settings, concurrency)
    seconds = time.perf_counter() - start
    return {"rows": rows / seconds, "tokens": written / seconds}


def drive(pipeline: Any, prompts: list[Any], settings: list[Any], concurrency: int) -> int:
    """The engine alone, kept as full as it may be; tokens written. Its own batch call ignores the bound."""
    flights: list[Any] = []
    written, sent = 0, 0
    while sent < len(prompts) or flights:
        while sent < len(prompts) and len(flights) < concurrency:
            flights.append(pipeline.add_request(sent, prompts[sent], settings[sent]))
            sent += 1
        pipeline.step()
        for done in [f for f in flights if f.get_status().name != "RUNNING"]:
            written += sum(len(output.generated_ids) for output in done.read_all())
            flights.remove(done)
    return written


def measure_stages() -> dict[str, float]:
    """Slots planned, prompts rendered, replies parsed and rows judged, a second."""
    from syngen.models.providers.function import FunctionModel
    from syngen.plan import make_plan
    from syngen.prompts import PromptContext, build, planned_request
    from syngen.tables import replies as parse
    from syngen.types import Completion
    from syngen.validate import Validator

    reference = sample_reference()
    n = 20_000
    rates = {"slots planned": best_rate(lambda: len(list(make_plan(reference, n, seed=1))))}
    slots = make_plan(reference, 2_000, seed=1).slots(range(2_000))
    context = PromptContext(reference, reference.profile.domain, "completion", 1)
    rates["prompts rendered"] = best_rate(lambda: len([build(context, [s], 0) for s in slots]))
    texts = reference.frame["text"].to_list()
    model = FunctionModel(lambda _: "")
    completions = [
        Completion(
            planned_request(build, context, [slot], [slot], 0, model),
            json.dumps({name: texts[slot.index % len(texts)][::-1] for name in slot.texts}),
        )
        for slot in slots
    ]
    pairs = list(zip(completions, slots, strict=True))
    rates["replies parsed"] = best_rate(lambda: sum(len(parse.planned(c, [s])) for c, s in pairs))
    candidates = [(parse.planned(c, [s])[0], s, c.request.prompt) for c, s in pairs]

    def judge() -> int:
        acceptance = Validator(reference)
        return len([acceptance.judge(c, s, p) for c, s, p in candidates])  # type: ignore[arg-type]

    rates["rows judged"] = best_rate(judge)
    return rates


def measure_memory(rows: int) -> dict[str, float]:
    """Peak memory of a run with the embedded model and a large reference; seconds to read it."""
    from syngen import api

    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "large.csv"
        subprocess.run([sys.executable, __file__, "--table", str(table), "--rows", str(rows)], check=True)
        start = time.perf_counter()
        reference = api.load(table)
        seconds = time.perf_counter() - start
        api.generate(reference, 64, run=Path(folder) / "run")
    return {"load_seconds": seconds, "peak_mb": peak_megabytes()}


# --------------------------------------------------------------------------------------- the report
def apart(*arguments: object) -> dict[str, float]:
    """One measurement in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, *map(str, arguments)], check=True, capture_output=True, text=True
    )
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def seconds_of(*command: str) -> float:
    """Wall seconds of a command, the best of five."""

    def once() -> float:
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        return time.perf_counter() - start

    return min(once() for _ in range(5))


def report(quick: bool) -> None:
    print(f"Python {platform.python_version()}, {platform.machine()}, {platform.system()}\n")
    print("| start-up | seconds |\n|---|---|")
    print(f"| `syngen --help` | {seconds_of(sys.executable, '-m', 'syngen', '--help'):.2f} |")
    print(f"| `import syngen` | {seconds_of(sys.executable, '-c', 'import syngen'):.2f} |")
    print("\n| stage | a second |\n|---|---|")
    for name, rate in apart("--stages").items():
        print(f"| {name} | {rate:,.0f} |")
    print("\n| in flight | accepted rows/s | tokens/s | engine alone, tokens/s | generate ÷ engine |")
    print("|---|---|---|---|---|")
    for concurrency, rows in ((1, 16), (8, 96), (32, 160), (64, 160)):
        if quick and concurrency not in (8, 32):
            continue
        direct = apart("--engine", "direct", "--concurrency", concurrency, "--rows", rows)
        ours = apart("--engine", "generate", "--concurrency", concurrency, "--rows", rows)
        ratio = ours["tokens"] / direct["tokens"]
        print(
            f"| {concurrency} | {ours['rows']:.2f} | {ours['tokens']:.0f} | {direct['tokens']:.0f} | {ratio:.2f} |"
        )
    print("\n| schema decoding, 32 in flight | tokens/s |\n|---|---|")
    free = apart("--engine", "free", "--concurrency", 32, "--rows", 96)
    held = apart("--engine", "direct", "--concurrency", 32, "--rows", 96)
    print(f"| free | {free['tokens']:.0f} |\n| held to the schema | {held['tokens']:.0f} |")
    memory = apart("--memory", "--rows", 5_000 if quick else 50_000)
    print("\n| embedded model, large reference | |\n|---|---|")
    print(
        f"| seconds to read and profile | {memory['load_seconds']:.1f} |\n| peak memory, MB | {memory['peak_mb']:.0f} |"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="fewer sizes, about two minutes")
    options.add_argument("--engine", choices=["generate", "direct", "free"])
    options.add_argument("--concurrency", type=int, default=32)
    options.add_argument("--rows", type=int, default=64)
    options.add_argument("--stages", action="store_true")
    options.add_argument("--memory", action="store_true")
    options.add_argument("--table", type=Path)
    given = options.parse_args()
    if given.table:
        large_table(given.table, given.rows)
    elif given.engine:
        print(json.dumps(measure_engine(given.concurrency, given.rows, given.engine)))
    elif given.stages:
        print(json.dumps(measure_stages()))
    elif given.memory:
        print(json.dumps(measure_memory(given.rows)))
    else:
        report(given.quick)


if __name__ == "__main__":
    main()
