"""The tree of errors: each says what is wrong and, in its hint, how to fix it.

    SynGenError
    ├── InputError         exit 2: a file, an argument or the configuration is wrong
    │   ├── ReferenceError     the reference table can't be used
    │   ├── ConfigError        an argument, a role or a configuration file is wrong
    │   ├── OutputError        the output or the run folder can't be written
    │   └── RunError           a run folder can't be opened or resumed
    ├── JournalError       exit 3: the run folder can't be written any more; what was written is safe
    └── ModelError         exit 4: the model can't be reached or refuses the requests
        ├── ModelNotFound      exit 2: no such model or provider, or its weights are not installed
        ├── ModelUnreachable   no server answers, or the provider stays down
        ├── ModelRefused       the provider refuses every request: key, credit, or the form of the request
        └── ModelFailed        the model was reached and failed

Stopping short of N is not an error but a result: `Run.exact` is false and `Run.stopped` says why.
"""

from __future__ import annotations


class SynGenError(Exception):
    """Base of all errors that SynGen raises on purpose.

    Args:
        message: One sentence: what is wrong, and where.
        hint: The command, option or edit that fixes it; empty when there is none.
    """

    exit_status = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class InputError(SynGenError):
    """An input can't be used."""

    exit_status = 2


class ReferenceError(InputError):  # noqa: A001 - the house vocabulary calls the real table the reference
    """The reference table can't be read, or a model can't be shown it."""


class ConfigError(InputError):
    """An argument, a role or a configuration value is wrong."""


class OutputError(InputError):
    """The output or the run folder can't be written."""


class RunError(InputError):
    """A run folder is missing, damaged, newer than this version, or belongs to something else."""


class JournalError(SynGenError):
    """The journal can't be written any more: the disk is full or gone. The run can be resumed."""

    exit_status = 3


class ModelError(SynGenError):
    """The model can't be reached or refuses the requests."""

    exit_status = 4


class ModelNotFound(ModelError):
    """No such provider or model, or its weights are not on this machine."""

    exit_status = 2


class ModelUnreachable(ModelError):
    """No server answers at the model's address, or its provider was down for longer than `retry_timeout`."""


class ModelRefused(ModelError):
    """The provider refuses every request: wrong key, no credit, or a form of request it does not support."""


class ModelFailed(ModelError):
    """The model failed while answering."""
