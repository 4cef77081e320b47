"""What went wrong with a call, in our words: the one place where HTTP statuses get their meaning."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from syngen.errors import ModelError, ModelNotFound, ModelRefused
from syngen.models.keys import scrub
from syngen.models.pace import Allowance

Kind = Literal["throttled", "overloaded", "passing", "gone", "refused", "fatal"]

_TOO_LONG = re.compile(
    r"context.{0,20}(length|window|size)|maximum context|max_model_len|too (long|many tokens)|prompt is too|"
    r"exceeds? the (available )?context|input length",
    re.IGNORECASE,
)
_NO_CREDIT = re.compile(
    r"insufficient[_ ](quota|credit|balance|funds)|billing_hard_limit|calls? ?/ ?month|per month",
    re.IGNORECASE,
)
_TOO_LARGE = re.compile(r"request too large", re.IGNORECASE)  # whatever else is going on, it always will be
_PARTS = re.compile(r"([\d.]+)\s*(ms|h|m|s)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


class Fault(Exception):
    """A call that gave no reply.

    Attributes:
        kind: "throttled": one too many, not our fault; "overloaded", "passing": may go better next time;
            "gone": nobody answered; "refused": this request is not taken; "fatal": no request would be.
        code: In a word, for the ledger: "429", "500", "timeout", "connection".
        retry_after: Seconds the provider asks us to wait.
        allowance: What it said of its limits.
        error: What to raise when it is fatal, or when refusing goes on.
    """

    def __init__(
        self,
        kind: Kind,
        code: str,
        message: str,
        *,
        retry_after: float | None = None,
        allowance: Allowance | None = None,
        error: ModelError | None = None,
    ) -> None:
        super().__init__(scrub(message))
        self.kind = kind
        self.code = code
        self.retry_after = retry_after
        self.allowance = allowance
        self.error = error


def of_status(
    status: int, body: str, headers: Mapping[str, str], *, model: str, key: str = "", known: str = ""
) -> Fault:
    """The fault that a reply with an error status is.

    Args:
        status: HTTP status.
        body: The reply's body, JSON or not.
        headers: Its headers; names in any case.
        model: Id of the model, for the message.
        key: How to give a key, as a sentence.
        known: How to see which models there are, as a sentence.
    """
    said = scrub(message_in(body)).rstrip(".") or f"status {status}"
    provider = model.partition("/")[0]
    code = str(status)
    if status in (401, 403):
        error: ModelError = ModelRefused(f"{provider} refused the key ({status}: {said}).", key)
        return Fault("fatal", code, said, error=error)
    if status == 402 or (status == 429 and _NO_CREDIT.search(body)):
        error = ModelRefused(
            f"{provider} takes no more calls: {said}.",
            "Top up or wait for the next month, then go on with the run.",
        )
        return Fault("fatal", code, said, error=error)
    if status == 404:
        return Fault("fatal", code, said, error=ModelNotFound(f"{model} is not there: {said}.", known))
    if 300 <= status < 400:
        place = {name.lower(): value for name, value in headers.items()}.get("location", "elsewhere")
        where = scrub(place.partition("?")[0])
        error = ModelRefused(f"The server of {model} sends calls on to {where}.", "Give that as its address.")
        return Fault("fatal", code, said, error=error)
    if status == 429 and _TOO_LARGE.search(body):
        error = ModelRefused(
            f"{model} does not take so large a request: {said}.", "Ask for fewer rows a call."
        )
        return Fault("refused", "too_large", said, error=error)
    if status == 429:
        return Fault(
            "throttled", code, said, retry_after=retry_after(headers), allowance=allowance_in(headers)
        )
    if status in (503, 529):
        return Fault("overloaded", code, said, retry_after=retry_after(headers))
    if status in (408, 409, 425) or status >= 500:
        return Fault("passing", code, said, retry_after=retry_after(headers))
    if _TOO_LONG.search(body):
        error = ModelRefused(
            f"{model} has no room for the prompt and its reply: {said}.",
            "Use a model with a longer context, or fewer rows a call: --rows-per-call 1",
        )
        return Fault("refused", "too_long", said, error=error)
    error = ModelRefused(f"{model} does not take what is asked of it ({status}: {said}).")
    return Fault("refused", code, said, error=error)


def message_in(body: str) -> str:
    """The sentence in an error body, whichever of the usual forms it has; at most 300 characters."""
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
    """Seconds to wait as `Retry-After` says, in seconds or as a date (RFC 9110, 10.2.3), or `retry-after-ms`."""
    lower = {name.lower(): value for name, value in headers.items()}
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
    """What the headers say of rate limits; None where they say nothing.

    Read are `x-ratelimit-remaining-requests` and its kin (OpenAI, Groq, …), `x-ratelimit-remaining`, and the
    trial limits of Cohere.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    if (left := _number(lower.get("x-trial-endpoint-call-remaining"))) is not None:
        return Allowance(left, per_minute=_number(lower.get("x-trial-endpoint-call-limit")))
    for what in ("-requests", ""):
        left = _number(lower.get(f"x-ratelimit-remaining{what}"))
        if left is not None:
            limit = _number(lower.get(f"x-ratelimit-limit{what}"))
            return Allowance(left, limit, _duration(lower.get(f"x-ratelimit-reset{what}")))
    return None


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.strip().isdigit() else None


def _duration(text: str | None) -> float | None:
    """Seconds of `6m0s`, `120ms`, `1.5` or a point in time as a Unix time in seconds or milliseconds."""
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
