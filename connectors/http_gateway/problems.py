"""Answers that are not what was asked for, as ``application/problem+json`` (RFC 9457). They repeat no content."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import orjson

CONTENT_TYPE: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, as a program and as a person read it."""

    kind: str
    """A word; ``type`` is a URN of it."""
    status: int
    detail: str
    more: Mapping[str, Any] = field(default_factory=dict)

    def body(self) -> bytes:
        """Return it as JSON."""
        head = {
            "type": f"urn:holdwatch:problem:{self.kind}",
            "title": self.kind.replace("_", " "),
            "status": self.status,
            "detail": self.detail,
        }
        return orjson.dumps({**head, **self.more})


def blocked(
    message_id: str,
    *,
    reasons: Sequence[str],
    provisions: Sequence[str],
    pack: str,
    kept: bool,
    contact: str,
    unread: bool = False,
) -> Problem:
    """Return the answer to a request that may not leave.

    Args:
        message_id: what an approval names it by; empty where it was only asked about.
        reasons: words of closed lists.
        provisions: the clauses it rests on.
        pack: the policy.
        kept: whether it waits in quarantine, so that it can be approved.
        contact: whom to ask, in words; may be empty.
        unread: it could not be read for certain, so that no approval releases it.
    """
    detail = "The policy does not let this leave for an immigration authority."
    if unread:
        detail += " It could not be read for certain, and no approval releases it: send it in a form that can be read."
    elif kept:
        ask = f" Ask {contact} for an approval." if contact else " It waits for an approval by a second person."
        detail += ask + " Do not send it by another road."
    more: dict[str, Any] = {"reasons": list(reasons), "provisions": list(provisions), "pack": pack}
    if message_id:
        more["message_id"] = message_id
    return Problem("blocked", HTTPStatus.FORBIDDEN, detail, {"decision": "block", **more})


UNRECORDED: Final = Problem(
    "unrecorded", HTTPStatus.SERVICE_UNAVAILABLE, "It cannot be recorded at present, so nothing was sent. Try again."
)
UNKNOWN_OUTCOME: Final = Problem(
    "unknown_outcome",
    HTTPStatus.GATEWAY_TIMEOUT,
    "It may have been taken. A person finds out; do not send it again.",
)


def as_response(problem: Problem) -> bytes:
    """Return a whole HTTP response that ends its connection."""
    body = problem.body()
    phrase = HTTPStatus(problem.status).phrase
    head = (
        f"HTTP/1.1 {problem.status} {phrase}\r\nContent-Type: {CONTENT_TYPE}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + body
