"""What a check finds wrong: a reason for the ledger and a sentence for people."""

from __future__ import annotations

from typing import NamedTuple


class Fault(NamedTuple):
    """Why a row is not taken: a code such as `too_long`, and one sentence."""

    reason: str
    detail: str
