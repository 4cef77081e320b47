"""Write files whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Replace a file only when its new content is complete and on disk.

    Yields:
        The temporary file to write, next to `path`. It takes the name `path` when the block ends, and is
        removed when the block fails; then an older file stays as it was.

    Raises:
        OSError: The file can't be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
