"""Seeds: one number and a path of names in, an independent number out, the same on every machine."""

from __future__ import annotations

import hashlib
import json

import numpy as np


def derive(seed: int, *path: str | int) -> int:
    """A seed in 0..2**63-1 for what `path` names, independent of that of any other path."""
    text = json.dumps((seed, *path), default=int)  # quotes names, so that no two paths look alike
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def generator(seed: int, *path: str | int) -> np.random.Generator:
    """A NumPy generator for what `path` names."""
    return np.random.default_rng(derive(seed, *path))
