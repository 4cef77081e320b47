"""Models for people and, as one JSON object, for programs: what there is, how far a pull is, what a trial saw."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

from syngen.cli.output import say, say_json
from syngen.cli.progress import bar
from syngen.text.format import dollars

if TYPE_CHECKING:
    from syngen.models.manage.check import Trial
    from syngen.models.manage.inventory import Usable

_out = Console(highlight=False)


def usable(found: Sequence[Usable], *, as_json: bool) -> None:
    """What can be used now, what is missing for the rest, and what can be pulled; a line each."""
    from syngen.models import DEFAULT
    from syngen.models.manage import catalogue

    entries = [
        {**dataclasses.asdict(entry), "here": catalogue.is_here(entry.name)}
        for entry in catalogue.ENTRIES.values()
    ]
    if as_json:
        say_json(
            {
                "default": DEFAULT,
                "providers": [dataclasses.asdict(one) for one in found],
                "catalogue": {"as_of": catalogue.AS_OF, "models": entries},
            }
        )
        return
    width = max(len(one.provider) for one in found)
    _out.print(f"[bold]Usable here and now[/] (--model PROVIDER/NAME; by default {escape(DEFAULT)})")
    _out.print(_table(width, [one for one in found if one.usable]))
    _out.print("\n[bold]What the others need[/]")
    _out.print(_table(width, [one for one in found if not one.usable]))
    _out.print(f"\n[bold]To pull[/]: open models of {catalogue.AS_OF}, larger than the default one")
    table = Table("syngen models pull", "size", "memory", "licence", "", box=None, padding=(0, 2, 0, 0))
    for entry in catalogue.ENTRIES.values():
        sizes = (catalogue.gigabytes(entry.size), f"about {catalogue.gigabytes(entry.memory)}")
        here = "here" if catalogue.is_here(entry.name) else ""
        table.add_row(f"embedded/{entry.name}", *sizes, entry.licence, here)
    _out.print(table)


def _table(width: int, rows: Sequence[Usable]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=width, no_wrap=True)
    table.add_column()
    for row in rows:
        table.add_row(escape(row.provider), escape("; ".join(filter(None, (row.what, row.mend)))))
    return table


class Pulling:
    """Shows how far a pull is, on stderr: a bar on a terminal, a line at every tenth elsewhere.

    Args:
        name: The model's id; on Ctrl-C says how to go on.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._console = Console(stderr=True)
        self._tenths = 0
        self._what = ""
        columns = (DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
        self._bar = bar(self._console, TextColumn("{task.description}"), BarColumn(), *columns)
        self._task = self._bar.add_task(name, total=None)

    def __enter__(self) -> Self:
        return self  # the bar starts with the first news: for models of the hub another one is drawn

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
        if kind is KeyboardInterrupt:
            say(f"What came so far is kept. Go on with: syngen models pull {self.name}")

    def update(self, what: str, done: int, total: int) -> None:
        """Take in what is being done, the bytes there are and the bytes wanted."""
        self._bar.start()
        told = f"{self.name}: {what}"
        self._bar.update(self._task, completed=done, total=total or None, description=told)
        if self._console.is_terminal or not total:
            return
        tenths = 10 * done // total
        if what != self._what or tenths > self._tenths:
            self._what, self._tenths = what, tenths
            say(f"{self.name}: {what}, {done / 1e6:,.0f} of {total / 1e6:,.0f} MB")


def trial(seen: Trial, *, as_json: bool) -> None:
    """What a trial saw of a model."""
    if as_json:
        say_json(dataclasses.asdict(seen))
        return
    speed = (
        "tokens not counted" if seen.tokens_per_second is None else f"{seen.tokens_per_second:,.0f} tokens/s"
    )
    schema = {
        "held": "held to it while writing",
        "kept": "kept, when the prompt says it",
        "not kept": "not kept: replies are read as they come",
    }
    seed = {
        "honoured": "honoured: the same seed gave the same text, another one another",
        "not honoured": "not honoured: the same seed gave two texts",
        "can't tell": "can't tell from these replies",
    }
    cost = dollars(seen.cost) + (f" ({seen.price_source})" if seen.price_source else "")
    table = Table.grid(padding=(0, 2, 0, 0))
    for name, value in (
        (
            "latency",
            f"{seen.seconds_first:.2f} s, then {seen.seconds_again:.2f} s; opened in {seen.seconds_to_open:.2f} s",
        ),
        ("speed", speed),
        ("schema", schema[seen.schema]),
        ("seed", seed[seen.seed]),
        ("this took", f"{seen.tokens.read:,} tokens read, {seen.tokens.written:,} written, {cost}"),
        ("it said", " ".join(seen.answer.split())),
    ):
        table.add_row(name, escape(value))
    _out.print(f"[bold]{escape(seen.model)}[/]")
    _out.print(table)
