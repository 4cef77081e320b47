"""Before a run: settings, reference, model and plan, found sound before anything is spent or written."""

from __future__ import annotations

from typing import Any

from syngen.config import RunConfig
from syngen.errors import ConfigError
from syngen.models import ModelOptions, open_model, provider_of
from syngen.plan import ControlSettings, Plan, make_plan, require_text
from syngen.prompts import makes_all, strategy_of
from syngen.reference import load
from syngen.types import Model, Reference


def checked(**settings: Any) -> RunConfig:
    """Settings found sound without reading or opening anything.

    Raises:
        ConfigError: A setting is unknown or out of its range, or the strategy is unknown, or settings
            exclude each other.
        ModelNotFound: The model's provider is unknown.
    """
    config = RunConfig.of(**settings)
    _check_together(config)
    provider_of(config.model, config.base_url, config.connections)
    return config


def _check_together(config: RunConfig) -> None:
    strategy_of(config.strategies)
    if config.mode == "native" and (alone := [n for n in config.strategies if makes_all(n)]):
        raise ConfigError(
            f"The strategy '{alone[0]}' makes whole prompts for planned rows, so --mode native can't use it.",
            "Leave --mode native out, or write a template with a block 'native'.",
        )
    if "verbalized" in config.strategies and (config.mode == "native" or config.rows_each > 1):
        raise ConfigError(
            "The strategy 'verbalized' asks for several candidates for one planned row.",
            "Leave --mode native and --rows-per-call out, or the strategy.",
        )
    if config.select > 1 and config.mode == "native":
        raise ConfigError(
            "In native mode there is no plan to select towards, so --select can't be used.",
            "Leave --mode native out, or --select.",
        )
    if config.choices > 1 and config.mode == "planned":
        raise ConfigError(
            "In planned mode every row has a prompt of its own, so --choices has nothing to choose from.",
            "Add --mode native, or leave it out.",
        )


def prepare(
    reference: Any, n: int, model: str | Model | None, settings: dict[str, Any]
) -> tuple[RunConfig, Reference]:
    """Validate the settings, then read the reference, before anything is spent or written."""
    if model is None or isinstance(model, str):
        config = checked(n=n, **settings, **({} if model is None else {"model": model}))
    else:
        config = RunConfig.of(n=n, model=model.name, **settings)
        _check_together(config)
    real = load(reference, roles=config.roles, text_columns=config.text_columns)
    require_text(real)
    return config, real


def opened(model: str | Model | None, config: RunConfig) -> Model:
    """The model itself when one was given, else the one the settings name; checked against the limits."""
    if model is None or isinstance(model, str):
        options = ModelOptions(
            deterministic=config.deterministic,
            concurrency=config.concurrency,
            base_url=config.base_url,
            timeout=config.timeout,
            patience=config.patience,
            connections=config.connections,
        )
        model = open_model(config.model, options)
    if model.capabilities.prompt_kind == "record" and (config.mode == "native" or config.rows_each > 1):
        raise ConfigError(
            f"{model.name} was fitted to write one planned row a call.",
            "Leave --mode native and --rows-per-call out.",
        )
    if config.max_cost is not None and model.capabilities.prices is None:
        raise ConfigError(
            f"The price of {model.name} is not known, so its cost can't be limited.",
            f'Limit the tokens with --max-tokens, or give its price in syngen.toml under [prices."{model.name}"].',
        )
    return model


def plan_of(reference: Reference, config: RunConfig) -> Plan | None:
    """The plan; None in native mode, where the model is asked for whole rows."""
    if config.mode == "native":
        return None
    return make_plan(reference, config.candidates, seed=config.seed, aims=ControlSettings.of(config))
