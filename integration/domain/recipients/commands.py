"""Whom a text itself orders to be reached: the first lines of a mail that a fax or mail service obeys.

``Fax to: (802) 872-6020``, ``To: agent@ice.dhs.gov``: a gateway takes them out of the text and sends the rest on. They
count only where the text begins with them. A reply or a forwarded letter begins with ``From:``, so whoever it was once
sent to is no recipient of it now.
"""

import re
from collections.abc import Iterator
from typing import Final

_ORDERS: Final = re.compile(
    r"[^\w\n]{0,6}(?:to|cc|bcc|fax[ -]?to|to[ -]?fax|e?-?mail[ -]?to|send[ -]?to|forward[ -]?to|sms[ -]?to|recipients?|"
    r"fax|forward|deliver[ -]?to|rcpt[ -]?to|smtp|destination)[^\w\n]{0,4}?[:=][ \t<]{0,4}(?P<whom>[^\r\n]+)",
    re.IGNORECASE,
)
_OTHERS: Final = re.compile(r"[A-Za-z][\w -]{0,20}[:=].{0,400}")
"""A line of another kind among them: a subject, a cover page."""
_FORWARDED: Final = re.compile(r"\W{0,4}(?:from|sent|date|de|von|enviado)\b", re.IGNORECASE)
"""How the head of a letter begins that was sent before."""
_MOST_LINES: Final = 20
_MOST_LOOKED_AT: Final = 8_000
"""Characters of a text in which its first lines begin; the last of them is read to its end."""
_APART: Final = re.compile(r"[,;\s<>\"']+")


def ordered_in(text: str) -> Iterator[str]:
    """Yield the addresses and numbers that the first lines of a text order to be reached; nothing of any other text."""
    ordered = goes_on = False
    text = text.lstrip()
    first = text[:_MOST_LOOKED_AT] + text[_MOST_LOOKED_AT:].partition("\n")[0]
    for line in first.splitlines()[:_MOST_LINES]:
        order = _ORDERS.match(line)
        if order is not None:
            ordered = goes_on = True
            yield from _ordered(order["whom"])
        elif goes_on and line[:1].isspace() and line.strip():
            yield from _ordered(line)  # Folded, as in the head of a mail.
        elif not _OTHERS.match(line) or (_FORWARDED.match(line) and not ordered):
            return
        else:
            goes_on = False


def _ordered(whom: str) -> list[str]:
    return [each for each in _APART.split(whom) if "@" in each] or [whom]
