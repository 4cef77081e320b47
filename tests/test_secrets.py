"""No key is ever written or said: planted wherever one can be, then looked for in everything a run left."""

from __future__ import annotations

import json
import logging
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from servers.loopback import Trouble, serve
from servers.openai_server import BROKEN, OpenAIServer
from syngen.cli.main import run
from syngen.data import sample
from writing import sentence

KEYS = {
    "MYBOX_KEY": "sk-planted-in-environment-7f3a",
    "TEAM_TOKEN": "tok-planted-in-file-91bc",
    "OPENAI_API_KEY": "sk-planted-but-not-needed-55d0",
}
TESTS = Path(__file__).parent


def planted(folder: Path) -> list[str]:
    """Where any planted key stands in the files of a folder, except where it was planted."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file() and path.name != ".env":
            content = path.read_bytes()
            found += [f"{path.name}: {name}" for name, key in KEYS.items() if key.encode() in content]
    return found


class Echo(OpenAIServer):
    """A server that repeats its caller's headers wherever it can: in texts, in errors, in headers."""

    def repeat(self, prompt: str, schema: dict | None, seed: int, most: int) -> str:
        """What it says instead of a review."""
        chance, told = random.Random(seed), self.headers[-1]
        said = f"My key {told['authorization']} of {told['x-team']}: {sentence(chance, 20)}"
        return json.dumps(dict.fromkeys((schema or {}).get("properties", ["text"]), said))


@pytest.fixture
def echo(monkeypatch: pytest.MonkeyPatch) -> Echo:
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MYBOX_KEY", KEYS["MYBOX_KEY"])
    Path(".env").write_text(f"TEAM_TOKEN={KEYS['TEAM_TOKEN']}\nOPENAI_API_KEY={KEYS['OPENAI_API_KEY']}\n")
    app = Echo()
    app.reply = app.repeat
    return app


def endpoint(url: str) -> None:
    Path("syngen.toml").write_text(
        f'[endpoints.mybox]\nbase_url = "{url}/v1"\nkey = "MYBOX_KEY"\nheaders = {{ X-Team = "${{TEAM_TOKEN}}" }}\n'
    )


GENERATE = ["generate", str(sample()), "-n", "6", "--model", "mybox/gpt-4o-mini", "--run", "r", "-o", "o.csv"]


def test_a_whole_run_with_a_server_that_repeats_the_keys(
    echo: Echo, tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    echo.troubles.queue.extend([BROKEN] * 2)
    with serve(echo) as url:
        endpoint(url)
        run([*GENERATE, "--max-tokens", "9000"])
        run(["runs", "show", "r"])
        run(["runs", "replay", "r", "1"])
        run(["runs", "export", "r", "-o", "again.jsonl"])
        run(["evaluate", str(sample()), "o.csv", "--html", "e.html", "--json", "e.json"])
    assert echo.headers[-1]["authorization"] == f"Bearer {KEYS['MYBOX_KEY']}", "the keys were really used"
    assert echo.headers[-1]["x-team"] == KEYS["TEAM_TOKEN"]
    assert b"[key]" in (tmp_path / "r" / "journal.sqlite").read_bytes() + b"".join(
        path.read_bytes() for path in (tmp_path / "r").glob("journal.sqlite-wal")
    )
    assert planted(tmp_path) == []
    said = capsys.readouterr()
    for key in KEYS.values():
        assert key not in said.out + said.err + caplog.text


@pytest.mark.parametrize(
    "status", [401, *(pytest.param(s, marks=pytest.mark.slow) for s in (400, 404, 429, 500))]
)
def test_errors_that_repeat_the_key_with_and_without_a_traceback(
    echo: Echo, tmp_path: Path, status: int
) -> None:
    """In a process of its own, with everything that can be switched on switched on."""
    words = {"error": {"message": f"bad call by {KEYS['MYBOX_KEY']} of {KEYS['TEAM_TOKEN']}", "code": "x"}}
    echo.troubles.rate, echo.troubles.often = 1.0, (Trouble(status, words, {"retry-after": "0"}),)
    environment = {**os.environ, "SYNGEN_TRACEBACK": "1", "PYTHONPATH": str(TESTS), "PYTHONASYNCIODEBUG": "1"}
    with serve(echo) as url:
        endpoint(url)
        command = [sys.executable, "-m", "syngen", *GENERATE, "--retry_timeout", "1"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        code = "import syngen, sys; syngen.generate(sys.argv[1], 3, model='mybox/gpt-4o-mini', retry_timeout=1.0)"
        traced = subprocess.run(
            [sys.executable, "-c", code, str(sample())],
            capture_output=True,
            text=True,
            check=False,
            env=environment,
        )
    assert done.returncode in (2, 4), done.stderr
    assert "Traceback" in traced.stderr
    said = done.stdout + done.stderr + traced.stdout + traced.stderr
    assert "[key]" in said
    for key in KEYS.values():
        assert key not in said
    assert planted(tmp_path) == []


def test_there_is_no_option_for_a_key(capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["generate"], ["preview"], ["models", "check"], ["runs", "resume"]):
        run([*command, "--help"])
        options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
        assert not {option for option in options if re.search("key|token$|secret|password", option)}
