"""Plan N rows of a reference: one slot per row, with the structure of a real row, before a token is spent."""

from syngen.plan.donors import labels
from syngen.plan.make import control_targets, make_plan, require_text

__all__ = ["control_targets", "labels", "make_plan", "require_text"]
