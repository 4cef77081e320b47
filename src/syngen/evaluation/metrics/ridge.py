"""A linear classifier that is trained in a millisecond: ridge regression on class labels.

The same model as scikit-learn's `RidgeClassifier(alpha=1, class_weight="balanced")`, whose checks of its
input take many times longer than the fit itself on the few hundred rows of a floor draw.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from syngen.evaluation.sample import Index

Floats = npt.NDArray[np.floating]

_TOLERANCE = 1e-2  # of the residual, for sparse features
_TINY = np.float32(1e-30)


def ridge(features: Any, classes: Index) -> tuple[Index, Callable[[Any], Floats]]:
    """Train a classifier by regularised least squares, each class weighing the same.

    Args:
        features: Dense or sparse (CSR) of 32-bit floats, shape (rows, features).
        classes: Of each row; two different ones at least.

    Returns:
        The classes that occur, in order, and a function from features to a score for each of them, shape
        (rows, classes); the highest is the prediction.
    """
    from scipy.sparse import issparse

    known, place, counts = np.unique(classes, return_inverse=True, return_counts=True)
    weight = (len(classes) / (len(known) * counts))[place].astype(np.float32)
    root = np.sqrt(weight)[:, None]
    targets = np.where(place[:, None] == np.arange(len(known)), 1, -1).astype(np.float32)
    if len(known) == 2:
        targets = targets[:, 1:]
    total = weight.sum()
    target_mean = weight @ targets / total
    targets = (targets - target_mean) * root
    mean = np.asarray(features.T @ weight).ravel() / total
    if issparse(features):
        slopes = _conjugate_gradients(features, mean, root, targets)
    else:
        slopes = _solved((features - mean) * root, targets)
    constant = target_mean - mean @ slopes

    def decide(of: Any) -> Floats:
        decided: Floats = np.asarray(of @ slopes) + constant
        return np.hstack([-decided, decided]) if len(known) == 2 else decided

    return known, decide


def _solved(centred: Floats, targets: Floats) -> Floats:
    """Solve for the slopes, shape (features, targets), by way of the smaller of the two square matrices."""
    from scipy.linalg import solve

    rows, features = centred.shape
    square = centred @ centred.T if features > rows else centred.T @ centred
    square.flat[:: len(square) + 1] += 1
    right = targets if features > rows else centred.T @ targets
    solved: Floats = solve(square, right, assume_a="pos", check_finite=False)
    return centred.T @ solved if features > rows else solved


def _conjugate_gradients(features: Any, mean: Floats, root: Floats, targets: Floats) -> Floats:
    """Solve for the slopes, shape (features, targets), of all targets at once, without a dense copy."""
    from scipy.sparse import csr_matrix

    rows, width = features.shape
    used = np.zeros(width, np.bool_)
    used[features.indices] = True
    mean, place = mean[used], (np.cumsum(used) - 1)[features.indices]
    scaled = csr_matrix(
        (features.data * np.repeat(root, np.diff(features.indptr)), place, features.indptr),
        shape=(rows, len(mean)),
    )
    dual = width > rows

    def forward(at: Floats) -> Any:
        return scaled @ at - root * (mean @ at)

    def back(at: Floats) -> Any:
        return scaled.T @ at - np.outer(mean, root[:, 0] @ at)

    left = targets if dual else back(targets)
    solution, step = np.zeros_like(left), np.zeros_like(left)
    size = (left * left).sum(axis=0)
    enough = _TOLERANCE**2 * size
    for _ in range(10 * len(left)):
        unsolved = size > enough
        if not unsolved.any():
            break
        step += left
        image = (forward(back(step)) if dual else back(forward(step))) + step
        reach = np.where(unsolved, size / np.maximum((step * image).sum(axis=0), _TINY), 0).astype(np.float32)
        solution += reach * step
        left = left - reach * image
        before, size = np.maximum(size, _TINY), (left * left).sum(axis=0)
        step *= size / before
    slopes = np.zeros((width, targets.shape[1]), np.float32)
    slopes[used] = back(solution) if dual else solution
    return slopes
