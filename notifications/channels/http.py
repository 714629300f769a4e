"""What the channels over HTTP share: one pool, every wait limited, no redirect, and what an answer means."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic

import urllib3
from urllib3.exceptions import HTTPError

from notifications.failures import ANSWERED, NO_ANSWER
from notifications.parcels import Permanent, Temporary

#: Nobody needs more of an answer than this; the rest is not read.
MOST_BYTES = 64 * 1024
#: Statuses that no repetition changes: the message itself is refused.
_REFUSED = frozenset({400, 413, 414, 415, 422})
_GONE = 410


def pool(*, lanes: int) -> urllib3.PoolManager:
    """Connections stay open between messages; nothing is repeated or followed behind our back."""
    return urllib3.PoolManager(maxsize=lanes, retries=False)


def post(
    http: urllib3.PoolManager, url: str, *, body: bytes, headers: Mapping[str, str], timeout: float
) -> tuple[int, Mapping[str, str], bytes]:
    """Status, headers and the beginning of the body. Temporary when there is no whole answer in time."""
    try:
        answer = http.request(
            "POST",
            url,
            body=body,
            headers={"Content-Type": "application/json", **headers},
            timeout=urllib3.Timeout(total=timeout),
            redirect=False,
            preload_content=False,
        )
        try:
            return answer.status, answer.headers, _beginning(answer, timeout)
        finally:
            # An answer that says more than anybody needs is not read to its end: its connection is not used again.
            answer.release_conn() if answer.length_remaining == 0 else answer.close()
    except (HTTPError, OSError, ValueError) as error:
        raise Temporary(NO_ANSWER.of(type(error).__name__)) from None


def _beginning(answer: urllib3.BaseHTTPResponse, seconds: float) -> bytes:
    """Its body as far as anybody needs it and as far as it comes in time: one that drips is left alone."""
    body, end = b"", monotonic() + seconds
    while len(body) < MOST_BYTES and monotonic() < end and (piece := answer.read1(MOST_BYTES)):
        body += piece
    return body


def judge(status: int, headers: Mapping[str, str], *, now: datetime) -> None:
    """Nothing for what was accepted; Temporary or Permanent for the rest."""
    if 200 <= status < 300:
        return
    sentence = ANSWERED.of(status)
    if status == _GONE:
        raise Permanent(sentence, gone=True)
    if status in _REFUSED:
        raise Permanent(sentence)
    raise Temporary(sentence, retry_after=retry_after(headers.get("Retry-After", ""), now=now))


def retry_after(value: str, *, now: datetime) -> timedelta | None:
    """Seconds or a date (RFC 9110, 10.2.3); None for nothing or nonsense."""
    text = value.strip()
    if text.isdecimal():
        return timedelta(seconds=min(int(text), 10**6))
    try:
        return max(parsedate_to_datetime(text) - now, timedelta(0))
    except (ValueError, TypeError):
        return None
