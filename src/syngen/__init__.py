"""SynGen makes synthetic data from real data with language models, and proves what it made."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from syngen.api import (
        evaluate,
        evaluate_run,
        generate,
        list_runs,
        load,
        open_run,
        outcome,
        preview,
        profile,
        resume,
    )
    from syngen.errors import (
        ConfigError,
        InputError,
        ModelError,
        OutputError,
        ReferenceError,  # noqa: A004 - the house vocabulary
        RunError,
        SynGenError,
    )
    from syngen.fitting import fit

__version__ = "0.1.0"

__all__ = [
    "ConfigError",
    "InputError",
    "ModelError",
    "OutputError",
    "ReferenceError",
    "RunError",
    "SynGenError",
    "__version__",
    "evaluate",
    "evaluate_run",
    "fit",
    "generate",
    "list_runs",
    "load",
    "open_run",
    "outcome",
    "preview",
    "profile",
    "resume",
]


def __dir__() -> list[str]:
    """The public names, which Tab shows."""
    return sorted(__all__)


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used, so that `import syngen` is quick."""
    if name not in __all__:
        raise AttributeError(f"module 'syngen' has no attribute '{name}'")
    if name == "fit":
        module = "syngen.fitting"
    else:
        module = "syngen.api" if name.islower() else "syngen.errors"
    return getattr(import_module(module), name)
