"""The refill loop: request, read, validate, record, until exactly N rows are accepted or a limit stops it."""

from syngen.engine.loop import Progress, first_request

__all__ = ["Progress", "first_request"]
