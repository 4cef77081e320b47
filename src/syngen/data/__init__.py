"""The sample reference: 240 invented product reviews that ship with the package.

Nothing comes in; the path of a CSV file goes out, so that a first run needs no file of one's own.
What the rows are, and what they are not, is told in the README beside them.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def sample() -> Path:
    """Path of the sample reference: UTF-8 CSV, eleven columns, 240 rows."""
    return Path(str(files(__name__) / "reviews.csv"))
