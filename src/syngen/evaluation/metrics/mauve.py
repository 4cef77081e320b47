"""MAUVE: the gap between two texts' distributions, by the package `mauve-text`, which is under the GPL.

The package is an optional extra and is imported
only when this score is asked for.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec

from syngen.evaluation.metrics.registry import metric
from syngen.evaluation.metrics.statistic import NotComputable, Statistic
from syngen.evaluation.sample import Comparison, EvalSample, Index

_SEED = 25  # the package's own


@metric(
    "similarity",
    "higher",
    title="MAUVE",
    source="MAUVE (Pillutla et al. 2021), package mauve-text, on the embeddings of the encoder",
    matters=0.1,
    most=2_000,
    fewest=50,
    draws=20,
    resamples=10,
    extra="mauve",
    of="vectors",
)
def mauve(sample: EvalSample, sides: Comparison, _column: str) -> Statistic:
    """Overlap of the two sets of texts in meaning, from 0 to 1; 1 is the same."""
    # Not the published scale, which rests on GPT-2's features: comparable only under the same encoder
    # and at the same number of rows.
    if find_spec("mauve") is None:
        raise NotComputable("install the extra: pip install 'syngen-text[mauve]'")

    real, synthetic = sample.embedding[sides.real], sample.embedding[sides.synthetic]

    def over(positions: Index) -> float:
        with _quiet():
            compute = import_module("mauve").compute_mauve
            found = compute(p_features=synthetic[positions], q_features=real, seed=_SEED)
        return float(found.mauve)

    return over


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what the package's libraries say to themselves.

    faiss warns of every clustering with few rows a cluster, which MAUVE always has, and writes past
    Python to the process's standard error.
    """
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            os.dup2(nowhere, 2)
            yield
    finally:
        os.dup2(kept, 2)
        os.close(nowhere)
        os.close(kept)
