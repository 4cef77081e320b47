"""What texts are to speak of: as their donors do, or with more or less variety, without touching the labels."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

from syngen import controls
from syngen.controls import ControlSettings
from syngen.data import sample
from syngen.plan import make_plan
from syngen.plan.donors import attribute_donors, evenness, labels, redraw, reweighted, systematic
from syngen.reference import load
from syngen.text.attributes import attributes
from syngen.types import Plan, Reference, generator

if TYPE_CHECKING:
    import polars as pl

N = 240
FIELDS = ("aspects", "opening", "persona", "situation", "topic")


@cache
def real() -> Reference:
    return load(sample())


def planned(level: float | None, n: int = N, seed: int = 0) -> Plan:
    return make_plan(real(), n, seed=seed, settings=ControlSettings(diversity=level))


def targets(plan: Plan) -> pl.DataFrame:
    return plan.frame["texts"].struct.field("text").struct.unnest()


def effective_number(values: pl.Series) -> float:
    """The exponential of the entropy: how many equally common values would be as varied (Hill 1973)."""
    shares = values.value_counts()["count"].to_numpy() / len(values)
    return float(np.exp(-(shares * np.log(shares)).sum()))


def test_without_diversity_no_attributes_are_planned() -> None:
    assert not set(FIELDS) & set(targets(planned(None)).columns)


def test_as_much_diversity_as_real_gives_every_slot_the_attributes_of_its_donor() -> None:
    plan, found = planned(0.5), attributes(real(), "text")
    for donor, wanted in zip(plan.frame["donor"], targets(plan).to_dicts(), strict=True):
        assert {field: wanted[field] for field in (*FIELDS, "style")} == {
            "aspects": list(found.aspects[donor]),
            "opening": found.opening[donor],
            "persona": found.persona[donor],
            "situation": found.situation[donor],
            "topic": found.topic[donor],
            "style": list(real().measures["text"].style[donor]),
        }


def test_the_more_diversity_the_more_evenly_topics_come() -> None:
    counts = [effective_number(targets(planned(level))["topic"]) for level in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert counts == sorted(counts)
    assert counts[0] < 0.85 * counts[2]
    assert counts[4] > 0.97 * attributes(real(), "text").topics


def test_much_diversity_gives_more_openings_personas_and_occasions_and_little_fewer() -> None:
    low, match, high = (targets(planned(level)) for level in (0.0, 0.5, 1.0))
    for field in ("opening", "persona", "situation"):
        given = [(some[field] != "").sum() for some in (low, match, high)]
        assert given[0] <= given[1] < given[2] / 2
    assert effective_number(low["opening"]) < effective_number(match["opening"])
    assert effective_number(match["opening"]) < effective_number(high["opening"])


@pytest.mark.parametrize("level", [0.0, 0.5, 0.8, 1.0])
def test_diversity_changes_no_label_no_length_and_no_grade(level: float) -> None:
    plain, varied = planned(None), planned(level)
    assert plain.values().equals(varied.values())
    assert plain.frame["donor"].equals(varied.frame["donor"])
    assert targets(plain).select("words", "grade").equals(targets(varied).select("words", "grade"))


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_what_a_text_speaks_of_is_from_a_train_row_with_the_labels_of_its_slot(level: float) -> None:
    donors = planned(None).frame["donor"].to_numpy()
    topics = attributes(real(), "text").topic
    sources = attribute_donors(real(), donors, topics, level, generator(1))
    assert set(sources.tolist()) <= set(real().train.tolist())
    of_row = labels(real())
    assert of_row[sources].tolist() == of_row[donors].tolist()
    assert (sources != donors).mean() > 0.5


def test_every_planned_attribute_is_one_of_a_train_row() -> None:
    found, train = attributes(real(), "text"), real().train.tolist()
    held_out = set(real().held_out.tolist())
    assert held_out
    wanted = targets(planned(1.0))
    known = {(found.aspects[i], int(found.topic[i])) for i in train}
    pairs = zip(wanted["aspects"], wanted["topic"], strict=True)
    assert {(tuple(aspects), topic) for aspects, topic in pairs} <= known
    for field in ("opening", "persona", "situation"):
        assert set(wanted[field]) <= {getattr(found, field)[i] for i in train}


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_the_same_seed_gives_the_same_attributes_and_another_seed_others(level: float) -> None:
    first, again, other = (planned(level, 60, seed).frame for seed in (7, 7, 8))
    assert first.equals(again)
    assert not first["texts"].equals(other["texts"])


def test_only_the_main_text_has_attributes() -> None:
    assert not set(FIELDS) & set(planned(1.0).frame["texts"].struct.field("title").struct.fields)


def test_a_plan_with_attributes_comes_back_from_its_file(tmp_path) -> None:
    aims = ControlSettings(controls.length("20-60"), controls.complexity("+1"), levels=True, diversity=0.9)
    plan = make_plan(real(), 12, seed=2, settings=aims)
    plan.frame.write_parquet(tmp_path / "plan.parquet")
    assert list(Plan.open(tmp_path / "plan.parquet")) == list(plan)
    assert any(slot.texts["text"].aspects for slot in plan)


def test_levels_of_language_follow_the_grades_wanted() -> None:
    easy, hard = (
        targets(
            make_plan(
                real(), N, settings=ControlSettings(complexity=controls.complexity(setting), levels=True)
            )
        )
        for setting in ("grade:1-3", "grade:11-14")
    )
    assert easy["clauses"].mean() < hard["clauses"].mean()
    for wanted in (easy, hard):
        assert wanted["richness"].null_count() == wanted["grade"].null_count()
        assert (wanted["richness"].drop_nulls() > 0).all()


# ------------------------------------------------------------------------------------- the draws
@pytest.mark.parametrize(("level", "power"), [(0.0, 3.0), (0.25, 2.0), (0.5, 1.0), (0.75, 0.5), (1.0, 0.0)])
def test_a_topic_of_a_share_gets_that_share_to_the_power_of_the_evenness(level: float, power: float) -> None:
    assert evenness(level) == pytest.approx(power)
    codes = np.repeat([0, 1, 2], [60, 30, 10])
    shares = np.bincount(codes, weights=reweighted(codes, level))
    expected = np.array([0.6, 0.3, 0.1]) ** power
    assert shares == pytest.approx(expected / expected.sum())


def test_a_systematic_draw_takes_each_as_often_as_its_chance_says_to_within_one() -> None:
    chances = np.array([0.5, 0.02, 0.3, 0.18])
    for seed in range(20):
        counts = np.bincount(systematic(chances, 37, generator(seed)), minlength=4)
        assert counts.sum() == 37
        assert (np.abs(counts - 37 * chances) < 1).all()


def test_drawn_anew_at_most_diversity_all_values_come_equally_often() -> None:
    values = ["the"] * 70 + ["it"] * 20 + ["my"] * 10
    assert redraw(values, 0.5, generator(0)) == values
    assert [redraw(values, 1.0, generator(0)).count(v) for v in ("the", "it", "my")] == pytest.approx(
        [33.3] * 3, abs=1
    )
    assert redraw(values, 0.0, generator(0)).count("the") >= 95
    assert redraw([], 1.0, generator(0)) == []
