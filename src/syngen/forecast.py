"""What a run would do, before it spends anything to speak of: plan, first prompt, a few rows, forecast."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from syngen import api
from syngen.config import RunConfig
from syngen.engine import first_request
from syngen.evaluation.controls import Outcome, wanted
from syngen.plan import Plan
from syngen.preparing import opened, plan_of, prepare
from syngen.types import Ledger, Model, Reference, Request, Tokens


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """What a run would do, and a taste of it.

    Attributes:
        plan: The whole plan; None in native mode.
        request: The first request: prompt, settings, schema.
        knobs: What each knob wants, beside what is real.
        rows: The rows of the taste; None when none was asked for.
        ledger: What became of the taste's calls.
        tokens: For all N rows, at the taste's rate.
        within: Factors that the tokens and the cost may be off by, low and high (95 %); None from one call.
        seconds: Seconds for all N rows at the taste's speed. An upper bound: a few rows do not fill a
            model that works on many at a time.
        cost_usd: For all N rows; None when the price is not known.
        price_source: Where the price is from.
    """

    reference: Reference
    config: RunConfig
    plan: Plan | None
    request: Request
    knobs: tuple[Outcome, ...] = ()
    rows: pl.DataFrame | None = None
    ledger: Ledger | None = None
    tokens: Tokens | None = None
    within: tuple[float, float] | None = None
    seconds: float | None = None
    cost_usd: float | None = None
    price_source: str = ""

    @property
    def cost_within(self) -> tuple[float, float] | None:
        """The cost's interval in US dollars; None when it can't be told."""
        if self.cost_usd is None or self.within is None:
            return None
        return self.cost_usd * self.within[0], self.cost_usd * self.within[1]


def preview(
    reference: Any, n: int, *, model: str | Model | None = None, rows: int = 3, **settings: Any
) -> Preview:
    """Plan n rows, render the first prompt, make a few rows and forecast the rest.

    Args:
        reference: As for `generate`.
        n: Rows the run would make.
        model: As for `generate`.
        rows: Rows to make now; 0 makes none.
        **settings: As for `generate`.

    Raises:
        InputError: The reference or a setting can't be used.
        ModelError: The model can't be reached or refused us.
    """
    config, real = prepare(reference, n, model, settings)
    plan, writer = plan_of(real, config), opened(model, config)
    request = first_request(plan, real, config, writer)
    knobs = wanted(real, config, plan)
    if not rows:
        return Preview(real, config, plan, request, knobs)
    taste = {"n": min(rows, config.n), "select": 1.0, "max_tokens": config.max_tokens or 20_000}
    few = config.model_copy(update=taste)
    head = None if plan is None else Plan(plan.frame.head(few.n))
    with tempfile.TemporaryDirectory() as folder:
        run = api.start(Path(folder) / "run", real, few, head, writer)
        done = max(1, run.ledger.accepted)
        scale = config.candidates / done
        return Preview(
            real,
            config,
            plan,
            request,
            knobs,
            run.rows,
            run.ledger,
            run.tokens.times(scale),
            _within(run.spent()),
            run.seconds * scale,
            None if run.cost_usd is None else run.cost_usd * scale,
            writer.capabilities.price_source,
        )


def _within(spent: list[tuple[Tokens, int]]) -> tuple[float, float] | None:
    """Factors around the tokens an accepted row takes, from calls with their accepted rows.

    The 95 % interval of a ratio of sums by linearisation (Cochran, Sampling Techniques, 1977, 6.4), with
    Student's t of so few calls; it can't reach below what the cheapest call took.
    """
    from scipy.stats import t

    calls = len(spent)
    rows = sum(accepted for _, accepted in spent)
    total = sum(tokens.total for tokens, _ in spent)
    if calls < 2 or not rows or not total:
        return None
    ratio = total / rows
    squares = sum((tokens.total - ratio * accepted) ** 2 for tokens, accepted in spent)
    error = (calls * squares / (calls - 1)) ** 0.5 / rows
    off = float(t.ppf(0.975, calls - 1)) * error / ratio
    cheapest = min(tokens.total for tokens, _ in spent) / ratio
    return max(1 - off, min(1.0, cheapest)), 1 + off
