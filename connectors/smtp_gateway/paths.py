"""Reading the address of MAIL and RCPT exactly as it was written (RFC 5321, section 4.1.2).

The library's own reader takes source routes, comments and quotes away. What is decided has to be what is sent on, so
nothing is repaired here: what is inside the angle brackets is the address, and what has no such form is refused.
"""

import re
from typing import Final

_LONGEST: Final = 1000
_FORBIDDEN: Final = re.compile("[\x00-\x1f\x7f\u0080-\u009f\u2028\u2029\ud800-\udfff]")
"""Controls, other writing systems' line ends, and bytes that are not UTF-8."""


def read_path(text: str) -> tuple[str, str] | None:
    """Return the address, and the parameters after it; None where it has not the form ``<address> parameters``.

    Args:
        text: what follows ``FROM:`` or ``TO:``.
    """
    text = text.strip(" ")
    if not text.startswith("<") or _FORBIDDEN.search(text):
        return None
    quoted = escaped = False
    for place in range(1, len(text)):
        character = text[place]
        if escaped:
            escaped = False
        elif quoted:
            escaped = character == "\\"
            quoted = character != '"'
        elif character == '"':
            quoted = True
        elif character == ">":
            address, rest = text[1:place], text[place + 1 :]
            well_formed = place <= _LONGEST and (not rest or rest.startswith(" "))
            return (address, rest.strip(" ")) if well_formed else None
        elif character in "< \t\\":
            return None
    return None
