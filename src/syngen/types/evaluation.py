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
Family = Literal["count", "drift", "similarity", "utility", "diversity", "privacy", "knobs"]
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
    """The same score between disjoint parts of the real rows, of the same sizes.

    Attributes:
        mean: Over the draws.
        low: Lower end of the range that 95 % of real-vs-real scores lie in.
        high: Upper end of it.
        limit: Beyond it (in the bad direction; for "match" on the side the value lies) a score is
            worse than real, at a family-wise error rate of 1 % over all scores.
        draws: How many real-vs-real scores it was made from.
    """

    mean: float
    low: float
    high: float
    limit: float
    draws: int


@dataclass(frozen=True, slots=True)
class Score:
    """One measure of one column, or of the whole table.

    Attributes:
        name: The measure, such as "total_variation".
        family: Which question it helps to answer.
        column: The column, two columns joined by " × ", or "" for the whole table.
        value: None when it can't be computed; `why_not` then says why.
        n: Synthetic rows it was computed on.
        n_real: Real rows it was compared with.
        ci: 95 % interval over model calls (over rows where the calls are not known).
        floor: The same between real rows.
        judgement: The verdict as a code.
        verdict: The verdict in words, such as "indistinguishable at n = 500".
        direction: Whether lower or higher is better, or the real value should be matched.
        bounds: Smallest and largest value it can have.
        source: Where the formula is from.
        why_not: Why it can't be computed; else empty.
        title: Its name in words.
        explanation: What it measures, in a sentence or two.
        percent: Its values are written as percentages.
    """

    name: str
    family: Family
    column: str
    value: float | None
    n: int
    n_real: int
    ci: tuple[float, float] | None
    floor: Floor | None
    judgement: Judgement
    verdict: str
    direction: Direction
    bounds: tuple[float, float]
    source: str
    why_not: str = ""
    title: str = ""
    explanation: str = ""
    percent: bool = False

    @property
    def floor_band(self) -> tuple[float, float] | None:
        """The range that 95 % of real-vs-real scores lie in."""
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
    """A fault that a careful reader of the rows would report.

    Attributes:
        code: Such as "rows.duplicate"; see `syngen.evaluation.findings`.
        column: The column it is about, or "".
        rows: Row numbers from 1, as the rows stand in the table or the reply; may be empty.
        detail: One sentence.
        severity: "error" (don't use the rows as they are), "warning", or "note" (how they were read).
    """

    code: str
    column: str
    rows: tuple[int, ...]
    detail: str
    severity: Severity = "warning"


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows were asked for and how many were returned.

    Attributes:
        asked: Rows asked for; None when that is not known.
        returned: Rows that could be read, in whatever state; of a run, rows accepted.
        complete: Of these, rows with a cell for every column, before any repair.
        valid: Of the complete ones, rows whose cells their columns can hold.
        accuracy: min(asked, complete) / max(asked, complete); None when asked is not known.
        native_accuracy: The same as the model itself delivered it, per call, before any refill; runs only.
        ledger: The run's ledger; None for other tables.
    """

    asked: int | None
    returned: int
    complete: int
    valid: int
    accuracy: float | None
    native_accuracy: float | None = None
    ledger: Ledger | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question.

    Attributes:
        question: Such as "Did it stay on the category?".
        level: "good", "warning", "bad" or "unknown".
        headline: The answer in a few words.
        detail: The numbers it rests on, a sentence or two.
    """

    question: str
    level: Literal["good", "warning", "bad", "unknown"]
    headline: str
    detail: str


# ------------------------------------------------------------------- the data behind the pictures
@dataclass(frozen=True, slots=True)
class Distribution:
    """The distribution of one column in real and synthetic rows.

    Attributes:
        title: For people, such as "rating" or "text: words".
        column: The column it is of.
        kind: "discrete" (bars by label) or "numeric" (bars between edges).
        labels: Discrete: the labels, the rarest joined as "other".
        edges: Numeric: bin edges, one more than shares; for times seconds since 1970 UTC.
        real: Share of real rows by label or bin.
        synthetic: Share of synthetic rows.
        low: Lower end of where 95 % of real samples of that size would lie.
        high: Upper end.
        time: The edges are points in time.
    """

    title: str
    column: str
    kind: Literal["discrete", "numeric"]
    labels: tuple[str, ...]
    edges: tuple[float, ...]
    real: tuple[float, ...]
    synthetic: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    time: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """One row on the map of texts."""

    x: float
    y: float
    side: Side
    row: int
    text: str
    label: str = ""  # its category or rating, when there is one


@dataclass(frozen=True, slots=True)
class Confusion:
    """Confusion matrices of a classifier trained on real rows.

    Attributes:
        column: The column predicted from the text.
        labels: The classes, most common first.
        real: Row-normalised matrix (true × predicted) of real rows the classifier did not see.
        synthetic: The same of synthetic rows.
    """

    column: str
    labels: tuple[str, ...]
    real: tuple[tuple[float, ...], ...]
    synthetic: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """Share of rows on the category over the course of a run.

    Attributes:
        title: Such as "by position in the call".
        x: Middle of each bin.
        y: Mean share of rows on the category in the bin.
        low: Lower end of the 95 % interval of the mean.
        high: Upper end.
        real: The same for real rows.
    """

    title: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    real: float


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A suspicious row and the real row nearest to it.

    Attributes:
        row: Row number of the synthetic row.
        text: The synthetic row's text.
        real_row: Row number in the reference.
        real_text: The real row's text.
        similarity: Cosine of the two embeddings, or share of words in common without an encoder.
        shared: Runs of words both have, longest first, as they stand in `text`.
        why: Why it is shown, such as "longest span copied" or "furthest from any real row".
    """

    row: int
    text: str
    real_row: int
    real_text: str
    similarity: float
    shared: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Pictures:
    """The data of a report's pictures; what could not be drawn is empty."""

    distributions: tuple[Distribution, ...] = ()
    points: tuple[Point, ...] = ()
    map_note: str = ""  # how the map was made, or why there is none
    confusions: tuple[Confusion, ...] = ()
    curves: tuple[Curve, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    funnel: Mapping[str, int] = field(default_factory=dict)  # asked → returned → … → accepted


# ------------------------------------------------------------------- the controls of a run
@dataclass(frozen=True, slots=True)
class Spread:
    """The distribution of a number.

    Attributes:
        n: Texts that have it.
        quantiles: At 5, 25, 50, 75 and 95 %.
        shares: Of the texts in each bin, see `ControlOutcome.edges`; the first and last hold those beyond the bins.
    """

    n: int
    quantiles: tuple[float, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ControlOutcome:
    """Reference, target and achieved distribution of a control: length or complexity.

    Attributes:
        setting: As the user wrote it.
        unit: What is counted: "words" or "grade" (Flesch-Kincaid).
        asked: Whether a strategy asks for it; otherwise it is planned, but not in the prompt.
        steered: Whether closed-loop correction keeps the rows to it.
        edges: Of the bins of all three distributions, one more than shares.
        real: The real rows that may be drawn; None when no text has such a number.
        wanted: The target.
        got: The run's rows; None before there are any.
        ks: Kolmogorov-Smirnov distance between achieved and target.
        within: Share of the rows that keep to their own target: within 10 % (3 words when short), or 1.5 grades.
        correlation: Spearman's rank correlation between each row's target and its value.
        why_not: Why a number above is None when there is a run; else empty.
    """

    knob: Literal["length", "complexity"]
    setting: str
    unit: Literal["words", "grade"]
    asked: bool
    steered: bool
    edges: tuple[float, ...]
    real: Spread | None
    wanted: Spread | None
    got: Spread | None = None
    ks: float | None = None
    within: float | None = None
    correlation: float | None = None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Diversity:
    """One measure of diversity.

    Attributes:
        name: "topics" (effective number: the exponential of the entropy of their shares),
            "distinct_openings_share" (distinct openings of four words ÷ texts with one), or a score of
            `syngen.evaluation.metrics.diversity`.
        more_varied: Whether more diverse texts have higher or lower values.
        real: Mean over samples of as many real rows.
        wanted: The target; None where the control only sets `DiversityOutcome.aim`.
        got: Of the run's rows; None before there are any.
    """

    name: str
    more_varied: Literal["higher", "lower"]
    real: float | None
    wanted: float | None = None
    got: float | None = None


@dataclass(frozen=True, slots=True)
class DiversityOutcome:
    """Reference, target and achieved numbers of the diversity control.

    Attributes:
        setting: As the user wrote it.
        asked: Always true: it is reported only where a strategy asks for it.
        steered: Whether closed-loop correction keeps the rows to it.
        aim: The target of the numbers: "as real", "at or beyond real", or "below real".
        n: Texts of each side that the numbers are computed on.
        numbers: The measures.
        why_not: Why there is no `got` when there is a run; else empty.
    """

    knob: Literal["diversity"]
    setting: str
    asked: bool
    steered: bool
    aim: Literal["as real", "at or beyond real", "below real"]
    n: int
    numbers: tuple[Diversity, ...]
    why_not: str = ""


Outcome = ControlOutcome | DiversityOutcome


# ------------------------------------------------------------------- everything together
@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Everything an evaluation found, as plain data; `syngen.report.Report` also writes it.

    Attributes:
        real: Name of the reference.
        real_rows: Rows of the reference.
        synthetic: Name of the rows under test.
        synthetic_rows: Number of rows under test.
        made_by: Model and settings, when it is a run; by label.
        compared: How many real rows and how many synthetic rows the scores compare.
        splits: What the real rows compared with were used for before: one or two sentences.
        encoder: The encoder's name, or "" when there was none.
        count: Rows asked for and returned.
        overall: Whether the rows can be used, and why not; first in every form of the report.
        answers: The three questions and their answers.
        scores: Every score, also those that could not be computed.
        findings: The most severe first.
        pictures: The data of the pictures.
        notes: What else the reader must know, one sentence each.
        knobs: Target and achieved values of each control, when it is a run measured against its own reference.
        created: ISO 8601, local time with offset.
        version: Of SynGen.
    """

    real: str
    real_rows: int
    synthetic: str
    synthetic_rows: int
    made_by: Mapping[str, str]
    compared: tuple[int, int]
    splits: str
    encoder: str
    count: Count
    overall: Answer
    answers: tuple[Answer, ...]
    scores: tuple[Score, ...]
    findings: tuple[Finding, ...]
    pictures: Pictures = field(default_factory=Pictures)
    notes: tuple[str, ...] = ()
    knobs: tuple[Outcome, ...] = ()
    created: str = ""
    version: str = ""

    def __getitem__(self, name: str) -> Score:
        """Return a score by name, such as "c2st_embedding", or "total_variation:rating" for one of a column.

        Raises:
            KeyError: There is no score of that name.
        """
        for score in self.scores:
            if name in (score.name if not score.column else f"{score.name}:{score.column}", score.name):
                return score
        raise KeyError(name)
