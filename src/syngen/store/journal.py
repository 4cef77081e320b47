"""Keep every call, accepted row and reject in SQLite (WAL), committed before new calls are made.

A `kill -9` loses only the calls in flight. The ledger is computed from the journal, so the numbers in a
report are those on disk.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from itertools import count
from pathlib import Path
from typing import Any, Self

from syngen.errors import JournalError, OutputError, RunError
from syngen.types import Completion, Ledger, Rejected, Row, Tokens

_TABLES = """
CREATE TABLE IF NOT EXISTS calls (
    fingerprint TEXT PRIMARY KEY, request TEXT NOT NULL, slot INTEGER, attempt INTEGER NOT NULL,
    asked INTEGER NOT NULL, returned INTEGER NOT NULL, complete INTEGER NOT NULL,
    reply TEXT NOT NULL, finish TEXT NOT NULL, error TEXT NOT NULL,
    prompt_tokens INTEGER, completion_tokens INTEGER, seconds REAL NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS rows (
    idx INTEGER PRIMARY KEY, call TEXT NOT NULL, record TEXT NOT NULL, notes TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS rejected (
    call TEXT NOT NULL, slot INTEGER, stage TEXT NOT NULL, reason TEXT NOT NULL,
    detail TEXT NOT NULL, raw TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS events (at TEXT NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL);
"""
# A row that needed no model has an empty text as its call.
# Columns that later versions added, by table, with their type and the value they have in earlier journals.
_ADDED = {
    "calls": {
        "cached_tokens": ("INTEGER NOT NULL DEFAULT", "0"),
        "thinking_tokens": ("INTEGER NOT NULL DEFAULT", "0"),
        "faults": ("TEXT NOT NULL DEFAULT", "'[]'"),
    },
    "rows": {"target": ("INTEGER DEFAULT", "NULL")},
}
_STAGES = ("parse", "valid", "new", "surplus")  # in the order a row passes them


class Journal:
    """An open journal. Close it, or use it as a context manager.

    Args:
        path: The SQLite file; created when it is missing.
        write: Lock the run for writing: a second writer is refused, readers are not.

    Raises:
        RunError: Another process is writing to this run, or the file is no journal.
        OutputError: The folder can't be written.
    """

    def __init__(self, path: Path, *, write: bool = False) -> None:
        self.path = path
        self._lock = hold(path.with_name("lock")) if write else None
        try:
            self._db = sqlite3.connect(
                path if write else f"{path.absolute().as_uri()}?mode=ro",
                uri=not write,
                check_same_thread=False,  # in a running event loop a model is asked from another thread
            )
            if write:
                self._db.execute("PRAGMA journal_mode=WAL")
                self._db.execute("PRAGMA synchronous=NORMAL")  # survives a killed process
                self._db.executescript(_TABLES)
            self._db.execute("SELECT COUNT(*) FROM calls")
            self._add_columns(write=write)
        except sqlite3.DatabaseError as error:
            self._release()
            raise RunError(f"The journal {path} can't be opened: {error}.", "Start a new run.") from error

    def _add_columns(self, *, write: bool) -> None:
        """Give a journal of an earlier version the columns of this one; when reading, in a view."""
        for table, columns in _ADDED.items():
            present = {name for _, name, *_ in self._db.execute(f"PRAGMA table_info({table})")}
            absent = {name: how for name, how in columns.items() if name not in present}
            if absent and write:
                for name, (kind, value) in absent.items():
                    self._db.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind} {value}")
            elif absent:
                added = ", ".join(f"{value} AS {name}" for name, (_, value) in absent.items())
                self._db.execute(f"CREATE TEMP VIEW {table} AS SELECT rowid, *, {added} FROM main.{table}")  # noqa: S608 - fixed words

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Commit, close the file and release the lock."""
        try:
            self.commit()
        finally:
            self._db.close()
            self._release()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.close()

    # -------------------------------------------------------------------------------- writing
    def record(
        self, completion: Completion, rows: Sequence[Row], rejected: Sequence[Rejected], complete: int
    ) -> None:
        """Record one completion with its rows and rejects, whole or not at all; on disk after `commit`.

        Args:
            complete: Complete rows of the reply before any repair.

        Raises:
            JournalError: The disk is full or the file can't be written.
        """
        request = completion.request
        call = request.fingerprint
        returned = len(rows) + sum(r.stage != "call" for r in rejected)
        with self._whole() as db:
            db.execute(
                "INSERT INTO calls VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                (
                    call,
                    _dump(request.plain()),
                    request.slots[0] if request.slots else None,
                    request.attempt,
                    request.rows,
                    returned,
                    complete,
                    _encodable(completion.text),
                    completion.finish,
                    _encodable(completion.error),
                    completion.prompt_tokens,
                    completion.completion_tokens,
                    completion.seconds,
                    _now(),
                    completion.cached_tokens,
                    completion.thinking_tokens,
                    _dump(completion.faults),
                ),
            )
            self._insert(db, rows)
            db.executemany(
                "INSERT INTO rejected VALUES (?,?,?,?,?,?)",
                [
                    (call, r.slot, r.stage, r.reason, _encodable(r.detail), _encodable(r.raw))
                    for r in rejected
                ],
            )

    def record_rows(self, rows: Sequence[Row]) -> None:
        """Record rows that needed no call, all or none of them, and commit.

        Raises:
            JournalError: As for `record`.
        """
        with self._whole() as db:
            self._insert(db, rows)
        self.commit()

    def _insert(self, db: sqlite3.Connection, rows: Sequence[Row]) -> None:
        db.executemany(
            "INSERT INTO rows VALUES (?,?,?,?,?)",
            [(r.index, r.call, _dump(dict(r.values)), _dump(r.notes), r.target) for r in rows],
        )

    @contextmanager
    def _whole(self) -> Iterator[sqlite3.Connection]:
        """Write all or nothing, also when interrupted; without committing it."""
        with self._writing() as db:
            if not db.in_transaction:
                db.execute("BEGIN")
            db.execute("SAVEPOINT one")
            try:
                yield db
            except BaseException:
                if db.in_transaction:  # a full disk has rolled back already
                    db.execute("ROLLBACK TO one")
                    db.execute("RELEASE one")
                raise
            db.execute("RELEASE one")

    def commit(self) -> None:
        """Make what was recorded survive a killed process.

        Raises:
            JournalError: As for `record`.
        """
        if self._db.in_transaction:
            with self._writing() as db:
                db.commit()

    def note(self, kind: str, detail: str) -> None:
        """Record an event and commit: "started", "stopped" with the reason, "finished", "written"."""
        with self._writing() as db:
            db.execute("INSERT INTO events VALUES (?,?,?)", (_now(), kind, detail))
        self.commit()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._db
        except sqlite3.OperationalError as error:
            self._db.rollback()
            raise JournalError(
                f"The journal {self.path} can't be written: {error}.",
                "Rows written before are safe: free some space, then resume the run.",
            ) from error

    # -------------------------------------------------------------------------------- reading
    def records(self) -> list[str]:
        """Read the accepted rows in order, each as a JSON object."""
        return [text for (text,) in self._db.execute("SELECT record FROM rows ORDER BY idx")]

    def filled(self) -> set[int]:
        """Return the positions that have an accepted row."""
        return {index for (index,) in self._db.execute("SELECT idx FROM rows")}

    def placed(self) -> Iterator[tuple[int, int, dict[str, Any]]]:
        """Read the accepted rows in the order of their calls: index, slot whose targets it has, values.

        Those that needed no call come first.
        """
        query = "SELECT idx, COALESCE(target, idx), record FROM rows LEFT JOIN calls ON fingerprint = call"
        for index, target, text in self._db.execute(f"{query} ORDER BY calls.rowid, idx"):
            yield index, target, json.loads(text)

    def keep(self, indices: Sequence[int]) -> None:
        """Keep the accepted rows at these positions; the others become rejects, "surplus.not_selected".

        Raises:
            JournalError: As for `record`.
        """
        kept = set(indices)
        out = [i for (i,) in self._db.execute("SELECT idx FROM rows ORDER BY idx") if i not in kept]
        with self._whole() as db:
            db.executemany(
                "INSERT INTO rejected SELECT call, idx, 'surplus', 'not_selected', 'Other rows brought the "
                "set nearer to its target.', record FROM rows WHERE idx = ?",
                [(i,) for i in out],
            )
            db.executemany("DELETE FROM rows WHERE idx = ?", [(i,) for i in out])
            db.execute(
                "INSERT INTO events VALUES (?,?,?)",
                (_now(), "selected", f"{len(kept)} of {len(kept) + len(out)}"),
            )
        self.commit()

    def attempts(self) -> dict[int, int]:
        """Count by slot the calls that began with it."""
        return dict(self._db.execute("SELECT slot, COUNT(*) FROM calls WHERE slot IS NOT NULL GROUP BY slot"))

    def next_attempt(self) -> int:
        """Return a number that no call has as its attempt."""
        return int(self._db.execute("SELECT COALESCE(MAX(attempt) + 1, 0) FROM calls").fetchone()[0])

    def events(self) -> list[tuple[str, str]]:
        """List the events in order, each with its detail, see `note`; `keep` adds "selected"."""
        return list(self._db.execute("SELECT kind, detail FROM events ORDER BY rowid"))

    def tokens(self) -> Tokens:
        """Sum the tokens of all calls."""
        sums = (
            "SELECT COALESCE(SUM(prompt_tokens), 0), COALESCE(SUM(completion_tokens), 0), "
            "COALESCE(SUM(cached_tokens), 0), COALESCE(SUM(thinking_tokens), 0) FROM calls"
        )
        return Tokens(*self._db.execute(sums).fetchone())

    def spent(self) -> list[tuple[Tokens, int]]:
        """List for each call in order its tokens and the number of rows accepted from it."""
        found = self._db.execute(
            "SELECT COALESCE(prompt_tokens, 0), COALESCE(completion_tokens, 0), cached_tokens, thinking_tokens, "
            "(SELECT COUNT(*) FROM rows WHERE call = fingerprint) FROM calls ORDER BY rowid"
        )
        return [(Tokens(*counts), accepted) for *counts, accepted in found]

    def seconds(self) -> float:
        """Sum the seconds of all invocations, each up to its last completed call or event."""
        times = "SELECT at, kind <> 'started' FROM events UNION ALL SELECT at, 1 FROM calls ORDER BY 1, 2"
        total, begun, last = 0.0, None, None
        for at, later in self._db.execute(times):
            moment = datetime.fromisoformat(at)
            if not later:
                total += (last - begun).total_seconds() if begun and last else 0.0
                begun = moment
            last = moment
        return total + ((last - begun).total_seconds() if begun and last else 0.0)

    def ledger(self, asked: int, *, native: bool) -> Ledger:
        """Count everything recorded so far."""
        totals = (
            "SELECT COUNT(*), COALESCE(SUM(asked), 0), COALESCE(SUM(returned), 0), "
            "AVG(MIN(asked, complete) * 1.0 / MAX(asked, complete)), AVG(asked = complete) FROM calls"
        )
        calls, requested, returned, accuracy, exact = self._db.execute(totals).fetchone()
        (alone,) = self._db.execute("SELECT COUNT(*) FROM rows WHERE call = ''").fetchone()
        (not_kept,) = self._db.execute("SELECT COUNT(*) FROM rejected WHERE call = ''").fetchone()
        returned += alone + not_kept
        by_code = "SELECT stage, stage || '.' || reason, COUNT(*) FROM rejected GROUP BY 1, 2 ORDER BY 2"
        counts = list(self._db.execute(by_code))
        left = {stage: sum(n for s, _, n in counts if s == stage) for stage in _STAGES}
        parsed = returned - left["parse"]
        valid = parsed - left["valid"]
        new = valid - left["new"]
        faults: Counter[str] = Counter()
        for (codes,) in self._db.execute("SELECT faults FROM calls WHERE faults <> '[]'"):
            faults.update(json.loads(codes))
        return Ledger(
            asked,
            calls,
            requested,
            returned,
            parsed,
            valid,
            new,
            new - left["surplus"],
            {code: n for _, code, n in counts},
            dict(faults),
            accuracy if native else None,
            exact if native else None,
            alone,
        )

    def origins(self) -> list[tuple[int, int, int, list[int], list[int]]]:
        """List the origin of each accepted row in order.

        Returns:
            Its index, the slot whose targets it has, the number of its call (from 0, in the order in which calls
            were recorded), the call's slots, the rows shown. A row that needed no call has a number of its own,
            after those of all calls.
        """
        calls: dict[str, tuple[int, list[int], list[int]]] = {}
        for call, text in self._db.execute("SELECT fingerprint, request FROM calls ORDER BY rowid"):
            request = json.loads(text)
            calls[call] = (len(calls), request["slots"], request["prompt"]["shown"])
        rows = self._db.execute("SELECT idx, COALESCE(target, idx), call FROM rows ORDER BY idx")
        alone = count(len(calls))
        return [
            (index, target, *(calls[call] if call else (next(alone), [index], [])))
            for index, target, call in rows
        ]

    def call_of(self, position: int) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """Return an accepted row, slots numbered from 1, and its call, None where it needed none, as dictionaries.

        Args:
            position: Of the row among those accepted, from 0.
        """
        found = self._db.execute(
            "SELECT calls.*, idx, record, notes, target FROM rows LEFT JOIN calls ON fingerprint = call "
            "ORDER BY idx LIMIT 1 OFFSET ?",
            (position,),
        )
        call = dict(zip((name for name, *_ in found.description), found.fetchone(), strict=True))
        row = {
            "slot": call.pop("idx") + 1,
            "values": json.loads(call.pop("record")),
            "notes": json.loads(call.pop("notes")),
            "target": None if (target := call.pop("target")) is None else target + 1,
        }
        return row, None if call["request"] is None else {**call, "request": json.loads(call["request"])}


def hold(path: Path) -> sqlite3.Connection:
    """Lock a run: an open exclusive transaction, which the operating system drops with the process."""
    try:
        lock = sqlite3.connect(path, timeout=0, isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise RunError(
                f"Another process is working on the run {path.parent}.", "Wait for it, or stop it first."
            ) from error
        raise OutputError(
            f"The run folder {path.parent} can't be written: {error}.", "Choose another with --run."
        ) from error
    return lock


def _dump(value: object) -> str:
    return _encodable(json.dumps(value, ensure_ascii=False, default=_plain))


def _encodable(text: str) -> str:
    """Replace halves of surrogate pairs, which no file can hold."""
    return text.encode("utf-8", "replace").decode()


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime | time) else str(value)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
