"""`--select`: more rows are generated than wanted, exactly N are kept, and the ledger tells of the others."""

from __future__ import annotations

import json
import math
import random
from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from scribes import model, ordering, prose, steps_apart
from test_generate import adds_up

import syngen
from syngen.api import preview
from syngen.cli.main import run as command
from syngen.config import RunConfig
from syngen.data import sample
from syngen.engine import run as running
from syngen.engine.run import checked
from syngen.errors import ConfigError
from syngen.models.providers.function import FunctionModel
from syngen.store import Journal
from syngen.text.words import count_words
from syngen.types import Plan, Reference, Request
from writing import write


def noisy(chance: random.Random, order: dict[str, Any]) -> str:
    """Keeps to the length ordered on average only."""
    return prose(chance, round(order["words"] * chance.lognormvariate(-0.35, 0.7)), order["grade"])


@pytest.mark.parametrize(
    ("n", "select", "candidates"), [(20, 1.5, 30), (7, 1.5, 11), (10, 1.1, 11), (1, 2, 2)]
)
def test_so_many_times_n_rows_are_generated_and_n_kept(
    reference: Reference, writer: FunctionModel, n: int, select: float, candidates: int
) -> None:
    run = syngen.generate(reference, n, model=writer, select=select)
    assert run.exact
    assert run.rows.height == run.ledger.accepted == run.ledger.asked == n
    assert run.ledger.returned == candidates
    assert run.ledger.rejected == {"surplus.not_selected": candidates - n}
    assert run.ledger.returned == run.ledger.accepted + sum(run.ledger.rejected.values())
    assert adds_up(run.ledger)
    assert pl.read_csv(run.output).height == n
    assert Plan.open(run.path / "plan.parquet").frame.height == candidates


def test_rejected_and_unselected_rows_add_up(reference: Reference) -> None:
    def unreliable(request: Request) -> str:
        return write(request) if request.sampling.seed % 3 else write(request)[:-9]

    run = syngen.generate(reference, 30, model=FunctionModel(unreliable, "function/unreliable"), select=1.4)
    assert run.exact
    assert run.ledger.rejected["surplus.not_selected"] == 12
    assert run.ledger.returned == 30 + sum(run.ledger.rejected.values())
    assert adds_up(run.ledger)


def test_what_was_not_selected_is_kept_on_disk_with_its_reason(
    reference: Reference, writer: FunctionModel
) -> None:
    import sqlite3

    run = syngen.generate(reference, 10, model=writer, select=1.5, run="r")
    with sqlite3.connect("r/journal.sqlite") as db:
        left = db.execute("SELECT slot, detail, raw FROM rejected WHERE reason = 'not_selected'").fetchall()
        kept = [i for (i,) in db.execute("SELECT idx FROM rows")]
    assert sorted([slot for slot, *_ in left] + kept) == list(range(15))
    assert all(json.loads(raw)["text"] and detail.endswith(".") for _, detail, raw in left)
    assert not {json.loads(raw)["text"] for *_, raw in left} & set(run.rows["text"])


def test_rows_are_numbered_from_1_and_each_can_be_traced(reference: Reference, writer: FunctionModel) -> None:
    run = syngen.generate(reference, 10, model=writer, select=1.5)
    plan = Plan.open(run.path / "plan.parquet").frame["texts"].struct.field("text").struct.field("words")
    with Journal(run.path / "journal.sqlite") as journal:
        slots = sorted(index for index, _, _ in journal.placed())
    assert run.origins("text").height == 10
    assert run.origins("text")["words"].to_list() == plan.gather(slots).to_list()
    for row in range(10):
        assert run.replay(row + 1)["row"]["values"]["text"] == run.rows["text"][row]
    with pytest.raises(ConfigError, match="Rows go from 1 to 10"):
        run.replay(11)


@pytest.mark.slow
def test_the_rows_kept_are_nearer_to_the_lengths_wanted(reference: Reference) -> None:
    off: Counter[float] = Counter()
    for seed, select in product(range(3), (1.0, 2.0)):
        run = syngen.generate(
            reference,
            100,
            model=model(noisy),
            strategy=ordering("length"),
            steer=False,
            select=select,
            seed=seed,
        )
        words = Plan.open(run.path / "plan.parquet").frame["texts"].struct.field("text").struct.field("words")
        off[select] += steps_apart([count_words(text) for text in run.rows["text"]], words)
    assert off[2.0] < 0.75 * off[1.0]


OF_A_KIND = {"warm": ("sunny", "glowing", "toasty"), "cold": ("frosty", "icy", "bitter")}


def of_a_kind(chance: random.Random, kind: str) -> str:
    return f"{prose(chance, 12)} {chance.choice(OF_A_KIND[kind]).capitalize()} and {chance.choice(OF_A_KIND[kind])}."


def test_the_rows_kept_speak_for_their_labels_as_real_ones_do() -> None:
    chance = random.Random(5)
    kinds = [chance.choice(["warm", "cold"]) for _ in range(240)]
    table = pl.DataFrame({"kind": kinds, "text": [of_a_kind(chance, kind) for kind in kinds]})
    heedless = model(lambda chance, _: of_a_kind(chance, chance.choice(["warm", "cold"])))
    right = {}
    for select in (1.0, 2.0):
        run = syngen.generate(
            table,
            100,
            model=heedless,
            strategy=ordering(),
            steer=False,
            select=select,
            roles={"text": "text"},
            seed=1,
        )
        rows = run.rows.iter_rows(named=True)
        right[select] = sum(
            any(word in row["text"].lower() for word in OF_A_KIND[row["kind"]]) for row in rows
        )
    assert right[1.0] < 65
    assert right[2.0] > right[1.0] + 20


def test_labels_keep_their_shares(reference: Reference) -> None:
    run = syngen.generate(
        reference, 80, model=model(noisy), strategy=ordering("length"), steer=False, select=1.5
    )
    planned = Counter(Plan.open(run.path / "plan.parquet").values()["rating"])
    kept = Counter(run.rows["rating"])
    assert all(abs(kept[stars] - planned[stars] / 1.5) < 4 for stars in planned)  # a row for each combination


def test_the_same_seed_keeps_the_same_rows(reference: Reference) -> None:
    first, again = (
        syngen.generate(reference, 20, model=model(noisy), strategy=ordering("length"), select=1.5, seed=3)
        for _ in range(2)
    )
    assert first.rows.equals(again.rows)


@pytest.mark.parametrize("strategies", [(), ("length",), ("diversity", "complexity", "length")])
def test_selection_goes_with_any_strategy_and_several_rows_to_a_call(
    reference: Reference, strategies: tuple[str, ...]
) -> None:
    run = syngen.generate(
        reference,
        20,
        model=model(noisy),
        strategy=ordering(*strategies),
        select=1.5,
        rows_per_call=3,
        min_yield=0,
    )
    assert run.exact
    assert adds_up(run.ledger)


# ------------------------------------------------------------------------------------ stopped on the way
class Stops(FunctionModel):
    """Answers so many requests, then is interrupted."""

    def __init__(self, after: int) -> None:
        self.asked = 0

        def reply(request: Request) -> str:
            if self.asked == after:
                raise KeyboardInterrupt
            self.asked += 1
            return write(request)

        super().__init__(reply, "function/writer")


@pytest.mark.parametrize("after", [5, 20, 25, 29])
def test_an_interrupted_run_is_exact_only_after_the_selection(
    reference: Reference, writer: FunctionModel, after: int
) -> None:
    with pytest.raises(KeyboardInterrupt):
        syngen.generate(reference, 20, model=Stops(after), select=1.5, run="r", seed=2)
    half = syngen.open_run("r")
    assert not half.exact  # also with exactly so many rows as are wanted
    assert half.ledger.accepted == after
    run = syngen.resume("r", model=writer)
    assert run.exact
    assert run.ledger.calls == 30
    whole = syngen.generate(reference, 20, model=writer, select=1.5, seed=2)
    assert run.rows.equals(whole.rows)


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_the_selection_a_run_selects_when_it_is_resumed(
    reference: Reference, writer: FunctionModel, when: str
) -> None:
    select = running.select_rows

    def killed(*arguments: Any) -> None:
        if when == "after":
            select(*arguments)
        raise SystemExit

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "select_rows", killed)
        with pytest.raises(SystemExit):
            syngen.generate(reference, 12, model=writer, select=1.5, run="r", seed=2)
    assert syngen.open_run("r").exact is (when == "after")
    run = syngen.resume("r", model=Stops(0))  # no row is asked for again
    assert run.exact
    assert run.rows.height == 12
    assert run.ledger.rejected == {"surplus.not_selected": 6}
    assert pl.read_csv(run.output).height == 12
    assert run.rows.equals(syngen.generate(reference, 12, model=writer, select=1.5, seed=2).rows)


def test_a_finished_run_is_not_selected_from_again(reference: Reference, writer: FunctionModel) -> None:
    run = syngen.generate(reference, 12, model=writer, select=1.5, run="r")
    again = syngen.resume("r", model=Stops(0))
    assert again.rows.equals(run.rows)
    with Journal(Path("r/journal.sqlite")) as journal:
        assert "selected" in dict(journal.events())
        assert len(journal.records()) == 12


def test_a_limit_that_comes_after_enough_rows_still_gives_exactly_n(
    reference: Reference, writer: FunctionModel
) -> None:
    whole = syngen.generate(reference, 20, model=writer, select=3)
    run = syngen.generate(reference, 20, model=writer, select=3, max_tokens=whole.tokens.total // 2)
    assert 20 < run.ledger.calls < 60
    assert run.exact
    assert run.stopped == ""
    assert run.rows.height == 20
    assert run.ledger.rejected == {"surplus.not_selected": run.ledger.calls - 20}


def test_a_limit_that_comes_before_enough_rows_leaves_the_run_unfinished(
    reference: Reference, writer: FunctionModel
) -> None:
    run = syngen.generate(reference, 20, model=writer, select=1.5, max_tokens=2_000, run="r")
    assert 0 < run.ledger.accepted < 20
    assert not run.exact
    assert "token limit" in run.stopped
    assert "surplus.not_selected" not in run.ledger.rejected
    assert syngen.resume("r", model=writer, max_tokens=10**6).exact


# ------------------------------------------------------------------------------------ settings
@pytest.mark.parametrize(
    ("n", "select", "candidates"),
    [(10, 1.0, 10), (10, 1.1, 11), (3, 1.1, 4), (100, 1.15, 115), (7, 10, 70), (10**6, 2.0, 10**6)],
)
def test_candidates_are_rounded_up_and_never_more_than_a_run_makes(
    n: int, select: float, candidates: int
) -> None:
    assert RunConfig.of(n=n, select=select).candidates == candidates
    assert candidates == min(10**6, math.ceil(round(n * select, 6)))


@pytest.mark.parametrize("select", [0.5, 0, -1, 11, float("nan"), "many"])
def test_a_factor_below_1_or_above_10_is_refused(select: Any) -> None:
    with pytest.raises(ConfigError, match="'select' can't be"):
        RunConfig.of(n=5, select=select)


def test_native_mode_has_no_plan_to_select_towards(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ConfigError, match="no plan to select towards"):
        checked(n=3, mode="native", select=1.5)
    arguments = ["generate", str(sample()), "-n", "3", "--model", "function/writing:write"]
    assert command([*arguments, "--mode", "native", "--select", "1.5"]) == 2
    assert "--select can't be used" in capsys.readouterr().err
    assert not Path("runs").exists()


def test_the_command_line_selects(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["generate", str(sample()), "-n", "6", "--model", "function/writing:write", "--no-report"]
    assert command([*arguments, "--select", "1.5", "-o", "o.csv", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["exact"] is True
    assert told["ledger"]["rejected"] == {"surplus.not_selected": 3}
    assert pl.read_csv("o.csv").height == 6


def test_progress_counts_the_rows_to_be_generated(reference: Reference, writer: FunctionModel) -> None:
    seen: list[tuple[int, int]] = []
    syngen.generate(
        reference, 10, model=writer, select=1.5, observe=lambda p: seen.append((p.accepted, p.asked))
    )
    assert seen[0] == (1, 15)
    assert seen[-1] == (15, 15)


def test_a_forecast_counts_the_rows_that_will_not_be_selected(
    reference: Reference, writer: FunctionModel
) -> None:
    selecting = preview(reference, 400, model=writer, rows=20, select=1.5, seed=1).tokens
    assert selecting is not None
    real = syngen.generate(reference, 40, model=writer, select=1.5, seed=1).tokens.total
    assert selecting.total == pytest.approx(10 * real, rel=0.15)
