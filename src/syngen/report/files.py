"""A report's text to a file, written whole or not at all: text and a path in, the path out."""

from __future__ import annotations

from pathlib import Path

from syngen.errors import OutputError
from syngen.files import atomic


def write_text(text: str, path: Path) -> Path:
    """Write UTF-8 text; an older file of that name is replaced only when the new one is complete.

    Half a surrogate pair, which a model may write, becomes a question mark.

    Raises:
        OutputError: The file can't be written there.
    """
    if path.is_dir():
        raise OutputError(f"The report {path} is a folder.", "Name a file in it.")
    folder = path.absolute().parent
    if not folder.is_dir():
        raise OutputError(f"The folder {folder} of the report does not exist.", f"Make it: mkdir -p {folder}")
    try:
        with atomic(path) as part:
            part.write_bytes(text.encode("utf-8", "replace"))
    except OSError as error:
        raise OutputError(
            f"The report {path} can't be written: {error.strerror or error}.", "Choose another place for it."
        ) from error
    return path
