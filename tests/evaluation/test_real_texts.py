"""A report can be passed on: it holds no text of a real row, unless that is asked for."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

import syngen
from syngen.cli.main import run

WORDS = "kettle lamp shirt arrived late early broken fine great poor colour seller answered quickly price fair".split()


def texts(begin: int, planted: str = "") -> list[str]:
    """Forty texts of their own words; each real one holds a word that no other text has."""
    made = []
    for i in range(begin, begin + 40):
        words = [WORDS[(i * step + step) % len(WORDS)] for step in range(1, 12)]
        made.append(f"The {' '.join(words)}{f' {planted}{i}' if planted else ''}, so I wrote it down.")
    return made


@pytest.fixture
def tables() -> tuple[Path, Path]:
    """Real rows, and rows of which one is a real one but for its planted word."""
    stars = [1 + i % 5 for i in range(40)]
    pl.DataFrame({"stars": stars, "review": texts(0, "zq")}).write_csv("real.csv")
    pl.DataFrame({"stars": stars, "review": texts(3)}).write_csv("new.csv")
    return Path("real.csv"), Path("new.csv")


def written(html: str, as_json: str, *options: str) -> str:
    assert run(["evaluate", "real.csv", "new.csv", "--html", html, "--json", as_json, *options]) == 0
    return Path(html).read_text("utf-8") + Path(as_json).read_text("utf-8")


def test_no_report_holds_a_text_of_a_real_row(tables: tuple[Path, Path]) -> None:
    assert "zq" not in written("a.html", "a.json")
    shown = json.loads(Path("a.json").read_text("utf-8"))["pictures"]
    assert {point["side"] for point in shown["points"]} == {"real", "synthetic"}
    assert all(pair["real_text"] == "" and pair["real_row"] >= 1 for pair in shown["neighbours"])
    assert any(pair["shared"] for pair in shown["neighbours"])
    assert "zq" not in syngen.evaluate("real.csv", "new.csv").to_markdown()


def test_real_texts_are_there_when_asked_for_and_it_is_said(tables: tuple[Path, Path]) -> None:
    plain, whole = written("a.html", "a.json"), written("b.html", "b.json", "--with-real-texts")
    assert "zq" in whole
    assert "shows texts of real rows" in whole
    assert "shows texts of real rows" not in plain


def test_the_report_of_a_run_holds_no_text_of_a_real_row(tables: tuple[Path, Path]) -> None:
    Path("plain.py").write_text(
        "import json\n"
        "def write(request):\n"
        "    return json.dumps({'review': 'Arrived ' + 'early, and the lamp is fine. ' * 3 + str(request.slots)})\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(".")
        run(["generate", "real.csv", "-n", "20", "--run", "r", "--model", "function/plain:write"])
    for name in ("report.html", "report.json"):
        assert "zq" not in Path("r", name).read_text("utf-8")
