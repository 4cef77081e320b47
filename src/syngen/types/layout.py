"""How the file that was read is written, so that the file with the new rows is written alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Form = Literal["delimited", "json lines", "json array", "parquet", "arrow", "arrow stream", "excel"]


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a file writes the values of one column."""

    name: str | None = None  # its cell in the header, where that is not the name of the column
    quoted: bool = False  # whether its cells stand in quotation marks that they don't need
    missing: str | None = None  # what stands for no value; None: nothing, in JSON null
    omitted: bool = False  # whether JSON objects without a value lack the key, too
    true: str = "True"
    false: str = "False"
    decimals: int = 1  # digits after the point, at least
    bare: bool = False  # whether whole numbers are written without a point, whatever `decimals` says
    zero: bool = True  # whether a zero stands before the point
    exponent: bool = True  # whether very small and very large numbers have an exponent
    scientific: str = ""  # how all numbers are written where all have an exponent: ".2E"
    dtype: str = (
        ""  # type in the file, as polars prints it, where the frame has another; "json" for nested JSON
    )


Path = tuple[str | int, ...]  # keys and positions that lead to a value inside a nested one


@dataclass(frozen=True, slots=True)
class Nesting:
    """How a column of lists or objects is spread over columns, and how its cells are written."""

    form: str  # "json", "python" (a literal) or "position" (two numbers)
    paths: tuple[Path, ...]  # of the columns, in their order
    whole: tuple[Path, ...] = ()  # those of them that lead to an object whose keys are data, as JSON
    missing: bool = True  # whether a cell without any value is missing, rather than `empty`
    empty: str = ""  # an empty list or object as it is written
    compact: bool = False  # whether no space follows colons and commas
    ascii: bool = False  # whether characters beyond ASCII are escaped
    tuples: bool = False  # whether a literal is a tuple
    pieces: tuple[str, ...] = ()  # of a position what stands before, between and after its numbers

    @staticmethod
    def column(name: str, path: Path) -> str:
        """The name of the column for a path, such as `messages[0].content`."""
        return name + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is written. The default is what SynGen writes where no file was read."""

    form: Form = "delimited"
    ending: str = ".csv"  # of the file's name, in lower case, without that of a compression
    columns: Mapping[str, Spelling] = field(
        default_factory=dict
    )  # by column; the default spelling for others
    nested: Mapping[str, Nesting] = field(default_factory=dict)  # columns that are spread over others
    # Text
    encoding: str = "utf-8"
    bom: bool = False  # whether it begins with a byte order mark
    line_end: str = "\n"
    final_line_end: bool = True  # whether the last line has one
    # Delimited text
    delimiter: str = ","
    spaced: bool = False  # whether a space follows each delimiter
    trailing: bool = False  # whether a delimiter ends each line
    quote: str = '"'  # empty: none
    escape: str = ""  # what stands before a quotation mark within a text; empty: it is doubled
    sep: bool = False  # whether a first line `sep=;` says the delimiter
    header: bool = True
    header_quoted: bool = False
    empty_quoted: bool = False  # whether missing cells of quoted columns are quoted, too
    # JSON
    ascii: bool = False  # whether characters beyond ASCII are escaped
    compact: bool = True  # whether no space follows colons and commas
    indent: int | str | None = None  # of an array; None: the objects on one line
    lines: bool = False  # whether each object of an array stands on a line of its own
    # Excel
    sheet: str = "Sheet1"

    def spelling(self, column: str) -> Spelling:
        """How a column is written."""
        return self.columns.get(column, Spelling())
