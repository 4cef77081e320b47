"""`kill -9` at ten moments, then `--resume`: exactly N rows, none twice, no completed call asked again."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
from functools import partial
from pathlib import Path

import polars as pl
import pytest

from syngen.data import sample
from waiting import until

TESTS = Path(__file__).parent.parent
N = 150


def calls(run: Path) -> dict[str, int]:
    """Completed calls and accepted rows on disk; nothing before the journal is there."""
    if not (run / "journal.sqlite").exists():
        return {"calls": 0, "rows": 0}
    with sqlite3.connect(f"{(run / 'journal.sqlite').absolute().as_uri()}?mode=ro", uri=True) as db:
        try:
            return {t: db.execute(f"SELECT COUNT(*) FROM {t}").fetchone()[0] for t in ("calls", "rows")}
        except sqlite3.OperationalError:
            return {"calls": 0, "rows": 0}


def came(process: subprocess.Popen[str] | subprocess.Popen[bytes], run: Path, wanted: int) -> bool:
    """Whether so many calls are on disk, or the process has ended before."""
    return process.poll() is not None or calls(run)["calls"] >= wanted


@pytest.mark.slow
def test_killed_at_ten_moments_and_resumed(tmp_path: Path) -> None:
    """The model writes down every request it is asked, in a file of its own."""
    (tmp_path / "slow_writer.py").write_text(
        "import time, writing\n"
        "def answer(request):\n"
        "    time.sleep(0.01)\n"
        "    with open('asked.txt', 'a') as f: f.write(request.fingerprint + '\\n')\n"
        "    return writing.write(request)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), str(tmp_path)])}
    command = [
        sys.executable,
        "-m",
        "syngen",
        "generate",
        str(sample()),
        "-n",
        str(N),
        "--run",
        "r",
        "-o",
        "o.csv",
    ]
    command += ["--model", "function/slow_writer:answer", "--seed", "3", "--no-report"]
    chance = random.Random(4)
    run = tmp_path / "r"
    seen = 0
    for _ in range(10):
        resume = ["--resume"] if (run / "manifest.json").exists() else []
        process = subprocess.Popen(
            [*command, *resume], env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        target = calls(run)["calls"] + chance.randint(1, 12)
        until(partial(came, process, run, target))
        process.send_signal(signal.SIGKILL)
        process.wait()
        now = calls(run)
        assert now["calls"] >= seen, "a completed call was lost"
        seen = now["calls"]
    done = subprocess.run(
        [*command, "--resume", "--json"], env=environment, capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout)
    assert told["exact"]
    rows = pl.read_csv(tmp_path / "o.csv")
    assert rows.height == N
    assert rows["text"].n_unique() == N
    asked = (tmp_path / "asked.txt").read_text().split()
    with sqlite3.connect(run / "journal.sqlite") as db:
        completed = [f for (f,) in db.execute("SELECT fingerprint FROM calls")]
    assert len(completed) == len(set(completed)) == told["ledger"]["calls"]
    assert len(asked) - len(set(asked)) <= 10, "only what was in flight at a kill may be asked again"
    assert set(completed) <= set(asked)


@pytest.mark.slow
def test_ctrl_c_stops_cleanly_with_status_130_and_says_how_to_go_on(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    (tmp_path / "sleepy.py").write_text(
        "import time, writing\ndef answer(request):\n    time.sleep(0.05)\n    return writing.write(request)\n"
    )
    command = [sys.executable, "-m", "syngen", "generate", str(sample()), "-n", "100", "--run", "r"]
    process = subprocess.Popen(
        [*command, "--model", "function/sleepy:answer"], env=environment, stderr=subprocess.PIPE, text=True
    )
    until(partial(came, process, tmp_path / "r", 3))
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 130
    assert "syngen runs resume r" in said
    assert "Traceback" not in said
    kept = calls(tmp_path / "r")
    assert kept["rows"] >= 3
