"""What each knob wanted, beside what is real and what came: distributions of lengths and grades, numbers of diversity.

A reference with a configuration and its plan comes in, or a finished run; an `Outcome` for each knob goes out. Length
and grade of the main text are always there, diversity when it is a matter of the run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen import controls
from syngen.config import RunConfig
from syngen.evaluation.metrics.diversity import compression_ratio, near_duplicate_share, top_opening_share
from syngen.evaluation.metrics.pairs import spearman
from syngen.evaluation.metrics.registry import NotComputable
from syngen.evaluation.metrics.statistic import kolmogorov
from syngen.evaluation.sample import Comparison, EvalSample
from syngen.plan import ControlSettings, Plan
from syngen.plan.make import AS_REAL, wanted_grades, wanted_words
from syngen.reference import load
from syngen.store.run import Run
from syngen.text.attributes import attributes
from syngen.text.words import count_words, grade, opening
from syngen.types import ControlOutcome, Diversity, DiversityOutcome, Outcome, Reference, Spread, generator

Floats = npt.NDArray[np.float64]


__all__ = ["ControlOutcome", "Diversity", "DiversityOutcome", "Outcome", "Spread", "outcome", "wanted"]

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
BINS = 24
EDGE = 0.01  # the quantile that bins begin at, and 1 less it the one they end at: what is beyond lies in the last ones
MOST_ROWS = 20_000  # measured, of a run
MOST_TEXTS = 1_000  # compared for their diversity
SAMPLES = 4  # of real texts, whose mean is told
OPENING = 4  # words


def wanted(reference: Reference, config: RunConfig, plan: Plan | None) -> tuple[Outcome, ...]:
    """What each knob wants of a run, beside what is real.

    Args:
        plan: The run's; None in native mode, where the knobs are applied to every real row that may be drawn.
    """
    return _outcomes(reference, config, plan, None)


def outcome(run: Run, reference: Reference | None = None) -> tuple[Outcome, ...]:
    """What each knob wanted of a run's main text, and what came.

    Args:
        reference: What the run was made from, when it is loaded already.

    Raises:
        RunError: The run has lost its reference or its plan.
    """
    if reference is None:
        reference = load(run.reference, roles=run.manifest.roles, max_rows=None)
    plan = Plan.open(run.path / "plan.parquet") if run.config.mode == "planned" else None
    return _outcomes(reference, run.config, plan, run)


def _outcomes(
    reference: Reference, config: RunConfig, plan: Plan | None, run: Run | None
) -> tuple[Outcome, ...]:
    main = reference.profile.main_text.name
    came = None if run is None else _came(run, main, config.seed)
    found: list[Outcome] = [_spreads(reference, config, plan, came, unit) for unit in ("words", "grade")]
    if "diversity" in config.strategies:
        found.append(_diversity(reference, config, plan, came))
    return tuple(found)


# ------------------------------------------------------------------------------------- distributions
@dataclass(frozen=True, slots=True, eq=False)
class _Came:
    """The rows of a run: texts (absent ones empty), and of each what was wanted, NaN where nothing was."""

    texts: Sequence[str]
    words: Floats
    grade: Floats


def _came(run: Run, main: str, seed: int) -> _Came:
    texts = run.rows[main].fill_null("").to_list()
    origins = run.origins(main)
    chosen = np.sort(generator(seed, "measured rows").permutation(len(texts))[:MOST_ROWS])
    words, grades = (origins[unit].fill_null(np.nan).to_numpy()[chosen] for unit in ("words", "grade"))
    return _Came([texts[i] for i in chosen], words, grades)


def _spreads(
    reference: Reference,
    config: RunConfig,
    plan: Plan | None,
    came: _Came | None,
    unit: Literal["words", "grade"],
) -> ControlOutcome:
    in_words = unit == "words"
    name, train = reference.profile.main_text.name, reference.train
    of_rows = wanted_words if in_words else wanted_grades
    real = of_rows(reference, name, train, AS_REAL)
    if plan is None:
        aim = of_rows(reference, name, train, ControlSettings.of(config))
    else:
        targets = plan.frame["texts"].struct.field(name).struct.field(unit)
        aim = targets.cast(float).fill_null(np.nan).to_numpy()
    got = None if came is None else _words(came.texts) if in_words else _grades(came.texts)
    edges = _edges([real, aim, *([] if got is None else [got])], 1.0 if in_words else 0.5)
    knob: Literal["length", "complexity"] = "length" if in_words else "complexity"
    asked = knob in config.strategies
    found = ControlOutcome(
        knob,
        config.length if in_words else config.complexity,
        unit,
        asked,
        asked and config.steer,
        tuple(edges.tolist()),
        _spread(real, edges),
        _spread(aim, edges),
    )
    if came is None or got is None:
        return found
    return _with_got(found, aim, got, came.words if in_words else came.grade, edges)


def _with_got(found: ControlOutcome, aim: Floats, got: Floats, own: Floats, edges: Floats) -> ControlOutcome:
    """What came held against what was wanted, of all rows and of each."""
    what = "a text" if found.unit == "words" else "a text of five words or more"
    if np.isnan(got).all():
        why = f"no row has {what}" if len(got) else "the run has no rows"
        return replace(found, why_not=why)
    distance = kolmogorov(aim, got, what)
    both = ~np.isnan(own - got)
    allowed = (
        np.maximum(controls.WITHIN * own, controls.WITHIN_WORDS)
        if found.unit == "words"
        else controls.GRADES_OFF
    )
    kept = (np.abs(got - own) <= allowed)[both]
    ranks = spearman(own, got)
    if np.isnan(own).all():
        why = "no row has a target of its own"
    else:
        why = f"no rank correlation: {ranks}" if isinstance(ranks, NotComputable) else ""
    everything = np.arange(len(got))
    return replace(
        found,
        got=_spread(got, edges),
        ks=None if isinstance(distance, NotComputable) else distance(everything),
        within=float(kept.mean()) if len(kept) else None,
        correlation=None if isinstance(ranks, NotComputable) else ranks(everything),
        why_not=f"nothing was wanted: {distance}" if isinstance(distance, NotComputable) else why,
    )


def _words(texts: Sequence[str]) -> Floats:
    """Words of each text, as a plan counts them: one at least, NaN of an absent text."""
    return np.array([max(1, count_words(text)) if text.strip() else np.nan for text in texts], float)


def _grades(texts: Sequence[str]) -> Floats:
    levels = (grade(text) for text in texts)
    return np.array([np.nan if level is None else level for level in levels], float)


def _spread(values: Floats, edges: Floats) -> Spread | None:
    """The distribution of the numbers that are there; None when there is none."""
    known = values[~np.isnan(values)]
    if not len(known):
        return None
    inside = np.clip(known, edges[0], (edges[-2] + edges[-1]) / 2)
    shares = np.histogram(inside, edges)[0] / len(known)
    quantiles = np.quantile(known, QUANTILES)
    return Spread(len(known), tuple(quantiles.tolist()), tuple(shares.tolist()))


def _edges(parts: Sequence[Floats], step: float) -> Floats:
    """Edges of bins that all but the odd ones of each part lie in, as wide as a multiple of the step."""
    known = [part[~np.isnan(part)] for part in parts]
    ends = [np.quantile(part, (EDGE, 1 - EDGE)) for part in known if len(part)]
    low, high = (min(e[0] for e in ends), max(e[1] for e in ends)) if ends else (0.0, 0.0)
    width = step * max(1, np.ceil((high - low) / (step * BINS)))
    first = np.floor(low / width)
    edges: Floats = width * np.arange(first, np.floor(high / width) + 2)
    return edges


# ----------------------------------------------------------------------------------------- diversity
def _diversity(
    reference: Reference, config: RunConfig, plan: Plan | None, came: _Came | None
) -> DiversityOutcome:
    """Every number of equally many texts: those of the run, and samples of real ones."""
    main, rng = reference.profile.main_text.name, generator(config.seed, "diversity told")
    all_real = reference.frame[main].fill_null("").to_list()
    rows = np.array([i for i in reference.train.tolist() if all_real[i].strip()], int)
    texts = [] if came is None else [text for text in came.texts if text.strip()]
    n = min(len(texts) or config.n, len(rows), MOST_TEXTS)
    rows = rng.permutation(rows)[: SAMPLES * n]
    texts = [texts[i] for i in rng.permutation(len(texts))[:n]]
    pool, real, got = _pool(reference, [all_real[i] for i in rows], texts)
    found = attributes(reference, main)
    topics = np.concatenate([found.topic[rows], found.topics_of(texts)])

    def measured(of: npt.NDArray[np.intp]) -> dict[str, float | None]:
        sides = Comparison(real[:0], of, real[:0])
        told: dict[str, float | None] = {
            "topics": _effective(topics[of]),
            "distinct_openings_share": _distinct([pool.texts()[i] for i in of]),
        }
        for measure in (top_opening_share, near_duplicate_share, compression_ratio):
            score = measure(pool, sides, main)
            told[measure.__name__] = None if isinstance(score, NotComputable) else score(np.arange(len(of)))
        return told

    samples = [measured(rng.permutation(real)[:n]) for _ in range(SAMPLES if len(real) > n else 1)]
    ours = measured(got) if len(got) else {}
    planned = None if plan is None else _planned_topics(plan, main, n, rng)
    numbers = tuple(
        Diversity(
            name,
            "higher" if name in {"topics", "distinct_openings_share"} else "lower",
            _mean([sample[name] for sample in samples]),
            planned if name == "topics" else None,
            ours.get(name),
        )
        for name in samples[0]
    )
    level = controls.diversity(config.diversity)
    aim: Literal["as real", "at or beyond real", "below real"] = (
        "as real"
        if level == controls.MIDDLE
        else "at or beyond real"
        if level > controls.MIDDLE
        else "below real"
    )
    why = "" if came is None or texts else "no row has a text" if came.texts else "the run has no rows"
    return DiversityOutcome("diversity", config.diversity, True, config.steer, aim, n, numbers, why)


def _pool(
    reference: Reference, real: Sequence[str], texts: Sequence[str]
) -> tuple[EvalSample, npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """A pool of main texts for the scores of diversity, and which rows of it are real and which are the run's."""
    frame = pl.DataFrame(
        {reference.profile.main_text.name: [*real, *texts]},
        schema={reference.profile.main_text.name: pl.String},
    )
    places = np.arange(frame.height)
    return EvalSample(frame, reference.profile, len(real)), places[: len(real)], places[len(real) :]


def _planned_topics(plan: Plan, main: str, n: int, rng: np.random.Generator) -> float | None:
    """The effective number of topics that n slots of a plan have."""
    targets = plan.frame["texts"].struct.field(main)
    if "topic" not in targets.struct.fields:
        return None
    topics = targets.struct.field("topic").fill_null(-1).to_numpy()
    return _effective(rng.permutation(topics[topics >= 0])[:n])


def _effective(topics: npt.NDArray[np.int64]) -> float | None:
    """The exponential of the entropy of their shares: of equally common topics their number (Hill 1973)."""
    counts = np.unique(topics[topics >= 0], return_counts=True)[1]
    if not len(counts):
        return None
    shares = counts / counts.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))


def _distinct(texts: Sequence[str]) -> float | None:
    begun = [opening(text, OPENING) for text in texts if count_words(text) >= OPENING]
    return len(set(begun)) / len(begun) if begun else None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
