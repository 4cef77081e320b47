"""The trainable weights of a model, their optimizer, and the budget of a training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from syngen.fitting.data import Tokens, in_batches, loss_of

if TYPE_CHECKING:
    import torch

CLIPPED = 1.0  # norm of the gradient
DECAY = 0.01


@dataclass(frozen=True, slots=True)
class Budget:
    """How long to train, and how."""

    minutes: float | None  # at most; None: no limit
    epochs: float  # passes over the rows, at most
    rate: float  # the highest learning rate
    batch: int  # rows per step
    seed: int  # of the order of the rows and of what is left out of their lines
    fingerprint: str = ""  # what else must be the same for a checkpoint to be resumed

    def steps(self, rows: int) -> int:
        """Return the steps of all epochs, unless the time ends before."""
        return max(1, round(self.epochs * -(-rows // self.batch)))


class Weights:
    """The weights of a model that require a gradient, with AdamW.

    Of weights in bfloat16 a float32 copy is optimised and written back: small steps would be lost otherwise.
    """

    def __init__(self, model: Any, budget: Budget) -> None:
        import torch

        self.model = model
        self.budget = budget
        self._used = {name: p for name, p in model.named_parameters() if p.requires_grad}
        self._own: dict[str, Any] = {
            name: p if p.dtype == torch.float32 else torch.nn.Parameter(p.detach().float())
            for name, p in self._used.items()
        }
        self._optimizer = torch.optim.AdamW(
            self._own.values(), lr=budget.rate, weight_decay=DECAY, fused=True, betas=(0.9, 0.99)
        )

    def batches(self, rows: Sequence[Tokens], epoch: int, /) -> list[list[Tokens]]:
        """Return the rows of an epoch in batches, one for each step."""
        return in_batches(rows, self.budget.batch, self.budget.seed, epoch)

    def learn(self, batch: Sequence[Tokens]) -> float:
        """Accumulate the gradients of a batch; return its loss in nats per token of the answers."""
        import torch

        loss, count = loss_of(self.model, batch)
        torch.autograd.backward(loss / count)
        return loss.item() / count

    def step(self, rate: float) -> None:
        """Take a step along the gradients, and clear them."""
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
        """The differential privacy guarantee, "epsilon" and "delta"; empty without one."""
        return {}

    def close(self) -> None:
        """Remove what training added to the model."""

    def plain(self) -> dict[str, torch.Tensor]:
        """Return the weights by name."""
        return {name: own.detach() for name, own in self._own.items()}

    def load(self, kept: dict[str, torch.Tensor]) -> None:
        """Set the weights that `plain` returned."""
        for name, own in self._own.items():
            own.data.copy_(kept[name])
        self._hand_over()

    def state(self) -> dict[str, Any]:
        """Return all that is needed to resume."""
        return {"weights": self.plain(), "optimizer": self._optimizer.state_dict()}

    def restore(self, state: dict[str, Any]) -> None:
        """Resume from what `state` returned."""
        self.load(state["weights"])
        self._optimizer.load_state_dict(state["optimizer"])

    def _set(self, rate: float) -> None:
        for group in self._optimizer.param_groups:
            group["lr"] = rate

    def _copies(self) -> list[tuple[Any, Any]]:
        """Pairs of the optimised copy and the model's own weight, where they differ."""
        pairs = zip(self._own.values(), self._used.values(), strict=True)
        return [(own, used) for own, used in pairs if own is not used]

    def _hand_over(self) -> None:
        """Write the optimised copies into the model."""
        for own, used in self._copies():
            used.data.copy_(own.data)
