"""Training data: the rows of a reference as lines in the form of `syngen.text.conditions`, as tokens and in batches.

Repeated texts are dropped, so that no text is learnt twice. The line of a row states its structured columns and what
was measured of its texts. In every epoch a random part of the measured values is left out, so that the model learns
to write with any subset of them.

With `alone`, for differential privacy, the line of a row contains only what that row says by itself. Aspects, topics
and common openings are mined from all rows, and would carry one row into the lines of others.

Rows are padded on the left: the answers, the only part with a loss, then end in the same column, and the model does
not need to score the vocabulary for the lines before them.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from syngen.prompts import known_columns, known_part
from syngen.text import conditions
from syngen.text.attributes import measured_target
from syngen.text.words import normalised
from syngen.types import Reference, TextTarget, Value, generator

if TYPE_CHECKING:
    import torch

LEFT_OUT = 0.2  # probability that one measured value is left out of a line
ABOUT = ("aspects", "opening", "persona", "situation", "topic")
ABOUT_LEFT_OUT = 0.5  # probability that all of these are left out together
SORTED = 16  # batches whose rows are sorted by length together
MAX_TOKENS = 1024  # of one row; a longer one is cut, and loses its end token
EAGER_TOKENS = 512  # up to this width plain attention is faster than SDPA on a CPU, at the cost of memory


@dataclass(frozen=True, slots=True)
class FitRow:
    """A real row to learn from."""

    number: int  # of the row in the reference
    known: Mapping[str, Value]  # the structured columns that a prompt states
    texts: Mapping[str, str]  # the texts to write, by column
    targets: Mapping[str, TextTarget]  # what was measured of each text


Example = tuple[str, str, tuple[str, ...]]
"""One row as the model reads it: the line it is given, the answer without its end token, the bare texts."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """One tokenised example."""

    ids: list[int]  # of line, answer and end token
    answer: int  # number of tokens of the answer with its end token
    text: int  # number of tokens of the bare texts, as far as they were not cut off


def rows_of(
    reference: Reference, numbers: npt.NDArray[np.int64] | Sequence[int], *, alone: bool = False
) -> list[FitRow]:
    """Return the rows with these numbers that have a main text; of equal texts only the first.

    Args:
        reference: The real table.
        numbers: Row numbers in it.
        alone: Describe each row by itself: keep repeated texts, and use nothing mined from all texts.
    """
    main = reference.profile.main
    known = [column.name for column in known_columns(reference)]
    seen: set[str] = set()
    rows = []
    for number in map(int, numbers):
        cells = reference.frame.row(number, named=True)
        key = normalised(cells[main] or "")
        if not key or (key in seen and not alone):
            continue
        seen.add(key)
        texts = {c.name: cells[c.name] for c in reference.profile.written if cells[c.name]}
        targets = {
            name: measured_target(reference, name, number, attributed=name == main and not alone)
            for name in texts
        }
        rows.append(FitRow(number, known_part(known, cells), texts, targets))
    return rows


def example(row: FitRow, rng: np.random.Generator | None = None) -> Example:
    """Return a row as the model reads it; with `rng` a random part of the measured values is left out."""
    targets = {name: target if rng is None else _thinned(target, rng) for name, target in row.targets.items()}
    counted = frozenset(name for name, target in targets.items() if target.words)
    line, answer = conditions.line(row.known, targets), conditions.answer(row.texts, counted=counted)
    return line, answer, tuple(row.texts.values())


def examples(rows: Sequence[FitRow], seed: int, epoch: int) -> list[Example]:
    """Return the rows of one epoch; what is left out of each differs between epochs."""
    return [example(row, generator(seed, "left out", epoch, row.number)) for row in rows]


def tokens_of(example: Example, tokenizer: Any, *, special: bool, room: int = MAX_TOKENS) -> Tokens:
    """Tokenise an example.

    Args:
        example: As `example` returns it.
        tokenizer: The model's.
        special: Whether the model is prompted with the special tokens that its tokenizer puts before a text.
        room: The model's context length, in tokens.
    """
    before, after, texts = example
    line = list(tokenizer.encode(before, add_special_tokens=special))
    answer = list(tokenizer.encode(after, add_special_tokens=False))
    ids = [*line, *answer, tokenizer.eos_token_id][: min(room, MAX_TOKENS)]
    kept = max(1, len(ids) - len(line))
    return Tokens(ids, kept, count_tokens(texts, tokenizer, kept / (len(answer) + 1)))


def count_tokens(texts: Iterable[str], tokenizer: Any, kept: float) -> int:
    """Return the number of tokens of bare texts when this share of the answer that holds them is kept."""
    whole = sum(len(tokenizer.encode(text, add_special_tokens=False)) for text in texts)
    return max(1, round(kept * whole))


def in_batches(rows: Sequence[Tokens], size: int, seed: int, epoch: int) -> list[list[Tokens]]:
    """Return the rows of an epoch in random order, rows of similar length in one batch."""
    order = generator(seed, "order", epoch).permutation(len(rows)).tolist()
    batches = []
    for at in range(0, len(order), size * SORTED):
        some = sorted(order[at : at + size * SORTED], key=lambda i: len(rows[i].ids))
        batches += [[rows[i] for i in some[k : k + size]] for k in range(0, len(some), size)]
    places = generator(seed, "batches", epoch).permutation(len(batches)).tolist()
    return [batches[place] for place in places]


def loss_of(model: Any, batch: Sequence[Tokens]) -> tuple[torch.Tensor, int]:
    """Return the summed cross-entropy of a batch's answers in nats, and the number of tokens it is summed over."""
    import torch

    width = max(len(row.ids) for row in batch)
    keep = max(row.answer for row in batch)
    device = model.device
    if device.type == "cpu" and getattr(model, "_supports_sdpa", False):
        model.set_attn_implementation("eager" if width <= EAGER_TOKENS else "sdpa")
    ids = torch.tensor([[0] * (width - len(row.ids)) + row.ids for row in batch], device=device)
    starts = torch.tensor([width - len(row.ids) for row in batch], device=device).unsqueeze(1)
    positions = torch.arange(width, device=device).unsqueeze(0) - starts
    answers = torch.tensor([width - row.answer for row in batch], device=device).unsqueeze(1)
    optional = {"position_ids": positions.clamp(min=0), "logits_to_keep": keep + 1}
    plain = model.get_base_model() if hasattr(model, "get_base_model") else model  # PEFT accepts any argument
    accepted = inspect.signature(plain.forward).parameters  # Bloom, for one, has no positions
    output = model(
        input_ids=ids,
        attention_mask=(positions >= 0).long(),
        use_cache=False,
        **{name: value for name, value in optional.items() if name in accepted},
    )
    learnt = (torch.arange(width, device=device).unsqueeze(0) >= answers)[:, -keep:]
    logits = output.logits[:, -keep - 1 : -1][learnt].float()
    total = torch.nn.functional.cross_entropy(logits, ids[:, -keep:][learnt], reduction="sum")
    return total, len(logits)


def _thinned(target: TextTarget, rng: np.random.Generator) -> TextTarget:
    """Drop each value at random, and often all values of `ABOUT`: a plan sets those only on request."""
    empty = TextTarget(0)
    gone = {name: getattr(empty, name) for name in target.__slots__ if rng.random() < LEFT_OUT}
    if rng.random() < ABOUT_LEFT_OUT:
        gone |= {name: getattr(empty, name) for name in ABOUT}
    return replace(target, **gone)
