"""Golden values: run a command in this process, compare what it gave with the stored JSON file.

The stored values are in `values/`. `make golden` writes them anew; look at `git diff tests/golden/values` before
committing them. Wording that people read, points in time and paths are masked: they may change.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import math
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any
from unittest import mock

HERE = Path(__file__).parent
VALUES = HERE / "values"
RUNS = HERE / "runs"
RENEW = "SYNGEN_RENEW_GOLDEN"
MOST_SHOWN = 40  # differences
WIDTH = 120  # of a line of a stored file
CLOSE = 1e-6  # relative difference that numbers may have

# Texts for people: only whether there is one is compared.
WORDING = frozenset(
    "detail description headline hint notes price_source question stopped what why why_not".split()
)
# Of the machine, the moment or the version: only the type is compared.
CHANGING = frozenset(
    "at created latency output path report run seconds seconds_at_most version versions weights".split()
)


# ------------------------------------------------------------------------------------- commands
@dataclass(frozen=True)
class Answer:
    """What a command gave: its exit status, stdout and stderr."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its stdout as the one JSON value that `--json` promises."""
        return json.loads(self.out)


def syngen(*arguments: object, expect: int | None = 0) -> Answer:
    """Run the installed `syngen` command in this process.

    Args:
        expect: The exit status it must have; None: any.
    """
    (script,) = metadata.entry_points(group="console_scripts", name="syngen")
    main: Callable[[], None] = script.load()
    out, err, status = io.StringIO(), io.StringIO(), 0
    handler = signal.getsignal(signal.SIGTERM)
    with (
        mock.patch.object(sys, "argv", ["syngen", *map(str, arguments)]),
        mock.patch.dict(os.environ, {"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"}),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as stop:
            status = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        finally:
            signal.signal(signal.SIGTERM, handler)
    answer = Answer(status, out.getvalue(), err.getvalue())
    if expect is not None:
        assert status == expect, f"syngen {' '.join(map(str, arguments))}: exit {status}\n{answer.err}"
    return answer


# --------------------------------------------------------------------------------------- values
def masked(value: Any, also: frozenset[str] = frozenset(), key: str = "") -> Any:
    """The value without what may change: wording becomes "<text>", what is of the moment its type."""
    if key in CHANGING | also:
        return shape(value)
    if key in WORDING:
        return "<text>" if value else shape(value)
    if isinstance(value, dict):
        return {name: masked(part, also, name) for name, part in value.items()}
    if isinstance(value, list):
        return [masked(part, also) for part in value]
    return value


def shape(value: Any) -> Any:
    """The keys, all the way down, and the types of a JSON value; the items of a list have one common shape."""
    if isinstance(value, dict):
        return {name: shape(part) for name, part in value.items()}
    if isinstance(value, list):
        shapes = [shape(part) for part in value]
        return [_common(shapes)] if shapes else []
    if value is None:
        return "<null>"
    if isinstance(value, bool):
        return "<bool>"
    return "<text>" if isinstance(value, str) else "<number>"


def _common(shapes: list[Any]) -> Any:
    if all(isinstance(one, dict) for one in shapes):
        names = sorted({name for one in shapes for name in one})
        found = {}
        for name in names:
            parts = [one[name] for one in shapes if name in one]
            found[name if len(parts) == len(shapes) else f"{name} (optional)"] = _common(parts)
        return found
    if all(isinstance(one, list) for one in shapes):
        inner = [item for one in shapes for item in one]
        return [_common(inner)] if inner else []
    if all(isinstance(one, str) for one in shapes):
        return " or ".join(sorted({part for one in shapes for part in one.split(" or ")}))
    found = {json.dumps(one, sort_keys=True): one for one in shapes}
    return next(iter(found.values())) if len(found) == 1 else {"either": [found[k] for k in sorted(found)]}


def digest(value: Any) -> str:
    """The start of a SHA-256 of a JSON value, its numbers rounded to nine digits."""
    text = json.dumps(_rounded(value), sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(part) for part in value]
    return float(f"{value:.9g}") if isinstance(value, float) and math.isfinite(value) else value


# ----------------------------------------------------------------------------------- comparison
def check(name: str, value: Any) -> None:
    """Compare a value with the one stored under a name, or store it when golden values are renewed.

    Raises:
        AssertionError: They differ; says where, and how.
    """
    file = VALUES / f"{name}.json"
    value = json.loads(json.dumps(_rounded(value), ensure_ascii=False, default=str))
    if os.environ.get(RENEW):
        VALUES.mkdir(exist_ok=True)
        file.write_text(_dumped(value) + "\n", "utf-8")
        return
    found = list(differences(json.loads(file.read_text("utf-8")), value))
    if found:
        shown = "\n".join(f"  {line}" for line in found[:MOST_SHOWN])
        more = f"\n  … and {len(found) - MOST_SHOWN} more" if len(found) > MOST_SHOWN else ""
        raise AssertionError(
            f"{len(found)} differences from {file.relative_to(HERE.parents[1])} (stored → now):\n{shown}{more}\n"
            "If this is what was intended: make golden, and look at the difference."
        )


def _dumped(value: Any, indent: str = "") -> str:
    """JSON with everything on one line that fits there, so that a difference is easy to read."""
    line = json.dumps(value, ensure_ascii=False, sort_keys=True)
    if len(indent) + len(line) <= WIDTH or not isinstance(value, dict | list):
        return line
    deeper = indent + " "
    if isinstance(value, dict):
        parts = [
            f"{json.dumps(name, ensure_ascii=False)}: {_dumped(value[name], deeper)}"
            for name in sorted(value)
        ]
    else:
        parts = [_dumped(part, deeper) for part in value]
    first, last = "{}" if isinstance(value, dict) else "[]"
    inside = f",\n{deeper}".join(parts)
    return f"{first}\n{deeper}{inside}\n{indent}{last}"


def differences(stored: Any, now: Any, path: str = "") -> Iterator[str]:
    """Where two JSON values differ, a line each."""
    if isinstance(stored, dict) and isinstance(now, dict):
        for name in [*stored, *(n for n in now if n not in stored)]:
            where = f"{path}.{name}" if path else name
            if name not in now:
                yield f"{where}: {_short(stored[name])} → (gone)"
            elif name not in stored:
                yield f"{where}: (was not there) → {_short(now[name])}"
            else:
                yield from differences(stored[name], now[name], where)
    elif isinstance(stored, list) and isinstance(now, list):
        if len(stored) != len(now):
            yield f"{path}: {len(stored)} items → {len(now)}"
        for place, (one, other) in enumerate(zip(stored, now, strict=False)):
            yield from differences(one, other, f"{path}[{place}]")
    elif _numbers(stored, now):
        if not math.isclose(stored, now, rel_tol=CLOSE, abs_tol=CLOSE):
            yield f"{path}: {stored} → {now}"
    elif stored != now:
        yield f"{path}: {_apart(stored, now)}"


def _numbers(*values: Any) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _apart(stored: Any, now: Any) -> str:
    """Two values, long texts from shortly before where they part."""
    if not (isinstance(stored, str) and isinstance(now, str)):
        return f"{_short(stored)} → {_short(now)}"
    start = max(0, _alike(stored, now) - 30)
    lead = "…" if start else ""
    return f"{lead}{_short(stored[start:])} → {lead}{_short(now[start:])}"


def _alike(one: str, other: str) -> int:
    """How many characters two texts begin with in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else f"{text[:119]}…"
