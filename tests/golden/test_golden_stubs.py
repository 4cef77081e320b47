"""The stub that editors read says what the functions take: it is written from their signatures by `make golden`."""

from __future__ import annotations

import inspect
import os
import textwrap
from pathlib import Path

import syngen as public
from syngen.config import FitConfig, RunConfig, shown

STUB = Path(public.__file__).with_suffix(".pyi")
HEAD = '''"""SynGen makes synthetic data from real data with language models, and proves what it made."""

# Written by `make golden` from the signatures of the functions

from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Event
from typing import Any, Literal

from syngen.api import evaluate as evaluate
from syngen.api import evaluate_run as evaluate_run
from syngen.api import list_runs as list_runs
from syngen.api import load as load
from syngen.api import open_run as open_run
from syngen.api import outcome as outcome
from syngen.api import profile as profile
from syngen.engine.preview import Preview
from syngen.engine.run import Observer
from syngen.errors import ConfigError as ConfigError
from syngen.errors import InputError as InputError
from syngen.errors import ModelError as ModelError
from syngen.errors import OutputError as OutputError
from syngen.errors import ReferenceError as ReferenceError
from syngen.errors import RunError as RunError
from syngen.errors import SynGenError as SynGenError
from syngen.fitting import Fitted
from syngen.fitting.make import Observer as FitObserver
from syngen.store.run import Run
from syngen.types import Model

__version__: str
'''


def written(name: str) -> str:
    """A function as it stands in the stub."""
    function = getattr(public, name)
    signature = inspect.signature(function)
    lines = []
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and "*," not in lines:
            lines.append("*,")
        line = f"{parameter.name}: {parameter.annotation}"
        if parameter.default is ...:
            line += " = ..."
        elif parameter.default is not parameter.empty:
            line += f" = {parameter.default!r}".replace("'", '"')
        lines.append(f"{line},")
    arguments = textwrap.indent("\n".join(lines), "    ")
    if name == "fit":
        arguments = arguments.replace("Observer", "FitObserver")
    doc = textwrap.indent(inspect.getdoc(function) or "", "    ").strip()
    return f'\ndef {name}(\n{arguments}\n) -> {signature.return_annotation}:\n    """{doc}\n    """\n'


def test_the_stub_is_up_to_date() -> None:
    stub = HEAD + "".join(written(name) for name in ("preview", "generate", "resume", "fit"))
    if os.environ.get("SYNGEN_RENEW_GOLDEN"):
        STUB.write_text(stub, "utf-8")
    assert STUB.read_text("utf-8") == stub


def test_the_stub_has_every_public_name() -> None:
    text = STUB.read_text("utf-8")
    for name in dir(public):
        assert f" {name}" in text or f"{name}:" in text


def test_settings_are_arguments_with_their_help_texts() -> None:
    for function, config in ((public.generate, RunConfig), (public.fit, FitConfig)):
        parameters = inspect.signature(function).parameters
        assert not [p for p in parameters.values() if p.kind is p.VAR_KEYWORD]
        for name, field in config.model_fields.items():
            if shown(field).option is not None and name != "n":
                assert name in parameters
            if name in parameters and name not in ("n", "model"):
                told = " ".join((function.__doc__ or "").split())
                assert f"{name}: {' '.join((field.description or '').split())}" in told
