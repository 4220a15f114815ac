"""A message that waits, as whoever decides sees it: everything that leaves, and nothing that a terminal obeys."""

import unicodedata
from collections.abc import Iterator

import orjson

from integration.services.letters import Channel, Letter

_WORDS = {
    "road": "sent by",
    "upstream": "upstream",
    "method": "method",
    "path": "path",
    "query": "query",
    "content_type": "content-type",
    "content_encoding": "content-encoding",
    "booking": "booking",
    "smtputf8": "SMTPUTF8",
}


def beside_of(letter: Letter) -> Iterator[tuple[str, str]]:
    """Yield what stands beside a message's content and leaves with it, or decides how it leaves: names and values."""
    if letter.channel is Channel.NOTICE:
        return
    for name, value in letter.options.items():
        if name == "headers":
            fields: dict[str, str] = orjson.loads(value)
            yield from ((f"field {field}", said) for field, said in fields.items())
        elif value:
            yield _WORDS.get(name, name), value


def inert(raw: bytes) -> str:
    """Return a message for a terminal: line ends stay; what else shows nothing, moves or reorders is spelled out."""
    text = raw.decode("utf-8", "backslashreplace").replace("\r\n", "\n")
    return "".join(_spelled(each) for each in text)


def _spelled(character: str) -> str:
    if character in "\n\t" or character.isprintable() or unicodedata.category(character) == "Zs":
        return character
    return character.encode("unicode_escape").decode("ascii")
