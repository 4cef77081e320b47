"""What a run would do: its plan, its first prompt, a few rows, and a forecast of tokens, time and cost."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from syngen.config import RunConfig
from syngen.engine.loop import first_request
from syngen.engine.remarks import remarks
from syngen.engine.run import start
from syngen.prompts import KnownColumn, known_columns
from syngen.text.format import dollars, duration
from syngen.types import Ledger, Model, Outcome, Plan, Reference, Request, Tokens
from syngen.types.notebook import titled

MOST_TOKENS = 20_000  # that the sample rows may cost, unless the settings limit them


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Preview:
    """What a run would do.

    Attributes:
        plan: The whole plan; None in native mode.
        shown: The columns that prompts state with each text, and why; empty in native mode, which shows all.
        request: The first request: prompt, settings, schema; None when there is no text to write.
        controls: Target and reference distribution of each control.
        warnings: What is copied from the real rows, and what may be too much for a model; a sentence each.
        rows: The sample rows, of those planned with a text where there are any; None when none were requested.
        ledger: What became of the sample's calls.
        tokens: Estimate for all N rows, at the sample's rate.
        within: Factors from `tokens` and `cost_usd` to the ends of their 95 % interval; None from one call.
        seconds: Seconds for all N rows at the sample's speed. An upper bound: a few rows do not fill a
            model that works on many at a time.
        cost_usd: Estimate for all N rows; None when the price is not known.
        price_source: Where the price is from.
    """

    reference: Reference
    config: RunConfig
    plan: Plan | None
    request: Request | None
    controls: tuple[Outcome, ...] = ()
    shown: tuple[KnownColumn, ...] = ()
    warnings: tuple[str, ...] = ()
    rows: pl.DataFrame | None = None
    ledger: Ledger | None = None
    tokens: Tokens | None = None
    within: tuple[float, float] | None = None
    seconds: float | None = None
    cost_usd: float | None = None
    price_source: str = ""

    def __repr__(self) -> str:
        parts = [f"{self.config.n:,} rows with {self.config.model}"]
        if self.tokens is not None and self.seconds is not None:
            parts += [
                f"{self.tokens.total:,} tokens",
                f"at most {duration(self.seconds)}",
                dollars(self.cost_usd),
            ]
        return f"Preview({', '.join(parts)})"

    def _repr_html_(self) -> str:
        """Show the sample rows, or else the first planned ones, in a notebook."""
        rows = self.rows
        if rows is None and self.plan is not None:
            rows = self.plan.values().head(5)
        return titled(repr(self), rows)

    @property
    def cost_within(self) -> tuple[float, float] | None:
        """The 95 % interval of the cost in US dollars; None when it is not known."""
        if self.cost_usd is None or self.within is None:
            return None
        return self.cost_usd * self.within[0], self.cost_usd * self.within[1]


def preview(
    reference: Reference,
    config: RunConfig,
    plan: Plan | None,
    model: Model | None,
    controls: tuple[Outcome, ...],
    rows: int,
) -> Preview:
    """Render the first prompt, generate a few rows in a temporary folder and estimate the rest from them.

    Args:
        model: None when there is no text to write.
    """
    request = None if model is None else first_request(plan, reference, config, model)
    shown = () if plan is None or model is None else known_columns(reference, config.show_columns)
    seen = Preview(reference, config, plan, request, controls, shown, remarks(reference, config))
    if not rows:
        return seen
    limits = {"n": min(rows, config.n), "select": 1.0, "max_tokens": config.max_tokens or MOST_TOKENS}
    few = config.model_copy(update=limits)
    head = None if plan is None else _head(plan, few.n)
    with tempfile.TemporaryDirectory() as folder:
        run = start(Path(folder) / "run", reference, few, head, model)
        rows_to_write = config.candidates if plan is None or model is None else int(plan.to_write.sum())
        scale = rows_to_write / max(1, run.ledger.accepted)
        return replace(
            seen,
            rows=run.rows,
            ledger=run.ledger,
            tokens=run.tokens.times(scale),
            within=_within(run.spent()),
            seconds=run.seconds * scale,
            cost_usd=None if run.cost_usd is None else run.cost_usd * scale,
            price_source=model.capabilities.price_source if model else "",
        )


def _head(plan: Plan, n: int) -> Plan:
    """The first slots with a text, which are what a run spends its time on; without a text, the first slots."""
    slots = np.flatnonzero(plan.to_write)[:n]
    frame = plan.frame[slots] if len(slots) else plan.frame.head(n)
    return Plan(frame.with_columns(slot=pl.Series(range(frame.height), dtype=pl.Int64)))


def _within(spent: list[tuple[Tokens, int]]) -> tuple[float, float] | None:
    """Return factors around the tokens per accepted row, from each call's tokens and accepted rows.

    The 95 % interval of a ratio of sums by linearisation (Cochran, Sampling Techniques, 1977, 6.4), with
    Student's t for few calls; its lower end is not below what the cheapest call took.
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
