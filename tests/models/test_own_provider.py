"""The document on a provider of one's own is executed: its package is made, found, used and put to the contract."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import syngen
from syngen.errors import ModelNotFound
from syngen.models import HOSTS, known_providers, open_model
from syngen.types import Reference

DOCUMENT = (Path(__file__).parents[2] / "docs" / "models.md").read_text("utf-8")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package of the document, as installing it leaves it: its modules and its metadata on the path."""
    site = tmp_path / "site"
    for name, text in re.findall(r"```\w+\n# ([\w/.]+)\n(.*?)```", DOCUMENT, re.DOTALL):
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text, "utf-8")
    project = tomllib.loads((site / "pyproject.toml").read_text("utf-8"))["project"]
    info = site / f"{project['name']}-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    points = "".join(
        f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in entries.items())
        for group, entries in project["entry-points"].items()
    )
    (info / "entry_points.txt").write_text(points)
    monkeypatch.syspath_prepend(site)
    yield site
    sys.modules.pop("shouting", None)


def test_without_the_package_there_is_no_such_provider() -> None:
    with pytest.raises(ModelNotFound, match="no model provider 'shouting'"):
        open_model("shouting/loud")


def test_an_installed_package_is_a_provider_like_any_other(package: Path, reference: Reference) -> None:
    assert "shouting" in known_providers()
    run = syngen.generate(reference, 6, model="shouting/loud", min_yield=0.0, max_tokens=9_000)
    assert run.ledger.parsed > 0
    assert run.manifest.model["id"] == "shouting/loud"


def test_it_passes_the_contract_as_the_document_runs_it(package: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_shouting.py"],
        cwd=package,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(package), "PATH": ""},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout


def test_every_provider_known_by_name_stands_in_the_document_with_its_key() -> None:
    for name, host in HOSTS.items():
        (row,) = re.findall(rf"\| `{name}/` \|.*", DOCUMENT)
        assert (host.key or "") in row


def test_the_endpoint_of_the_document_is_read_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    (text,) = re.findall(r"```toml\n(\[endpoints.*?)```", DOCUMENT, re.DOTALL)
    Path("syngen.toml").write_text(text, "utf-8")
    monkeypatch.setenv("MYBOX_KEY", "a-key-of-mybox")
    monkeypatch.setenv("TEAM_TOKEN", "a-token-of-team")
    can = open_model("mybox/qwen").capabilities
    assert (can.price_in, can.price_out, can.price_cached, can.concurrency) == (0.1, 0.4, 0.05, 64)
