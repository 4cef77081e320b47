"""A Python function as a model: the public test double, and the shortest way to plug in anything.

`FunctionModel(lambda request: "...")` in Python; `--model function/package.module:name` on the command
line. The function gets a Request and returns the reply's text or a whole Completion.
"""

from __future__ import annotations

import dataclasses
import importlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator

from syngen.errors import ModelNotFound
from syngen.models import ModelOptions
from syngen.types import Capabilities, Completion, Request


class FunctionModel:
    """A model that answers with a Python function, one request at a time.

    Args:
        function: Request in; the reply's text, or a Completion, out. What it raises propagates.
        name: Full model id.
        capabilities: What to claim; by default a chat model that keeps to a schema.
    """

    def __init__(
        self,
        function: Callable[[Request], str | Completion],
        name: str = "function/anonymous",
        capabilities: Capabilities | None = None,
    ) -> None:
        self.name = name
        self.capabilities = capabilities or Capabilities(schema=True, seeds=True, price_in=0.0, price_out=0.0)
        self._function = function

    def complete(self, requests: Iterable[Request | None]) -> Iterator[Completion]:
        """Answer each request before the next is pulled. Tokens are counted as words."""
        for request in requests:
            if request is None:
                continue
            start = time.perf_counter()
            reply = self._function(request)
            seconds = time.perf_counter() - start
            if not isinstance(reply, str | Completion):
                raise TypeError(f"{self.name} returned {type(reply).__name__}, not a text or a Completion")
            if isinstance(reply, str):
                read = len(request.prompt.system.split()) + len(request.prompt.user.split())
                reply = Completion(request, reply, prompt_tokens=read, completion_tokens=len(reply.split()))
            yield dataclasses.replace(reply, seconds=seconds)


def open_model(name: str, options: ModelOptions) -> FunctionModel:  # noqa: ARG001 - the provider's signature
    """Open `package.module:function`, looked up in the current folder too.

    Raises:
        ModelNotFound: No such module or function, or it is none.
    """
    module, _, attribute = name.partition(":")
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        function = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise ModelNotFound(
            f"The function '{name}' can't be imported: {str(error).rstrip('.')}.",
            "Name it as function/package.module:function.",
        ) from error
    if isinstance(function, FunctionModel):
        return function
    if not callable(function):
        raise ModelNotFound(
            f"'{name}' is no function but {type(function).__name__}.",
            "Name a function of one argument, a Request.",
        )
    return FunctionModel(function, f"function/{name}")
