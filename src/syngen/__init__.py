"""SynGen makes synthetic data from real data with language models, and proves what it made."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from syngen.api import generate, list_runs, load, open_run, profile, resume
    from syngen.errors import (
        ConfigError,
        InputError,
        ModelError,
        OutputError,
        ReferenceError,  # noqa: A004 - the house vocabulary
        RunError,
        SynGenError,
    )
    from syngen.evaluation.controls import outcome
    from syngen.fitting import fit
    from syngen.forecast import preview
    from syngen.measuring import evaluate, evaluate_run

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

_HOMES = {
    "fit": "syngen.fitting",
    "preview": "syngen.forecast",
    "evaluate": "syngen.measuring",
    "evaluate_run": "syngen.measuring",
    "outcome": "syngen.evaluation.controls",
} | dict.fromkeys(
    ("generate", "list_runs", "load", "open_run", "profile", "resume"),
    "syngen.api",
)


def __getattr__(name: str) -> Any:
    """Load the public names at first use: `import syngen` alone is quick."""
    if name not in __all__:
        raise AttributeError(f"module 'syngen' has no attribute '{name}'")
    return getattr(import_module(_HOMES.get(name, "syngen.errors")), name)
