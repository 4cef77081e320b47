"""Strategies by name: the packaged ones, and a user's own template files and functions.

`--strategy ./mine.jinja` with any of the blocks `guidance`, `wish`, `tag`, `native` is combined with others like a
packaged one; without them the file is the whole prompt. `--strategy ./mine.py:build` and `--strategy
package.module:build` name a function `build(context, slots, attempt) -> Prompt`.
"""

from __future__ import annotations

import importlib
import runpy
from collections.abc import Callable, Sequence
from typing import Literal

from syngen.config import RunConfig
from syngen.errors import ConfigError, SynGenError
from syngen.prompts.columns import known_columns
from syngen.prompts.compose import BLOCKS, build
from syngen.prompts.context import PromptContext
from syngen.prompts.render import SUFFIX, blocks, fill, full_name
from syngen.prompts.shown import choose_rows, known_part, written_part
from syngen.types import Model, Prompt, Reference, Slot

STRATEGIES = ("base", "diversity", "complexity", "length", "verbalized")
"""The packaged ones; `base` is what the others, alone or together, are added to."""

Strategy = Callable[[PromptContext, Sequence[Slot], int], Prompt]


def parts_of(names: Sequence[str]) -> tuple[str, ...]:
    """Return the strategies that are added to the base prompt."""
    return tuple(dict.fromkeys(n for n in names if n != "base" and not makes_all(n)))


def prompt_context(reference: Reference, config: RunConfig, model: Model) -> PromptContext:
    """Build the context that all prompts of a run share, whichever mode it has.

    Raises:
        ConfigError: A strategy needs a model that chats, or a column to show is unknown or written.
    """
    known_columns(reference, config.show_columns)
    domain = reference.profile.domain.removeprefix("terms: ") if config.category is None else config.category
    kind = model.capabilities.prompt_kind
    strategies = parts_of(config.strategies)
    if "verbalized" in strategies and kind != "chat":
        raise ConfigError(
            f"{model.name} continues a pattern and can't say how likely a text is, as 'verbalized' asks.",
            "Leave the strategy out, or take a model that chats.",
        )
    diversity = config.control_settings.diversity
    return PromptContext(
        reference,
        domain,
        kind,
        config.seed,
        strategies=strategies,
        diversity=diversity,
        columns=config.show_columns,
        only_with_text=config.only_with_text,
    )


def makes_all(name: str) -> bool:
    """Whether a strategy is the whole prompt."""
    if name.endswith(SUFFIX):
        return not blocks(name) & BLOCKS
    return name not in STRATEGIES


def strategy_of(names: Sequence[str]) -> Strategy:
    """Return the function that builds the prompts of these strategies together.

    Raises:
        ConfigError: A name is unknown, a file can't be read, or the strategies can't be combined.
    """
    for name in names:
        if name not in STRATEGIES and ":" not in name and not name.endswith(SUFFIX):
            raise ConfigError(
                f"There is no strategy '{name}'.",
                f"Strategies: {', '.join(STRATEGIES)}; your own: FILE{SUFFIX}, FILE.py:NAME.",
            )
    alone = [name for name in names if makes_all(name)]
    if alone and len(parts_of(names)) + len(alone) > 1:
        raise ConfigError(
            f"The strategy '{alone[0]}' makes the whole prompt, so it can't be combined with others.",
            "Give it alone, or write a template with the blocks of a strategy: see docs/controls.md",
        )
    if not alone:
        return build
    return _of_template(alone[0]) if alone[0].endswith(SUFFIX) else _of_function(alone[0])


def _of_template(name: str) -> Strategy:
    """The strategy of a template file without blocks.

    Its values are `domain`, `shown` (a list of `known` and `written`, by column) and `records` (a list of `known`
    and `texts`, by column a `TextTarget`).
    """

    def build(context: PromptContext, slots: Sequence[Slot], attempt: int) -> Prompt:
        reference, rows = context.reference, choose_rows(context, slots, attempt)
        known = [known_part(context.known, reference.frame.row(row, named=True)) for row in rows]
        written = [written_part(reference, row) for row in rows]
        shown = [{"known": k, "written": w} for k, w in zip(known, written, strict=True)]
        records = [{"known": known_part(context.known, s.values), "texts": dict(s.texts)} for s in slots]
        text = fill(name, domain=context.domain, shown=shown, records=records)
        if not text.strip():
            raise ConfigError(f"The template {name} gives an empty prompt.", "See: docs/controls.md")
        kind: Literal["chat", "completion"] = "chat" if context.kind == "chat" else "completion"
        return Prompt(kind, text, shown=rows, template=full_name(name))

    return build


def _of_function(name: str) -> Strategy:
    """The strategy that `FILE.py:NAME` or `module:NAME` names.

    Raises:
        ConfigError: There is no such file, module or function, or it can't be loaded.
    """
    place, _, attribute = name.rpartition(":")
    try:
        known = runpy.run_path(place) if place.endswith(".py") else vars(importlib.import_module(place))
    except FileNotFoundError:
        raise ConfigError(f"There is no file '{place}'.", "Give the strategy as FILE.py:NAME.") from None
    except Exception as error:  # whatever a user's own module raises
        raise ConfigError(
            f"The strategy '{name}' can't be loaded: {type(error).__name__}: {error}.", "Fix the module."
        ) from error
    if attribute not in known:
        raise ConfigError(f"'{place}' has no function '{attribute}'.", "Give the name of one that it has.")
    found = known[attribute]
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
            raise ConfigError(f"The strategy '{name}' failed: {said}.", "Fix the function.") from error
        if not isinstance(prompt, Prompt):
            raise ConfigError(
                f"The strategy '{name}' returned {type(prompt).__name__}.", "Return a syngen.types.Prompt."
            )
        return prompt

    return build
