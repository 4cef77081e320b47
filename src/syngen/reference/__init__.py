"""Load a real table and learn its profile: roles, distributions, derived columns, texts, split."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from syngen import errors
from syngen.reference.profile import learn
from syngen.reference.saved import read_saved, saved_path
from syngen.reference.split import digest, split
from syngen.tables.files import read_file
from syngen.tables.frames import read_frame
from syngen.tables.nested import spread
from syngen.tables.sample import ALL_ROWS
from syngen.tables.sources import STDIN
from syngen.tables.unsampled import Unsampled
from syngen.text.format import listed
from syngen.types import Layout, Reference, Role, Spelling

__all__ = ["load"]

MAX_ROWS = 50_000


def load(
    source: Any,
    *,
    roles: Mapping[str, str | Role] | None = None,
    text_columns: Sequence[str] = (),
    max_rows: int | None = MAX_ROWS,
    roles_file: bool = True,
) -> Reference:
    """Read a real table and learn its profile.

    Args:
        source: A path (see `syngen.tables.files.read_file`), a polars or pandas data frame, an Arrow table, a
            `datasets.Dataset`, a list of dicts, a dict of lists, or a `Reference`, which is profiled again
            when `roles` differ from its own.
        roles: Roles by column, such as `{"zip": "category"}`; other columns keep the detected role. "empty"
            leaves a column without values in the result.
        text_columns: Columns a model is to write as free text, whatever they look like.
        roles_file: Of a path, also take the roles in the file beside it that `syngen profile --save` writes, such as
            `reviews.csv.syngen.yaml`; `roles` and `text_columns` win.
        max_rows: Sample size: of a larger table a seeded random sample of this many rows is used; None
            takes all.

    Returns:
        The reference: frame, profile, measures of its texts, and row numbers to show and to hold out.

    Raises:
        ReferenceError: The table can't be read, or has no two different rows.
        ConfigError: Unknown column or role, or a role that the values can't have; also in the file beside the table.
    """
    if max_rows is not None and max_rows < 2:
        raise errors.ConfigError(f"max_rows is {max_rows}.", "Give 2 or more, or None for all.")
    unsampled = Unsampled()
    name, table, layout, notes = _read(source, ALL_ROWS if max_rows is None else max_rows, unsampled)
    _check_names(name, table)
    if not isinstance(source, Reference):
        as_one = {*(roles or {}), *([text_columns] if isinstance(text_columns, str) else text_columns)}
        table, nested = spread(table, notes, as_one)
        if nested:
            typed = Layout(columns={column: Spelling(dtype="json") for column in nested})
            layout = replace(layout or typed, nested=nested)
    chosen = _chosen_roles(table.columns, roles, text_columns)
    saved = _saved_roles(source, table.columns) if roles_file else {}
    if others := {column: role for column, role in saved.items() if column not in chosen}:
        notes.append(f"{_roles_of(others)} from {saved_path(source).name}; --no-roles-file ignores it.")
        chosen = {**others, **chosen}
    if isinstance(source, Reference) and all(source.profile[c].role is role for c, role in chosen.items()):
        return source
    _check(name, table)
    written = [table[name].cast(pl.String) for name, role in chosen.items() if role.written]
    frame = table.with_columns(written)
    try:
        profile, measures = learn(frame, chosen)
    except errors.ConfigError as error:
        if not others:
            raise
        file = saved_path(source).name
        raise errors.ConfigError(error.message, f"{error.hint} Roles are from {file}, too.") from error
    train, held_out = split(frame, profile.main or None)
    return Reference(
        source=name,
        frame=frame,
        digest=digest(frame),
        profile=profile,
        measures=measures,
        train=train,
        held_out=held_out,
        notes=tuple(notes),
        layout=layout,
        unsampled=source.unsampled if isinstance(source, Reference) else unsampled.hashes(),
    )


def _read(
    source: Any, max_rows: int, unsampled: Unsampled
) -> tuple[str, pl.DataFrame, Layout | None, list[str]]:
    if isinstance(source, Reference):
        return source.source, source.frame, source.layout, list(source.notes)
    notes: list[str] = []
    if isinstance(source, (str, os.PathLike)):
        table, layout = read_file(source, max_rows, notes, unsampled)
        return str(source), table, layout, notes
    name, table = read_frame(source, max_rows, notes, unsampled)
    return name, table, None, notes


def _saved_roles(source: Any, columns: Sequence[str]) -> dict[str, Role]:
    """Read the roles kept beside a table; none where it is no path or there are none."""
    if not isinstance(source, (str, os.PathLike)) or os.fspath(source) == STDIN:
        return {}
    path = saved_path(source)
    return read_saved(path, columns) if path.is_file() else {}


def _roles_of(roles: Mapping[str, Role]) -> str:
    return (
        f"The role of '{next(iter(roles))}' is"
        if len(roles) == 1
        else f"The roles of {len(roles)} columns are"
    )


def _check_names(name: str, table: pl.DataFrame) -> None:
    for column in table.columns:
        if column.startswith("^") and column.endswith("$"):
            raise errors.ReferenceError(
                f"The column '{column}' of '{name}' is named like a regular expression.",
                "Rename it, so that it does not begin with ^ and end with $.",
            )


def _check(name: str, table: pl.DataFrame) -> None:
    hint = "Give a table with at least two different rows; a few dozen make a good start."
    if not table.width:
        raise errors.ReferenceError(f"'{name}' has no columns.", hint)
    if len(table) < 2:
        rows = "only one row" if len(table) else "only a header and no row"
        raise errors.ReferenceError(f"'{name}' has {rows}.", hint)
    if table.n_unique() == 1:
        raise errors.ReferenceError(f"All {len(table):,} rows of '{name}' are the same.", hint)


def _chosen_roles(
    columns: Sequence[str], roles: Mapping[str, str | Role] | None, text_columns: Sequence[str] | str
) -> dict[str, Role]:
    """Combine and check the roles set by the user; text columns are free text whatever they look like."""
    every = [role.value for role in Role]
    chosen = {
        column: Role(_known(str(role).lower(), every, "role"))
        for name, role in (roles or {}).items()
        for column in _named(name, columns)
    }
    texts = [text_columns] if isinstance(text_columns, str) else text_columns
    for name in [column for text in texts for column in _named(text, columns)]:
        role = chosen.setdefault(name, Role.TEXT)
        if not role.written:
            raise errors.ConfigError(
                f"Column '{name}' is named as a text column and given the role {role}.",
                "Keep one of the two.",
            )
    return chosen


def _named(name: str, columns: Sequence[str]) -> list[str]:
    """The columns of a name: `messages` has all values inside, `messages[].content` those at every position."""
    if name in columns:
        return [name]
    inside = re.escape(name).replace(r"\[\]", r"\[\d+\]") + r"(?:[.\[].*)?"
    return [column for column in columns if re.fullmatch(inside, column)] or [_known(name, columns, "column")]


def _known(name: str, names: Sequence[str], noun: str) -> str:
    if name in names:
        return name
    close = difflib.get_close_matches(name, names, n=1)
    raise errors.ConfigError(
        f"There is no {noun} '{name}'.",
        f"Did you mean '{close[0]}'?" if close else f"The {noun}s are {listed(names, most=len(names))}.",
    )
