"""Sentence transformers: slower than a static model and nearer to the meaning; an optional library.

A name or a folder in, an `Encoder` out.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from syngen.errors import ModelFailed, ModelNotFound
from syngen.text.embeddings.folders import reachable
from syngen.text.embeddings.static import unit

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BATCH = 64  # texts at once


class SentenceEncoder:
    """A sentence-transformers model.

    Args:
        model: The loaded model.
        name: For people.
    """

    def __init__(self, model: SentenceTransformer, name: str) -> None:
        self.name = name
        self._model = model

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Unit vectors of texts, shape (texts, dimensions); an empty text gives a zero vector."""
        written = np.array([bool(text.strip()) for text in texts], dtype=bool)
        chosen = [text for text in texts if text.strip()] or ["-"]  # one at least, for the dimensions
        vectors = self._model.encode(chosen, batch_size=BATCH, convert_to_numpy=True, show_progress_bar=False)
        encoded = np.zeros((len(texts), vectors.shape[1]), dtype=np.float32)
        if written.any():
            encoded[written] = unit(vectors)
        return encoded


def open_sentences(model: str) -> SentenceEncoder:
    """Open a sentence-transformers model.

    Args:
        model: A folder, or a name on the hub, with or without its owner.

    Raises:
        ModelNotFound: The library is not installed, or the model is not here and can't be fetched.
        ModelFailed: The model is here and can't be loaded.
    """
    if find_spec("sentence_transformers") is None:
        raise ModelNotFound(
            f"The encoder 'sentence-transformers/{model}' needs the library sentence-transformers.",
            "Install it: pip install 'syngen-text[transformers]'",
        )
    from sentence_transformers import SentenceTransformer

    given = Path(model)
    try:
        loaded = SentenceTransformer(model, local_files_only=True)
    except Exception as error:  # the libraries below raise errors of many kinds
        if given.is_dir():
            raise ModelFailed(
                f"The encoder in '{model}' can't be loaded: {error}.",
                "It must be a model2vec or a sentence-transformers model.",
            ) from error
        reachable(model if "/" in model else f"sentence-transformers/{model}")
        loaded = SentenceTransformer(model)
    return SentenceEncoder(loaded, given.resolve().name if given.is_dir() else model)
