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
    authors, certain = _authors(letter)
    said = [each for each in (letter.user, letter.sender) if each]
    return "\n".join([*said, *authors]) if said and certain else None


def names_in(letter: Letter) -> str:
    """Return every name that a message gives for whoever sends it, also where that is in doubt."""
    return "\n".join(each for each in (letter.user, letter.sender, *_authors(letter)[0]) if each)


def _authors(letter: Letter) -> tuple[list[str], bool]:
    """Return the authors that a mail's header names, and whether every reader sees the same ones."""
    if letter.channel is not Channel.SMTP:
        return [], True
    head = split_head(letter.raw, LIMITS.headers)
    certain = not head.cut_off and not head.malformed and bool(head.all("from"))
    found: list[str] = []
    for field in head.fields:
        if field.name not in _FIELDS:
            continue
        decoded, clean = decode_words(field.value)
        said = _ADDRESS.findall(decoded)
        names = [each for each in re.split(r"[,;:()<>\"]", _ADDRESS.sub(",", decoded)) if names_of(each)]
        certain = certain and clean and bool(said or names or field.name != "from")
        found += [*said, *names]
    return found, certain
