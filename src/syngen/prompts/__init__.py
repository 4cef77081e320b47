"""Turn slots into what a model reads: strategies, the real rows they show, templates and reply schemas.

A strategy is a pure function from a context, slots and the number of earlier attempts to a prompt; its
wording lives in `templates/`, versioned. The packaged ones are one base prompt and templates that it is
combined with; adding one is one template and one word in `STRATEGIES`.
"""

from syngen.prompts.columns import KnownColumn, known_columns
from syngen.prompts.compose import ask_natively, build
from syngen.prompts.context import PromptContext
from syngen.prompts.requests import native_requests, planned_request
from syngen.prompts.shown import known_part
from syngen.prompts.strategies import STRATEGIES, makes_all, parts_of, prompt_context, strategy_of

__all__ = [
    "STRATEGIES",
    "KnownColumn",
    "PromptContext",
    "ask_natively",
    "build",
    "known_columns",
    "known_part",
    "makes_all",
    "native_requests",
    "parts_of",
    "planned_request",
    "prompt_context",
    "strategy_of",
]
