"""Made-up reports: a rich one with every kind of score, finding and picture, and one with next to nothing."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from enum import Enum
from typing import Any

from drawn import pictures

from syngen.evaluation.metrics import METRICS
from syngen.report import Report
from syngen.types import (
    Answer,
    Count,
    Direction,
    Family,
    Finding,
    Floor,
    Judgement,
    Ledger,
    Score,
)

# name, family, column, direction, upper bound, value, real-vs-real low and high
_SCORES: tuple[tuple[str, Family, str, Direction, float, float | None, float, float], ...] = (
    ("category_drift", "drift", "category", "lower", 1, 0.118, 0.0, 0.031),
    ("category_accuracy", "drift", "category", "match", 1, 0.742, 0.83, 0.88),
    ("off_topic_share", "drift", "", "lower", 1, 0.012, 0.0, 0.024),
    ("label_fidelity", "drift", "rating", "match", 1, 0.61, 0.55, 0.66),
    ("tone_ks", "drift", "text", "lower", 1, 0.061, 0.028, 0.072),
    ("drift_slope_position", "drift", "", "match", math.inf, -0.021, -0.03, 0.03),
    ("drift_slope_call", "drift", "", "match", math.inf, -0.094, -0.032, 0.03),
    ("total_variation", "similarity", "rating", "lower", 1, 0.044, 0.018, 0.052),
    ("total_variation", "similarity", "category", "lower", 1, 0.151, 0.02, 0.06),
    ("total_variation", "similarity", "verified", "lower", 1, 0.011, 0.0, 0.03),
    ("kolmogorov_smirnov", "similarity", "time", "lower", 1, 0.038, 0.02, 0.061),
    ("kolmogorov_smirnov", "similarity", "helpful_votes", "lower", 1, 0.214, 0.02, 0.06),
    ("missing_share", "similarity", "title", "match", 1, 0.0, 0.0, 0.012),
    ("identifier_distinct_share", "similarity", "user_id", "match", 1, 0.214, 0.96, 1.0),
    ("contingency_similarity", "similarity", "rating × verified", "higher", 1, 0.953, 0.94, 0.98),
    ("correlation_similarity", "similarity", "rating × helpful_votes", "higher", 1, 0.981, 0.95, 0.99),
    ("words_ks", "similarity", "text", "lower", 1, 0.302, 0.024, 0.063),
    ("words_ks", "similarity", "title", "lower", 1, 0.058, 0.022, 0.064),
    ("sentences_ks", "similarity", "text", "lower", 1, 0.041, 0.02, 0.06),
    ("grade_ks", "similarity", "text", "lower", 1, 0.055, 0.025, 0.066),
    ("mtld_ks", "similarity", "text", "lower", 1, 0.097, 0.03, 0.075),
    ("words_median", "similarity", "text", "match", math.inf, 61.0, 36.0, 43.0),
    ("grade_mean", "similarity", "text", "match", math.inf, 5.92, 5.6, 6.3),
    ("title_case_share", "similarity", "title", "match", 1, 0.804, 0.21, 0.29),
    ("exclamation_share", "similarity", "text", "match", 1, 0.262, 0.23, 0.31),
    ("question_share", "similarity", "text", "match", 1, 0.021, 0.03, 0.07),
    ("emoji_share", "similarity", "text", "match", 1, 0.004, 0.0, 0.014),
    ("digit_share", "similarity", "text", "match", 1, 0.31, 0.28, 0.36),
    ("lower_case_share", "similarity", "text", "match", 1, 0.0, 0.01, 0.04),
    ("precision", "similarity", "", "higher", 1, 0.902, 0.88, 0.94),
    ("recall", "similarity", "", "higher", 1, 0.711, 0.86, 0.93),
    ("density", "similarity", "", "higher", math.inf, 0.97, 0.94, 1.07),
    ("coverage", "similarity", "", "higher", 1, 0.884, 0.93, 0.97),
    ("energy_distance", "similarity", "", "lower", math.inf, 0.0151, 0.0002, 0.0031),
    ("c2st_embedding", "similarity", "", "lower", 1, 0.713, 0.47, 0.56),
    ("c2st_tfidf", "similarity", "", "lower", 1, 0.802, 0.46, 0.57),
    ("mauve", "similarity", "", "higher", 1, None, 0, 0),
    ("tstr_ratio", "utility", "rating", "higher", math.inf, 0.931, 0.95, 1.05),
    ("tstr_ratio_embedding", "utility", "rating", "higher", math.inf, 0.958, 0.94, 1.06),
    ("augmentation_gain", "utility", "rating", "higher", 1, 0.004, -0.01, 0.03),
    ("compression_ratio", "diversity", "text", "match", math.inf, 2.91, 2.42, 2.58),
    ("distinct_2", "diversity", "text", "match", 1, 0.712, 0.78, 0.82),
    ("self_bleu", "diversity", "text", "match", 1, 0.281, 0.21, 0.26),
    ("vendi", "diversity", "", "match", math.inf, 104.0, 96.0, 131.0),
    ("pairwise_similarity", "diversity", "", "match", 1, 0.142, 0.12, 0.15),
    ("top_opening_share", "diversity", "text", "match", 1, 0.186, 0.008, 0.021),
    ("near_duplicate_share", "diversity", "text", "lower", 1, 0.024, 0.0, 0.004),
    ("copied_rows", "privacy", "text", "lower", 1, 0.006, 0.0, 0.0),
    ("longest_shared_span", "privacy", "text", "match", math.inf, 21.0, 5.0, 9.0),
    ("span8_share", "privacy", "text", "lower", 1, 0.031, 0.0, 0.012),
    ("span12_share", "privacy", "text", "lower", 1, 0.012, 0.0, 0.006),
    ("dcr_share", "privacy", "", "lower", 1, 0.508, 0.46, 0.54),
    ("copied_shown", "privacy", "text", "lower", 1, None, 0, 0),
    ("length_within", "controls", "text", "higher", 1, 0.634, 0, 0),
    ("length_wanted_correlation", "controls", "text", "higher", 1, 0.812, 0, 0),
    ("grade_wanted_correlation", "controls", "text", "higher", 1, None, 0, 0),
    ("length_bias", "controls", "text", "match", math.inf, 0.124, 0, 0),
)
_FIXED = {"family", "direction", "level", "severity", "kind", "side"}
_WHY_NOT = {
    "mauve": "needs the package mauve-text: pip install syngen-text[mauve]",
    "copied_shown": "which rows the model was shown is not known of a table",
    "grade_wanted_correlation": "no grade was wanted",
}
_SOURCES = {
    "mtld_ks": "McCarthy & Jarvis 2010",
    "coverage": "Naeem et al. 2020",
    "precision": "Kynkäänniemi et al. 2019",
    "self_bleu": "Zhu et al. 2018",
    "c2st_embedding": "Lopez-Paz & Oquab 2017",
}


def _score(
    name: str,
    family: Family,
    column: str,
    direction: Direction,
    top: float,
    value: float | None,
    low: float,
    high: float,
) -> Score:
    floor = None
    judgement, verdict = Judgement.NOT_COMPUTED, "not computed"
    ci = None
    if value is not None:
        reach = max(abs(value) * 0.08, 0.004)
        ci = (max(value - reach, 0.0) if value >= 0 else value - reach, min(value + reach, top))
        if family == "controls":
            judgement, verdict = Judgement.CANT_TELL, "no real rows to compare with"
        else:
            mean, half = (low + high) / 2, max((high - low) / 2, 0.002)
            up = direction == "lower" or (direction == "match" and value >= mean)
            limit = mean + 1.7 * half if up else mean - 1.7 * half
            floor = Floor(mean, low, high, limit, 30)
            worse = value > limit if up else value < limit
            judgement = Judgement.WORSE if worse else Judgement.INDISTINGUISHABLE
            verdict = (
                f"worse than real by {abs(value - mean):.2g}" if worse else "indistinguishable at n = 500"
            )
            if name in {"augmentation_gain", "vendi", "drift_slope_position"}:
                judgement = Judgement.CANT_TELL
                verdict = "can't tell: n too small (at n = 500 only a difference over .04 shows)"
    return Score(
        name,
        family,
        column,
        value,
        500,
        250,
        ci,
        floor,
        judgement,
        verdict,
        direction,
        (0.0 if direction != "match" else -math.inf, top),
        _SOURCES.get(name, ""),
        _WHY_NOT.get(name, ""),
        METRICS[name].title,
        METRICS[name].explanation,
        METRICS[name].percent,
    )


def scores() -> tuple[Score, ...]:
    """Scores of all families, in every judgement."""
    return tuple(_score(*row) for row in _SCORES)


def findings() -> tuple[Finding, ...]:
    """Twelve findings of every severity."""
    rows = tuple
    return (
        Finding(
            "rows.copied_from_reference", "text", (1, 2, 3), "Rows 1–3 are example rows, copied.", "error"
        ),
        Finding(
            "column.constant",
            "asin",
            (),
            "'asin' has one value in all rows; in the real data 412 values.",
            "error",
        ),
        Finding(
            "column.few_values", "user_id", (), "'user_id' has 107 distinct values in 500 rows.", "error"
        ),
        Finding(
            "column.out_of_range", "rating", (17, 18, 240), "'rating' is 10, 0 or 7, beyond 1 to 5.", "error"
        ),
        Finding(
            "category.drift",
            "category",
            rows(range(301, 360)),
            "59 texts of Kitchen are about phones.",
        ),
        Finding(
            "text.repeated_opening", "text", (5, 9, 31, 44, 60), "93 of 500 texts begin “This is a great”."
        ),
        Finding(
            "column.bad_pattern", "title", rows(range(2, 402, 5)), "80 titles are product names, not titles."
        ),
        Finding(
            "column.derived_mismatch", "time", (12, 13, 99), "'time' disagrees with 'timestamp' in 3 rows."
        ),
        Finding("rows.duplicate", "text", (77, 391), "Row 391 has the text of row 77."),
        Finding("column.copied_values", "timestamp", (4, 8, 15, 16), "4 timestamps equal those of examples."),
        Finding("format.preamble", "", (), "A sentence stood before the table and was left out.", "note"),
        Finding("format.unescaped_delimiter", "text", (23, 42), "Commas in 2 texts were not quoted.", "note"),
    )


def rich(points: int = 600) -> Report:
    """A report in which nothing is missing."""
    rejected = {"parse.cut_off": 16, "valid.too_long": 31, "valid.wrong_type": 16, "new.copied": 29}
    ledger = Ledger(500, 66, 660, 604, 588, 541, 512, 500, {**rejected, "call.timeout": 2}, 0.87, 0.52)
    return Report(
        real="reviews.csv",
        real_rows=612,
        synthetic="runs/2031-03-04-kettles",
        synthetic_rows=500,
        made_by={"model": "embedded/a-small-model", "strategy": "base", "mode": "planned", "seed": "7"},
        compared=(250, 500),
        splits="Compared with 250 real rows that were held out from the run: no prompt showed them.",
        encoder="potion-base-8M",
        count=Count(500, 500, 500, 496, 1.0, 0.87, ledger),
        overall=Answer(
            "Can these rows be used?",
            "bad",
            "Not as they are",
            "Rows 1–3 are example rows, copied. 'asin' has one value in all rows. 24 of 57 scores are "
            "indistinguishable from real rows, 24 are worse.",
        ),
        answers=(
            Answer(
                "Did it give the number asked for?",
                "warning",
                "Yes, but only 496 of 500 are valid",
                "500 of 500 rows accepted, from 660 requested in 66 calls: 1.32 for each row. The model by "
                "itself: 87% of the number asked in a call.",
            ),
            Answer(
                "Did it stay on the category?",
                "bad",
                "No: 12% drifted",
                "12% is the share of rows that a classifier trained on real rows puts in the wrong 'category' "
                "beyond its errors on real rows; real rows give up to 3.1% (n = 500).",
            ),
            Answer(
                "How similar is it to the original?",
                "unknown",
                "Too few rows to tell",
                "17 of 30 scores of similarity are indistinguishable from real rows. Shown a real and a "
                "synthetic text, a detector picks the synthetic one 71% of the time (50 % is chance).",
            ),
        ),
        scores=scores(),
        findings=findings(),
        pictures=pictures(points),
        notes=("The column 'price' is empty in all real rows and was left out.",),
        created="2031-03-04T15:09:26+01:00",
        version="0.2.0",
    )


def bare() -> Report:
    """A report of a table of which next to nothing could be measured."""
    return Report(
        real="a.csv",
        real_rows=1,
        synthetic="b.csv",
        synthetic_rows=0,
        made_by={},
        compared=(0, 0),
        splits="",
        encoder="",
        count=Count(None, 0, 0, 0, None),
        overall=Answer("Can these rows be used?", "bad", "No: there is no usable row", ""),
        answers=(),
        scores=(),
        findings=(),
    )


def attacked(value: Any, text: str) -> Any:
    """The same with `text` behind every free text in it; what is one of a few fixed words stays."""
    if isinstance(value, Enum) or value is None:
        return value
    if isinstance(value, str):
        return value + text
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        free = (field.name for field in dataclasses.fields(value) if field.name not in _FIXED)
        return dataclasses.replace(value, **{name: attacked(getattr(value, name), text) for name in free})
    if isinstance(value, Mapping):
        return {attacked(key, text): attacked(item, text) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(attacked(item, text) for item in value)
    return value
