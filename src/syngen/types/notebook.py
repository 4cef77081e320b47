"""How objects and progress are shown in a notebook."""

from __future__ import annotations

import html
import sys
import time
from collections.abc import Callable

import polars as pl

EVERY = 0.2  # seconds between two states of a bar


def titled(title: str, table: pl.DataFrame | None = None) -> str:
    """Write a title, and a data frame where there is one, as HTML."""
    shown = "" if table is None else table._repr_html_()
    return f"<p>{html.escape(title)}</p>{shown}"


def progress_bar() -> Callable[[float, str], None] | None:
    """Return a function that draws a share and what it stands for as a bar in the cell; None outside of notebooks."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is None or not hasattr(shell, "kernel"):
        return None
    from IPython.display import HTML, display

    handle = display(HTML(""), display_id=True)
    drawn = 0.0

    def draw(share: float, state: str) -> None:
        nonlocal drawn
        if (now := time.monotonic()) - drawn > EVERY or share >= 1:
            drawn = now
            handle.update(HTML(f'<progress value="{share:.3f}"></progress> {html.escape(state)}'))

    return draw
