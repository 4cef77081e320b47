"""From examples to what a training step reads: tokens, batches of rows of about the same length, tensors.

Rows are padded on the left, so that the answers, on which alone the loss is taken, end in the same column and
the model need not score the vocabulary for the lines before them.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from syngen.fitting.rows import Example
from syngen.types import generator

if TYPE_CHECKING:
    import torch

SORTED = 16  # batches whose rows are sorted by length together
MOST_TOKENS = 1024  # of one row; longer ones are cut, and learn no end
SHORT = 512  # tokens up to which a processor is quicker with attention as plain products, which keep a number per pair


@dataclass(frozen=True, slots=True)
class Tokens:
    """One example in tokens.

    Attributes:
        ids: The line, the answer and the end.
        answer: How many of them are answer and end.
        text: How many tokens the bare texts in it have, as far as they are there.
    """

    ids: list[int]
    answer: int
    text: int


def tokens_of(example: Example, tokenizer: Any, *, special: bool, room: int = MOST_TOKENS) -> Tokens:
    """An example in tokens.

    Args:
        example: A line and its answer.
        tokenizer: Of the model.
        special: Whether the model is asked with the tokens that its tokenizer puts before a text.
        room: Tokens that the model can look at.
    """
    line = list(tokenizer.encode(example.line, add_special_tokens=special))
    answer = list(tokenizer.encode(example.answer, add_special_tokens=False))
    ids = [*line, *answer, tokenizer.eos_token_id][: min(room, MOST_TOKENS)]
    kept = max(1, len(ids) - len(line))
    return Tokens(ids, kept, count(example.texts, tokenizer, kept / (len(answer) + 1)))


def count(texts: Iterable[str], tokenizer: Any, kept: float) -> int:
    """How many tokens bare texts have, when this share of the answer that holds them is kept."""
    whole = sum(len(tokenizer.encode(text, add_special_tokens=False)) for text in texts)
    return max(1, round(kept * whole))


def in_batches(rows: Sequence[Tokens], size: int, seed: int, epoch: int) -> list[list[Tokens]]:
    """The rows of an epoch in random order, those of about the same length together."""
    order = generator(seed, "order", epoch).permutation(len(rows)).tolist()
    batches = []
    for at in range(0, len(order), size * SORTED):
        some = sorted(order[at : at + size * SORTED], key=lambda i: len(rows[i].ids))
        batches += [[rows[i] for i in some[k : k + size]] for k in range(0, len(some), size)]
    places = generator(seed, "batches", epoch).permutation(len(batches)).tolist()
    return [batches[place] for place in places]


def loss_of(model: Any, batch: Sequence[Tokens]) -> tuple[torch.Tensor, int]:
    """The sum of the losses on the answers of a batch (natural logarithm), and on how many tokens.

    Args:
        model: A causal language model.
        batch: Rows in tokens.
    """
    import torch

    width = max(len(row.ids) for row in batch)
    keep = max(row.answer for row in batch)
    device = model.device
    if device.type == "cpu" and getattr(model, "_supports_sdpa", False):  # else it has the plain ones alone
        model.set_attn_implementation("eager" if width <= SHORT else "sdpa")
    ids = torch.tensor([[0] * (width - len(row.ids)) + row.ids for row in batch], device=device)
    starts = torch.tensor([width - len(row.ids) for row in batch], device=device).unsqueeze(1)
    places = torch.arange(width, device=device).unsqueeze(0) - starts
    firsts = torch.tensor([width - row.answer for row in batch], device=device).unsqueeze(1)
    told = {"position_ids": places.clamp(min=0), "logits_to_keep": keep + 1}
    plain = model.get_base_model() if hasattr(model, "get_base_model") else model  # PEFT hands everything on
    known = inspect.signature(plain.forward).parameters  # Bloom, for one, has no positions
    output = model(
        input_ids=ids,
        attention_mask=(places >= 0).long(),
        use_cache=False,
        **{name: value for name, value in told.items() if name in known},
    )
    learnt = (torch.arange(width, device=device).unsqueeze(0) >= firsts)[:, -keep:]
    scores = output.logits[:, -keep - 1 : -1][learnt].float()
    total = torch.nn.functional.cross_entropy(scores, ids[:, -keep:][learnt], reduction="sum")
    return total, len(scores)
