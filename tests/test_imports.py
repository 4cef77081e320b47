"""What is loaded when, what is public, and which part may import which."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import syngen

HEAVY = [
    "polars", "numpy", "pandas", "pyarrow", "datasets", "openvino", "openvino_genai", "jinja2", "textstat",
    "pyphen", "py3langid", "charset_normalizer", "yaml",
]  # fmt: skip
ROOT = Path(__file__).parents[1]


def loaded_after(code: str) -> set[str]:
    """The modules a fresh interpreter has loaded when this code is done."""
    code = f"import sys\ntry:\n    {code}\nexcept SystemExit: pass\nprint(*sys.modules, file=sys.stderr)"
    env = {k: v for k, v in os.environ.items() if not k.startswith("COV_")}
    return set(
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env
        ).stderr.split()
    )


def test_importing_syngen_loads_no_heavy_library() -> None:
    assert not loaded_after("import syngen") & {*HEAVY, "pydantic", "typer", "rich"}


@pytest.mark.parametrize("arguments", [["--help"], ["generate", "--help"], ["fit", "--help"], ["--version"]])
def test_help_loads_no_heavy_library(arguments: list[str]) -> None:
    code = f"sys.argv = ['syngen', *{arguments}]; from syngen.cli import main; main()"
    assert not loaded_after(code) & set(HEAVY)


def test_every_public_name_is_there() -> None:
    assert {name for name in syngen.__all__ if getattr(syngen, name, None) is None} == set()


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'generat'"):
        _ = syngen.generat


def test_the_layers_hold() -> None:
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as run; run()",
        "--no-cache",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout
