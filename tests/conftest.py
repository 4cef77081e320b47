"""What many tests need: the sample reference,, a writer that behaves, a folder of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from syngen.data import sample
from syngen.models.function import FunctionModel
from syngen.reference import load
from syngen.types import Reference
from writing import write


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
