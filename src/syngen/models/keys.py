"""Find API keys by the name of their variable, and keep them out of everything that is written.

A key such as `OPENAI_API_KEY` is looked up in the environment, in a `.env` file of the current folder, and in the
system's keyring (`keyring set syngen OPENAI_API_KEY`; extra `keyring`). Text from outside that is shown or stored
goes through `scrub`, which removes every key that was found.
"""

from __future__ import annotations

import importlib.util
import os
import re
from pathlib import Path

import dotenv

from syngen.errors import ConfigError

SERVICE = "syngen"  # the keyring's word for whose keys these are
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_handed_out: set[str] = set()


def find_key(*names: str) -> str | None:
    """Return the first key that is set under one of these names; None when none is.

    Raises:
        ConfigError: It has characters that no key has, or `.env` can't be read.
    """
    for place in (os.environ.get, _in_file, _in_keyring):  # the keyring last: asking it may open a window
        for name in names:
            if key := (place(name) or "").strip():
                if not (key.isascii() and key.isprintable()):
                    raise ConfigError(f"{name} is set to what can't be a key.", how_to_set(name))
                return guard(key)
    return None


def require_key(provider: str, *names: str) -> str:
    """Return the first key that is set under one of these names.

    Raises:
        ConfigError: None is.
    """
    if (key := find_key(*names)) is None:
        raise ConfigError(f"{provider} needs a key, and {names[-1]} is not set.", how_to_set(names[-1]))
    return key


def guard(key: str) -> str:
    """Register a key for `scrub`. Words too short to be a key would hide ordinary text and are not registered."""
    if len(key) >= 8:
        _handed_out.add(key)
    return key


def scrub(text: str) -> str:
    """Remove every registered key from a text; longer ones first, since one may be part of another."""
    for key in sorted(_handed_out, key=len, reverse=True):
        if key in text:
            text = text.replace(key, "[key]")
    return text


def how_to_set(name: str) -> str:
    """Return the sentence that says how to set a key."""
    return f"Set {name} in the environment or in a .env file here, or store it with: keyring set {SERVICE} {name}"


def fill_in(text: str, where: str) -> str:
    """Replace each `${NAME}` in a configured value by the key of that name.

    Raises:
        ConfigError: A name is not set.
    """

    def value(match: re.Match[str]) -> str:
        if (key := find_key(match[1])) is None:
            raise ConfigError(f"{where} needs {match[1]}, which is not set.", how_to_set(match[1]))
        return key

    return _VARIABLE.sub(value, text)


def names_in(text: str) -> list[str]:
    """Return the names that `fill_in` would replace."""
    return _VARIABLE.findall(text)


def _in_file(name: str) -> str | None:
    path = Path(".env").absolute()
    if not path.is_file():
        return None
    try:
        return dotenv.dotenv_values(path).get(name)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} can't be read ({type(error).__name__}).", "Save it as UTF-8.") from None


def _in_keyring(name: str) -> str | None:
    if importlib.util.find_spec("keyring") is None:
        return None
    import keyring

    try:
        key: str | None = keyring.get_password(SERVICE, name)
    except keyring.errors.KeyringError:  # none on this machine, or it is locked
        return None
    return key
