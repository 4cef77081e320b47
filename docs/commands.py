"""Write the help of every command into the page of commands, when the site is built."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from typing import Any

import typer

from syngen.cli.app import app
from syngen.cli.help import COMMON
from syngen.cli.main import run

MARK = "<!-- commands -->"
WIDTH = "88"


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put the help texts in the place of the mark."""
    return markdown.replace(MARK, "\n".join(pages())) if MARK in markdown else markdown


def pages() -> Iterator[str]:
    """A section for each command, in the order of the help."""
    groups: list[tuple[tuple[str, ...], Any]] = [((), typer.main.get_command(app))]
    while groups:
        path, command = groups.pop(0)
        if path:
            yield f"## syngen {' '.join(path)}\n\n```text\n{help_of(path)}\n```\n"
        found = getattr(command, "commands", {})
        groups[:0] = [((*path, name), one) for name, one in found.items()]


def help_of(path: tuple[str, ...]) -> str:
    """What a command's help prints, with all options."""
    os.environ["COLUMNS"] = WIDTH
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        run([*path, "--help-all" if path[-1] in COMMON else "--help"])
    return printed.getvalue().strip()
