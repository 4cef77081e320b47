"""Plan N rows of a reference: one slot per row, before a token is spent.

Every slot is a smoothed draw of one real row's structure (its donor), so the joint distribution of
ratings, categories, counts, lengths and reading grades is kept; identifiers and times are made new.
"""

from syngen.plan.donors import labels
from syngen.plan.make import GROUP, control_targets, make_plan, require_text

__all__ = ["GROUP", "control_targets", "labels", "make_plan", "require_text"]
