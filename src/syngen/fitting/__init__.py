"""Fit a small local model to a reference, so that it writes like it: rows in, weights out."""

from syngen.fitting.make import Fitted, fit

__all__ = ["Fitted", "fit"]
