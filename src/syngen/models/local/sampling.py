"""Draw the next token of each row in a batch.

Penalties, masks and temperatures are applied to the whole batch at once. Each row has its own random numbers, so that
a reply depends on its seed and not on the other rows.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import torch

from syngen.models.local.grammar import Guide
from syngen.types import Request, Sampling

Decode = Callable[[list[int]], str]


@dataclass(slots=True, eq=False)
class Row:
    """A reply being written."""

    request: Request
    tokens: list[int]  # those of the prompt and, behind them, those written
    prompt: int  # how many of them are the prompt's; at least one
    room: int  # how many may be written; at least one
    started: float  # when the request came in
    matcher: Any = None  # holds it to its schema
    finish: Literal["", "stop", "length", "error"] = ""  # why it ended; empty while it runs
    error: str = ""  # what went wrong when it ended in an error
    chance: random.Random = field(init=False)  # its own draws
    seen: torch.Tensor | None = None  # which tokens of the vocabulary are in it, where repeating has a price

    def __post_init__(self) -> None:
        self.chance = random.Random(self.request.sampling.seed)

    @property
    def written(self) -> list[int]:
        return self.tokens[self.prompt :]

    def take(self, token: int, ends: frozenset[int], decode: Decode) -> None:
        """Append a token, and check whether the reply ends with it."""
        self.tokens.append(token)
        if self.seen is not None:
            self.seen[token] = True
        if token in ends:
            self.finish = "stop"
        elif self.matcher is not None and not self.matcher.consume_token(token):
            self.finish, self.error = "error", self.matcher.get_error().partition("\n")[0]
        elif (self.matcher is not None and self.matcher.is_stopped()) or self._at_a_stop(decode):
            self.finish = "stop"
        elif len(self.tokens) - self.prompt >= self.room:
            self.finish = "length"

    def _at_a_stop(self, decode: Decode) -> bool:
        stops = self.request.sampling.stop
        if not stops:
            return False
        # A token has at least one byte, so this many hold a whole stop string, and what is cut before it.
        tail = decode(self.written[-max(len(stop.encode()) for stop in stops) - 4 :])
        return any(stop in tail for stop in stops)


def draw(logits: torch.Tensor, rows: Sequence[Row], guide: Guide | None) -> list[int]:
    """Draw one token for each row.

    The order is that of transformers: repetition penalty, schema, temperature, top-p, min-p.

    Args:
        logits: Scores, shape (rows, vocabulary).
        rows: What each row asks for.
        guide: Knows which tokens the rows' matchers allow.
    """
    settings = [row.request.sampling for row in rows]
    logits = _penalised(logits.float(), rows)
    if guide is not None and any(row.matcher is not None for row in rows):
        bits = torch.from_numpy(guide.allowed([row.matcher for row in rows])).to(logits.device)
        places = torch.arange(32, dtype=torch.int32, device=logits.device)
        allowed = (bits.unsqueeze(-1) >> places).bitwise_and_(1).flatten(1)[:, : logits.shape[1]]
        logits = logits.masked_fill(allowed == 0, -torch.inf)
    if all(s.temperature <= 0 for s in settings):
        return list(logits.argmax(-1).tolist())
    if torch.are_deterministic_algorithms_enabled():
        logits = logits.cpu()  # a graphics card has no deterministic cumulated sum
    warmth = _column([s.temperature if s.temperature > 0 else 1.0 for s in settings], logits)
    sums = _trimmed((logits / warmth).softmax(-1), settings).cumsum(-1)
    chances = _column([row.chance.random() for row in rows], logits)
    # A hair below the sum, so that rounding never leads behind the last token that has any odds.
    drawn = torch.searchsorted(sums, chances * sums[:, -1:] * (1 - 1e-6), right=True).squeeze(1)
    cold = torch.tensor([s.temperature <= 0 for s in settings], device=logits.device)
    return list(torch.where(cold, logits.argmax(-1), drawn).tolist())


def _column(values: list[float], like: torch.Tensor) -> torch.Tensor:
    """Return a number per row, shape (rows, 1)."""
    return torch.tensor(values, dtype=torch.float32, device=like.device).unsqueeze(1)


def _penalised(logits: torch.Tensor, rows: Sequence[Row]) -> torch.Tensor:
    """Lower the logits of tokens that are in the prompt or reply already."""
    penalties = [row.request.sampling.repetition_penalty for row in rows]
    if all(penalty == 1 for penalty in penalties):
        return logits
    for row, penalty in zip(rows, penalties, strict=True):
        if row.seen is None:
            row.seen = torch.zeros(logits.shape[1], dtype=torch.bool, device=logits.device)
            if penalty != 1:
                row.seen[torch.tensor(row.tokens, device=logits.device)] = True
    seen = torch.stack([row.seen for row in rows if row.seen is not None])
    price = _column(penalties, logits)
    return torch.where(seen, torch.where(logits > 0, logits / price, logits * price), logits)


def _trimmed(odds: torch.Tensor, settings: Sequence[Sampling]) -> torch.Tensor:
    """Set the probabilities that top-p and min-p exclude to 0, without normalising."""
    kept = odds >= _column([s.min_p for s in settings], odds) * odds.amax(-1, keepdim=True)
    if any(s.top_p < 1 for s in settings):
        top_p = _column([s.top_p if s.top_p < 1 else 2.0 for s in settings], odds)
        ranked, order = odds.sort(dim=-1, descending=True, stable=True)
        inside = ranked.cumsum(-1) - ranked < top_p
        inside[:, 0] = True
        kept &= torch.zeros_like(inside).scatter(-1, order, inside)
    return odds * kept
