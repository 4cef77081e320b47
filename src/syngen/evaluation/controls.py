"""Target, reference and achieved distribution of each control: lengths, reading grades, diversity.

Length and grade of the main text are always reported, diversity when the run controls it. Before a run there is
nothing achieved yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen import controls
from syngen.config import RunConfig
from syngen.evaluation.metrics.diversity import compression_ratio, near_duplicate_share, top_opening_share
from syngen.evaluation.metrics.statistic import NotComputable, computable, kolmogorov, spearman
from syngen.evaluation.sample import Comparison, EvalSample, Floats
from syngen.plan import control_targets
from syngen.plan.make import AS_REAL
from syngen.reference import load
from syngen.store.run import Run
from syngen.text.attributes import attributes
from syngen.text.words import count_words, grade, opening
from syngen.types import (
    ControlOutcome,
    Diversity,
    DiversityOutcome,
    Outcome,
    Plan,
    Reference,
    Spread,
    generator,
)

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
BINS = 24
EDGE = 0.01  # the bins begin at this quantile and end at 1 less it; values beyond are in the outermost bins
MOST_ROWS = 20_000  # measured, of a run
MOST_TEXTS = 1_000  # compared for their diversity
SAMPLES = 4  # of real texts, averaged
OPENING = 4  # words


def planned_outcome(reference: Reference, config: RunConfig, plan: Plan | None) -> tuple[Outcome, ...]:
    """Compute the target and the reference distribution of each control.

    Args:
        plan: The run's; None in native mode, where the controls are applied to every real row that may be drawn.
    """
    return _outcomes(reference, config, plan, None)


def outcome(run: Run, reference: Reference | None = None) -> tuple[Outcome, ...]:
    """Compute the target, the reference and the achieved distribution of each control of a run.

    Args:
        reference: What the run was made from, when it is loaded already.

    Raises:
        RunError: The run has lost its reference or its plan.
    """
    if reference is None:
        reference = load(run.reference, roles=run.manifest.roles, max_rows=None)
    return _outcomes(reference, run.config, run.plan(), run)


def _outcomes(
    reference: Reference, config: RunConfig, plan: Plan | None, run: Run | None
) -> tuple[Outcome, ...]:
    main, train = reference.profile.main, reference.train
    if not main:
        return ()
    real = control_targets(reference, main, train, AS_REAL)
    if plan is None:
        targets = control_targets(reference, main, train, config.control_settings)
    else:
        planned = plan.targets(main)
        targets = planned["words"].to_numpy(), planned["grade"].to_numpy()
    texts: list[str] = []
    rows = None
    if run is not None:
        texts = run.cells[main].fill_null("").to_list()
        chosen = np.sort(generator(config.seed, "measured rows").permutation(len(texts))[:MOST_ROWS])
        texts = [texts[i] for i in chosen]
        own = run.origins(main)[chosen]
        rows = (_words(texts), own["words"].to_numpy()), (_grades(texts), own["grade"].to_numpy())
    outcomes: list[Outcome] = [
        _distribution(config, "length", real[0], targets[0], rows and rows[0]),
        _distribution(config, "complexity", real[1], targets[1], rows and rows[1]),
    ]
    if "diversity" in config.strategies:
        outcomes.append(_diversity(reference, config, plan, None if run is None else texts))
    return tuple(outcomes)


# ------------------------------------------------------------------------------------- distributions
def _distribution(
    config: RunConfig,
    control: Literal["length", "complexity"],
    real: Floats,
    target: Floats,
    rows: tuple[Floats, Floats] | None,
) -> ControlOutcome:
    """Report on one control.

    Args:
        real: Of the real rows that may be drawn.
        target: Of the plan.
        rows: Of each row of the run the achieved value and its own target, NaN where there is none.
    """
    edges = _edges([real, target, *([] if rows is None else [rows[0]])], 1.0 if control == "length" else 0.5)
    asked = control in config.strategies
    found = ControlOutcome(
        control,
        getattr(config, control) or controls.MATCH,
        "words" if control == "length" else "grade",
        asked,
        asked and config.steer,
        tuple(edges.tolist()),
        _spread(real, edges),
        _spread(target, edges),
    )
    if rows is None:
        return found
    achieved, own = rows
    what = "a text" if control == "length" else "a text of five words or more"
    if np.isnan(achieved).all():
        why = f"no row has {what}" if len(achieved) else "the run has no rows"
        return replace(found, why_not=why)
    distance = computable(kolmogorov)(target, achieved, what)
    ranks = computable(spearman)(own, achieved)
    tolerance = controls.tolerance(own) if control == "length" else controls.GRADE_TOLERANCE
    within = (np.abs(achieved - own) <= tolerance)[~np.isnan(own - achieved)]
    why = ""
    if isinstance(distance, NotComputable):
        why = f"there is no target: {distance}"
    elif np.isnan(own).all():
        why = "no row has a target of its own"
    elif isinstance(ranks, NotComputable):
        why = f"no rank correlation: {ranks}"
    everything = np.arange(len(achieved))
    return replace(
        found,
        got=_spread(achieved, edges),
        ks=None if isinstance(distance, NotComputable) else distance(everything),
        within=float(within.mean()) if len(within) else None,
        correlation=None if isinstance(ranks, NotComputable) else ranks(everything),
        why_not=why,
    )


def _words(texts: Sequence[str]) -> Floats:
    """Words of each text, as a plan counts them: one at least, NaN of an absent text."""
    return np.array([max(1, count_words(text)) if text.strip() else np.nan for text in texts], float)


def _grades(texts: Sequence[str]) -> Floats:
    levels = (grade(text) for text in texts)
    return np.array([np.nan if level is None else level for level in levels], float)


def _spread(values: Floats, edges: Floats) -> Spread | None:
    """Distribution of the numbers that are there; None when there is none."""
    known = values[~np.isnan(values)]
    if not len(known):
        return None
    inside = np.clip(known, edges[0], (edges[-2] + edges[-1]) / 2)
    shares = np.histogram(inside, edges)[0] / len(known)
    quantiles = np.quantile(known, QUANTILES)
    return Spread(len(known), tuple(quantiles.tolist()), tuple(shares.tolist()))


def _edges(parts: Sequence[Floats], step: float) -> Floats:
    """Edges of bins that hold all but the outliers of each part, as wide as a multiple of the step."""
    known = [part[~np.isnan(part)] for part in parts]
    ends = [np.quantile(part, (EDGE, 1 - EDGE)) for part in known if len(part)]
    low, high = (min(e[0] for e in ends), max(e[1] for e in ends)) if ends else (0.0, 0.0)
    width = step * max(1, np.ceil((high - low) / (step * BINS)))
    first = np.floor(low / width)
    edges: Floats = width * np.arange(first, np.floor(high / width) + 2)
    return edges


# ----------------------------------------------------------------------------------------- diversity
def _diversity(
    reference: Reference, config: RunConfig, plan: Plan | None, achieved: Sequence[str] | None
) -> DiversityOutcome:
    """Measure equally many texts of the run and of samples of real ones.

    Args:
        achieved: The run's texts, absent ones empty; None before a run.
    """
    main, rng = reference.profile.main, generator(config.seed, "diversity told")
    all_real = reference.frame[main].fill_null("").to_list()
    rows = np.array([i for i in reference.train.tolist() if all_real[i].strip()], int)
    texts = [text for text in achieved or () if text.strip()]
    n = min(len(texts) or config.n, len(rows), MOST_TEXTS)
    rows = rng.permutation(rows)[: SAMPLES * n]
    texts = [texts[i] for i in rng.permutation(len(texts))[:n]]
    frame = pl.DataFrame({main: [*(all_real[i] for i in rows), *texts]}, {main: pl.String})
    pool = EvalSample(frame, reference.profile, len(rows))
    real, generated = np.split(np.arange(frame.height), [len(rows)])
    found = attributes(reference, main)
    topics = np.concatenate([found.topic[rows], found.topics_of(texts)])

    def measured(of: npt.NDArray[np.intp]) -> dict[str, float | None]:
        sides = Comparison(real[:0], of, real[:0])
        values: dict[str, float | None] = {
            "topics": _effective(topics[of]),
            "distinct_openings_share": _distinct([pool.texts()[i] for i in of]),
        }
        for measure in (top_opening_share, near_duplicate_share, compression_ratio):
            score = measure(pool, sides, main)
            values[measure.__name__] = None if isinstance(score, NotComputable) else score(np.arange(len(of)))
        return values

    samples = [measured(rng.permutation(real)[:n]) for _ in range(SAMPLES if len(real) > n else 1)]
    got = measured(generated) if len(generated) else {}
    planned = None
    if plan is not None:
        slots = plan.targets(main)["topic"].to_numpy()
        planned = _effective(rng.permutation(slots[slots >= 0])[:n])
    numbers = tuple(
        Diversity(
            name,
            "higher" if name in {"topics", "distinct_openings_share"} else "lower",
            _mean([sample[name] for sample in samples]),
            planned if name == "topics" else None,
            got.get(name),
        )
        for name in samples[0]
    )
    level = config.control_settings.diversity or 0.0
    aim: Literal["as real", "at or beyond real", "below real"] = "as real"
    if level != controls.MIDDLE:
        aim = "at or beyond real" if level > controls.MIDDLE else "below real"
    why = "" if achieved is None or texts else "no row has a text" if achieved else "the run has no rows"
    return DiversityOutcome(
        "diversity", config.diversity or controls.MATCH, True, config.steer, aim, n, numbers, why
    )


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
