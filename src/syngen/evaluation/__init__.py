"""Measure synthetic rows against real ones: scores, findings and answers.

`evaluate.evaluate` runs the whole evaluation and returns a `Report`.
"""
