"""The refill loop: request, read, validate, record, until exactly N rows are accepted or a limit stops it."""

from syngen.engine.loop import Progress, first_request, work
from syngen.engine.native import NativeMode
from syngen.engine.planned import PlannedMode
from syngen.engine.select import select_rows

__all__ = ["NativeMode", "PlannedMode", "Progress", "first_request", "select_rows", "work"]
