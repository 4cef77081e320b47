"""Make a plan: donors, then every column that code owns, then what each text should be like."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen.columns import Draw, codecs, derive
from syngen.columns.number import between_neighbours
from syngen.config import MOST_ROWS
from syngen.controls import MIDDLE
from syngen.errors import ConfigError
from syngen.errors import ReferenceError as BadReference
from syngen.plan.donors import draw_donors, has_text, turns
from syngen.plan.plan import Plan
from syngen.plan.settings import ControlSettings
from syngen.plan.topics import draw_muses, redraw
from syngen.text.attributes import Attributes, attributes
from syngen.text.words import clauses, mtld, words
from syngen.types import Reference, Role, generator
from syngen.types import derive as derive_seed

Floats = npt.NDArray[np.float64]


AS_REAL = ControlSettings()
NEAR = 5  # rows of about a grade, to either side, that richness and clauses are taken from
GROUP = 4  # slots that show the same real rows: read once by the model, and rows alike profit most


def make_plan(
    reference: Reference, n: int, *, seed: int = 0, aims: ControlSettings = AS_REAL, group: int = GROUP
) -> Plan:
    """Plan n rows; the same reference, n, aims and seed give the same plan on every machine.

    Args:
        aims: What the knobs want of the main text.
        group: So many slots, if their donors are alike, show the same real rows.

    Raises:
        ConfigError: n is not between 1 and a million.
        ReferenceError: There is no text column, or it is empty.
    """
    if not 1 <= n <= MOST_ROWS:
        raise ConfigError(
            f"{n} rows can't be planned: a run makes 1 to {MOST_ROWS:,} rows.",
            "Give another -n; several runs with different seeds make more.",
        )
    require_text(reference)
    donors, groups, anchors = draw_donors(reference, n, generator(seed, "donors"), group)
    values = _values(reference, donors, seed)
    main = reference.profile.main_text.name
    texts = {
        c.name: _targets(reference, c.name, donors, aims if c.name == main else AS_REAL, seed)
        for c in reference.profile.written
    }
    frame = pl.DataFrame(
        {
            "slot": range(n),
            "donor": donors,
            "group": groups,
            "anchor": anchors,
            "seed": [derive_seed(seed, "slot", i) for i in range(n)],
        }
    )
    structs = [pl.DataFrame(values).to_struct("values")] if values else []  # Parquet has no empty structs
    return Plan(frame.with_columns(*structs, pl.DataFrame(texts).to_struct("texts")))


def wanted_words(
    reference: Reference, name: str, donors: npt.NDArray[np.int64], aims: ControlSettings
) -> Floats:
    """What the knob makes of the donors' lengths, shape (n,): NaN where a donor has no text."""
    real = _words(reference, name)
    return aims.length.wanted(real[donors], real[reference.train])


def wanted_grades(
    reference: Reference, name: str, donors: npt.NDArray[np.int64], aims: ControlSettings
) -> Floats:
    """What the knob makes of the donors' reading grades, shape (n,): NaN where a text is too short for one."""
    real = reference.measures[name].grade.astype("float64")
    return aims.complexity.wanted(real[donors], real[reference.train])


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
    profile, frame = reference.profile, reference.frame
    codec_of = codecs(profile, frame)
    made: dict[str, pl.Series] = {}
    for column in profile.columns:
        if column.role is not Role.DERIVED and not column.role.written:
            path = ("times",) if column.role is Role.DATETIME else ("column", column.name)
            draw = Draw(codec_of, reference.train, donors, drawn_before, generator(seed, *path))
            made[column.name] = codec_of[column.name].sample(draw)
    waiting = {c.name: c.derived.source for c in profile.columns if c.derived is not None}
    while ready := [name for name, source in waiting.items() if name not in made and source in made]:
        for name in ready:  # those left over follow from a text, which is not there yet
            derived = derive(profile[name], profile, made[waiting[name]], frame.schema[name])
            made[name] = derived.set(frame[name].gather(donors).is_null(), None)
    return {c.name: made[c.name] for c in profile.columns if c.name in made}


def _words(reference: Reference, name: str) -> Floats:
    """Words of every row; a text without words, such as an emoji, counts as one: one word is asked for."""
    measured = np.maximum(reference.measures[name].words, 1.0)
    return np.where(has_text(reference, name), measured, np.nan)


def _targets(
    reference: Reference, name: str, donors: npt.NDArray[np.int64], aims: ControlSettings, seed: int
) -> pl.Series:
    """What the texts of one column should be like; words is null where the donor has no text."""
    lengths = wanted_words(reference, name, donors, aims)
    if not aims.length.turned:
        real = _words(reference, name)
        lengths = between_neighbours(lengths, real[reference.train], generator(seed, "words", name))
    grades = np.round(wanted_grades(reference, name, donors, aims), 1)
    columns = {
        "words": pl.Series(np.round(lengths)).fill_nan(None).cast(pl.Int32),
        "grade": pl.Series(grades).fill_nan(None),
    }
    if aims.levels:
        columns |= _levels(reference, name, grades, generator(seed, "levels"))
    muses = donors
    if aims.diversity is not None:
        found = attributes(reference, name)
        muses = draw_muses(reference, donors, found.topic, aims.diversity, generator(seed, "muses"))
        columns |= _attributes(found, muses, aims.diversity, seed)
    styles = [reference.measures[name].style[i] for i in muses.tolist()]
    kinds = {style: kind for kind, style in enumerate(dict.fromkeys(styles))}  # few, so quick to make
    lists = pl.Series([list(style) for style in kinds], dtype=pl.List(pl.String))
    columns["style"] = lists.gather([kinds[style] for style in styles])
    return pl.DataFrame(columns).to_struct(name)


def _levels(
    reference: Reference, name: str, grades: Floats, rng: np.random.Generator
) -> dict[str, pl.Series]:
    """How rich in words and in clauses a real text of about the wanted grade is; null without a grade."""
    real = reference.measures[name].grade
    rows = reference.train[~np.isnan(real[reference.train])]
    rows = rows[np.argsort(real[rows], kind="stable")]
    texts = reference.frame[name]
    richness: list[float | None] = []
    depth: list[float | None] = []
    for wanted, step in zip(
        grades.tolist(), rng.integers(-NEAR, NEAR, len(grades), endpoint=True), strict=True
    ):
        if not len(rows) or np.isnan(wanted):
            richness.append(None)
            depth.append(None)
            continue
        at = int(np.searchsorted(real[rows], wanted)) + int(step)
        text = texts[int(rows[min(max(at, 0), len(rows) - 1)])]
        richness.append(round(mtld([word.lower() for word in words(text)]), 1))
        depth.append(clauses(text))
    return {"richness": pl.Series(richness, dtype=pl.Float64), "clauses": pl.Series(depth, dtype=pl.Float64)}


def _attributes(
    found: Attributes, muses: npt.NDArray[np.int64], level: float, seed: int
) -> dict[str, pl.Series]:
    """What each text speaks of and how it begins; with more diversity than real, rarer openings and more people."""
    rows = muses.tolist()
    persona, situation = ([values[i] for i in rows] for values in (found.persona, found.situation))
    if level > MIDDLE:
        for values, known, path in (
            (persona, found.persona, "persona"),
            (situation, found.situation, "situation"),
        ):
            _spread(values, sorted({v for v in known if v}), level - MIDDLE, generator(seed, path))
    return {
        "aspects": pl.Series([list(found.aspects[i]) for i in rows], dtype=pl.List(pl.String)),
        "opening": pl.Series(redraw([found.opening[i] for i in rows], level, generator(seed, "openings"))),
        "persona": pl.Series(persona, dtype=pl.String),
        "situation": pl.Series(situation, dtype=pl.String),
        "topic": pl.Series(found.topic[muses], dtype=pl.Int32),
    }


def _spread(values: list[str], known: list[str], share: float, rng: np.random.Generator) -> None:
    """Give a share of the slots that have none one of what is known, each as often."""
    empty = [i for i, value in enumerate(values) if not value]
    if not known or not empty:
        return
    chosen = rng.permutation(empty)[: round(share * len(empty))].tolist()
    picks = rng.permutation(len(chosen)) % len(known)
    for i, pick in zip(chosen, picks.tolist(), strict=True):
        values[i] = known[pick]
