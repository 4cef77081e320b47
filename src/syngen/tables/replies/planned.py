"""The reply of a planned call: JSON in the form the prompt's schema asks for, one item out per slot.

One slot is answered by an object with exactly its written columns, several by
`{"rows": [{...}, ...]}` in slot order. A code fence, thinking aloud or prose around the one JSON
value are read over and noted, for models that can't be held to a schema; anything else that is not
as asked is rejected with its reason.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from syngen.tables.replies.markup import as_json, parts, without_thinking
from syngen.types import Candidate, Completion, Rejected, Slot, generator

LEAST = 0.001  # odds that count, so that nothing stated is never drawn
CANDIDATES, ODDS = "candidates", "probability"  # of a reply to the strategy "verbalized"
_START = re.compile(r'\{\s*(?:["}]|\Z)|\[\s*(?:[{\]]|\Z)')
_OPENING = re.compile(r'\s*(?:\{\s*"rows"\s*:\s*)?\[')
_BETWEEN = re.compile(r"[\s,]*")
_STRICT = json.JSONDecoder()
_LENIENT = json.JSONDecoder(strict=False)  # takes line breaks inside strings


class _Fault(NamedTuple):
    reason: str
    detail: str


_CUT_OFF = _Fault("cut_off", "The reply ends before its JSON does.")


class _Json(NamedTuple):
    """A JSON value, or why there is none; `start` is where it begins in the text."""

    value: Any
    end: int
    notes: tuple[str, ...] = ()
    fault: _Fault | None = None


def planned(completion: Completion, slots: Sequence[Slot]) -> list[Candidate | Rejected]:
    """Read the reply of a planned call.

    Args:
        completion: What came back.
        slots: The slots it was asked for, in the order of the request.

    Returns:
        One item per slot, in slot order. Stage "call": `failed`. Stage "parse": `empty_reply`,
        `cut_off` (the token limit or the end of the text came first), `not_json`, `wrong_shape`,
        `missing_row`, `missing_column`, `wrong_type`.
    """
    raw = completion.text
    if completion.finish == "error":
        return _all(slots, raw, _Fault("failed", completion.error or "The call failed."), "call")
    cut = completion.finish == "length"
    body, notes = _unwrapped(raw)
    if not body.strip():
        return _all(slots, raw, _CUT_OFF if cut else _Fault("empty_reply", "The reply is empty."))
    found = _whole_value(body, cut=cut)
    notes += found.notes
    if found.fault is not None:
        rows = _complete_rows(body) if len(slots) > 1 else []
        return _in_order(slots, rows, found.fault, raw, notes)
    value, chosen = _drawn(found.value, slots, completion.request.attempt)
    rows, row_notes = _rows(value, len(slots))
    notes += chosen
    absent = _Fault("missing_row", f"The reply has {len(rows)} of {len(slots)} rows.")
    if not rows:
        absent = _Fault("wrong_shape", "The reply is JSON of another form than asked for.")
    return _in_order(slots, rows, absent, raw, notes + row_notes)


def _all(
    slots: Sequence[Slot], raw: str, fault: _Fault, stage: Literal["call", "parse"] = "parse"
) -> list[Candidate | Rejected]:
    return [Rejected(stage, fault.reason, raw, fault.detail, slot.index) for slot in slots]


def _unwrapped(text: str) -> tuple[str, tuple[str, ...]]:
    """The reply without thinking aloud and without the code fence around the JSON, and notes on both."""
    text, thought = without_thinking(text)
    notes: tuple[str, ...] = ("format.thinking",) if thought else ()
    for part in parts(text):
        if part.fenced and _START.search(part.text):
            return part.text, (*notes, "format.fence")
    return text, notes


def _whole_value(body: str, *, cut: bool) -> _Json:
    """The one JSON value of a reply, with notes on what stood around it."""
    start = _START.search(body)
    if start is None:
        return _Json(None, 0, fault=_CUT_OFF if cut else _Fault("not_json", "The reply holds no JSON."))
    found = _value_at(body, start.start())
    if found.fault is not None:
        return found._replace(fault=_CUT_OFF) if cut else found
    notes = found.notes
    if body[: start.start()].strip():
        notes += ("format.preamble",)
    if body[found.end :].strip():
        notes += ("format.trailing_text",)
    return found._replace(notes=notes)


def _value_at(text: str, start: int) -> _Json:
    """The JSON value that begins at `start`."""
    try:
        return _Json(*_STRICT.raw_decode(text, start))
    except (ValueError, RecursionError):
        pass  # once more, allowing line breaks inside strings
    try:
        return _Json(*_LENIENT.raw_decode(text, start), notes=("format.raw_newline",))
    except json.JSONDecodeError as error:
        unfinished = error.msg.startswith("Unterminated string") or error.pos >= len(text.rstrip())
        fault = _CUT_OFF if unfinished else _Fault("not_json", f"Not JSON: {error.msg} at {error.pos}.")
    except (ValueError, RecursionError) as error:  # a number of 5000 digits, 1000 open brackets
        fault = _Fault("not_json", f"Not JSON: {error}.")
    return _Json(None, start, fault=fault)


def _drawn(value: Any, slots: Sequence[Slot], attempt: int) -> tuple[Any, tuple[str, ...]]:
    """Of the candidates of a verbalized reply one, drawn with the odds it states; any other reply as it is."""
    listed = value.get(CANDIDATES) if isinstance(value, dict) and len(slots) == 1 else None
    if not isinstance(listed, list) or not listed or CANDIDATES in slots[0].texts:
        return value, ()
    candidates = [{k: v for k, v in one.items() if k != ODDS} for one in listed if isinstance(one, dict)]
    odds = [_odds(one.get(ODDS)) for one in listed if isinstance(one, dict)]
    if not candidates:
        return value, ()
    at = generator(slots[0].seed, "verbalized", attempt).random() * sum(odds)
    for candidate, share in zip(candidates, odds, strict=True):
        at -= share
        if at <= 0:
            return candidate, ("verbalized",)
    return candidates[-1], ("verbalized",)


def _odds(stated: Any) -> float:
    """What a probability says, "8%" as well; what is none counts as a small one."""
    text = str(stated).strip()
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = 0.0
    return LEAST if math.isnan(share) else min(max(share, LEAST), 1.0)


def _rows(value: Any, wanted: int) -> tuple[list[Any], tuple[str, ...]]:
    """The rows of a reply, and what there is to note of their form; none when it has another form."""
    notes: tuple[str, ...] = ()
    if isinstance(value, dict) and isinstance(value.get("rows"), list):
        rows: list[Any] = value["rows"]
        notes += ("format.rows_for_one",) if wanted == 1 else ()
    elif isinstance(value, list):
        rows, notes = value, ("format.bare_rows",)
    elif isinstance(value, dict) and wanted == 1:
        rows = [value]
    else:
        rows = []
    return rows, (*notes, "format.extra_rows") if len(rows) > wanted else notes


def _complete_rows(body: str) -> list[Any]:
    """The rows that a broken or cut-off reply still holds in full."""
    opening = _OPENING.search(body)
    rows = []
    at = opening.end() if opening else len(body)
    while (at := _end_of(_BETWEEN, body, at)) < len(body) and body[at] == "{":
        found = _value_at(body, at)
        if found.fault is not None:
            break
        rows.append(found.value)
        at = found.end
    return rows


def _end_of(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at


def _in_order(
    slots: Sequence[Slot], rows: Sequence[Any], absent: _Fault, raw: str, notes: tuple[str, ...]
) -> list[Candidate | Rejected]:
    """Each slot with its row; slots beyond the last row are rejected as `absent`."""
    alone = len(slots) == 1
    found = [_row(row, slot, raw, notes, alone=alone) for row, slot in zip(rows, slots, strict=False)]
    return found + _all(slots[len(rows) :], raw, absent)


def _row(value: Any, slot: Slot, raw: str, notes: tuple[str, ...], *, alone: bool) -> Candidate | Rejected:
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
