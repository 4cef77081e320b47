"""Training with differential privacy (DP-SGD, Abadi et al. 2016, arXiv:1607.00133), by Opacus.

Every row of a step is drawn by a throw of its own, its gradient is cut to a norm, and noise as large as a row could
be is added to their sum; so whoever sees the weights can hardly tell whether a row was among those learnt from. How
hardly is epsilon, which an accountant sums up over the steps (Rényi DP, Mironov 2017). It is promised for one row,
not for a person who wrote several, and for the weights alone. The throws and the noise are never seeded: who knew
them could take the noise off again.
"""

from __future__ import annotations

import contextlib
import importlib.util
import secrets
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from syngen.errors import ConfigError, ModelNotFound
from syngen.fitting.batches import Tokens, loss_of
from syngen.fitting.settings import Budget
from syngen.fitting.weights import Weights

LONGEST = 1.0  # norm that the gradient of a row is cut to
AT_ONCE = 4  # rows whose gradients are held at a time


def check_opacus() -> None:
    """That what this needs is installed.

    Raises:
        ModelNotFound: It is not.
    """
    if importlib.util.find_spec("opacus") is None:
        raise ModelNotFound(
            "Fitting with differential privacy needs the package opacus.",
            "Install it: pip install 'syngen-text[private]'",
        )


class PrivateWeights(Weights):
    """Weights that no single row moves by more than the noise hides.

    Args:
        model: Trained are weights of full width in linear layers, as LoRA has them.
        budget: Of the training; its steps spend epsilon if time does not end them before.
        rows: Learnt from.
        epsilon: Wanted at most.

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
        self._share = min(1.0, budget.batch / rows)  # of the rows in a step, on average
        self._delta = 0.1 / rows  # chance that the promise does not hold
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
                f"So small an epsilon as {epsilon:g} can't be kept with {rows:,} rows.",
                "Give a larger --private.",
            ) from error
        self._accountant = RDPAccountant()
        model.enable_input_require_grads()  # else the hooks of the first layer have nothing to hang on
        self._hooks = GradSampleHooks(model, loss_reduction="sum")
        self._noisy = DPOptimizer(
            self._optimizer,
            noise_multiplier=self._noise,
            max_grad_norm=LONGEST,
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
        """As many draws as make an epoch on average; never the same twice."""
        chance = np.random.default_rng(secrets.randbits(128))
        drawn = chance.random((round(1 / self._share), len(rows))) < self._share
        batches = ([rows[i] for i in np.flatnonzero(one).tolist()] for one in drawn)
        return [sorted(batch, key=lambda row: len(row.ids)) for batch in batches]

    def learn(self, batch: Sequence[Tokens]) -> float:
        """Sum up the cut gradients of the rows."""
        import torch

        for weight in self._own.values():  # of a draw without a row there is still noise to be added
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
        """Add noise to the sum, move along it, and note what that has spent."""
        self._set(rate)
        self._noisy.step()
        self._noisy.zero_grad()
        self._accountant.step(noise_multiplier=self._noise, sample_rate=self._share)

    def close(self) -> None:
        """Take the hooks off the model."""
        self._hooks.remove_hooks()
        self.model.disable_input_require_grads()

    def state(self) -> dict[str, Any]:
        """Everything needed to go on, what was spent too."""
        return {**super().state(), "spent": list(self._accountant.history)}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` gave."""
        super().restore(state)
        self._accountant.history = list(state["spent"])


@contextlib.contextmanager
def _bounds() -> Iterator[None]:
    """Without the accountant's remark that more orders could give a tighter bound: a bound it is all the same."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Optimal order is the", UserWarning)
        yield
