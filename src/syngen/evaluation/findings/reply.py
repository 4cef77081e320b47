"""Findings on the table or reply as a whole: number of rows, format, columns, and what was repaired to read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from syngen.evaluation.findings.rules import Case, Severity, name, rule
from syngen.tables.header import plain
from syngen.text.format import capitalized, counted, listed, quoted, row_numbers
from syngen.types import Finding

_MOST_NAMES = 6

# Sentences for what the reader noted; `{rows}` stands for the rows concerned.
WHOLE: Mapping[str, str] = {  # of the reply as a whole
    "format.thinking": "The reply begins with the model thinking aloud.",
    "format.preamble": "There is text before the rows.",
    "format.talk_between": "There is text between the rows.",
    "format.trailing_text": "There is text after the rows.",
    "format.fence": "The rows are in a code fence.",
    "format.markdown_table": "The reply is a Markdown table.",
    "format.completion": "The rows are inside a server's response; the answer was taken out of it.",
    "format.double_encoded": "The rows are JSON inside a JSON string.",
    "format.python": "The rows are Python values; they were read, no code was run.",
    "format.code": "The rows are inside program code, which was not run.",
    "format.loose_json": "The JSON is not valid, such as by a comma too many or quotes not escaped.",
    "format.smart_quotes": "The quotation marks around names and texts are typographic.",
    "format.sql": "The rows are SQL statements.",
    "format.arrays": "The rows are lists of cells.",
    "format.by_column": "The cells are listed column by column.",
    "format.xml": "The rows are XML elements.",
    "format.html_table": "The reply is an HTML table.",
    "format.pairs": "Each row is a block of lines `Name: value`.",
    "format.numbered": "The rows are numbered or bulleted.",
    "format.no_header": "There is no header; the columns were read by their position.",
    "format.repeated_header": "The header is repeated.",
    "format.reordered_columns": "The columns are in a different order than in the reference.",
}
REPAIRED: Mapping[str, str] = {  # of single rows
    "format.unescaped_delimiter": "A text contains the delimiter without quotation marks in {rows}; the cells were"
    " put together by what their columns can hold.",
    "format.extra_cells": "There are more cells than columns in {rows}.",
    "format.missing_cells": "There are fewer cells than columns in {rows}.",
    "format.unclosed_quote": "A quotation mark is never closed in {rows}.",
}
IGNORED: Mapping[str, str] = {  # in single cells
    "format.unit": "{column} has text after the number in {rows}, which was ignored: {cell}.",
    "format.stars": "{column} is written as stars or words in {rows}: {cell}.",
    "format.number": "{column} is a whole number with a decimal point in {rows}: {cell}.",
    "format.label_case": "{column} is in a different letter case than in the real rows in {rows}: {cell}.",
    "format.null_word": "{column} says {cell} in {rows}, which was read as missing.",
    "format.spaces": "{column} has spaces around it in {rows}, which were removed: {cell}.",
}
_WARNINGS = {"format.no_header", *REPAIRED}  # the others are notes


# --------------------------------------------------------------------------------- number of rows
@rule("count.short")
def short(case: Case) -> Iterator[Finding]:
    """Fewer rows than were asked for."""
    asked, rows = case.synthetic.asked, case.synthetic.rows
    if asked is not None and rows < asked:
        lost = case.synthetic.unreadable
        more = f", and {counted(lost, 'row')} that can't be read" if lost else ""
        yield Finding("count.short", "", (), f"{counted(rows, 'row')} instead of {asked:,}{more}.", "error")


@rule("count.over")
def over(case: Case) -> Iterator[Finding]:
    """More rows than were asked for."""
    asked, rows = case.synthetic.asked, case.synthetic.rows
    if asked is not None and rows > asked:
        beyond = tuple(number for number in case.synthetic.numbers if number > asked)
        yield Finding("count.over", "", beyond, f"{counted(rows, 'row')} instead of {asked:,}.")


@rule("rows.sampled")
def sampled(case: Case) -> Iterator[Finding]:
    """Only a part of the rows was looked at."""
    rows, exact = case.synthetic.rows, case.synthetic.exact_counts
    if case.size < rows:
        detail = f"The findings are on a random {case.size:,} of {rows:,} rows."
        if exact is not None:
            detail += (
                f" In all of them, {exact[0]:,} texts repeat an earlier one and {exact[1]:,} are those of real"
                " rows."
            )
        yield Finding("rows.sampled", "", (), detail, "note")


# -------------------------------------------------------------------------------- columns and form
@rule("format.no_rows")
def no_rows(case: Case) -> Iterator[Finding]:
    """A reply that holds nothing: empty, or a refusal."""
    if "format.no_rows" in case.synthetic.format_notes:
        start = next((reject.raw for reject in case.synthetic.rejects if reject.reason == "no_rows"), "")
        detail = (
            f"The reply holds no row; it begins {quoted(start)}." if start.strip() else "The reply is empty."
        )
        yield Finding("format.no_rows", "", (), detail, "error")


@rule("format.missing_columns")
def missing_columns(case: Case) -> Iterator[Finding]:
    """Columns of the reference that are nowhere."""
    for column in case.synthetic.absent:
        yield Finding("format.missing_columns", column, (), f"The column {name(column)} is missing.", "error")


@rule("format.renamed_column")
def renamed_column(case: Case) -> Iterator[Finding]:
    """Columns under another name; under the same but for case, numbering and decoration it is a note."""
    renamed = case.synthetic.renamed
    same = {column: other for column, other in renamed.items() if plain(other) == plain(column)}
    for column, other in renamed.items():
        if column not in same:
            detail = f"The column {name(column)} is called {quoted(other)}."
            yield Finding("format.renamed_column", column, (), detail)
    if same:
        column, other = next(iter(same.items()))
        more = f", and {counted(len(same) - 1, 'other')} likewise" if len(same) > 1 else ""
        detail = f"The header has {quoted(other)} for {name(column)}{more}."
        yield Finding("format.renamed_column", column if len(same) == 1 else "", (), detail, "note")


@rule("format.extra_columns")
def extra_columns(case: Case) -> Iterator[Finding]:
    """Columns the reference does not have."""
    extra = [name(column) if column else "one without a name" for column in case.synthetic.extra]
    if extra:
        verb = "are" if len(extra) > 1 else "is"
        detail = f"{counted(len(extra), 'column')} {verb} not in the reference: {listed(extra, _MOST_NAMES)}."
        yield Finding("format.extra_columns", "", (), detail)


@rule("format.unreadable")
def unreadable(case: Case) -> Iterator[Finding]:
    """Rows that could not be read at all, and a reply that ends within a row."""
    others = [reject for reject in case.synthetic.rejects if reject.reason != "cut_off"]
    cut = [reject for reject in case.synthetic.rejects if reject.reason == "cut_off"]
    for reject in cut:
        yield Finding("format.cut_off", "", (), f"The reply ends within a row: {quoted(reject.raw)}.")
    lost = case.synthetic.unreadable - len(cut)
    if lost > 0:
        example = f", such as {quoted(others[0].raw)}" if others else ""
        verb = "is" if lost == 1 else "are"
        detail = f"{counted(lost, 'row')} could not be read and {verb} left out{example}."
        yield Finding("format.unreadable", "", (), detail)


@rule("format.")
def noted(case: Case) -> Iterator[Finding]:
    """Everything else that the reader noted of a reply as a whole, of single rows or of single cells."""
    for code, sentence in {**WHOLE, **REPAIRED}.items():
        rows = case.rows(i for i, notes in enumerate(case.synthetic.row_notes) if code in notes)
        whole = code in WHOLE and (code in case.synthetic.format_notes or len(rows) == case.size > 0)
        if rows or whole:
            detail = capitalized(sentence.format(rows=row_numbers(rows)))
            yield Finding(code, "", () if whole else rows, detail, _severity(code))
    for column in case.columns:
        readings = case.synthetic.readings.get(column.name, ())
        for code, sentence in IGNORED.items():
            found = [i for i, reading in enumerate(readings) if reading.note == code]
            if found:
                rows = case.rows(found)
                cell = quoted(str(case.synthetic.raw[column.name][found[0]]))
                detail = sentence.format(column=name(column.name), rows=row_numbers(rows), cell=cell)
                yield Finding(code, column.name, rows, detail, _severity(code))


def _severity(code: str) -> Severity:
    return "warning" if code in _WARNINGS else "note"
