"""The wheel holds all that the program needs, and works where only the wheel is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
USES_ITS_FILES = """
import syngen, sys
from syngen.data import sample
from syngen.plan import make_plan
from syngen.prompts import PromptContext, build, ask_natively
reference = syngen.load(sample())
for kind in ("chat", "completion"):
    brief = PromptContext(reference, "things", kind, 0)
    assert build(brief, make_plan(reference, 1).slots([0]), 0).user
assert ask_natively(brief, 3, 0).user
print(syngen.__file__)
"""


@pytest.fixture(scope="module")
def uv() -> str:
    found = os.environ.get("UV") or shutil.which("uv")
    if not found:
        pytest.skip("uv is not installed: python -m pip install uv")
    return found


@pytest.fixture(scope="module")
def wheel(uv: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [uv, "build", "--quiet", "--out-dir", out, ROOT], check=True
    )  # by way of the source archive
    return next(out.glob("*.whl"))


def test_the_wheel_holds_templates_sample_data_types_and_licence(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    sources = {
        p.relative_to(ROOT / "src").as_posix() for p in (ROOT / "src/syngen").rglob("*") if p.is_file()
    }
    assert {name for name in sources if "__pycache__" not in name} <= names
    assert any(name.endswith("templates/base.chat.jinja") for name in names)
    assert {"syngen/data/reviews.csv", "syngen/py.typed"} <= names
    assert any(name.endswith("/LICENSE") for name in names)


def test_the_wheel_works_away_from_the_source(wheel: Path, uv: str, tmp_path: Path) -> None:
    install = [
        uv,
        "pip",
        "install",
        "--quiet",
        "--python",
        sys.executable,
        "--no-deps",
        "--target",
        tmp_path,
        wheel,
    ]
    subprocess.run(install, check=True)
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-W", "error", "-c", USES_ITS_FILES]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(tmp_path))
