"""What the README says works as it stands there."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

import syngen
from syngen.cli.main import run
from syngen.data import sample
from syngen.models.function import FunctionModel

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
COMMANDS = [
    line.split("#")[0].strip()
    for line in README.splitlines()
    if re.match(r"syngen (?:profile|preview|generate|evaluate) ", line)
]


def test_the_commands_are_found() -> None:
    assert len(COMMANDS) == 4


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme_works(command: str) -> None:
    shutil.copy(sample(), "reviews.csv")
    shutil.copy(sample(), "new.csv" if " evaluate " in command else "other.csv")
    words = shlex.split(command)[1:]
    quick = ["--model", "function/writing:write"] if words[0] in ("preview", "generate") else []
    assert run([*words, *quick]) == 0


def test_the_python_example_works(writer: FunctionModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it stands, with the default model replaced by one that is quick."""
    shutil.copy(sample(), "reviews.csv")
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    monkeypatch.setattr("syngen.api.open_model", lambda *_: writer)
    names: dict[str, object] = {}
    exec(example, names)
    assert names["run"].rows.height == 500
    assert Path("new.parquet").exists()
    assert Path("report.html").exists()


def test_every_exported_name_is_there() -> None:
    assert all(getattr(syngen, name) is not None for name in syngen.__all__)
