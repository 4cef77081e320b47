"""The output of a run is written like its reference, also when it is resumed or exported later."""

from __future__ import annotations

from pathlib import Path

import pytest

import syngen
from syngen.models.providers.function import FunctionModel
from writing import sentence


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A table as Excel writes it in Germany, with true in lower case and two decimals."""
    import random

    monkeypatch.chdir(tmp_path)
    chance = random.Random(3)
    lines = ['"ok";"price";"note"']
    lines += [
        f'"{chance.choice(["true", "false"])}";"{chance.randrange(500, 9000, 50) / 100:.2f}";"{sentence(chance, 14)}"'
        for _ in range(40)
    ]
    path = tmp_path / "in.csv"
    path.write_bytes(("\ufeff" + "\r\n".join(lines) + "\r\n").encode())
    return path


def is_like_the_table(content: bytes) -> bool:
    lines = content.decode("utf-8").split("\r\n")
    cells = [line.split(";") for line in lines[1:-1]]
    return (
        lines[0] == '\ufeff"ok";"price";"note"'
        and lines[-1] == ""
        and all(ok in ('"true"', '"false"') for ok, _, _ in cells)
        and all(
            price.partition(".")[2].rstrip('"').isdigit() and len(price.partition(".")[2]) == 3
            for _, price, _ in cells
        )
    )


def test_generate_resume_and_export_write_in_the_layout_of_the_reference(
    table: Path, writer: FunctionModel
) -> None:
    first = syngen.generate(str(table), 20, model=writer, run="r", output="o.csv", max_tokens=1_000)
    assert not first.exact
    assert is_like_the_table(Path("o.csv").read_bytes())
    run = syngen.resume("r", model=writer, max_tokens=100_000)
    assert run.exact
    content = Path("o.csv").read_bytes()
    assert is_like_the_table(content)
    assert content.count(b"\r\n") == 21
    assert run.export("again.csv").read_bytes() == content
    run.export("other.tsv")
    assert Path("other.tsv").read_text("utf-8").startswith('\ufeff"ok"\t"price"\t"note"')


def test_a_written_file_is_read_back_as_it_is(table: Path, writer: FunctionModel) -> None:
    run = syngen.generate(str(table), 20, model=writer, run="r", output="o.csv")
    report = syngen.evaluate(str(table), "o.csv", asked=20)
    assert (report.count.returned, report.count.valid) == (20, 20)
    assert not [finding for finding in report.findings if finding.code.startswith("format")]
    assert syngen.load("o.csv").frame.equals(run.rows)
