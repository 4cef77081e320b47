"""Render templates. They run in a sandbox and get the rows as data: row content is never evaluated."""

from __future__ import annotations

import hashlib
import json
import re
import traceback
from collections.abc import Callable, Iterable
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
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        keep_trailing_newline=False,
        loader=jinja2.FunctionLoader(_packaged),  # what a template may import
    )
    environment.filters["json"] = json.JSONEncoder(ensure_ascii=False, default=str).encode
    return environment


def _template(name: str) -> tuple[jinja2.Template, str]:
    """A packaged template or a user's file, and its full name: `name@version`, or `file@digest`."""
    return _from_file(name, _version(Path(name))) if name.endswith(SUFFIX) else _from_package(name)


def _version(path: Path) -> tuple[Path, int, int]:
    """Key of a file's present content, as a notebook keeps running while its files are edited."""
    try:
        now = path.stat()
    except OSError:  # reading it says why
        return path.absolute(), 0, 0
    return path.absolute(), now.st_mtime_ns, now.st_size


@lru_cache(maxsize=32)
def _from_package(name: str) -> tuple[jinja2.Template, str]:
    source = _source(name)
    version = re.match(r"\{# version (\d+)", source)
    if version is None:
        raise ValueError(f"template {name} does not begin with its version")
    return _environment().from_string(source.rstrip("\n")), f"{name}@{version[1]}"


def _source(name: str) -> str:
    return (resources.files("syngen.prompts") / "templates" / f"{name}{SUFFIX}").read_text("utf-8")


def _packaged(name: str) -> str | None:
    try:
        return _source(name)
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=32)
def _from_file(name: str, _now: tuple[Path, int, int]) -> tuple[jinja2.Template, str]:
    path = Path(name)
    try:
        source = path.read_text("utf-8")
        digest = hashlib.sha256(source.encode()).hexdigest()[:8]
        return _environment().from_string(source.rstrip("\n")), f"{path.name}@{digest}"
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"The template {path} can't be read: {reason}.", "Give a text file.") from None
    except jinja2.TemplateSyntaxError as error:
        raise ConfigError(
            f"The template {path} is wrong in line {error.lineno}: {str(error.message).rstrip('.')}.",
            "See: docs/controls.md",
        ) from None


def blocks(name: str) -> frozenset[str]:
    """Return the names of a template's blocks."""
    return frozenset(_template(name)[0].blocks)


def full_name(name: str) -> str:
    """Return name and version of a template."""
    return _template(name)[1]


def text_of(name: str, **values: Any) -> str:
    """Render a whole template.

    Raises:
        ConfigError: A user's template uses a value that does not exist.
    """
    return _filled(name, lambda template: template.root_render_func(template.new_context(values)))


def block(name: str, part: str, **values: Any) -> str:
    """Render one block of the template `name`.

    Raises:
        ConfigError: As for `text_of`.
    """
    return _filled(name, lambda template: template.blocks[part](template.new_context(values)))


def _filled(name: str, fill: Callable[[jinja2.Template], Iterable[str]]) -> str:
    template, _ = _template(name)
    try:
        return "".join(fill(template))
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
    own = [
        line
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_globals.get("__jinja_template__") is template
        or frame.f_code.co_filename == template.filename
    ]
    return f" in line {template.get_corresponding_lineno(own[-1])}" if own else ""
