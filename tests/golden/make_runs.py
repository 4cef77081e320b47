"""How the run folders in `runs/` were made, by version 0.1.0 in November 2026.

They stand for folders that users have, so they are not made anew when the code changes:
`make golden` leaves them alone. Run this in an empty folder to make others; locks and SQLite's side files were
deleted afterwards, and the platform in the manifests became "Linux".
"""

from __future__ import annotations

from pathlib import Path

import golden_tables
import golden_writer

from golden import syngen

HERE = Path()


def make() -> None:
    """Make the three run folders in the current folder."""
    writer = "function/golden_writer:planned"
    golden_tables.reviews(HERE)
    golden_tables.tickets(HERE)
    common = ("--no-report", "--seed", 5)
    syngen("generate", "reviews.csv", "-n", 6, "--model", writer, "--run", "finished", *common)
    golden_writer.calls_left[:] = [3]
    more = ("--strategy", "length,diversity", "--length", "short", "--rows-per-call", 2)
    asked = ("generate", "reviews.csv", "-n", 12, "--model", writer, "--run", "interrupted")
    syngen(*asked, *more, *common, expect=130)
    golden_writer.calls_left.clear()
    asked = ("generate", "tickets.csv", "-n", 9, "--mode", "native", "--rows-per-call", 6)
    syngen(*asked, "--model", "function/golden_writer:native", "--run", "native", *common)


if __name__ == "__main__":
    make()
