"""What an evaluation measures: scores, findings, answers, and the data of the pictures.

Plain frozen data that `evaluation` computes and `report` writes. Row numbers count from 1, as people
do; every share is between 0 and 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from syngen.types.run import Ledger

Direction = Literal["lower", "higher", "match"]
Family = Literal["count", "drift", "similarity", "utility", "diversity", "privacy", "controls"]
Side = Literal["real", "synthetic"]
Severity = Literal["error", "warning", "note"]

# The headline scores of drift: the first that has a value.
DRIFT = ("category_drift", "off_topic_share")


class Judgement(StrEnum):
    """What a score says compared with its floor."""

    INDISTINGUISHABLE = "indistinguishable"  # no different from more real rows
    WORSE = "worse"  # than real rows would be
    CANT_TELL = "can't tell"  # even a gross difference would not have shown
    NO_FLOOR = "no floor"  # real rows can't have this score, such as how well a plan was kept
    NOT_COMPUTED = "not computed"  # why_not says why


@dataclass(frozen=True, slots=True)
class Floor:
    """The same score between disjoint parts of the real rows, of the same sizes."""

    mean: float  # over the draws
    low: float  # lower end of the range that 95% of real-vs-real scores lie in
    high: float  # upper end of it
    # Beyond the limit (in the bad direction; for "match" on the side where the value lies) a score is worse
    # than real, at a family-wise error rate of 1% over all scores.
    limit: float
    draws: int  # how many real-vs-real scores it was made from


@dataclass(frozen=True, slots=True)
class Score:
    """One measure of one column, or of the whole table."""

    name: str  # such as "total_variation"
    family: Family  # which question it helps to answer
    column: str  # its column, two columns joined by " × ", or "" for the whole table
    value: float | None  # None when it can't be computed; `why_not` then says why
    n: int  # synthetic rows it was computed on
    n_real: int  # real rows it was compared with
    ci: tuple[float, float] | None  # 95% interval over model calls (over rows where the calls are not known)
    floor: Floor | None  # the same between real rows
    judgement: Judgement  # the verdict as a code
    verdict: str  # the verdict in words, such as "indistinguishable at n = 500"
    direction: Direction  # whether lower or higher is better, or the real value should be matched
    bounds: tuple[float, float]  # smallest and largest value it can have
    source: str  # where the formula is from
    why_not: str = ""  # why it can't be computed; else empty
    title: str = ""  # its name in words
    explanation: str = ""  # what it measures, in a sentence or two
    percent: bool = False  # its values are written as percentages

    @property
    def floor_band(self) -> tuple[float, float] | None:
        """The range that 95% of real-vs-real scores lie in."""
        return None if self.floor is None else (self.floor.low, self.floor.high)

    @property
    def floor_end(self) -> float | None:
        """The end of that range in the bad direction; its mean where real is to be matched."""
        if self.floor is None:
            return None
        ends = {"lower": self.floor.high, "higher": self.floor.low, "match": self.floor.mean}
        return ends[self.direction]

    @property
    def excess(self) -> float:
        """Distance of the value from the floor's mean, in distances of the limit: above 1 it is beyond it."""
        if self.value is None or self.floor is None:
            return 0.0
        reach = abs(self.floor.limit - self.floor.mean)
        away = abs(self.value - self.floor.mean)
        return away / reach if reach else math.inf if away else 0.0


def drift_score(scores: Sequence[Score]) -> Score | None:
    """Return the score that answers whether the rows stayed on the category; of several columns the worst."""
    for name in DRIFT:
        found = [s for s in scores if s.name == name and s.value is not None]
        if found:
            return max(found, key=lambda s: (s.judgement is Judgement.WORSE, s.value or 0.0))
    return None


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault that a careful reader of the rows would report."""

    code: str  # such as "rows.duplicate"; see `syngen.evaluation.findings`
    column: str  # the column it is about, or ""
    rows: tuple[int, ...]  # row numbers from 1, as the rows stand in the table or the reply; may be empty
    detail: str  # one sentence
    severity: Severity = "warning"  # error: don't use the rows as they are; note: how they were read


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows were asked for and how many were returned."""

    asked: int | None  # rows asked for; None when that is not known
    returned: int  # rows that could be read, in whatever state; of a run, rows accepted
    complete: int  # of these, rows with a cell for every column, before any repair
    valid: int  # of the complete ones, rows whose cells their columns can hold
    accuracy: float | None  # min(asked, complete) / max(asked, complete); None when asked is not known
    # The same as the model itself delivered it, per call, before any refill; runs only
    native_accuracy: float | None = None
    ledger: Ledger | None = None  # the run's ledger; None for other tables


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question."""

    question: str  # such as "Did it stay on the category?"
    level: Literal["good", "warning", "bad", "unknown"]
    headline: str  # the answer in a few words
    detail: str  # the numbers it rests on, a sentence or two


# ------------------------------------------------------------------- the data behind the pictures
@dataclass(frozen=True, slots=True)
class Distribution:
    """The distribution of one column in real and synthetic rows."""

    title: str  # for people, such as "rating" or "text: words"
    column: str
    kind: Literal["discrete", "numeric"]  # bars by label, or bars between edges
    labels: tuple[str, ...]  # if discrete; the rarest joined as "other"
    edges: tuple[float, ...]  # if numeric; one more than bars; times in seconds since 1970 UTC
    real: tuple[float, ...]  # share of real rows by label or bin
    synthetic: tuple[float, ...]  # share of synthetic rows
    low: tuple[float, ...]  # lower end of where 95% of real samples of that size would lie
    high: tuple[float, ...]  # upper end
    time: bool = False  # the edges are points in time


@dataclass(frozen=True, slots=True)
class Point:
    """One row on the map of texts."""

    x: float
    y: float
    side: Side
    row: int
    text: str  # of a real row empty where real texts are kept out
    label: str = ""  # its category or rating, when there is one


@dataclass(frozen=True, slots=True)
class Confusion:
    """Confusion matrices of a classifier trained on real rows."""

    column: str  # the column predicted from the text
    labels: tuple[str, ...]  # the classes, most common first
    # Row-normalised matrix (true × predicted) of real rows the classifier did not see
    real: tuple[tuple[float, ...], ...]
    synthetic: tuple[tuple[float, ...], ...]  # the same of synthetic rows


@dataclass(frozen=True, slots=True)
class Curve:
    """Share of rows on the category over the course of a run."""

    title: str  # such as "by position in the call"
    x: tuple[float, ...]  # middle of each bin
    y: tuple[float, ...]  # mean share of rows on the category in the bin
    low: tuple[float, ...]  # lower end of the 95% interval of the mean
    high: tuple[float, ...]  # upper end
    real: float  # the same for real rows


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A suspicious row and the real row nearest to it."""

    row: int  # row number of the synthetic row
    text: str  # the synthetic row's text
    real_row: int  # row number in the reference
    real_text: str  # the real row's text; empty where real texts are kept out
    similarity: float  # cosine of the two embeddings, or share of words in common without an encoder
    shared: tuple[str, ...]  # runs of words both have, longest first, as they stand in `text`
    why: str  # why it is shown, such as "longest span copied" or "furthest from any real row"


@dataclass(frozen=True, slots=True)
class Pictures:
    """The data of a report's pictures; what could not be drawn is empty."""

    real_texts: bool = False  # whether texts of real rows are in it
    distributions: tuple[Distribution, ...] = ()
    points: tuple[Point, ...] = ()
    map_note: str = ""  # how the map was made, or why there is none
    confusions: tuple[Confusion, ...] = ()
    curves: tuple[Curve, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    # Asked → … → accepted, then rows by reason of rejection
    funnel: Mapping[str, int] = field(default_factory=dict)


# ------------------------------------------------------------------- the controls of a run
@dataclass(frozen=True, slots=True)
class Spread:
    """The distribution of a number."""

    n: int  # texts that have it
    quantiles: tuple[float, ...]  # at 5, 25, 50, 75 and 95%
    # Of the texts in each bin, see `ControlOutcome.edges`; the first and last hold those beyond the bins
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ControlOutcome:
    """Reference, target and achieved distribution of a control: length or complexity."""

    control: Literal["length", "complexity"]
    setting: str  # as the user wrote it
    unit: Literal["words", "grade"]  # grade: Flesch-Kincaid
    asked: bool  # whether a strategy asks for it; otherwise it is planned, but not in the prompt
    steered: bool  # whether closed-loop correction keeps the rows to it
    edges: tuple[float, ...]  # of the bins of all three distributions, one more than shares
    real: Spread | None  # the real rows that may be drawn; None when no text has such a number
    wanted: Spread | None  # the target
    got: Spread | None = None  # the run's rows; None before there are any
    ks: float | None = None  # Kolmogorov-Smirnov distance between achieved and target
    # Share of the rows that keep to their own target: within 10% (3 words when short), or 1.5 grades
    within: float | None = None
    correlation: float | None = None  # Spearman's rank correlation between each row's target and its value
    why_not: str = ""  # why a number above is None when there is a run; else empty


@dataclass(frozen=True, slots=True)
class Diversity:
    """One measure of diversity."""

    # "topics" (effective number: the exponential of the entropy of their shares), "distinct_openings_share"
    # (distinct openings of four words ÷ texts with one), or a score of `syngen.evaluation.metrics.diversity`
    name: str
    more_varied: Literal["higher", "lower"]  # whether more diverse texts have higher or lower values
    real: float | None  # mean over samples of as many real rows
    wanted: float | None = None  # the target; None where the control only sets `DiversityOutcome.aim`
    got: float | None = None  # of the run's rows; None before there are any


@dataclass(frozen=True, slots=True)
class DiversityOutcome:
    """Reference, target and achieved numbers of the diversity control."""

    control: Literal["diversity"]
    setting: str  # as the user wrote it
    asked: bool  # always true: it is reported only where a strategy asks for it
    steered: bool  # whether closed-loop correction keeps the rows to it
    aim: Literal["as real", "at or beyond real", "below real"]  # the target of the numbers
    n: int  # texts of each side that the numbers are computed on
    numbers: tuple[Diversity, ...]  # the measures
    why_not: str = ""  # why there is no `got` when there is a run; else empty


Outcome = ControlOutcome | DiversityOutcome


# ------------------------------------------------------------------- everything together
@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Everything an evaluation found, as plain data; `syngen.report.Report` also writes it."""

    real: str  # name of the reference
    real_rows: int  # rows of the reference
    synthetic: str  # name of the rows under test
    synthetic_rows: int  # number of rows under test
    made_by: Mapping[str, str]  # model and settings, when it is a run; by label
    compared: tuple[int, int]  # how many real rows and how many synthetic rows the scores compare
    splits: str  # what the real rows compared with were used for before: one or two sentences
    encoder: str  # the encoder's name, or "" when there was none
    count: Count  # rows asked for and returned
    overall: Answer  # whether the rows can be used, and why not; first in every form of the report
    answers: tuple[Answer, ...]  # the three questions and their answers
    scores: tuple[Score, ...]  # every score, also those that could not be computed
    findings: tuple[Finding, ...]  # the most severe first
    pictures: Pictures = field(default_factory=Pictures)  # the data of the pictures
    notes: tuple[str, ...] = ()  # what else the reader must know, one sentence each
    # Target and achieved values of each control, when it is a run measured against its own reference
    controls: tuple[Outcome, ...] = ()
    created: str = ""  # ISO 8601, local time with offset
    version: str = ""  # of SynGen

    def __getitem__(self, name: str) -> Score:
        """Return a score by name, such as "c2st_embedding", or "total_variation:rating" for one of a column.

        Raises:
            KeyError: There is no score of that name.
        """
        for score in self.scores:
            if name in (score.name if not score.column else f"{score.name}:{score.column}", score.name):
                return score
        raise KeyError(name)
