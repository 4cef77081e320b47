"""In a notebook, which has an event loop of its own: functions run, objects are shown, a bar is drawn."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import syngen
from syngen.data import sample
from syngen.models.providers.function import FunctionModel
from syngen.types.notebook import progress_bar

CELLS = (
    (
        "import asyncio, json, syngen\n"
        "from syngen.data import sample\n"
        "from writing import write\n"
        "from syngen.models.providers.function import FunctionModel\n"
        "asyncio.get_running_loop().is_running()"
    ),
    "real = syngen.load(str(sample()))\nreal",
    "run = syngen.generate(real, 5, model=FunctionModel(write))\nrun",
    "report = syngen.evaluate(real, run)\nreport",
)


@pytest.mark.slow
def test_a_notebook_shows_tables_a_bar_and_the_report(tmp_path: Path) -> None:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    setup = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})"
    book.cells.insert(0, nbformat.v4.new_code_cell(setup))
    NotebookClient(book, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = ["".join(str(o.get("data", {})) for o in cell.outputs) for cell in book.cells]
    assert "True" in shown[1]
    assert "ordinal" in shown[2]
    assert "<progress" in shown[3]
    assert "5 of 5 rows" in shown[3]
    assert "<iframe" in shown[4]


def test_objects_say_in_a_line_what_they_are(tmp_path: Path) -> None:
    real = syngen.load(str(sample()))
    assert repr(real).endswith("240 rows, 11 columns, text 'text')")
    run = syngen.generate(real, 2, model=FunctionModel(lambda _: "{}"), run=tmp_path / "r", min_yield=0.5)
    assert "0 of 2 rows" in repr(run)
    preview = syngen.preview(real, 4, model=FunctionModel(lambda _: "{}"), rows=0)
    for thing in (real, run, preview):
        assert "\n" not in repr(thing)
        assert len(repr(thing)) < 200
        assert thing._repr_html_().startswith("<p>")


def test_scores_are_a_data_frame() -> None:
    real = syngen.load(str(sample()))
    report = syngen.evaluate(real, real.frame.head(60))
    scores = report.to_frame()
    assert scores.height == len(report.scores)
    one = scores.row(0, named=True)
    assert one["value"] == report.scores[0].value
    assert "Report(" in repr(report)


def test_outside_of_notebooks_there_is_no_bar() -> None:
    assert progress_bar() is None
