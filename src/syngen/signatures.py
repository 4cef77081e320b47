"""Show the settings of a run as keyword arguments of the functions that take them, typed and documented.

`RunConfig` and `FitConfig` are the one source of settings: signatures, docstrings and the stub `__init__.pyi`, which
editors read, follow from them.
"""

from __future__ import annotations

import functools
import inspect
import textwrap
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast, get_args

from syngen.config import Settings, shown

F = TypeVar("F", bound=Callable[..., Any])

WIDTH = 112  # columns of a docstring's line
_MARK = "**settings:"


def takes(settings: type[Settings], names: Iterable[str] | None = None) -> Callable[[F], F]:
    """Put the fields of a record of settings into a function's signature and docstring in place of `**settings`.

    Args:
        settings: The record.
        names: The fields, which stay as they were unless they are given; by default all that are no arguments
            already and have an option.
    """

    def decorate(function: F) -> F:
        @functools.wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            return function(*args, **kwargs)

        signature = inspect.signature(function)
        own = [p for p in signature.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
        known = {p.name for p in own}
        wanted = settings.model_fields if names is None else names
        fields = {
            name: field
            for name, field in settings.model_fields.items()
            if name in wanted and name not in known and shown(field).option is not None
        }
        added = [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=field.default if names is None else ...,
                annotation=_written(field.annotation),
            )
            for name, field in fields.items()
        ]
        called.__dict__["__signature__"] = signature.replace(parameters=[*own, *added])
        lines = [line for name, field in fields.items() for line in _wrapped(f"{name}: {field.description}")]
        called.__doc__ = _with_lines(inspect.getdoc(function) or "", lines)
        return cast(F, called)

    return decorate


def _written(annotation: Any) -> str:
    """A type as it is written in code, without the constraints of a setting."""
    if annotation is type(None):
        return "None"
    if kinds := get_args(annotation):
        origin = getattr(annotation, "__origin__", None)
        if hasattr(annotation, "__metadata__"):
            return _written(kinds[0])
        if origin is tuple:
            return "str | Sequence[str]"
        if origin is dict:
            return "Mapping[str, str]"
        if all(isinstance(kind, str) for kind in kinds):
            return f"Literal[{', '.join(map(repr, kinds))}]".replace("'", '"')
        return " | ".join(dict.fromkeys(map(_written, kinds)))
    return str(annotation.__name__)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=" " * 4, subsequent_indent=" " * 8)


def _with_lines(doc: str, lines: list[str]) -> str:
    """Put lines in the place of those that describe `**settings`."""
    before, _, after = doc.partition(f"    {_MARK}")
    rest = after.splitlines()[1:]
    while rest and rest[0].startswith(" " * 8):
        rest.pop(0)
    return "\n".join([before.rstrip("\n"), *lines, *rest])
