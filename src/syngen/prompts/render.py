"""Render templates. They run in a sandbox and get the rows as data: row content is never evaluated."""

from __future__ import annotations

import hashlib
import json
import re
import traceback
from collections.abc import Callable
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from syngen.errors import ConfigError

SUFFIX = ".jinja"


@lru_cache(maxsize=1)
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=jinja2.StrictUndefined, loader=jinja2.FunctionLoader(_load)
    )
    environment.filters["json"] = json.JSONEncoder(ensure_ascii=False, default=str).encode
    return environment


def _load(name: str) -> tuple[str, str, Callable[[], bool]] | None:
    """Read a packaged template or a user's file; return it, its full name, and whether both are up to date.

    The full name is `name@version`, or `file@digest`. A notebook keeps running while its files are edited.
    """
    if name.endswith(SUFFIX):
        path = Path(name)
        read = _state(path)
        source = path.read_text("utf-8")
        digest = hashlib.sha256(source.encode()).hexdigest()[:8]
        return source.rstrip("\n"), f"{path.name}@{digest}", lambda: _state(path) == read
    file = resources.files("syngen.prompts") / "templates" / f"{name}{SUFFIX}"
    if not file.is_file():
        return None
    source = file.read_text("utf-8")
    version = re.match(r"\{# version (\d+)", source)
    if version is None:
        raise ValueError(f"template {name} does not begin with its version")
    return source.rstrip("\n"), f"{name}@{version[1]}", lambda: True


def _state(path: Path) -> tuple[Path, int, int]:
    now = path.stat()
    return path.absolute(), now.st_mtime_ns, now.st_size


def _template(name: str) -> jinja2.Template:
    try:
        return _environment().get_template(name)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"The template {name} can't be read: {reason}.", "Give a text file.") from None
    except jinja2.TemplateSyntaxError as error:
        raise ConfigError(
            f"The template {name} is wrong in line {error.lineno}: {str(error.message).rstrip('.')}.",
            "See: docs/controls.md",
        ) from None


def blocks(name: str) -> frozenset[str]:
    """Return the names of a template's blocks."""
    return frozenset(_template(name).blocks)


def full_name(name: str) -> str:
    """Return name and version of a template."""
    return str(_template(name).filename)


def fill(name: str, part: str = "", /, **values: Any) -> str:
    """Render a template, or one of its blocks.

    Raises:
        ConfigError: A user's template uses a value that does not exist.
    """
    template = _template(name)
    try:
        render = template.blocks[part] if part else template.root_render_func
        return "".join(render(template.new_context(values)))
    except Exception as error:  # whatever a user's own template raises
        if not name.endswith(SUFFIX):
            raise
        reason = " ".join(str(error).split()).rstrip(".")
        raise ConfigError(
            f"The template {name} can't be filled in{_line(template, error)}: {reason}.",
            "See: docs/controls.md",
        ) from error


def _line(template: jinja2.Template, error: Exception) -> str:
    """Where in a template an error was raised, in words; empty when unknown."""
    frames = traceback.walk_tb(error.__traceback__)
    own = [line for frame, line in frames if frame.f_code.co_filename == template.filename]
    return f" in line {template.get_corresponding_lineno(own[-1])}" if own else ""
