"""Training with differential privacy (DP-SGD, Abadi et al. 2016, arXiv:1607.00133), by Opacus.

Each step samples every row independently, clips the gradient of each row, and adds noise of the size of one row to
their sum, so that the weights reveal little of whether a row was learnt from. An accountant sums the privacy loss,
epsilon, over the steps (Rényi DP, Mironov 2017). The guarantee is for one row, not for a person who wrote several, and
for the weights alone. Sampling and noise are never seeded: whoever knew the seed could subtract the noise.
"""

from __future__ import annotations

import contextlib
import secrets
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from syngen.errors import ConfigError
from syngen.fitting.data import Tokens, loss_of
from syngen.fitting.weights import Budget, Weights

MAX_NORM = 1.0  # that the gradient of a row is clipped to
AT_ONCE = 4  # rows whose gradients are in memory at a time


class PrivateWeights(Weights):
    """Weights trained with differential privacy.

    Args:
        model: A model whose trainable weights are float32 and in linear layers, as LoRA's are.
        budget: Of the training; epsilon is spent when all its steps are made.
        rows: Number of rows learnt from.
        epsilon: The largest privacy loss allowed.

    Raises:
        ConfigError: No noise is large enough for this epsilon.
    """

    def __init__(self, model: Any, budget: Budget, rows: int, epsilon: float) -> None:
        from opacus.accountants import RDPAccountant
        from opacus.accountants.utils import get_noise_multiplier
        from opacus.grad_sample.grad_sample_module import GradSampleHooks
        from opacus.optimizers import DPOptimizer
        from torch import Generator

        super().__init__(model, budget)
        self._share = min(1.0, budget.batch / rows)  # expected share of the rows in a step
        self._delta = 0.1 / rows  # probability that the guarantee does not hold
        try:
            with _bounds():
                self._noise = get_noise_multiplier(
                    target_epsilon=epsilon,
                    target_delta=self._delta,
                    sample_rate=self._share,
                    steps=budget.steps(rows),
                )
        except ValueError as error:
            raise ConfigError(
                f"An epsilon of {epsilon:g} can't be reached with {rows:,} rows.",
                "Give a larger --private.",
            ) from error
        self._accountant = RDPAccountant()
        model.enable_input_require_grads()  # which the hooks of the first layer need
        self._hooks = GradSampleHooks(model, loss_reduction="sum")
        self._noisy = DPOptimizer(
            self._optimizer,
            noise_multiplier=self._noise,
            max_grad_norm=MAX_NORM,
            expected_batch_size=budget.batch,
            generator=Generator(model.device).manual_seed(secrets.randbits(63)),
        )

    @property
    def promised(self) -> dict[str, float]:
        """Epsilon spent so far, and delta."""
        with _bounds():
            spent = self._accountant.get_epsilon(delta=self._delta)
        return {"epsilon": float(spent), "delta": self._delta}

    def batches(self, rows: Sequence[Tokens], _epoch: int, /) -> list[list[Tokens]]:
        """Return Poisson samples of the rows, as many as make an epoch on average; unseeded."""
        chance = np.random.default_rng(secrets.randbits(128))
        drawn = chance.random((round(1 / self._share), len(rows))) < self._share
        batches = ([rows[i] for i in np.flatnonzero(one).tolist()] for one in drawn)
        return [sorted(batch, key=lambda row: len(row.ids)) for batch in batches]

    def learn(self, batch: Sequence[Tokens]) -> float:
        """Sum the clipped gradients of the rows."""
        import torch

        for weight in self._own.values():  # an empty sample still gets noise
            weight.grad_sample = None if batch else weight.new_zeros((0, *weight.shape))
        total, tokens = 0.0, 0
        for at in range(0, len(batch), AT_ONCE):
            loss, count = loss_of(self.model, batch[at : at + AT_ONCE])
            torch.autograd.backward(loss)
            self._noisy.signal_skip_step(do_skip=at + AT_ONCE < len(batch))
            if at + AT_ONCE < len(batch):
                self._noisy.step()
                self._noisy.zero_grad()
            total, tokens = total + loss.item(), tokens + count
        return total / max(1, tokens)

    def step(self, rate: float) -> None:
        """Add noise to the sum, take a step along it, and account for it."""
        self._set(rate)
        self._noisy.step()
        self._noisy.zero_grad()
        self._accountant.step(noise_multiplier=self._noise, sample_rate=self._share)

    def close(self) -> None:
        """Remove the hooks from the model."""
        self._hooks.remove_hooks()
        self.model.disable_input_require_grads()

    def state(self) -> dict[str, Any]:
        """Return all that is needed to resume, with the privacy loss so far."""
        return {**super().state(), "spent": list(self._accountant.history)}

    def restore(self, state: dict[str, Any]) -> None:
        """Resume from what `state` returned."""
        super().restore(state)
        self._accountant.history = list(state["spent"])


@contextlib.contextmanager
def _bounds() -> Iterator[None]:
    """Silence the accountant's remark that more orders could give a tighter bound."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Optimal order is the", UserWarning)
        yield
