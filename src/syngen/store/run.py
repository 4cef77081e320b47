"""An opened run: its rows, its ledger and the origin of each row."""

from __future__ import annotations

import dataclasses
import sqlite3
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from syngen.config import RunConfig
from syngen.errors import ConfigError, RunError
from syngen.store.folder import check_not_of_run, read_manifest
from syngen.store.journal import Journal
from syngen.tables.write import check_output, text_of, typed, write_table
from syngen.types import Capabilities, Ledger, Plan, Tokens
from syngen.types.notebook import titled


class Run:
    """A run folder, as it was when it was opened.

    Raises:
        RunError: There is no run, it is damaged, or a newer version of SynGen wrote it.

    Attributes:
        path: The folder.
        manifest: Settings, reference and model.
        config: The settings.
        ledger: Counts of rows asked for, returned, parsed, valid, new and accepted.
        tokens: Tokens read and written, see `syngen.types.Tokens`.
        seconds: Seconds of all invocations.
        events: What happened in order, each with its detail, see `syngen.store.Journal.note`.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.manifest = read_manifest(self.path)
        try:
            self.config = RunConfig.of(**self.manifest.config)
            with self.journal() as journal:
                self.ledger: Ledger = journal.ledger(self.config.n, native=self.config.mode == "native")
                self.tokens = journal.tokens()
                self.seconds = journal.seconds()
                self.events = journal.events()
        except (ConfigError, sqlite3.DatabaseError) as error:
            raise RunError(f"The run {self.path} is damaged: {error}", "Start a new run.") from error

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r}, {self.ledger.accepted} of {self.ledger.asked} rows)"

    def _repr_html_(self) -> str:
        """Show the first rows and the ledger in a notebook."""
        chain = " → ".join(f"{step} {rows:,}" for step, rows in self.ledger.steps.items())
        return titled(f"{self!r}: {chain}", self.rows.head(5))

    @property
    def stopped(self) -> str:
        """Why it stopped before N rows; empty when it holds exactly N rows, or when it was killed."""
        ends = [event for event in self.events if event[0] not in ("written", "selected")]
        return ends[-1][1] if ends and ends[-1][0] == "stopped" else ""

    @property
    def exact(self) -> bool:
        """Whether it holds exactly the rows asked for."""
        # With more candidates than rows, N rows may be accepted before the selection.
        chosen = self.config.candidates == self.config.n or "selected" in dict(self.events)
        return chosen and self.ledger.accepted == self.ledger.asked

    @property
    def cost_usd(self) -> float | None:
        """US dollars spent on tokens; None when the model's price is not known."""
        model = self.manifest.model
        prices: dict[str, Any] = {name: model.get(name) for name in ("price_in", "price_out", "price_cached")}
        return self.tokens.cost(Capabilities(**prices).prices)

    def journal(self, *, write: bool = False) -> Journal:
        """Open its journal."""
        return Journal(self.path / "journal.sqlite", write=write)

    def plan(self) -> Plan | None:
        """Read its plan; None in native mode.

        Raises:
            RunError: The plan is missing or damaged.
        """
        return Plan.open(self.path / "plan.parquet") if self.config.mode == "planned" else None

    def spent(self) -> list[tuple[Tokens, int]]:
        """List for each call in order its tokens and the number of rows accepted from it."""
        with self.journal() as journal:
            return journal.spent()

    @property
    def output(self) -> Path:
        """The file for the rows; `rows.csv` in the run folder where no other was given or its folder is gone."""
        given = Path(self.manifest.output)
        return given if self.manifest.output and given.parent.is_dir() else self.path / "rows.csv"

    @cached_property
    def rows(self) -> pl.DataFrame:
        """The accepted rows, in the columns of the table that was read; lists and objects as such."""
        return typed(self.cells, self.manifest.layout)

    @cached_property
    def cells(self) -> pl.DataFrame:
        """The accepted rows, in the columns and types of `reference`: one for each value inside a nested one."""
        with self.journal() as journal:
            records = pl.Series(journal.records(), dtype=pl.String)
        return records.str.json_decode(pl.Struct(self.reference.schema)).struct.unnest()

    @cached_property
    def reference(self) -> pl.DataFrame:
        """The real rows of the run.

        Raises:
            RunError: The file is missing or damaged.
        """
        try:
            return pl.read_parquet(self.path / "reference.parquet")
        except (OSError, pl.exceptions.PolarsError) as error:
            raise RunError(
                f"The run {self.path} has lost its reference: {error}.", "Start a new run."
            ) from error

    def to_pandas(self) -> Any:
        """Return the accepted rows as a pandas data frame (needs pandas)."""
        import pandas as pd

        def column(series: pl.Series) -> Any:
            whole = series.dtype.is_integer() and series.null_count()  # pandas would make floats of them
            return pd.Series(series.to_list(), dtype="Int64" if whole else None)

        return pd.DataFrame({series.name: column(series) for series in self.rows.iter_columns()})

    def to_dataset(self) -> Any:
        """Return the accepted rows as a Hugging Face data set (needs datasets)."""
        import datasets

        return datasets.Dataset(self.rows.to_arrow())

    def content(self, *, excel_safe: bool = False) -> bytes:
        """Return the accepted rows as the content of a text file like the one that was read, else as CSV."""
        return text_of(self.cells, self.manifest.layout, excel_safe=excel_safe)

    def export(self, path: str | Path, *, force: bool = False, excel_safe: bool = False) -> Path:
        """Write the accepted rows to a file, in the form of its ending and the layout of the file that was read.

        Args:
            force: Replace a file that is there.
            excel_safe: In CSV, put an apostrophe before texts that a spreadsheet would run as a formula.

        Raises:
            OutputError: The ending is unknown, the file exists, or it can't be written.
        """
        target = Path(path)
        check_not_of_run(target, self.path)
        check_output(target, self.manifest.layout, force=force)
        write_table(self.cells, target, self.manifest.layout, excel_safe=excel_safe)
        return target

    def replay(self, row: int) -> dict[str, Any]:
        """Return all about one accepted row: its values, the exact prompt, settings, shown rows and reply.

        XX
        Args:
            row: Number of the row in `rows`, from 1, as in findings.

        Raises:
            ConfigError: There is no such row.
        """
        rows = self.ledger.accepted
        if not 1 <= row <= rows:
            known = f"Rows go from 1 to {rows}." if rows else "It has no rows yet."
            raise ConfigError(f"The run {self.path} has no row {row}.", known)
        with self.journal() as journal:
            record, call = journal.call_of(row - 1)
        record = {"number": row, **record}
        if call is None:
            return {
                "row": record,
                "request": None,
                "shown_rows": [],
                "shown": [],
                "reply": None,
                "fingerprint": "",
            }
        shown = call["request"]["prompt"]["shown"]
        return {
            "row": record,
            "request": call["request"],
            "shown_rows": [i + 1 for i in shown],
            "shown": [self.reference.row(i, named=True) for i in shown],
            "reply": {
                k: call[k] for k in ("reply", "finish", "prompt_tokens", "completion_tokens", "seconds", "at")
            },
            "fingerprint": call["fingerprint"],
        }

    def origins(self, text: str) -> pl.DataFrame:
        """Return the origin of each row and the target of one of its texts.

        Args:
            text: The column of the texts.

        Returns:
            A row for each of `rows`: `slot` (in native mode its position), `call` (numbered in order),
            `position` in the call from 0, `shown` (row numbers in `reference`), target `words` and `grade`,
            null where there is none.
        """
        with self.journal() as journal:
            origins = journal.origins()
        plan = self.plan()
        targets = [] if plan is None else plan.targets(text).fill_nan(None).select("words", "grade").rows()
        taken: dict[int, int] = {}  # rows of a call so far, where a reply does not say which is which
        records = []
        for index, target, call, slots, shown in origins:
            taken[call] = taken.get(call, -1) + 1
            position = slots.index(index) if index in slots else taken[call]
            words, grade = targets[target] if targets else (None, None)
            records.append((index, call, position, shown, words, grade))
        schema: dict[str, pl.DataType | type[pl.DataType]] = {
            "slot": pl.Int64,
            "call": pl.Int64,
            "position": pl.Int64,
            "shown": pl.List(pl.Int64),
            "words": pl.Float64,
            "grade": pl.Float64,
        }
        return pl.DataFrame(records, schema, orient="row", strict=False)

    def summary(self) -> dict[str, Any]:
        """Return what `generate --json` prints."""
        return {
            "run": str(self.path),
            "asked": self.ledger.asked,
            "accepted": self.ledger.accepted,
            "exact": self.exact,
            "stopped": self.stopped,
            "output": str(self.output),
            "ledger": dataclasses.asdict(self.ledger),
            "tokens": {**dataclasses.asdict(self.tokens), "total": self.tokens.total},
            "cost_usd": self.cost_usd,
            "seconds": round(self.seconds, 3),
            "seed": self.config.seed,
            "model": self.manifest.model.get("id", self.config.model),  # None: the rows needed none
        }
