"""What many tests need: the sample reference, a writer that behaves, a folder of one's own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from syngen.data import sample
from syngen.models.providers.function import FunctionModel
from syngen.reference import load
from syngen.types import Reference
from writing import write

# The same examples on every machine where a red run blocks; elsewhere new ones each time. No time limits:
# machines are noisy.
settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")


@pytest.fixture
def writer() -> FunctionModel:
    """A model that always behaves."""
    return FunctionModel(write, "function/writer")


@pytest.fixture(scope="session")
def reference() -> Reference:
    """The sample data, loaded once."""
    return load(sample())


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test works in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SYNGEN_RUNS", raising=False)
