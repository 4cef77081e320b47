"""Check the roles that the user sets."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

import polars as pl

from syngen import errors
from syngen.columns.timeformats import detect_time
from syngen.reference.roles import Reading, read_role
from syngen.text.format import listed
from syngen.types import Role

_NUMERIC = (Role.NUMBER, Role.COUNT, Role.ORDINAL)


def chosen_roles(
    columns: Sequence[str], roles: Mapping[str, str | Role] | None, text_columns: Sequence[str] | str
) -> dict[str, Role]:
    """Combine and check the roles set by the user.

    Args:
        columns: The columns of the table.
        roles: Role by column.
        text_columns: Columns that are free text whatever they look like; the roles of all others
            stay as detected.

    Raises:
        ConfigError: For an unknown column or role, or two roles for one column.
    """
    chosen = {_known(name, columns, "column"): _role(role) for name, role in (roles or {}).items()}
    for name in [text_columns] if isinstance(text_columns, str) else text_columns:
        role = chosen.setdefault(_known(name, columns, "column"), Role.TEXT)
        if not role.written:
            raise errors.ConfigError(
                f"Column '{name}' is named as a text column and given the role {role}.",
                "Keep one of the two.",
            )
    return chosen


def _role(role: str | Role) -> Role:
    return Role(_known(str(role).lower(), [r.value for r in Role], "role"))


def _known(name: str, names: Sequence[str], noun: str) -> str:
    if name in names:
        return name
    close = difflib.get_close_matches(name, names, n=1)
    raise errors.ConfigError(
        f"There is no {noun} '{name}'.",
        f"Did you mean '{close[0]}'?" if close else f"The {noun}s are {listed(names, most=len(names))}.",
    )


def with_text_columns(frame: pl.DataFrame, chosen: Mapping[str, Role]) -> pl.DataFrame:
    """Cast the columns that a model is to write to strings."""
    return frame.with_columns(frame[name].cast(pl.String) for name, role in chosen.items() if role.written)


def forced_reading(series: pl.Series, role: Role) -> Reading:
    """Give a column the role set by the user.

    Raises:
        ConfigError: When the values can't have it.
    """
    why = "set by the user"
    values = series.drop_nulls()
    if role is Role.DERIVED:
        return read_role(series)  # its source is found later
    if role is Role.DATETIME:
        time = detect_time(series) if len(values) else None
        if time is None:
            raise _impossible(series, role, "its values are no points in time in a form SynGen knows")
        return Reading(role, why, time)
    if role in _NUMERIC and not series.dtype.is_numeric():
        raise _impossible(series, role, "its values are not all numbers")
    if role is Role.COUNT and not bool(((values >= 0) & (values == values.round())).all()):
        raise _impossible(series, role, "its values are not all whole numbers from 0 up")
    spellings = values.str.to_lowercase() if values.dtype == pl.String else values  # "Yes" and "yes" are one
    if (role is Role.BOOLEAN and spellings.n_unique() > 2) or (
        role is Role.CONSTANT and values.n_unique() > 1
    ):
        raise _impossible(series, role, f"it has {values.n_unique():,} different values")
    if role is Role.IDENTIFIER and not (series.dtype.is_integer() or series.dtype == pl.String):
        raise _impossible(series, role, "its values are neither whole numbers nor strings")
    return Reading(role, why)


def _impossible(series: pl.Series, role: Role, reason: str) -> errors.ConfigError:
    return errors.ConfigError(
        f"Column '{series.name}' can't have the role {role}: {reason}.", "Give another role, or none."
    )
