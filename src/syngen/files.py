"""Write files atomically, and read files of settings."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from syngen.errors import ConfigError


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Replace a file only when its new content is complete and on disk.

    A link stays a link: the file it leads to is replaced. A device or a pipe, such as /dev/null, is written to.

    Yields:
        The temporary file to write, next to `path`. It takes the name `path` when the block ends, and is
        removed when the block fails; then an older file stays as it was.

    Raises:
        OSError: The file can't be written.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        yield path
        return
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def read_settings(path: Path) -> dict[str, Any]:
    """Read a TOML or YAML file.

    Raises:
        ConfigError: It is missing, can't be read, or holds no settings.
    """
    try:
        text = path.read_text("utf-8")
        values = tomllib.loads(text) if path.suffix == ".toml" else _read_yaml(text)
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise ConfigError(
            f"The configuration {path} can't be read: {reason}.", "Fix it, or move it away."
        ) from None
    if not isinstance(values, dict):
        raise ConfigError(f"The configuration {path} holds no settings.", "Write lines such as `n: 500`.")
    return values


def _read_yaml(text: str) -> Any:
    """Parse YAML, except that a number with a plus stays a text: `+10` is a change, not 10."""
    import yaml  # slow to load, and no help text needs it

    class Loader(yaml.SafeLoader):
        pass

    def number(loader: Loader, node: yaml.ScalarNode) -> Any:
        if node.value.startswith("+"):
            return node.value
        return (
            loader.construct_yaml_int(node) if node.tag.endswith("int") else loader.construct_yaml_float(node)
        )

    for kind in ("int", "float"):
        Loader.add_constructor(f"tag:yaml.org,2002:{kind}", number)
    try:
        return Loader(text).get_single_data() or {}
    except yaml.MarkedYAMLError as error:  # its own words quote the line, which may hold a key
        at = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ValueError(f"{error.problem}{at}") from None
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None
