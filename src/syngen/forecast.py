"""What a run would do, before it spends anything to speak of: plan, first prompt, a few rows, forecast."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from syngen import api
from syngen.config import RunConfig
from syngen.engine import first_request
from syngen.plan import Plan

if TYPE_CHECKING:
    import polars as pl

    from syngen.profiles import Reference
    from syngen.types import Ledger, Model, Request


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """What a run would do, and a taste of it.

    Attributes:
        plan: The whole plan; None in native mode.
        request: The first request: prompt, settings, schema.
        rows: The rows of the taste; None when none was asked for.
        ledger: What became of the taste's calls.
        tokens: Tokens read and written for all N rows, at the taste's rate.
        seconds: Seconds for all N rows at the taste's speed. An upper bound: a few rows do not fill a
            model that works on many at a time.
        cost_usd: For all N rows; None when the price is not known.
    """

    reference: Reference
    config: RunConfig
    plan: Plan | None
    request: Request
    rows: pl.DataFrame | None = None
    ledger: Ledger | None = None
    tokens: tuple[int, int] | None = None
    seconds: float | None = None
    cost_usd: float | None = None


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
    config, real = api.prepare(reference, n, model, settings)
    plan, writer = api.plan_of(real, config), api.opened(model, config)
    request = first_request(plan, real, config, writer)
    if not rows:
        return Preview(real, config, plan, request)
    few = config.model_copy(update={"n": min(rows, config.n), "max_tokens": config.max_tokens or 20_000})
    head = None if plan is None else Plan(plan.frame.head(few.n))
    with tempfile.TemporaryDirectory() as folder:
        run = api.start(Path(folder) / "run", real, few, head, writer)
        done = max(1, run.ledger.accepted)
        scale = config.n / done
        return Preview(
            real,
            config,
            plan,
            request,
            run.rows,
            run.ledger,
            (round(run.tokens[0] * scale), round(run.tokens[1] * scale)),
            run.seconds * scale,
            None if run.cost_usd is None else run.cost_usd * scale,
        )
