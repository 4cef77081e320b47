"""Texts become vectors: an encoder is opened by name, a list of texts comes in, unit vectors go out."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from syngen.errors import ModelNotFound
from syngen.text.embeddings.folders import holds_static, packaged

__all__ = ["DEFAULT", "LIBRARIES", "VARIABLE", "Encoder", "open_encoder"]

DEFAULT = "potion-base-8M"
VARIABLE = "SYNGEN_ENCODER"  # names a folder that holds another default

LIBRARIES: Mapping[str, str] = {
    "model2vec": "syngen.text.embeddings.static:open_static",
    "sentence-transformers": "syngen.text.embeddings.sentences:open_sentences",
}


class Encoder(Protocol):
    """The seam to an embedding model: one required method."""

    name: str  # for people, such as "potion-base-8M"

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Unit vectors of texts, shape (texts, dimensions); an empty text gives a zero vector."""
        ...


Opener = Callable[[str], Encoder]


def open_encoder(name: str | None = None) -> Encoder:
    """Open an encoder by name.

    Args:
        name: `potion-base-8M`, a folder that holds a model, `model2vec/NAME-or-folder` or
            `sentence-transformers/NAME-or-folder`. None takes the folder that the environment variable
            SYNGEN_ENCODER names, or else `potion-base-8M` (a static model, MIT, about 20,000 texts a
            second), from the package `mostlyai-qa` where that is installed and from the hub elsewhere.

    Raises:
        ModelNotFound: There is no such encoder, it is not here and can't be fetched, or the library it
            needs is not installed; the hint says how to get it.
        ModelFailed: It is here and can't be loaded.
    """
    if name is None and (named := os.environ.get(VARIABLE)):
        if not Path(named).is_dir():
            raise ModelNotFound(
                f"The variable {VARIABLE} names '{named}', which is not a folder.",
                f"Set it to a folder with a model2vec or sentence-transformers model, or unset it to use"
                f" {DEFAULT}.",
            )
        return _of_folder(named)
    wanted = name or DEFAULT
    library, _, model = wanted.partition("/")
    if library in LIBRARIES and model:
        return _opener(library)(model)
    if Path(wanted).is_dir():
        return _of_folder(wanted)
    if wanted == DEFAULT:
        return _opener("model2vec")(str(packaged(DEFAULT) or DEFAULT))
    raise ModelNotFound(
        f"There is no encoder '{wanted}'.",
        f"Encoders: {DEFAULT}, a folder, " + ", ".join(f"{known}/NAME" for known in LIBRARIES) + ".",
    )


def _of_folder(folder: str) -> Encoder:
    if holds_static(Path(folder)):
        return _opener("model2vec")(folder)
    if (Path(folder) / "config.json").is_file() or (Path(folder) / "modules.json").is_file():
        return _opener("sentence-transformers")(folder)
    raise ModelNotFound(
        f"The folder '{folder}' holds no encoder.",
        "Give one with a model2vec or sentence-transformers model.",
    )


def _opener(library: str) -> Opener:
    module, _, function = LIBRARIES[library].partition(":")
    opener: Opener = getattr(importlib.import_module(module), function)
    return opener
