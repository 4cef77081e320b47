"""Tiny models of transformers, made once; the address of the server that a module talks to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tiny

from servers.loopback import serve
from servers.openai_server import OpenAIServer
from syngen.models import open_model, remote
from syngen.models.local.huggingface import HuggingFaceModel


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of tiny models by kind."""
    home = tmp_path_factory.mktemp("tiny")
    base = tiny.llama(home / "base")
    return {
        "base": base,
        "chat": tiny.llama(home / "chat", tiny.TEMPLATE),
        "no-system": tiny.llama(home / "no-system", tiny.NO_SYSTEM),
        "gpt2": tiny.gpt2(home / "gpt2"),
        "mistral": tiny.mistral(home / "mistral", window=16),
        "bloom": tiny.bloom(home / "bloom"),
        "adapter": tiny.adapter(home / "adapter", base),
    }


@pytest.fixture(scope="session")
def tiny_models(folders: dict[str, Path]) -> dict[str, HuggingFaceModel]:
    """Those models, open."""
    return {kind: open_model(f"hf/{folder}") for kind, folder in folders.items()}


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between calls take no time; what a call takes is real."""
    skipped = 0.0

    async def skip(seconds: float) -> None:
        nonlocal skipped
        skipped += seconds
        await asyncio.sleep(0)

    monkeypatch.setattr(remote, "now", lambda: time.monotonic() + skipped)
    monkeypatch.setattr(remote, "sleep", skip)


@pytest.fixture
def url(app: Any) -> Iterator[str]:
    """Where the server listens that the module's own fixture `app` names, as a base URL of its API."""
    with serve(app) as address:
        yield f"{address}/v1" if isinstance(app, OpenAIServer) else address
