"""Templates to text. They run in a sandbox and see the rows as data: row content is never evaluated."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from syngen.types import Prompt

if TYPE_CHECKING:
    import jinja2
    import jinja2.sandbox


@lru_cache(maxsize=1)
def _environment() -> jinja2.sandbox.ImmutableSandboxedEnvironment:
    import jinja2
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        keep_trailing_newline=False,
    )
    environment.filters["json"] = lambda value: json.dumps(value, ensure_ascii=False, default=str)
    return environment


@lru_cache(maxsize=32)
def _template(name: str) -> tuple[jinja2.Template, str]:
    """A packaged template and its full name, `name@version`."""
    source = (resources.files("syngen.prompts") / "templates" / f"{name}.jinja").read_text("utf-8")
    version = re.match(r"\{# version (\d+)", source)
    if version is None:
        raise ValueError(f"template {name} does not begin with its version")
    return _environment().from_string(source.rstrip("\n")), f"{name}@{version[1]}"


def render(strategy: str, kind: str, shown: tuple[int, ...], **values: Any) -> Prompt:
    """Fill the template `strategy.kind`.

    A chat template has the blocks `system` and `user`; a completion template is the text itself.
    """
    template, full_name = _template(f"{strategy}.{kind}")
    if kind == "completion":
        return Prompt("completion", template.render(values), shown=shown, template=full_name)

    def block(name: str) -> str:
        return "".join(template.blocks[name](template.new_context(values))).strip()

    return Prompt("chat", block("user"), block("system"), shown, full_name)
