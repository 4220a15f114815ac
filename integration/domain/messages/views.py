"""One message, seen from every side: a view is one text that a reader of the message could be shown."""

from dataclasses import dataclass
from enum import StrEnum

from schemas.kinds import Category


class Kind(StrEnum):
    """Where a text stands, which decides what may stand there besides status."""

    TEXT = "text"
    """A body, or anything else that people read as sentences."""
    SUBJECT = "subject"
    """A subject line or a title."""
    NAME = "name"
    """A display name or the name of a file."""
    STYLE = "style"
    """Markup's own words: style sheets, class names, attributes."""
    VALUE = "value"
    """A value that was filed under citizenship or immigration status."""
    FILED = "filed"
    """A value that was filed under another category, which counts in any case."""
    ADDRESS = "address"
    """An address, a domain or a site: made of names, and of words that offices are called by."""
    ENVELOPE = "envelope"
    """An address of the envelope."""
    HOST = "host"
    """The name of a machine in a field that machines write."""


@dataclass(frozen=True, slots=True)
class View:
    """One text, where it stands in the message, and how it came to light."""

    part: str
    """A path such as ``1.2`` or ``1.2/sheet1.xml``; never a name that the message chose."""
    how: str
    """The decodings it went through: ``base64 utf-8``, ``html hidden``."""
    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a detector saw. It holds no word of the message."""

    category: Category
    detector: str
    part: str
    how: str
