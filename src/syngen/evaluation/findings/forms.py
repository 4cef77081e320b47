"""Findings on the form: how the rows came, which columns they have, and what had to be mended to read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from syngen.evaluation.findings.case import Case
from syngen.evaluation.findings.registry import Severity, rule
from syngen.evaluation.findings.wording import in_rows, joined, name, quoted, start
from syngen.tables.replies.header import plain
from syngen.text.format import counted
from syngen.types import Finding

_MOST_NAMES = 6


class Remark(NamedTuple):
    """What is said of a note of the reader; `{rows}` stands for the rows concerned."""

    sentence: str
    severity: Severity = "note"


WHOLE: Mapping[str, Remark] = {  # of the reply as a whole
    "format.thinking": Remark("The reply begins with the model thinking aloud."),
    "format.preamble": Remark("Something stands before the rows."),
    "format.talk_between": Remark("Something that is no row stands between the rows."),
    "format.trailing_text": Remark("Something stands after the rows."),
    "format.fence": Remark("The rows stand in a code fence."),
    "format.markdown_table": Remark("The reply is a Markdown table."),
    "format.pairs": Remark("Each row is a block of lines `Name: value`."),
    "format.numbered": Remark("The rows are numbered or bulleted."),
    "format.no_header": Remark(
        "There is no header; the columns were read by their position.", severity="warning"
    ),
    "format.repeated_header": Remark("The header comes more than once."),
    "format.reordered_columns": Remark("The columns stand in another order than in the reference."),
}
MENDED: Mapping[str, Remark] = {  # of single rows
    "format.unescaped_delimiter": Remark(
        "A text holds the delimiter without quotation marks in {rows}; the cells were put together by what"
        " their columns hold.",
        severity="warning",
    ),
    "format.extra_cells": Remark("There are more cells than columns in {rows}.", severity="warning"),
    "format.missing_cells": Remark("There are fewer cells than columns in {rows}.", severity="warning"),
    "format.unclosed_quote": Remark("A quotation mark is never closed in {rows}.", severity="warning"),
}
READ_OVER: Mapping[str, Remark] = {  # in single cells
    "format.unit": Remark("{column} has something behind the number in {rows}, which was read over: {cell}."),
    "format.number": Remark("{column} is a whole number with a decimal point in {rows}: {cell}."),
    "format.label_case": Remark(
        "{column} is in another letter case than in the real rows in {rows}: {cell}."
    ),
    "format.null_word": Remark("{column} says {cell} in {rows}, which was read as missing."),
    "format.spaces": Remark("{column} has spaces around it in {rows}, which were taken off: {cell}."),
}


@rule("format.missing_columns")
def missing_columns(case: Case) -> Iterator[Finding]:
    """Columns of the reference that are nowhere."""
    for column in case.synthetic.absent:
        yield Finding("format.missing_columns", column, (), f"The column {name(column)} is missing.", "error")


@rule("format.renamed_column")
def renamed_column(case: Case) -> Iterator[Finding]:
    """Columns under another name; under the same but for case, numbering and decoration it is a note."""
    renamed = case.synthetic.renamed or {}
    for column, other in renamed.items():
        if plain(other) != plain(column):
            detail = f"The column {name(column)} is called {quoted(other)}."
            yield Finding("format.renamed_column", column, (), detail, "warning")
    same = {column: other for column, other in renamed.items() if plain(other) == plain(column)}
    if same:
        column, other = next(iter(same.items()))
        more = f", and {counted(len(same) - 1, 'other')} likewise" if len(same) > 1 else ""
        detail = f"The header has {quoted(other)} for {name(column)}{more}."
        yield Finding("format.renamed_column", column if len(same) == 1 else "", (), detail, "note")


@rule("format.extra_columns")
def extra_columns(case: Case) -> Iterator[Finding]:
    """Columns the reference does not have."""
    extra = case.synthetic.extra
    if extra:
        names = [name(column) if column else "one without a name" for column in extra[:_MOST_NAMES]]
        names += [f"{len(extra) - _MOST_NAMES} others"] if len(extra) > _MOST_NAMES else []
        many = len(extra) > 1
        detail = f"{counted(len(extra), 'column')} {'are' if many else 'is'} not in the reference: {joined(names)}."
        yield Finding("format.extra_columns", "", (), detail, "warning")


@rule("format.cut_off")
def cut_off(case: Case) -> Iterator[Finding]:
    """The reply ends within a row."""
    for reject in case.synthetic.rejects:
        if reject.reason == "cut_off":
            detail = f"The reply ends within a row: {quoted(reject.raw)}."
            yield Finding("format.cut_off", "", (), detail, "warning")


@rule("format.unreadable")
def unreadable(case: Case) -> Iterator[Finding]:
    """Rows that could not be read at all."""
    cut = [reject for reject in case.synthetic.rejects if reject.reason == "cut_off"]
    others = [reject for reject in case.synthetic.rejects if reject.reason != "cut_off"]
    lost = case.synthetic.unreadable - len(cut)
    if lost > 0:
        example = f", such as {quoted(others[0].raw)}" if others else ""
        verb = "could not be read and is" if lost == 1 else "could not be read and are"
        yield Finding(
            "format.unreadable", "", (), f"{counted(lost, 'row')} {verb} left out{example}.", "warning"
        )


@rule("format.")
def around(case: Case) -> Iterator[Finding]:
    """Everything else that was remarkable about a reply as a whole, or about single rows."""
    for code, remark in WHOLE.items():
        rows = _with_note(case, code)
        if code in case.synthetic.format_notes or rows:
            everywhere = code in case.synthetic.format_notes or len(rows) == case.size
            yield Finding(code, "", () if everywhere else rows, remark.sentence, remark.severity)
    for code, remark in MENDED.items():
        rows = _with_note(case, code)
        if rows:
            yield Finding(code, "", rows, start(remark.sentence.format(rows=in_rows(rows))), remark.severity)


def _with_note(case: Case, code: str) -> tuple[int, ...]:
    return case.rows(i for i, notes in enumerate(case.synthetic.row_notes) if code in notes)


@rule("format.unit")
def read_over(case: Case) -> Iterator[Finding]:
    """What was read over in single cells."""
    for column in case.columns:
        readings = case.synthetic.readings.get(column.name, ())
        for code, remark in READ_OVER.items():
            found = [i for i, reading in enumerate(readings) if reading.note == code]
            if found:
                rows = case.rows(found)
                cell = quoted(str(case.synthetic.raw[column.name][found[0]]))
                detail = remark.sentence.format(column=name(column.name), rows=in_rows(rows), cell=cell)
                yield Finding(code, column.name, rows, detail, remark.severity)
