"""Keys are found where people keep them and shown nowhere."""

from __future__ import annotations

import os
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from syngen.errors import ConfigError
from syngen.models import keys

KEY = "sk-test-1234567890"


class InMemory(KeyringBackend):
    """A keyring as the system's, for one test."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


@pytest.fixture(autouse=True)
def ring(monkeypatch: pytest.MonkeyPatch) -> InMemory:
    before, ring = keyring.get_keyring(), InMemory()
    keyring.set_keyring(ring)
    monkeypatch.delenv("SOME_KEY", raising=False)
    yield ring
    keyring.set_keyring(before)


def test_a_key_comes_from_the_environment_first(ring: InMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    ring.set_password("syngen", "SOME_KEY", "from-the-keyring")
    assert keys.find_key("SOME_KEY") == "from-the-keyring"
    Path(".env").write_text("# keys\nexport SOME_KEY='from-the-file'\n")
    assert keys.find_key("SOME_KEY") == "from-the-file"
    monkeypatch.setenv("SOME_KEY", KEY)
    assert keys.find_key("SOME_KEY") == KEY
    assert keys.find_key("NO_SUCH_KEY", "SOME_KEY") == KEY
    assert keys.find_key("NO_SUCH_KEY") is None


def test_a_file_does_not_change_the_environment() -> None:
    Path(".env").write_text(f"SOME_KEY={KEY}\n")
    keys.find_key("SOME_KEY")
    assert "SOME_KEY" not in os.environ


def test_a_key_that_was_handed_out_is_hidden_in_every_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", KEY)
    keys.find_key("SOME_KEY")
    assert keys.scrub(f"Bearer {KEY} was wrong") == "Bearer [key] was wrong"
    assert keys.scrub("nothing to hide") == "nothing to hide"


def test_a_configured_value_may_name_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", KEY)
    assert keys.fill_in("team ${SOME_KEY}", "The header") == f"team {KEY}"
    with pytest.raises(ConfigError, match=r"The header needs OTHER_KEY.*\.env"):
        keys.fill_in("${OTHER_KEY}", "The header")
