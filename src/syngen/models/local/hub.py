"""Fetch models from the Hugging Face hub; a model is the folder of one commit.

The hub's cache is used when the hub can't be reached. The folder's name is the commit, which identifies the weights.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from syngen.errors import ModelError, ModelFailed, ModelNotFound, ModelRefused, ModelUnreachable
from syngen.models.keys import scrub

# ORG/NAME, a GGUF file of it, a revision; the few oldest models have no owner
_NAME = re.compile(r"([\w.-]+(?:/[\w.-]+)?)(?:/(.+\.gguf))?(?:@(.*))?")
SECONDS = 10.0  # to wait for the hub's first answer
_ABOUT = (".json", ".txt", ".model", ".jinja", ".tiktoken")  # configuration, tokenizer, chat template
_WEIGHTS = (".safetensors", ".bin")  # the first kind there is
_NOT_WEIGHTS = ("consolidated", "training_args", "optimizer", "scheduler", "rng_state")


def snapshot(name: str) -> tuple[Path, str]:
    """Return the folder of a model's files in the hub's cache, after fetching what is missing, and the file named.

    Args:
        name: `ORG/NAME`, for all that transformers loads, or `ORG/NAME/FILE.gguf`, for one file; `@REVISION` is a
            branch, tag or commit, by default the main branch.

    Raises:
        ModelNotFound: The hub has no such model or revision, or it can't be reached and the cache has none.
        ModelRefused: The model is behind terms or the token is not taken.
        ModelUnreachable: The connection broke while fetching.
        ModelFailed: The hub answered with an error of its own.
    """
    if (parts := _NAME.fullmatch(name)) is None:
        raise ModelNotFound(
            f"There is no folder and no GGUF file '{name}', and no model of the hub has such a name.",
            "Give hf/ORG/NAME, hf/ORG/NAME@REVISION or hf/PATH/TO/FOLDER.",
        )
    repo, file, revision = parts[1], parts[2] or "", parts[3] or None
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import HfHubHTTPError

    try:
        try:
            info = HfApi().model_info(repo, revision=revision, timeout=SECONDS)
        except HfHubHTTPError:
            raise
        except errors():
            return _cached(repo, revision, file), file
        files = [file] if file else _wanted([f.rfilename for f in info.siblings or []])
        if not files:
            raise ModelNotFound(
                f"{repo} holds no model that transformers loads.",
                f"A GGUF file of it is named like this: hf/{repo}/FILE.gguf",
            )
        # By the revision's name, not its commit: only so does the cache note what the name stands for.
        return Path(snapshot_download(repo, revision=revision, allow_patterns=files)), file
    except errors() as error:
        again = f"Check the network, then continue where it stopped: hf download {repo}"
        raise translated(error, repo, again, revision) from error


def _cached(repo: str, revision: str | None, file: str) -> Path:
    """Return the cached folder; `snapshot_download` would call it incomplete without the files left out on purpose."""
    from huggingface_hub import try_to_load_from_cache

    for known in [file] if file else ["config.json", "adapter_config.json"]:
        cached = try_to_load_from_cache(repo, known, revision=revision)
        if isinstance(cached, str):
            folder = Path(cached).parent
            if file or _wanted([entry.name for entry in folder.iterdir()]):
                return folder
    at = f" at {revision}" if revision else ""
    option = f" --revision {revision}" if revision else ""
    raise ModelNotFound(
        f"The hub can't be reached, and its cache on this machine has no {repo}{at}.",
        f"Fetch it where there is a network: hf download {repo}{option}; or give a folder: hf/PATH/TO/FOLDER",
    )


def _wanted(files: Sequence[str]) -> list[str]:
    """Return the files that transformers loads: none in folders, and one kind of weights."""
    top = [f for f in files if "/" not in f and not f.startswith(_NOT_WEIGHTS)]
    for kind in _WEIGHTS:
        if weights := [f for f in top if f.endswith(kind)]:
            return [*(f for f in top if f.endswith(_ABOUT)), *weights]
    return []


def errors() -> tuple[type[Exception], ...]:
    """Return what the hub's library raises; its HTTP client is httpx or httpx2, depending on the version."""
    from huggingface_hub.errors import HfHubHTTPError

    return (OSError, HfHubHTTPError.__bases__[0])


def translated(error: Exception, repo: str, hint: str, revision: str | None = None) -> ModelError:
    """Translate an error of the hub's library.

    Args:
        error: One of `errors`.
        repo: What was asked for.
        hint: What to do when the hub can't be reached.
        revision: Of the repository.
    """
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        OfflineModeIsEnabled,
        RemoteEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    cause = error.__cause__
    if isinstance(error, LocalEntryNotFoundError) and isinstance(cause, errors()):
        return translated(cause, repo, hint, revision)  # it says only that the cache has no such file either
    if isinstance(error, GatedRepoError):
        return ModelRefused(
            f"{repo} is only for those who accepted its terms.",
            f"Accept them at https://huggingface.co/{repo}, then: hf auth login (or set HF_TOKEN)",
        )
    if isinstance(error, RevisionNotFoundError):
        return ModelNotFound(
            f"{repo} has no revision '{revision}'.",
            f"Its branches and commits are listed at https://huggingface.co/{repo}/commits/main",
        )
    if isinstance(error, RepositoryNotFoundError | RemoteEntryNotFoundError):
        return ModelNotFound(
            f"The hub shows no model '{repo}' with what is asked for, or not to you.",
            "Check the name at https://huggingface.co/models; for a private model: hf auth login (or set HF_TOKEN)",
        )
    if isinstance(error, OfflineModeIsEnabled):
        return ModelUnreachable("HF_HUB_OFFLINE is set, so nothing can be fetched.", "Unset it.")
    if isinstance(error, HfHubHTTPError):
        message = scrub(str(error.server_message or f"status {error.response.status_code}")).rstrip(".")
        if error.response.status_code in (401, 403):
            return ModelRefused(
                f"The hub does not take the token for {repo}: {message}.",
                "Get a new one: hf auth login (or set HF_TOKEN)",
            )
        return ModelFailed(f"The Hugging Face hub refused {repo}: {message}.", "Try again later.")
    reason = scrub(str(error) or type(error).__name__).splitlines()[0]
    bare = re.sub(r"^\[Errno -?\d+\] ", "", reason).rstrip(".")
    return ModelUnreachable(f"The Hugging Face hub can't be reached ({bare}).", hint)
