"""In a real browser the charts are drawn, in both themes, and no text of a row is run."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from pages import Page
from reports import attacked, rich

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]
ATTACK = "</script><img src=x onerror=\"document['title']='run'\"><b>"


def opened(path: Path, profile: Path, *settings: str) -> Page:
    """The page as it stands once its scripts have run."""
    switches = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--virtual-time-budget=60000",
        f"--user-data-dir={profile}",
        "--dump-dom",
        *settings,
    ]
    done = subprocess.run(
        [str(CHROMIUM), *switches, path.as_uri()], capture_output=True, check=True, timeout=240
    )
    return Page(done.stdout.decode("utf-8"))


def assert_drawn(page: Page) -> None:
    (root,) = page.all("html")
    assert root.attributes.get("data-drawn") == "true"
    assert not page.all("p", class_="chart-failed")
    charts = page.all("div", class_="chart")
    assert len(page.all("svg", class_="marks")) == len(charts) == 16
    # The words for those who don't see them are still there.
    assert all(e.attributes["role"] == "img" and len(e.attributes["aria-label"]) > 40 for e in charts)


@pytest.mark.parametrize("theme", ["0", "1"])
def test_every_chart_is_drawn(theme: str, tmp_path: Path):
    path = rich().to_html(tmp_path / "report.html")
    page = opened(path, tmp_path / "profile", f"--blink-settings=preferredColorScheme={theme}")
    assert_drawn(page)
    ids = [e.attributes["id"] for e in page.elements if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    (button,) = page.all("button", id="theme")
    assert "hidden" not in button.attributes
    assert button.attributes["aria-pressed"] == ("true" if theme == "0" else "false")


def test_no_text_of_a_row_is_run(tmp_path: Path):
    path = attacked(rich(points=60), ATTACK).to_html(tmp_path / "report.html")
    page = opened(path, tmp_path / "profile")
    assert_drawn(page)
    assert not page.all("img")
    assert "SynGen evaluation" in page.all("title")[0].text
