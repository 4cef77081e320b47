"""The tree of errors: each says what is wrong and, in its hint, the command that mends it.

    SynGenError
    ├── InputError         exit 2: the file, the arguments or the configuration are wrong
    │   ├── ReferenceError     the reference table can't be used
    │   ├── ConfigError        an argument, a knob, a role or a configuration file is wrong
    │   ├── OutputError        the output or the run folder can't be written
    │   └── RunError           a run folder can't be opened or continued
    ├── JournalError       exit 3: the run's folder can't be written any more; what was written is safe
    └── ModelError         exit 4: the model can't be reached or refused us
        ├── ModelNotFound      exit 2: no such model or provider, or its weights are not here
        ├── ModelUnreachable   no server answers, or the provider stays down
        ├── ModelRefused       the provider takes no call of ours: key, credit, or how we ask
        └── ModelFailed        the model was reached and broke

Stopping short of N is not an error but a result: `Run.exact` is false and `Run.stopped` says why.
"""

from __future__ import annotations


class SynGenError(Exception):
    """Base of all errors SynGen raises on purpose.

    Args:
        message: One sentence: what is wrong, and where.
        hint: The command, flag or edit that mends it; empty when there is none.
    """

    exit_status = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class InputError(SynGenError):
    """What was given can't be used."""

    exit_status = 2


class ReferenceError(InputError):  # noqa: A001 - the house vocabulary calls the real table the reference
    """The reference table can't be read or is not fit to learn from."""


class ConfigError(InputError):
    """An argument, a role or a configuration value is wrong."""


class OutputError(InputError):
    """The output or the run folder can't be written."""


class RunError(InputError):
    """A run folder is missing, damaged, newer than this version, or belongs to something else."""


class JournalError(SynGenError):
    """What was accepted can't be written down any more: the disk is full or gone. The run can be resumed."""

    exit_status = 3


class ModelError(SynGenError):
    """The model can't be reached or refused us."""

    exit_status = 4


class ModelNotFound(ModelError):
    """No such provider or model, or its weights are not on this machine."""

    exit_status = 2


class ModelUnreachable(ModelError):
    """No server answers at the model's address, or its provider was down for longer than our patience."""


class ModelRefused(ModelError):
    """The provider refuses every call: the key is wrong, the credit is spent, or it can't be asked this way."""


class ModelFailed(ModelError):
    """The model was there and broke while answering."""
