"""The command line: a thin face over the public functions. Errors become one sentence and an exit status."""

from syngen.cli.main import main

__all__ = ["main"]
