"""SynGen as a contender of the harness in `$BENCH`: a table of made-up reviews as the reference, one row a call.

Started by the harness's `run.py` with the command line of its `contenders/common.py`; the run folder in
`--workdir` is what a resumed run goes on with.
"""

from __future__ import annotations

import ast
import os
import random
import sys
from pathlib import Path

BENCH = Path(os.environ.get("BENCH", Path(__file__).parents[3] / "shared" / "bench"))
sys.path.insert(0, str(BENCH / "contenders"))

import polars as pl  # noqa: E402 - after the path is set
from common import MODEL, parse_args  # type: ignore[import-not-found]  # noqa: E402 - the harness's

import syngen  # noqa: E402

REAL_ROWS = 300


def reference() -> pl.DataFrame:
    """Reviews like those the mock server answers with, so that its word salad passes for more of the same."""
    chance = random.Random(0)
    words = vocabulary()

    def some(low: int, high: int) -> str:
        return " ".join(chance.choices(words, k=chance.randint(low, high))).capitalize()

    return pl.DataFrame(
        [
            {"id": i, "rating": chance.randint(1, 5), "title": some(4, 4), "text": some(30, 60) + "."}
            for i in range(REAL_ROWS)
        ]
    )


def vocabulary() -> list[str]:
    """The mock server's words, read from its source: importing it would bring the server's packages along."""
    for node in ast.parse((BENCH / "mock_openai.py").read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "WORDS":
            return next(str(n.value) for n in ast.walk(node) if isinstance(n, ast.Constant)).split()
    raise ValueError(f"{BENCH}/mock_openai.py has no WORDS")


def main() -> None:
    """Make the rows, or go on making them."""
    args = parse_args()
    run = Path(args.workdir) / "run"
    reached = {"base_url": args.base_url, "concurrency": args.concurrency}
    if args.resume and run.exists():
        syngen.resume(run, **reached)
    else:
        syngen.generate(reference(), args.rows, model=f"openai/{MODEL}", output=args.out, run=run, **reached)


if __name__ == "__main__":
    main()
