"""The report as one HTML file: an `Evaluation` in, a page out that needs nothing from anywhere else.

The charts' library is embedded once. Row texts are untrusted: the template escapes everything, the data
of the charts is JSON without a character that could end its element, and a content security policy lets
only this page's own two scripts run and nothing be fetched.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable
from functools import lru_cache, partial
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from syngen.report import figures, theme, wording
from syngen.report.bars import WIDTH, bar
from syngen.report.files import write_text
from syngen.report.passages import pieces
from syngen.text.format import interval, moment, number, row_numbers
from syngen.types import Evaluation, Family, Score

_NOT_IN_HTML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_MOST_ROWS = 8  # runs of row numbers that a finding names
_IN_SCRIPT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def as_html(report: Evaluation) -> str:
    """The whole page."""
    sections = _sections(report)
    drawn = [figure for section in sections for figure in section["figures"]]
    specs = {chart.id: chart.spec for figure in drawn for chart in figure.charts}
    library = _library() if specs else ""
    own = _packaged("report.js")
    page = _environment().get_template("report.html.jinja")
    return page.render(
        report=report,
        compared=wording.compared(report),
        findings=wording.severe_first(report.findings),
        sections=sections,
        first_scores=next((i for i, section in enumerate(sections) if section["scores"]), None),
        charts=in_script({"config": theme.vega_config(), "specs": specs}),
        library=library,
        own=own,
        policy=_policy([library, own]),
    )


def write_html(report: Evaluation, path: Path) -> Path:
    """Write the page.

    Raises:
        OutputError: The file can't be written there.
    """
    return write_text(as_html(report), path)


def in_script(value: Any) -> str:
    """JSON that can stand inside a script element: nothing in it ends the element or the line."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return "".join(_IN_SCRIPT.get(letter, letter) for letter in text)


# ------------------------------------------------------------------------------------- sections
def _sections(report: Evaluation) -> list[dict[str, Any]]:
    """A section for each family that has scores or pictures: its figures, rows side by side, scores."""
    grouped = wording.by_family(report.scores)
    drawn = _figures(report)
    pictures = report.pictures
    neighbours = [
        (near, pieces(near.text, near.shared), pieces(near.real_text, near.shared))
        for near in pictures.neighbours
    ]
    sections = []
    for family, name in wording.FAMILIES.items():
        scores = grouped.get(family, [])
        beside = neighbours if family == "privacy" else []
        found = drawn.get(family, [])
        note = pictures.map_note if family == "similarity" and not pictures.points else ""
        facts = wording.count_facts(report.count) if family == "count" else []
        if scores or beside or found or note or facts:
            sections.append(
                {
                    "id": family,
                    "title": name,
                    "short": wording.SHORT_FAMILIES[family],
                    "tally": wording.tally(scores) if scores else "",
                    "facts": facts,
                    "figures": found,
                    "note": note,
                    "neighbours": beside,
                    "scores": [_score(score) for score in scores],
                }
            )
    return sections


def _figures(report: Evaluation) -> dict[Family, list[figures.Figure]]:
    """The pictures by the family they belong to; those without data are left out."""
    pictures = report.pictures
    drawn: dict[Family, Iterable[figures.Figure | None]] = {
        "count": [_funnel(report)],
        "drift": [
            *(figures.confusion(picture, i) for i, picture in enumerate(pictures.confusions, 1)),
            *(figures.curve(picture, i) for i, picture in enumerate(pictures.curves, 1)),
        ],
        "similarity": [
            *(figures.distribution(picture, i) for i, picture in enumerate(pictures.distributions, 1)),
            figures.text_map(pictures.points, pictures.map_note),
        ],
    }
    return {family: [f for f in found if f is not None] for family, found in drawn.items()}


def _funnel(report: Evaluation) -> figures.Figure | None:
    """The steps of the ledger, and apart from them the reasons for not taking rows."""
    ledger = report.count.ledger
    rejected = {} if ledger is None else dict(ledger.rejected)
    steps: dict[str, int] = {}
    for name, rows in report.pictures.funnel.items():
        (rejected if "." in name else steps)[name] = rows
    return figures.funnel(steps, rejected)


def _score(score: Score) -> dict[str, Any]:
    return {
        "score": score,
        "level": wording.JUDGEMENT_LEVELS[score.judgement],
        "value": number(score.value, percent=score.percent),
        "ci": interval(score.ci, percent=score.percent),
        "band": interval(
            None if score.floor is None else (score.floor.low, score.floor.high), percent=score.percent
        ),
        "verdict": wording.verdict(score),
        "bar": bar(score),
    }


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
    }
    environment.globals |= {
        "LEVELS": wording.LEVELS,
        "SEVERITIES": wording.SEVERITIES,
        "DIRECTIONS": {
            "lower": "lower is better",
            "higher": "higher is better",
            "match": "should match the real rows",
        },
        "BAR": WIDTH,
        "FONT": theme.FONT,
        "light": theme.variables(0),
        "dark": theme.variables(1),
    }
    return environment


def _fit_for_html(value: Any) -> Any:
    """Control characters are no part of HTML, however they are escaped."""
    return _NOT_IN_HTML.sub("�", value) if type(value) is str else value


def _packaged(name: str) -> str:
    """A file that lies beside the template."""
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
