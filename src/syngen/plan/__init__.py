"""From a reference and a number to a plan: one slot per wanted row, before a token is spent.

Every slot is a smoothed draw of one real row's structure (its donor), so the joint distribution of
ratings, categories, counts, lengths and reading grades is kept; identifiers and times are made new.
"""

from syngen.plan.donors import labels
from syngen.plan.make import GROUP, make_plan, require_text
from syngen.plan.plan import Plan
from syngen.plan.settings import ControlSettings

__all__ = ["GROUP", "ControlSettings", "Plan", "labels", "make_plan", "require_text"]
