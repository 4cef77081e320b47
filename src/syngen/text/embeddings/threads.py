"""One thread at a time for small linear algebra."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import lru_cache
from importlib import import_module
from typing import Any


def one_thread() -> AbstractContextManager[Any]:
    """Linear algebra by one thread while the context lasts.

    On small systems several threads mostly wait for each other: on a busy machine a fit of 5 ms was
    seen to take 380 ms.
    """
    limited: AbstractContextManager[Any] = _pools().limit(limits=1)
    return limited


@lru_cache(maxsize=1)
def _pools() -> Any:
    import_module("sklearn.linear_model")  # loads the libraries whose threads are to be counted
    return import_module("threadpoolctl").ThreadpoolController()
