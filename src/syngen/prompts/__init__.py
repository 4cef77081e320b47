"""From slots to what a model reads: strategies, the real rows they show, templates and reply schemas.

A strategy is a pure function from a brief, slots and the number of earlier attempts to a prompt; its
wording lives in `templates/`, versioned. Adding one is one file and one line in `STRATEGIES`.
"""

from collections.abc import Callable, Mapping, Sequence

from syngen.prompts import base
from syngen.prompts.brief import Brief
from syngen.prompts.native import ask_natively
from syngen.prompts.reply import native_sampling, planned_sampling, reply_schema
from syngen.types import Prompt, Slot

__all__ = [
    "STRATEGIES",
    "Brief",
    "Strategy",
    "ask_natively",
    "native_sampling",
    "planned_sampling",
    "reply_schema",
]

Strategy = Callable[[Brief, Sequence[Slot], int], Prompt]

STRATEGIES: Mapping[str, Strategy] = {
    "base": base.build,
}
