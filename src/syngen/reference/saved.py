"""Keep the roles of a table's columns in a YAML file beside it: `reviews.csv.syngen.yaml`.

`syngen profile --save` writes it, `load` reads it whenever the table is given by its path.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from syngen.errors import ConfigError, OutputError
from syngen.files import atomic
from syngen.tables.sources import PART, STDIN
from syngen.text.format import listed
from syngen.types import Reference, Role

ENDING = ".syngen.yaml"
SET = "set by the user"  # why a column has its role
_FOUND = (Role.DERIVED, Role.CONSTANT, Role.EMPTY)  # what is so, and no choice
_PLAIN = re.compile(r"[^\W\d][\w.-]*(?: [\w.-]+)*")  # names that YAML reads without quotation marks
_HEAD = """\
# The roles of the columns of {name}. syngen reads this file whenever the table is given by its path;
# --role COLUMN=ROLE wins over it, --no-roles-file ignores it. Change a role, or remove a line to have it detected.
# Roles: {roles}.
roles:
"""


def saved_path(source: str | os.PathLike[str]) -> Path:
    """Return the path of the file with the roles of a table; each sheet of a workbook, `book.xlsx::Orders`, has its own.

    Raises:
        ConfigError: The table is read from standard input.
    """
    name = os.fspath(source)
    if name == STDIN:
        raise ConfigError(
            "Standard input has no file that roles can be kept beside.", "Give a table in a file."
        )
    path, _, part = (name, "", "") if Path(name).exists() else name.rpartition(PART)
    table = Path(path or part).expanduser()
    of_part = "." + re.sub(r"[^\w.-]+", "_", part) if path and part else ""
    return table.with_name(f"{table.name}{of_part}{ENDING}")


def read_saved(path: Path, columns: Sequence[str]) -> dict[str, Role]:
    """Read the roles of a table's columns.

    Args:
        path: The file.
        columns: The columns of the table.

    Raises:
        ConfigError: It is no such file, or names a column or a role that there is not; with the line.
    """
    roles: dict[str, Role] = {}
    for key, role, line in _entries(path):
        if key not in columns:
            raise ConfigError(
                f"{path}, line {line}: the table has no column '{key}'.",
                f"{_near(key, columns, 'Columns')} Or ignore the file with --no-roles-file.",
            )
        if role.lower() not in [known.value for known in Role]:
            raise ConfigError(
                f"{path}, line {line}: there is no role '{role}' (column '{key}').",
                _near(role, [known.value for known in Role], "Roles"),
            )
        if key in roles:
            raise ConfigError(
                f"{path}, line {line}: column '{key}' stands there twice.", "Remove one of the lines."
            )
        roles[key] = Role(role.lower())
    return roles


def _entries(path: Path) -> Iterator[tuple[str, str, int]]:
    """Yield each column, its role as written and the number of the line."""
    import yaml  # slow to load, and few tables have such a file

    def fault(line: int, what: str) -> ConfigError:
        return ConfigError(
            f"{path}, line {line}: {what}.",
            "Write it anew with: syngen profile TABLE --no-roles-file --save",
        )

    try:
        top = yaml.compose(path.read_text("utf-8"), yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise fault(
            error.problem_mark.line + 1 if error.problem_mark else 1, error.problem or "no YAML"
        ) from None
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise fault(1, " ".join(str(error).split())) from None
    if top is None:
        return
    if not isinstance(top, yaml.MappingNode):
        raise fault(1, "it holds no 'roles:'")
    for key, value in top.value:
        if key.value != "roles":
            raise fault(key.start_mark.line + 1, f"there is no setting '{key.value}'; it holds 'roles:' only")
        if isinstance(value, yaml.ScalarNode) and not value.value:
            continue  # every role was removed
        if not isinstance(value, yaml.MappingNode):
            raise fault(value.start_mark.line + 1, "the roles are written as lines such as 'age: number'")
        for name, role in value.value:
            line = name.start_mark.line + 1
            if not (isinstance(name, yaml.ScalarNode) and isinstance(role, yaml.ScalarNode)):
                raise fault(line, "a role is written as 'age: number'")
            yield name.value, role.value, line


def write_saved(reference: Reference, path: Path) -> None:
    """Write the roles of a table's columns, each with the reason; those that leave no choice are commented out.

    Raises:
        OutputError: The file can't be written.
    """
    lines = [_HEAD.format(name=Path(reference.source).name, roles=", ".join(role.value for role in Role))]
    for column in reference.profile.columns:
        name = (
            column.name
            if _PLAIN.fullmatch(column.name) and not _is_word(column.name)
            else _quoted(column.name)
        )
        fact = "# " if column.role in _FOUND and column.why != SET else ""
        why = " ".join(column.why.split())
        lines.append(f"  {fact}{name}: {column.role.value}  # {why}\n")
    try:
        with atomic(path) as part:
            part.write_text("".join(lines), "utf-8")
    except OSError as error:
        raise OutputError(
            f"The file {path} can't be written: {error.strerror or error}.",
            "Give the roles in a configuration file (--config) instead.",
        ) from error


def _quoted(name: str) -> str:
    import yaml

    written: str = yaml.safe_dump(name, default_style='"', allow_unicode=True, width=len(name) + 100)
    return written.strip()


def _is_word(name: str) -> bool:
    """Whether YAML takes a name for a value such as true."""
    return name.lower() in ("y", "n", "yes", "no", "true", "false", "on", "off", "null")


def _near(name: str, known: Sequence[str], noun: str) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"Did you mean '{close[0]}'?" if close else f"{noun}: {listed(known, most=15)}."
