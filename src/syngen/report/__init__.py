"""What an evaluation found, and how it is told: as one HTML file, as JSON, as Markdown, in a terminal."""

from syngen.report.report import Report

__all__ = ["Report"]
