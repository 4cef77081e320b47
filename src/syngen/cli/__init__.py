"""The command line: a thin face over the public functions. Errors become one sentence and an exit status."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from syngen.cli.main import main

if TYPE_CHECKING:
    from syngen.cli import progress, show, show_fitted, show_models, show_profile, show_run

__all__ = ["main", "progress", "show", "show_fitted", "show_models", "show_profile", "show_run"]


def __getattr__(name: str) -> Any:
    """Load a module of results or progress when a command first uses it, so that help texts are quick."""
    if name not in __all__:
        raise AttributeError(f"module 'syngen.cli' has no attribute '{name}'")
    return import_module(f"syngen.cli.{name}")
