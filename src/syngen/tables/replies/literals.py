"""Find the values in a text that programs write: JSON, Python, JavaScript and SQL literals, read and never run.

One tolerant reader for all of them: quotes of any kind, constants of any language, comments, commas too many,
names without quotes, calls around a value, quotes inside a text that nobody escaped. JSON as it should be takes
the standard decoder. What a text ends within is read as far as it goes. The work is bounded by the length.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

PYTHON, LOOSE, SMART, SQL = "format.python", "format.loose_json", "format.smart_quotes", "format.sql"

_DECODER = json.JSONDecoder(strict=False)
_STRICT_OPENING = re.compile(r'[\[{]\s*["\[{\]}]')
_OPENING = re.compile(r"[\[{(]")
_CLOSING = {"{": "}", "[": "]", "(": ")"}
_CLOSERS = {'"': '"”', "'": "'", "“": '”"“', "”": '”"', "„": '“”"', "«": "»", "‘": "’'", "`": "`"}
_SMART = "“”„«‘"
_INSIDE = {
    opening: re.compile(rf"(?:[^\\{closers}]|\\.)*+", re.DOTALL) for opening, closers in _CLOSERS.items()
}
_GAP = re.compile(r"(?:\s++|//[^\n]*+|#[^\n]*+|/\*[^*]{0,200}+\*/)*+")
_ATOM = re.compile(r"[+-]?(?:\d(?:[\w.]|[:+/-](?=\w))*+|\.\d+)(?!\w)")
_WORD = re.compile(r"[^\W\d][\w.]*")
_ASSIGNED = re.compile(r"\s*(?:=>|[:=](?!=))\s*")
_CONSTANTS = {
    **dict.fromkeys(("None", "null", "NULL", "nan", "NaN", "undefined", "np.nan", "pd.NA", "pd.NaT"), None),
    "True": True, "true": True, "TRUE": True, "False": False, "false": False, "FALSE": False,
}  # fmt: skip
_SPELLED = {"None", "True", "False", "np.nan", "pd.NA", "pd.NaT"}  # as Python has them
_DATE_CALL = re.compile(r"(?:^|\.)(?:date|datetime|Date|Timestamp)$")
# What may follow the quote that ends a text
_NAME = r"[\"'“”‘’„«]?[\w .\-/]{1,60}[\"'“”‘’»]?"
_AFTER_VALUE = re.compile(
    rf"\s*(?:[}})]|\Z|(?:,\s*|\n\s*)?(?:#[^\n]*\s*|//[^\n]*\s*)?(?:[}})]|{_NAME}\s*[:=]))"
)
_AFTER_ITEM = re.compile(r"\s*(?:[,\])}]|\Z|#|//|=>|[:=]\s)")
_AFTER_KEY = re.compile(r"\s*(?:[:=,}]|\Z)")
_JOINED = re.compile(r"\s*(?:\+\s*|\n\s*)+(?=[\"'])")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U00([01][0-9a-fA-F]{5})|x([0-9a-fA-F]{2})|(\n)|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0"}
_TYPED = re.compile(r"(?:DATE|TIME|TIMESTAMP)\s+(?=')", re.IGNORECASE)
_IS_SQL = re.compile(r"\bINSERT\s+INTO\b|\bVALUES\s*\(", re.IGNORECASE)

_DEEPEST = 12
_MOST_BROKEN = 100  # values that are no JSON, after which none is tried as such
_LONGEST = 20_000  # characters of a text that no quote ends as it should


@dataclass(frozen=True, slots=True)
class Found:
    """A value and where it stands in the text."""

    value: Any  # None where one opens that can't be read
    start: int
    stop: int
    cut: bool = False  # the text ends within its last row
    notes: frozenset[str] = frozenset()


class Name(str):
    """A word without quotes, such as a variable or a column in SQL."""

    __slots__ = ()


def literals(text: str) -> Iterator[Found]:
    """The values of a text in order; one that can't be read comes as None, then those within it."""
    reader = _Reader(text)
    opening = _OPENING.search(text)
    while opening and reader.left > 0:
        start = opening.start()
        try:
            found = reader.found(start)
        except RecursionError:  # nothing nested so deep is a row
            return
        except ValueError:
            opening = _OPENING.search(text, start + 1)
            if text[start] != "(":
                yield Found(None, start, opening.start() if opening else len(text))
        else:
            yield found
            opening = _OPENING.search(text, found.stop)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.sql = _IS_SQL.search(text) is not None
        self.left = 20_000 + len(text)  # steps
        self.strict = _MOST_BROKEN
        self.cut = False
        self.notes: set[str] = set()

    def found(self, start: int) -> Found:
        """The value that opens at `start`."""
        if self.strict and not self.sql and _STRICT_OPENING.match(self.text, start):
            try:
                value, stop = _DECODER.raw_decode(self.text, start)
            except json.JSONDecodeError as error:
                self.strict -= 1  # making the error takes as long as the text before it
                self._spend((error.pos - start) // 16)  # and read it tolerantly below
            else:
                return Found(value, start, stop)
        self.cut, self.notes = False, set()
        value, stop = self._container(start, 0)
        notes = {SQL} if self.sql else self.notes - {LOOSE} if PYTHON in self.notes else self.notes
        return Found(value, start, stop, self.cut, frozenset(notes))

    def _spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise ValueError("too much work")

    def _gap(self, at: int) -> int:
        match = _GAP.match(self.text, at)
        end = match.end() if match else at
        if end > at and not self.text[at:end].isspace():
            self.notes.add(PYTHON if "#" in self.text[at:end] else LOOSE)
        self._spend(1 + (end - at) // 16)
        return end

    def _container(self, at: int, depth: int) -> tuple[Any, int]:
        text, opening = self.text, self.text[at]
        if depth > _DEEPEST:
            raise ValueError("too deep")
        if opening == "(" and depth:
            self.notes.add(PYTHON)
        items: list[Any] = []
        named: dict[str, Any] = {}
        at, comma, last = at + 1, False, None
        while True:
            at = self._gap(at)
            if at >= len(text):
                self.cut = self.cut or not isinstance(last, list | dict)
                break
            if text[at] == _CLOSING[opening]:
                if comma:
                    self.notes.add(LOOSE)
                at += 1
                break
            at, comma, last = self._item(at, depth, opening, items, named)
        if named:
            if items:
                named.setdefault("data", items[0])
            return named, at
        return ({} if opening == "{" and not items else items), at

    def _item(
        self, at: int, depth: int, opening: str, items: list[Any], named: dict[str, Any]
    ) -> tuple[int, bool, Any]:
        """Read an item, or a name and its value, and the comma behind it, if any."""
        text = self.text
        last, at = self._value(at, depth, "key" if opening == "{" else "item")
        if (assigned := _ASSIGNED.match(text, at)) and isinstance(last, str | int | float):
            if isinstance(last, Name):
                self.notes.add(PYTHON if opening == "(" else LOOSE)
            if assigned.end() >= len(text):
                self.cut = True
                return assigned.end(), False, None
            name = str(last)
            last, at = self._value(self._gap(assigned.end()), depth, "value")
            named[name] = last
        elif opening == "{" and at >= len(text):
            self.cut = True  # within a name
        else:
            items.append(last)
        at = self._gap(at)
        if at < len(text) and text[at] == ",":
            return at + 1, True, last
        if at < len(text) and text[at] != _CLOSING[opening]:
            if text[at] not in _CLOSERS and text[at] not in "{[(":
                raise ValueError("no comma")
            self.notes.add(LOOSE)
        return at, False, last

    def _value(self, at: int, depth: int, place: str) -> tuple[Any, int]:
        text = self.text
        self._spend(1)
        if at >= len(text):
            self.cut = True
            return None, at
        char = text[at]
        if char in "{[(":
            value, at = self._container(at, depth + 1)
            alone = char == "(" and isinstance(value, list) and len(value) == 1 and text[at - 2] != ","
            return (value[0] if alone else value), at
        if char in _CLOSERS:
            return self._string(at, place)
        if atom := _ATOM.match(text, at):
            return _number(atom[0]), atom.end()
        word = _WORD.match(text, at)
        if word is None:
            raise ValueError("no value")
        end = word.end()
        following = text[end : end + 1]
        if following in ('"', "'") and len(word[0]) <= 2:
            self.notes.add(PYTHON)
            return self._string(end, place)
        if self.sql and (typed := _TYPED.match(text, at)):
            return self._string(typed.end(), place)
        if following == "(":
            self.notes.add(PYTHON)
            value, end = self._container(end, depth + 1)
            return _called(word[0], value), end
        if word[0] in _CONSTANTS:
            if word[0] in _SPELLED:
                self.notes.add(PYTHON)
            return _CONSTANTS[word[0]], end
        return Name(word[0]), end

    def _string(self, at: int, place: str) -> tuple[str, int]:
        parts: list[str] = []
        while True:
            part, at = self._quoted(at, place)
            parts.append(part)
            joined = None if self.sql or place == "key" else _JOINED.match(self.text, at)
            after = _AFTER_VALUE if place == "value" else _AFTER_ITEM
            if joined is None or after.match(self.text, at):
                return "".join(parts), at
            self.notes.add(PYTHON)
            at = joined.end()

    def _quoted(self, at: int, place: str) -> tuple[str, int]:
        """The text in the quotes that open at `at`, and where it ends."""
        text, opening = self.text, self.text[at]
        if opening != '"':
            self.notes.add(SMART if opening in _SMART else PYTHON if opening == "'" else LOOSE)
        if not self.sql and opening in "\"'" and text.startswith(opening * 3, at):
            end = text.find(opening * 3, at + 3)
            self.cut = self.cut or end < 0
            inside = text[at + 3 : end if end >= 0 else len(text)]
            self._spend(len(inside) // 16)
            return unescaped(inside), len(text) if end < 0 else end + 3
        follows = {"value": _AFTER_VALUE, "item": _AFTER_ITEM, "key": _AFTER_KEY}[place]
        pos, tolerant = at + 1, False
        limit = min(len(text), at + _LONGEST)
        while True:
            match = _INSIDE[opening].match(text, pos, limit)
            pos = match.end() if match else limit
            if pos >= limit or text[pos] == "\\":
                self._spend((limit - at) // 16)
                if limit < len(text):
                    raise ValueError("no end of a text")
                self.cut = True
                return unescaped(text[at + 1 :].rstrip("\\")), len(text)
            self._spend(1)
            if self.sql and text.startswith("''", pos) and opening == "'":
                pos += 2
                continue
            ends = follows.match(text, pos + 1)
            if not ends and place != "key" and (joined := _JOINED.match(text, pos + 1)):
                ends = joined
            if ends:
                break
            pos, tolerant = pos + 1, True
            self._spend(8)
        if tolerant:
            self.notes.add(LOOSE)
        self._spend((pos - at) // 16)
        inside = text[at + 1 : pos]
        return unescaped(inside.replace("''", "'") if self.sql else inside), pos + 1


def unescaped(text: str) -> str:
    """A text without the backslashes of a program."""
    if "\\" not in text:
        return text
    plain = _ESCAPE.sub(_character, text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(match: re.Match[str]) -> str:
    short, long, byte, newline, other = match.groups()
    if code := short or long or byte:
        return chr(min(int(code, 16), 0x10FFFF))
    return "" if newline else _ESCAPED.get(other, other)


def _number(text: str) -> Any:
    """A number as JSON reads it; anything else, such as a date or one too long, stays as it stands."""
    try:
        return int(text) if text.lstrip("+-").isdecimal() and len(text) < 20 else float(text)
    except ValueError:
        return text


def _called(name: str, value: Any) -> Any:
    """What a call stands for: a date, the one value it is given, or what it is given by name."""
    numbers = [f"{v:02d}" for v in value if isinstance(v, int)] if isinstance(value, list) else []
    if _DATE_CALL.search(name) and len(numbers) >= 3 and len(numbers) == len(value):
        return "-".join(numbers[:3]) + (f" {':'.join((*numbers[3:], '00')[:3])}" if numbers[3:] else "")
    return value[0] if isinstance(value, list) and len(value) == 1 else value
