"""What no message may hold at all: bare CR, bare LF, NUL. Refused before anything is judged.

Relays differ about where a line or a message ends when they meet one, so that what was judged is not what the next one
reads (SMTP smuggling). RFC 5321 section 2.3.8 forbids the bare ones, RFC 5322 section 2.2 has no NUL.
"""

from enum import StrEnum


class Fault(StrEnum):
    """Why a message is refused unread."""

    BARE_CR = "bare_cr"
    BARE_LF = "bare_lf"
    NUL = "nul"


def framing_fault(raw: bytes) -> Fault | None:
    """Return what forbids a message, or None."""
    if b"\0" in raw:
        return Fault.NUL
    ends = raw.count(b"\r\n")
    if raw.count(b"\r") > ends:
        return Fault.BARE_CR
    return Fault.BARE_LF if raw.count(b"\n") > ends else None


def from_file(raw: bytes) -> bytes:
    """Return a message that a file holds with line feeds alone as it travels: with CRLF. Others are left alone."""
    return raw if b"\r" in raw else raw.replace(b"\n", b"\r\n")
