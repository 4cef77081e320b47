"""A fit that is killed or interrupted keeps what it has, and a fit to few rows is the better of two models."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import tiny

import syngen
from syngen.data import sample
from syngen.models.local.fitted import read_manifest
from syngen.types import Reference
from waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


def fit_command(base: Path, output: Path) -> list[str]:
    return [
        sys.executable, "-m", "syngen", "fit", str(sample()), "--base", f"hf/{base}", "--device", "cpu",
        "--epochs", "4", "-o", str(output), "--no-measure",
    ]  # fmt: skip


def started(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as told:
        return subprocess.Popen(command, stderr=told, stdout=subprocess.DEVNULL, env=dict(os.environ))


def learning(process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a held-out loss is told."""
    until(lambda: "held-out" in log.read_text("utf-8") or process.poll() is not None, 300)


def steps(log: Path) -> list[int]:
    return [int(step) for step in re.findall(r"step (\d+),", log.read_text("utf-8"))]


def test_a_fit_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    base, output, log = tiny.llama(tmp_path / "tiny"), tmp_path / "model", tmp_path / "log.txt"
    process = started(fit_command(base, output), log)
    learning(process, log)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (output / "fit.json").exists()
    before = steps(log)
    assert started(fit_command(base, output), log).wait() == 0
    assert steps(log)[0] > before[0]
    assert read_manifest(output).course[0][0] == before[0]
    assert not (output / "training").exists()


def test_ctrl_c_keeps_the_best_so_far(tmp_path: Path) -> None:
    base, output, log = tiny.llama(tmp_path / "tiny"), tmp_path / "model", tmp_path / "log.txt"
    process = started(fit_command(base, output), log)
    learning(process, log)
    process.send_signal(signal.SIGINT)
    assert process.wait() == 0
    assert json.loads((output / "fit.json").read_text("utf-8"))["stopped"] == "interrupted"


def test_from_few_rows_it_is_the_better_of_both(reference: Reference, tmp_path: Path) -> None:
    made = syngen.fit(reference.frame.head(60), minutes=1, output=tmp_path / "few", measure=False)
    losses = made.manifest.losses
    better = losses["fitted, the same rows"] < losses["prompted"]
    assert made.model == (made.fitted if better else "embedded/smollm2-135m")
