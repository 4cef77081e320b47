"""Print what was learnt of a table: a line for each column, relations, warnings and remarks; or all of it as JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import polars as pl
from rich.console import Console
from rich.table import Table
from rich.text import Text

from syngen.cli.output import say_json
from syngen.reference.copied import copied_columns
from syngen.text.format import listed
from syngen.text.language import language_of
from syngen.types import ColumnProfile, Profile, Reference, Role

_MOST_RELATIONS = 12  # of a kind
_MOST_COLUMNS = 30  # of a table that are shown one by one
_EACH = 4  # of a role, where a table has more
_MOST_NOTES = 12
_NAME = 28  # characters of a column's name
_EXAMPLE = 24  # characters of a cell

_out = Console(highlight=False, soft_wrap=True, markup=False)


def profile(reference: Reference, *, as_json: bool) -> None:
    """Print the profile of a reference."""
    profile = reference.profile
    notes, copied = [*reference.notes, *profile.notes], copied_columns(profile)
    if as_json:
        languages = {
            column.name: language_of(reference.frame[column.name].drop_nulls().to_list())
            for column in profile.written
        }
        more = {
            "notes": notes,
            "warnings": [column.sentence for column in copied],
            "copied": [dataclasses.asdict(column) for column in copied],
            "source": reference.source,
            "languages": languages,
            "digest": reference.digest,
        }
        split = {"train": len(reference.train), "held_out": len(reference.held_out)}
        say_json({**dataclasses.asdict(profile), **more, **split})
        return
    about = profile.domain.removeprefix("terms: ") or "?"
    size = f": {profile.rows:,} rows, {len(profile.columns)} columns, about {about}"
    _out.print(Text.assemble((reference.source, "bold"), size))
    _columns(reference)
    for heading, sentences in relations(profile):
        _out.print(f"{heading}: {'; '.join(sentences)}")
    for each in copied[:_MOST_NOTES]:
        _out.print(f"warning: {each.sentence}")
    for note in notes[:_MOST_NOTES]:
        _out.print(f"note: {note}")
    if more_notes := sum(max(0, len(said) - _MOST_NOTES) for said in (copied, notes)):
        _out.print(f"and {more_notes} more remarks (--json shows all)")
    _out.print(
        f"split: {len(reference.train):,} rows to plan from and to show, {len(reference.held_out):,} held out"
    )
    _out.print("Correct a role with --role COLUMN=ROLE; --save keeps the roles beside the table", style="dim")


def _columns(reference: Reference) -> None:
    """Print a line for each column; of a wide table for a few of each role, and the names of the others."""
    columns = reference.profile.columns
    table = Table("column", "role", "missing", "values", box=None, padding=(0, 2, 0, 0))
    for heading in table.columns[:-1]:  # where a line is too long, only the last column gives way
        heading.no_wrap = True
    wide = len(columns) > _MOST_COLUMNS
    groups = [[c for c in columns if c.role is role] for role in Role] if wide else [list(columns)]
    for group in groups:
        some = group[: _EACH if wide and len(group) > _EACH + 1 else None]
        for column in some:
            missing = f"{column.missing_share:.0%}" if column.missing else ""
            values = content(column, reference.frame[column.name])
            name = Text(shortened(column.name, _NAME))
            table.add_row(name, Text(column.role.value), Text(missing), _line(values))
        if others := [shortened(column.name, _NAME) for column in group[len(some) :]]:
            what = f"{len(others)} more: {listed(others, most=8)}"
            table.add_row(Text("…"), Text(group[0].role.value), Text(""), _line(what, style="dim"))
    # Lines are cut at the edge of a terminal, so that a column takes one; elsewhere there is no edge.
    Console(highlight=False, markup=False, width=None if _out.is_terminal else 200).print(table)
    if wide:
        _out.print("--json shows all columns", style="dim")


def _line(text: str, style: str = "") -> Text:
    """A text that is cut where the line ends, rather than continued on the next."""
    return Text(text, style=style, no_wrap=True, overflow="ellipsis")


def relations(profile: Profile) -> Iterator[tuple[str, list[str]]]:
    """What holds between columns, by kind, for people."""
    headings = {
        "computed": ("sum", "product", "logarithm", "whole"),
        "in order": ("order",),
        "go together": ("equal", "determines"),
        "missing together": ("presence",),
    }
    for heading, kinds in headings.items():
        found = [relation.sentence for relation in profile.relations if relation.kind in kinds]
        if found:
            more = [f"and {len(found) - _MOST_RELATIONS} more (--json shows all)"]
            yield heading, found[:_MOST_RELATIONS] + (more if len(found) > _MOST_RELATIONS else [])


def content(column: ColumnProfile, cells: pl.Series) -> str:
    """Describe a column's values in a line: what they are, and how they are written."""
    if column.text is not None:
        low, _, middle, _, high = column.text.words
        said = f"{low:.0f}–{high:.0f} words (median {middle:.0f})"
        said += f", grade {column.text.grade[2]:.1f}" if column.text.grade else ""
        often = [f"“{text}” {share:.0%}" for text, share in column.text.openings[:2] if share >= 0.02]
        return f"{said}, opens {', '.join(often)}" if often else said
    if column.identifier is not None:
        return f"{column.identifier.shown}, {column.identifier.repeats[0]:.0%} occur once"
    if column.derived is not None:
        return column.why
    if column.values and len(column.values) <= 12:
        return ", ".join(f"{_cell(value)} {count / column.rows:.0%}" for value, count in column.values[:6])
    if column.low is not None:
        length = 16 if column.time else None  # times without seconds
        return f"{str(column.low)[:length]} … {str(column.high)[:length]}{_written(column, cells)}"
    several = ", ".join(_cell(value) for value, _ in column.values[:4])
    return f"{column.distinct:,} labels: {several}, …" if several else ""


def _written(column: ColumnProfile, cells: pl.Series) -> str:
    """How a number or a point in time is written, where that is more than its type."""
    if column.time is not None and column.time.kind == "epoch":
        return f", in {column.time.unit} since 1970"
    if cells.dtype != pl.String:
        return ""
    present = cells.drop_nulls()
    examples = [] if column.number is None else [column.number.shown]
    if column.time is not None:
        examples = [shortened(present[0], _EXAMPLE)] if len(present) else []
        examples += [f"{len(column.time.formats)} formats"] if column.time.others else []
    return f", such as {', '.join(examples)}" if any(examples) else ""


def _cell(value: object) -> str:
    return shortened(" ".join(str(value).split()), _EXAMPLE)


def shortened(text: str, most: int) -> str:
    """Return a text of at most so many characters, with an ellipsis where it was cut."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
