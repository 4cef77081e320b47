"""Accept or reject candidates: is a row valid, and is it new? A reject carries its reason."""

from syngen.validate.validator import Validator

__all__ = ["Validator"]
