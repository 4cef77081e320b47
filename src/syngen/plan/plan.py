"""The plan: a table with one row per slot, kept in the run folder, read back slot by slot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from syngen.errors import RunError
from syngen.types import Slot, TextTarget


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """N planned rows as plain data.

    Attributes:
        frame: One row per slot with columns `slot`, `donor`, `group`, `anchor`, `seed`, then `values` (a struct
            of the columns that code owns; absent when there are none) and `texts` (a struct with, for
            each written column, a struct of words, grade and style, and where diversity is planned of
            the other fields of `TextTarget`; words is null where the text is to stay empty).
    """

    frame: pl.DataFrame

    def __len__(self) -> int:
        return self.frame.height

    def __iter__(self) -> Iterator[Slot]:
        for row in self.frame.iter_rows():
            yield _slot(row)

    def slots(self, indices: Sequence[int]) -> list[Slot]:
        """The slots with these indices, in this order."""
        return [_slot(self.frame.row(i)) for i in indices]

    def values(self) -> pl.DataFrame:
        """The planned values, one column each: what the structured columns will be."""
        structs = self.frame.select(c for c in ("values",) if c in self.frame.columns)
        return structs.unnest(structs.columns)

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
        if not {"slot", "donor", "group", "anchor", "seed", "texts"} <= set(frame.columns):
            raise RunError(f"The file {path} holds a table that is not a plan.", "Start a new run.")
        return cls(frame)


def _target(target: dict[str, Any]) -> TextTarget:
    plain: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in target.items()}
    return TextTarget(**plain)


def _slot(row: tuple[Any, ...]) -> Slot:
    index, donor, group, anchor, seed, *values, texts = row
    targets = {name: _target(target) for name, target in texts.items() if target["words"] is not None}
    return Slot(
        index,
        {**(values[0] if values else {}), **{name: None for name in texts if name not in targets}},
        targets,
        seed,
        donor,
        group,
        anchor,
    )
