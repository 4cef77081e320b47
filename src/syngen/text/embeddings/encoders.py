"""Open embedding models: static ones (model2vec), fast enough for every row, and sentence transformers."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from syngen.errors import ModelFailed, ModelNotFound
from syngen.text.embeddings.folders import from_hub, packaged, reachable
from syngen.text.embeddings.latent import unit

_BATCH = 64  # texts at once


class StaticEncoder:
    """A loaded model2vec model: the mean of a text's word vectors."""

    def __init__(self, model: Any, name: str) -> None:
        self.name = name
        self._model = model

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Unit vectors of texts, shape (texts, dimensions); a text without a known word gives zeros."""
        if not texts:
            return np.zeros((0, self._model.dim), dtype=np.float32)
        # No further processes: the tokenizer already uses all cores.
        return unit(self._model.encode(list(texts), use_multiprocessing=False))


class SentenceEncoder:
    """A loaded sentence-transformers model: slower, and nearer to the meaning."""

    def __init__(self, model: Any, name: str) -> None:
        self.name = name
        self._model = model

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Unit vectors of texts, shape (texts, dimensions); an empty text gives a zero vector."""
        written = np.array([bool(text.strip()) for text in texts], dtype=bool)
        chosen = [text for text in texts if text.strip()] or ["-"]  # one at least, for the dimensions
        vectors = self._model.encode(
            chosen, batch_size=_BATCH, convert_to_numpy=True, show_progress_bar=False
        )
        encoded = np.zeros((len(texts), vectors.shape[1]), dtype=np.float32)
        if written.any():
            encoded[written] = unit(vectors)
        return encoded


def open_static(model: str) -> StaticEncoder:
    """Open a static model.

    Args:
        model: A folder, or a name on the hub, with or without its owner.

    Raises:
        ModelNotFound: It is not on this machine and can't be fetched.
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


def open_sentences(model: str) -> SentenceEncoder:
    """Open a sentence-transformers model.

    Args:
        model: A folder, or a name on the hub, with or without its owner.

    Raises:
        ModelNotFound: The library is not installed, or the model is not on this machine and can't be fetched.
        ModelFailed: The model can't be loaded.
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
