"""A refused input: kept whole, with the reason and the place (section 1)."""

from dataclasses import dataclass
from hashlib import sha256

from integration.domain.instants import Instant
from schemas.refusals import Reason


@dataclass(frozen=True, slots=True)
class Refused:
    """One input that was not accepted."""

    place: str
    """File and line, topic and offset."""
    reason: Reason
    message: str
    """Where inside the input and what is wrong, without values."""
    raw: bytes
    """The input as received."""
    at: Instant

    @property
    def digest(self) -> bytes:
        """16 bytes, equal for the same input at the same place: a file that is read again is not refused twice."""
        return sha256(self.place.encode() + b"\0" + self.raw).digest()[:16]
