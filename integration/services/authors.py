"""Who wrote a message, by every name that it and its channel give: nobody approves a message of their own."""

import re
from typing import Final

from integration.contents.encodedwords import decode_words
from integration.contents.fields import split_head
from integration.contents.reader import LIMITS
from integration.domain.persons import names_of
from integration.services.letters import Channel, Letter

_FIELDS: Final = frozenset(
    "from sender reply-to resent-from resent-sender resent-reply-to return-path x-sender x-original-from".split()
)
_ADDRESS: Final = re.compile(r"(?:\"[^\"]{1,64}\"|[^\s<>,;:\"()\[\]@]{1,200})@[^\s<>,;:\"()@]{1,255}")


def sender_of(letter: Letter) -> str | None:
    """Return who sends a message, each of its names on a line of its own; None: nobody knows, or that is in doubt.

    Who logged in, whom a bounce would reach, and of a mail every author that its header names, as the gate reads it.
    """
    said = [each for each in (letter.user, letter.sender) if each]
    if not said:
        return None
    if letter.channel is Channel.SMTP:
        authors = _authors(letter.raw)
        if authors is None:
            return None
        said += authors
    return "\n".join(said)


def _authors(raw: bytes) -> list[str] | None:
    head = split_head(raw, LIMITS.headers)
    if head.cut_off or head.malformed:
        return None  # Another reader may see other fields.
    found: list[str] = []
    for field in head.fields:
        if field.name not in _FIELDS:
            continue
        decoded, clean = decode_words(field.value)
        said = _ADDRESS.findall(decoded)
        names = [each for each in re.split(r"[,;:()<>\"]", _ADDRESS.sub(",", decoded)) if names_of(each)]
        if not clean or (field.name == "from" and not said and not names):
            return None
        found += [*said, *names]
    return found if any(field.name == "from" for field in head.fields) else None
