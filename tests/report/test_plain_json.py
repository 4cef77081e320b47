"""The JSON of a report holds what was promised, whatever was measured, and only what JSON can hold."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pytest
from drawn import pictures
from reports import attacked, bare, findings, rich, scores

from syngen.errors import OutputError
from syngen.report import Report
from syngen.types import Floor, Judgement, Score

PROMISED = {
    "real": {"rows"},
    "synthetic": {"rows"},
    "count": {"asked", "returned", "complete", "valid", "accuracy", "native_accuracy", "ledger"},
    "drift": {"rate", "floor", "ci"},
}
OF_A_SCORE = {
    "name", "family", "column", "value", "floor", "floor_band", "floor_mean", "ci", "n", "n_real", "direction",
    "bounds", "source", "judgement", "verdict", "why_not",
}  # fmt: skip
OF_A_FINDING = {"code", "column", "rows", "detail", "severity"}


def score(name: str, value: float | None, direction: str = "lower", why_not: str = "") -> Score:
    judged = next(s for s in scores() if s.floor is not None)
    return dataclasses.replace(
        judged, name=name, family="drift", value=value, direction=direction, why_not=why_not, column=""
    )


def having(*measured: Score) -> Report:
    return dataclasses.replace(bare(), scores=measured)


@pytest.mark.parametrize("report", [rich(), bare()], ids=["rich", "bare"])
def test_what_was_promised_is_there(report: Report):
    plain = report.to_dict()
    for part, keys in PROMISED.items():
        assert keys <= set(plain[part])
    assert all(set(s) >= OF_A_SCORE for s in plain["scores"])
    assert all(set(f) >= OF_A_FINDING for f in plain["findings"])
    assert {"overall", "answers", "splits", "encoder", "compared", "notes", "created", "version"} <= set(
        plain
    )


@pytest.mark.parametrize("report", [rich(), bare()], ids=["rich", "bare"])
def test_it_survives_being_written_and_read(report: Report, tmp_path: Path):
    path = report.to_json(tmp_path / "report.json")
    assert json.loads(path.read_text("utf-8")) == report.to_dict()


def test_everything_measured_is_in_it():
    plain = rich().to_dict()
    assert [s["name"] for s in plain["scores"]] == [s.name for s in scores()]
    assert [f["rows"] for f in plain["findings"]] == [list(f.rows) for f in findings()]
    assert plain["count"]["ledger"]["rejected"]["new.copied"] == 29
    assert [a["level"] for a in plain["answers"]] == ["warning", "bad", "unknown"]
    assert len(plain["pictures"]["distributions"]) == len(pictures().distributions)


def test_points_keep_their_place_but_not_their_text():
    points = rich().to_dict()["pictures"]["points"]
    assert len(points) == 600
    assert set(points[0]) == {"x", "y", "side", "row", "label"}


@pytest.mark.parametrize(("direction", "end"), [("lower", 0.05), ("higher", 0.01), ("match", 0.03)])
def test_the_floor_is_the_end_of_its_range_in_the_bad_direction(direction: str, end: float):
    floor = Floor(mean=0.03, low=0.01, high=0.05, limit=0.07, draws=30)
    judged = dataclasses.replace(score("tone_ks", 0.04, direction), floor=floor)
    (plain,) = having(judged).to_dict()["scores"]
    assert plain["floor"] == end
    assert plain["floor_band"] == [0.01, 0.05]
    assert plain["floor_mean"] == 0.03


def test_the_drift_is_the_category_drift_when_there_is_one():
    off_topic, drift = score("off_topic_share", 0.2), score("category_drift", 0.1)
    assert having(off_topic, drift).to_dict()["drift"]["rate"] == 0.1
    assert having(off_topic, score("category_drift", None)).to_dict()["drift"]["rate"] == 0.2


def test_a_drift_that_was_not_measured_says_why():
    drift = having(score("category_drift", None, why_not="there is one category only")).to_dict()["drift"]
    assert drift["rate"] is None
    assert drift["why_not"] == "there is one category only"


def test_no_number_is_beyond_json(tmp_path: Path):
    odd = dataclasses.replace(score("vendi", math.nan), bounds=(0.0, math.inf), ci=(-math.inf, 1.0))
    report = having(odd)
    (plain,) = json.loads(report.to_json(tmp_path / "r.json").read_text())["scores"]
    assert (plain["value"], plain["bounds"], plain["ci"]) == (None, [0.0, None], [None, 1.0])


def test_numbers_of_numpy_become_numbers(tmp_path: Path):
    report = dataclasses.replace(bare(), real_rows=np.int64(7), scores=(score("vendi", np.float32(0.5)),))
    plain = json.loads(report.to_json(tmp_path / "r.json").read_text())
    assert plain["real"]["rows"] == 7
    assert plain["scores"][0]["value"] == 0.5


def test_half_a_surrogate_pair_does_not_stop_the_writing(tmp_path: Path):
    path = attacked(rich(10), "\ud83d").to_json(tmp_path / "r.json")
    assert json.loads(path.read_text("utf-8"))["synthetic"]["name"].endswith("?")


def test_the_verdict_is_never_empty():
    silent = dataclasses.replace(score("vendi", None), judgement=Judgement.NOT_COMPUTED, verdict="")
    assert having(silent).to_dict()["scores"][0]["verdict"] == "not computed"


def test_a_place_that_cannot_be_written_is_an_error_with_a_hint(tmp_path: Path):
    with pytest.raises(OutputError, match="mkdir -p"):
        bare().to_json(tmp_path / "nowhere" / "report.json")
