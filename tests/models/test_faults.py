"""What an error status means: try again, give the request back, or stop the run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syngen.errors import ModelNotFound, ModelRefused
from syngen.models.faults import allowance_in, message_in, of_status, retry_after
from syngen.models.pace import Allowance


@pytest.mark.parametrize(
    ("status", "body", "kind", "error"),
    [
        (401, '{"error": {"message": "Incorrect API key provided"}}', "fatal", ModelRefused),
        (403, "forbidden", "fatal", ModelRefused),
        (404, '{"error": {"message": "The model `x` does not exist"}}', "fatal", ModelNotFound),
        (402, '{"error": "payment required"}', "fatal", ModelRefused),
        (429, '{"error": {"code": "insufficient_quota", "message": "You exceeded your current quota"}}', "fatal", ModelRefused),
        (429, '{"error": {"message": "Rate limit reached"}}', "throttled", None),
        (500, "", "passing", None),
        (502, "<html>bad gateway</html>", "passing", None),
        (503, '{"message": "busy"}', "overloaded", None),
        (529, "", "overloaded", None),
        (408, "", "passing", None),
        (400, '{"error": {"message": "This model\'s maximum context length is 8192 tokens"}}', "refused", ModelRefused),
        (400, '{"error": {"message": "the request exceeds the available context size"}}', "refused", ModelRefused),
        (422, '{"detail": "no such field"}', "refused", ModelRefused),
    ],
)  # fmt: skip
def test_every_status_has_its_meaning(
    status: int, body: str, kind: str, error: type[Exception] | None
) -> None:
    fault = of_status(status, body, {}, model="openai/x", key="Set OPENAI_API_KEY")
    assert fault.kind == kind
    assert (type(fault.error) if fault.error else None) is error
    if status == 401:
        assert "OPENAI_API_KEY" in str(fault.error)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"Retry-After-Ms": "250", "Retry-After": "1"}, 0.25),
        ({}, None),
        ({"Retry-After": "soon"}, None),
    ],
)
def test_retry_after_is_read_in_every_form(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_retry_after_may_be_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    waits = retry_after({"Retry-After": later})
    assert waits is not None
    assert 80 < waits <= 90
    assert retry_after({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0


@pytest.mark.parametrize(
    ("headers", "allowance"),
    [
        (
            {"x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "59",
             "x-ratelimit-reset-requests": "1s"},
            Allowance(59, 60, 1.0),
        ),
        (
            {"X-RateLimit-Limit-Requests": "500", "X-RateLimit-Remaining-Requests": "0",
             "X-RateLimit-Reset-Requests": "6m0s"},
            Allowance(0, 500, 360.0),
        ),
        ({"x-ratelimit-remaining": "3", "x-ratelimit-reset": "120ms"}, Allowance(3, None, 0.12)),
        (
            {"x-trial-endpoint-call-limit": "20", "x-trial-endpoint-call-remaining": "19"},
            Allowance(19, per_minute=20),
        ),
        ({"date": "today"}, None),
    ],
)  # fmt: skip
def test_what_headers_say_of_limits_is_read(headers: dict[str, str], allowance: Allowance | None) -> None:
    assert allowance_in(headers) == allowance


@given(st.integers(400, 599), st.text(), st.dictionaries(st.sampled_from(["retry-after", "x-ratelimit-reset",
       "x-ratelimit-remaining", "x-ratelimit-limit"]), st.text(max_size=20)))  # fmt: skip
def test_no_reply_breaks_the_reading(status: int, body: str, headers: dict[str, str]) -> None:
    fault = of_status(status, body, headers, model="p/m")
    assert fault.kind in {"throttled", "overloaded", "passing", "refused", "fatal"}
    assert len(message_in(body)) <= 300
