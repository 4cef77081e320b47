"""The plan: one slot per requested row, kept as a table, with what each of its texts should be like; and seeds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen.errors import RunError
from syngen.types.reference import Value

_COLUMNS = frozenset({"slot", "donor", "group", "anchor", "seed"})


@dataclass(frozen=True, slots=True)
class TextTarget:
    """What one text of a slot should be like, drawn from a real text."""

    words: int  # number of words
    grade: float | None = None  # Flesch-Kincaid grade; None for texts too short to have one
    style: tuple[str, ...] = ()  # style attributes, from the vocabulary of `syngen.text.words.style`
    # What it is about, in the words of the reference, such as "fabric"; the most telling first
    aspects: tuple[str, ...] = ()
    opening: str = ""  # the words it begins with, in lower case; empty: not controlled
    persona: str = ""  # who writes, or of whom, such as "my husband"; empty: not controlled
    situation: str = ""  # what for, such as "for work"; empty: not controlled
    topic: int | None = None  # number of the cluster of real texts it belongs to; None: not controlled
    richness: float | None = None  # MTLD, see `syngen.text.words.mtld`; None: not controlled
    # Marks of clauses per sentence, see `syngen.text.words.clauses`; None: not controlled
    clauses: float | None = None
    # Openings it must not have, because too many texts of the run have them already
    avoid: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """One planned row."""

    index: int  # position in the plan, from 0
    # Every column that code fills, in the table's order; a text column that stays empty has None here.
    # Columns derived from a text are absent until the text is there.
    values: Mapping[str, Value]
    texts: Mapping[str, TextTarget]  # the columns to be written, with their targets
    seed: int  # seed of everything drawn for this slot
    donor: int  # row number in the reference whose structure this slot was drawn from
    group: int  # slots of one group show the same real rows, so that a model reads them once
    anchor: int  # row number of the real row that the rows shown to the group are similar to

    def with_target(self, column: str, target: TextTarget) -> Slot:
        """Return the same slot with another target for one of its texts."""
        return replace(self, texts={**self.texts, column: target})


@dataclass(frozen=True, eq=False)
class Plan:
    """N planned rows as plain data."""

    # One row per slot with columns `slot`, `donor`, `group`, `anchor`, `seed`, then `values` (a struct of the
    # columns that code fills) and `texts` (a struct with, for each written column, a struct of fields of
    # `TextTarget`; words is null where the text stays empty); both are absent when there are no such columns
    frame: pl.DataFrame

    def __len__(self) -> int:
        return self.frame.height

    def __iter__(self) -> Iterator[Slot]:
        return map(_slot, self.frame.iter_rows(named=True))

    def slots(self, indices: Sequence[int]) -> list[Slot]:
        """Return the slots with these indices, in this order."""
        return [_slot(self.frame.row(i, named=True)) for i in indices]

    @cached_property
    def to_write(self) -> npt.NDArray[np.bool_]:
        """Whether each slot has a text for a model to write, shape (len(self),)."""
        found = np.zeros(len(self), bool)
        for column in self.texts:
            found |= self.frame["texts"].struct.field(column).struct.field("words").is_not_null().to_numpy()
        return found

    @property
    def texts(self) -> tuple[str, ...]:
        """The columns that a model writes."""
        structs = self.frame.schema.get("texts")
        return tuple(f.name for f in structs.fields) if isinstance(structs, pl.Struct) else ()

    def values(self) -> pl.DataFrame:
        """Return the planned values, one column each."""
        structs = self.frame.select(c for c in ("values",) if c in self.frame.columns)
        return structs.unnest(structs.columns)

    def targets(self, column: str) -> pl.DataFrame:
        """Return the targets of one column, one row per slot; a column that is not written has none.

        Returns:
            Columns `words` and `grade` (NaN where there is no target) and `topic` (-1 where there is none).
        """
        if column not in self.texts:
            none = pl.Series([float("nan")] * len(self), dtype=pl.Float64)
            return pl.DataFrame({"words": none, "grade": none, "topic": [-1] * len(self)})
        fields = self.frame["texts"].struct.field(column).struct.unnest()
        topic = fields["topic"] if "topic" in fields.columns else pl.lit(None)
        return fields.select(
            pl.col("words", "grade").cast(pl.Float64).fill_null(float("nan")),
            topic.cast(pl.Int64).fill_null(-1).alias("topic"),
        )

    @classmethod
    def open(cls, path: Path) -> Plan:
        """Read a saved plan.

        Raises:
            RunError: The file is missing or not a plan.
        """
        try:
            frame = pl.read_parquet(path)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise RunError(f"The plan {path} can't be read: {error}.", "Start a new run.") from error
        if not set(frame.columns) >= _COLUMNS:
            raise RunError(f"The file {path} holds a table that is not a plan.", "Start a new run.")
        return cls(frame)


def _slot(row: dict[str, Any]) -> Slot:
    texts = row.get("texts", {})
    targets = {name: _target(target) for name, target in texts.items() if target["words"] is not None}
    values = {**row.get("values", {}), **{name: None for name in texts if name not in targets}}
    return Slot(row["slot"], values, targets, row["seed"], row["donor"], row["group"], row["anchor"])


def _target(fields: dict[str, Any]) -> TextTarget:
    plain: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in fields.items()}
    return TextTarget(**plain)


def derive(seed: int, *path: str | int) -> int:
    """A seed in 0..2**63-1 for what `path` names, independent of that of any other path."""
    text = json.dumps((seed, *path), default=int)  # quotes names, so that no two paths look alike
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def generator(seed: int, *path: str | int) -> np.random.Generator:
    """A NumPy generator for what `path` names."""
    return np.random.default_rng(derive(seed, *path))
