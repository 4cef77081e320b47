"""Make a plan: draw donors, then fill every column that code fills, then set the targets of each text."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen.columns import Draw, codecs, derive
from syngen.columns.number import between_neighbours
from syngen.config import MOST_ROWS
from syngen.controls import MIDDLE, Control, ControlSettings
from syngen.errors import ConfigError
from syngen.plan.apart import keep_apart
from syngen.plan.donors import attribute_donors, draw_donors, has_text, redraw, turns
from syngen.plan.relations import keep_relations
from syngen.text.attributes import Attributes, attributes
from syngen.text.words import clauses, mtld, words
from syngen.types import Plan, Reference, Role, generator
from syngen.types import derive as derive_seed

Floats = npt.NDArray[np.float64]

AS_REAL = ControlSettings()
ENDS = (0.05, 0.95)  # the quantiles that a range is mapped from: outliers lie beyond
NEAR = 5  # rows of about the same grade, to either side, that richness and clauses are taken from


def make_plan(
    reference: Reference,
    n: int,
    *,
    seed: int = 0,
    settings: ControlSettings = AS_REAL,
    only_with_text: bool = False,
) -> Plan:
    """Plan n rows; the same reference, n, settings and seed give the same plan on every machine.

    Args:
        settings: The controls of the main text.
        only_with_text: Plan rows that have the main text only; otherwise as large a share as of the real rows.

    Raises:
        ConfigError: n is not between 1 and a million.
        ReferenceError: Only rows with a text are wanted, and there is none to plan from.
    """
    if not 1 <= n <= MOST_ROWS:
        raise ConfigError(
            f"{n} rows can't be planned: a run makes 1 to {MOST_ROWS:,} rows.",
            "Give another -n; several runs with different seeds make more.",
        )
    rng = generator(seed, "donors")
    donors, groups, anchors = draw_donors(reference, n, rng, only_with_text=only_with_text)
    columns = _columns(reference, donors, seed)
    main = reference.profile.main
    texts = {
        c.name: _targets(reference, c.name, donors, settings if c.name == main else AS_REAL, seed)
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
    structs = {"values": columns, "texts": texts}  # Parquet has no empty ones
    return Plan(frame.with_columns(pl.DataFrame(of).to_struct(name) for name, of in structs.items() if of))


def control_targets(
    reference: Reference, column: str, rows: npt.NDArray[np.int64], settings: ControlSettings
) -> tuple[Floats, Floats]:
    """Apply the controls of length and complexity to real rows.

    A text without words, such as an emoji, counts as one word.

    Returns:
        Target words and target reading grades, shape (len(rows),) each; NaN where a row has no text, or one too
        short for a grade.
    """
    measured = reference.measures[column]
    words = np.where(has_text(reference, column), np.maximum(measured.words, 1.0), np.nan)
    grades = measured.grade.astype(np.float64)
    return (
        apply(settings.length, words[rows], words[reference.train]),
        apply(settings.complexity, grades[rows], grades[reference.train]),
    )


def apply(control: Control, values: Floats, real: Floats) -> Floats:
    """Return the target for each of some real values, in the same order; NaN stays NaN.

    Args:
        control: Of these values.
        values: Of the rows that a plan was drawn from.
        real: Of all rows that may be drawn, for the quantiles.
    """
    if not control.active:
        return values
    if control.within is None:
        return np.clip(control.factor * values + control.offset, control.low, control.high)
    scale, inverse = (np.log, np.exp) if control.ratios else (np.positive, np.positive)
    low, high = scale(np.array(control.within))
    known = real[~np.isnan(real)]
    begin, end = scale(np.quantile(known, ENDS)) if len(known) else (0.0, 0.0)
    middle = np.where(np.isnan(values), np.nan, 0.5)
    share = (scale(values) - begin) / (end - begin) if end > begin else middle
    mapped: Floats = inverse(low + np.clip(share, 0.0, 1.0) * (high - low))
    return np.clip(mapped, *control.within)  # exp and log may miss the ends by a last bit


def _columns(reference: Reference, donors: npt.NDArray[np.int64], seed: int) -> dict[str, pl.Series]:
    """Fill every column that does not follow from a text, in the table's order."""
    drawn_before = turns(donors)
    profile, frame = reference.profile, reference.frame
    codec_of = codecs(profile, frame, reference.unsampled)
    filled: dict[str, pl.Series] = {}
    for column in profile.columns:
        if column.role is not Role.DERIVED and not column.role.written:
            path = ("times",) if column.role is Role.DATETIME else ("column", column.name)
            draw = Draw(codec_of, reference.train, donors, drawn_before, generator(seed, *path))
            filled[column.name] = codec_of[column.name].sample(draw)
    rng = generator(seed, "apart")
    filled = keep_apart(
        reference, filled, lambda cells: keep_relations(reference, codec_of, cells, donors), donors, rng
    )
    waiting = {c.name: c.derived.source for c in profile.columns if c.derived is not None}
    while ready := [name for name, source in waiting.items() if name not in filled and source in filled]:
        for name in ready:  # those left over follow from a text, which is not there yet
            derived = derive(profile[name], profile, filled[waiting[name]], frame.schema[name])
            filled[name] = derived.set(frame[name].gather(donors).is_null(), None)
    return {c.name: filled[c.name] for c in profile.columns if c.name in filled}


def _targets(
    reference: Reference, name: str, donors: npt.NDArray[np.int64], settings: ControlSettings, seed: int
) -> pl.Series:
    """Return the targets of one column's texts as a struct; its fields are null where the donor has no text."""
    slots = np.flatnonzero(has_text(reference, name)[donors])
    targets = _targets_of_texts(reference, name, donors[slots], settings, seed)
    places = pl.DataFrame({"slot": np.arange(len(donors))})
    found = targets.with_columns(slot=pl.Series(slots, dtype=pl.Int64))
    return places.join(found, on="slot", how="left", maintain_order="left").drop("slot").to_struct(name)


def _targets_of_texts(
    reference: Reference, name: str, donors: npt.NDArray[np.int64], settings: ControlSettings, seed: int
) -> pl.DataFrame:
    """Return the targets of one column's texts, a row for each donor; all of these have a text."""
    words, grades = control_targets(reference, name, donors, settings)
    if not settings.length.active:
        real, _ = control_targets(reference, name, reference.train, settings)
        words = between_neighbours(words, real, generator(seed, "words", name))
    grades = np.round(grades, 1)
    columns = {
        "words": pl.Series(np.round(words)).fill_nan(None).cast(pl.Int32),
        "grade": pl.Series(grades).fill_nan(None),
    }
    if settings.levels:
        columns |= _levels(reference, name, grades, generator(seed, "levels"))
    sources = donors  # the rows that the attributes are from
    if settings.diversity is not None:
        found = attributes(reference, name)
        rng = generator(seed, "muses")
        sources = attribute_donors(reference, donors, found.topic, settings.diversity, rng)
        columns |= _attributes(found, sources, settings.diversity, seed)
    styles = [reference.measures[name].style[row] for row in sources.tolist()]
    numbers = {style: number for number, style in enumerate(dict.fromkeys(styles))}  # few, so quick to build
    lists = pl.Series([list(style) for style in numbers], dtype=pl.List(pl.String))
    columns["style"] = lists.gather(pl.Series([numbers[style] for style in styles], dtype=pl.UInt32))
    return pl.DataFrame(columns)


def _levels(
    reference: Reference, name: str, grades: Floats, rng: np.random.Generator
) -> dict[str, pl.Series]:
    """Lexical richness and clauses of a real text of about the target grade; null without a grade."""
    real = reference.measures[name].grade
    rows = reference.train[~np.isnan(real[reference.train])]
    rows = rows[np.argsort(real[rows], kind="stable")]
    texts = reference.frame[name]
    steps = rng.integers(-NEAR, NEAR, len(grades), endpoint=True)
    richness: list[float | None] = [None] * len(grades)
    depth: list[float | None] = [None] * len(grades)
    for i in np.flatnonzero(~np.isnan(grades)) if len(rows) else ():
        at = int(np.searchsorted(real[rows], float(grades[i]))) + int(steps[i])
        text = texts[int(rows[min(max(at, 0), len(rows) - 1)])]
        richness[i] = round(mtld([word.lower() for word in words(text)]), 1)
        depth[i] = clauses(text)
    return {"richness": pl.Series(richness, dtype=pl.Float64), "clauses": pl.Series(depth, dtype=pl.Float64)}


def _attributes(
    found: Attributes, sources: npt.NDArray[np.int64], level: float, seed: int
) -> dict[str, pl.Series]:
    """Topic, aspects, opening, persona and situation of each text; above real diversity, more rare ones."""
    rows = sources.tolist()
    people: dict[str, list[str]] = {}
    for name, known in (("persona", found.persona), ("situation", found.situation)):
        people[name] = [known[row] for row in rows]
        if level > MIDDLE:
            _fill(people[name], sorted(set(known) - {""}), level - MIDDLE, generator(seed, name))
    openings = redraw([found.opening[row] for row in rows], level, generator(seed, "openings"))
    return {
        "aspects": pl.Series([list(found.aspects[row]) for row in rows], dtype=pl.List(pl.String)),
        "opening": pl.Series(openings),
        **{name: pl.Series(values, dtype=pl.String) for name, values in people.items()},
        "topic": pl.Series(found.topic[sources], dtype=pl.Int32),
    }


def _fill(values: list[str], known: list[str], share: float, rng: np.random.Generator) -> None:
    """Set a share of the empty values to the known ones, each equally often."""
    empty = [i for i, value in enumerate(values) if not value]
    if not known or not empty:
        return
    chosen = rng.permutation(empty)[: round(share * len(empty))].tolist()
    picks = rng.permutation(len(chosen)) % len(known)
    for i, pick in zip(chosen, picks.tolist(), strict=True):
        values[i] = known[pick]
