"""The closed loop: what came is measured, what is asked and taken follows from it, and N stays N."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.stats import spearmanr
from scribes import Scribe, answer, model, obeys, ordering, orders, prose, steps_apart
from test_generate import adds_up

import syngen
from syngen.config import RunConfig
from syngen.engine.controller import COMMON_OPENING, OFF_TARGET, PATIENCE, Controller, most_alike
from syngen.engine.native import NativeController
from syngen.models.providers.function import FunctionModel
from syngen.plan import make_plan
from syngen.prompts import prompt_context
from syngen.store import Journal
from syngen.text.attributes import attributes
from syngen.text.words import count_words, grade, opening
from syngen.types import Candidate, Plan, Reference, Rejected, Request, Row, Slot, TextTarget
from writing import sentence, write

BOTH = ("length", "complexity")


def targets(run: Any) -> pl.DataFrame:
    """Words and grade that the plan wants, slot by slot."""
    return Plan.open(run.path / "plan.parquet").frame["texts"].struct.field("text").struct.unnest()


def half(chance: random.Random, order: dict[str, Any]) -> str:
    """Ignores every other order: then short and simple. What it does follow comes out a third too short."""
    if chance.random() < 0.5:
        return prose(chance, round(chance.lognormvariate(2.6, 0.6)), chance.gauss(3, 2))
    return prose(chance, round(order["words"] * 0.67), order["grade"])


# ------------------------------------------------------------------------------------ with and without the loop
def test_without_the_loop_lengths_and_grades_match_worse(reference: Reference) -> None:
    off, alike = {}, {}
    for steer in (True, False):
        run = syngen.generate(
            reference, 150, model=model(half), strategy=ordering(*BOTH), steer=steer, seed=11
        )
        assert run.exact
        assert adds_up(run.ledger)
        wanted = run.origins("text")
        got = run.rows["text"]
        off[steer] = steps_apart([count_words(text) for text in got], targets(run)["words"])
        measured = [np.nan if (g := grade(text)) is None else g for text in got]
        pairs = [
            (w, g)
            for w, g in zip(wanted["grade"], measured, strict=True)
            if w is not None and not np.isnan(g)
        ]
        alike[steer] = spearmanr(*zip(*pairs, strict=True)).statistic
    assert off[True] < 0.1
    assert off[False] > 0.3
    assert alike[True] > alike[False] + 0.2


def test_the_command_line_switches_the_loop_off(
    reference: Reference, capsys: pytest.CaptureFixture[str]
) -> None:
    from syngen.cli.main import run as command
    from syngen.data import sample

    arguments = ["generate", str(sample()), "-n", "20", "--model", "function/writing:write", "--no-report"]
    for more, placed in (([], True), (["--no-steer"], False)):
        folder = f"r{placed}"
        assert command([*arguments, "--length", "match", "--strategy", "length", "--run", folder, *more]) == 0
        run = syngen.open_run(folder)
        assert run.config.steer is placed
        with Journal(Path(folder) / "journal.sqlite") as journal:
            assert any(index != target for index, target, _ in journal.placed()) is placed
        rejected = any(code.endswith(OFF_TARGET) for code in run.ledger.rejected)
        assert rejected is placed


def test_an_obedient_model_is_left_alone(reference: Reference) -> None:
    asked: list[int] = []

    def noted(chance: random.Random, order: dict[str, Any]) -> str:
        asked.append(order["words"])
        return obeys(chance, order)

    run = syngen.generate(reference, 60, model=model(noted), strategy=ordering("length"))
    assert run.ledger.calls == 60
    assert asked == targets(run)["words"].to_list()
    assert run.origins("text")["words"].to_list() == asked


# ------------------------------------------------------------------------------------ what is learnt
@pytest.mark.parametrize("bias", [0.6, 1.5])
def test_a_constant_bias_of_length_is_learnt_and_removed(reference: Reference, bias: float) -> None:
    ratios: list[float] = []

    def biased(chance: random.Random, order: dict[str, Any]) -> str:
        return prose(chance, round(order["words"] * bias), order["grade"])

    run = syngen.generate(reference, 150, model=model(biased), strategy=ordering("length"), seed=2)
    for row in range(100, 150):
        (order,) = orders(_request(run, row))
        ratios.append(order["words"] / run.origins("text")["words"][row])
    assert np.median(ratios) == pytest.approx(1 / bias, rel=0.12)
    missed = [
        abs(count_words(text) - wanted) / max(0.1 * wanted, 3)
        for text, wanted in zip(run.rows["text"], run.origins("text")["words"], strict=True)
    ]
    assert np.mean(np.array(missed[75:]) <= 1) > 0.95


def test_a_constant_bias_of_grade_is_learnt_and_removed(reference: Reference) -> None:
    def learned(chance: random.Random, order: dict[str, Any]) -> str:
        return prose(chance, max(25, order["words"]), 4 + (order["grade"] or 5))

    off = {}
    for steer in (True, False):
        run = syngen.generate(
            reference, 120, model=model(learned), strategy=ordering("complexity"), steer=steer, seed=3
        )
        wanted = run.origins("text")["grade"]
        missed = [
            grade(t) - w for t, w in zip(run.rows["text"], wanted, strict=True) if w is not None and w > 2
        ]
        off[steer] = float(np.mean(missed[50:]))
    assert off[False] > 2
    assert abs(off[True]) < 0.7


def test_texts_of_a_higher_grade_than_asked_let_lower_ones_be_asked_for(reference: Reference) -> None:
    plan, steering = _steering(reference, 60, "complexity")
    hard = (
        "Manufacturers increasingly recommend extraordinarily complicated installation procedures everywhere."
    )
    slot = next(s for s in plan if (s.texts["text"].grade or 0) > 5)
    before = _asked(steering, slot).grade
    for _ in range(30):
        _receive(steering, slot, hard)
    after = _asked(steering, slot).grade
    assert before == slot.texts["text"].grade
    assert after == pytest.approx(max(0, before - 8), abs=0.1)  # never more than eight grades off


def test_a_correction_never_passes_two_and_a_half_times(reference: Reference) -> None:
    plan, steering = _steering(reference, 60, "length")
    slot = max(plan, key=lambda s: s.texts["text"].words)
    for _ in range(200):
        steering.ask([slot])
        _receive(steering, slot, "Too short.")
    wanted = _words(slot)
    (asked,), (own,) = steering.ask([slot])
    assert _words(asked) == pytest.approx(2.5 * wanted, abs=1)
    assert _words(own) == wanted  # which still bounds the reply and the row


def test_lengths_are_learnt_apart_for_short_and_long_texts(reference: Reference) -> None:
    plan, steering = _steering(reference, 60, "length")
    by_length = sorted(plan, key=lambda s: s.texts["text"].words)
    short, long = by_length[3], by_length[-3]
    steering.ask([long])
    for _ in range(40):
        _receive(steering, long, "word " * (_words(long) // 2))
    assert _asked(steering, short).words == _words(short)
    assert _asked(steering, long).words == pytest.approx(2 * _words(long), rel=0.05)


# ------------------------------------------------------------------------------------ where a text goes
def _steering(reference: Reference, n: int, *strategies: str, **more: Any) -> tuple[Plan, Controller]:
    config = RunConfig.of(n=n, strategy=list(strategies), **more)
    plan = make_plan(reference, n, settings=config.control_settings)
    return plan, Controller(prompt_context(reference, config, model(obeys)), plan)


def _request(run: Any, row: int) -> Request:
    from syngen.types import Prompt, Sampling

    told = run.replay(row + 1)["request"]
    return Request(Prompt(**told.pop("prompt")), Sampling(**told.pop("sampling")), **told)


def _words(slot: Slot) -> int:
    return slot.texts["text"].words


def _asked(steering: Controller, slot: Slot) -> TextTarget:
    """What a prompt for the slot would ask for."""
    (asked,), _ = steering.ask([slot])
    return asked.texts["text"]


def _receive(steering: Controller, slot: Slot, text: str, attempt: int = 0) -> Any:
    """Where a text goes: the slot whose targets it meets and what is kept of it, or why not."""
    received = steering.receive(slot, Candidate(slot.index, {"text": text}, text), attempt)
    return received if isinstance(received, Rejected) else (received[0], received[1].values["text"])


def _accept(steering: Controller, index: int, target: int, text: str = "word") -> None:
    steering.settle(index, Row(index, {"text": text}, "", (), None if target == index else target))


def test_a_text_that_misses_its_slot_goes_where_it_fits_and_the_targets_are_exchanged(
    reference: Reference,
) -> None:
    plan, steering = _steering(reference, 60, "length")
    slots = sorted(plan, key=_words)
    short, long = slots[5], slots[-5]
    steering.ask(slots)
    text = "word " * _words(long)
    target, _ = _receive(steering, short, text.strip())
    (other,) = plan.slots([target])
    assert _words(other) == pytest.approx(_words(long), rel=0.1)
    _accept(steering, short.index, target, text)
    _, (own,) = steering.ask([other])
    assert _words(own) == _words(short)
    assert not isinstance(_receive(steering, other, "word " * _words(short)), Rejected)


def test_a_text_that_fits_stays_where_it_was_asked_for(reference: Reference) -> None:
    plan, steering = _steering(reference, 60, "length")
    for slot in plan:
        text = "word " * _words(slot)
        assert _receive(steering, slot, text) == (slot.index, text)
        _accept(steering, slot.index, slot.index)


def test_a_closed_slot_takes_no_other_text(reference: Reference) -> None:
    plan, steering = _steering(reference, 40, "length")
    longest = max(plan, key=_words)
    others = [slot for slot in plan if _words(slot) < 0.8 * _words(longest)]
    _accept(steering, longest.index, longest.index)
    for slot in plan:
        if slot.index != longest.index and slot not in others:
            _accept(steering, slot.index, slot.index)
    assert _receive(steering, others[0], "word " * _words(longest)).reason == OFF_TARGET


def test_sentences_at_the_end_are_left_out_where_that_makes_a_text_fit(reference: Reference) -> None:
    plan, steering = _steering(reference, 40, "length")
    kept = [slot for slot in plan if 25 <= _words(slot) <= 45][:1]
    for slot in plan:
        if slot not in kept:
            _accept(steering, slot.index, slot.index)
    wanted = _words(kept[0])
    head = f"{'word ' * (wanted - 1)}word."
    text = f"{head} {'more ' * 30}at the end. And yet more."
    assert _receive(steering, kept[0], text) == (kept[0].index, head)
    _, graded = _steering(reference, 40, "complexity")
    assert _receive(graded, kept[0], text, PATIENCE)[1] == text  # only where lengths are wanted


def test_a_shortened_row_is_noted_and_kept_as_it_was_shortened(reference: Reference) -> None:
    def long_winded(chance: random.Random, order: dict[str, Any]) -> str:
        return f"{prose(chance, order['words'])} {prose(chance, order['words'])}"

    run = syngen.generate(reference, 25, model=model(long_winded), strategy=ordering("length"), seed=5)
    noted = [row for row in range(25) if "text.shortened" in run.replay(row + 1)["row"]["notes"]]
    assert noted
    for row in noted:
        told = run.replay(row + 1)
        whole = json.loads(told["reply"]["reply"])["text"]
        assert whole.startswith(told["row"]["values"]["text"])
        assert len(whole) > len(told["row"]["values"]["text"])
        wanted = run.origins("text")["words"][row]
        assert abs(count_words(told["row"]["values"]["text"]) - wanted) <= max(0.1 * wanted, 3)


@pytest.mark.parametrize("rows_per_call", [1, 3])
def test_targets_are_exchanged_and_never_lost(reference: Reference, rows_per_call: int) -> None:
    run = syngen.generate(
        reference,
        70,
        model=model(half),
        strategy=ordering(*BOTH),
        rows_per_call=rows_per_call,
        min_yield=0,
        seed=4,
    )
    assert run.exact
    with Journal(run.path / "journal.sqlite") as journal:
        placed = list(journal.placed())
    assert sorted(target for _, target, _ in placed) == list(range(70))
    assert any(index != target for index, target, _ in placed)
    by_slot = {index: target for index, target, _ in placed}
    wanted = targets(run)
    told = run.origins("text")
    assert told["words"].to_list() == [wanted["words"][by_slot[i]] for i in range(70)]
    assert Counter(told["words"]) == Counter(wanted["words"])
    grades = [wanted["grade"][by_slot[i]] for i in range(70)]
    assert told["grade"].to_list() == grades


def test_labels_stay_as_planned_whatever_is_exchanged(reference: Reference) -> None:
    run = syngen.generate(reference, 50, model=model(half), strategy=ordering(*BOTH), seed=4)
    planned = Plan.open(run.path / "plan.parquet").values()
    assert run.rows["rating"].to_list() == planned["rating"].to_list()


@pytest.mark.parametrize("rows_per_call", [1, 3])
def test_a_stubborn_model_gets_its_rows_taken_after_some_patience(
    reference: Reference, rows_per_call: int
) -> None:
    run = syngen.generate(
        reference,
        12,
        model=model(lambda chance, _: prose(chance, 3)),
        strategy=ordering("length"),
        length="60-90",
        rows_per_call=rows_per_call,
    )
    assert run.exact
    assert run.ledger.calls == (PATIENCE + 1) * 12 / rows_per_call
    assert run.ledger.rejected == {f"valid.{OFF_TARGET}": 12 * PATIENCE}
    assert adds_up(run.ledger)


@pytest.mark.parametrize("rows_per_call", [3, 4])
def test_several_rows_to_a_call_are_steered_too(reference: Reference, rows_per_call: int) -> None:
    run = syngen.generate(
        reference, 50, model=model(half), strategy=ordering(*BOTH), rows_per_call=rows_per_call, min_yield=0
    )
    assert run.exact
    assert run.rows.height == 50
    assert adds_up(run.ledger)
    assert steps_apart([count_words(text) for text in run.rows["text"]], targets(run)["words"]) < 0.15


def test_a_long_text_in_the_place_of_a_long_one_is_not_called_too_long(reference: Reference) -> None:
    """Of a slot that wants few words, a text of very many would be too long."""
    real = syngen.load(reference.frame.filter(pl.col("text").str.split(" ").list.len() < 40))
    aims = RunConfig.of(n=8, length="15-700").control_settings
    words = sorted(slot.texts["text"].words for slot in make_plan(real, 8, seed=1, settings=aims))
    other = {words[0]: words[-1], words[-1]: words[0]}

    def swapped(chance: random.Random, order: dict[str, Any]) -> str:
        return prose(chance, other.get(order["words"], order["words"]), 2)

    run = syngen.generate(real, 8, model=model(swapped), strategy=ordering("length"), length="15-700", seed=1)
    assert run.exact
    assert words[-1] > 500
    assert not any("long" in code for code in run.ledger.rejected), run.ledger.rejected
    assert max(count_words(text) for text in run.rows["text"]) == words[-1]


# ------------------------------------------------------------------------------------ going on
class _Stops(FunctionModel):
    """Answers so many requests, then is interrupted."""

    def __init__(self, scribe: Scribe, after: int) -> None:
        self.asked = 0

        def reply(request: Request) -> str:
            if self.asked == after:
                raise KeyboardInterrupt
            self.asked += 1
            return answer(request, scribe)

        super().__init__(reply, "function/scribe")


@pytest.mark.parametrize(
    ("after", "rows_per_call"),
    [
        (17, 1),
        (31, 3),
        *(pytest.param(*each, marks=pytest.mark.slow) for each in ((3, 1), (31, 1), (3, 3), (17, 3))),
    ],
)
def test_an_interrupted_run_goes_on_with_the_same_targets_exchanged(
    reference: Reference, after: int, rows_per_call: int
) -> None:
    settings: dict[str, Any] = {
        "strategy": ordering(*BOTH, "diversity"),
        "seed": 9,
        "rows_per_call": rows_per_call,
        "min_yield": 0,
    }
    with pytest.raises(KeyboardInterrupt):
        syngen.generate(reference, 50, model=_Stops(half, after), run="r", **settings)
    with Journal(Path("r/journal.sqlite")) as journal:
        before = {index: target for index, target, _ in journal.placed()}
    run = syngen.resume("r", model=model(half))
    assert run.exact
    with Journal(Path("r/journal.sqlite")) as journal:
        placed = {index: target for index, target, _ in journal.placed()}
    assert {index: placed[index] for index in before} == before
    assert sorted(placed.values()) == list(range(50))


def test_the_bookkeeping_of_a_resumed_run_is_that_of_one_that_was_never_stopped(reference: Reference) -> None:
    rng = random.Random(3)
    plan, live = _steering(reference, 40, *BOTH, "diversity")
    rows = []
    for index in rng.sample(range(40), 25):
        owner = {int(t): i for i, t in enumerate(live._target)}
        target = rng.choice([t for t in range(40) if live._open[owner[t]]])
        text = sentence(rng, 12)
        _accept(live, index, target, text)
        rows.append((index, target, {"text": text}))
    config = RunConfig.of(n=40, strategy=[*BOTH, "diversity"])
    again = Controller(prompt_context(reference, config, model(obeys)), plan, accepted=rows)
    for name in ("_target", "_owner", "_open"):
        assert (getattr(live, name) == getattr(again, name)).all(), name
    assert (live._coverage._achieved == again._coverage._achieved).all()
    assert live._coverage._openings == again._coverage._openings
    assert all(live._owner[live._target[i]] == i for i in range(40))


def test_rows_are_read_back_in_the_order_they_came(reference: Reference, tmp_path: Path) -> None:
    plan = make_plan(reference, 3)
    from syngen.prompts import PromptContext, build
    from syngen.prompts.schema import planned_sampling
    from syngen.types import Completion, Row

    brief = PromptContext(reference, "", "chat", 0)
    with Journal(tmp_path / "journal.sqlite", write=True) as journal:
        for index, target in ((2, 0), (0, 2), (1, None)):
            slots = plan.slots([index])
            request = Request(
                build(brief, slots, 0), planned_sampling(slots, 0), "function/x", (index,), 0, 1
            )
            row = Row(index, {"text": f"Row {index}"}, request.fingerprint, (), target)
            journal.record(Completion(request, "{}"), [row], [], 1)
        assert [(i, t) for i, t, _ in journal.placed()] == [(2, 0), (0, 2), (1, 1)]
        assert [(i, t) for i, t, *_ in journal.origins()] == [(0, 2), (1, 1), (2, 0)]


OLD_ROWS = """
CREATE TABLE old (idx INTEGER PRIMARY KEY, call TEXT NOT NULL REFERENCES calls, record TEXT NOT NULL, notes TEXT NOT NULL);
INSERT INTO old SELECT idx, call, record, notes FROM rows;
DROP TABLE rows;
ALTER TABLE old RENAME TO rows;
"""


def test_a_run_of_a_version_that_exchanged_no_targets_opens_and_goes_on(
    reference: Reference, writer: FunctionModel
) -> None:
    import sqlite3

    before = syngen.generate(reference, 9, model=writer, run="r", max_tokens=1_000)
    wanted = before.origins("text")
    db = sqlite3.connect("r/journal.sqlite")
    db.executescript(OLD_ROWS)
    db.close()
    run = syngen.open_run("r")
    assert run.rows.equals(before.rows)
    assert run.origins("text").equals(wanted)
    assert run.replay(1)["row"]["target"] is None
    assert syngen.resume("r", model=writer, max_tokens=100_000).exact


# ------------------------------------------------------------------------------------ diversity
def same_beginning(words: str) -> Callable[[random.Random, dict[str, Any]], str]:
    """Begins most texts alike, until it is told not to."""

    def scribe(chance: random.Random, order: dict[str, Any]) -> str:
        told = words.lower() in order["avoid"]
        begin = words if chance.random() < (0.2 if told else 0.8) else "This"
        return f"{begin} {prose(chance, order['words'] or 9).lower()}"

    return scribe


def test_no_opening_is_taken_more_often_than_the_commonest_real_one(reference: Reference) -> None:
    made = model(same_beginning("I really love it"))
    run = syngen.generate(reference, 60, model=made, strategy=ordering("diversity"))
    most = most_alike(reference, "text", 60, 0.5)
    counts = Counter(opening(text, 4) for text in run.rows["text"])
    assert run.exact
    assert counts["i really love it"] == most < 6
    assert run.ledger.rejected[f"valid.{COMMON_OPENING}"] > 5
    assert "i really love it" in orders(_request(run, 59))[0]["avoid"]
    plain = syngen.generate(reference, 60, model=made, strategy=ordering("diversity"), steer=False)
    assert Counter(opening(text, 4) for text in plain.rows["text"])["i really love it"] > 30


def test_a_model_that_begins_all_texts_alike_still_gives_exactly_n(reference: Reference) -> None:
    def stuck(chance: random.Random, order: dict[str, Any]) -> str:
        return f"I really love it {prose(chance, order['words'])}"

    run = syngen.generate(reference, 20, model=model(stuck), strategy=ordering("diversity"))
    assert run.exact
    assert run.rows["text"].str.starts_with("I really love it").all()


def test_more_diversity_allows_an_opening_less_often(reference: Reference) -> None:
    most = [most_alike(reference, "text", 1_000, level) for level in (0.0, 0.5, 1.0)]
    assert most[0] > most[1] > most[2] >= 1
    texts = reference.frame["text"].gather(reference.train)
    commonest = max(Counter(opening(t, 4) for t in texts if count_words(t) >= 4).values())
    assert most[1] == round(commonest / len(texts) * 1_000)


def test_the_temperature_rises_with_repetitions_and_falls_with_broken_texts(reference: Reference) -> None:
    _, steering = _steering(reference, 60, "diversity")
    repeated = Rejected("new", "near_duplicate", "x")
    broken = Rejected("valid", "loop", "x")
    elsewhere = Rejected("valid", OFF_TARGET, "x")
    row = Row(0, {}, "")
    for i in range(400):
        steering.settle(i % 60, elsewhere if i % 2 else row)
    assert steering.heat == 0.0
    for i in range(40):
        steering.settle(i, repeated if i % 4 == 0 else row)
    assert steering.heat == 0.02
    for i in range(4_000):
        steering.settle(i % 60, repeated)
    assert steering.heat == 0.2
    for i in range(4_000):
        steering.settle(i % 60, broken)
    assert steering.heat == -0.2


def test_a_repetitive_model_is_asked_more_warmly(reference: Reference) -> None:
    def repetitive(request: Request) -> str:
        chance = random.Random(request.sampling.seed)
        if chance.random() < 0.4:
            return json.dumps(
                {k: f"The same old thing as ever before, {k}." for k in request.schema["properties"]}
            )
        return write(request)

    run = syngen.generate(
        reference, 120, model=FunctionModel(repetitive, "function/repetitive"), diversity="0.6"
    )
    heats = [run.replay(row + 1)["request"]["sampling"]["temperature"] for row in (0, 119)]
    assert run.exact
    assert heats[1] > heats[0]


def test_a_topic_that_came_often_enough_gives_way_to_one_that_lacks(reference: Reference) -> None:
    plan, steering = _steering(reference, 60, "diversity", diversity="high")
    found = attributes(reference, "text")
    wanted = np.bincount([s.texts["text"].topic for s in plan], minlength=found.topics)
    common = int(wanted.argmax())
    row = next(int(r) for r in reference.train if found.topic[r] == common)
    text = reference.frame["text"][row]
    slots = [s for s in plan if s.texts["text"].topic == common]
    others = [s for s in plan if s.texts["text"].topic != common]
    for slot in others[: wanted[common]]:
        _accept(steering, slot.index, slot.index, text)
    asked = _asked(steering, slots[0])
    assert asked.topic != common
    assert asked.aspects in {found.aspects[r] for r in reference.train if found.topic[r] == asked.topic}
    assert _asked(steering, slots[1]).topic != common
    assert _asked(_steering(reference, 60, "diversity", diversity="high")[1], slots[0]).topic == common


# ------------------------------------------------------------------------------------ native mode
def native(bias: float, seen: list[int]) -> FunctionModel:
    """Whole rows as CSV, each text so many times as long as is ordered."""

    def reply(request: Request) -> str:
        (order,) = orders(request)
        seen.append(order["words"])
        chance = random.Random(request.sampling.seed)
        lines = [request.prompt.user.split("\n")[2]]
        for _ in range(request.rows):
            asin = "B0" + "".join(chance.choices("ABCDEFGHJKLMNP0123456789", k=8))
            user = "A" + "".join(chance.choices("ABCDEFGHJKLMNP0123456789", k=13))
            text = prose(chance, round(order["words"] * bias * chance.uniform(0.8, 1.25)))
            when = "1600000123456,0,True,2020-09-13,12:28:43"
            lines.append(f'{chance.randint(1, 5)},Good,"{text}",{asin},{asin},{user},{when}')
        return "\n".join(lines)

    return FunctionModel(reply, "function/native")


def test_native_mode_corrects_the_length_it_asks_for(reference: Reference) -> None:
    for steer in (True, False):
        seen: list[int] = []
        run = syngen.generate(
            reference,
            150,
            model=native(0.6, seen),
            mode="native",
            strategy=ordering("length"),
            length="40-60",
            steer=steer,
        )
        late = [count_words(text) for text in run.rows["text"][100:]]
        if steer:
            assert seen[-1] == pytest.approx(seen[0] / 0.6, rel=0.1)
            assert np.median(late) == pytest.approx(seen[0], rel=0.1)
        else:
            assert len(set(seen)) == 1
            assert np.median(late) == pytest.approx(0.6 * seen[0], rel=0.1)


def test_a_native_model_that_can_not_be_moved_is_asked_for_no_more_than_two_and_a_half_times(
    reference: Reference,
) -> None:
    config = RunConfig.of(n=10, mode="native", strategy="length,complexity", length="40")
    aims = NativeController(
        prompt_context(reference, config, model(obeys)), config.control_settings, steer=True
    )
    first = aims.ask(0)["words"]
    for _ in range(40_000):
        aims.receive(Candidate(None, {"text": "Too short and too plain."}, ""))
    assert aims.ask(1)["words"] == pytest.approx(2.5 * first, abs=2)
    for _ in range(60):
        aims.receive(Candidate(None, {"text": "word " * 400}, ""))
    assert aims.ask(2)["words"] < first  # it doesn't take as long to learn otherwise


def test_native_mode_tells_nothing_without_strategies_and_learns_nothing_without_the_loop(
    reference: Reference,
) -> None:
    plain = RunConfig.of(n=10, mode="native")
    assert (
        NativeController(
            prompt_context(reference, plain, model(obeys)), plain.control_settings, steer=True
        ).ask(0)
        is None
    )
    config = RunConfig.of(n=10, mode="native", strategy="length,diversity,complexity")
    aims = NativeController(
        prompt_context(reference, config, model(obeys)), config.control_settings, steer=False
    )
    before = aims.ask(4)
    for _ in range(50):
        aims.receive(Candidate(None, {"text": "Short and plain and always the same."}, ""))
    assert aims.ask(4) == before
    assert before["low"] < before["words"] < before["high"]
    assert before["aspects"]
    assert aims.ask(5)["aspects"] != before["aspects"]
