"""Entry point: run a command, turn errors into one sentence and an exit status."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

from typer.exceptions import TyperException

from syngen.cli.output import say
from syngen.errors import SynGenError

INTERRUPTED = 130


def main() -> None:
    """Run `syngen` with the arguments of the process and exit."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks an arrow still gets the rest
    signal.signal(signal.SIGTERM, _interrupt)  # stop as on Ctrl-C: journal closed, resumable
    sys.exit(run(sys.argv[1:]))


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Do what Ctrl-C does now; a process in the background may ignore Ctrl-C, but not this."""
    handler = signal.getsignal(signal.SIGINT)
    (handler if callable(handler) else signal.default_int_handler)(number, frame)


def run(arguments: list[str]) -> int:
    """Run one command.

    Returns:
        The exit status: 0 done, 2 bad input, 3 short of N, 4 no model, 130 interrupted.
    """
    from syngen.cli.app import app

    try:
        status = app(_with_values(arguments), prog_name="syngen", standalone_mode=False)
    except SynGenError as error:
        say(str(error))
        return error.exit_status
    except TyperException as error:
        if message := error.format_message():  # none when the help was printed instead
            say(f"{_sentence(message)} See: {_help_for(error)}")
        return 2
    except KeyboardInterrupt:
        say("Interrupted.")
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # a bug: one sentence, and the traceback for whoever can fix it
        if os.environ.get("SYNGEN_TRACEBACK"):
            raise
        say(
            f"Internal error ({type(error).__name__}: {error}). What was written before is safe. "
            "Set SYNGEN_TRACEBACK=1 to see where it happened, and please report it."
        )
        return 1
    return status if isinstance(status, int) else 0


def _with_values(arguments: list[str]) -> list[str]:
    """Add the values that options may lack: `evaluate … --json` means stdout, `generate … --fit` ten minutes."""
    option, value, is_value = _WITHOUT_VALUE.get(arguments[0] if arguments else "", ("", "", str.isascii))
    given: list[str] = []
    for argument, following in zip(arguments, [*arguments[1:], "--"], strict=False):
        given.append(argument)
        if argument == option and not is_value(following):
            given.append(value)
    return given


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


_WITHOUT_VALUE: dict[str, tuple[str, str, Callable[[str], bool]]] = {
    "evaluate": ("--json", "-", lambda following: not following.startswith("--")),
    "generate": ("--fit", "10", _is_number),
}


def _sentence(text: str) -> str:
    joined = " ".join(text.split())
    return joined if joined.endswith((".", "?", "!")) else f"{joined}."


def _help_for(error: TyperException) -> str:
    context = getattr(error, "ctx", None)
    return f"{context.command_path if context else 'syngen'} --help"
