"""Print models and the result of a model's test, for people or as one JSON object."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from syngen.cli.output import say_json
from syngen.models import DEFAULT
from syngen.models.local import weights
from syngen.models.manage.check import Trial
from syngen.models.manage.inventory import Usable
from syngen.text.format import dollars

_out = Console(highlight=False)


def usable(found: Sequence[Usable], *, as_json: bool) -> None:
    """Print the models that can be used now, what the others need, and models to download."""
    entries = [
        {**dataclasses.asdict(entry), "here": weights.is_here(entry.name)}
        for entry in weights.ENTRIES.values()
    ]
    if as_json:
        say_json(
            {
                "default": DEFAULT,
                "providers": [dataclasses.asdict(one) for one in found],
                "catalogue": {"as_of": weights.AS_OF, "models": entries},
            }
        )
        return
    width = max(len(one.provider) for one in found)
    _out.print(f"[bold]Ready to use[/] (--model PROVIDER/NAME; default: {escape(DEFAULT)})")
    _out.print(_table(width, [one for one in found if one.usable]))
    _out.print("\n[bold]Needs setup[/]")
    _out.print(_table(width, [one for one in found if not one.usable]))
    _out.print(f"\n[bold]To download[/]: open models as of {weights.AS_OF}, larger than the default")
    table = Table("syngen models pull", "size", "memory", "licence", "", box=None, padding=(0, 2, 0, 0))
    for entry in weights.ENTRIES.values():
        sizes = (weights.gigabytes(entry.size), f"about {weights.gigabytes(entry.memory)}")
        here = "installed" if weights.is_here(entry.name) else ""
        table.add_row(f"embedded/{entry.name}", *sizes, entry.licence, here)
    _out.print(table)


def _table(width: int, rows: Sequence[Usable]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=width, no_wrap=True)
    table.add_column()
    for row in rows:
        table.add_row(escape(row.provider), escape("; ".join(filter(None, (row.what, row.hint)))))
    return table


def trial(seen: Trial, *, as_json: bool) -> None:
    """Print the result of a model's test."""
    if as_json:
        say_json(dataclasses.asdict(seen))
        return
    speed = "unknown" if seen.tokens_per_second is None else f"{seen.tokens_per_second:,.0f} tokens/s"
    schema = {
        "held": "enforced while the model writes",
        "kept": "kept when the prompt asks for it",
        "not kept": "not kept; replies are parsed tolerantly",
    }
    seed = {
        "honoured": "respected: the same seed gave the same text, another seed another text",
        "not honoured": "ignored: the same seed gave two texts",
        "can't tell": "unknown from these replies",
    }
    cost = dollars(seen.cost) + (f" ({seen.price_source})" if seen.price_source else "")
    table = Table.grid(padding=(0, 2, 0, 0))
    first, again, opening = seen.seconds_first, seen.seconds_again, seen.seconds_to_open
    for name, value in (
        ("latency", f"{first:.2f} s, then {again:.2f} s; opened in {opening:.2f} s"),
        ("speed", speed),
        ("schema", schema[seen.schema]),
        ("seed", seed[seen.seed]),
        ("used", f"{seen.tokens.read:,} tokens read, {seen.tokens.written:,} written, {cost}"),
        ("reply", " ".join(seen.answer.split())),
    ):
        table.add_row(name, escape(value))
    _out.print(f"[bold]{escape(seen.model)}[/]")
    _out.print(table)
