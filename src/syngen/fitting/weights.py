"""The weights that are trained: which they are, how rows reach them, how they move."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from syngen.fitting.batches import Tokens, in_batches, loss_of
from syngen.fitting.settings import Budget

if TYPE_CHECKING:
    import torch

CLIPPED = 1.0  # norm of the gradient
DECAY = 0.01


class Weights:
    """Those weights of a model that want a gradient, and their optimizer, AdamW.

    Of narrow numbers a copy of full width is kept, which is what moves: small steps would be lost in them.
    """

    def __init__(self, model: Any, budget: Budget) -> None:
        import torch

        self.model = model
        self._budget = budget
        self._used = {name: p for name, p in model.named_parameters() if p.requires_grad}
        self._own: dict[str, Any] = {
            name: p if p.dtype == torch.float32 else torch.nn.Parameter(p.detach().float())
            for name, p in self._used.items()
        }
        self._optimizer = torch.optim.AdamW(
            self._own.values(), lr=budget.rate, weight_decay=DECAY, fused=True, betas=(0.9, 0.99)
        )

    def batches(self, rows: Sequence[Tokens], epoch: int, /) -> list[list[Tokens]]:
        """The rows of an epoch, those of each step together."""
        return in_batches(rows, self._budget.batch, self._budget.seed, epoch)

    def learn(self, batch: Sequence[Tokens]) -> float:
        """Take in the gradients of a batch; its loss, nats a token of the answers."""
        import torch

        loss, count = loss_of(self.model, batch)
        torch.autograd.backward(loss / count)
        return loss.item() / count

    def step(self, rate: float) -> None:
        """Move along the gradients, and forget them."""
        import torch

        self._set(rate)
        for own, used in self._copies():
            own.grad, used.grad = None if used.grad is None else used.grad.float(), None
        torch.nn.utils.clip_grad_norm_(self._own.values(), CLIPPED)
        self._optimizer.step()
        self._optimizer.zero_grad()
        self._hand_over()

    @property
    def promised(self) -> dict[str, float]:
        """What differential privacy promises of each row learnt from: nothing here."""
        return {}

    def close(self) -> None:
        """Leave the model as it is used."""

    def plain(self) -> dict[str, torch.Tensor]:
        """The weights by name."""
        return {name: own.detach() for name, own in self._own.items()}

    def load(self, kept: dict[str, torch.Tensor]) -> None:
        """Take up weights that `plain` gave."""
        for name, own in self._own.items():
            own.data.copy_(kept[name])
        self._hand_over()

    def state(self) -> dict[str, Any]:
        """Everything needed to go on."""
        return {"weights": self.plain(), "optimizer": self._optimizer.state_dict()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` gave."""
        self.load(state["weights"])
        self._optimizer.load_state_dict(state["optimizer"])

    def _set(self, rate: float) -> None:
        for group in self._optimizer.param_groups:
            group["lr"] = rate

    def _copies(self) -> list[tuple[Any, Any]]:
        """What moves and what the model uses, where these are two."""
        pairs = zip(self._own.values(), self._used.values(), strict=True)
        return [(own, used) for own, used in pairs if own is not used]

    def _hand_over(self) -> None:
        """Write what moved into what the model uses."""
        for own, used in self._copies():
            used.data.copy_(own.data)
