"""Replies as small models give them, made by hand: ten sound rows, and the many ways to spoil them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

NAMES = (
    "rating", "title", "text", "asin", "parent_asin", "user_id", "timestamp", "helpful_vote",
    "verified_purchase", "date", "time",
)  # fmt: skip
HEADER = ",".join(NAMES)

_WRITTEN = [
    (5, "Quieter than the old one", "The old kettle sounded like a tram. This one hums, boils for two in a minute and hasn't leaked.", 2),
    (4, "Good, but the lid sticks", "Heats soup without scorching it. The lid needs a spoon to get off once it has cooled, hence four.", 0),
    (5, "My mother uses it daily", "Bought it for her eightieth. She could read the dial without glasses and rang me up to say so.", 0),
    (1, "Dead within a fortnight", "Left bud stopped charging on day nine, right bud on day twelve. The seller wants me to pay postage.", 7),
    (3, "Fine for the price", "Sound is thin and the cable tangles, yet for a spare pair in the gym bag I can't really complain.", 1),
    (5, "Couldn't put it down", "Read it in one night on the ferry. The lighthouse keeper's last letter had me in tears on deck.", 3),
    (2, "Weeds are laughing at me", "Tines bent on the first root. Sent it back, they sent another, and that one bent as well.", 4),
    (5, "Both kids fight over it", "One wants to be the driver, one wants to be the crane. It has survived the stairs twice by now.", 0),
    (4, "Does help me sleep", "Took a week before I noticed. I wake up once instead of four times, though the capsules are huge.", 0),
    (5, "Second pair for the shed", "Same gloves as last spring, same thick palms. Brambles don't get through and they wash well.", 1),
]  # fmt: skip
_KEYS = "K7PX2 M4QRT 9ZDWH C3VNB T8LJS 5FGXA R2HMK W6YCE D9PQU N3SBJ".split()
_MOMENTS = (
    1_611_837_465_123, 1_488_213_903_871, 1_702_554_018_444, 1_559_030_207_918, 1_646_120_751_302,
    1_577_461_999_070, 1_663_700_345_655, 1_534_991_122_786, 1_689_012_876_501, 1_620_348_210_239,
)  # fmt: skip


def good_rows(count: int = 10) -> list[dict[str, Any]]:
    """Sound rows, each value as its column has it."""
    rows = []
    for i in range(count):
        rating, title, text, votes = _WRITTEN[i]
        moment = datetime.fromtimestamp(_MOMENTS[i] / 1000, UTC)
        key = f"B0{_KEYS[i]}{_KEYS[-1 - i][:3]}"
        values = (
            rating, title, text, key, key, f"A{_KEYS[i]}{_KEYS[-1 - i]}{_KEYS[i][:3]}", _MOMENTS[i], votes,
            i % 7 != 6, moment.strftime("%Y-%m-%d"), moment.strftime("%H:%M:%S"),
        )  # fmt: skip
        rows.append(dict(zip(NAMES, values, strict=True)))
    return rows


def spoilt(**changes: Mapping[int, Any] | Sequence[Any]) -> list[dict[str, Any]]:
    """The sound rows with some cells changed: by column either by row number from 1, or all of them."""
    rows = good_rows()
    for name, cells in changes.items():
        numbered = cells if isinstance(cells, Mapping) else dict(enumerate(cells, start=1))
        for number, cell in numbered.items():
            rows[number - 1][name] = cell
    return rows


def as_csv(rows: Iterable[Mapping[str, Any]], names: Sequence[str] = NAMES, *, header: bool = True) -> str:
    """The rows as a spreadsheet program would write them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if header:
        writer.writerow(names)
    writer.writerows([row.get(name, "") for name in names] for row in rows)
    return text.getvalue()


def carelessly(rows: Iterable[Mapping[str, Any]], *, header: bool = True) -> str:
    """The rows as a small model writes CSV: no quotation marks, whatever the texts hold."""
    lines = [",".join(str(row[name]) for name in NAMES) for row in rows]
    return "\n".join([HEADER] * header + lines) + "\n"


def as_markdown(rows: Iterable[Mapping[str, Any]]) -> str:
    """The rows as a Markdown table."""
    lines = [f"| {' | '.join(NAMES)} |", "|---" * len(NAMES) + "|"]
    return "\n".join(lines + [f"| {' | '.join(str(row[n]) for n in NAMES)} |" for row in rows]) + "\n"


def as_json(rows: Iterable[Mapping[str, Any]]) -> str:
    """The rows as an array of objects, wrapped as models do."""
    return json.dumps({"reviews": list(rows)}, indent=2)


def as_blocks(rows: Iterable[Mapping[str, Any]]) -> str:
    """The rows as blocks of names and values."""
    blocks = (
        f"**Review {i}**\n" + "\n".join(f"{name}: {row[name]}" for name in NAMES)
        for i, row in enumerate(rows, start=1)
    )
    return "\n\n".join(blocks) + "\n"


PREAMBLE = "Certainly! Below are 10 synthetic product reviews in CSV format:\n\n"
REMARK = "\nNote: all of these reviews are fictional and for illustration only.\n"
REFUSAL = "I'm sorry, but I can't write reviews of products that I have not used.\nIs there anything else?\n"
THINKING = "<think>\nThe user wants ten rows, so: rating, title, text.\n5,Good,Good\n</think>\n"
