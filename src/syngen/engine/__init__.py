"""The refill loop: ask, read, judge, write down, until exactly N rows are accepted or a limit stops it."""

from syngen.engine.calls import Asking, first_request, native_asking, planned_asking
from syngen.engine.loop import Limits, Progress, work
from syngen.engine.select import select_rows

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
