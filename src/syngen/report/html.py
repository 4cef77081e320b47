"""Write the report as one HTML file that needs nothing from anywhere else.

The charts' library is embedded once. Row texts are untrusted: the template escapes everything, the data
of the charts is JSON without a character that could end its element, and a content security policy lets
only this page's own two scripts run and nothing be fetched.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from collections.abc import Iterable
from functools import lru_cache, partial
from importlib import resources
from itertools import groupby
from operator import itemgetter
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from syngen.report import theme, wording
from syngen.report.figures import figures
from syngen.text.format import moment, row_numbers
from syngen.types import Evaluation, Score

_NOT_IN_HTML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
BAR = 200.0  # width of a score's bar, in its own coordinates
_BAR_MARGIN = 9.0  # so that a mark at the end is whole
_MOST_ROWS = 8  # runs of row numbers that a finding names
_IN_SCRIPT = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def as_html(report: Evaluation) -> str:
    """Return the whole page."""
    sections = _sections(report)
    drawn = [chart for section in sections for figure in section["figures"] for chart in figure["charts"]]
    specs = {chart["id"]: chart["spec"] for chart in drawn}
    library = _library() if specs else ""
    own = _packaged("report.js")
    page = _environment().get_template("report.html.jinja")
    return page.render(
        report=report,
        compared=wording.compared(report),
        sections=sections,
        first_scores=next((i for i, section in enumerate(sections) if section["scores"]), None),
        charts=in_script({"config": theme.vega_config(), "specs": specs}),
        library=library,
        own=own,
        policy=_policy([library, own]),
    )


def in_script(value: Any) -> str:
    """JSON that can stand inside a script element: nothing in it ends the element or the line."""
    return json.dumps(value, allow_nan=False, separators=(",", ":")).translate(_IN_SCRIPT)


# ------------------------------------------------------------------------------------- sections
def _sections(report: Evaluation) -> list[dict[str, Any]]:
    """A section for each family that has something to show: facts, figures, rows side by side, scores."""
    grouped = wording.by_family(report.scores)
    pictures = report.pictures
    drawn = figures(pictures)
    neighbours = [
        (near, pieces(near.text, near.shared), pieces(near.real_text, near.shared))
        for near in pictures.neighbours
    ]
    sections = []
    for family, (title, short) in wording.FAMILIES.items():
        scores = grouped.get(family, [])
        content = {
            "facts": wording.count_facts(report.count) if family == "count" else [],
            "figures": drawn.get(family, []),
            "note": pictures.map_note if family == "similarity" and not pictures.points else "",
            "neighbours": neighbours if family == "privacy" else [],
            "scores": scores,
        }
        if any(content.values()):
            tally = wording.tally(scores) if scores else ""
            sections.append({"id": family, "title": title, "short": short, "tally": tally, **content})
    return sections


def bar(score: Score) -> dict[str, Any] | None:
    """Place a score's marks on a bar of its own, from 0 to `BAR`; None when it has no value.

    The bar spans the value, its interval, the real-vs-real range and, when near, the perfect value, so
    that the eye sees how far out a score is in widths of what real rows vary by.
    """
    if score.value is None or not math.isfinite(score.value):
        return None
    floor, band, value = score.floor, score.floor_band, score.value
    marks = [value, *(score.ci or ()), *(band or ()), *([floor.limit] if floor else [])]
    finite = [mark for mark in marks if math.isfinite(mark)]
    low, high = min(finite), max(finite)
    perfect = {"lower": 0.0, "higher": score.bounds[1], "match": value}[score.direction]
    with_perfect = min(low, perfect), max(high, perfect)
    # The perfect value must not squeeze everything else into half the bar.
    if math.isfinite(perfect) and with_perfect[1] - with_perfect[0] <= 2 * (high - low):
        low, high = with_perfect
    if high <= low:  # a single point: put it in the middle
        low, high = low - 0.5, low + 0.5

    def place(mark: float) -> float:
        along: float = (min(max(mark, low), high) - low) / (high - low)
        return round(_BAR_MARGIN + along * (BAR - 2 * _BAR_MARGIN), 1)

    def ends(pair: tuple[float, float] | None) -> tuple[float, float] | None:
        return None if pair is None else (place(pair[0]), place(pair[1]))

    limit = place(floor.limit) if floor is not None and math.isfinite(floor.limit) else None
    return {"value": place(value), "ci": ends(score.ci), "band": ends(band), "limit": limit}


def pieces(text: str, shared: Iterable[str]) -> list[tuple[str, bool]]:
    """Cut a text where it shares words with another: its pieces in order, each with whether it is shared.

    Runs are found whatever their case and whatever stands between their words, since the same words may
    be spaced or punctuated differently in the two texts.
    """
    marked = [False] * len(text)
    for run in shared:
        words = re.findall(r"\w+", run)
        pattern = r"(?<!\w)" + r"\W+".join(map(re.escape, words)) + r"(?!\w)"
        for found in re.finditer(pattern, text, re.IGNORECASE) if words else ():
            marked[found.start() : found.end()] = [True] * (found.end() - found.start())
    return [
        ("".join(letter for letter, _ in group), is_shared)
        for is_shared, group in groupby(zip(text, marked, strict=True), key=itemgetter(1))
    ]


# ------------------------------------------------------------------------------- page and parts
@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    environment = ImmutableSandboxedEnvironment(
        loader=jinja2.FunctionLoader(_packaged),
        autoescape=True,
        finalize=_fit_for_html,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "rows": partial(row_numbers, most=_MOST_ROWS),
        "moment": moment,
        "grouped": "{:,}".format,
        "numbers": wording.numbers,
        "verdict": wording.verdict,
        "bar": bar,
    }
    environment.globals |= {
        "LEVELS": wording.LEVELS,
        "JUDGEMENTS": wording.JUDGEMENTS,
        "SEVERITIES": wording.SEVERITIES,
        "DIRECTIONS": {
            "lower": "lower is better",
            "higher": "higher is better",
            "match": "should match the real rows",
        },
        "BAR": BAR,
        "FONT": theme.FONT,
        "light": theme.variables(0),
        "dark": theme.variables(1),
    }
    return environment


def _fit_for_html(value: Any) -> Any:
    """Control characters are no part of HTML, however they are escaped."""
    return _NOT_IN_HTML.sub("�", value) if type(value) is str else value


def _packaged(name: str) -> str:
    """A file from the folder of the template."""
    return (resources.files("syngen.report") / "templates" / name).read_text("utf-8")


@lru_cache(maxsize=1)
def _library() -> str:
    """Vega, Vega-Lite and Vega-Embed in one script, about 900 kB."""
    import vl_convert

    bundle: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    if re.search(r"</script|<!--", bundle, re.IGNORECASE):
        raise ValueError("the charts' library holds what would end its script element")
    return bundle


def _policy(scripts: Iterable[str]) -> str:
    """Only these scripts run, nothing is fetched; Vega compiles its expressions, hence unsafe-eval."""
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in scripts
        if script
    ]
    allowed = " ".join(hashes)
    return (
        f"default-src 'none'; script-src {allowed} 'unsafe-eval'; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
