"""What the command line says outside of tables: sentences on stderr, one JSON object on stdout."""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import Any


def say(message: str) -> None:
    """A sentence of ours, on stderr."""
    sys.stderr.write(f"syngen: {message}\n")


def say_json(value: Any) -> None:
    """A value, or the fields of a record, as JSON on stdout."""
    plain = (
        dataclasses.asdict(value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type)
        else value
    )
    sys.stdout.write(json.dumps(plain, ensure_ascii=False, default=str, indent=2) + "\n")
