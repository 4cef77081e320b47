"""The format of rows for fitted models: targets and known columns of a row on one line, then its texts.

    title: words=2, text: words=43, grade=5, style=exclaims, opens=love this; category=Dresses, rating=5
    title: Lovely dress
    text: Love this dress! …

The first line is the prompt, the others are the answer: one line for each text, without escapes that a small model
could get wrong; a line break is written as ¶. Any target may be left out of the first line. Where a number of words
is given, the text counts down: a tab and the tens of words left precede every tenth word from the end. A small model
can't plan forty words ahead, but it can write ten more and stop.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping

from syngen.text.words import word_starts
from syngen.types import TextTarget, Value

FORMAT = 3  # version; a model fitted to another one can't read this one
STEP = 10  # words from one mark to the next

BREAK = "¶"

_MARK = re.compile(r"\t+\d*")
_BREAKS = re.compile(r"\r\n?|\n")
_NAMED = re.compile(r'("(?:[^"\\]|\\.)*"|[^":]*): (.*)')
_SPECIAL = re.compile(r"[,;:=\t\n\"\\]")
_LONGEST = 80  # characters of a value


def line(known: Mapping[str, Value], texts: Mapping[str, TextTarget]) -> str:
    """Format the line before the texts, with its line break: known values and targets of texts, by column."""
    asked = ", ".join(
        f"{_plain(name)}: {', '.join(_pairs(conditions(target)))}".rstrip(" ")
        for name, target in texts.items()
    )
    return "; ".join(filter(None, [asked, ", ".join(_pairs(list(known.items())))])) + "\n"


def conditions(target: TextTarget) -> list[tuple[str, Value]]:
    """List the targets of a text that are set, as names and values, the same in training and in generation."""
    given: list[tuple[str, Value]] = [
        ("words", target.words or None),
        ("grade", None if target.grade is None else round(target.grade)),
        ("style", "+".join(target.style)),
        ("about", "+".join(target.aspects)),
        ("who", target.persona),
        ("for", target.situation),
        ("topic", None if target.topic == -1 else target.topic),
        ("opens", target.opening),
    ]
    return [(name, value) for name, value in given if value not in (None, "")]


def answer(texts: Mapping[str, str], *, counted: frozenset[str] = frozenset()) -> str:
    """Format the texts as a model learns to write them; those named in `counted` count down. Tabs become spaces."""
    lines = ((name, _BREAKS.sub(BREAK, text.strip()).replace("\t", " ")) for name, text in texts.items())
    return "\n".join(
        f"{_quoted(name)}: {_counted(text) if name in counted else text}" for name, text in lines
    )


def read(written: str) -> dict[str, str]:
    """Parse the texts of an answer by name, without the countdown; other lines are left out."""
    texts: dict[str, str] = {}
    for one in without_marks(written).split("\n"):
        if named := _NAMED.fullmatch(one):
            with contextlib.suppress(ValueError):  # quoted, but not as JSON: no name of ours
                name = json.loads(named[1]) if named[1].startswith('"') else named[1]
                texts.setdefault(name, named[2].replace(BREAK, "\n"))
    return texts


def without_marks(written: str) -> str:
    """Remove the countdown from an answer."""
    return _MARK.sub("", written)


def _counted(text: str) -> str:
    """Insert the tens of words left before every tenth word from the end."""
    starts = word_starts(text)
    pieces, at = [], 0
    for left in range(len(starts) // STEP * STEP, 0, -STEP):
        start = starts[len(starts) - left]
        space = text.rfind(" ", max(at, start - 3), start)  # which tokens of words begin with
        start = start if space < 0 else space
        if text[start].isdigit():
            continue  # the mark would merge with the number
        pieces.append(f"{text[at:start]}\t{left // STEP}")
        at = start
    return "".join([*pieces, text[at:]])


def _pairs(given: list[tuple[str, Value]]) -> list[str]:
    return [f"{_plain(name)}={_plain(value)}" for name, value in given]


def _plain(value: Value) -> str:
    """A name or a value, cut where it is long."""
    return _quoted((f"{value:g}" if isinstance(value, float) else str(value))[:_LONGEST])


def _quoted(text: str) -> str:
    """Quoted where it holds characters of this format."""
    return json.dumps(text, ensure_ascii=False) if _SPECIAL.search(text) or text != text.strip() else text
