"""Rows without a text have their real share in a plan, together with everything that goes with it."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise

import pytest
from builders import by_hand
from hypothesis import given
from hypothesis import strategies as st

from syngen.controls import ControlSettings, diversity
from syngen.plan import make_plan
from syngen.reference.split import split
from syngen.types import Reference, Role
from writing import sentence

CHANNELS = ["Web"] * 70 + ["Phone"] * 20 + ["Fax"] * 10


def complaints(rows: int = 400) -> Reference:
    """One row of ten has a text, and all of these came over the web."""
    chance = random.Random(4)
    channels = [CHANNELS[i % 100] for i in range(rows)]
    texts = [
        sentence(chance, 12) if channel == "Web" and i % 7 == 0 else None
        for i, channel in enumerate(channels)
    ]
    return by_hand(
        {
            "channel": (Role.CATEGORY, channels),
            "stars": (Role.ORDINAL, [1 + i % 5 for i in range(rows)]),
            "comment": (Role.TEXT, texts),
        }
    )


@pytest.mark.parametrize("n", [10, 100, 1_000])
def test_the_share_of_rows_without_a_text_is_the_real_one(n: int) -> None:
    real = complaints()
    plan = make_plan(real, n)
    share = real.frame["comment"].is_not_null().mean()
    assert abs(plan.to_write.sum() - share * n) < 1
    channels = Counter(slot.values["channel"] for slot in plan)
    for channel, count in Counter(real.frame["channel"]).items():
        assert channels[channel] / n == pytest.approx(count / 400, abs=2 / n)
    assert {slot.values["channel"] for slot in plan if slot.texts} == {"Web"}


def test_rows_with_a_text_only_come_when_they_are_asked_for() -> None:
    plan = make_plan(complaints(), 50, only_with_text=True)
    assert plan.to_write.all()
    assert {slot.values["channel"] for slot in plan} == {"Web"}


def test_texts_are_missing_together_as_in_the_real_rows() -> None:
    chance = random.Random(1)
    patterns = ["both"] * 10 + ["title"] * 30 + ["text"] * 5 + ["none"] * 55
    rows = [patterns[i % 100] for i in range(200)]
    real = by_hand(
        {
            "stars": (Role.ORDINAL, [1 + i % 3 for i in range(200)]),
            "title": (Role.TITLE, [sentence(chance, 3) if p in ("both", "title") else None for p in rows]),
            "text": (Role.TEXT, [sentence(chance, 20) if p in ("both", "text") else None for p in rows]),
        }
    )
    planned = Counter(tuple(slot.texts) for slot in make_plan(real, 200))
    expected = {("title", "text"): 20, ("title",): 60, ("text",): 10, (): 110}
    for pattern, count in expected.items():
        assert planned[pattern] == pytest.approx(count, abs=3)


@given(level=st.sampled_from(["0", "0.2", "match", "0.8", "1"]), seed=st.integers(0, 50))
def test_any_diversity_leaves_the_rows_without_a_text_alone(level: str, seed: int) -> None:
    plan = make_plan(
        complaints(140), 70, seed=seed, settings=ControlSettings(diversity=diversity(level), levels=True)
    )
    assert plan.to_write.sum() == pytest.approx(7, abs=1)
    for slot in plan:
        assert ("comment" in slot.texts) != ("comment" in slot.values)


def test_rows_of_labels_alone_are_both_planned_from_and_held_out() -> None:
    frame = by_hand(
        {"a": (Role.CATEGORY, ["x", "y"] * 50), "b": (Role.CATEGORY, ["u", "u", "v", "v"] * 25)}
    ).frame
    train, held_out = split(frame, None)
    assert len(held_out) == 20
    for side in (train, held_out):
        assert len(set(frame[side].iter_rows())) == 4


def test_as_large_a_share_of_rows_with_a_text_is_held_out_as_of_others() -> None:
    frame = complaints(400).frame
    train, held_out = split(frame, "comment")
    share = frame["comment"].is_not_null().mean()
    assert frame["comment"][train].is_not_null().mean() == pytest.approx(share, abs=1 / 300)
    assert frame["comment"][held_out].is_not_null().mean() == pytest.approx(share, abs=1 / 75)


def test_rows_without_a_text_do_not_come_in_blocks() -> None:
    real = by_hand({"side": (Role.CATEGORY, ["left", "right"] * 200)})
    sides = [slot.values["side"] for slot in make_plan(real, 400)]
    assert sum(a == b for a, b in pairwise(sides)) == pytest.approx(200, abs=45)
