"""Endpoints and prices of one's own: read from files, checked, and without keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from syngen.errors import ConfigError
from syngen.models.endpoints import Price, connections

TOML = """
[endpoints.mybox]
base_url = "http://mybox:8000/v1/"
key = "MYBOX_KEY"
headers = { X-Team = "blue", Authorization = "Basic ${TEAM_TOKEN}" }
body = { top_k = 40 }
concurrency = 12

[prices."mybox/qwen"]
input = 0.1
output = 0.4
"""


@pytest.fixture(autouse=True)
def _no_user_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def test_nothing_is_configured_without_a_file() -> None:
    assert not connections().endpoints
    assert not connections().prices


def test_a_file_in_the_current_folder_is_read_as_toml_or_yaml() -> None:
    Path("syngen.toml").write_text(TOML)
    from_toml = connections()
    assert from_toml.endpoints["mybox"].base_url == "http://mybox:8000/v1"
    assert from_toml.endpoints["mybox"].body == {"top_k": 40}
    assert from_toml.prices["mybox/qwen"] == Price(input=0.1, output=0.4)
    Path("syngen.toml").unlink()
    Path("syngen.yaml").write_text(
        "endpoints:\n  mybox: {base_url: 'http://other:1/v1'}\nprices:\n  mybox/qwen: {input: 0, output: 0}\n"
    )
    assert connections().endpoints["mybox"].base_url == "http://other:1/v1"


def test_the_nearer_file_wins_and_the_given_one_over_all(tmp_path: Path) -> None:
    user = tmp_path / "config" / "syngen"
    user.mkdir(parents=True)
    (user / "syngen.toml").write_text(
        TOML.replace("mybox:8000", "user:1") + '[endpoints.only]\nbase_url = "http://u/v1"\n'
    )
    Path("syngen.toml").write_text(TOML)
    Path("given.yaml").write_text("n: 5\nendpoints:\n  mine: {base_url: 'http://g/v1'}\n")
    found = connections("given.yaml").endpoints
    assert {name: one.base_url for name, one in found.items()} == {
        "mybox": "http://mybox:8000/v1",
        "only": "http://u/v1",
        "mine": "http://g/v1",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[endpoints.a]\nbase_url = "mybox:8000"', "http://"),
        ('[endpoints.a]\nbase_url = "http://me:secret@mybox/v1"', "no user, password"),
        ('[endpoints.a]\nbase_url = "http://m/v1"\nheaders = { X-Api-Key = "abc" }', "the environment"),
        ('[endpoints.a]\nbase_url = "http://m/v1"\nkee = "X"', "endpoints.a.kee"),
        ('[prices."a/b"]\ninput = -1\noutput = 2', "greater than or equal to 0"),
        ("[endpoint.a]", "'endpoint'"),
        ("[endpoints", "can't be read"),
    ],
)
def test_a_mistake_is_told_in_a_sentence_with_its_place(text: str, said: str) -> None:
    Path("syngen.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        connections()
    assert "syngen.toml" in str(caught.value)
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)
