"""The journal: what became of every call, in SQLite (WAL), committed before any new call is made.

A `kill -9` loses no more than what was in flight. The ledger is computed from these facts, so the
numbers in a report are those on disk.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Self

from syngen.errors import JournalError, OutputError, RunError
from syngen.types import Completion, Ledger, Rejected, Row, Tokens

_TABLES = """
CREATE TABLE IF NOT EXISTS calls (
    fingerprint TEXT PRIMARY KEY, request TEXT NOT NULL, slot INTEGER, attempt INTEGER NOT NULL,
    asked INTEGER NOT NULL, returned INTEGER NOT NULL, complete INTEGER NOT NULL,
    reply TEXT NOT NULL, finish TEXT NOT NULL, error TEXT NOT NULL,
    prompt_tokens INTEGER, completion_tokens INTEGER, seconds REAL NOT NULL, at TEXT NOT NULL,
    cached_tokens INTEGER NOT NULL DEFAULT 0, thinking_tokens INTEGER NOT NULL DEFAULT 0,
    faults TEXT NOT NULL DEFAULT '[]');
CREATE TABLE IF NOT EXISTS rows (
    idx INTEGER PRIMARY KEY, call TEXT NOT NULL REFERENCES calls, record TEXT NOT NULL, notes TEXT NOT NULL,
    target INTEGER);
CREATE TABLE IF NOT EXISTS rejected (
    call TEXT NOT NULL REFERENCES calls, slot INTEGER, stage TEXT NOT NULL, reason TEXT NOT NULL,
    detail TEXT NOT NULL, raw TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS events (at TEXT NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS calls_of_slot ON calls (slot);
"""
# What later versions added, by table, with its type and what it is in journals of earlier ones.
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
        path: The SQLite file; made when it is missing.
        write: Hold the run for writing: a second writer is refused, readers are not.

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
                check_same_thread=False,  # beside a running event loop, a model asks from another thread, while ours waits
            )
            if write:
                self._db.execute("PRAGMA journal_mode=WAL")
                self._db.execute("PRAGMA synchronous=NORMAL")  # survives a killed process
                self._db.executescript(_TABLES)
            self._db.execute("SELECT COUNT(*) FROM calls")
            self._bring_up_to_date(write=write)
        except sqlite3.DatabaseError as error:
            self._release()
            raise RunError(f"The journal {path} can't be opened: {error}.", "Start a new run.") from error

    def _bring_up_to_date(self, *, write: bool) -> None:
        """Let a journal of an earlier version have the columns of this one; when only reading, in a view."""
        for table, columns in _ADDED.items():
            here = {name for _, name, *_ in self._db.execute(f"PRAGMA table_info({table})")}
            absent = {name: how for name, how in columns.items() if name not in here}
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
        """Commit, close the file and let other writers in."""
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
        """Write down one completion and what became of it, whole or not at all; on disk after `commit`.

        Args:
            complete: Rows the reply held complete before any repair.

        Raises:
            JournalError: The disk is full or the file can't be written any more.
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
                    _sound(completion.text),
                    completion.finish,
                    _sound(completion.error),
                    completion.prompt_tokens,
                    completion.completion_tokens,
                    completion.seconds,
                    _now(),
                    completion.cached_tokens,
                    completion.thinking_tokens,
                    _dump(completion.faults),
                ),
            )
            db.executemany(
                "INSERT INTO rows VALUES (?,?,?,?,?)",
                [(r.index, call, _dump(dict(r.values)), _dump(r.notes), r.target) for r in rows],
            )
            db.executemany(
                "INSERT INTO rejected VALUES (?,?,?,?,?,?)",
                [(call, r.slot, r.stage, r.reason, _sound(r.detail), _sound(r.raw)) for r in rejected],
            )

    @contextmanager
    def _whole(self) -> Iterator[sqlite3.Connection]:
        """What is written inside stands whole or not at all, even when it is interrupted; without committing it."""
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
        """Let what was recorded survive a killed process.

        Raises:
            JournalError: As for `record`.
        """
        if self._db.in_transaction:
            with self._writing() as db:
                db.commit()

    def note(self, kind: str, detail: str) -> None:
        """Write down an event, and all that was recorded before: started, stopped and why, finished."""
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
                "What was written before is safe: make room, then resume the run.",
            ) from error

    # -------------------------------------------------------------------------------- reading
    def records(self) -> Iterator[dict[str, Any]]:
        """The accepted rows in order, as plain JSON values by column; read as they are asked for."""
        for (text,) in self._db.execute("SELECT record FROM rows ORDER BY idx"):
            yield json.loads(text)

    def indices(self) -> list[int]:
        """The positions that are filled, ascending."""
        return [i for (i,) in self._db.execute("SELECT idx FROM rows ORDER BY idx")]

    def placed(self) -> Iterator[tuple[int, int, dict[str, Any]]]:
        """Of each accepted row, in the order they came: its index, the slot whose targets it has, its values."""
        ordered = (
            "FROM rows JOIN calls ON fingerprint = call ORDER BY calls.rowid, idx"  # idx is the rowid of rows
        )
        found = self._db.execute(f"SELECT idx, COALESCE(target, idx), record {ordered}")
        for index, target, text in found:
            yield index, target, json.loads(text)

    def keep(self, indices: Sequence[int]) -> None:
        """Keep the accepted rows at these positions; the others become rejected, "surplus.not_selected".

        Raises:
            JournalError: As for `record`.
        """
        kept = set(indices)
        out = [i for i in self.indices() if i not in kept]
        with self._whole() as db:
            db.executemany(
                "INSERT INTO rejected SELECT call, idx, 'surplus', 'not_selected', 'Others brought the set nearer "
                "to what is wanted.', record FROM rows WHERE idx = ?",
                [(i,) for i in out],
            )
            db.executemany("DELETE FROM rows WHERE idx = ?", [(i,) for i in out])
            db.execute(
                "INSERT INTO events VALUES (?,?,?)",
                (_now(), "selected", f"{len(kept)} of {len(kept) + len(out)}"),
            )
        self.commit()

    def selected(self) -> bool:
        """Whether the rows to keep were chosen."""
        return bool(self._db.execute("SELECT 1 FROM events WHERE kind = 'selected' LIMIT 1").fetchone())

    def attempts(self) -> dict[int, int]:
        """By slot, how many calls began with it."""
        return dict(self._db.execute("SELECT slot, COUNT(*) FROM calls WHERE slot IS NOT NULL GROUP BY slot"))

    def next_attempt(self) -> int:
        """A number that no call has had as its attempt."""
        return int(self._db.execute("SELECT COALESCE(MAX(attempt) + 1, 0) FROM calls").fetchone()[0])

    def written(self) -> bool:
        """Whether the rows were written to the output since they were last added to."""
        last = self._db.execute("SELECT kind FROM events ORDER BY rowid DESC LIMIT 1").fetchone()
        return bool(last and last[0] == "written")

    def ever_written(self) -> bool:
        """Whether the output was ever written by this run."""
        return bool(self._db.execute("SELECT 1 FROM events WHERE kind = 'written' LIMIT 1").fetchone())

    def tokens(self) -> Tokens:
        """Tokens of all calls."""
        columns = ("prompt_tokens", "completion_tokens", "cached_tokens", "thinking_tokens")
        sums = ", ".join(f"COALESCE(SUM({column}), 0)" for column in columns)
        return Tokens(*self._db.execute(f"SELECT {sums} FROM calls").fetchone())  # noqa: S608 - fixed words

    def spent(self) -> list[tuple[Tokens, int]]:
        """For each call, in order, its tokens and how many rows were accepted from it."""
        columns = "COALESCE(prompt_tokens, 0), COALESCE(completion_tokens, 0), cached_tokens, thinking_tokens"
        rows = "(SELECT COUNT(*) FROM rows WHERE call = fingerprint)"
        found = self._db.execute(f"SELECT {columns}, {rows} FROM calls ORDER BY rowid")  # noqa: S608 - fixed words
        return [(Tokens(*counts), accepted) for *counts, accepted in found]

    def stopped(self) -> str:
        """Why the last invocation ended; empty while one is under way or when all rows are there."""
        ends = "SELECT kind, detail FROM events WHERE kind NOT IN ('written', 'selected') ORDER BY rowid DESC LIMIT 1"
        last = self._db.execute(ends).fetchone()
        return str(last[1]) if last and last[0] == "stopped" else ""

    def seconds(self) -> float:
        """Seconds worked on the run, over all invocations, up to their last completed call or event."""
        times = "SELECT at, 0 FROM events WHERE kind = 'started' UNION ALL "
        times += "SELECT at, 1 FROM events WHERE kind <> 'started' UNION ALL SELECT at, 1 FROM calls"
        total, begun, last = 0.0, None, None
        for at, goes_on in self._db.execute(f"SELECT * FROM ({times}) ORDER BY 1, 2"):  # noqa: S608 - fixed words
            moment = datetime.fromisoformat(at)
            if not goes_on:
                total += (last - begun).total_seconds() if begun and last else 0.0
                begun = moment
            last = moment
        return total + ((last - begun).total_seconds() if begun and last else 0.0)

    def ledger(self, asked: int, *, native: bool) -> Ledger:
        """Count everything written down so far."""
        one = self._db.execute(
            "SELECT COUNT(*), COALESCE(SUM(asked),0), COALESCE(SUM(returned),0) FROM calls"
        )
        calls, requested, returned = one.fetchone()
        by_code = "SELECT stage, stage || '.' || reason, COUNT(*) FROM rejected GROUP BY 1, 2 ORDER BY 2"
        counts = list(self._db.execute(by_code))
        left = {stage: sum(n for s, _, n in counts if s == stage) for stage in _STAGES}
        parsed = returned - left["parse"]
        valid = parsed - left["valid"]
        new = valid - left["new"]
        faults: Counter[str] = Counter()
        for (codes,) in self._db.execute("SELECT faults FROM calls WHERE faults <> '[]'"):
            faults.update(json.loads(codes))
        share = "AVG(MIN(asked, complete) * 1.0 / MAX(asked, complete)), AVG(asked = complete)"
        accuracy, exact = self._db.execute(f"SELECT {share} FROM calls").fetchone()  # noqa: S608 - fixed words
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
        )

    def origins(self) -> list[tuple[int, int, int, list[int], list[int]]]:
        """Where each accepted row came from, in order.

        Its index, the slot whose targets it has, the number of its call, the call's slots, the rows shown.

        Calls are numbered from 0 in the order in which they were settled.
        """
        calls: dict[str, tuple[int, list[int], list[int]]] = {}
        for call, text in self._db.execute("SELECT fingerprint, request FROM calls ORDER BY rowid"):
            request = json.loads(text)
            calls[call] = (len(calls), request["slots"], request["prompt"]["shown"])
        rows = self._db.execute("SELECT idx, COALESCE(target, idx), call FROM rows ORDER BY idx")
        return [(index, target, *calls[call]) for index, target, call in rows]

    def call_of(self, index: int) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The accepted row at a position and the call it came from, as plain dictionaries."""
        self._db.row_factory = sqlite3.Row
        try:
            found = self._db.execute(
                "SELECT calls.*, rows.record, rows.notes, rows.target FROM rows JOIN calls ON fingerprint = call WHERE idx = ?",
                (index,),
            ).fetchone()
        finally:
            self._db.row_factory = None
        if found is None:
            return None
        call = dict(found)
        row = {
            "index": index,
            "values": json.loads(call.pop("record")),
            "notes": json.loads(call.pop("notes")),
            "target": call.pop("target"),
        }
        return row, {**call, "request": json.loads(call["request"])}


def hold(path: Path) -> sqlite3.Connection:
    """A lock that the operating system drops with the process: an open exclusive transaction."""
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
    return _sound(json.dumps(value, ensure_ascii=False, default=_plain))


def _sound(text: str) -> str:
    """The text without halves of surrogate pairs, which no file can hold."""
    return text.encode("utf-8", "replace").decode()


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime | time) else str(value)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
