"""The Markdown holds the answers, findings and scores, and no text in it becomes markup."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import attacked, bare, findings, rich, scores

from syngen.report.markdown import escaped
from syngen.types import Finding


def cells(line: str) -> list[str]:
    """Cells of a table's row, as a renderer splits them."""
    return re.split(r"(?<!\\)\|", line.strip().strip("|"))


def test_everything_said_is_in_it():
    text = rich().to_markdown()
    for said in ("Not as they are", "No: 12% drifted", "column.constant", "new.copied", "rows 301–359"):
        assert said in text
    assert all(escaped(finding.detail) in text for finding in findings())
    assert text.count("| indistinguishable at n = 500 |") == sum(
        s.verdict == "indistinguishable at n = 500" for s in scores()
    )


def test_next_to_nothing_measured_is_still_told():
    assert "No: there is no usable row" in bare().to_markdown()


@pytest.mark.parametrize(
    "attack", ["a|b", "<img src=x onerror=alert(1)>", "![x](http://x)", "\n# big\n| a |\n"]
)
def test_no_text_adds_a_column_a_heading_or_an_element(attack: str):
    clean, text = rich(10).to_markdown(), attacked(rich(10), attack).to_markdown()
    assert len(text.splitlines()) == len(clean.splitlines())
    for line, before in zip(text.splitlines(), clean.splitlines(), strict=True):
        assert line.startswith("|") == before.startswith("|")
        assert len(cells(line)) == len(cells(before))
        assert line.startswith("#") == before.startswith("#")
    assert not re.search(r"<\w", text)
    assert "![" not in text.replace("\\!\\[", "")


@given(st.text())
def test_an_escaped_text_is_one_line_without_markup(text: str):
    safe = escaped(text)
    assert "\n" not in safe
    assert not re.search(r"(?<!\\)(\\\\)*[`*_\[\]|#~]", re.sub(r"\\[`*_\[\]|#~\\{}$!.+)-]", "", safe))
    assert "<" not in safe


@pytest.mark.parametrize("start", ["- item", "1. item", "+ item", "2) item"])
def test_a_text_begins_no_list(start: str):
    assert not re.match(r"([-+]|\d+[.)])\s", escaped(start))


def test_of_very_many_findings_the_rest_is_counted():
    many = tuple(Finding("rows.duplicate", "text", (i,), f"Row {i} again.") for i in range(1, 151))
    text = dataclasses.replace(bare(), findings=many).to_markdown()
    assert text.count("rows.duplicate") == 100
    assert "50 more findings" in text


def test_it_is_written_where_it_should_be(tmp_path: Path):
    path = tmp_path / "report.md"
    assert rich().to_markdown(path) == path.read_text("utf-8")
