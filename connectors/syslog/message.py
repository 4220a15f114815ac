"""Writing a syslog message (RFC 5424) and its frame (RFC 5425)."""

import re
from collections.abc import Mapping
from datetime import UTC
from typing import Final

from connectors.notice import Act, Notice
from connectors.syslog.config import Facility
from schemas.kinds import Severity

_LEVELS: Final = {Severity.VIOLATION: 1, Severity.WARNING: 4, Severity.ADVICE: 5}
"""RFC 5424, table 2: action must be taken immediately; warning; normal but significant."""
_OVER: Final = 6
_NAME: Final = re.compile(r"[^\x21-\x7e]")
_CONTROLS: Final = re.compile("[\x00-\x1f\x7f\x80-\x9f\u2028\u2029]+")
_ESCAPED: Final = re.compile(r'(["\\\]])')
_BOM: Final = b"\xef\xbb\xbf"
_LONGEST_ID: Final = 32
_LONGEST_VALUE: Final = 255
NIL: Final = "-"


def framed(message: bytes) -> bytes:
    """Count the octets of a message in front of it (RFC 5425, section 4.3)."""
    return b"%d %s" % (len(message), message)


def message_of(notice: Notice, *, facility: Facility, hostname: str, number: int, most: int) -> bytes:
    """Return a message of at most so many bytes; its text is one line, and what is too long is cut from its end."""
    level = _LEVELS[notice.severity] if notice.act is Act.OPEN and not notice.exercise else _OVER
    at = notice.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    name = _NAME.sub("_", notice.type)[:_LONGEST_ID] or NIL
    head = f"<{facility * 8 + level}>1 {at} {hostname} holdwatch - {name} {_data(notice, number)} ".encode()
    text = _CONTROLS.sub(" | ", f"{notice.title}\n{notice.text}".strip()).encode()
    room = max(0, most - len(head) - len(_BOM))
    return head + _BOM + text[:room].decode(errors="ignore").encode()


def _data(notice: Notice, number: int) -> str:
    return _element(
        f"notice@{number}",
        {
            "id": notice.id,
            "alert": notice.subject,
            "act": notice.act.value,
            "severity": notice.severity.value,
            "site": notice.site,
            "exercise": "true" if notice.exercise else "false",
            "link": notice.link,
        },
    )


def _element(name: str, values: Mapping[str, str]) -> str:
    """Section 6.3: in a value, quotation mark, backslash and closing bracket are escaped."""
    told = "".join(f' {key}="{_value(value)}"' for key, value in values.items() if value)
    return f"[{name}{told}]"


def _value(text: str) -> str:
    return _ESCAPED.sub(r"\\\1", _CONTROLS.sub(" ", text)[:_LONGEST_VALUE])
