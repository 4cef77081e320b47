"""Labels: categories, ordinals, booleans and constants. Sampled as they are, which keeps joint distributions."""

from __future__ import annotations

from functools import cached_property

from syngen.columns.codec import CellReading, Codec, Fault
from syngen.columns.number import as_number, is_numeric, parse_number
from syngen.types import Role, Value

_TRUE_FALSE = {"true": True, "false": False, "True": True, "False": False, "yes": True, "no": False}


class LabelCodec(Codec):
    """A column of known labels, of which the profile keeps the most common."""

    def parse_text(self, text: str) -> CellReading:
        """Tolerate another letter case, with a note. Numbers and unknown labels stay what they are."""
        if text in self._labels:
            return CellReading(self._labels[text], fits=True)
        if text.casefold() in self._folded:
            return CellReading(self._folded[text.casefold()], fits=True, note="format.label_case")
        if is_numeric(self.column.dtype):
            return parse_number(text, self.column.dtype)
        return CellReading(text, fits=None if self._open else False)

    def check(self, value: Value) -> Fault | None:
        """Reject unknown labels; where not all labels are known, any string is one."""
        if self.column.role is Role.BOOLEAN and self.column.dtype == "Boolean":
            return None if isinstance(value, bool) else self.wrong_type(value, "true or false")
        if (type(value), value) in self._values or (self._open and isinstance(value, str)):
            return None
        if self.column.role is not Role.ORDINAL:
            return Fault("unknown_value", f"{self.name!r} has no value {value!r} in the real rows.")
        if as_number(value) is None:
            return self.wrong_type(value, "a number")
        return Fault("out_of_range", f"{self.name!r} is never {value} in the real rows.")

    def absurd(self, value: Value) -> bool:
        """On a scale everything but the next step up or down."""
        low, high = self.column.low, self.column.high
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if self.column.role is not Role.ORDINAL or not number or low is None:
            return False
        whole = all(float(known).is_integer() for known, _ in self.column.values)
        return (whole and not float(value).is_integer()) or not low - 1 <= value <= high + 1

    @cached_property
    def _labels(self) -> dict[str, Value]:
        known = {str(value).strip(): value for value, _ in reversed(self.column.values)}
        return known | (_TRUE_FALSE if self.column.dtype == "Boolean" else {})

    @cached_property
    def _folded(self) -> dict[str, Value]:
        """The labels by their text in lower case, where only one has this text."""
        labels: dict[str, set[Value]] = {}
        for text, value in self._labels.items():
            labels.setdefault(text.casefold(), set()).add(value)
        return {text: values.pop() for text, values in labels.items() if len(values) == 1}

    @cached_property
    def _values(self) -> frozenset[tuple[type, Value]]:
        known = [value for value, _ in self.column.values]
        return frozenset((type(value), value) for value in [*known, *self.real.unique()])

    @property
    def _open(self) -> bool:
        """Whether there are more labels than the profile keeps."""
        return self.column.distinct > len(self.column.values)
