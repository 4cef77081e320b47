"""From slots to what a model reads: strategies, the real rows they show, templates and reply schemas.

A strategy is a pure function from a context, slots and the number of earlier attempts to a prompt; its
wording lives in `templates/`, versioned. The packaged ones are one base prompt and three templates that it is
combined with; adding one is one template and one word in `STRATEGIES`.
"""

from collections.abc import Sequence

from syngen.errors import ConfigError
from syngen.prompts import base, custom
from syngen.prompts.context import PromptContext
from syngen.prompts.custom import Strategy
from syngen.prompts.fitted import ask_for_record
from syngen.prompts.native import ask_natively
from syngen.prompts.render import SUFFIX, blocks
from syngen.prompts.schema import native_sampling, planned_sampling, record_sampling, reply_schema
from syngen.prompts.shown import known_columns, known_part
from syngen.prompts.targets import BLOCKS

__all__ = [
    "STRATEGIES",
    "PromptContext",
    "Strategy",
    "ask_for_record",
    "ask_natively",
    "build",
    "known_columns",
    "known_part",
    "makes_all",
    "native_sampling",
    "parts_of",
    "planned_sampling",
    "record_sampling",
    "reply_schema",
    "strategy_of",
]

STRATEGIES = ("base", "diversity", "complexity", "length", "verbalized")
"""The packaged ones; `base` is what the others, alone or together, are added to."""

build = base.build


def parts_of(names: Sequence[str]) -> tuple[str, ...]:
    """The templates that a context for these strategies names: all but the base and those that are alone."""
    return tuple(dict.fromkeys(n for n in names if n != "base" and not makes_all(n)))


def strategy_of(names: Sequence[str]) -> Strategy:
    """The strategy of these names, together.

    Raises:
        ConfigError: There is none of a name, it can't be read, or it can't be combined.
    """
    for name in names:
        if name not in STRATEGIES and ":" not in name and not name.endswith(SUFFIX):
            raise ConfigError(
                f"There is no strategy '{name}'.",
                f"Strategies here: {', '.join(STRATEGIES)}; your own: FILE{SUFFIX}, FILE.py:NAME.",
            )
    alone = [name for name in names if makes_all(name)]
    if alone and len(parts_of(names)) + len(alone) > 1:
        raise ConfigError(
            f"The strategy '{alone[0]}' makes the whole prompt, so it can't be combined with others.",
            "Give it alone, or write a template with the blocks of a strategy: see docs/controls.md",
        )
    if not alone:
        return base.build
    return custom.whole(alone[0]) if alone[0].endswith(SUFFIX) else custom.function(alone[0])


def makes_all(name: str) -> bool:
    """Whether a strategy is the whole prompt."""
    if name.endswith(SUFFIX):
        return not blocks(name) & BLOCKS
    return name not in STRATEGIES
