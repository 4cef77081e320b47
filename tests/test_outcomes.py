"""What is told of the controls is what was planned and what came, whatever was set and however little came."""

from __future__ import annotations

import dataclasses
import json
import random
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from scribes import model, obeys, ordering
from test_generate import as_csv

import syngen
from syngen.config import RunConfig
from syngen.engine.run import plan_of
from syngen.evaluation.controls import planned_outcome
from syngen.models.providers.function import FunctionModel
from syngen.text.words import count_words
from syngen.types import ControlOutcome, Diversity, DiversityOutcome, Outcome, Reference, Request
from writing import WORDS


def of(found: tuple[Outcome, ...], control: str) -> Any:
    """What was found of one control."""
    return next(each for each in found if each.control == control)


def number(found: tuple[Outcome, ...], name: str) -> Diversity:
    """One of the numbers of diversity."""
    return next(each for each in of(found, "diversity").numbers if each.name == name)


def seen(reference: Reference, n: int = 300, **settings: Any) -> tuple[Outcome, ...]:
    """What a preview tells."""
    config = RunConfig.of(n=n, **settings)
    return planned_outcome(reference, config, plan_of(reference, config))


def in_json(found: tuple[Outcome, ...]) -> None:
    """Everything can be written down, and no number stands for what could not be computed."""
    json.dumps([dataclasses.asdict(each) for each in found], allow_nan=False)


# ---------------------------------------------------------------------------------------- what is wanted
def test_length_and_grade_are_always_told_and_diversity_when_it_is_asked_for(reference: Reference) -> None:
    assert [each.control for each in seen(reference)] == ["length", "complexity"]
    assert [each.asked for each in seen(reference, length="short")] == [True, False]
    assert [each.steered for each in seen(reference, length="short", steer=False)] == [False, False]
    for settings in ({"strategy": "diversity"}, {"diversity": "low"}):
        assert [each.control for each in seen(reference, **settings)] == ["length", "complexity", "diversity"]


def test_at_match_what_is_wanted_is_what_is_real(reference: Reference) -> None:
    for mode in ("planned", "native"):
        for control, tolerance in (("length", 3), ("complexity", 0.5)):
            found = of(seen(reference, mode=mode), control)
            assert found.wanted.quantiles == pytest.approx(found.real.quantiles, abs=tolerance, rel=0.15)


@pytest.mark.parametrize("mode", ["planned", "native"])
def test_what_a_control_is_set_to_is_what_is_told_to_be_wanted(reference: Reference, mode: str) -> None:
    longer = of(seen(reference, length="+25%", mode=mode), "length")
    assert longer.wanted.quantiles[2] == pytest.approx(1.25 * longer.real.quantiles[2], rel=0.1)
    within = of(seen(reference, length="20-60", mode=mode), "length")
    assert 19.99 < within.wanted.quantiles[0] < within.wanted.quantiles[-1] < 60.01
    harder = of(seen(reference, complexity="+2", mode=mode), "complexity")
    assert harder.wanted.quantiles[2] == pytest.approx(harder.real.quantiles[2] + 2, abs=0.5)


@pytest.mark.parametrize("setting", ["match", "40", "short", "long", "1", "2000", "20-60", "-10"])
def test_all_sides_share_bins_and_their_shares_are_whole(reference: Reference, setting: str) -> None:
    for found in seen(reference, length=setting):
        assert isinstance(found, ControlOutcome)
        for side in (found.real, found.wanted):
            assert side is not None
            assert len(side.shares) == len(found.edges) - 1 <= 26
            assert sum(side.shares) == pytest.approx(1)


def test_of_diversity_the_planned_topics_are_told_and_otherwise_the_aim_in_words(
    reference: Reference,
) -> None:
    aims = {"low": "below real", "match": "as real", "high": "at or beyond real"}
    topics = {}
    for setting, aim in aims.items():
        found = seen(reference, strategy="diversity", diversity=setting)
        assert of(found, "diversity").aim == aim
        assert {n.name: n.wanted for n in of(found, "diversity").numbers if n.wanted is not None}.keys() == {
            "topics"
        }
        topics[setting] = number(found, "topics").wanted
    assert topics["low"] < topics["match"] < topics["high"]
    assert number(seen(reference, diversity="high", mode="native"), "topics").wanted is None


# ---------------------------------------------------------------------------------------- what came
def test_a_model_that_obeys_is_told_to_have_kept_to_length_and_grade(reference: Reference) -> None:
    settings = {"strategy": ordering("length", "complexity"), "seed": 1}
    run = syngen.generate(reference, 60, model=model(obeys), **settings)
    found = syngen.outcome(run, reference)
    length, complexity = of(found, "length"), of(found, "complexity")
    assert length.got.n == 60
    assert length.ks < 0.1
    assert length.within > 0.95
    assert length.correlation > 0.95
    assert complexity.correlation > 0.5
    assert (length.why_not, complexity.why_not) == ("", "")
    assert syngen.outcome(run) == found  # what is in the folder is enough


def test_a_model_that_does_not_is_told_to_have_missed_them(
    reference: Reference, writer: FunctionModel
) -> None:
    run = syngen.generate(reference, 30, model=writer)
    length = of(syngen.outcome(run, reference), "length")
    assert length.got.quantiles == (13,) * 5
    assert length.ks > 0.5
    assert length.within < 0.4
    assert length.correlation is None
    assert "all have the same value" in length.why_not


def test_what_came_is_held_against_each_rows_own_target(reference: Reference) -> None:
    run = syngen.generate(reference, 40, model=model(obeys), strategy=ordering("length"), seed=2)
    own = run.origins("text")["words"].to_list()
    texts = run.rows["text"].to_list()
    near = [abs(count_words(t) - w) <= max(0.1 * w, 3) for t, w in zip(texts, own, strict=True) if t]
    assert of(syngen.outcome(run, reference), "length").within == pytest.approx(sum(near) / len(near))


def test_texts_that_are_alike_have_fewer_topics_and_more_duplicates_than_real_ones(
    reference: Reference,
) -> None:
    def alike(request: Request) -> str:
        chance = random.Random(request.sampling.seed)
        text = "The kettle boils quickly, " + " ".join(chance.sample(WORDS[:20], 16))
        return json.dumps({"title": " ".join(chance.choices(WORDS, k=5)), "text": text})

    settings = {"strategy": "diversity", "steer": False, "min_yield": 0.0, "max_time": 5.0}
    found = syngen.outcome(
        syngen.generate(reference, 12, model=FunctionModel(alike, "function/alike"), **settings), reference
    )
    diversity = of(found, "diversity")
    assert isinstance(diversity, DiversityOutcome)
    assert diversity.n == 12
    worse = {
        n.name
        for n in diversity.numbers
        if n.got != n.real and (n.got < n.real) == (n.more_varied == "higher")
    }
    assert {"topics", "distinct_openings_share", "top_opening_share", "compression_ratio"} <= worse
    in_json(found)


def test_in_native_mode_no_row_has_a_target_of_its_own_but_the_distribution_is_told(
    reference: Reference,
) -> None:
    run = syngen.generate(
        reference,
        20,
        model=FunctionModel(lambda r: as_csv(r, r.rows), "function/native"),
        mode="native",
        strategy="length,diversity",
    )
    found = syngen.outcome(run, reference)
    length = of(found, "length")
    assert length.got.n == 20
    assert length.ks > 0
    assert (length.within, length.correlation) == (None, None)
    assert length.why_not == "no row has a target of its own"
    assert number(found, "topics").got is not None
    in_json(found)


# ---------------------------------------------------------------------------------------- hardly anything
def test_a_run_without_rows_tells_what_was_wanted(reference: Reference) -> None:
    run = syngen.generate(
        reference, 5, model=FunctionModel(lambda _: "No.", "function/no"), strategy="diversity"
    )
    assert not run.ledger.accepted
    found = syngen.outcome(run, reference)
    for each in found:
        assert each.why_not == "the run has no rows"
    length = of(found, "length")
    assert (length.got, length.ks, length.within) == (None, None, None)
    assert length.wanted.n == 5
    assert number(found, "topics").got is None
    in_json(found)


def test_one_row_is_enough(reference: Reference, writer: FunctionModel) -> None:
    found = syngen.outcome(syngen.generate(reference, 1, model=writer, strategy="diversity"), reference)
    assert of(found, "length").got.n == 1
    assert number(found, "topics").got == 1
    in_json(found)


def test_texts_too_short_for_a_grade_and_all_of_one_length_are_told_without_one(
    writer: FunctionModel,
) -> None:
    texts = [f"{a} {b} {c}" for a in WORDS[:4] for b in WORDS[20:24] for c in WORDS[40:43]]
    reference = syngen.load(pl.DataFrame({"text": texts}), text_columns=("text",))
    found = seen(reference, n=10, strategy="length,complexity,diversity")
    length, complexity = of(found, "length"), of(found, "complexity")
    assert length.real.quantiles == length.wanted.quantiles == (3,) * 5
    assert length.real.shares == (1,)
    assert (complexity.real, complexity.wanted) == (None, None)
    in_json(found)
    run = syngen.generate(reference, 6, model=writer)
    complexity = of(syngen.outcome(run, reference), "complexity")
    assert complexity.got.n == 6
    assert complexity.ks is None
    assert "there is no target" in complexity.why_not
    in_json(syngen.outcome(run, reference))


def test_a_report_of_a_run_holds_what_became_of_the_controls(
    reference: Reference, writer: FunctionModel
) -> None:
    run = syngen.generate(reference, 20, model=writer, length="short")
    report = syngen.evaluate_run(run)
    assert report.controls == syngen.outcome(run, reference)
    written = json.loads(Path(run.path / "report.json").read_text())
    assert [control["setting"] for control in written["controls"]] == ["short", "match"]
