"""What reading a message adds to: views and gaps, and what is left of the limits."""

import re
from dataclasses import dataclass, field
from typing import Final

from integration.domain.messages.gaps import Gap, Unread
from integration.domain.messages.views import Kind, View

_UNSEEN: Final = re.compile(
    "[\U000e0000-\U000e007f]|[\u0363-\u036f\u1dd3-\u1df4]|"
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200d\u2060-\u2064\u206a-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\U000e0080-\U000e0fff]{4}"
)
"""Characters that show nothing and spell something: tags, letters above letters, more than three invisible in a row."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of one message is looked at. What goes past a limit is a gap, never an error."""

    message_bytes: int = 40 * 1024 * 1024
    part_bytes: int = 4 * 1024 * 1024
    """Of one part that is looked into."""
    parts: int = 200
    """Parts, files of archives and sheets, together."""
    depth: int = 10
    """Parts within parts, archives within archives."""
    text: int = 100_000
    """Characters of all views together."""
    expanded: int = 16 * 1024 * 1024
    """Bytes that come out of archives and compressed streams, together."""
    headers: int = 256
    """Header fields of one part."""
    header_text: int = 200_000
    """Characters of all header fields together. Mail has hardly 50,000."""
    pdf_pages: int = 30
    pdf_seconds: float = 0.4
    """For all PDF files together; then the library is interrupted. Its loops are the only ones here without a bound."""


LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Address:
    """An address or a name that a header field gives."""

    header: str
    """Lower case."""
    text: str
    beside: str = ""
    """For a name: the one address that it stands with; empty where that is not certain."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A message as read."""

    views: tuple[View, ...]
    unread: tuple[Unread, ...]
    addresses: tuple[Address, ...] = ()


@dataclass(slots=True)
class Reader:
    """Collects what is read. One message, one reader."""

    limits: Limits = LIMITS
    views: dict[View, None] = field(default_factory=dict)
    unread: dict[Unread, None] = field(default_factory=dict)
    addresses: dict[Address, None] = field(default_factory=dict)
    bodies: list[bytes] = field(default_factory=list)
    """Bodies of the parts that hold no others, decoded: to be compared with another parser's."""
    pdf_seconds: float = field(init=False)
    """What is left of the time for PDF files, together."""
    _parts: int = 0
    _text: int = 0
    _header_text: int = 0
    _expanded: int = 0

    def __post_init__(self) -> None:
        """Start with all of the time."""
        self.pdf_seconds = self.limits.pdf_seconds

    @property
    def is_full(self) -> bool:
        """Whether no more text is looked at."""
        return self._text >= self.limits.text

    def reading(self) -> Reading:
        """Return what was read."""
        return Reading(tuple(self.views), tuple(self.unread), tuple(self.addresses))

    def see(self, part: str, how: str, kind: Kind, text: str) -> None:
        """Add a view; one too many is a gap, and the text is cut to what is left."""
        if not text or text.isspace():
            return
        if not text.isascii() and _UNSEEN.search(text):
            self.miss(part, Gap.HIDDEN_ENCODING)
        left = self.limits.text - self._text
        if len(text) > left:
            self.miss(part, Gap.TOO_MUCH_TEXT)
            text = text[: max(left, 0)]
        view = View(part, how, kind, text)
        if view not in self.views:
            self.views[view] = None
            self._text += len(text)

    def of_header(self, part: str, text: str) -> str:
        """Count a header field's text; what goes past the limit is cut, and a gap."""
        left = max(self.limits.header_text - self._header_text, 0)
        self._header_text += len(text)
        if len(text) > left:
            self.miss(part, Gap.TOO_MUCH_TEXT)
        return text[:left]

    def miss(self, part: str, gap: Gap) -> None:
        """Add a gap."""
        self.unread[Unread(part, gap)] = None

    def enter(self, part: str, depth: int) -> bool:
        """Count a part; False, and a gap, where it is one too many or too deep."""
        self._parts += 1
        if depth > self.limits.depth:
            self.miss(part, Gap.TOO_DEEP)
            return False
        if self._parts > self.limits.parts:
            self.miss(part, Gap.TOO_MANY_PARTS)
            return False
        return True

    def room(self) -> int:
        """Return how many bytes may still come out of archives."""
        return max(self.limits.expanded - self._expanded, 0)

    def expand(self, size: int) -> None:
        """Count bytes that came out of an archive."""
        self._expanded += size
