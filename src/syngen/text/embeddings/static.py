"""Static models (model2vec): the mean of a text's word vectors, fast enough for every row.

A name or a folder in, an `Encoder` out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from syngen.errors import ModelFailed
from syngen.text.embeddings.folders import from_hub, packaged

if TYPE_CHECKING:
    from model2vec import StaticModel


class StaticEncoder:
    """A model2vec model.

    Args:
        model: The loaded model.
        name: For people.
    """

    def __init__(self, model: StaticModel, name: str) -> None:
        self.name = name
        self._model = model

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Unit vectors of texts, shape (texts, dimensions); a text without a known word gives zeros."""
        if not texts:
            return np.zeros((0, self._model.dim), dtype=np.float32)
        # One thread of our own: the tokenizer already uses all cores.
        return unit(self._model.encode(list(texts), use_multiprocessing=False))


def open_static(model: str) -> StaticEncoder:
    """Open a static model.

    Args:
        model: A folder, or a name on the hub, with or without its owner.

    Raises:
        ModelNotFound: It is not here and can't be fetched.
        ModelFailed: Its files can't be read.
    """
    given = Path(model)
    folder = given if given.is_dir() else packaged(model) or from_hub(model)
    from model2vec import StaticModel

    try:
        loaded = StaticModel.from_pretrained(folder)
    except Exception as error:  # the tokenizer's library raises plain Exception
        raise ModelFailed(
            f"The encoder in '{folder}' can't be loaded: {error}.",
            "It must be a model2vec model: config.json, model.safetensors and tokenizer.json.",
        ) from error
    return StaticEncoder(loaded, given.resolve().name if given.is_dir() else model)


def unit(vectors: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """Rows scaled to length 1, in single precision; rows of zeros stay as they are."""
    single = np.asarray(vectors, dtype=np.float32)
    length = np.linalg.norm(single, axis=1, keepdims=True)
    return (single / np.where(length > 0, length, 1)).astype(np.float32, copy=False)
