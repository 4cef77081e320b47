"""The refill loop: exactly N, honest about what it took, stopped only by a stated limit."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

import syngen
from syngen.models.providers.function import FunctionModel
from syngen.types import Capabilities, Completion, Ledger, Reference, Request
from writing import sentence, write


def adds_up(ledger: Ledger) -> bool:
    """Every row that came is accounted for, stage by stage."""
    by_stage: Counter[str] = Counter()
    for code, count in ledger.rejected.items():
        by_stage[code.split(".")[0]] += count
    return (
        ledger.parsed == ledger.returned - by_stage["parse"]
        and ledger.valid == ledger.parsed - by_stage["valid"]
        and ledger.new == ledger.valid - by_stage["new"]
        and ledger.accepted == ledger.new - by_stage["surplus"]
    )


@pytest.mark.parametrize("n", [1, 7, 37, 100])
@pytest.mark.parametrize("rows_per_call", [1, 4])
def test_planned_mode_gives_exactly_n_rows_with_the_reference_columns(
    reference: Reference, writer: FunctionModel, n: int, rows_per_call: int
) -> None:
    run = syngen.generate(reference, n, model=writer, rows_per_call=rows_per_call)
    assert run.exact
    assert run.rows.height == n
    assert run.rows.schema == reference.frame.schema
    assert adds_up(run.ledger)


def test_a_model_that_fails_in_many_ways_still_gives_exactly_n(reference: Reference) -> None:
    def unreliable(request: Request) -> str | Completion:
        match request.sampling.seed % 6:
            case 0:
                return write(request)[:-9]
            case 1:
                return "I can't help with that."
            case 2:
                return Completion(request, "", "error", "server on fire")
            case 3:
                return ""
        return write(request)

    run = syngen.generate(reference, 60, model=FunctionModel(unreliable, "function/unreliable"))
    assert run.exact
    assert adds_up(run.ledger)
    assert run.ledger.calls > 60
    assert run.ledger.rejected["call.failed"] > 0
    assert sum(run.ledger.rejected.values()) == run.ledger.calls - 60


def test_the_same_seed_gives_the_same_rows_and_another_seed_others(
    reference: Reference, writer: FunctionModel
) -> None:
    first, again, other = (syngen.generate(reference, 20, model=writer, seed=s).rows for s in (5, 5, 6))
    assert first.equals(again)
    assert not first.equals(other)


def test_no_real_identifier_and_no_held_out_row_is_ever_used(
    reference: Reference, writer: FunctionModel
) -> None:
    run = syngen.generate(reference, 200, model=writer)
    for column in ("user_id", "asin"):
        assert not set(run.rows[column]) & set(reference.frame[column])
    shown = {i for row in range(200) for i in run.replay(row + 1)["request"]["prompt"]["shown"]}
    assert shown <= set(reference.train.tolist())


def test_derived_columns_agree_with_their_source_in_every_row(
    reference: Reference, writer: FunctionModel
) -> None:
    rows = syngen.generate(reference, 50, model=writer).rows
    moment = pl.from_epoch(pl.col("timestamp"), "ms")
    assert rows.select((pl.col("parent_asin") == pl.col("asin")).all()).item()
    assert rows.select((moment.dt.strftime("%Y-%m-%d") == pl.col("date")).all()).item()
    assert rows.select((moment.dt.strftime("%H:%M:%S") == pl.col("time")).all()).item()


def test_a_model_that_repeats_itself_is_stopped_by_its_yield_and_keeps_what_it_gave(
    reference: Reference,
) -> None:
    def parrot(request: Request) -> str:
        return (
            write(request)
            if request.slots[0] < 3
            else json.dumps({"title": "Same", "text": "The very same words again and again here."})
        )

    run = syngen.generate(reference, 50, model=FunctionModel(parrot, "function/parrot"))
    assert not run.exact
    assert "Acceptance rate too low" in run.stopped
    assert 3 <= run.ledger.accepted < 10
    assert adds_up(run.ledger)
    assert pl.read_csv(run.output).height == run.ledger.accepted


def test_the_token_limit_stops_before_the_next_call(reference: Reference, writer: FunctionModel) -> None:
    run = syngen.generate(reference, 100, model=writer, max_tokens=2_000)
    assert "token limit" in run.stopped
    assert 2_000 <= run.tokens.total < 2_000 + 1_500


def test_the_time_limit_stops_the_run(reference: Reference, writer: FunctionModel) -> None:
    run = syngen.generate(reference, 5, model=writer, max_time=1e-9)
    assert "time limit" in run.stopped
    assert run.ledger.accepted == 0
    assert run.rows.columns == reference.frame.columns


def test_a_cost_limit_needs_a_known_price(reference: Reference) -> None:
    unpriced = FunctionModel(write, "function/unpriced", Capabilities(schema=True))
    with pytest.raises(syngen.ConfigError, match="price"):
        syngen.generate(reference, 5, model=unpriced, max_cost=1.0)
    assert not Path("runs").exists()


def test_the_cost_limit_stops_the_run_and_the_cost_is_told(reference: Reference) -> None:
    priced = FunctionModel(
        write, "function/priced", Capabilities(schema=True, price_in=1000.0, price_out=3000.0)
    )
    run = syngen.generate(reference, 100, model=priced, max_cost=1.5)
    assert "cost limit" in run.stopped
    assert run.cost_usd == pytest.approx((run.tokens.read * 1000 + run.tokens.written * 3000) / 1e6)
    assert 1.5 <= run.cost_usd < 3.0


def test_generate_works_inside_a_running_event_loop(reference: Reference, writer: FunctionModel) -> None:
    async def notebook() -> int:
        return syngen.generate(reference, 5, model=writer).ledger.accepted

    assert asyncio.run(notebook()) == 5


def as_csv(request: Request, rows: int) -> str:
    """A reply in native mode: so many rows below the header of the question."""
    import random

    chance = random.Random(request.sampling.seed)
    header = request.prompt.user.split("\n")[2]
    lines = []
    for _ in range(rows):
        asin = "B0" + "".join(chance.choices("ABCDEFGHJKLMNP0123456789", k=8))
        user = "A" + "".join(chance.choices("ABCDEFGHJKLMNP0123456789", k=13))
        when = "1600000123456,0,True,2020-09-13,12:28:43"
        lines.append(f'{chance.randint(1, 5)},Good,"{sentence(chance, 15)}",{asin},{asin},{user},{when}')
    return "\n".join(["Here you are:", "", header, *lines])


@pytest.mark.parametrize("n", [1, 7, 37, 100])
def test_native_mode_gives_exactly_n_and_the_models_own_count_accuracy(reference: Reference, n: int) -> None:
    def miscounts(request: Request) -> str:
        return as_csv(request, request.rows + request.sampling.seed % 3 - 1 if request.rows > 1 else 1)

    run = syngen.generate(reference, n, model=FunctionModel(miscounts, "function/native"), mode="native")
    assert run.exact
    assert run.rows.height == n
    assert adds_up(run.ledger)
    assert run.ledger.native_count_accuracy is not None
    assert 0.5 < run.ledger.native_count_accuracy <= 1
    assert run.rows.schema == reference.frame.schema


def test_a_native_model_that_overdelivers_has_its_surplus_counted(reference: Reference) -> None:
    model = FunctionModel(lambda request: as_csv(request, 2 * request.rows), "function/generous")
    run = syngen.generate(reference, 10, model=model, mode="native")
    assert run.exact
    assert run.ledger.rejected["surplus.beyond_n"] == 10
    assert run.ledger.native_count_accuracy == pytest.approx(0.5)
    assert run.ledger.native_exact_calls == 0


def test_a_native_model_that_only_talks_is_stopped_after_its_first_replies(reference: Reference) -> None:
    model = FunctionModel(lambda _: "What a lovely table you have there.", "function/talker")
    run = syngen.generate(reference, 300, model=model, mode="native")
    assert not run.exact
    assert "Acceptance rate too low" in run.stopped
    assert "The reply holds no row." in run.stopped
    assert "--mode native" in run.stopped
    assert run.ledger.native_count_accuracy == 0
    assert run.ledger.calls <= 6


def test_a_native_model_whose_rows_are_no_good_is_stopped_and_one_with_a_good_row_is_not(
    reference: Reference,
) -> None:
    def copies(request: Request) -> str:
        return reference.frame.select(request.prompt.user.split("\n")[2].split(",")).head(10).write_csv()

    run = syngen.generate(reference, 50, model=FunctionModel(copies, "function/copier"), mode="native")
    assert (run.rows.height, run.ledger.calls <= 6) == (0, True)
    assert "real row" in run.stopped
    good = [4]

    def seldom(request: Request) -> str:
        good[0] += 1
        return as_csv(request, 1) if good[0] % 5 == 0 else "What a lovely table."

    assert syngen.generate(reference, 6, model=FunctionModel(seldom, "function/seldom"), mode="native").exact
    patient = syngen.generate(
        reference,
        50,
        model=FunctionModel(copies, "function/copier"),
        mode="native",
        min_yield=0,
        max_tokens=200_000,
    )
    assert patient.ledger.calls > 6
