"""Plan N rows of a reference: one slot per row, with the structure of a real row, before a token is spent."""

from syngen.plan.donors import labels, train_with_text
from syngen.plan.make import control_targets, make_plan

__all__ = ["control_targets", "labels", "make_plan", "train_with_text"]
