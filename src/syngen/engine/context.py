"""The context that all prompts of a run share, whichever mode it has."""

from __future__ import annotations

from syngen.config import RunConfig
from syngen.errors import ConfigError
from syngen.prompts import PromptContext, parts_of
from syngen.types import Model, Reference


def prompt_context(reference: Reference, config: RunConfig, model: Model) -> PromptContext:
    """Build the context of a run's prompts.

    Raises:
        ConfigError: A strategy needs a model that chats.
    """
    domain = reference.profile.domain.removeprefix("terms: ") if config.category is None else config.category
    kind = model.capabilities.prompt_kind
    strategies = parts_of(config.strategies)
    if "verbalized" in strategies and kind != "chat":
        raise ConfigError(
            f"{model.name} continues a pattern and can't say how likely a text is, as 'verbalized' asks.",
            "Leave the strategy out, or take a model that chats.",
        )
    return PromptContext(
        reference,
        domain,
        kind,
        config.seed,
        strategies=strategies,
        diversity=config.control_settings.diversity,
    )
