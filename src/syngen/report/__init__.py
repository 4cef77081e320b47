"""Write what an evaluation found as one HTML file, JSON, Markdown or lines for a terminal."""

from syngen.report.report import Report

__all__ = ["Report"]
