"""Runs the harness in `$BENCH` with SynGen beside its peers: `make bench-engine`.

Its contenders and ours go into one configuration; whatever else is on the command line is the harness's
(`--scenarios`, `--contenders`, `--repeat`, `--rows`, `--keep-logs`, see its README).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

BENCH = Path(os.environ.get("BENCH", Path(__file__).parents[3] / "shared" / "bench")).resolve()
RESULTS = Path(__file__).parents[2] / "build"
OURS = f"""
[[contender]]
name = "syngen"
python = "{sys.executable}"
script = "{Path(__file__).resolve().with_name("syngen_bench.py")}"
packages = ["syngen-text", "aiohttp"]
env = {{ BENCH = "{BENCH}", SYNGEN_API_KEY = "not-needed" }}
"""


def main() -> int:
    """The harness's exit status."""
    theirs = (BENCH / "contenders.toml").read_text("utf-8")
    if any(c["name"] == "syngen" for c in tomllib.loads(theirs)["contender"]):
        raise SystemExit(f"{BENCH}/contenders.toml has a contender syngen already.")
    curator = Path(os.environ.get("BENCH_PY_CURATOR", "")).parent.parent
    counts = next(curator.glob("lib/*/site-packages/litellm/litellm_core_utils/tokenizers"), "")
    RESULTS.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile("w", suffix=".toml", encoding="utf-8") as config:
        config.write(theirs + OURS)  # scripts are relative to run.py, ours is absolute
        config.flush()
        command = [os.environ.get("BENCH_PY", sys.executable), str(BENCH / "run.py"), "--config", config.name]
        command += ["--results", str(RESULTS / "bench-engine.json")]
        command += ["--report", str(RESULTS / "bench-engine.md")]
        environment = {"BENCH_TIKTOKEN_DIR": str(counts), **os.environ}
        return subprocess.run([*command, *sys.argv[1:]], check=False, env=environment).returncode


if __name__ == "__main__":
    raise SystemExit(main())
