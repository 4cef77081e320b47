"""Strategies of one's own: a template file, or a function in a file or a module; the package stays as it is.

`--strategy ./mine.jinja` with any of the blocks `guidance`, `wish`, `tag`, `native` is combined with others like a
packaged one; without them the file is the whole question. `--strategy ./mine.py:build` and `--strategy
package.module:build` name a function `build(context, slots, attempt) -> Prompt`.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from syngen.errors import ConfigError, SynGenError
from syngen.prompts.context import PromptContext
from syngen.prompts.render import full_name, text_of
from syngen.prompts.shown import choose_rows, known_part, written_part
from syngen.types import Prompt, Slot

Strategy = Callable[[PromptContext, Sequence[Slot], int], Prompt]


def whole(name: str) -> Strategy:
    """The strategy of a template file without blocks.

    It is told `domain`, `shown` (a list of `known` and `written`, by column) and `records` (a list of `known`
    and `texts`, by column a `TextTarget`).
    """

    def build(context: PromptContext, slots: Sequence[Slot], attempt: int) -> Prompt:
        reference, rows = context.reference, choose_rows(context, slots, attempt)
        text = text_of(
            name,
            domain=context.domain,
            shown=[
                {
                    "known": known_part(reference, reference.frame.row(row, named=True)),
                    "written": written_part(reference, row),
                }
                for row in rows
            ],
            records=[
                {"known": known_part(reference, slot.values), "texts": dict(slot.texts)} for slot in slots
            ],
        )
        if not text.strip():
            raise ConfigError(f"The template {name} gives an empty prompt.", "See: docs/controls.md")
        kind: Literal["chat", "completion"] = "chat" if context.kind == "chat" else "completion"
        return Prompt(kind, text, shown=rows, template=full_name(name))

    return build


def function(name: str) -> Strategy:
    """The strategy that `FILE.py:NAME` or `module:NAME` names.

    Raises:
        ConfigError: There is no such file, module or function, or it can't be loaded.
    """
    place, _, attribute = name.rpartition(":")
    try:
        found: Any = getattr(_module(place), attribute)
    except FileNotFoundError:
        raise ConfigError(f"There is no file '{place}'.", "Give the strategy as FILE.py:NAME.") from None
    except AttributeError:
        raise ConfigError(
            f"'{place}' has no function '{attribute}'.", "Give the name of one that it has."
        ) from None
    except Exception as error:  # whatever a user's own module raises
        raise ConfigError(
            f"The strategy '{name}' can't be loaded: {type(error).__name__}: {error}.", "Mend the module."
        ) from error
    if not callable(found):
        raise ConfigError(
            f"'{name}' is no function.", "It takes (context, slots, attempt) and returns a Prompt."
        )

    def build(context: PromptContext, slots: Sequence[Slot], attempt: int) -> Prompt:
        try:
            prompt = found(context, slots, attempt)
        except SynGenError:  # of ours, which it may call
            raise
        except Exception as error:  # whatever a user's own function raises
            said = f"{type(error).__name__}: {error}".rstrip(".")
            raise ConfigError(f"The strategy '{name}' failed: {said}.", "Mend the function.") from error
        if not isinstance(prompt, Prompt):
            raise ConfigError(
                f"The strategy '{name}' returned {type(prompt).__name__}.", "Let it return a syngen.Prompt."
            )
        return prompt

    return build


def _module(place: str) -> Any:
    if not place.endswith(".py"):
        return importlib.import_module(place)
    path = Path(place)
    if not path.is_file():
        raise FileNotFoundError(place)
    spec = importlib.util.spec_from_file_location(f"syngen_strategy_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ImportError(place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
