"""Read the reply of a planned call: JSON in the form the prompt's schema asks for, one item per slot.

One slot is answered by an object with exactly its written columns, several by
`{"rows": [{...}, ...]}` in slot order. A code fence, thinking aloud or prose around the one JSON
value are read over and noted, for models that can't be held to a schema; anything else that is not
as asked is rejected with its reason.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from syngen.columns import Fault
from syngen.tables.replies.markup import as_json, split_at_fences, without_thinking
from syngen.types import Candidate, Completion, Rejected, Slot, generator

LEAST = 0.001  # odds that count, so that nothing stated is never drawn
CANDIDATES, ODDS = "candidates", "probability"  # of a reply to the strategy "verbalized"
_START = re.compile(r'\{\s*(?:["}]|\Z)|\[\s*(?:[{\]]|\Z)')
_OPENING = re.compile(r'\s*(?:\{\s*"rows"\s*:\s*)?\[[\s,]*')
_BETWEEN = re.compile(r"[\s,]*")
_STRICT = json.JSONDecoder()
_LENIENT = json.JSONDecoder(strict=False)  # takes line breaks inside strings

Notes = tuple[str, ...]
_CUT_OFF = Fault("cut_off", "The reply ends before its JSON does.")


def planned(completion: Completion, slots: Sequence[Slot]) -> list[Candidate | Rejected]:
    """Read the reply of a planned call.

    Args:
        completion: The completion.
        slots: The slots it was asked for, in the order of the request.

    Returns:
        One item per slot, in slot order. Stage "call": `failed`. Stage "parse": `empty_reply`,
        `cut_off` (the token limit or the end of the text came first), `not_json`, `wrong_shape`,
        `missing_row`, `missing_column`, `wrong_type`.
    """
    raw = completion.text
    if completion.finish == "error":
        return _all(slots, raw, Fault("failed", completion.error or "The call failed."), "call")
    value, body, notes = _answer(raw)
    rows: list[Any]
    if isinstance(value, Fault):
        absent = _CUT_OFF if completion.finish == "length" else value
        rows = list(_complete_rows(body)) if len(slots) > 1 else []
    else:
        value, chosen = _drawn(value, slots, completion.request.attempt)
        rows, form = _rows(value, len(slots))
        notes += chosen + form
        absent = Fault("missing_row", f"The reply has {len(rows)} of {len(slots)} rows.")
        if not rows:
            absent = Fault("wrong_shape", "The reply is JSON of another form than asked for.")
    alone = len(slots) == 1
    read = [_row(row, slot, raw, notes, alone=alone) for row, slot in zip(rows, slots, strict=False)]
    return read + _all(slots[len(rows) :], raw, absent)


def _all(
    slots: Sequence[Slot], raw: str, fault: Fault, stage: Literal["call", "parse"] = "parse"
) -> list[Candidate | Rejected]:
    return [Rejected(stage, fault.reason, raw, fault.detail, slot.index) for slot in slots]


def _answer(text: str) -> tuple[Any, str, Notes]:
    """The one JSON value of a reply, or a fault; the part of the reply it is in; notes on what is around it."""
    body, thought = without_thinking(text)
    notes: Notes = ("format.thinking",) if thought else ()
    fenced = next(filter(_START.search, split_at_fences(body)[1::2]), None)
    if fenced is not None:
        body, notes = fenced, (*notes, "format.fence")
    if not body.strip():
        return Fault("empty_reply", "The reply is empty."), body, notes
    start = _START.search(body)
    if start is None:
        return Fault("not_json", "The reply holds no JSON."), body, notes
    value, end, repairs = _value_at(body, start.start())
    if isinstance(value, Fault):
        return value, body, notes
    preamble = ("format.preamble",) if body[: start.start()].strip() else ()
    trailing = ("format.trailing_text",) if body[end:].strip() else ()
    return value, body, (*notes, *repairs, *preamble, *trailing)


def _value_at(text: str, start: int) -> tuple[Any, int, Notes]:
    """The JSON value that begins at `start`, where it ends, and notes; a fault when it can't be read."""
    try:
        return *_STRICT.raw_decode(text, start), ()
    except (ValueError, RecursionError):
        pass  # once more, allowing line breaks inside strings
    try:
        return *_LENIENT.raw_decode(text, start), ("format.raw_newline",)
    except json.JSONDecodeError as error:
        unfinished = error.msg.startswith("Unterminated string") or error.pos >= len(text.rstrip())
        fault = _CUT_OFF if unfinished else Fault("not_json", f"Not JSON: {error.msg} at {error.pos}.")
    except (ValueError, RecursionError) as error:  # a number of 5000 digits, 1000 open brackets
        fault = Fault("not_json", f"Not JSON: {error}.")
    return fault, start, ()


def _drawn(value: Any, slots: Sequence[Slot], attempt: int) -> tuple[Any, Notes]:
    """One of the candidates of a verbalized reply, drawn with the odds it states; any other reply as it is."""
    stated = value.get(CANDIDATES) if isinstance(value, dict) and len(slots) == 1 else None
    if not isinstance(stated, list) or CANDIDATES in slots[0].texts:
        return value, ()
    candidates = [{k: v for k, v in one.items() if k != ODDS} for one in stated if isinstance(one, dict)]
    odds = [_odds(one.get(ODDS)) for one in stated if isinstance(one, dict)]
    if not candidates:
        return value, ()
    at = generator(slots[0].seed, "verbalized", attempt).random() * sum(odds)
    for candidate, share in zip(candidates, odds, strict=True):
        at -= share
        if at <= 0:
            return candidate, ("verbalized",)
    return candidates[-1], ("verbalized",)


def _odds(stated: Any) -> float:
    """A stated probability as a number, "8%" as well; anything else counts as a small one."""
    text = str(stated).strip()
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = 0.0
    return LEAST if math.isnan(share) else min(max(share, LEAST), 1.0)


def _rows(value: Any, asked: int) -> tuple[list[Any], Notes]:
    """The rows of a reply, and notes on their form; none when it has another form."""
    rows: list[Any] = []
    notes: Notes = ()
    if isinstance(value, dict) and isinstance(value.get("rows"), list):
        rows, notes = value["rows"], ("format.rows_for_one",) if asked == 1 else ()
    elif isinstance(value, list):
        rows, notes = value, ("format.bare_rows",)
    elif isinstance(value, dict) and asked == 1:
        rows = [value]
    return rows, (*notes, "format.extra_rows") if len(rows) > asked else notes


def _complete_rows(body: str) -> Iterator[Any]:
    """The rows that a broken or cut-off reply still holds in full."""
    between = _OPENING.search(body)
    while between and body.startswith("{", between.end()):
        value, end, _ = _value_at(body, between.end())
        if isinstance(value, Fault):
            return
        yield value
        between = _BETWEEN.match(body, end)


def _row(value: Any, slot: Slot, raw: str, notes: Notes, *, alone: bool) -> Candidate | Rejected:
    """One object with the written columns of its slot; `alone` when the reply answers no other slot."""
    if not isinstance(value, dict):
        return Rejected("parse", "wrong_shape", raw, "The row is no JSON object.", slot.index)
    for name in slot.texts:
        if name not in value:
            return Rejected("parse", "missing_column", raw, f"The row has no {name!r}.", slot.index)
        if not isinstance(value[name], str):
            return Rejected("parse", "wrong_type", raw, f"{name!r} is no text.", slot.index)
    if len(value) > len(slot.texts):
        notes += ("format.extra_columns",)
    texts = {name: value[name] for name in slot.texts}
    return Candidate(slot.index, texts, raw if alone else as_json(texts), notes)
