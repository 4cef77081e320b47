"""The closed loop: measure what a model returns, then correct what is asked for next and decide what is accepted.

Three calls per slot: `ask` before its request, `receive` for each candidate, `settle` when its outcome is known.
Behind them are four simple controllers; `--no-steer` turns all of them off.

- **Correction.** For short, medium and long texts the moving mean of log(words achieved / words asked) is kept; the
  next texts are asked for that much longer or shorter. Grades are corrected the same way, by a difference. (An
  integral controller: it removes a bias, whatever its cause, and none of the scatter.)
- **Placing.** A text that misses its slot's length or grade is placed where it fits: its slot takes the targets of
  another open slot, which takes these in return; or sentences at its end are left out. Only what fits nowhere is
  rejected, and after `PATIENCE` attempts accepted all the same, at the nearest target: the number of rows comes first.
- **Coverage.** A slot whose topic has been covered already is asked for with the topic that lacks most.
- **Openings and heat.** No opening of four words is accepted more often than the most common real one; common ones
  are named in the prompts. Repetitions raise the temperature a little, broken texts lower it.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from syngen import controls
from syngen.plan import labels
from syngen.prompts import PromptContext
from syngen.text.attributes import Attributes, attributes
from syngen.text.format import number
from syngen.text.words import beginnings, count_words, grade, opening
from syngen.types import Candidate, Plan, Reference, Rejected, Row, Slot, TextTarget, Value, generator

PATIENCE = 4  # attempts at a slot, after which a text is accepted though it fits nowhere
RATE = 0.15  # of the moving means
MOST_RATIO, MOST_GRADES = 2.5, 8.0  # largest corrections
ELSEWHERE, IN_FLIGHT, OTHER_LABELS, SHORTENED = 0.05, 0.2, 0.2, 0.1  # costs of a placement besides the miss
OPENING = 4  # words
OFF_TARGET, COMMON_OPENING = "off_target", "common_opening"  # reasons for which a text is rejected
TEXT_SHORTENED = "text.shortened"  # the note of a row whose last sentences were left out
WINDOW, STEP, MOST_HEAT = 40, 0.02, 0.2
REPEATED, BROKEN = 0.1, 0.3  # shares of a window that raise and lower the temperature
_REPETITIONS = {"duplicate", "near_duplicate", "common_opening", "copied_shown"}

Floats = npt.NDArray[np.float64]


class Controller:
    """The state of the loop for a planned run.

    Args:
        context: Its strategies say which controls are steered.
        plan: The slots.
        steer: False: every slot is asked for as planned, every candidate stays where it is.
        accepted: The rows accepted before, in the order they came: slot, slot whose targets it has, values.

    Attributes:
        heat: What to add to the temperature.
    """

    def __init__(
        self,
        context: PromptContext,
        plan: Plan,
        *,
        steer: bool = True,
        accepted: Iterable[tuple[int, int, Mapping[str, Value]]] = (),
    ) -> None:
        reference, strategies = context.reference, context.strategies if steer else ()
        self._main = reference.profile.main
        self._length = "length" in strategies
        self._graded = "complexity" in strategies
        self._diverse = "diversity" in strategies
        self._places = self._length or self._graded
        targets = plan.targets(self._main)
        self._words: Floats = targets["words"].to_numpy()
        self._grades: Floats = targets["grade"].to_numpy()
        self._tolerances = controls.tolerance(self._words)
        self._open = ~np.isnan(self._words)
        self._target = np.arange(len(plan))  # of each slot, the slot whose length and grade it is asked for
        self._owner = np.arange(len(plan))  # the inverse
        self._in_flight = np.zeros(len(plan), bool)
        self._asked: dict[int, TextTarget] = {}  # of the slots in flight, as their prompts state it
        self._labels = labels(reference)[plan.frame["donor"].to_numpy()]
        self._word_bounds, self._grade_bounds = _thirds(self._words), _thirds(self._grades)
        self._ratio, self._offset = [0.0] * 3, [0.0] * 3  # of achieved words (a logarithm) and grades
        self._recent: deque[str] = deque(maxlen=WINDOW)
        self.heat = 0.0
        if self._diverse:
            topics = targets["topic"].to_numpy()[self._open]
            self._coverage = _Coverage(reference, self._main, topics, context.diversity)
        for index, target, values in accepted:
            self._take(index, target, values.get(self._main))

    # ------------------------------------------------------------------------------------ ask
    def ask(self, slots: Sequence[Slot]) -> tuple[list[Slot], list[Slot]]:
        """Decide what to ask for; the slots count as in flight until they are settled.

        Returns:
            The slots with the targets that the prompt states, corrected by what is known of the model; the slots
            with the targets that they have now.
        """
        asked, own = [], []
        for slot in slots:
            self._in_flight[slot.index] = True
            target = slot.texts.get(self._main)
            if target is None:
                asked.append(slot)
                own.append(slot)
                continue
            if self._places:
                at = int(self._target[slot.index])
                level = float(self._grades[at])
                grade_there = None if math.isnan(level) else level
                target = replace(target, words=int(self._words[at]), grade=grade_there)
            own.append(slot.with_target(self._main, target))
            self._asked[slot.index] = target = self._corrected(target, slot)
            asked.append(slot.with_target(self._main, target))
        return asked, own

    def _corrected(self, target: TextTarget, slot: Slot) -> TextTarget:
        """Return the target to state in a prompt so that the model is likely to meet this one."""
        if self._length:
            ratio = math.exp(-self._ratio[_third(target.words, self._word_bounds)])
            words = target.words * _clip(ratio, 1 / MOST_RATIO, MOST_RATIO)
            target = replace(target, words=max(1, round(words)))
        if self._graded and target.grade is not None:
            offset = self._offset[_third(target.grade, self._grade_bounds)]
            level = target.grade - _clip(offset, -MOST_GRADES, MOST_GRADES)
            target = replace(target, grade=round(_clip(level, controls.LOWEST, controls.HARDEST), 1))
        if self._diverse:
            target = self._coverage.adjusted(target, slot.seed, self._asked.values())
        return target

    # ------------------------------------------------------------------------------------ receive
    def receive(self, slot: Slot, candidate: Candidate, attempt: int) -> tuple[int, Candidate] | Rejected:
        """Learn from a candidate, then decide where it goes.

        Args:
            slot: The slot it was written for, as planned.
            attempt: Calls made for the slot before this one.

        Returns:
            The index of the slot whose targets it meets, and the candidate, perhaps shortened to its first
            sentences; or a reject because it fits nowhere or opens like too many others.
        """
        text = candidate.values.get(self._main)
        if not isinstance(text, str):
            return slot.index, candidate
        words, level = (count_words(text), grade(text)) if self._places else (0, None)
        self._learn(slot.index, words, level)
        if self._diverse and attempt < PATIENCE and self._coverage.is_common(text):
            detail = f"{self._coverage.most_alike} rows begin with “{_opening(text)}” already."
            return Rejected("valid", COMMON_OPENING, candidate.raw, detail, slot.index)
        if not self._places or self._main not in slot.texts:
            return int(self._target[slot.index]), candidate
        miss, at, head = self._best_place(slot.index, text, words, level)
        if miss and attempt < PATIENCE:
            detail = f"{words} words and grade {number(level)} fit no open slot."
            return Rejected("valid", OFF_TARGET, candidate.raw, detail, slot.index)
        if head != text:
            values = {**candidate.values, self._main: head}
            candidate = replace(candidate, values=values, notes=(*candidate.notes, TEXT_SHORTENED))
        return at, candidate

    def _learn(self, index: int, words: int, level: float | None) -> None:
        target = self._asked.get(index)
        if target is not None and words:
            at = _third(target.words, self._word_bounds)
            self._ratio[at] += RATE * (math.log(words / target.words) - self._ratio[at])
        if target is not None and level is not None and target.grade is not None:
            at = _third(target.grade, self._grade_bounds)
            self._offset[at] += RATE * (level - target.grade - self._offset[at])

    def _best_place(self, index: int, text: str, words: int, level: float | None) -> tuple[float, int, str]:
        """Find the open target that a text, or its first sentences, fits best at the lowest cost.

        Returns:
            How far it misses the tolerance (0 when it fits), the slot whose target it is, the text.
        """
        own = self._target[index]
        extra = ELSEWHERE + IN_FLIGHT * self._in_flight[self._owner]
        extra += OTHER_LABELS * (self._labels != self._labels[index])
        extra[own] = 0.0
        extra[~self._open[self._owner]] = np.inf
        best = math.inf, math.inf, int(own), text
        for shortened, head in enumerate((text, *(beginnings(text) if self._length else ()))):
            if shortened:
                words, level = count_words(head), grade(head)
            misses = self._misses(words, level)
            costs = misses + extra + (SHORTENED if shortened else 0.0)
            fits = np.where(misses <= 1.0, costs, np.inf)
            at = int(fits.argmin())
            if not np.isfinite(fits[at]):
                at = int(costs.argmin())
            miss, cost = float(max(misses[at] - 1.0, 0.0)), float(costs[at])
            if (miss, cost) < best[:2]:
                best = miss, cost, at, head
            if not miss and at == own and not shortened:
                break
        return best[0], *best[2:]

    def _misses(self, words: int, level: float | None) -> Floats:
        """By how much a text misses each target, as a multiple of the tolerance."""
        misses = np.zeros(len(self._words))
        if self._length:
            misses = np.abs(words - self._words) / self._tolerances
        if self._graded and level is not None:
            misses = np.fmax(misses, np.abs(level - self._grades) / controls.GRADE_TOLERANCE)
        return np.where(np.isnan(misses), np.inf, misses)

    # ------------------------------------------------------------------------------------ settle
    def settle(self, index: int, result: Row | Rejected) -> None:
        """Close a slot with the row that was accepted for it, or free it for another attempt."""
        self._in_flight[index] = False
        self._asked.pop(index, None)
        if isinstance(result, Row):
            target = index if result.target is None else result.target
            self._take(index, target, result.values.get(self._main))
        if not self._diverse:
            return
        reason = OFF_TARGET if isinstance(result, Row) else result.reason  # neither is for the temperature
        self._recent.append(
            "" if reason == OFF_TARGET else "repeated" if reason in _REPETITIONS else "broken"
        )
        if len(self._recent) == WINDOW:
            repeated, broken = (self._recent.count(kind) / WINDOW for kind in ("repeated", "broken"))
            if broken > BROKEN:
                self.heat = max(-MOST_HEAT, round(self.heat - STEP, 2))
            elif repeated > REPEATED:
                self.heat = min(MOST_HEAT, round(self.heat + STEP, 2))
            if broken > BROKEN or repeated > REPEATED:
                self._recent.clear()

    def _take(self, index: int, target: int, text: Value) -> None:
        """Close a slot, which has the length and grade of `target`; the owner of these takes its own in return."""
        other, own = self._owner[target], self._target[index]
        self._target[other], self._target[index] = own, target
        self._owner[own], self._owner[target] = other, index
        self._open[index] = False
        if self._diverse and isinstance(text, str):
            self._coverage.count(text)


class _Coverage:
    """Which topics a run still lacks, and which openings it has too often.

    Args:
        topics: The topic planned for each slot with a text, -1 where there is none.
        diversity: The level requested.
    """

    def __init__(
        self, reference: Reference, column: str, topics: npt.NDArray[np.int64], diversity: float | None
    ) -> None:
        self._found: Attributes = attributes(reference, column)
        train = reference.train
        self._rows = [train[self._found.topic[train] == topic] for topic in range(self._found.topics)]
        self._planned = np.bincount(topics[topics >= 0], minlength=self._found.topics)
        self._achieved = np.zeros(self._found.topics, np.int64)
        self._openings: Counter[str] = Counter()
        self.most_alike = most_alike(reference, column, len(topics), diversity)

    def is_common(self, text: str) -> bool:
        """Whether no more texts may open like this one."""
        return self._openings[_opening(text)] >= self.most_alike

    def count(self, text: str) -> None:
        self._openings[_opening(text)] += 1
        topic = int(self._found.topics_of([text])[0])
        if topic >= 0:
            self._achieved[topic] += 1

    def adjusted(self, target: TextTarget, seed: int, in_flight: Iterable[TextTarget]) -> TextTarget:
        """Return the target with a topic that still lacks texts, and with the openings to avoid."""
        often = min(self.most_alike, max(2, self.most_alike - 1))  # no more are accepted, or only one
        common = tuple(words for words, n in self._openings.most_common(3) if n >= often)
        target = replace(target, avoid=common)
        asked = [t.topic for t in in_flight if t.topic is not None and t.topic >= 0]
        lack = self._planned - self._achieved - np.bincount(asked, minlength=len(self._planned))
        if target.topic is None or target.topic < 0 or lack[target.topic] > 0 or not (lack > 0).any():
            return target
        topic = int(lack.argmax())
        rows = self._rows[topic]
        row = int(rows[generator(seed, "cover", int(self._achieved.sum())).integers(len(rows))])
        return replace(target, topic=topic, aspects=self._found.aspects[row])


def most_alike(reference: Reference, column: str, n: int, diversity: float | None) -> int:
    """Return how many of n texts may begin with the same four words: as many as in real texts, fewer at high diversity."""
    texts = reference.frame[column].gather(reference.train).drop_nulls().to_list()
    counts = Counter(_opening(text) for text in texts if count_words(text) >= OPENING)
    share = max(counts.values(), default=1) / max(1, len(texts))
    level = controls.MIDDLE if diversity is None else diversity
    return max(1, round(share * n * (1.5 - level)))


def _opening(text: str) -> str:
    return opening(text, OPENING)


def _thirds(values: Floats) -> Floats:
    return np.zeros(2) if np.isnan(values).all() else np.nanquantile(values, [1 / 3, 2 / 3])


def _third(value: float, bounds: Floats) -> int:
    return int(value > bounds[0]) + int(value > bounds[1])


def _clip(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
