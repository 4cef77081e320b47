"""Plans of the sample data and of real tables: new identifiers, the same mix, sound prompts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from syngen.data import sample
from syngen.plan import make_plan
from syngen.prompts import PromptContext, build
from syngen.reference import load
from syngen.types import Reference, Role

SHARED = Path(__file__).parents[3] / "shared" / "data"
TABLES = [sample(), SHARED / "fine_food_1k.csv", SHARED / "womens_clothing_22k.csv.gz"]


@pytest.fixture(scope="module", params=TABLES, ids=lambda path: path.name.split(".")[0])
def real(request: pytest.FixtureRequest) -> Reference:
    if not request.param.exists():
        pytest.skip(f"{request.param} is not here: real tables lie beside the repository, not in it")
    return load(request.param, max_rows=2_000)


@pytest.mark.parametrize("n", [37, 2_500])
def test_labels_keep_their_mix(real: Reference, n: int) -> None:
    planned = make_plan(real, n, seed=1).values()
    for column in real.profile.with_role(Role.ORDINAL, Role.BOOLEAN, Role.CATEGORY):
        there = Counter(real.frame[column.name].gather(real.train))
        here = Counter(planned[column.name])
        distance = sum(abs(here[v] / n - count / len(real.train)) for v, count in there.items()) / 2
        assert distance < min(0.02 + column.distinct / n, 0.35)
        assert set(here) <= set(there)


def test_no_real_identifier_comes_out(real: Reference) -> None:
    planned = make_plan(real, 3_000).values()
    for column in real.profile.with_role(Role.IDENTIFIER):
        assert not set(planned[column.name].drop_nulls()) & set(real.frame[column.name])


def test_the_lengths_wanted_are_the_real_ones(real: Reference) -> None:
    main = real.profile.main_text
    assert main is not None
    assert main.text is not None
    wanted = sorted(slot.texts[main.name].words for slot in make_plan(real, 1_000))
    for share, words in zip((0.05, 0.25, 0.5, 0.75, 0.95), main.text.words, strict=True):
        assert wanted[int(share * 1_000)] == pytest.approx(words, rel=0.15, abs=2)


def test_every_slot_can_be_asked_for(real: Reference) -> None:
    train = set(real.train.tolist())
    brief = PromptContext(real, real.profile.domain, "completion", 0)
    for slot in make_plan(real, 40):
        prompt = build(brief, [slot], 0)
        assert prompt.user.endswith("\n")
        assert set(prompt.shown) <= train
