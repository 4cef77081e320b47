"""Print messages on stderr and JSON on stdout."""

from __future__ import annotations

import json
import sys
from typing import Any


def say(message: str) -> None:
    """Print a message on stderr."""
    sys.stderr.write(f"syngen: {message}\n")


def say_json(value: Any) -> None:
    """Print a value as JSON on stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str, indent=2) + "\n")
