"""Classify what went wrong with a call; the only place that interprets HTTP statuses."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from syngen.errors import ModelError, ModelNotFound, ModelRefused
from syngen.models.keys import scrub
from syngen.models.pace import Allowance

_TOO_LONG = re.compile(
    r"context.{0,20}(length|window|size)|maximum context|max_model_len|too (long|many tokens)|prompt is too|"
    r"exceeds? the (available )?context|input length",
    re.IGNORECASE,
)
_NO_CREDIT = re.compile(
    r"insufficient[_ ](quota|credit|balance|funds)|billing_hard_limit|calls? ?/ ?month|per month",
    re.IGNORECASE,
)
_TOO_LARGE = re.compile(r"request too large", re.IGNORECASE)  # and will be at any rate
_PARTS = re.compile(r"([\d.]+)\s*(ms|h|m|s)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(eq=False)
class Fault(Exception):
    """A call without a reply."""

    # "throttled": a rate limit; "overloaded", "passing": may succeed later; "gone": no server answered;
    # "refused": this request is not accepted; "fatal": no request would be
    kind: Literal["throttled", "overloaded", "passing", "gone", "refused", "fatal"]
    code: str  # a word for the ledger: "429", "500", "timeout", "connection"
    message: str  # what happened, without keys
    _: KW_ONLY
    status: int | None = None  # the HTTP status; None when there was no answer
    retry_after: float | None = None  # seconds that the provider asks to wait
    allowance: Allowance | None = None  # what it says about its rate limits
    error: ModelError | None = None  # the error to raise when it is fatal, or when the refusals continue

    def __post_init__(self) -> None:
        self.message = scrub(self.message)

    def __str__(self) -> str:
        return self.message


def of_status(
    status: int, body: str, headers: Mapping[str, str], *, model: str, key: str = "", known: str = ""
) -> Fault:
    """Return the fault that an error reply stands for.

    Args:
        status: HTTP status.
        body: The reply's body, JSON or not.
        headers: Its headers; names in any case.
        model: Id of the model, for the message.
        key: How to set a key, as a sentence.
        known: How to list the models, as a sentence.
    """
    said = scrub(message_in(body)).rstrip(".") or f"status {status}"
    provider, code = model.partition("/")[0], str(status)

    def fatal(error: ModelError) -> Fault:
        return Fault("fatal", code, said, status=status, error=error)

    def refused(code: str, message: str, hint: str = "") -> Fault:
        return Fault("refused", code, said, status=status, error=ModelRefused(message, hint))

    if status in (401, 403):
        return fatal(ModelRefused(f"{provider} refused the key ({status}: {said}).", key))
    if status == 402 or (status == 429 and _NO_CREDIT.search(body)):
        hint = "Add credit or wait for the next month, then resume the run."
        return fatal(ModelRefused(f"{provider} accepts no more calls: {said}.", hint))
    if status == 404:
        return fatal(ModelNotFound(f"{model} was not found: {said}.", known))
    if 300 <= status < 400:
        where = scrub(_lower(headers).get("location", "elsewhere").partition("?")[0])
        return fatal(ModelRefused(f"The server of {model} redirects to {where}.", "Use that address."))
    if status == 429 and _TOO_LARGE.search(body):
        return refused(
            "too_large", f"The request is too large for {model}: {said}.", "Use fewer rows per call."
        )
    if status == 429:
        wait, allowance = retry_after(headers), allowance_in(headers)
        return Fault("throttled", code, said, status=status, retry_after=wait, allowance=allowance)
    if status in (503, 529, 408, 409, 425) or status >= 500:
        busy = status in (503, 529)
        wait = retry_after(headers)
        return Fault("overloaded" if busy else "passing", code, said, status=status, retry_after=wait)
    if _TOO_LONG.search(body):
        return refused(
            "too_long",
            f"Prompt and reply are too long for {model}: {said}.",
            "Use a model with a longer context, or fewer rows per call: --rows-per-call 1",
        )
    return refused(code, f"{model} refused the request ({status}: {said}).")


def message_in(body: str) -> str:
    """Return the message of an error body in any of the usual formats; at most 300 characters."""
    try:
        value: Any = json.loads(body)
    except ValueError:
        value = body
    for name in ("error", "message", "detail"):
        if isinstance(value, dict) and value.get(name):
            value = value[name]
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return " ".join(text.split())[:300]


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that `Retry-After` (RFC 9110, 10.2.3; seconds or a date) or `retry-after-ms` asks to wait."""
    lower = _lower(headers)
    try:
        if milliseconds := lower.get("retry-after-ms"):
            return max(0.0, float(milliseconds) / 1000)
        if not (text := lower.get("retry-after")):
            return None
        if re.fullmatch(r"[\d.]+", text.strip()):
            return float(text)
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None  # a header that says nothing we can read says nothing


def allowance_in(headers: Mapping[str, str]) -> Allowance | None:
    """Return what the headers say about rate limits; None where they say nothing.

    Read are `x-ratelimit-remaining-requests` and its kin (OpenAI, Groq, …), `x-ratelimit-remaining`, and the
    trial limits of Cohere.
    """
    lower = _lower(headers)
    if (left := _number(lower.get("x-trial-endpoint-call-remaining"))) is not None:
        return Allowance(left, per_minute=_number(lower.get("x-trial-endpoint-call-limit")))
    for what in ("-requests", ""):
        left = _number(lower.get(f"x-ratelimit-remaining{what}"))
        if left is not None:
            limit = _number(lower.get(f"x-ratelimit-limit{what}"))
            return Allowance(left, limit, _duration(lower.get(f"x-ratelimit-reset{what}")))
    return None


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.strip().isdigit() else None


def _duration(text: str | None) -> float | None:
    """Parse `6m0s`, `120ms`, `1.5`, or a Unix time in seconds or milliseconds into seconds from now."""
    if text is None:
        return None
    if re.fullmatch(r"[\d.]+", text):
        value = float(text)
        now = datetime.now(UTC).timestamp()
        if value > 1e11:
            value /= 1000
        return max(0.0, value - now) if value > 1e9 else value
    parts = _PARTS.findall(text)
    return sum(float(n) * _SECONDS[unit] for n, unit in parts) if parts else None
