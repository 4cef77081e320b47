"""What every prompt of a run has in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial, wraps
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

from syngen.prompts.columns import known_columns
from syngen.types import Reference

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class PromptContext:
    """The reference and the settings that all prompts of a run share.

    Attributes:
        domain: What the data is about, in a few words; empty when the model must infer it.
        kind: The kind of prompt the model wants.
        seed: The run's seed.
        shown: How many real rows a prompt shows.
        strategies: What the base prompt is combined with: names of templates with the blocks of a strategy,
            packaged (`length`, `complexity`, `diversity`) or files.
        diversity: 0 all similar, .5 as real, 1 as varied as possible; None: not controlled.
        columns: Columns to state with each text; empty: those that go with the texts.
        only_with_text: Show no row without a text in native mode.
        kept: Results that `per_context` keeps.
    """

    reference: Reference
    domain: str
    kind: Literal["chat", "completion", "record"]
    seed: int
    shown: int = 4
    strategies: tuple[str, ...] = ()
    diversity: float | None = None
    columns: tuple[str, ...] = ()
    only_with_text: bool = False
    kept: dict[Callable[..., Any], Callable[..., Any]] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def main(self) -> str:
        """Name of the column with the main text."""
        return self.reference.profile.main

    @cached_property
    def known(self) -> tuple[str, ...]:
        """Names of the columns that are stated with each text; a fitted model has learnt which."""
        named = () if self.kind == "record" else self.columns
        return tuple(column.name for column in known_columns(self.reference, named))


def per_context(
    function: Callable[Concatenate[PromptContext, P], T],
) -> Callable[Concatenate[PromptContext, P], T]:
    """Keep the last results of a function of a context, in the context: the slots of a group share them."""

    @wraps(function)
    def kept(context: PromptContext, /, *args: P.args, **kwargs: P.kwargs) -> T:
        if function not in context.kept:
            context.kept[function] = lru_cache(maxsize=64)(partial(function, context))
        result: T = context.kept[function](*args, **kwargs)
        return result

    return kept
