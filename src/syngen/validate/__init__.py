"""Candidates become rows or rejects: whether a row is valid, and whether it is new.

`Validator` is made from a reference and judges candidates one by one; what it takes it remembers,
so that no later row repeats it. Every check is a small function in a registry and gives a reason.
"""

from syngen.validate.validator import Validator

__all__ = ["Validator"]
