"""The refill loop: ask, read, judge, write down, until exactly N rows are accepted or a limit stops it."""

from syngen.engine.asking import Asking, first_request, native_asking, planned_asking
from syngen.engine.keeping import select_rows
from syngen.engine.loop import Limits, Progress, work

__all__ = [
    "Asking",
    "Limits",
    "Progress",
    "first_request",
    "native_asking",
    "planned_asking",
    "select_rows",
    "work",
]
