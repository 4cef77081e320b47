"""Whatever a control is set to, the plan wants what the setting says; what no text can be is refused."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import by_hand
from hypothesis import given, settings
from hypothesis import strategies as st

from syngen import controls
from syngen.cli.main import run
from syngen.config import RunConfig, read_config
from syngen.controls import Control, ControlSettings
from syngen.data import sample
from syngen.errors import ConfigError
from syngen.plan import make_plan
from syngen.plan.make import apply
from syngen.types import Plan, Reference, Role

ROWS = 240


@cache
def real() -> Reference:
    """Texts of 1 to 150 words in sentences of 2 to 30, long ones by the discontent; every eighth is held out."""
    rng = np.random.default_rng(5)
    stars = rng.integers(1, 6, ROWS)
    comments = []
    for given_stars in stars.tolist():
        length = max(1, int(rng.lognormal(2 + 0.3 * (6 - given_stars), 0.8)))
        words = rng.choice(
            ["kettle", "a", "boils", "remarkably", "hot", "immediately", "it"], length
        ).tolist()
        for end in range(int(rng.integers(2, 30)) - 1, length, int(rng.integers(4, 30))):
            words[end] += "."
        comments.append(" ".join(words))
    columns = {"stars": (Role.ORDINAL, stars.tolist()), "comment": (Role.TEXT, comments)}
    return by_hand(columns, range(0, ROWS, 8))


def steps_apart(some: np.ndarray, others: np.ndarray) -> float:
    """The Kolmogorov–Smirnov distance."""
    at = np.union1d(some, others)
    below = [np.searchsorted(np.sort(values), at, "right") / len(values) for values in (some, others)]
    return float(np.abs(below[0] - below[1]).max())


def planned(plan: Plan, name: str) -> np.ndarray:
    """Words or grades wanted of the comments; NaN where none is."""
    targets = plan.frame["texts"].struct.field("comment")
    return targets.struct.field(name).cast(float).fill_null(np.nan).to_numpy()


def real_words(rows: np.ndarray) -> np.ndarray:
    return np.maximum(real().measures["comment"].words[rows], 1).astype(float)


def real_grades(rows: np.ndarray) -> np.ndarray:
    return real().measures["comment"].grade[rows].astype(float)


def ranges(least: int, most: int, prefix: str = "") -> st.SearchStrategy[str]:
    pairs = st.tuples(st.integers(least, most), st.integers(least, most)).map(sorted)
    return pairs.map(lambda ends: f"{prefix}{ends[0]}-{ends[1]}")


LENGTHS = st.one_of(
    st.sampled_from(["match", "short", "long"]),
    st.integers(1, 2000).map(str),
    ranges(1, 2000),
    st.integers(-99, 400).map(lambda percent: f"{percent:+}%"),
    st.integers(-150, 500).map(lambda words: f"{words:+}"),
)
COMPLEXITIES = st.one_of(
    st.sampled_from(["match", "simple", "advanced"]),
    st.integers(0, 20).map(lambda grade: f"grade:{grade}"),
    ranges(0, 20, "grade:"),
    st.floats(-20, 20).map(lambda grades: f"{grades:+.1f}"),
)


LABELS = 5  # rows are drawn sorted by label and length: below any length, each label is off by a row at most


@settings(max_examples=60)
@given(LENGTHS, st.sampled_from([40, 210, 600]), st.integers(0, 5))
def test_any_length_yields_a_plan_of_the_lengths_it_states(setting: str, n: int, seed: int) -> None:
    control = controls.length(setting)
    plan = make_plan(real(), n, seed=seed, settings=ControlSettings(length=control))
    stated = apply(control, real_words(real().train), real_words(real().train))
    words = planned(plan, "words")
    between = 0.02 if setting == "match" else 0.0  # lengths between two real neighbours are wanted, too
    assert steps_apart(words, np.round(stated)) <= LABELS / n + between
    if setting != "match":
        donors = plan.frame["donor"].to_numpy()
        assert (
            words.tolist() == np.round(apply(control, real_words(donors), real_words(real().train))).tolist()
        )


@settings(max_examples=60)
@given(COMPLEXITIES, st.sampled_from([40, 210, 600]), st.integers(0, 5))
def test_any_complexity_yields_a_plan_of_the_grades_it_states(setting: str, n: int, seed: int) -> None:
    control = controls.complexity(setting)
    plan = make_plan(real(), n, seed=seed, settings=ControlSettings(complexity=control))
    grades, donors = planned(plan, "grade"), plan.frame["donor"].to_numpy()
    stated = apply(control, real_grades(donors), real_grades(real().train))
    assert np.allclose(grades, stated, atol=0.051, equal_nan=True)
    everywhere = apply(control, real_grades(real().train), real_grades(real().train))
    known, wanted = grades[~np.isnan(grades)], np.round(everywhere[~np.isnan(everywhere)], 1)
    assert (
        steps_apart(known, wanted) <= 1.95 / n**0.5
    )  # grades are no stratum: one plan in a thousand is further off


@pytest.mark.parametrize(("setting", "low", "high"), [("20-60", 20, 60), ("40", 36, 44), ("6", 6, 6)])
def test_all_lengths_lie_in_the_range_and_reach_both_its_ends(setting: str, low: int, high: int) -> None:
    words = planned(
        make_plan(real(), 300, settings=ControlSettings(length=controls.length(setting))), "words"
    )
    assert (words.min(), words.max()) == (low, high)


@pytest.mark.parametrize(("setting", "low", "high"), [("grade:6-9", 6, 9), ("grade:8", 7, 9)])
def test_all_grades_lie_in_the_range_and_reach_both_its_ends(setting: str, low: int, high: int) -> None:
    grades = planned(
        make_plan(real(), 300, settings=ControlSettings(complexity=controls.complexity(setting))), "grade"
    )
    assert (np.nanmin(grades), np.nanmax(grades)) == (low, high)


@given(st.one_of(LENGTHS.map(controls.length), COMPLEXITIES.map(controls.complexity)))
def test_a_control_never_changes_the_order(control: Control) -> None:
    values = np.sort(real_words(real().train))
    assert (np.diff(apply(control, values, values)) >= 0).all()


@pytest.mark.parametrize(
    ("control", "value", "wanted"),
    [
        (controls.length("match"), 40, 40),
        (controls.length("short"), 40, 20),
        (controls.length("long"), 40, 80),
        (controls.length("+25%"), 40, 50),
        (controls.length("-10"), 40, 30),
        (controls.length("-10"), 4, 1),
        (controls.length("+100%"), 1_500, 2_000),
        (controls.complexity("simple"), 9, 6),
        (controls.complexity("advanced"), 9, 12),
        (controls.complexity("+2"), 9, 11),
        (controls.complexity("-1.5"), 9, 7.5),
        (controls.complexity("-9"), 4, -3),
        (controls.complexity("+9"), 14, 20),
    ],
)
def test_what_a_setting_makes_of_a_value(control: Control, value: float, wanted: float) -> None:
    assert apply(control, np.array([value, np.nan]), np.array([1.0, 50.0])).tolist() == pytest.approx(
        [wanted, np.nan], nan_ok=True
    )


def test_a_range_is_reached_at_the_quantiles_and_halfway_between_by_ratio() -> None:
    values = np.exp(np.linspace(0, 4, 101))
    wanted = apply(controls.length("10-40"), values, values)
    assert wanted[[0, 5, 50, 95, 100]] == pytest.approx([10, 10, 20, 40, 40])


def test_texts_all_of_one_length_are_mapped_into_the_middle_of_a_range() -> None:
    same = np.full(5, 12.0)
    assert apply(controls.length("10-40"), same, same) == pytest.approx([20] * 5)
    assert apply(controls.complexity("grade:6-9"), same, same) == pytest.approx([7.5] * 5)


def test_a_text_without_a_grade_is_wanted_without_one() -> None:
    none = np.full(3, np.nan)
    for setting in ("match", "simple", "+2", "grade:8"):
        assert np.isnan(apply(controls.complexity(setting), none, none)).all()


def test_a_turned_control_leaves_titles_and_labels_as_they_were() -> None:
    titled = real().frame.with_columns(headline=real().frame["comment"].str.slice(0, 20))
    columns = {
        "stars": (Role.ORDINAL, titled["stars"]),
        "headline": (Role.TITLE, titled["headline"]),
        "comment": (Role.TEXT, titled["comment"]),
    }
    both = by_hand(columns)
    aims = ControlSettings(controls.length("300"), controls.complexity("grade:12"))
    plain, turned = (make_plan(both, 120, seed=4, settings=a) for a in (ControlSettings(), aims))
    assert plain.values().equals(turned.values())
    titles = [plan.frame["texts"].struct.field("headline") for plan in (plain, turned)]
    assert titles[0].equals(titles[1])


@pytest.mark.parametrize(
    ("setting", "level"), [("low", 0), ("match", 0.5), ("high", 1), ("0.8", 0.8), (".2", 0.2)]
)
def test_what_a_setting_of_diversity_means(setting: str, level: float) -> None:
    assert controls.diversity(setting) == level


IMPOSSIBLE = [
    ("length", "0", "no text can have 0 words; give 1 to 2000"),
    ("length", "99999", "no text can have 99999 words; give 1 to 2000"),
    ("length", "20-5000", "no text can have 5000 words"),
    ("length", "60-20", "the range begins above its end; write 20-60"),
    ("length", "-100%", "it leaves no words"),
    ("length", "-250%", "it leaves no words"),
    ("length", "-2000", "it leaves no words"),
    ("length", "+5000", "no text can have that many words"),
    ("length", "huge", "write match, short, long, a number of words (40)"),
    ("length", "", "write match, short, long"),
    ("length", "grade:8", "write match, short, long"),
    ("length", "nan", "write match, short, long"),
    ("complexity", "grade:40", "no text can have grade 40; give 0 to 20"),
    ("complexity", "grade:9-6", "the range begins above its end; write 6-9"),
    ("complexity", "+500", "no text is 500 grades away; give 20 at most"),
    ("complexity", "-21", "no text is 21 grades away"),
    ("complexity", "+25%", "write match, simple, advanced"),
    ("complexity", "8", "a grade (grade:8)"),
    ("complexity", "grade:", "a grade (grade:8)"),
    ("complexity", "", "write match, simple, advanced"),
    ("diversity", "2", "it goes from 0 (all similar) over .5 (as real) to 1"),
    ("diversity", "-1", "it goes from 0"),
    ("diversity", "nan", "it goes from 0"),
    ("diversity", "x", "write match, low, high, or a number from 0 to 1"),
    ("diversity", "", "write match, low, high"),
]


@pytest.mark.parametrize(("control", "setting", "said"), IMPOSSIBLE)
def test_what_no_text_can_be_is_refused_in_one_clear_sentence(control: str, setting: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        getattr(controls, control)(setting)
    with pytest.raises(ConfigError) as refused:
        RunConfig.of(n=5, **{control: setting})
    told = str(refused.value)
    assert told.startswith(f"The setting '{control}' can't be '{setting}': ")
    assert said in told
    assert "\n" not in told
    assert not re.search(r"[?.]\.", told.replace("'.5", "").replace("over .5", ""))


@pytest.mark.parametrize("command", ["generate", "preview"])
@pytest.mark.parametrize(
    ("control", "setting", "said"),
    [c for c in IMPOSSIBLE if c[1] in ("0", "grade:40", "2", "60-20", "-100%")],
)
def test_the_command_line_refuses_it_with_status_2_before_anything_is_made(
    command: str, control: str, setting: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [
        command,
        str(sample()),
        "-n",
        "3",
        "--model",
        "function/writing:write",
        f"--{control}",
        setting,
    ]
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert len(captured.err.strip().splitlines()) == 1
    assert captured.out == ""
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("written", "control", "value"),
    [
        ("length: 40", "length", "40"),
        ("length: -10", "length", "-10"),
        ("length: +25%", "length", "+25%"),
        ("length: '+10'", "length", "+10"),
        ("length: 20-60", "length", "20-60"),
        ("complexity: grade:8", "complexity", "grade:8"),
        ("complexity: -2", "complexity", "-2"),
        ("diversity: 0.8", "diversity", "0.8"),
        ("diversity: 1", "diversity", "1"),
        ("diversity: high", "diversity", "high"),
    ],
)
def test_a_configuration_file_may_give_numbers(written: str, control: str, value: str) -> None:
    Path("run.yaml").write_text(f"n: 5\n{written}\n")
    assert getattr(RunConfig.of(**read_config(Path("run.yaml"))), control) == value


@pytest.mark.parametrize("value", [True, [20, 60], {"low": 20}])
def test_what_is_neither_text_nor_number_is_refused(value: Any) -> None:
    with pytest.raises(ConfigError, match="'length"):
        RunConfig.of(n=5, length=value)


@pytest.mark.parametrize(
    ("given", "strategies"),
    [
        ({}, ("base",)),
        ({"length": "40"}, ("base", "length")),
        ({"diversity": "high", "complexity": "simple"}, ("base", "complexity", "diversity")),
        ({"strategy": "length", "length": "40"}, ("length",)),
        ({"strategy": "diversity, length"}, ("diversity", "length")),
        ({"strategy": ["diversity", "length"], "complexity": "+1"}, ("diversity", "length", "complexity")),
    ],
)
def test_a_turned_control_brings_its_strategy(given: dict[str, Any], strategies: tuple[str, ...]) -> None:
    assert RunConfig.of(n=5, **given).strategies == strategies
