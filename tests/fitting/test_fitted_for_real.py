"""The embedded model fitted for a minute: the engine reads what it learnt, and planted strings do not come out."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import syngen
from syngen.data import sample

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


# Words of one form, so that the form is learnt and with it, now and then, a word: what holds it back is the acceptance.
PLANTED = {i: f"zq{i:03}xv7" for i in range(0, 280, 10)}


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> tuple[syngen.fitting.Fitted, pl.DataFrame]:
    """On the sample data, in one text of ten a string that occurs nowhere else."""
    frame = pl.read_csv(sample())
    texts = [f"{text} {PLANTED[i]}" if i in PLANTED else text for i, text in enumerate(frame["text"])]
    planted = frame.with_columns(pl.Series("text", texts))
    folder = tmp_path_factory.mktemp("fitted") / "model"
    return syngen.fit(planted, epochs=1.5, output=folder, measure=False), planted


def test_it_learns_and_the_engine_reads_what_it_learnt(
    fitted: tuple[syngen.fitting.Fitted, pl.DataFrame], tmp_path: Path
) -> None:
    made, frame = fitted
    at_first = made.manifest.course[0][2]
    assert made.manifest.losses["fitted"] < at_first - 0.05
    run = syngen.generate(frame, 20, model=made.fitted, run=tmp_path / "run", seed=3)
    assert run.exact
    assert run.ledger.calls < 30
    assert not any("\t" in text for text in run.rows["text"])


def test_planted_strings_do_not_come_out(
    fitted: tuple[syngen.fitting.Fitted, pl.DataFrame], tmp_path: Path
) -> None:
    made, frame = fitted
    run = syngen.generate(frame, 100, model=made.fitted, run=tmp_path / "run", seed=4)
    assert run.exact
    assert not [text for text in run.rows["text"] if any(word in text for word in PLANTED.values())]
