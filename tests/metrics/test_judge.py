"""How a measure becomes a verdict: floors from real rows, intervals over calls, limits over all scores."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from syngen.evaluation.inference import judged
from syngen.evaluation.metrics.registry import Metric
from syngen.evaluation.metrics.statistic import NotComputable, Statistic
from syngen.evaluation.sample import Comparison, EvalSample
from syngen.evaluation.splits import Splits, split
from syngen.reference import load
from syngen.report.wording import worst_first
from syngen.types import Judgement, Score


def _pool(real: list[float], synthetic: list[float], calls: list[int] | None = None) -> EvalSample:
    def frame(values: list[float]) -> pl.DataFrame:
        texts = [f"some text about number {i}" for i in range(len(values))]
        return pl.DataFrame({"x": values, "text": texts})

    reference = load(frame(real), roles={"x": "number", "text": "text"})
    origins = None
    if calls is not None:
        origins = pl.DataFrame({"call": calls})
    return EvalSample(
        pl.concat([reference.frame, frame(synthetic).cast(dict(reference.frame.schema))]),
        reference.profile,
        len(real),
        origins=origins,
    )


def _mean_gap(pool: EvalSample, sides: Comparison, column: str) -> Statistic:
    values = pool.numbers("x")
    real = values[sides.real].mean()
    return lambda rows: abs(float(values[sides.synthetic[rows]].mean() - real))


def _mean(pool: EvalSample, sides: Comparison, column: str) -> Statistic:
    values = pool.numbers("x")[sides.synthetic]
    return lambda rows: float(values[rows].mean())


def _share_over_3(pool: EvalSample, sides: Comparison, column: str) -> Statistic:
    over = pool.numbers("x")[sides.synthetic] > 3
    return lambda rows: float(over[rows].mean())


def _metric(measure: object, **changes: object) -> Metric:
    given: dict[str, object] = {
        "name": "measure",
        "family": "similarity",
        "direction": "lower",
        "bounds": (0.0, float("inf")),
        "title": "Measure",
        "explanation": "",
        "source": "",
        "measure": measure,
        "columns": lambda _: ("",),
        "matters": 0.5,
    }
    return Metric(**{**given, **changes})  # type: ignore[arg-type]


def _judge(pool: EvalSample, metric: Metric) -> Score:
    found = split(pool, np.arange(0, pool.real, 5))
    (score,) = judged(pool, found, metrics={"measure": metric})
    return score


def _normal(rows: int, seed: int, shift: float = 0.0) -> list[float]:
    return (np.random.default_rng(seed).normal(size=rows) + shift).tolist()


@pytest.mark.parametrize("rowwise", [True, False])
def test_rows_like_the_real_ones_are_indistinguishable_and_shifted_ones_worse(rowwise: bool) -> None:
    metric = _metric(_mean_gap, rowwise=rowwise)
    alike = _judge(_pool(_normal(400, 0), _normal(400, 1)), metric)
    shifted = _judge(_pool(_normal(400, 0), _normal(400, 1, shift=1.0)), metric)
    assert alike.judgement is Judgement.INDISTINGUISHABLE
    assert shifted.judgement is Judgement.WORSE
    assert shifted.verdict.startswith("worse than real by ")


@pytest.mark.slow
def test_false_alarms_are_rare_whichever_way_a_floor_is_drawn() -> None:
    kinds = [
        _metric(_mean_gap, rowwise=True),
        _metric(_mean_gap),
        _metric(_mean, rowwise=True, one_sample=True, direction="match", bounds=(-9.0, 9.0)),
        _metric(_mean, one_sample=True, direction="match", bounds=(-9.0, 9.0)),
        _metric(_share_over_3, rowwise=True, one_sample=True, share=True, bounds=(0.0, 1.0)),
    ]
    alarms = [
        _judge(_pool(_normal(200, seed), _normal(200, 1000 + seed)), kind).judgement is Judgement.WORSE
        for seed in range(60)
        for kind in kinds
    ]
    assert sum(alarms) <= 10  # 1 % of 300 expected


def test_a_few_rare_rows_are_no_alarm_but_many_are() -> None:
    metric = _metric(_share_over_3, rowwise=True, one_sample=True, share=True, bounds=(0.0, 1.0))
    real = [0.0, 1.0] * 200
    few = _judge(_pool(real, [0.0] * 398 + [4.0] * 2), metric)
    many = _judge(_pool(real, [0.0] * 360 + [4.0] * 40), metric)
    assert few.judgement is Judgement.INDISTINGUISHABLE
    assert many.judgement is Judgement.WORSE


def test_where_only_gross_differences_would_show_the_verdict_is_that_it_cannot_tell() -> None:
    score = _judge(_pool(_normal(12, 0), _normal(12, 1)), _metric(_mean_gap))
    assert score.judgement is Judgement.CANT_TELL
    assert "n too small" in score.verdict
    assert score.ci is not None
    assert score.value is not None


def test_a_level_is_told_to_be_above_or_below_the_real_one() -> None:
    metric = _metric(_mean, rowwise=True, one_sample=True, direction="match", bounds=(-9.0, 9.0))
    above = _judge(_pool(_normal(300, 0), _normal(300, 1, shift=2.0)), metric)
    below = _judge(_pool(_normal(300, 0), _normal(300, 1, shift=-2.0)), metric)
    assert above.verdict.startswith("above real by ")
    assert below.verdict.startswith("below real by ")


def test_rows_of_one_call_count_together_in_the_interval() -> None:
    values = np.repeat(np.random.default_rng(0).normal(size=20), 20).tolist()  # a call repeats itself
    metric = _metric(_mean, rowwise=True, one_sample=True, direction="match", bounds=(-9.0, 9.0))
    calls = np.repeat(np.arange(20), 20).tolist()
    by_call = _judge(_pool(_normal(400, 1), values, calls), metric)
    by_row = _judge(_pool(_normal(400, 1), values), metric)
    assert by_call.ci is not None
    assert by_row.ci is not None
    widths = [ci[1] - ci[0] for ci in (by_call.ci, by_row.ci)]
    assert widths[0] > 3 * widths[1]


@pytest.mark.slow
def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    metric = _metric(_mean, rowwise=True, one_sample=True, direction="match", bounds=(-9.0, 9.0))
    covered = 0
    for seed in range(100):
        ci = _judge(_pool(_normal(20, 0), _normal(100, seed)), metric).ci
        assert ci is not None
        covered += ci[0] <= 0.0 <= ci[1]
    assert 88 <= covered <= 100


def test_what_cannot_be_computed_says_why_and_has_no_value() -> None:
    score = _judge(
        _pool(_normal(50, 0), _normal(50, 1)), _metric(lambda *_: NotComputable("there is no such thing"))
    )
    assert score.value is None
    assert score.judgement is Judgement.NOT_COMPUTED
    assert score.why_not == "there is no such thing"


def test_a_measure_that_gives_no_number_is_a_bug_and_not_a_score() -> None:
    with pytest.raises(ValueError, match="gave nan"):
        _judge(_pool(_normal(50, 0), _normal(50, 1)), _metric(lambda *_: lambda _: float("nan")))


def test_the_same_rows_give_the_same_score_again() -> None:
    pool = _pool(_normal(100, 0), _normal(100, 1))
    assert _judge(pool, _metric(_mean_gap)) == _judge(pool, _metric(_mean_gap))


def test_the_worst_score_is_the_one_farthest_beyond_its_limit() -> None:
    scores = [
        _judge(_pool(_normal(300, 0), _normal(300, 1, shift=shift)), _metric(_mean_gap))
        for shift in (1.0, 3.0, 0.0)
    ]
    assert worst_first(scores) == [scores[1], scores[0], scores[2]]


# ------------------------------------------------------------------------------------------ sides
def _check_disjoint(found: Splits, pool: EvalSample) -> None:
    metric = _metric(_mean_gap, draws=5)
    for sides in (found.sides(metric), *found.floor(metric)):
        rows: list[np.ndarray] = [sides.real, sides.synthetic, sides.aside]
        together = np.concatenate(rows)
        assert len(np.unique(together)) == len(together)
    for draw in found.floor(metric):
        assert max(draw.synthetic.max(), draw.real.max()) < pool.real


@pytest.mark.parametrize(("rows", "held_out"), [(400, 80), (400, 10), (50, 10), (10, 0)])
def test_disjoint_sides_never_share_a_row_and_real_rows_suffice_for_the_floor(
    rows: int, held_out: int
) -> None:
    pool = _pool(_normal(rows, 0), _normal(1000, 1))
    found = split(pool, np.arange(held_out))
    _check_disjoint(found, pool)
    sides = found.sides(_metric(_mean_gap))
    for draw in found.floor(_metric(_mean_gap, draws=3)):
        assert len(draw.synthetic) == len(sides.synthetic)
        assert len(draw.real) == len(sides.real)
        assert len(draw.aside) == len(sides.aside)


def test_scores_that_look_at_rows_together_compare_with_held_out_rows_only() -> None:
    pool = _pool(_normal(400, 0), _normal(400, 1))
    held_out = np.arange(80)
    found = split(pool, held_out)
    assert found.held_out
    assert set(found.sides(_metric(_mean_gap)).real) == set(held_out)


def test_scores_of_single_rows_compare_all_rows_there_are() -> None:
    pool = _pool(_normal(400, 0), _normal(700, 1))
    sides = split(pool, np.arange(80)).sides(_metric(_mean_gap, rowwise=True))
    assert (len(sides.real), len(sides.synthetic)) == (400, 700)


def test_too_few_held_out_rows_are_not_called_held_out() -> None:
    assert not split(_pool(_normal(50, 0), _normal(50, 1)), np.arange(10)).held_out
