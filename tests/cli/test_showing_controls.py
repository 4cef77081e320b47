"""What a control wants is seen before a run, beside what is real, and what came of it after."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syngen.cli.main import run
from syngen.cli.show_controls import histogram
from syngen.data import sample

REAL = str(sample())
WRITER = ("--model", "function/writing:write")


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """What a command prints as JSON."""
    assert run([*arguments, *WRITER, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_preview_shows_each_controls_wanted_distribution_beside_the_real_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert (
        run(
            ["preview", REAL, "-n", "200", *WRITER, "--samples", "0", "--length", "40", "--diversity", "high"]
        )
        == 0
    )
    said = capsys.readouterr().out
    shown = said[said.index("Controls: target") : said.index("First prompt")].splitlines()
    assert "length (words): 40" in shown
    assert not any(line.startswith("complexity") for line in shown)
    real, wanted = (next(line for line in shown if line.split()[:1] == [name]) for name in ("real", "target"))
    assert real.split()[1:6] != wanted.split()[1:6]
    assert wanted.split()[3] in {"39", "40", "41"}
    assert "█" in real
    assert "█" in wanted
    assert any(line.startswith("diversity: high, at or beyond real") for line in shown)
    assert not [line for line in shown if line.split()[:1] == ["achieved"]]


def test_a_run_ends_with_what_was_wanted_and_what_came(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("--length", "match", "--complexity", "match", "--no-report", "--verbose")
    assert run(["generate", REAL, "-n", "12", "--run", "r", *WRITER, *asked]) == 0
    said = capsys.readouterr().out
    shown = said[said.index("Controls: target and achieved") :].splitlines()
    for name in ("real", "target", "achieved"):
        assert len([line for line in shown if line.split()[:1] == [name]]) == 2
    kept = [line for line in shown if "of the rows within" in line]
    assert ["10% (3 words when short)" in line for line in kept] == [True, False]


def test_controls_that_were_not_set_are_not_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["generate", REAL, "-n", "12", *WRITER, "--no-report", "--verbose"]) == 0
    assert "Controls" not in capsys.readouterr().out


def test_json_holds_real_wanted_and_got(capsys: pytest.CaptureFixture[str]) -> None:
    before = told(capsys, "preview", REAL, "-n", "12", "--samples", "0", "--length", "+25%")
    after = told(capsys, "generate", REAL, "-n", "12", "--run", "r", "--length", "+25%", "--no-steer")
    for seen, done in zip(before["controls"], after["controls"], strict=True):
        assert seen["control"] == done["control"]
        assert seen["real"]["quantiles"] == done["real"]["quantiles"]
        assert seen["wanted"]["quantiles"] == done["wanted"]["quantiles"]
        assert seen["got"] is None
        assert done["got"]["n"] == 12
        assert 0 <= done["ks"] <= 1
    assert json.loads(Path("r/report.json").read_text())["controls"] == after["controls"]


def test_a_run_that_made_nothing_still_tells_what_was_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    Path("silent.py").write_text("def answer(request):\n    return ''\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(".")
        assert (
            run(["generate", REAL, "-n", "3", "--length", "40", "-v", "--model", "function/silent:answer"])
            == 3
        )
    assert "the run has no rows" in capsys.readouterr().out


@given(st.lists(st.floats(0, 1), max_size=60), st.integers(1, 40))
def test_a_histogram_has_a_mark_wherever_there_is_something(shares: list[float], width: int) -> None:
    drawn = histogram(shares, width)
    assert len(drawn) <= width
    assert ("█" in drawn) == any(shares)
    if len(shares) <= width:
        assert [mark == " " for mark in drawn] == [share == 0 for share in shares]
