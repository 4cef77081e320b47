"""Learn how a file writes its values, and write values so: decimals, missing values, words for true and false."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import product
from typing import Any

import polars as pl

from syngen.text.format import percent
from syngen.types import Spelling

_SAMPLE = 2_000  # cells looked at
_FEW = 0.05  # share of cells written otherwise that is not worth a remark

_POWER = re.compile(r"-?\d(?:\.(\d+))?([eE])[+-]\d+")

Cells = Sequence[str]


def spell_number(value: float, spelling: Spelling) -> str:
    """A number as a column writes it; never with fewer digits than it has, unless all have an exponent."""
    if spelling.scientific:
        return format(value, spelling.scientific)
    text = repr(value)
    if "e" in text:
        if spelling.exponent:
            return text
        text = format(Decimal(text), "f")
    whole, _, part = text.partition(".")
    if part.strip("0") == "":
        if spelling.bare:
            return whole
        part = ""
    part = part.ljust(spelling.decimals, "0")
    if not spelling.zero and whole in ("0", "-0") and part:
        whole = whole[:-1]
    return f"{whole}.{part}" if part else whole


def learn_spelling(cells: pl.Series, values: pl.Series, notes: list[str]) -> Spelling:
    """The spelling of a typed column that gives most of its cells back as they were.

    Args:
        cells: As they stand in the file.
        values: The same cells as values; of a column of strings only what stands for no value is learnt.
        notes: Receives a remark where more than a few cells are written otherwise.
    """
    bare = cells.str.strip_chars()
    absent = Counter(bare.filter(values.is_null()).fill_null("").to_list())
    spelling = Spelling(missing=absent.most_common(1)[0][0] or None if absent else None)
    if values.dtype == pl.String:
        return spelling
    present = bare.filter(values.is_not_null())
    if values.dtype == pl.Boolean:
        words = {text.lower(): text for text in present.unique().to_list()}
        title = all(text[0].isupper() for text in words.values())
        true, false = ("True", "False") if title else ("true", "false")
        return replace(spelling, true=words.get("true", true), false=words.get("false", false))
    if values.dtype != pl.Float64 or not len(present):
        return spelling
    step = max(1, len(present) // _SAMPLE)
    texts = present.gather_every(step).to_list()
    numbers = values.drop_nulls().gather_every(step).to_list()
    best, share = _learn_decimals(texts, numbers, spelling)
    if share < 1 - _FEW:
        odd = [(t, n) for t, n in zip(texts, numbers, strict=True) if spell_number(n, best) != t]
        notes.append(
            f"'{values.name}': {percent(1 - share)} of the numbers are written otherwise than the others "
            f"({odd[0][0]}); new ones are written like {spell_number(odd[0][1], best)}."
        )
    return best


def _learn_decimals(texts: Cells, numbers: Sequence[float], base: Spelling) -> tuple[Spelling, float]:
    """The spelling that reproduces most numbers, and the share that it reproduces."""
    powers = Counter(match.groups() for text in texts if (match := _POWER.fullmatch(text)))
    parts = [text.partition(".")[2] for text in texts if "e" not in text.lower()]
    digits = [count for count, _ in Counter(map(len, parts)).most_common(8)]
    points = Counter(text.lstrip("-").startswith("0.") for text in texts if re.match(r"-?0?\.", text))
    base = replace(
        base, zero=points[True] >= points[False], exponent=any("e" in text.lower() for text in texts)
    )
    candidates = [
        replace(base, decimals=decimals, bare=bare)
        for decimals, bare in product(sorted(digits) or [1], (False, True))
    ] + [replace(base, scientific=f".{len(part or '')}{e}") for (part, e), _ in powers.most_common(1)]

    def share(spelling: Spelling) -> float:
        pairs = zip(texts, numbers, strict=True)
        return sum(spell_number(number, spelling) == text for text, number in pairs) / len(texts)

    best, most = base, -1.0
    for spelling in candidates:
        reproduced = share(spelling)
        if reproduced > most:
            best, most = spelling, reproduced
        if most == 1:
            break
    return best, most


def spell(series: pl.Series, spelling: Spelling) -> list[str | None]:
    """The values of a column as a text file writes them; None where there is none."""
    values: list[Any] = series.to_list()
    if series.dtype == pl.String:
        return values
    if series.dtype == pl.Boolean:
        return [None if v is None else spelling.true if v else spelling.false for v in values]
    if series.dtype.is_float():
        return [None if v is None else spell_number(v, spelling) for v in values]
    if series.dtype.is_temporal():
        return [text or None for text in series.to_frame().write_csv(include_header=False).split("\n")[:-1]]
    return [None if v is None else str(v) for v in values]
