"""Turn texts into vectors: `open_encoder` opens an encoder by name, `Encoder.encode` returns unit vectors."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from syngen.errors import ModelNotFound
from syngen.text.embeddings.encoders import holds_static, open_sentences, open_static

__all__ = ["DEFAULT", "VARIABLE", "Encoder", "open_encoder"]

DEFAULT = "potion-base-8M"
VARIABLE = "SYNGEN_ENCODER"  # names a folder that holds another default


class Encoder(Protocol):
    """An embedding model: one required method."""

    name: str  # for people, such as "potion-base-8M"

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Unit vectors of texts, shape (texts, dimensions); an empty text gives a zero vector."""
        ...


_OPENERS: Mapping[str, Callable[[str], Encoder]] = {
    "model2vec": open_static,
    "sentence-transformers": open_sentences,
}


def open_encoder(name: str | None = None) -> Encoder:
    """Open an encoder by name.

    Args:
        name: `potion-base-8M`, a folder that holds a model, `model2vec/NAME-or-folder` or
            `sentence-transformers/NAME-or-folder`. None takes the folder that the environment variable
            SYNGEN_ENCODER names, or else `potion-base-8M` (a static model, MIT, about 20,000 texts a
            second), from the package `mostlyai-qa` where that is installed and from the hub elsewhere.

    Raises:
        ModelNotFound: There is no such encoder, it is not on this machine and can't be fetched, or the
            library it needs is not installed; the hint says how to get it.
        ModelFailed: It can't be loaded.
    """
    chosen = name or os.environ.get(VARIABLE) or DEFAULT
    library, _, model = chosen.partition("/")
    if name and library in _OPENERS and model:
        return _OPENERS[library](model)
    if (folder := Path(chosen)).is_dir():
        if holds_static(folder):
            return open_static(chosen)
        if (folder / "config.json").is_file() or (folder / "modules.json").is_file():
            return open_sentences(chosen)
        raise ModelNotFound(
            f"The folder '{chosen}' holds no encoder.",
            "Give one with a model2vec or sentence-transformers model.",
        )
    if chosen == DEFAULT:
        return open_static(DEFAULT)
    if not name:
        raise ModelNotFound(
            f"The variable {VARIABLE} names '{chosen}', which is not a folder.",
            f"Set it to a folder with a model2vec or sentence-transformers model, or unset it to use {DEFAULT}.",
        )
    raise ModelNotFound(
        f"There is no encoder '{chosen}'.",
        f"Encoders: {DEFAULT}, a folder, " + ", ".join(f"{known}/NAME" for known in _OPENERS) + ".",
    )
