"""Roles given by hand: names come in, checked roles go out."""

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


def wanted_roles(
    columns: Sequence[str], roles: Mapping[str, str | Role] | None, text_columns: Sequence[str] | str
) -> dict[str, Role]:
    """The roles given by hand.

    Args:
        columns: The columns there are.
        roles: Role by column.
        text_columns: Columns that are free text whatever they look like; the roles of all others
            stay as detected.

    Raises:
        ConfigError: For an unknown column or role, or two roles for one column.
    """
    wanted = {_known(name, columns, "column"): _role(role) for name, role in (roles or {}).items()}
    for name in [text_columns] if isinstance(text_columns, str) else text_columns:
        role = wanted.setdefault(_known(name, columns, "column"), Role.TEXT)
        if not role.written:
            raise errors.ConfigError(
                f"Column '{name}' is named as a text column and given the role {role}.",
                "Keep one of the two.",
            )
    return wanted


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


def as_wanted(frame: pl.DataFrame, wanted: Mapping[str, Role]) -> pl.DataFrame:
    """The frame, with the columns that are to be written as strings."""
    return frame.with_columns(frame[name].cast(pl.String) for name, role in wanted.items() if role.written)


def forced_reading(series: pl.Series, role: Role) -> Reading:
    """A role given by hand.

    Raises:
        ConfigError: When the values can't have it.
    """
    why = "given by hand"
    values = series.drop_nulls()
    if role is Role.DERIVED:
        return read_role(series)  # what from, is found out later
    if role is Role.DATETIME:
        time = detect_time(series) if len(values) else None
        if time is None:
            raise _impossible(series, role, "its values are no points in time in a form SynGen knows")
        return Reading(role, why, time)
    if role in _NUMERIC and not series.dtype.is_numeric():
        raise _impossible(series, role, "its values are not all numbers")
    if role is Role.COUNT and not bool(((values >= 0) & (values == values.round())).all()):
        raise _impossible(series, role, "its values are not all whole numbers from 0 up")
    if role is Role.BOOLEAN and _regardless_of_case(values) > 2:
        raise _impossible(series, role, f"it has {values.n_unique():,} different values")
    if role is Role.CONSTANT and values.n_unique() > 1:
        raise _impossible(series, role, f"it has {values.n_unique():,} different values")
    if role is Role.IDENTIFIER and not (series.dtype.is_integer() or series.dtype == pl.String):
        raise _impossible(series, role, "its values are neither whole numbers nor strings")
    return Reading(role, why)


def _regardless_of_case(values: pl.Series) -> int:
    """How many different values there are when "Yes" and "yes" are one."""
    return (values.str.to_lowercase() if values.dtype == pl.String else values).n_unique()


def _impossible(series: pl.Series, role: Role, reason: str) -> errors.ConfigError:
    return errors.ConfigError(
        f"Column '{series.name}' can't have the role {role}: {reason}.", "Give another role, or none."
    )
