"""Make a plan: donors, then every column that code owns, then what each text should be like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syngen.config import MOST_ROWS
from syngen.errors import ConfigError
from syngen.errors import ReferenceError as BadReference
from syngen.plan.columns import Draw, between_neighbours, derive_column, make_column
from syngen.plan.donors import draw_donors, has_text, turns
from syngen.plan.plan import Plan
from syngen.profiles import ColumnProfile, Profile, Reference, Role, TimeFormat
from syngen.seeds import derive, generator

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

GROUP = 4  # slots that show the same real rows: read once by the model, and rows alike profit most


def make_plan(reference: Reference, n: int, *, seed: int = 0, group: int = GROUP) -> Plan:
    """Plan n rows; the same reference, n and seed give the same plan on every machine.

    Args:
        group: So many slots, if their donors are alike, show the same real rows.

    Raises:
        ConfigError: n is not between 1 and a million.
        ReferenceError: There is no text column, or it is empty.
    """
    import polars as pl

    if not 1 <= n <= MOST_ROWS:
        raise ConfigError(
            f"{n} rows can't be planned: a run makes 1 to {MOST_ROWS:,} rows.",
            "Give another -n; several runs with different seeds make more.",
        )
    require_text(reference)
    donors, groups, anchors = draw_donors(reference, n, generator(seed, "donors"), group)
    values = _values(reference, donors, seed)
    texts = {c.name: _targets(reference, c.name, donors, seed) for c in reference.profile.written}
    frame = pl.DataFrame(
        {
            "slot": range(n),
            "donor": donors,
            "group": groups,
            "anchor": anchors,
            "seed": [derive(seed, "slot", i) for i in range(n)],
        }
    )
    structs = [pl.DataFrame(values).to_struct("values")] if values else []  # Parquet has no empty structs
    return Plan(frame.with_columns(*structs, pl.DataFrame(texts).to_struct("texts")))


def require_text(reference: Reference) -> None:
    """Raise ReferenceError when no column is there for a model to write."""
    if not reference.profile.written:
        names = ", ".join(c.name for c in reference.profile.columns)
        raise BadReference(
            f"{reference.source} has no text column to write (columns: {names}).",
            "Name one with --text-column.",
        )


def _values(reference: Reference, donors: npt.NDArray[np.int64], seed: int) -> dict[str, pl.Series]:
    """Every column that code owns and that does not wait for a text, in the table's order."""
    drawn_before = turns(donors)
    profile = reference.profile
    made: dict[str, pl.Series] = {}
    for column in profile.columns:
        if column.role is not Role.DERIVED and not column.role.written:
            path = ("times",) if column.role is Role.DATETIME else ("column", column.name)
            made[column.name] = make_column(
                Draw(reference, column, donors, drawn_before, generator(seed, *path))
            )
    waiting = profile.with_role(Role.DERIVED)
    while ready := [c for c in waiting if c.name not in made and _source(c) in made]:
        for column in ready:  # those left over follow from a text, which is not there yet
            real, source = reference.frame[column.name], _source(column)
            derived = derive_column(column, real, made[source], _time_of(profile, source))
            made[column.name] = derived.set(real.gather(donors).is_null(), None)
    return {c.name: made[c.name] for c in profile.columns if c.name in made}


def _source(column: ColumnProfile) -> str:
    """The column that a derived one follows from."""
    if column.derived is None:
        raise ValueError(f"{column.name} is not derived")
    return column.derived.source


def _time_of(profile: Profile, name: str) -> TimeFormat | None:
    """How a column writes a point in time, whether it is one, equals one or follows from one."""
    column = profile[name]
    if column.derived is None:
        return column.time
    return _time_of(profile, column.derived.source) if column.derived.kind == "equal" else column.derived.time


def _targets(reference: Reference, name: str, donors: npt.NDArray[np.int64], seed: int) -> pl.Series:
    """What the texts of one column should be like; words is null where the donor has no text.

    A text without words, such as an emoji, is a text all the same: one word is asked for.
    """
    import numpy as np
    import polars as pl

    measured = reference.measures[name]
    real = np.where(has_text(reference, name), np.maximum(measured.words, 1.0), np.nan)
    rng = generator(seed, "words", name)
    words = np.round(between_neighbours(real[donors], real[reference.train], rng))
    grades = np.round(measured.grade[donors].astype(np.float64), 1)
    styles = [measured.style[i] for i in donors.tolist()]
    kinds = {style: kind for kind, style in enumerate(dict.fromkeys(styles))}  # few, so quick to make
    lists = pl.Series([list(style) for style in kinds], dtype=pl.List(pl.String))
    return pl.DataFrame(
        {
            "words": pl.Series(words).fill_nan(None).cast(pl.Int32),
            "grade": pl.Series(grades).fill_nan(None),
            "style": lists.gather([kinds[style] for style in styles]),
        }
    ).to_struct(name)
