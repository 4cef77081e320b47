"""The closed loop: what came is measured, and what is asked for next, and what is taken, follows from it.

Four simple controllers, each of which a reader can follow by hand; `--no-steer` leaves all of them out.

- **Correction.** Of short, middling and long texts the mean of log(words measured / words asked) is kept, a moving
  one; the next texts are asked for that much longer or shorter. Of grades the same, as a difference. (An integral
  controller: it removes a bias, whatever its cause, and none of the scatter.)
- **Placing.** A text that misses its slot's length or grade is placed where it fits: its slot takes the targets of
  another open slot, which takes these in return; or sentences at its end are left out. Only what fits nowhere
  is rejected, and after `PATIENCE` attempts taken all the same, at the target it is nearest to: the number of rows is
  the first promise.
- **Coverage.** A slot whose topic has come often enough already is asked for with the topic that lacks most, which
  the rows it is shown are of.
- **Openings and heat.** No opening of four words is taken more often than the commonest real one; those that are
  common are named in the prompts. When repetitions come, the temperature rises by a little, when broken texts
  come, it falls.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from syngen import controls
from syngen.plan import Plan, labels
from syngen.prompts import PromptContext
from syngen.text.attributes import attributes
from syngen.text.format import number
from syngen.text.words import beginnings, count_words, grade, opening
from syngen.types import Reference, Rejected, Slot, TextTarget, Value, generator

PATIENCE = 4  # attempts at a slot, after which a text is taken though it fits nowhere
RATE = 0.15  # of the moving means
MOST_RATIO, MOST_GRADES = 2.5, 8.0  # what a correction may come to
ELSEWHERE, IN_FLIGHT, OTHER_LABELS, SHORTENED = 0.05, 0.2, 0.2, 0.1  # what a placement costs beside the miss
OPENING = 4  # words
OFF_TARGET, COMMON_OPENING = "off_target", "common_opening"  # reasons for which a text is not taken
WINDOW, STEP, MOST_HEAT = 40, 0.02, 0.2
REPEATED, BROKEN = 0.1, 0.3  # shares of a window that raise and lower the temperature
_REPETITIONS = {"duplicate", "near_duplicate", "common_opening", "copied_shown"}


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a text goes.

    Attributes:
        target: Index of the slot whose length and grade it has.
        text: The text, or its first sentences.
    """

    target: int
    text: str


class Controller:
    """The state of the loop for a planned run.

    Args:
        brief: Its strategies say which knobs are steered.
        plan: The slots; their order is that of the plan.
    """

    def __init__(self, brief: PromptContext, plan: Plan) -> None:
        reference = brief.reference
        self._main = reference.profile.main_text.name
        self._length = "length" in brief.strategies
        self._graded = "complexity" in brief.strategies
        self._diverse = "diversity" in brief.strategies
        targets = plan.frame["texts"].struct.field(self._main)
        words, grades = (
            targets.struct.field(f).cast(float).fill_null(np.nan).to_numpy() for f in ("words", "grade")
        )
        self._words: npt.NDArray[np.float64] = words
        self._grades: npt.NDArray[np.float64] = grades
        self._target = np.arange(len(plan))  # of each slot, the slot whose length and grade it is asked for
        self._owner = np.arange(len(plan))  # the other way round
        self._open = ~np.isnan(words)
        self._flying = np.zeros(len(plan), bool)
        self._asked: dict[int, TextTarget] = {}  # of the slots in flight, as their prompts put it
        self._labels = labels(reference)[plan.frame["donor"].to_numpy()]  # which slots have from their donors
        self._edges = np.nanquantile(words, [1 / 3, 2 / 3]) if self._open.any() else np.array([0.0, 0.0])
        self._grade_edges = _thirds(grades)
        self._ratio, self._off = [0.0] * 3, [0.0] * 3
        self._recent: deque[str] = deque(maxlen=WINDOW)
        self.heat = 0.0
        if self._diverse:
            self._begin_coverage(brief, targets.struct.field("topic").fill_null(-1).to_numpy())

    @property
    def places(self) -> bool:
        """Whether texts are held to their targets."""
        return self._length or self._graded

    # ------------------------------------------------------------------------------------ asking
    def wanted(self, slot: Slot) -> Slot:
        """The slot with the length and grade that are its own by now."""
        target = slot.texts.get(self._main)
        if target is None or not self.places:
            return slot
        at = int(self._target[slot.index])
        value = self._grades[at]
        changed = replace(
            target, words=int(self._words[at]), grade=None if math.isnan(value) else float(value)
        )
        return _with(slot, self._main, changed)

    def ask(self, slot: Slot) -> Slot:
        """The slot as the prompt is to put it, corrected by what is known of the model; it counts as in flight."""
        self._flying[slot.index] = True
        slot = self.wanted(slot)
        target = slot.texts.get(self._main)
        if target is None:
            return slot
        if self._length:
            ratio = _within(
                math.exp(-self._ratio[_third(target.words, self._edges)]), 1 / MOST_RATIO, MOST_RATIO
            )
            target = replace(target, words=max(1, round(target.words * ratio)))
        if self._graded and target.grade is not None:
            off = self._off[_third(target.grade, self._grade_edges)]
            asked = target.grade - _within(off, -MOST_GRADES, MOST_GRADES)
            target = replace(target, grade=round(_within(asked, controls.LOWEST, controls.HARDEST), 1))
        if self._diverse:
            target = self._cover(slot, target)
        self._asked[slot.index] = target
        return _with(slot, self._main, target)

    def _cover(self, slot: Slot, target: TextTarget) -> TextTarget:
        """The target with a topic that still lacks texts, and the openings that are common already."""
        often = min(self._most_alike, max(2, self._most_alike - 1))  # no more of it are taken, or only one
        common = (words for words, n in self._openings.most_common(3) if n >= often)
        target = replace(target, avoid=tuple(common))
        lack = self._lack
        if target.topic is None or target.topic < 0 or lack[target.topic] > 0 or not (lack > 0).any():
            return target
        topic = int(lack.argmax())
        rows = self._rows_of[topic]
        row = int(rows[generator(slot.seed, "cover", int(self._topics_got.sum())).integers(len(rows))])
        return replace(target, topic=topic, aspects=self._found.aspects[row])

    # ------------------------------------------------------------------------------------ placing
    def place(self, slot: Slot, text: str, attempt: int) -> Placed | tuple[str, str]:
        """Where a text that came for a slot goes; the reason and a sentence why nowhere.

        Args:
            slot: As it was asked for.
            attempt: Calls made for the slot before this one.
        """
        if self._diverse and attempt < PATIENCE and self._openings[_opening(text)] >= self._most_alike:
            return COMMON_OPENING, f"{self._most_alike} rows begin with “{_opening(text)}” already."
        if not self.places or self._main not in slot.texts:
            return Placed(int(self._target[slot.index]), text)
        best: tuple[float, float, Placed] | None = None
        for step, head in enumerate([text, *(beginnings(text) if self._length else ())]):
            words, level = count_words(head), grade(head)
            misses = self._misses(words, level)
            own = self._target[slot.index]
            costs = misses + ELSEWHERE + IN_FLIGHT * self._flying[self._owner]
            costs += OTHER_LABELS * (self._labels != self._labels[slot.index])
            costs[own] = misses[own]
            costs = np.where(self._open[self._owner], costs, np.inf) + (SHORTENED if step else 0.0)
            fits = np.where(misses <= 1.0, costs, np.inf)
            chosen = int((fits if np.isfinite(fits).any() else costs).argmin())
            rank = (float(max(misses[chosen] - 1.0, 0.0)), float(costs[chosen]))
            if best is None or rank < best[:2]:
                best = (*rank, Placed(chosen, head))
            if rank[0] == 0 and chosen == own and not step:
                break
        if best is None or (best[0] and attempt < PATIENCE):
            detail = f"{count_words(text)} words and grade {number(grade(text))} fit no open slot."
            return OFF_TARGET, detail
        return best[2]

    def _misses(self, words: int, level: float | None) -> npt.NDArray[np.float64]:
        """How far a text is off each target, in units of what it may be."""
        misses = np.zeros(len(self._words))
        if self._length:
            allowed = np.maximum(controls.WITHIN * self._words, controls.WITHIN_WORDS)
            misses = np.abs(words - self._words) / allowed
        if self._graded and level is not None:
            misses = np.fmax(misses, np.abs(level - self._grades) / controls.GRADES_OFF)
        return np.where(np.isnan(misses), np.inf, misses)

    # ------------------------------------------------------------------------------------ learning
    def measured(self, index: int, text: str) -> None:
        """Learn how the text that came for a slot differs from what was asked for, whether it is taken or not."""
        target = self._asked.get(index)
        if target is None:
            return
        words, level = count_words(text), grade(text)
        if words:
            at = _third(target.words, self._edges)
            self._ratio[at] += RATE * (math.log(words / target.words) - self._ratio[at])
        if level is not None and target.grade is not None:
            at = _third(target.grade, self._grade_edges)
            self._off[at] += RATE * (level - target.grade - self._off[at])

    def take(self, index: int, target: int, text: str | None) -> None:
        """A row was accepted for a slot, with the length and grade of `target`."""
        other, own = self._owner[target], self._target[index]
        self._target[other], self._target[index] = own, target
        self._owner[own], self._owner[target] = other, index
        self._open[index] = False
        if self._diverse and text is not None:
            self._openings[_opening(text)] += 1
            topic = int(self._found.topics_of([text])[0])
            if topic >= 0:
                self._topics_got[topic] += 1

    def back(self, index: int, rejected: Rejected | None) -> None:
        """A slot is no longer in flight: its row was accepted, or why not."""
        self._flying[index] = False
        self._asked.pop(index, None)
        if not self._diverse:
            return
        self._recent.append(_kind(rejected))
        if len(self._recent) == WINDOW:
            repeated, broken = (self._recent.count(kind) / WINDOW for kind in ("repeated", "broken"))
            if broken > BROKEN:
                self.heat = max(-MOST_HEAT, round(self.heat - STEP, 2))
            elif repeated > REPEATED:
                self.heat = min(MOST_HEAT, round(self.heat + STEP, 2))
            if broken > BROKEN or repeated > REPEATED:
                self._recent.clear()

    def resume(self, rows: Sequence[tuple[int, int, Mapping[str, Value]]]) -> None:
        """Take the rows accepted before into account, in the order they came."""
        for index, target, values in rows:
            self.take(index, target, values.get(self._main))

    # ------------------------------------------------------------------------------------ coverage
    def _begin_coverage(self, brief: PromptContext, topics: npt.NDArray[np.int64]) -> None:
        reference = brief.reference
        self._found = attributes(reference, self._main)
        self._topics_wanted = np.bincount(topics[topics >= 0], minlength=self._found.topics)
        self._topics_got = np.zeros(self._found.topics, np.int64)
        train = reference.train
        self._rows_of = [train[self._found.topic[train] == t] for t in range(self._found.topics)]
        self._openings: Counter[str] = Counter()
        self._most_alike = most_alike(reference, self._main, len(topics), brief.diversity)

    @property
    def _lack(self) -> npt.NDArray[np.int64]:
        """By topic how many texts are wanted beyond those that came and those in flight."""
        topics = [t.topic for t in self._asked.values() if t.topic is not None and t.topic >= 0]
        asked = np.bincount(topics, minlength=len(self._topics_wanted))
        lack: npt.NDArray[np.int64] = self._topics_wanted - self._topics_got - asked
        return lack


def most_alike(reference: Reference, column: str, n: int, diversity: float | None) -> int:
    """How many of n texts may begin with the same four words: as the commonest real opening, at high diversity less."""
    texts = reference.frame[column].gather(reference.train).drop_nulls().to_list()
    counts = Counter(_opening(text) for text in texts if count_words(text) >= OPENING)
    share = max(counts.values(), default=1) / max(1, len(texts))
    level = controls.MIDDLE if diversity is None else diversity
    return max(1, round(share * n * (1.5 - level)))


def _opening(text: str) -> str:
    return opening(text, OPENING)


def _with(slot: Slot, name: str, target: TextTarget) -> Slot:
    return replace(slot, texts={**slot.texts, name: target})


def _thirds(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.array([0.0, 0.0]) if np.isnan(values).all() else np.nanquantile(values, [1 / 3, 2 / 3])


def _third(value: float, edges: npt.NDArray[np.float64]) -> int:
    return int(value > edges[0]) + int(value > edges[1])


def _kind(rejected: Rejected | None) -> str:
    """What a temperature has to do with: a repetition, a broken text, or neither."""
    if rejected is None or rejected.reason == OFF_TARGET:
        return ""
    return "repeated" if rejected.reason in _REPETITIONS else "broken"


def _within(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
